"""From the start of the daemon's process to the kernel holding the household."""

from __future__ import annotations

import time
from typing import Any

from guardian.core.errors import ControlError

from ..lab.guard import MACS, Guard
from ..lab.home import Home
from . import family
from .figures import Figure, median

TRIALS = 15
TARGET_S = 1.0
LIFT = "delete table inet guardian\ndelete table netdev guardian\n"


def measure(*, quick: bool) -> list[Figure]:
    """Return the time on a kernel without our tables and on one that has them."""
    figures: list[Figure] = []
    with Home("bench", macs=MACS) as home:
        for size in family.SIZES:
            guard = Guard(home, family.household(size), now=family.AFTERNOON).start()
            guard.stop()
            guard.household = None
            for living in (False, True):
                times = []
                for _ in range(1 if quick else TRIALS):
                    if not living:
                        home.router.run(["nft", "-f", "-"], text_in=LIFT)
                    times.append(_start_s(guard))
                    guard.stop()
                tables = "living tables" if living else "no tables"
                figures.append(
                    median(
                        f"start to enforcing, {size} devices, {tables}",
                        times,
                        "s",
                        at_most=TARGET_S,
                    )
                )
            for path in guard.state_dir.iterdir():
                path.unlink()
    return figures


def _start_s(guard: Guard) -> float:
    """Return when the control socket, opened after the first load, says so."""
    begun = time.monotonic()
    guard.start(wait=False)
    while time.monotonic() < begun + 20:
        try:
            status: Any = guard.call("status")
        except ControlError:
            time.sleep(0.002)
            continue
        if status["enforced"]:
            return time.monotonic() - begun
    raise TimeoutError("the daemon does not enforce")
