"""The survey of interfaces, and the guess which side is the LAN."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from guardian.core.model import Mode
from guardian.shell.interfaces import Gateway, Interface, survey

from ..lab import conftest, topology
from ..lab.home import Home

# Fixtures are found by their name in the module.
lab_ready, make_home, home = conftest.lab_ready, conftest.make_home, conftest.home


class Machine:
    """Interfaces as netifaces tells them, and their folders in sysfs."""

    AF_LINK, AF_INET, AF_INET6 = 17, 2, 10

    def __init__(self, folder: Path, default: str = "") -> None:
        self.folder = folder
        self.found: dict[str, dict[int, list[dict[str, str]]]] = {}
        self.default = default
        self.add("lo", "127.0.0.1/255.0.0.0")

    def add(self, name: str, *ip4: str, bridge: bool = False, master: str = "") -> None:
        """Add an interface. ip4: address/netmask."""
        pairs = [text.split("/") for text in ip4]
        self.found[name] = {17: [{"addr": "AA:00:00:00:00:01"}]}
        if pairs:
            self.found[name][2] = [{"addr": a, "netmask": m} for a, m in pairs]
        (self.folder / name).mkdir(parents=True)
        if bridge:
            (self.folder / name / "bridge").mkdir()
        if master:
            (self.folder / name / "master").symlink_to(self.folder / master)

    def interfaces(self) -> list[str]:
        return list(self.found)

    def ifaddresses(self, ifname: str) -> Mapping[int, list[dict[str, str]]]:
        if not self.found[ifname]:
            raise ValueError("You must specify a valid interface name.")
        return self.found[ifname]

    def gateways(self) -> dict[Any, Any]:
        if not self.default:
            return {"default": {}}
        return {"default": {2: ("203.0.113.1", self.default)}, 2: []}


def guess(machine: Machine) -> tuple[tuple[str, ...], str | None, Mode]:
    found = survey(machine, machine.folder)
    return found.lan, found.wan, found.mode


def test_a_router_with_a_bridge(tmp_path: Path) -> None:
    machine = Machine(tmp_path, default="wan0")
    machine.add("wan0", "203.0.113.2/255.255.255.0")
    machine.add("br-lan", "192.168.1.1/255.255.255.0", bridge=True)
    machine.add("lan1", master="br-lan")
    machine.add("docker0", "172.17.0.1/255.255.0.0", bridge=True)
    machine.add("wg0", "10.8.0.1/255.255.255.0")
    machine.add("br-0a1b2c3d4e5f", "172.18.0.1/255.255.0.0", bridge=True)
    assert guess(machine) == (("br-lan",), "wan0", Mode.ROUTER)
    interfaces = {i.name: i for i in survey(machine, tmp_path).interfaces}
    assert interfaces["lan1"].member_of == "br-lan"
    assert interfaces["br-lan"] == Interface(
        name="br-lan", mac="aa:00:00:00:00:01", ip4=("192.168.1.1/24",), bridge=True
    )


def test_a_router_with_ports_and_a_guest_network(tmp_path: Path) -> None:
    machine = Machine(tmp_path, default="eth0")
    machine.add("eth0", "203.0.113.2/255.255.255.0")
    machine.add("wlan0", "192.168.3.1/255.255.255.0")
    machine.add("eth1", "192.168.1.1/255.255.255.0")
    machine.add("guest", "192.168.2.1/255.255.255.0", bridge=True)
    assert guess(machine) == (("guest", "eth1", "wlan0"), "eth0", Mode.ROUTER)


def test_a_box_beside_the_router(tmp_path: Path) -> None:
    machine = Machine(tmp_path, default="eth0")
    machine.add("eth0", "192.168.1.5/255.255.255.0")
    machine.add("wlan0")
    assert guess(machine) == (("eth0",), "eth0", Mode.ONE_ARMED)


def test_a_point_to_point_link_is_no_lan(tmp_path: Path) -> None:
    machine = Machine(tmp_path, default="eth0")
    machine.add("eth0", "192.168.1.5/255.255.255.0")
    machine.add("usb0", "10.0.0.1/255.255.255.255", "10.0.1.1/255.255.255.254")
    assert guess(machine) == (("eth0",), "eth0", Mode.ONE_ARMED)


def test_a_box_without_internet(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.add("br0", "192.168.1.1/255.255.255.0", bridge=True)
    assert guess(machine) == (("br0",), None, Mode.ROUTER)
    assert survey(machine, tmp_path).gateways == ()


def test_a_box_without_anything(tmp_path: Path) -> None:
    assert guess(Machine(tmp_path)) == ((), None, Mode.ROUTER)


@pytest.mark.parametrize(
    "entry, text",
    [
        ({"addr": "fe80::1%eth0", "netmask": "ffff:ffff:ffff:ffff::/64"}, "fe80::1/64"),
        ({"addr": "2001:db8::1", "netmask": "ffff:ffff:ffff:ffff::"}, "2001:db8::1/64"),
        ({"addr": "2001:db8::1", "mask": "ffff::/16"}, "2001:db8::1/16"),
        ({"addr": "2001:db8::1"}, "2001:db8::1/128"),
        ({"addr": "nonsense", "netmask": "ffff::"}, None),
        ({}, None),
    ],
)
def test_every_form_of_an_ipv6_address(
    tmp_path: Path, entry: dict[str, str], text: str | None
) -> None:
    machine = Machine(tmp_path)
    machine.add("eth0")
    machine.found["eth0"][10] = [entry]
    eth0, _ = survey(machine, tmp_path).interfaces
    assert eth0.ip6 == ((text,) if text else ())


def test_an_interface_that_goes_meanwhile_is_empty(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.found["gone"] = {}
    assert survey(machine, tmp_path).interfaces[0] == Interface(name="gone")


def test_this_machine() -> None:
    found = {i.name: i for i in survey().interfaces}
    assert "127.0.0.1/8" in found["lo"].ip4


TELL = """
import json
from guardian.shell.interfaces import survey
s = survey()
v4 = {i.name: i.ip4 for i in s.interfaces}
print(json.dumps([s.lan, s.wan, s.mode, [g.address for g in s.gateways], v4]))
"""


@pytest.mark.lab
def test_a_real_router_is_recognised(home: Home) -> None:
    told = home.router.run([sys.executable, "-c", TELL], timeout=60).stdout
    lan, wan, mode, gateways, four = json.loads(told)
    assert (lan, wan, mode) == ([topology.LAN], topology.WAN, "router")
    assert gateways[0] == topology.ISP4
    assert four[topology.LAN] == [str(topology.LAN4)]


def test_gateways_lose_their_scope(tmp_path: Path) -> None:
    machine = Machine(tmp_path, default="eth0")
    machine.add("eth0", "192.168.1.5/255.255.255.0")
    machine.gateways = lambda: {  # type: ignore[method-assign]
        "default": {10: ("fe80::1%eth0", "eth0")}
    }
    assert survey(machine, tmp_path).gateways == (Gateway("fe80::1", "eth0"),)


def test_importing_it_does_not_import_netifaces() -> None:
    code = "import sys, guardian.shell.interfaces; print('netifaces' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
