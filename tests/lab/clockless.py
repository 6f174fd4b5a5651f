"""guardiand on a machine whose clock a test sets: a script, its arguments those of it.

usage: clockless.py FILE [GUARDIAND'S OPTIONS...]

FILE holds {"ahead": seconds, "synchronised": bool}, read anew at each look: how far the
machine's wall clock is ahead of the real one, and whether the kernel calls it right.
All else is the real daemon; the monotonic clock and the kernel's timers stay real.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from pathlib import Path

from guardian import daemon
from guardian.shell.clock import Clock, Machine


def main() -> int:
    """Run the daemon with that machine's clock."""
    file = Path(sys.argv[1])

    def said(key: str) -> float:
        return float(json.loads(file.read_text())[key])

    machine = Machine(
        wall=lambda: time.time() + said("ahead"),
        synchronised=lambda: bool(said("synchronised")),
        rtc=file.with_name("no-clock-chip"),
        synced=(),
    )
    daemon.Clock = functools.partial(Clock, machine=machine)  # type: ignore[misc]
    return daemon.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
