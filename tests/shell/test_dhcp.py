"""The dhcp-script and its reader: by hand, in both shells, and with a real dnsmasq."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from guardian.core.identity import Evidence
from guardian.shell.dhcp import DhcpEvents, read_leases
from guardian.wire.dhcp_event import DhcpAction

from ..lab import conftest
from ..lab.home import Home
from ..lab.namespaces import wait_for

# Fixtures are found by their name in the module.
lab_ready, make_home = conftest.lab_ready, conftest.make_home
SCRIPT = Path(__file__).parents[2] / "packaging/gateway/dhcp-event"
SHELLS = [["busybox", "ash"], ["dash"]]
MAC = "da:a1:19:00:00:01"
FULL = ("add", MAC, "192.168.1.20", "Mias-iPad")


@pytest.fixture(params=SHELLS, ids=" ".join)
def shell(request: pytest.FixtureRequest) -> list[str]:
    words: list[str] = request.param
    return words


def call(
    run: Path, shell: Sequence[str], *args: str, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the script as dnsmasq does; a wait for anything would end in an error."""
    given = {"PATH": os.environ["PATH"], "GUARDIAN_RUN": str(run), **env}
    return subprocess.run(
        [*shell, str(SCRIPT), *args], env=given, capture_output=True, timeout=30
    )


def line(number: int) -> bytes:
    return f"1\told\t{MAC}\t10.0.{number // 256}.{number % 256}\t\t\t\t\t\n".encode()


def numbers(events: DhcpEvents) -> list[int]:
    parts = [event.address.split(".") for event in events.read()]
    return [int(three) * 256 + int(four) for _, _, three, four in parts]


def test_what_the_script_writes_is_read(tmp_path: Path, shell: list[str]) -> None:
    done = call(
        tmp_path,
        shell,
        *FULL,
        DNSMASQ_INTERFACE="br-lan",
        DNSMASQ_LEASE_EXPIRES="1767225600",
        DNSMASQ_SUPPLIED_HOSTNAME="Mias-iPad",
        DNSMASQ_VENDOR_CLASS="android-dhcp-14",
        DNSMASQ_REQUESTED_OPTIONS="1,3,6,15",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (event,) = DhcpEvents(tmp_path / "dhcp.events").read()
    assert (event.action, event.mac) == (DhcpAction.ADD, MAC)
    assert (event.address, event.ifname) == ("192.168.1.20", "br-lan")
    assert event.expires == 1767225600
    assert event.evidence == Evidence(
        hostname="Mias-iPad", vendor_class="android-dhcp-14", option55=(1, 3, 6, 15)
    )


@pytest.mark.parametrize(
    "name",
    [
        "a\tb",
        "a\n1\tadd\t" + MAC,
        "$(touch x)`touch x`",
        "'\"\\",
        "*?[a-z]",
        "%s%n",
        "-n",
    ]
    + ["\x1b[2J", "Miäs iPad", "x" * 5000, "-", "\\t\\n", "#;&|<>", "é" * 300],
)
def test_no_name_forges_a_field_or_runs(
    name: str, tmp_path: Path, shell: list[str]
) -> None:
    fields = ("SUPPLIED_HOSTNAME", "VENDOR_CLASS", "INTERFACE", "REQUESTED_OPTIONS")
    env = {f"DNSMASQ_{field}": name for field in fields[:2]}
    assert call(tmp_path, shell, *FULL, **env).returncode == 0
    raw = (tmp_path / "dhcp.events").read_bytes()
    assert raw.count(b"\n") == 1 and raw.count(b"\t") == 8
    assert len(raw) < 4096 and raw.isascii()
    (event,) = DhcpEvents(tmp_path / "dhcp.events").read()
    plain = "".join(c if " " <= c <= "~" else "?" for c in name)
    if name.isascii():
        assert event.evidence.hostname == plain[:63]
    assert list(tmp_path.iterdir()) == []
    # The same in the fields that are not free text must not make a false event.
    wild = {f"DNSMASQ_{field}": name for field in fields}
    assert call(tmp_path, shell, *FULL, **wild).returncode == 0
    assert (tmp_path / "dhcp.events").read_bytes().count(b"\n") == 1


@pytest.mark.parametrize(
    "args",
    [(), ("add",), ("add", MAC), ("init",), ("tftp", "1", "x", "y"), ("", "", "")],
)
def test_what_is_no_lease_writes_nothing(
    args: tuple[str, ...], tmp_path: Path, shell: list[str]
) -> None:
    assert call(tmp_path, shell, *args).returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_an_ipv6_lease_counts_if_its_mac_is_known(
    tmp_path: Path, shell: list[str]
) -> None:
    args = ("add", "00:01:00:01:2a", "2001:db8::20")
    call(tmp_path, shell, *args, DNSMASQ_IAID="1")
    call(tmp_path, shell, *args, DNSMASQ_IAID="1", DNSMASQ_MAC=MAC)
    (event,) = DhcpEvents(tmp_path / "dhcp.events").read()
    assert (event.mac, event.address) == (MAC, "2001:db8::20")


def test_a_missing_folder_is_no_failure(tmp_path: Path, shell: list[str]) -> None:
    done = call(tmp_path / "none", shell, *FULL)
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_file_does_not_grow_without_a_reader(
    tmp_path: Path, shell: list[str]
) -> None:
    file = tmp_path / "dhcp.events"
    file.write_bytes(b"x" * (256 * 1024 + 1))
    assert call(tmp_path, shell, *FULL).returncode == 0
    assert file.stat().st_size == 256 * 1024 + 1


def test_it_neither_waits_for_a_pipe_nor_follows_a_link(
    tmp_path: Path, shell: list[str]
) -> None:
    file, other = tmp_path / "dhcp.events", tmp_path / "other"
    os.mkfifo(file)
    assert call(tmp_path, shell, *FULL).returncode == 0
    file.unlink()
    other.write_bytes(b"")
    file.symlink_to(other)
    assert call(tmp_path, shell, *FULL).returncode == 0
    assert other.read_bytes() == b""


def test_the_script_is_clean_in_both_shells(shell: list[str]) -> None:
    done = subprocess.run([*shell, "-n", str(SCRIPT)], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_each_line_is_read_once_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "dhcp.events"
    events = DhcpEvents(file)
    assert events.read() == []
    file.write_bytes(line(1) + line(2))
    assert numbers(events) == [1, 2]
    assert numbers(events) == []
    file.write_bytes(line(3))
    assert numbers(events) == [3]
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_opened_before_the_taking_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "dhcp.events"
    events = DhcpEvents(file)
    with file.open("ab", buffering=0) as slow:
        slow.write(line(1))
        assert numbers(events) == [1]
        slow.write(line(2))
        file.write_bytes(line(3))
        assert numbers(events) == [2, 3]


def test_a_torn_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "dhcp.events"
    events = DhcpEvents(file)
    whole = line(1)
    with file.open("ab", buffering=0) as slow:
        slow.write(whole[:20])
        assert numbers(events) == []
        slow.write(whole[20:])
        assert numbers(events) == [1]


def test_what_a_dead_reader_took_is_read_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".dhcp.events.taken").write_bytes(line(1))
    (tmp_path / "dhcp.events").write_bytes(line(2))
    assert numbers(DhcpEvents(tmp_path / "dhcp.events")) == [1, 2]


def test_nonsense_is_skipped_and_bounded(tmp_path: Path) -> None:
    file = tmp_path / "dhcp.events"
    events = DhcpEvents(file)
    file.write_bytes(b"\x00\xff\n\n" + line(1) + b"x" * 600_000)
    assert numbers(events) == [1]
    file.write_bytes(b"\n" + line(2))
    assert numbers(events) == [2]


def test_a_link_in_the_place_of_the_file_is_taken_away(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(line(1))
    file = tmp_path / "dhcp.events"
    file.symlink_to(secret)
    assert DhcpEvents(file).read() == []
    assert not file.is_symlink() and secret.exists()


def test_no_descriptor_is_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "dhcp.events"
    events = DhcpEvents(file)
    before = len(os.listdir("/proc/self/fd"))
    for turn in range(20):
        file.write_bytes(line(turn))
        events.read()
    events.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_leases_are_read_with_what_they_know(tmp_path: Path) -> None:
    file = tmp_path / "leases"
    file.write_text(
        f"1767225600 {MAC} 192.168.1.20 Mias-iPad 01:{MAC}\n"
        "1767225600 da:a1:19:00:00:02 192.168.1.21 * *\n"
        "duid 00:01:00:01\n"
        "1767225600 16843009 2001:db8::20 Mias-iPad 00:01\n"
    )
    first, second = read_leases(file)
    assert (first.mac, first.evidence.hostname) == (MAC, "Mias-iPad")
    assert second.evidence == Evidence()


def test_without_a_lease_file_there_are_no_leases(tmp_path: Path) -> None:
    assert read_leases(tmp_path / "none") == []
    assert read_leases(tmp_path) == []
    os.mkfifo(tmp_path / "pipe")
    assert read_leases(tmp_path / "pipe") == []


@pytest.mark.lab
def test_a_real_lease_becomes_an_event_with_evidence(tmp_path: Path, make_home) -> None:
    events = DhcpEvents(tmp_path / "dhcp.events")
    wrapper = tmp_path / "script"
    wrapper.write_text(f'#!/bin/sh\nGUARDIAN_RUN={tmp_path} exec {SCRIPT} "$@"\n')
    wrapper.chmod(0o755)
    home: Home = make_home("dhcp", dhcp_script=wrapper)
    wait_for(lambda: (tmp_path / "dhcp.events").exists(), "an event")
    home.add_host("visitor", MAC, "Mias-iPad", vendor_class="android-dhcp-14")
    found: list = []

    def arrived() -> bool:
        found.extend(e for e in events.read() if e.mac == MAC)
        return bool(found)

    wait_for(arrived, "the visitor's event")
    event = found[0]
    visitor = home.lan_host("visitor")
    assert (event.action, event.address) == (DhcpAction.ADD, visitor.ip4)
    assert event.ifname == "br-lan"
    assert event.evidence == Evidence(
        hostname="Mias-iPad",
        vendor_class="android-dhcp-14",
        option55=visitor.device.parameters,
    )
    leases = {lease.mac: lease for lease in read_leases(home.leases)}
    assert leases[MAC].address == visitor.ip4
    assert set(leases) == {host.mac for host in home.lan()}
