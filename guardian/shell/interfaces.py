"""Interfaces, their addresses and gateways, and a guess which side is whose.

For set-up and `doctor` only: netifaces answers for this moment; the daemon follows
netlink. The guess is a proposal that a person confirms, never acted on by itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from guardian.core.model import Mode

SYS_NET = Path("/sys/class/net")
# Made by VPNs, containers and virtual machines: neither side of a home.
_NOT_HOME = ("docker", "veth", "virbr", "wg", "tun", "tap", "tailscale", "ifb", "br-")
_LAN_BRIDGES = ("br-lan", "br0", "lan")


class Source(Protocol):
    """The part of the module netifaces that is used."""

    AF_LINK: Any
    AF_INET: Any
    AF_INET6: Any

    def interfaces(self) -> list[str]:
        """Return the names."""

    def ifaddresses(self, ifname: str) -> Mapping[Any, list[dict[str, str]]]:
        """Return family -> addresses; ValueError for an unknown name."""

    def gateways(self) -> Mapping[Any, Any]:
        """Return family -> [(address, interface, is default)], and "default"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface. ip4, ip6: "address/prefix", without scope, sorted as reported."""

    name: str
    mac: str = ""
    ip4: tuple[str, ...] = ()
    ip6: tuple[str, ...] = ()
    bridge: bool = False
    member_of: str = ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A default route: the router's address and the interface that leads to it."""

    address: str
    ifname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What there is, and the guess.

    wan: the interface of a default route; None without one. lan: names, likeliest
    first; the same as wan when there is but one network (mode one-armed).
    """

    interfaces: tuple[Interface, ...]
    gateways: tuple[Gateway, ...]
    lan: tuple[str, ...]
    wan: str | None
    mode: Mode


def survey(source: Source | None = None, sys_net: Path = SYS_NET) -> Survey:
    """Return the interfaces of this network namespace, sorted, and the guess."""
    if source is None:
        import netifaces

        source = netifaces
    found = tuple(
        _interface(name, source, sys_net) for name in sorted(source.interfaces())
    )
    gateways = _gateways(source)
    wan = gateways[0].ifname if gateways else None
    lan = _lan(found, {g.ifname for g in gateways})
    one_armed = not lan and wan is not None
    return Survey(
        interfaces=found,
        gateways=gateways,
        lan=(wan,) if one_armed and wan else lan,
        wan=wan,
        mode=Mode.ONE_ARMED if one_armed else Mode.ROUTER,
    )


def _interface(name: str, source: Source, sys_net: Path) -> Interface:
    try:
        addresses = source.ifaddresses(name)
    except ValueError:
        # Gone since it was listed.
        addresses = {}
    link = addresses.get(source.AF_LINK) or [{}]
    master = sys_net / name / "master"
    return Interface(
        name=name,
        mac=link[0].get("addr", "").lower(),
        ip4=_prefixes(addresses.get(source.AF_INET, [])),
        ip6=_prefixes(addresses.get(source.AF_INET6, [])),
        bridge=(sys_net / name / "bridge").is_dir(),
        member_of=master.resolve().name if master.exists() else "",
    )


def _prefixes(entries: list[dict[str, str]]) -> tuple[str, ...]:
    """Return address/prefix of each entry.

    IPv6 netmasks come as "ffff::" or "ffff::/64", depending on the version, and
    link-local addresses with their scope.
    """
    found: list[str] = []
    for entry in entries:
        address = entry.get("addr", "").split("%", 1)[0]
        mask = entry.get("netmask") or entry.get("mask") or ""
        mask, _, length = mask.partition("/")
        try:
            if not length:
                bits = int(ipaddress.ip_address(mask)) if mask else -1
                length = str(bin(bits).count("1")) if mask else ""
            whole = f"{address}/{length}" if length else address
            found.append(str(ipaddress.ip_interface(whole)))
        except ValueError:
            continue
    return tuple(found)


def _gateways(source: Source) -> tuple[Gateway, ...]:
    found: list[Gateway] = []
    default = source.gateways().get("default", {})
    for family in (source.AF_INET, source.AF_INET6):
        if family in default:
            address, ifname = default[family][:2]
            found.append(Gateway(str(address).split("%", 1)[0], str(ifname)))
    return tuple(found)


def _lan(interfaces: tuple[Interface, ...], wans: set[str]) -> tuple[str, ...]:
    """Return where a home's devices may be: bridges first, then what has an address.

    A LAN has an IPv4 address with room for others, is no port of a bridge, and has no
    default route.
    """
    likely: list[tuple[int, str]] = []
    for each in interfaces:
        name = each.name
        if name == "lo" or name in wans or each.member_of:
            continue
        if not any(
            ipaddress.ip_interface(a).network.num_addresses > 2 for a in each.ip4
        ):
            continue
        known = name in _LAN_BRIDGES
        if name.startswith(_NOT_HOME) and not known:
            continue
        likely.append((0 if known else 1 if each.bridge else 2, name))
    return tuple(name for _, name in sorted(likely))
