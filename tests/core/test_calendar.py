"""Day types: the week, runs of dates over it, and which of several runs wins."""

from datetime import date
from itertools import permutations

import pytest

from guardian.core.calendar import day_type
from guardian.core.model import Calendar, CalendarDay


def run(first: str, last: str, kind: str) -> CalendarDay:
    return CalendarDay(
        first=date.fromisoformat(first), last=date.fromisoformat(last), day_type=kind
    )


SUMMER = run("2026-07-06", "2026-08-14", "holiday")
CAMP = run("2026-07-13", "2026-07-17", "camp")
LATER_CAMP = run("2026-07-15", "2026-07-19", "trip")
ONE_DAY = run("2026-07-16", "2026-07-16", "birthday")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-06-29", "school"),  # Monday
        ("2026-07-03", "school"),  # Friday
        ("2026-07-04", "weekend"),
        ("2026-07-05", "weekend"),
        ("2026-07-06", "holiday"),  # the first date belongs to the run
        ("2026-07-11", "holiday"),  # a run beats a Saturday
        ("2026-07-13", "camp"),  # the shorter run beats the longer
        ("2026-07-15", "trip"),  # equally short: the one that begins later
        ("2026-07-16", "birthday"),
        ("2026-07-17", "trip"),
        ("2026-07-19", "trip"),
        ("2026-07-20", "holiday"),
        ("2026-08-14", "holiday"),  # so does the last date
        ("2026-08-15", "weekend"),
    ],
)
def test_shortest_run_wins_whatever_the_order(day: str, expected: str) -> None:
    for days in permutations((SUMMER, CAMP, LATER_CAMP, ONE_DAY)):
        assert day_type(Calendar(days=days), date.fromisoformat(day)) == expected


def test_same_run_twice_goes_by_name() -> None:
    twins = run("2026-05-01", "2026-05-01", "b"), run("2026-05-01", "2026-05-01", "a")
    for days in (twins, twins[::-1]):
        assert day_type(Calendar(days=days), date(2026, 5, 1)) == "a"


def test_week_begins_on_monday() -> None:
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    calendar = Calendar(week=week)
    found = tuple(day_type(calendar, date(2026, 3, 2 + i)) for i in range(7))
    assert found == week
