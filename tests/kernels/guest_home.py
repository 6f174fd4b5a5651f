"""A home inside the guest: internet, router, bridge, tablet and phone, IPv4 and IPv6.

The router is the namespace of the scenario itself, so that the rules and the daemon are
where they would be on a real one. IPv4 is masqueraded, IPv6 routed. Addresses are those
of RFC 5737 and RFC 3849; the MACs are locally administered.
"""

import contextlib
import socket
import time

from .guest import Namespace, await_true, ip, nft, sysctl
from .guest_flows import Echo, Flow, Traffic, attempt

LAN = "br-lan"
WAN = "wan"
PORTS = ("p1", "p2")
ROUTER_MAC = "02:00:5e:00:10:fe"
ROUTER = ("192.168.1.1", "2001:db8:1::1")
WAN_ADDRESSES = ("203.0.113.5", "2001:db8:ff::5")
SERVER = ("198.51.100.10", "2001:db8:51::10")
# Two servers of a helpline: one answers, on the other the flows of a chat run.
HELP = ("198.51.100.20", "2001:db8:51::20")
CHAT = ("198.51.100.21", "2001:db8:51::21")
TABLET = "02:00:5e:00:10:01"
PHONE = "02:00:5e:00:10:03"
PHONE_ADDRESSES = ("192.168.1.103", "2001:db8:1::103")
PREFIXES = ("192.168.1.0/24", "2001:db8:1::/64", *WAN_ADDRESSES)
# To help only the ports of a web site are open.
WEB_PORT = 443


class Home:
    """The namespaces and links of the home, with echo servers on every side.

    took_s: how long it took to make.
    """

    def __init__(self) -> None:
        began = time.monotonic()
        self.internet = Namespace()
        self.tablet = Namespace()
        self.phone = Namespace()
        sysctl("net.ipv4.ip_forward", "1")
        sysctl("net.ipv6.conf.all.forwarding", "1")
        self.filter_bridged(False)
        self._wire_wan()
        self.wire_bridge()
        self._wire_device(self.tablet, "p1", TABLET, "101")
        self._wire_device(self.phone, "p2", PHONE, "103")
        self._masquerade()
        self._servers = (
            Echo(self.internet, (*SERVER, *HELP), WEB_PORT),
            Echo(self.phone, PHONE_ADDRESSES, WEB_PORT),
        )
        self.traffic = Traffic()
        self.took_s = time.monotonic() - began

    def ready(self) -> bool:
        """Say whether both devices reach the internet and each other."""
        return await_true(self._complete)

    def _complete(self) -> bool:
        return all(
            self.reaches(device, address)
            for device, addresses in (
                (self.tablet, (*SERVER, *PHONE_ADDRESSES)),
                (self.phone, SERVER),
            )
            for address in addresses
        )

    def reaches(self, device: Namespace, address: str, kind: str = "udp") -> bool:
        """Say whether an echo comes back."""
        return attempt(device, address, WEB_PORT, kind=kind, limit_s=0.7)[0] == "ok"

    def wire_bridge(self) -> None:
        """Make the bridge with its addresses; ports that exist join it (again)."""
        there = {name for _, name in socket.if_nameindex()}
        ip(
            f"link add {LAN} address {ROUTER_MAC} type bridge\n"
            f"link set {LAN} up\n"
            f"addr add {ROUTER[0]}/24 dev {LAN}\n"
            f"addr add {ROUTER[1]}/64 dev {LAN} nodad\n"
            + "".join(
                f"link set {port} master {LAN}\n" for port in PORTS if port in there
            )
        )

    def filter_bridged(self, on: bool) -> None:
        """Let bridged frames pass the forward chain too, or not, by br_netfilter."""
        for family in ("ip", "ip6"):
            with contextlib.suppress(FileNotFoundError):
                sysctl(f"net.bridge.bridge-nf-call-{family}tables", str(int(on)))

    def calls(self) -> list[Flow]:
        """Begin the tablet's flows: TCP, a UDP call and a UDP stream, both families."""
        begun = []
        for version, address in zip("46", SERVER, strict=True):
            begun += [
                self.traffic.tcp(f"tcp{version}", self.tablet, self.internet, address),
                self.traffic.udp(f"call{version}", self.tablet, self.internet, address),
                self.traffic.udp(
                    f"stream{version}", self.tablet, self.internet, address, up=False
                ),
            ]
        return begun

    def others(self) -> list[Flow]:
        """Begin what must go on: the phone's call and stream, the tablet's help."""
        begun = [
            self.traffic.udp("help4", self.tablet, self.internet, CHAT[0], WEB_PORT),
            self.traffic.tcp("help6", self.tablet, self.internet, CHAT[1], WEB_PORT),
            self.traffic.udp("phone4", self.phone, self.internet, SERVER[0]),
            self.traffic.tcp("phone6", self.phone, self.internet, SERVER[1]),
        ]
        return begun

    def offload(self, devices: tuple[str, ...]) -> None:
        """Put forwarded flows into a flow table, as fw4 does.

        devices: whom it hooks, besides the WAN. Its `forward` chain counts what it
        still sees.
        """
        names = ", ".join(f'"{name}"' for name in (*devices, WAN))
        nft(
            "table inet fw {\n"
            " flowtable ft { hook ingress priority 0; "
            f"devices = {{ {names} }}; counter; }}\n"
            " chain forward { type filter hook forward priority filter;\n"
            "  meta l4proto { tcp, udp } flow add @ft\n"
            "  counter; }\n"
            "}\n"
        )

    def _wire_wan(self) -> None:
        ip(
            f"link add {WAN} type veth peer name isp\n"
            f"link set isp netns {self.internet.path}\n"
            f"link set {WAN} up\n"
            f"addr add {WAN_ADDRESSES[0]}/24 dev {WAN}\n"
            f"addr add {WAN_ADDRESSES[1]}/64 dev {WAN} nodad\n"
        )
        with self.internet.inside():
            ip(
                "link set isp up\n"
                "addr add 203.0.113.1/24 dev isp\n"
                "addr add 2001:db8:ff::1/64 dev isp nodad\n"
                f"route add 2001:db8:1::/64 via {WAN_ADDRESSES[1]}\n"
                + "".join(
                    f"addr add {four}/32 dev lo\naddr add {six}/128 dev lo nodad\n"
                    for four, six in (SERVER, HELP, CHAT)
                )
            )
        ip("route add default via 203.0.113.1\n" "route add ::/0 via 2001:db8:ff::1\n")

    def _wire_device(self, device: Namespace, port: str, mac: str, host: str) -> None:
        ip(
            f"link add {port} type veth peer name eth0 address {mac} "
            f"netns {device.path}\n"
            f"link set {port} master {LAN} up\n"
        )
        with device.inside():
            ip(
                "link set eth0 up\n"
                f"addr add 192.168.1.{host}/24 dev eth0\n"
                f"addr add 2001:db8:1::{host}/64 dev eth0 nodad\n"
                f"route add default via {ROUTER[0]}\n"
                f"route add ::/0 via {ROUTER[1]}\n"
            )

    def _masquerade(self) -> None:
        nft(
            "table ip home {\n"
            " chain srcnat { type nat hook postrouting priority srcnat;\n"
            f'  oifname "{WAN}" masquerade; }}\n'
            "}\n"
        )
