"""Moments whose distance can be told although a router's clock is set after it starts.

A router without a battery begins in the past and jumps when it learns the time. Ages
within one boot are therefore counted by a clock that never jumps (CLOCK_BOOTTIME,
clock_gettime(2)); only across boots the wall clock has to do.
"""

import functools
import time
from dataclasses import dataclass
from pathlib import Path

# random(4): a new UUID at each boot.
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant by two clocks. wall: POSIX seconds; up: seconds since boot `boot`."""

    wall: int
    boot: str
    up: int

    def since(self, earlier: "Moment") -> int | None:
        """Return the seconds from `earlier` to here.

        None when they cannot be told: another boot, and its wall clock was ahead.
        """
        if self.boot == earlier.boot:
            return max(0, self.up - earlier.up)
        return self.wall - earlier.wall if self.wall >= earlier.wall else None

    @classmethod
    def now(cls) -> "Moment":
        """Return this one, by the clocks of the machine."""
        up = time.clock_gettime(time.CLOCK_BOOTTIME)
        return cls(int(time.time()), _boot(), int(up))


@functools.cache
def _boot() -> str:
    try:
        return _BOOT_ID.read_text().strip()[:8]
    except OSError:
        return ""
