"""Day types: the week, runs of dates over it, and which of several runs wins."""

from datetime import date, timedelta
from itertools import permutations

import pytest

from guardian.core.calendar import DAYS_MAX, add_days, day_type, drop_day, set_week
from guardian.core.errors import GuardianError
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


def test_runs_are_added_once_and_in_order() -> None:
    made = add_days(add_days(Calendar(), [SUMMER]), [CAMP, ONE_DAY, SUMMER])
    assert made.days == (SUMMER, CAMP, ONE_DAY)
    many = [
        CalendarDay(first=day, last=day, day_type="holiday")
        for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(DAYS_MAX))
    ]
    full = add_days(Calendar(), many)
    assert add_days(full, many) == full
    with pytest.raises(GuardianError, match="too-many-days"):
        add_days(full, [SUMMER])


def test_a_run_is_dropped_by_all_that_it_says() -> None:
    calendar = Calendar(days=(SUMMER, CAMP))
    dropped = drop_day(calendar, CAMP.first, CAMP.last, "camp")
    assert dropped == Calendar(days=(SUMMER,))
    for first, last, kind in (
        (CAMP.first, CAMP.last, "trip"),
        (CAMP.first, SUMMER.last, "camp"),
    ):
        with pytest.raises(GuardianError, match="no-such-day"):
            drop_day(calendar, first, last, kind)


def test_a_week_is_seven_ids() -> None:
    week = ("free", *("school",) * 6)
    changed = set_week(Calendar(days=(SUMMER,)), week)
    assert changed == Calendar(week=week, days=(SUMMER,))
    with pytest.raises(ValueError, match="calendar-week-not-seven"):
        set_week(Calendar(), week[:6])
    with pytest.raises(ValueError, match="bad-id"):
        set_week(Calendar(), [*week[:6], "A day"])
