"""One day otherwise: exceptions to windows, worked by hand."""

from datetime import timedelta

import pytest

from guardian.core import schedule
from guardian.core.model import Calendar, WindowException

from .wall import BERLIN, CALENDAR, HOMEWORK, NIGHT, change, line, utc, window


class TestExceptions:
    """Tuesday 2026-03-10, an evening by winter time (+01:00)."""

    @pytest.mark.parametrize(
        ("exception", "expected"),
        [
            (change("2026-03-10", start=1320), ["10T22:00", "11T06:30"]),
            (change("2026-03-10", start=1470), ["11T00:30", "11T06:30"]),
            (change("2026-03-10", end=1740), ["10T21:00", "11T05:00"]),
            (change("2026-03-10", start=1200, end=1440), ["10T20:00", "11T00:00"]),
            (change("2026-03-10", off=True), []),
            # 05:00 on the same date is before the start: nothing is left.
            (change("2026-03-10", end=300), []),
            (change("2026-03-10", start=1830), []),
            # Cut at the end of the next date, and at the date's own midnight.
            (change("2026-03-10", end=9999), ["10T21:00", "12T00:00"]),
            (change("2026-03-10", start=-60, end=30), ["10T00:00", "10T00:30"]),
            # Another kind, or a date on which no such window starts.
            (change("2026-03-10", off=True, kind=HOMEWORK), ["10T21:00", "11T06:30"]),
            (change("2026-03-11", start=1200), ["10T21:00", "11T06:30"]),
        ],
    )
    def test_one_night(self, exception: WindowException, expected: list[str]) -> None:
        tuesday = Calendar(week=("a", "a", "school", "a", "a", "a", "a"))
        night = window("night", "21:00", "30:30", days=("school",))
        found = line(
            (night,),
            "2026-03-09T12:00",
            timedelta(days=4),
            exceptions=(exception,),
            calendar=tuesday,
        )
        assert [at[8:16] for at, _ in found[1:]] == expected

    def test_only_that_date(self) -> None:
        found = line(
            (NIGHT,),
            "2026-03-10T12:00",
            timedelta(days=2),
            exceptions=(change("2026-03-10", start=1380),),
        )
        assert [at[8:16] for at, _ in found] == [
            "10T13:00",
            "10T23:00",
            "11T06:30",
            "11T21:00",
            "12T06:30",
        ]

    def test_every_window_of_the_kind_and_no_other(self) -> None:
        windows = (
            window("a", "14:00", "15:00", HOMEWORK),
            window("b", "17:00", "19:00", HOMEWORK),
            NIGHT,
        )
        found = line(
            windows,
            "2026-03-10T12:00",
            timedelta(hours=12),
            exceptions=(change("2026-03-10", start=1080, kind=HOMEWORK),),
        )
        assert [(at[11:16], ids) for at, ids in found] == [
            ("13:00", ""),
            ("18:00", "b"),
            ("19:00", ""),
            ("21:00", "night"),
        ]

    def test_the_last_one_given_holds_whole(self) -> None:
        exceptions = (
            change("2026-03-10", off=True, id="first"),
            change("2026-03-10", off=True, kind=HOMEWORK, id="other"),
            change("2026-03-10", start=1350, id="second"),
        )
        study = window("study", "14:00", "15:00", HOMEWORK)
        found = line(
            (NIGHT, study),
            "2026-03-10T12:00",
            timedelta(hours=20),
            exceptions=exceptions,
        )
        assert [(at[11:16], ids) for at, ids in found] == [
            ("13:00", ""),
            ("22:30", "night"),
            ("06:30", ""),
        ]

    def test_the_window_comes_back_as_it_was_given(self) -> None:
        exceptions = (change("2026-03-10", start=1140),)
        now = utc("2026-03-10T18:30")
        assert schedule.active((NIGHT,), exceptions, CALENDAR, BERLIN, now) == (NIGHT,)
