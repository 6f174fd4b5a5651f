"""Run benchmarks by name; see packaging/bench, which people call."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from typing import Any

from ..lab.home import requirements
from .figures import Figure
from .machine import describe

NAMES = (
    "throughput",
    "pause",
    "lease",
    "plan",
    "memory",
    "start",
    "dns_codec",
    "dns",
    "index",
    "lists",
    "web",
)
# Above this something else uses the CPUs, and times are longer than they would be.
BUSY_LOAD = 1.0


def main() -> int:
    """Measure what was asked for and print it."""
    parser = argparse.ArgumentParser(prog="packaging/bench", description=__doc__)
    parser.add_argument("name", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="only show that it runs")
    args = parser.parse_args()
    unknown = sorted(set(args.name) - set(NAMES))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if reasons := requirements():
        print("bench: cannot run here:", *reasons, sep="\n  ", file=sys.stderr)
        return 1
    machine = describe()
    if not args.json:
        _introduce(machine, args.quick)
    report: dict[str, Any] = {"machine": machine, "quick": args.quick}
    for name in args.name or NAMES:
        begun = time.monotonic()
        measure = importlib.import_module(f".{name}", __package__).measure
        figures: list[Figure] = measure(quick=args.quick)
        report[name] = {figure.what: figure.as_json() for figure in figures}
        if len(report[name]) < len(figures):
            raise RuntimeError(f"{name}: two figures of one name")
        if not args.json:
            print(f"{name} ({time.monotonic() - begun:.0f} s)")
            print(*(figure.as_line() for figure in figures), sep="\n", flush=True)
    if args.json:
        print(json.dumps(report, indent=1))
    return 0


def _introduce(machine: dict[str, Any], quick: bool) -> None:
    for key, value in machine.items():
        print(f"{key:<12} {value}")
    if machine["load_before"] > BUSY_LOAD:
        print("NOTE         the machine is busy: times are longer than they would be")
    if quick:
        print("NOTE         --quick: too few measurements to mean anything")
    print(f"\n  {'':<62} {'value':>9} {'':<9} {'quartiles':<16} target", flush=True)


if __name__ == "__main__":
    sys.exit(main())
