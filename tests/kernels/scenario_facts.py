"""What this kernel's nftables takes, as far as our rules lean on it.

A step is something the rules rely on; a note is something in which kernels differ, said
so that a surprise elsewhere can be looked up here.
"""

import re
import time

from .guest import Report, ip, nft, refused, run as program

SETS = """
 set permit { type ether_addr; flags timeout; }
 set reach4 { type ether_addr . ipv4_addr; flags timeout; }
 set reach6 { type ether_addr . ipv6_addr; flags timeout; }
 set names { type ifname; flags timeout; }
"""
REFUSE = """
 chain refuse {
  meta l4proto tcp reject with tcp reset
  reject with icmpx admin-prohibited
 }
"""
JUDGE = REFUSE + """
 chain judge {
  ether saddr @permit accept
  ether saddr . ip daddr @reach4 accept
  ether saddr . ip6 daddr @reach6 accept
  ether saddr != @permit iifname @names accept
  meta l4proto { tcp, udp } th dport 53 accept
  goto refuse
 }
"""
FORWARD = """
 chain forward { type filter hook forward priority -10; policy accept;
  ct state established,related accept
  iifname { "d0", "absent" } jump judge
 }
"""


def inet(*parts: str) -> str:
    """Return a fresh inet table made of `parts`."""
    return (
        "add table inet t\ndelete table inet t\ntable inet t {" + "".join(parts) + "}"
    )


def netdev(*parts: str) -> str:
    """Return a fresh netdev table made of `parts`."""
    return (
        "add table netdev t\ndelete table netdev t\n"
        "table netdev t {" + "".join(parts) + "}"
    )


def base(hook: str, device: str, rules: str, *, priority: int = -100) -> str:
    """Return a base chain `c_DEVICE` on a device."""
    return (
        f' chain c_{device} {{ type filter hook {hook} device "{device}" '
        f"priority {priority}; policy accept; {rules}; }}\n"
    )


def run(report: Report) -> None:
    """Load one construct after the other."""
    ip("link add d0 type dummy\nlink set d0 up\nlink add b0 type bridge\n")
    _constructs(report)
    _again(report)
    _devices(report)
    _timeouts(report)
    _flow_tables(report)


def _constructs(report: Report) -> None:
    ingress = base("ingress", "d0", "jump judge")
    needed = {
        "ingress and forward jump to one chain with reject": inet(
            SETS, JUDGE, FORWARD, ingress
        ),
        "ingress on a bridge": inet(SETS, JUDGE, base("ingress", "b0", "jump judge")),
        "egress with RST and ICMP exceptions": netdev(
            SETS,
            base(
                "egress",
                "d0",
                "tcp flags & rst == rst accept; "
                "icmp type destination-unreachable accept; "
                "icmpv6 type destination-unreachable accept; "
                "ether daddr & 01:00:00:00:00:00 != 00:00:00:00:00:00 accept; "
                "ether daddr != @permit oifname @names accept; "
                "ether type != { ip, ip6 } accept; drop",
                priority=0,
            ),
        ),
    }
    for text, rules in needed.items():
        found = refused(rules)
        report.step(not found, f"loads: {text}", found)
    curious = {
        "inet ingress: ct state": inet(base("ingress", "d0", "ct state new accept")),
        "inet ingress: fib": inet(base("ingress", "d0", "fib daddr type local accept")),
        "netdev ingress: pkttype set": netdev(
            base("ingress", "d0", "meta pkttype set host")
        ),
        "inet ingress: pkttype set": inet(
            base("ingress", "d0", "meta pkttype set host")
        ),
        "netdev ingress: fib": netdev(
            base("ingress", "d0", "fib daddr type local accept")
        ),
        "netdev ingress: reject": netdev(
            base("ingress", "d0", "reject with icmpx admin-prohibited")
        ),
        "netdev egress: reject": netdev(
            base("egress", "d0", "reject with icmpx admin-prohibited")
        ),
        "netdev egress: ct state": netdev(base("egress", "d0", "ct state new accept")),
        "inet egress": inet(base("egress", "d0", "accept")),
        "netdev ingress on two devices": netdev(
            " chain c { type filter hook ingress devices = { d0, b0 } priority 0; }\n"
        ),
        "inet ingress on two devices": inet(
            " chain c { type filter hook ingress devices = { d0, b0 } priority 0; }\n"
        ),
        "destroy table": "destroy table inet t",
        "redirect by map": inet(
            " map ports { type ether_addr : inet_service; flags timeout; }\n"
            " chain dns { type nat hook prerouting priority -170;\n"
            "  meta l4proto { tcp, udp } th dport 53 redirect to :ether saddr "
            "map @ports; }\n"
        ),
    }
    for text, rules in curious.items():
        _tell(report, text, rules)


def _again(report: Report) -> None:
    """The same base chain, sets and rules once more, in one transaction."""
    add = (
        "add table inet t\n"
        "add set inet t permit { type ether_addr; flags timeout; }\n"
        "add chain inet t refuse\nflush chain inet t refuse\n"
        "add rule inet t refuse reject with icmpx admin-prohibited\n"
        'add chain inet t c_d0 { type filter hook ingress device "d0" '
        "priority -100; policy accept; }\n"
        "flush chain inet t c_d0\nadd rule inet t c_d0 jump refuse\n"
    )
    nft("add table inet t\ndelete table inet t\n")
    nft(add)
    nft("add element inet t permit { 02:00:00:00:00:01 timeout 60s }")
    found = refused(add)
    report.step(not found, "the same transaction again is taken", found)
    listing = program("nft list table inet t")
    report.step(
        "02:00:00:00:00:01" in listing and listing.count("jump refuse") == 1,
        "elements stay, rules are not doubled",
    )
    _tell(
        report,
        "the same chain on another device",
        'add chain inet t c_d0 { type filter hook ingress device "b0" priority -100; }',
    )
    report.note("its devices then", " ".join(_devices_of()))


def _devices_of() -> list[str]:
    listing = program("nft list chains")
    return re.findall(r"devices?(?: = {)? (\S.*?) (?:}|priority)", listing)


def _tell(report: Report, text: str, rules: str) -> None:
    """Note whether some rules are taken."""
    found = refused(rules)
    report.note(f"{text}: {'refused' if found else 'taken'}", found)


def _devices(report: Report) -> None:
    """A device that is missing, that goes, that comes back."""
    nft("add table inet t\ndelete table inet t\n")
    _tell(
        report,
        "chain on a missing device",
        inet(REFUSE, base("ingress", "absent", "jump refuse")),
    )
    chain = base("ingress", "d0", "jump refuse")
    nft(inet(REFUSE, chain))
    nft(netdev(base("egress", "d0", "drop", priority=0)))
    ip("link del d0")
    chains = "table inet t {" + chain + "}\n"
    chains += "table netdev t {" + base("egress", "d0", "drop", priority=0) + "}"
    for family in ("inet", "netdev"):
        there = "c_d0" in program(f"nft list table {family} t")
        state = "there" if there else "gone"
        report.note(f"{family} chain after its device went: {state}")
        report.note(
            "listed as", " ".join(program(f"nft -j list chains {family}").split())
        )
    ip("link add d0 type dummy\nlink set d0 up\n")
    found = refused(chains)
    report.step(not found, "chains can be added when the device is back", found)
    names = _devices_of()
    report.step(
        [name.strip('"') for name in names] == ["d0", "d0"],
        "and are on it",
        " ".join(names),
    )
    ip("link del d0")
    for family in ("inet", "netdev"):
        _tell(
            report,
            f"{family} delete chain after its device went",
            f"delete chain {family} t c_d0",
        )
        _tell(report, f"{family} destroy chain", f"destroy chain {family} t c_d0")
    _tell(
        report,
        "add+delete of a chain on a missing device",
        "add chain inet t c_d0 { type filter hook ingress device d0 priority -100; }\n"
        "delete chain inet t c_d0\n",
    )
    ip("link add d0 type dummy\nlink set d0 up\n")
    nft(chains)
    ip("link set d0 down\nlink set d0 name d1\nlink set d1 up\n")
    report.note("device renamed d0 to d1, chains now name", " ".join(_devices_of()))
    _tell(report, "delete chain after the rename", "delete chain inet t c_d0")
    ip("link set d1 down\nlink set d1 name d0\nlink set d0 up\n")


def _timeouts(report: Report) -> None:
    """Change the time an element has left."""
    nft(inet(SETS))
    key = "02:00:00:00:00:01"
    nft(f"add element inet t permit {{ {key} timeout 60s }}")
    nft(f"add element inet t permit {{ {key} timeout 600s }}")
    report.note("add again, 60 s to 600 s: now", f"{_left(key)} s")
    renew = (
        f"add element inet t permit {{ {key} timeout 1s }}\n"
        f"delete element inet t permit {{ {key} }}\n"
        f"add element inet t permit {{ {key} timeout %ds }}\n"
    )
    nft(renew % 600)
    left = _left(key)
    report.step(left > 500, "add+delete+add lengthens", f"{left} s")
    nft(renew % 5)
    left = _left(key)
    report.step(0 < left <= 5, "add+delete+add shortens", f"{left} s")
    nft(renew % 1)
    time.sleep(1.2)
    _tell(
        report,
        "bare delete of an expired element",
        f"delete element inet t permit {{ {key} }}",
    )
    found = refused(renew % 60)
    report.step(not found and _left(key) > 50, "add+delete+add after expiry", found)
    found = refused(
        f"add element inet t permit {{ {key} }}\n"
        f"delete element inet t permit {{ {key} }}\n"
        f"add element inet t permit {{ {key} }}\n"
    )
    report.step(
        not found and "timeout" not in _element(key),
        "add+delete+add makes it permanent",
        found or _element(key),
    )
    nft(renew % 60)
    report.step(_left(key) > 50, "and gives it an end again")
    _tell(report, "destroy element", f"destroy element inet t permit {{ {key} }}")


def _element(key: str) -> str:
    listing = program("nft list set inet t permit")
    found = re.search(rf"{key}[^,}}\n]*", listing)
    return found[0] if found else ""


def _left(key: str) -> int:
    """Return the whole seconds an element has left, 0 if it has none."""
    found = re.search(r"expires (?:(\d+)m)?(?:(\d+)s)?", _element(key))
    return int(found[1] or 0) * 60 + int(found[2] or 0) if found else 0


def _flow_tables(report: Report) -> None:
    found = refused(
        inet(
            " flowtable ft { hook ingress priority 0; devices = { d0, b0 };\n"
            "  counter; }\n"
            " chain forward { type filter hook forward priority 0;\n"
            "  meta l4proto { tcp, udp } flow add @ft; }\n"
        )
    )
    report.step(not found, "a flow table with a counter loads", found)
    ip("link del d0")
    there = "d0" in program("nft list flowtables")
    report.note(
        f"flow table after its device went: {'names' if there else 'forgets'} it"
    )
