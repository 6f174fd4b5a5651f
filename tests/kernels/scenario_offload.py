"""Flows that a flow table has taken out of the kernel's forward path still end in time.

No daemon runs. First the flow table hooks the bridge, then its ports, as a router with
switch hardware does: there hooks on the bridge alone see nothing.
"""

import time

from .guest import Report, nft
from .guest_home import LAN, PORTS, Home
from .guest_rules import (
    lease,
    load,
    offloaded,
    refuses,
    set_up_people,
    stops,
)


def run(report: Report) -> None:
    """Try each place of the flow table and of our hooks."""
    home = Home()
    report.step(home.ready(), "the home works without rules")
    for text, devices, ports in (
        ("flow table on the bridge, hooks on it", (LAN,), ()),
        ("flow table on the ports, hooks on them", PORTS, PORTS),
    ):
        load(ports=ports)
        set_up_people()
        home.offload(devices)
        lease(300)
        watched = offloaded(report, home, text)
        stops(report, watched, lease(2), text)
        home.traffic.end(watched.child + watched.others)
        if ports:
            _told_on_ports(report, home)
        nft("delete table inet fw\ndelete table inet guardian\n")
        nft("delete table netdev guardian\n")
    _blind(report, home)


def _told_on_ports(report: Report, home: Home) -> None:
    """See that a port's hook refuses, UDP too, once the kernel may send again.

    Source: net/ipv4/icmp.c, icmp_ratelimit: one a second and host, six in store; the
    flows of before have used them up.
    """
    time.sleep(7)
    refuses(report, home, "flow table on the ports, hooks on them")


def _blind(report: Report, home: Home) -> None:
    """Show why ports are hooked: without it the lease ends and the flows do not."""
    load()
    set_up_people()
    text = "flow table on the ports, hooks on the bridge"
    home.offload(PORTS)
    lease(300)
    watched = offloaded(report, home, text)
    ends = lease(1)
    time.sleep(3)
    on = [flow.name for flow in watched.child if flow.ended() > ends.by + 1]
    report.note(f"{text}: outlive their lease", " ".join(on) or "none")
