"""Each pair of device-level rows, tried against each other, stored in both orders.

What makes a row apply is built by itself; put together, the row of the lower rank must
decide, whichever was written first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, permutations

import pytest

from guardian.core.decide import Facts, decide
from guardian.core.explain import explain
from guardian.core.model import Household, Window
from guardian.core.precedence import DEVICE_ROWS, rank
from tests import build
from tests.build import TABLET, at, home

NOW = at("2026-03-27 16:00")
HOUR = timedelta(hours=1)
Make = Callable[[Household], Household]


def with_window(window: Window) -> Make:
    def make(household: Household) -> Household:
        (mia,) = household.people
        windows = (*mia.overrides.windows, window)
        overrides = replace(mia.overrides, windows=windows)
        return replace(household, people=(replace(mia, overrides=overrides),))

    return make


def with_pause(household: Household) -> Household:
    item = build.pause(NOW - HOUR, NOW + HOUR, "mia", f"p{len(household.pauses)}")
    return replace(household, pauses=(*household.pauses, item))


def with_off(household: Household) -> Household:
    return replace(household, off=build.off(NOW - HOUR, NOW + HOUR))


def with_grant(household: Household) -> Household:
    """Give time, and a window for it to lift: without one a grant decides nothing."""
    other = with_window(build.window("10:00-20:00", "offline", name="lifted"))
    item = build.grant(NOW - HOUR, NOW + HOUR)
    return replace(other(household), grants=(*household.grants, item))


MAKERS: dict[str, Make] = {
    "protection-off": with_off,
    "pause": with_pause,
    "grant": with_grant,
    "bedtime": with_window(build.window("12:00-20:00", "bedtime")),
    "offline": with_window(build.window("13:00-20:00", "offline")),
    "homework": with_window(build.window("14:00-20:00", "homework")),
    "default": lambda household: household,
}
# Nothing counts usage yet, so that no household can make this row apply.
NOT_YET = {"budget"}
EMPTY = home(build.child("mia"), devices=(TABLET,), bands=())


def deciding(household: Household) -> str:
    decision = decide(household, TABLET, Facts(), NOW)
    (row,) = [row for row in DEVICE_ROWS if decision.reason in row.reasons]
    assert decision.verdict is row.verdict
    return row.id


def test_every_row_has_its_maker() -> None:
    assert set(MAKERS) | NOT_YET == {row.id for row in DEVICE_ROWS}
    for name, make in MAKERS.items():
        assert deciding(make(EMPTY)) == name


@pytest.mark.parametrize("one, other", list(combinations(MAKERS, 2)))
def test_the_lower_rank_decides_in_both_orders(one: str, other: str) -> None:
    expected = min(one, other, key=rank)
    for first, second in permutations((one, other)):
        assert deciding(MAKERS[second](MAKERS[first](EMPTY))) == expected


def test_all_rows_at_once() -> None:
    for order in permutations(MAKERS):
        household = EMPTY
        for name in order:
            household = MAKERS[name](household)
        assert deciding(household) == "protection-off"


def test_what_nothing_can_make_yet_never_applies() -> None:
    household = EMPTY
    for make in MAKERS.values():
        household = make(household)
    applied = {
        step.row
        for step in explain(household, TABLET, Facts(), NOW).steps
        if step.applies
    }
    assert not applied & NOT_YET
