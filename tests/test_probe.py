"""The active probe, against real servers and hosts of a lab home."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from guardian import probe

from .lab import conftest, topology
from .lab.home import Home
from .lab.host import Host

# Fixtures are found by their name in the module.
lab_ready = conftest.lab_ready
ROUTER = str(topology.LAN4.ip)


@pytest.fixture(scope="module")
def home(lab_ready: None) -> Iterator[Home]:
    with Home("probe") as made:
        yield made


def run(host: Host, *words: str) -> subprocess.CompletedProcess[str]:
    return host.run(
        [sys.executable, "-m", "guardian.probe", *words], check=False, timeout=60
    )


def found(host: Host, *words: str) -> list[dict[str, Any]]:
    done = run(host, *words, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["probe"] == words[0]
    rows: list[dict[str, Any]] = report["found"]
    return rows


@pytest.mark.lab
def test_a_host_of_the_lan_sees_the_dhcp_server(home: Home) -> None:
    (offer,) = found(home["laptop"], "dhcp", "eth0", "--timeout", "1")
    assert offer["server"] == ROUTER
    assert offer["mac"] == topology.ROUTER_MAC
    assert offer["router"] == [ROUTER]
    assert offer["dns"] == [ROUTER]
    assert offer["lease_s"] == 12 * 3600
    assert offer["offered"].rpartition(".")[0] == ROUTER.rpartition(".")[0]


@pytest.mark.lab
def test_an_offer_that_is_not_expected_is_told_by_the_exit_code(home: Home) -> None:
    words = ("dhcp", "eth0", "--timeout", "1", "--expect")
    assert run(home["laptop"], *words, ROUTER).returncode == 0
    done = run(home["laptop"], *words, "192.168.1.99")
    assert done.returncode == 1
    assert "NOT EXPECTED" in done.stdout


@pytest.mark.lab
def test_the_router_does_not_take_its_own_servers_for_others(home: Home) -> None:
    assert found(home.router, "dhcp", topology.LAN, "--timeout", "1") == []


@pytest.mark.lab
def test_a_probe_takes_no_lease(home: Home) -> None:
    before = home.leases.read_text()
    found(home["laptop"], "dhcp", "eth0", "--timeout", "1")
    assert home.leases.read_text() == before


@pytest.mark.lab
def test_a_host_of_the_lan_sees_the_ipv6_router(home: Home) -> None:
    (router,) = found(home["laptop"], "ra", "eth0", "--timeout", "1")
    assert router["mac"] == topology.ROUTER_MAC
    assert router["lifetime_s"] > 0
    assert not router["managed"]
    assert router["prefixes"] == [str(topology.LAN6.network)]


@pytest.mark.lab
def test_the_router_sees_every_host_with_both_families(home: Home) -> None:
    rows = found(home.router, "hosts", topology.LAN, "--timeout", "1")
    seen = {row["mac"]: set(row["addresses"]) for row in rows}
    assert sorted(seen) == sorted(host.device.mac for host in home.lan())
    for host in home.lan():
        assert {host.ip4, host.ip6} <= seen[host.device.mac]


@pytest.mark.lab
def test_without_the_right_to_raw_sockets_it_says_so(home: Home) -> None:
    done = home["laptop"].run(
        ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all"]
        + [sys.executable, "-m", "guardian.probe", "ra", "eth0"],
        check=False,
    )
    assert done.returncode == 1
    assert "CAP_NET_RAW" in done.stderr


@pytest.mark.parametrize("name", ["nosuch0", "../class", ".", "x" * 300])
def test_an_unknown_interface_is_refused(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert probe.main(["ra", name]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "no such interface" in said.err and len(said.err) < 200


@pytest.mark.parametrize(
    "words",
    [[], ["sing", "lo"], ["ra"], ["ra", "lo", "--timeout", "0"]]
    + [["ra", "lo", "--timeout", value] for value in ("-1", "1e9", "nan", "soon")],
)
def test_usage_errors_have_their_own_code(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        probe.main(words)
    assert ended.value.code == 2


def test_importing_it_does_not_import_scapy() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, guardian.probe; print('scapy' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
