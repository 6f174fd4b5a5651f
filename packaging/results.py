"""Add up what the suites of packaging/check left behind.

usage: results.py suite DIR SUITE    one suite: counts, then failures and skips
       results.py total DIR SUITE... one line: "N passed, N failed[, N skipped]"
       results.py coverage FILE      branch coverage of each pure package

A suite leaves SUITE.xml (pytest's JUnit file, if it ran pytest) and SUITE.parts
(lines "pass WHAT", "fail WHAT", "note TEXT" for the first line, or "exit STATUS" of a
runner that was not content).
Exit status 1 if anything failed, nothing was counted, or a package is below the
floor. Standard library only.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

PURE = ("core", "compile", "wire", "store")
FLOOR_PERCENT = 95.0


@dataclass(frozen=True, slots=True)
class Count:
    """What one suite did; failures and skips as lines for people."""

    passed: int
    failures: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self.passed} passed, {len(self.failures)} failed"
        text += f", {len(self.skips)} skipped" if self.skips else ""
        return text + (f" ({'; '.join(self.notes)})" if self.notes else "")


def count(directory: Path, suite: str) -> Count:
    """Return what `suite` left in `directory`.

    No test, and an exit status that no counted failure explains, are one failure each.
    """
    passed = 0
    failures: list[str] = []
    skips: list[str] = []
    notes: list[str] = []
    report = directory / f"{suite}.xml"
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                failures.append(name)
            elif skip is not None:
                skips.append(f"{name}: {skip.get('message')}")
            else:
                passed += 1
    for line in (directory / f"{suite}.parts").read_text().splitlines():
        verdict, _, what = line.partition(" ")
        if verdict == "pass":
            passed += 1
        elif verdict == "fail":
            failures.append(what)
        elif verdict == "note":
            notes.append(what)
        elif not failures:
            failures.append(f"exit status {what}")
    if not (passed or failures):
        failures.append("nothing ran")
    return Count(passed, tuple(failures), tuple(skips), tuple(notes))


def branches(report: Path) -> dict[str, float]:
    """Return the percentage of branches run, by pure package.

    report: coverage.py's JSON (format 3, branch measurement on). A package without
    branches has 100; one without a measured file has 0.
    """
    files = json.loads(report.read_text())["files"]
    found: dict[str, float] = {}
    for package in PURE:
        inside = [
            file["summary"]
            for name, file in files.items()
            if name.startswith(f"guardian/{package}/")
        ]
        all_of_them = sum(summary["num_branches"] for summary in inside)
        run = sum(summary["covered_branches"] for summary in inside)
        empty = 100.0 if inside else 0.0
        found[package] = 100 * run / all_of_them if all_of_them else empty
    return found


def main(arguments: list[str]) -> int:
    """Print one of the three reports and return the exit status."""
    match arguments:
        case ["suite", directory, suite]:
            one = count(Path(directory), suite)
            print(one)
            for line in one.failures:
                print(f"          failed: {line}")
            for line in one.skips:
                print(f"          skipped: {line}")
            return 1 if one.failures else 0
        case ["total", directory, *suites]:
            counts = [count(Path(directory), suite) for suite in suites]
            total = Count(
                sum(one.passed for one in counts),
                tuple(line for one in counts for line in one.failures),
                tuple(line for one in counts for line in one.skips),
            )
            print(total)
            return 1 if total.failures else 0
        case ["coverage", report]:
            shares = branches(Path(report))
            for package, percent in shares.items():
                print(f"guardian.{package}: {percent:.1f} % of branches")
            low = [name for name, percent in shares.items() if percent < FLOOR_PERCENT]
            if low:
                print(f"below {FLOOR_PERCENT} %: {', '.join(low)}")
            return 1 if low else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
