"""From "pause" on the control socket to the last packet of flows that are running."""

from __future__ import annotations

import time

from ..lab.flows import Flow
from ..lab.guard import MACS, Guard
from ..lab.home import Home
from . import family
from .figures import Figure, percentiles

TRIALS = 100
RATE = 500.0
QUIET_S = 0.12
TARGET_MS = 100.0


def measure(*, quick: bool) -> list[Figure]:
    """Return p50 and p99 for TCP and UDP, both families, and of the call itself."""
    found: dict[str, list[float]] = {"tcp": [], "udp": []}
    calls: list[float] = []
    with Home("bench", macs=MACS) as home:
        guard = Guard(home, family.household(10), now=family.AFTERNOON).start()
        calls_udp = [
            home.flow("tablet", "udp-call", "chat", f, rate=RATE) for f in (4, 6)
        ]
        for _ in range(2 if quick else TRIALS):
            streams = [
                home.flow("tablet", "tcp-chat", "video", f, rate=RATE) for f in (4, 6)
            ]
            for flow in (*streams, *calls_udp):
                flow.wait_running()
                home.wait(flow.alive, "the flow to run again")
            begun = time.monotonic()
            guard.call("pause", person="child0", span="5m")
            calls.append(1000 * (time.monotonic() - begun))
            time.sleep(QUIET_S)
            found["tcp"] += [after_ms(flow, begun) for flow in streams]
            found["udp"] += [after_ms(flow, begun) for flow in calls_udp]
            guard.call("resume", person="child0")
            for flow in streams:
                flow.close()
    figures = [
        figure
        for kind, values in found.items()
        for figure in percentiles(
            f"pause to the last {kind} packet", values, "ms", at_most=TARGET_MS
        )
    ]
    return [*figures, *percentiles("the pause verb itself", calls, "ms")]


def after_ms(flow: Flow, moment: float) -> float:
    """Return how long after `moment` a flow's last packet arrived; at least 0."""
    return max(0.0, 1000 * (flow.last_received() - moment))
