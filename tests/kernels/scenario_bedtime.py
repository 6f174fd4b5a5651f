"""Bedtime with the daemon alive: offloaded flows end.

The flow table is on the bridge's ports, where the daemon has to find it.
"""

from .guest import Report
from .guest_daemon import BEDTIME, Daemon
from .guest_home import PORTS, Home
from .guest_rules import offloaded, refuses, stops


def run(report: Report) -> None:
    """Wait for bedtime."""
    home = Home()
    report.step(home.ready(), "the home works without rules")
    home.offload(PORTS)
    with Daemon() as daemon:
        ends = daemon.start_before_bedtime(home)
        report.step(daemon.help_is_kept(), "the daemon keeps help's addresses")
        watched = offloaded(report, home, "flow table on the ports")
        stops(report, watched, ends, f"bedtime, {BEDTIME:%H:%M}")
        reason = daemon.reason()
        report.step(reason == "BEDTIME", "explain tells the reason", reason)
        home.traffic.end(watched.child)
        refuses(report, home, "after bedtime")
