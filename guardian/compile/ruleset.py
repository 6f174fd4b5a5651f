"""The rules of our two tables as sorted, commented nft text; same layout, same text.

The text is one transaction for `nft -f`. It adds what is missing, flushes our chains
and writes their rules anew; set elements and the time they have left stay as they are
(`add table` + `flush chain`, never `delete table`). It names no table but ours.
Elements travel separately (`guardian.compile.plan`).
"""

from dataclasses import dataclass
from ipaddress import collapse_addresses, ip_interface, ip_network

from guardian.compile.sets import INET, NETDEV, SETS, TABLE, SetSpec

# Before any flow table's ingress hook (fw4: 0), so an offloaded flow is still judged.
INGRESS_PRIORITY = -100
# After the firewall has had no say yet (fw4's filter hooks: 0): a refusal here is ours.
FORWARD_PRIORITY = -10
# Before the ingress chain that may refuse.
MINE_PRIORITY = INGRESS_PRIORITY - 10
# Before adblock's -160 and fw4's dstnat -100; banIP owns -175; above conntrack's -200.
DNS_PRIORITY = -170

# Where the answering process listens, one port a device; redirected questions only.
FRONT_PORTS = (20053, 21077)
# Where plain HTTP to a refused name is answered: by the pages' process, if it runs.
PAGE_PORT = 8081
# Refused names may lead here: RFC 5737's TEST-NET-1, RFC 6666's discard prefix.
SINKHOLE4, SINKHOLE6 = "192.0.2.1", "100::1"

PAGE = "why a name is refused"

# What a site of help needs, and no more: its address may serve other sites too.
HELP_PORTS = "{ tcp . 80, tcp . 443, udp . 443 }"

# Of a packet that may pass, a hook asks this and no more.
LEASE_IN = "ether saddr @permit accept"
LEASE_OUT = "ether daddr @permit accept"

# Packets to these never leave the home: RFC 3927, RFC 5771, RFC 919; RFC 4291 2.4.
HOME4 = ("169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32")
HOME6 = ("fe80::/10", "ff00::/8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the rules go on this machine at this moment.

    lan: LAN-side layer-3 interfaces by name, whether they exist now or not.
    hooked: those of them that exist; indexes: their interface indexes, where known.
    ports: bridge ports named by a flow table.
    router_macs: link addresses of the LAN interfaces; prefixes: on-link prefixes of the
    LAN and every address of the router itself, both families, CIDR text.
    ingress, egress: which hooks this kernel has.
    """

    lan: tuple[str, ...]
    hooked: tuple[str, ...] = ()
    indexes: tuple[int, ...] = ()
    ports: tuple[str, ...] = ()
    router_macs: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    one_armed: bool = False
    ingress: bool = True
    egress: bool = True


def chain_names(layout: Layout) -> frozenset[tuple[str, str]]:
    """Return (family, chain) of every base chain on a device that `render` writes."""
    devices = (*layout.hooked, *layout.ports)
    ingress = {(INET, f"in_{d}") for d in devices} if layout.ingress else set()
    egress = {(NETDEV, f"out_{d}") for d in devices} if layout.egress else set()
    both = layout.ingress and layout.egress
    mine = {(NETDEV, f"mine_{p}") for p in layout.ports} if both else set()
    return frozenset(ingress | egress | mine)


def render(layout: Layout) -> str:
    """Return the whole ruleset of `layout` as text for one `nft -f` transaction."""
    lines: list[str] = []
    for family in _families(layout):
        lines += _declare(family, layout)
    lines += _judge_in() + _refuse() + _forward(layout) + _dns(layout)
    lines += _page(layout) + _front(layout)
    lines += _output(layout) if layout.one_armed else []
    if layout.ingress:
        lines += _device_chains_in(layout)
        for port in sorted(layout.ports) if layout.egress else ():
            lines += _port_is_host(port)
    if layout.egress:
        lines += _judge_out() + _device_chains_out(layout)
    return "\n".join(lines) + "\n"


def render_stale(chains: frozenset[tuple[str, str]]) -> str:
    """Return text that removes device chains which are no longer wanted.

    chains: (family, chain) that exist; one that has already gone with its device must
    not be named, the kernel would refuse the whole transaction.
    """
    return "".join(
        f"delete chain {family} {TABLE} {chain}\n" for family, chain in sorted(chains)
    )


def home_prefixes(prefixes: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (IPv4, IPv6) prefixes of the home, collapsed and sorted.

    An interval set refuses overlapping elements, hence the collapsing.
    """
    nets = [ip_network(p, strict=False) for p in (*prefixes, *HOME4, *HOME6)]
    four = collapse_addresses(n for n in nets if n.version == 4)
    six = collapse_addresses(n for n in nets if n.version == 6)
    return tuple(str(n) for n in sorted(four)), tuple(str(n) for n in sorted(six))


def lan_addresses(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the router's own addresses on the LAN that a name may lead to, sorted.

    prefixes: as in `Layout`; one with a length is of the LAN. A link-local address
    means nothing without its interface.
    """
    own = (ip_interface(p).ip for p in prefixes if "/" in p)
    found = {address for address in own if not address.is_link_local}
    return tuple(map(str, sorted(found, key=lambda a: (a.version, a.packed))))


def remove(family: str) -> str:
    """Return text that lifts our table of a family, whether it is there or not."""
    return f"add table {family} {TABLE}\ndelete table {family} {TABLE}\n"


def _families(layout: Layout) -> tuple[str, ...]:
    return (INET, NETDEV) if layout.egress else (INET,)


def _declare(family: str, layout: Layout) -> list[str]:
    lines = [f"add table {family} {TABLE}"]
    for spec in SETS:
        if family in spec.families:
            lines.append(_declare_set(family, spec))
    four, six = home_prefixes(layout.prefixes)
    for name, nets in (("home4", four), ("home6", six)):
        lines.append(f"flush set {family} {TABLE} {name}")
        lines.append(f"add element {family} {TABLE} {name} {{ {', '.join(nets)} }}")
    lines.append(f"flush set {family} {TABLE} router_macs")
    if layout.router_macs:
        macs = ", ".join(sorted(layout.router_macs))
        lines.append(f"add element {family} {TABLE} router_macs {{ {macs} }}")
    return lines


def _declare_set(family: str, spec: SetSpec) -> str:
    flags = f" flags {', '.join(spec.flags)};" if spec.flags else ""
    kind, value = ("map", f" : {spec.value}") if spec.value else ("set", "")
    return (
        f"add {kind} {family} {TABLE} {spec.name} "
        f"{{ type {' . '.join(spec.types)}{value};{flags} comment \"{spec.holds}\"; }}"
    )


def _chain(family: str, name: str, hook: str = "") -> list[str]:
    spec = f" {{ {hook} }}" if hook else ""
    return [
        f"add chain {family} {TABLE} {name}{spec}",
        f"flush chain {family} {TABLE} {name}",
    ]


def _rules(family: str, chain: str, rules: list[tuple[str, str]]) -> list[str]:
    return [
        f'add rule {family} {TABLE} {chain} {rule} comment "{comment}"'
        for rule, comment in rules
    ]


def _names(names: tuple[str, ...]) -> str:
    return "{ " + ", ".join(f'"{n}"' for n in sorted(names)) + " }"


def _judge_in() -> list[str]:
    """Default deny for what comes from the LAN, cheapest question first."""
    return (
        _chain(INET, "judge_in")
        + _chain(INET, "refuse")
        + _rules(
            INET,
            "judge_in",
            [
                (LEASE_IN, "has a lease"),
                ("ether saddr @exempt accept", "never judged"),
                ("ip daddr @home4 accept", "stays in the home"),
                ("ip6 daddr @home6 accept", "stays in the home"),
                (
                    "meta l4proto { tcp, udp } th dport 53 accept",
                    "names: led to the router's resolver",
                ),
                (
                    f"ip daddr @floor4 meta l4proto . th dport {HELP_PORTS} accept",
                    "help",
                ),
                (
                    f"ip6 daddr @floor6 meta l4proto . th dport {HELP_PORTS} accept",
                    "help",
                ),
                (f"ip daddr {SINKHOLE4} tcp dport 80 accept", PAGE),
                (f"ip6 daddr {SINKHOLE6} tcp dport 80 accept", PAGE),
                (
                    "ether saddr . ip daddr @reach4 accept",
                    "may be reached without lease",
                ),
                (
                    "ether saddr . ip6 daddr @reach6 accept",
                    "may be reached without lease",
                ),
                (
                    "ether saddr != @managed iifname @open_unknown accept",
                    "new devices have a lease here",
                ),
                ("goto refuse", "no lease"),
            ],
        )
    )


def _refuse() -> list[str]:
    return _rules(
        INET,
        "refuse",
        [
            ("meta l4proto tcp reject with tcp reset", "at once, no hang"),
            ("reject with icmpx type admin-prohibited", "at once, no hang"),
        ],
    )


def _forward(layout: Layout) -> list[str]:
    """The guard while hooks are gone, and cut flows; cheap for the established."""
    # One-armed, what goes out leaves by the interface it came from.
    outward = "" if layout.one_armed else f"oifname != {_names(layout.lan)} "
    rules = [
        # Conntrack confirms a server's unasked packet before egress drops it; without
        # this the held device's answers would be established while it has no hook.
        (
            f"ct direction reply {_unhooked(layout)}"
            f"iifname {_names(layout.lan)} {outward}jump judge_in",
            "answers to what came unasked",
        ),
        # No verdict for the rest: the policy is cheaper than a rule that accepts.
        ("ct state & (established | related) == 0 goto fresh", "not judged before"),
    ]
    unhooked = tuple(n for n in layout.lan if n not in layout.hooked)
    if unhooked and layout.egress:
        # First of all: what was established may have been so without a hook.
        rules.insert(
            0,
            (_inward(layout, unhooked), "closed until the interface has its chains"),
        )
    hook = f"type filter hook forward priority {FORWARD_PRIORITY}; policy accept;"
    return (
        _chain(INET, "forward", hook)
        + _fresh(layout, () if layout.egress else unhooked)
        + _rules(INET, "forward", rules)
    )


def _unhooked(layout: Layout) -> str:
    """Return the match for what no hook of ours has seen or will see, maybe empty.

    By number, not by name: to compare both names costs more than all else here. An
    interface that comes back has another index and, before Linux 6.16, no hook: it
    matches again.
    """
    if not layout.indexes:
        return ""
    known = ", ".join(str(index) for index in sorted(layout.indexes))
    if len(layout.indexes) > 1:
        known = f"{{ {known} }}"
    # What leaves by the LAN is no answer from it, unless there is but one interface.
    out = "" if layout.one_armed else f"oif != {known} "
    return out + (f"iif != {known} " if layout.ingress else "")


def _inward(layout: Layout, unhooked: tuple[str, ...]) -> str:
    """Return the rule that drops what comes from outside for these interfaces."""
    outside = "" if layout.one_armed else f"iifname != {_names(layout.lan)} "
    return f"{outside}oifname {_names(unhooked)} drop"


def _fresh(layout: Layout, unjudged: tuple[str, ...]) -> list[str]:
    """Judge what is new or invalid, as the next packet of a deleted connection is.

    unjudged: interfaces towards which no chain will ever judge.
    """
    rules = [
        (
            "ether saddr . ip daddr . th dport . meta l4proto . th sport @cut4 "
            "goto refuse",
            "this flow is cut",
        ),
        (
            "ether saddr . ip6 daddr . th dport . meta l4proto . th sport @cut6 "
            "goto refuse",
            "this flow is cut",
        ),
        (
            "ip saddr . th sport . meta l4proto . ip daddr . th dport @twin4 drop",
            "this flow is cut, server first",
        ),
        (
            "ip6 saddr . th sport . meta l4proto . ip6 daddr . th dport @twin6 drop",
            "this flow is cut, server first",
        ),
    ]
    if not layout.one_armed:
        # Under br_netfilter bridged frames pass here too, with both names alike.
        rules += [
            (f'iifname "{name}" oifname "{name}" accept', "inside the LAN")
            for name in sorted(layout.lan)
        ]
    # Where a server's packet may come first, the answers to it are of a flow that the
    # redirect below never saw, and port 53 passes every other chain.
    rules += [
        (
            f'oifname "{name}" meta l4proto {{ tcp, udp }} th sport 53 goto refuse',
            "no answer to a question asked here",
        )
        for name in sorted(layout.lan)
    ]
    rules += [
        (f"ip daddr {SINKHOLE4} goto refuse", "a refused name leads nowhere"),
        (f"ip6 daddr {SINKHOLE6} goto refuse", "a refused name leads nowhere"),
    ]
    rules.append((f"iifname {_names(layout.lan)} jump judge_in", "from the LAN"))
    if unjudged:
        # At boot nothing is established yet but what a judged device begins.
        rules.append((_inward(layout, unjudged), "unasked, and nobody to judge it yet"))
    return _chain(INET, "fresh") + _rules(INET, "fresh", rules)


def _dns(layout: Layout) -> list[str]:
    # A map without the key ends the rule, not the chain: the next one is asked.
    asked = f"iifname {_names(layout.lan)} meta l4proto {{ tcp, udp }} th dport 53"
    return _chain(
        INET,
        "dns",
        f"type nat hook prerouting priority {DNS_PRIORITY}; policy accept;",
    ) + _rules(
        INET,
        "dns",
        [
            (
                f"{asked} redirect to :ether saddr map @dnsport",
                "this device's own answers",
            ),
            (
                f"{asked} ether saddr @exempt redirect to :iifname map @dnsall",
                "a safety list is for everybody",
            ),
            (
                f"{asked} ether saddr != @exempt ether saddr != @managed "
                "redirect to :iifname map @dnsnew",
                "answers for devices nobody has assigned",
            ),
            (
                f"{asked} ether saddr != @exempt redirect to :53",
                "nobody answers here: the router's resolver and no other",
            ),
        ],
    )


def _page(layout: Layout) -> list[str]:
    """Lead plain HTTP of a refused name to the page that says why.

    All else that goes there is refused in the forward hook: a certificate for a refused
    name is nothing that we could show, so a browser shall fail at once.
    """
    asked = f"iifname {_names(layout.lan)}"
    to_page = f"tcp dport 80 redirect to :{PAGE_PORT}"
    return _chain(
        INET,
        "page",
        f"type nat hook prerouting priority {DNS_PRIORITY}; policy accept;",
    ) + _rules(
        INET,
        "page",
        [
            (f"{asked} ip daddr {SINKHOLE4} {to_page}", PAGE),
            (f"{asked} ip6 daddr {SINKHOLE6} {to_page}", PAGE),
        ],
    )


def _front(layout: Layout) -> list[str]:
    """Let only redirected questions reach the ports that stand for devices.

    Without this a child asks a brother's port by hand and gets his answers.
    """
    first, last = FRONT_PORTS
    port = f"meta l4proto {{ tcp, udp }} th dport {first}-{last}"
    return _chain(
        INET,
        "front",
        f"type filter hook input priority {FORWARD_PRIORITY}; policy accept;",
    ) + _rules(
        INET,
        "front",
        [
            (
                f"{port} ct status dnat ct original proto-dst 53 accept",
                "asked at port 53",
            ),
            (f'iifname != "lo" {port} goto refuse', "asked by hand"),
        ],
    )


def _output(layout: Layout) -> list[str]:
    return _chain(
        INET,
        "output",
        f"type filter hook output priority {FORWARD_PRIORITY}; policy accept;",
    ) + _rules(
        INET,
        "output",
        [
            (
                f"oifname {_names(layout.lan)} icmpv6 type nd-redirect drop",
                "or one redirect leads round this box",
            ),
            (
                f"oifname {_names(layout.lan)} icmp type redirect drop",
                "or one redirect leads round this box",
            ),
        ],
    )


def _device_chains_in(layout: Layout) -> list[str]:
    lines: list[str] = []
    for device in sorted((*layout.hooked, *layout.ports)):
        chain = f"in_{device}"
        lines += _chain(
            INET,
            chain,
            f'type filter hook ingress device "{device}" '
            f"priority {INGRESS_PRIORITY}; policy accept;",
        )
        # The lease here too, before any jump: of most packets it is all that is asked.
        rules = [(LEASE_IN, "has a lease")]
        if device in layout.ports:
            rules.append(("ether daddr != @router_macs accept", "stays on the bridge"))
        rules.append(("jump judge_in", "from the LAN"))
        lines += _rules(INET, chain, rules)
    return lines


def _judge_out() -> list[str]:
    """The same for what goes to the LAN; this hook can only drop, never refuse."""
    return _chain(NETDEV, "judge_out") + _rules(
        NETDEV,
        "judge_out",
        [
            (LEASE_OUT, "has a lease"),
            ("ether daddr @exempt accept", "never judged"),
            ("ether type != { ip, ip6 } accept", "ARP and its like"),
            ("ip saddr @home4 accept", "from the router or the LAN"),
            ("ip6 saddr @home6 accept", "from the router or the LAN"),
            (
                "ether daddr & 01:00:00:00:00:00 != 00:00:00:00:00:00 accept",
                "to many: DHCP, RA, multicast",
            ),
            (
                "meta l4proto { tcp, udp } th sport 53 accept",
                "answers to names asked elsewhere",
            ),
            # A refusal made at ingress leaves with the remote server's address; without
            # these three each refusal would hang until the client gives up.
            ("tcp flags & rst == rst accept", "a refusal on its way"),
            ("icmp type destination-unreachable accept", "a refusal on its way"),
            ("icmpv6 type destination-unreachable accept", "a refusal on its way"),
            # RFC 8201: without it a page of help larger than the path's MTU hangs.
            ("icmpv6 type packet-too-big accept", "or help hangs on a narrow path"),
            (f"ip saddr @floor4 meta l4proto . th sport {HELP_PORTS} accept", "help"),
            (f"ip6 saddr @floor6 meta l4proto . th sport {HELP_PORTS} accept", "help"),
            (f"ip saddr {SINKHOLE4} tcp sport 80 accept", PAGE),
            (f"ip6 saddr {SINKHOLE6} tcp sport 80 accept", PAGE),
            ("ether daddr . ip saddr @reach4 accept", "may be reached without lease"),
            ("ether daddr . ip6 saddr @reach6 accept", "may be reached without lease"),
            (
                "ether daddr != @managed oifname @open_unknown accept",
                "new devices have a lease here",
            ),
            ("drop", "no lease"),
        ],
    )


def _port_is_host(port: str) -> list[str]:
    """Let a refusal of UDP at ingress of a bridge port be sent at all.

    Frames to the bridge's address count there as another host's, and icmp_send()
    answers none of those (measured on 6.1 and 6.12: silence; with this, at once).
    """
    chain = f"mine_{port}"
    hook = f'type filter hook ingress device "{port}" priority {MINE_PRIORITY};'
    return _chain(NETDEV, chain, f"{hook} policy accept;") + _rules(
        NETDEV,
        chain,
        [("ether daddr @router_macs meta pkttype set host", "or a refusal is silent")],
    )


def _device_chains_out(layout: Layout) -> list[str]:
    lines: list[str] = []
    for device in sorted((*layout.hooked, *layout.ports)):
        chain = f"out_{device}"
        lines += _chain(
            NETDEV,
            chain,
            f'type filter hook egress device "{device}" priority 0; policy accept;',
        )
        rules = [(LEASE_OUT, "has a lease")]
        if device in layout.ports:
            rules.append(("ether saddr != @router_macs accept", "stays on the bridge"))
        rules.append(("jump judge_out", "to the LAN"))
        lines += _rules(NETDEV, chain, rules)
    return lines
