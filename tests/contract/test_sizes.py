"""Modules stay small enough to be read in one go."""

import statistics

from .tree import ROOT, modules

LARGEST = 600
NINTH_DECILE = 500
MEDIAN = 200

# Module above LARGEST: the reason. Only ever shorter.
EXCEPTIONS: dict[str, str] = {}


def lines() -> dict[str, int]:
    """Return the number of lines of every module that has any."""
    counted = {str(p): len((ROOT / p).read_text().splitlines()) for p in modules()}
    return {path: count for path, count in counted.items() if count}


def test_no_module_is_too_long() -> None:
    long = {path: count for path, count in lines().items() if count > LARGEST}
    assert {p: n for p, n in long.items() if p not in EXCEPTIONS} == {}
    assert sorted(set(EXCEPTIONS) - set(long)) == [], "short now: take it out"


def test_long_modules_are_rare() -> None:
    counts = sorted(lines().values())
    assert statistics.quantiles(counts, n=10, method="inclusive")[-1] < NINTH_DECILE


def test_the_usual_module_is_short() -> None:
    assert statistics.median(lines().values()) <= MEDIAN
