"""The product's rules with hooks on the bridge: leases, refusals, help, both families.

No daemon runs: every element is written here, every end is the kernel's.
"""

from .guest import Report, await_true, ip, nft, wait_until
from .guest_home import HELP, LAN, SERVER, TABLET, Home
from .guest_rules import (
    begin,
    lease,
    load,
    refuses,
    renewal,
    running,
    set_up_people,
    stops,
    told,
)


def run(report: Report) -> None:
    """Go through an evening."""
    home = Home()
    report.step(home.ready(), "the home works without rules")
    load()
    set_up_people()
    report.step(True, "the rules load")
    refuses(report, home, "no lease")
    _reach(report, home)
    _evening(report, home)
    _bridge_again(report, home)


def _reach(report: Report, home: Home) -> None:
    nft(renewal("reach4", f"{TABLET} . {SERVER[0]}", 60))
    nft(renewal("reach6", f"{TABLET} . {SERVER[1]}", 60))
    lost = [
        f"{kind} {address}"
        for kind in ("tcp", "udp")
        for address in SERVER
        if not home.reaches(home.tablet, address, kind)
    ]
    report.step(
        not lost, "an address in reach is reached without lease", " ".join(lost)
    )
    nft(renewal("reach4", f"{TABLET} . {SERVER[0]}", 0.001))
    nft(renewal("reach6", f"{TABLET} . {SERVER[1]}", 0.001))
    report.step(
        not any(home.reaches(home.tablet, a) for a in SERVER), "and its time can end"
    )


def _evening(report: Report, home: Home) -> None:
    lease(300)
    watched = begin(home)
    report.step(*told(watched.child + watched.others, "flows run under a lease"))
    first = lease(4)
    wait_until(first.after - 2.5)
    ends = lease(5)
    stops(report, watched, ends, "lease shortened, then renewed")
    early = [f.name for f in watched.child if f.ended() < first.by + 0.5]
    report.step(not early, "the renewed lease outlived the first", " ".join(early))
    lease(300)
    stuck = running([f for f in watched.child if f.name.startswith("call")])
    report.step(not stuck, "the same UDP calls go on with a new lease", " ".join(stuck))
    home.traffic.end(watched.child + watched.others)


def _bridge_again(report: Report, home: Home) -> None:
    """The bridge is deleted and made anew while the tablet has no lease."""
    lease(0.001)
    ip(f"link del {LAN}")
    home.wire_bridge()
    ready = await_true(lambda: all(home.reaches(home.tablet, a) for a in HELP))
    report.step(ready, "bridge back, nobody hooks it: help is reached")
    refuses(report, home, "bridge back, nobody hooks it")
    load(hooked=False)
    refuses(report, home, "bridge known to have no hooks", helped=False)
    home.filter_bridged(True)
    refuses(report, home, "the same with br_netfilter", helped=False)
    load()
    refuses(report, home, "bridge hooked again, br_netfilter")
    home.filter_bridged(False)
    lease(300)
    report.step(home.reaches(home.tablet, SERVER[0]), "a new lease opens it again")
    watched = begin(home)
    report.step(*told(watched.child, "flows run on the new bridge"))
    stops(report, watched, lease(2), "lease on the new bridge")
