"""The daemon's resident memory with households of growing size.

Read once it enforces and has gone through each kind of change; PSS counts shared pages
by their share (proc(5), smaps_rollup).
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from ..lab.guard import MACS, Guard
from ..lab.home import Home
from . import family
from .figures import Figure

# The whole of section 9's first three rows may take this, a million names included.
TARGET_MB = 40.0
CHANGES = 20


def measure(*, quick: bool) -> list[Figure]:
    """Return RSS and PSS by size, and RSS after many changes."""
    figures: list[Figure] = []
    with Home("bench", macs=MACS) as home:
        for size in family.SIZES:
            guard = Guard(home, family.household(size), now=family.AFTERNOON).start()
            time.sleep(0.1 if quick else 1.0)
            rss, pss = resident_mb(guard.process)
            figures.append(Figure(what=f"RSS, {size} devices", value=rss, unit="MB"))
            figures.append(
                Figure(
                    what=f"PSS, {size} devices",
                    value=pss,
                    unit="MB",
                    at_most=TARGET_MB,
                )
            )
            for _ in range(2 if quick else CHANGES):
                guard.call("pause", person="child0", span="5m")
                guard.call("resume", person="child0")
                guard.call("apply")
            figures.append(
                Figure(
                    what=f"RSS after {CHANGES} pauses and reloads, {size} devices",
                    value=resident_mb(guard.process)[0],
                    unit="MB",
                )
            )
            guard.stop()
    return figures


def resident_mb(process: subprocess.Popen[bytes] | None) -> tuple[float, float]:
    """Return RSS and PSS of a process that runs, in MB (10^6 bytes)."""
    assert process is not None
    text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    found = {
        line.split(":")[0]: int(line.split()[1]) * 1024 / 1e6
        for line in text.splitlines()[1:]
        if line.startswith(("Rss:", "Pss:"))
    }
    return found["Rss"], found["Pss"]
