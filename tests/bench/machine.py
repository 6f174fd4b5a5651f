"""What the figures were measured on, and how busy it was."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any


def describe() -> dict[str, Any]:
    """Return CPU, kernel, nft, Python and the load before anything ran."""
    nft = subprocess.run(["nft", "--version"], capture_output=True, text=True)
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "cpu": _cpu(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_mb": int(memory) // 1024,
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "nft": nft.stdout.split(" (")[0].strip(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model", "Hardware"):
            return value.strip()
    return platform.processor() or "unknown"


class Busy:
    """How much of all CPUs was used between two calls."""

    def __init__(self) -> None:
        self._before = self._read()

    def share(self) -> float:
        """Return the share since the last call, 0 to 1."""
        now, before = self._read(), self._before
        self._before = now
        total, idle = now[0] - before[0], now[1] - before[1]
        return 1 - idle / total if total else 0.0

    @staticmethod
    def _read() -> tuple[int, int]:
        first = Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
        fields = [int(field) for field in first]
        # proc(5): idle and iowait are the fourth and fifth.
        return sum(fields[:8]), fields[3] + fields[4]
