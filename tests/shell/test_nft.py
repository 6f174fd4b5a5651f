"""Rules through the real nft, in a namespace; what this kernel lacks, by a stand-in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardian.core.errors import EnforcementError, PlatformError
from guardian.shell import nft
from tests.shell import namespace
from tests.shell.namespace import private_net

RULES = """
add table inet guardian
add chain inet guardian refuse
add table netdev guardian
add table netdev other
"""


@pytest.fixture
def net() -> Iterator[None]:
    with private_net():
        yield


def listed() -> str:
    return namespace.nft("list ruleset")


@pytest.mark.lab
def test_a_whole_text_is_one_transaction(net: None) -> None:
    nft.run("add table inet guardian\nadd chain inet guardian refuse\n")
    before = listed()
    assert "chain refuse" in before
    with pytest.raises(EnforcementError):
        nft.run("flush table inet guardian\nadd chain inet guardian a\nadd rubbish\n")
    assert listed() == before


@pytest.mark.lab
@pytest.mark.parametrize(
    "line",
    [
        "add rule inet guardian refuse rubbish",
        # What only the kernel refuses: nft itself finds nothing wrong with it.
        "add rule inet guardian nowhere accept",
    ],
    ids=["syntax", "no such chain"],
)
def test_a_refusal_names_the_line(net: None, line: str) -> None:
    with pytest.raises(EnforcementError) as refused:
        nft.run(f"add table inet guardian\n\n{line}\n")
    assert refused.value.code == "nft-refused"
    assert "stdin:3:" in refused.value.detail


@pytest.mark.lab
def test_a_check_loads_nothing(net: None) -> None:
    nft.run(RULES, check_only=True)
    assert listed() == ""
    with pytest.raises(EnforcementError, match="nft-refused"):
        nft.run("delete table inet guardian\n", check_only=True)


@pytest.mark.lab
def test_what_this_kernel_has(net: None) -> None:
    ingress, egress = nft.probe_hooks()
    assert ingress and egress
    assert listed() == ""


@pytest.mark.lab
def test_lift_removes_both_tables_and_nothing_else(net: None) -> None:
    nft.lift()
    assert listed() == ""
    nft.run(RULES)
    nft.lift()
    assert namespace.nft("list tables") == "table netdev other\n"
    nft.run("add table netdev guardian\n")
    nft.lift()
    assert namespace.nft("list tables") == "table netdev other\n"


# --- what a stand-in for the program shows: other kernels, and failures


def stand_in(path: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a shell script in nft's place."""
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
    monkeypatch.setattr(nft, "NFT", str(path))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return tmp_path / "nft"


NO_NETDEV = """
text=$(cat)
case "$text" in *netdev*) echo "Error: Not supported; line: $text" >&2; exit 1;; esac
printf '%s\\n' "$text" | exec nft "$@"
"""


@pytest.mark.lab
def test_lift_where_the_kernel_has_no_netdev_family(
    net: None, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(program, NO_NETDEV, monkeypatch)
    namespace.nft("add table inet guardian; add table inet fw4")
    nft.lift()
    nft.lift()
    assert listed() == "table inet fw4 {\n}\n"


@pytest.mark.lab
def test_lift_tells_what_could_not_be_removed_after_removing_the_rest(
    net: None, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(program, NO_NETDEV, monkeypatch)
    namespace.nft("add table inet guardian; add table netdev guardian")
    with pytest.raises(EnforcementError, match="Not supported"):
        nft.lift()
    assert namespace.nft("list tables") == "table netdev guardian\n"


@pytest.mark.lab
def test_a_kernel_without_egress(
    net: None, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(program, NO_NETDEV, monkeypatch)
    assert nft.probe_hooks() == (True, False)


FLOWTABLES = {
    "nftables": [
        {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
        {
            "flowtable": {
                "family": "inet",
                "name": "ft",
                "table": "fw4",
                "handle": 2,
                "hook": "ingress",
                "prio": 0,
                "dev": ["lan1", "lan2", "wan0"],
            }
        },
        {
            "flowtable": {
                "family": "ip",
                "name": "one",
                "table": "other",
                "handle": 1,
                "hook": "ingress",
                "prio": 0,
                "dev": "eth7",
            }
        },
        {"flowtable": {"family": "ip", "name": "none", "table": "other", "handle": 3}},
    ]
}


@pytest.mark.parametrize(
    "listing, devices",
    [
        (json.dumps(FLOWTABLES), {"lan1", "lan2", "wan0", "eth7"}),
        ('{"nftables": [{"metainfo": {"version": "1.0.6"}}]}', set()),
        ("", set()),
    ],
    ids=["three tables", "none", "an nft that prints nothing"],
)
def test_devices_of_flow_tables(
    program: Path, monkeypatch: pytest.MonkeyPatch, listing: str, devices: set[str]
) -> None:
    script = f"[ \"$*\" = '-j list flowtables' ] || exit 9\nprintf %s '{listing}'\n"
    stand_in(program, script, monkeypatch)
    assert nft.flowtable_devices() == devices


@pytest.mark.lab
def test_no_flow_tables_here(net: None) -> None:
    assert nft.flowtable_devices() == frozenset()


def test_a_listing_that_is_none(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(program, "printf '{\"nftables\": [{'", monkeypatch)
    with pytest.raises(PlatformError, match="nft-unreadable: flowtables"):
        nft.flowtable_devices()


def test_without_nft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nft, "NFT", str(tmp_path / "nft"))
    for call in (lambda: nft.run(""), nft.probe_hooks, nft.lift):
        with pytest.raises(PlatformError, match="nft-missing"):
            call()


def test_an_nft_that_cannot_be_started(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write_text("not a program")
    monkeypatch.setattr(nft, "NFT", str(program))
    with pytest.raises(PlatformError, match="nft-not-run"):
        nft.run("")


def test_an_nft_that_hangs(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(program, "exec sleep 60", monkeypatch)
    monkeypatch.setattr(nft, "TIMEOUT_S", 0.05)
    with pytest.raises(EnforcementError, match="nft-timeout"):
        nft.run("")


def test_an_endless_complaint_is_cut_and_read_whatever_its_bytes(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "printf '\\377\\n' >&2; head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"
    stand_in(program, script, monkeypatch)
    with pytest.raises(EnforcementError, match="nft-refused") as refused:
        nft.run("")
    assert len(refused.value.detail) == 2000
