"""Bedtime with the daemon killed before: the kernel keeps the leases' ends.

The flow table is on the bridge's ports; the daemon set its hooks while it lived.
"""

import time

from .guest import Report
from .guest_daemon import BEDTIME, Daemon
from .guest_home import PORTS, Home
from .guest_rules import offloaded, refuses, stops


def run(report: Report) -> None:
    """Kill the daemon and wait for bedtime."""
    home = Home()
    report.step(home.ready(), "the home works without rules")
    home.offload(PORTS)
    with Daemon() as daemon:
        ends = daemon.start_before_bedtime(home)
        report.step(daemon.help_is_kept(), "the daemon keeps help's addresses")
        watched = offloaded(report, home, "flow table on the ports")
        daemon.kill()
        left = ends.by - time.monotonic()
        report.step(
            left > 0, f"the daemon is killed {left:.0f} s before {BEDTIME:%H:%M}"
        )
        stops(report, watched, ends, "bedtime without a daemon")
        home.traffic.end(watched.child)
        refuses(report, home, "without a daemon")
