"""What a benchmark returns, and how it is printed: figures beside their targets.

A figure without a target is there to show how a cost grows.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value.

    at_least, at_most: the target of the design, if it has one. of: how many
    measurements the value stands for; low, high: their spread (quartiles).
    """

    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    of: int = 1
    low: float | None = None
    high: float | None = None

    def met(self) -> bool | None:
        """Return whether the target is met; None without one."""
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        return None

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object, without what is not there."""
        fields = {
            key: round(value, 6) if isinstance(value, float) else value
            for key, value in asdict(self).items()
            if value is not None and key != "what"
        }
        met = self.met()
        return fields if met is None else {**fields, "met": met}

    def as_line(self) -> str:
        """Return it as a line of the table."""
        target = ""
        if self.at_least is not None:
            target = f">= {self.at_least:g}"
        if self.at_most is not None:
            target = f"<= {self.at_most:g}"
        word = {True: "met", False: "MISSED", None: ""}[self.met()]
        spread = ""
        if self.low is not None and self.high is not None:
            spread = f"{self.low:.4g}..{self.high:.4g}"
        return (
            f"  {self.what:<62} {self.value:>9.4g} {self.unit:<9}"
            f" {spread:<16} {target:<9} {word}".rstrip()
        )


def median(
    what: str,
    values: Sequence[float],
    unit: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """Return the median of some measurements, with their quartiles."""
    low, middle, high = (
        statistics.quantiles(values, n=4, method="inclusive")
        if len(values) > 1
        else values * 3
    )
    return Figure(
        what=what,
        value=middle,
        unit=unit,
        at_least=at_least,
        at_most=at_most,
        of=len(values),
        low=low,
        high=high,
    )


def percentiles(
    what: str, values: Sequence[float], unit: str, *, at_most: float | None = None
) -> list[Figure]:
    """Return p50, p99 and the largest; the target is for p99."""
    ordered = sorted(values)
    found = {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "max": ordered[-1],
    }
    return [
        Figure(
            what=f"{what}, {name}",
            value=value,
            unit=unit,
            at_most=at_most if name == "p99" else None,
            of=len(ordered),
        )
        for name, value in found.items()
    ]
