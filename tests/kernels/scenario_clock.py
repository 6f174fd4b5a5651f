"""The machine's clock is set while the daemon runs: the rules follow at once.

Here and not in the lab, since a clock cannot be set for one namespace alone.
"""

import re
import time
from datetime import datetime, timedelta

from .guest import Report, await_true, run as program
from .guest_daemon import AFTERNOON, BEDTIME, Daemon
from .guest_home import TABLET, Home
from .guest_rules import Ending, begin, stops, told

HOUR = timedelta(hours=1)


def run(report: Report) -> None:
    """Set the clock back, then forward past bedtime."""
    home = Home()
    report.step(home.ready(), "the home works without rules")
    _set(AFTERNOON)
    with Daemon() as daemon:
        daemon.start()
        daemon.ctl("clock", "confirm")
        watched = begin(home)
        report.step(*told(watched.child, "flows run in the afternoon"))
        before = _left()
        _set(AFTERNOON - HOUR)
        time.sleep(1)
        after = _left()
        report.step(
            0 < after <= before,
            "an hour back: the lease goes on and is not lengthened",
            f"{before} s, then {after} s",
        )
        set_at = time.monotonic()
        _set(BEDTIME + HOUR)
        ends = Ending(set_at, time.monotonic())
        stops(report, watched, ends, "forward past bedtime")
        reason = daemon.reason()
        report.step(reason == "BEDTIME", "explain tells the reason", reason)
        _set(AFTERNOON)
        opened = await_true(lambda: _left() > 0)
        report.step(opened, "set right again: the afternoon is open")


def _set(moment: datetime) -> None:
    time.clock_settime(time.CLOCK_REALTIME, moment.timestamp())


def _left() -> int:
    """Return how many seconds the tablet's lease has left, 0 without one."""
    listing = program("nft list set inet guardian permit")
    found = re.search(
        rf"{TABLET}\s[^,}}]*expires (?:(\d+)h)?(?:(\d+)m)?(\d+)s", listing
    )
    if found is None:
        return 0
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (hours * 60 + minutes) * 60 + seconds
