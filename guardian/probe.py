"""`guardian-probe`: look at the LAN actively, print what answered, and end.

Who is there (ARP, neighbour discovery), who hands out addresses (DHCP), who says it is
a router (RA). Crafting is scapy's work; importing it costs 76 MiB, so this is a process
of seconds and never part of the daemon. It asks and listens: no lease is taken, no
address claimed, nothing is sent beyond the link. Run on the router itself, its own
servers stay silent (a host does not hear its broadcasts): what answers is another's.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import logging
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from guardian.core.errors import GuardianError, PlatformError

Row = dict[str, Any]
# Servers first probe the address they will offer (RFC 2131 2.2): dnsmasq for 3 s.
TIMEOUT_S = 5.0
TIMEOUT_MAX_S = 60.0
# A /22. Larger home networks do not exist; larger networks are not scanned by mistake.
HOSTS_MAX = 1024
ROWS_MAX = 2048
_SENTENCES = {
    "no-such-interface": "There is no such interface; `ip link` lists them",
    "interface-without-mac": "That interface has no MAC: nothing on it can be probed",
}


def main(argv: list[str] | None = None) -> int:
    """Run one probe.

    Exit codes: 0 done; 1 it could not be done, or somebody answered whom --expect does
    not name; 2 usage.
    """
    args = _parser().parse_args(argv)
    try:
        _check_interface(args.interface)
        rows = _VERBS[args.verb](args.interface, args.timeout)
    except GuardianError as error:
        said = f"{_SENTENCES[error.code]} ({error.detail}). Nothing was changed."
        print(f"guardian-probe: {said}", file=sys.stderr)
        return 1
    except PermissionError:
        said = "needs CAP_NET_RAW: run it as root. Nothing was changed."
        print(f"guardian-probe: {said}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"guardian-probe: {error.strerror or error}", file=sys.stderr)
        return 1
    expected = _expect(rows, args.expect)
    print(_text(args, rows))
    return 0 if expected else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="guardian-probe", description="Look at the LAN actively, and end."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, text in (
        ("hosts", "who answers ARP and IPv6 neighbour discovery"),
        ("dhcp", "which DHCP servers offer an address (none is taken)"),
        ("ra", "which IPv6 routers advertise themselves"),
    ):
        sub = verbs.add_parser(verb, help=text, description=text)
        sub.add_argument("interface")
        sub.add_argument("--json", action="store_true", help="one JSON object")
        sub.add_argument(
            "--timeout", type=_timeout, default=TIMEOUT_S, metavar="SECONDS"
        )
        sub.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="who may answer (MAC or address); anybody else: exit code 1",
        )
    return parser


def _timeout(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= TIMEOUT_MAX_S:
        raise ValueError(f"not between 0 and {TIMEOUT_MAX_S:g} s: {text}")
    return seconds


def _check_interface(name: str) -> None:
    # A slash or ".." would leave the folder; the kernel allows neither as a name.
    if (
        "/" in name
        or name.startswith(".")
        or not (Path("/sys/class/net") / name).is_dir()
    ):
        raise PlatformError("no-such-interface", name[:16])


def hosts(ifname: str, timeout: float) -> list[Row]:
    """Return who answers on the link: {"mac", "addresses"}, sorted.

    ARP to every address of the interface's IPv4 networks up to a /22, an echo request
    to all IPv6 nodes, and whatever neighbour advertisements that provokes.
    """
    scapy = _scapy()
    mac, four, six = _own(ifname)
    found: dict[str, set[str]] = {}

    def note(packet: Any) -> None:
        if scapy.ARP in packet and packet[scapy.ARP].op == 2:
            arp = packet[scapy.ARP]
            _note(found, arp.hwsrc, arp.psrc)
        elif scapy.ICMPv6EchoReply in packet or scapy.ICMPv6ND_NA in packet:
            _note(found, packet[scapy.Ether].src, packet[scapy.IPv6].src)

    requests = [
        scapy.Ether(src=mac, dst="ff:ff:ff:ff:ff:ff")
        / scapy.ARP(hwsrc=mac, psrc=str(own.ip), pdst=str(target))
        for own in four
        if own.network.num_addresses <= HOSTS_MAX
        for target in own.network.hosts()
        if target != own.ip
    ]
    # The source decides with which of its addresses a node answers.
    requests += [
        scapy.Ether(src=mac, dst="33:33:00:00:00:01")
        / scapy.IPv6(src=str(own), dst="ff02::1", hlim=255)
        / scapy.ICMPv6EchoRequest(id=secrets.randbelow(1 << 16))
        for own in six
    ]
    _exchange(ifname, requests, note, timeout, "arp or icmp6")
    found.pop(mac, None)
    return [
        {"mac": who, "addresses": sorted(addresses)}
        for who, addresses in sorted(found.items())
    ]


def dhcp(ifname: str, timeout: float) -> list[Row]:
    """Return which DHCP servers made an offer, sorted by address.

    Rows: {"mac", "server", "offered", "router", "dns", "lease_s"}. A DISCOVER with this
    interface's MAC and no REQUEST after it: servers forget the offer (RFC 2131 3.1).
    """
    scapy = _scapy()
    mac, _, _ = _own(ifname)
    ident = secrets.randbits(32)
    found: dict[tuple[str, str], Row] = {}

    def note(packet: Any) -> None:
        if scapy.DHCP not in packet or packet[scapy.BOOTP].xid != ident:
            return
        options = {o[0]: o[1:] for o in packet[scapy.DHCP].options if len(o) > 1}
        # RFC 2132 9.6: 2 is DHCPOFFER.
        if options.get("message-type") != (2,):
            return
        sender = packet[scapy.Ether].src
        server = str(options.get("server_id", (packet[scapy.IP].src,))[0])
        if len(found) < ROWS_MAX:
            found[server, sender] = {
                "mac": sender,
                "server": server,
                "offered": str(packet[scapy.BOOTP].yiaddr),
                "router": [str(a) for a in options.get("router", ())],
                "dns": [str(a) for a in options.get("name_server", ())],
                "lease_s": int(options.get("lease_time", (0,))[0]),
            }

    discover = (
        scapy.Ether(src=mac, dst="ff:ff:ff:ff:ff:ff")
        / scapy.IP(src="0.0.0.0", dst="255.255.255.255")
        / scapy.UDP(sport=68, dport=67)
        # The broadcast flag: our kernel does not own the address that is offered.
        / scapy.BOOTP(chaddr=bytes.fromhex(mac.replace(":", "")), xid=ident, flags="B")
        / scapy.DHCP(
            options=[
                ("message-type", "discover"),
                ("param_req_list", [1, 3, 6, 51, 54]),
                "end",
            ]
        )
    )
    _exchange(ifname, [discover], note, timeout, "udp and dst port 68")
    return [found[key] for key in sorted(found)]


def ra(ifname: str, timeout: float) -> list[Row]:
    """Return which routers advertise themselves, sorted by link-local address.

    Rows: {"mac", "router", "lifetime_s", "managed", "prefixes", "dns"}. lifetime_s 0 is
    a router that is none for the default route (RFC 4861 4.2).
    """
    scapy = _scapy()
    mac, _, six = _own(ifname)
    found: dict[tuple[str, str], Row] = {}

    def note(packet: Any) -> None:
        # RFC 4861 6.1.2: valid only with hop limit 255 and a link-local source.
        if scapy.ICMPv6ND_RA not in packet or packet[scapy.IPv6].hlim != 255:
            return
        router, sender = str(packet[scapy.IPv6].src), packet[scapy.Ether].src
        if not ipaddress.IPv6Address(router).is_link_local or len(found) >= ROWS_MAX:
            return
        prefixes, servers = set(), set()
        option = packet[scapy.ICMPv6ND_RA].payload
        while option:
            if isinstance(option, scapy.ICMPv6NDOptPrefixInfo):
                prefixes.add(f"{option.prefix}/{option.prefixlen}")
            elif isinstance(option, scapy.ICMPv6NDOptRDNSS):
                servers.update(option.dns)
            option = option.payload
        found[router, sender] = {
            "mac": sender,
            "router": router,
            "lifetime_s": int(packet[scapy.ICMPv6ND_RA].routerlifetime),
            "managed": bool(packet[scapy.ICMPv6ND_RA].M),
            "prefixes": sorted(prefixes),
            "dns": sorted(servers),
        }

    # Without a link-local address: from "::", without the link-layer option.
    local = next((str(own) for own in six if own.is_link_local), "::")
    ask = scapy.IPv6(src=local, dst="ff02::2", hlim=255) / scapy.ICMPv6ND_RS()
    if local != "::":
        ask /= scapy.ICMPv6NDOptSrcLLAddr(lladdr=mac)
    ask = scapy.Ether(src=mac, dst="33:33:00:00:00:02") / ask
    _exchange(ifname, [ask], note, timeout, "icmp6")
    return [found[key] for key in sorted(found)]


_VERBS: dict[str, Callable[[str, float], list[Row]]] = {
    "hosts": hosts,
    "dhcp": dhcp,
    "ra": ra,
}


def _scapy() -> Any:
    from scapy.config import conf

    # Without libpcap it says at each socket that filtering is left to us, which is so.
    conf.logLevel = logging.CRITICAL
    import scapy.all

    scapy.all.conf.verb = 0
    scapy.all.conf.sniff_promisc = False
    return scapy.all


def _own(
    ifname: str,
) -> tuple[str, list[ipaddress.IPv4Interface], list[ipaddress.IPv6Address]]:
    """Return the interface's MAC, IPv4 interfaces and IPv6 addresses."""
    from guardian.shell.interfaces import survey

    for each in survey().interfaces:
        if each.name == ifname and each.mac:
            four = [ipaddress.IPv4Interface(text) for text in each.ip4]
            six = [ipaddress.IPv6Interface(text).ip for text in each.ip6]
            return each.mac, four, [ipaddress.IPv6Address(a) for a in six]
    raise PlatformError("interface-without-mac", ifname[:16])


def _exchange(
    ifname: str,
    packets: list[Any],
    note: Callable[[Any], None],
    timeout: float,
    bpf: str,
) -> None:
    """Send, and give `note` whatever comes within the timeout (seconds).

    Half of the time goes by before all is sent again, once: the first broadcast of a
    Wi-Fi is often lost.
    """
    scapy = _scapy()
    socket = scapy.conf.L2socket(iface=ifname, filter=bpf)
    try:
        for _ in range(2):
            for packet in packets:
                socket.send(packet)
            scapy.sniff(
                opened_socket=socket, prn=note, store=False, timeout=timeout / 2
            )
    finally:
        socket.close()


def _note(found: dict[str, set[str]], mac: str, address: str) -> None:
    # A host that answers for everything must not fill the memory.
    if mac in found or len(found) < ROWS_MAX:
        known = found.setdefault(mac, set())
        if len(known) < 64:
            known.add(str(address))


def _expect(rows: list[Row], expect: list[str]) -> bool:
    """Mark each row as expected or not; return whether all are."""
    wanted = {text.lower() for text in expect}
    for row in rows:
        names = {row["mac"], *row.get("addresses", ())}
        # An offer's "router" is a list, and only what the server says of another.
        names |= {v for k in ("server", "router") if isinstance(v := row.get(k), str)}
        row["expected"] = not wanted or bool(names & wanted)
    return all(row["expected"] for row in rows)


def _text(args: argparse.Namespace, rows: list[Row]) -> str:
    if args.json:
        report = {"probe": args.verb, "interface": args.interface, "found": rows}
        return json.dumps(report, sort_keys=True)
    if not rows:
        return f"nobody answered on {args.interface} within {args.timeout:g} s"
    return "\n".join(_line(row) for row in rows)


def _line(row: Row) -> str:
    parts = [row["mac"]]
    for key, value in row.items():
        if key in ("mac", "expected") or value in ([], ""):
            continue
        shown = " ".join(value) if isinstance(value, list) else str(value)
        parts.append(shown if key == "addresses" else f"{key} {shown}")
    return "  ".join(parts) + ("" if row["expected"] else "  NOT EXPECTED")


if __name__ == "__main__":
    sys.exit(main())
