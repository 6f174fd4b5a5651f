"""The sets of the two tables: names, key types, what each holds. Data only.

One table of specs serves the rule text, the element encoder and the tests. Sets of the
`netdev` table are a second copy: nftables cannot name a set of another table.
"""

from dataclasses import dataclass

TABLE = "guardian"
INET = "inet"
NETDEV = "netdev"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpec:
    """One named set or map.

    types: nft key types in order; more than one is a concatenation.
    value: nft type of what a map gives; "" for a set. In an element's values it
    follows the key's.
    timeout: elements may carry one; interval: prefixes, written as text only.
    families: the tables that hold a copy.
    """

    name: str
    types: tuple[str, ...]
    holds: str
    value: str = ""
    timeout: bool = True
    interval: bool = False
    families: tuple[str, ...] = (INET, NETDEV)

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the nft flags in the order nft prints them."""
        return ("interval",) * self.interval + ("timeout",) * self.timeout


_FLOW4 = ("ether_addr", "ipv4_addr", "inet_service", "inet_proto", "inet_service")
_FLOW6 = ("ether_addr", "ipv6_addr", "inet_service", "inet_proto", "inet_service")
_TWIN4 = ("ipv4_addr", "inet_service", "inet_proto", "ipv4_addr", "inet_service")
_TWIN6 = ("ipv6_addr", "inet_service", "inet_proto", "ipv6_addr", "inet_service")

SETS: tuple[SetSpec, ...] = (
    SetSpec(
        name="permit",
        types=("ether_addr",),
        holds="what may pass: until its lease ends, daemon or none; or exempt",
    ),
    SetSpec(
        name="exempt",
        types=("ether_addr",),
        holds="devices never judged: adults, things, other routers",
    ),
    SetSpec(
        name="managed",
        types=("ether_addr",),
        timeout=False,
        holds="devices with rules of their own: never unknown",
    ),
    SetSpec(
        name="home4",
        types=("ipv4_addr",),
        timeout=False,
        interval=True,
        holds="the home itself: the router, the LAN, multicast",
    ),
    SetSpec(
        name="home6",
        types=("ipv6_addr",),
        timeout=False,
        interval=True,
        holds="the home itself: the router, the LAN, link-local, multicast",
    ),
    SetSpec(
        name="floor4",
        types=("ipv4_addr",),
        holds="help: reachable in every state",
    ),
    SetSpec(
        name="floor6",
        types=("ipv6_addr",),
        holds="help: reachable in every state",
    ),
    SetSpec(
        name="reach4",
        types=("ether_addr", "ipv4_addr"),
        holds="what one device may reach while it has no lease",
    ),
    SetSpec(
        name="reach6",
        types=("ether_addr", "ipv6_addr"),
        holds="what one device may reach while it has no lease",
    ),
    SetSpec(
        name="open_unknown",
        types=("ifname",),
        holds="interfaces on which new devices have a lease",
    ),
    SetSpec(
        name="dnsport",
        types=("ether_addr",),
        value="inet_service",
        families=(INET,),
        holds="where a device's questions are answered: the port is the device",
    ),
    SetSpec(
        name="dnsnew",
        types=("ifname",),
        value="inet_service",
        families=(INET,),
        holds="the same for all devices that nobody has assigned",
    ),
    SetSpec(
        name="dnsall",
        types=("ifname",),
        value="inet_service",
        families=(INET,),
        holds="the same for devices never judged, where a safety list is installed",
    ),
    SetSpec(
        name="router_macs",
        types=("ether_addr",),
        timeout=False,
        holds="the router's own: on a bridge port only frames to or from it are judged",
    ),
    SetSpec(
        name="cut4",
        types=_FLOW4,
        families=(INET,),
        holds="single flows refused: device, remote address and port, protocol, port",
    ),
    SetSpec(
        name="cut6",
        types=_FLOW6,
        families=(INET,),
        holds="single flows refused: device, remote address and port, protocol, port",
    ),
    SetSpec(
        name="twin4",
        types=_TWIN4,
        families=(INET,),
        holds="the same flows seen from the server: its packet may come first",
    ),
    SetSpec(
        name="twin6",
        types=_TWIN6,
        families=(INET,),
        holds="the same flows seen from the server: its packet may come first",
    ),
)
BY_NAME = {spec.name: spec for spec in SETS}
