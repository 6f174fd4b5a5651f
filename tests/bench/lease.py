"""How exactly a lease ends, with the daemon alive and dead.

At night a grant opens the child until an instant; the last packet of each flow is
compared with that instant. A flow is one trial: TCP and UDP, IPv4 and IPv6.
"""

from __future__ import annotations

import contextlib
import time
from datetime import datetime, timedelta

from ..lab.guard import MACS, Guard
from ..lab.home import Home
from . import family
from .figures import Figure, percentiles

# Four flows each.
ROUNDS = 25
RATE = 500.0
# A busy machine needs longer to start the flows: then it grows.
AHEAD_S, AHEAD_MAX_S = 1.2, 10.0
QUIET_S = 0.25
TARGET_MS = 1000.0


def measure(*, quick: bool) -> list[Figure]:
    """Return p50 and p99 of the lateness, for the daemon alive and killed before."""
    figures: list[Figure] = []
    with Home("bench", macs=MACS) as home:
        guard = Guard(home, family.household(10), now=family.NIGHT).start()
        guard.household = None
        for alive in (True, False):
            late: list[float] = []
            ahead = AHEAD_S
            rounds = 1 if quick else ROUNDS
            while len(late) < 4 * rounds:
                found = _round(home, guard, alive, ahead)
                late += found
                if not found and (ahead := ahead * 1.5) > AHEAD_MAX_S:
                    raise RuntimeError("the flows never ran before the lease ended")
            state = "alive" if alive else "dead"
            figures += percentiles(
                f"end of a lease to the last packet, daemon {state}",
                late,
                "ms",
                at_most=TARGET_MS,
            )
            early = min(late)
            figures.append(
                Figure(
                    what=f"earliest end against the instant, daemon {state}",
                    value=early,
                    unit="ms",
                    of=len(late),
                )
            )
    return figures


def _round(home: Home, guard: Guard, alive: bool, ahead: float) -> list[float]:
    """Return how late each flow ended, ms; nothing if they did not run in time."""
    before = time.monotonic()
    told = datetime.fromisoformat(guard.call("status")["clock"]["now"])
    # The daemon read its clock between the two.
    read = (before + time.monotonic()) / 2
    until = told + timedelta(seconds=ahead)
    guard.call("grant", person="child0", until=until.isoformat())
    flows = [
        home.flow("tablet", kind, "chat", f, rate=RATE)
        for f in (4, 6)
        for kind in ("tcp-chat", "udp-call")
    ]
    ends = read + ahead
    with contextlib.suppress(TimeoutError):
        for flow in flows:
            flow.wait_running(max(0.1, ends - time.monotonic()))
    in_time = time.monotonic() < ends - 0.1
    if not alive:
        guard.kill()
    time.sleep(max(0.0, ends + QUIET_S - time.monotonic()))
    late = [1000 * (flow.last_received() - ends) for flow in flows]
    for flow in flows:
        flow.close()
    if not alive:
        # The clock goes on, or the grant before would hold again.
        now = told + timedelta(seconds=time.monotonic() - read)
        guard.start(now=now.isoformat(timespec="milliseconds"))
    return late if in_time else []
