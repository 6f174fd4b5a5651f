"""Windows in Berlin's two odd nights, worked by hand.

Berlin 2026: on 29 March 02:00 CET is followed by 03:00 CEST (01:00 UTC), on 25 October
03:00 CEST by 02:00 CET (01:00 UTC). Both are Sundays.
"""

from datetime import datetime, timedelta

from guardian.core import schedule

from .wall import BEDTIME, BERLIN, CALENDAR, NIGHT, line, window


class TestSpring:
    """29 March 2026: the hour from 02:00 to 03:00 does not exist."""

    def test_night_is_an_hour_shorter(self) -> None:
        assert line((NIGHT,), "2026-03-28T12:00", timedelta(days=2)) == [
            ("2026-03-28T13:00+01:00", ""),
            ("2026-03-28T21:00+01:00", "night"),
            ("2026-03-29T06:30+02:00", ""),
            ("2026-03-29T21:00+02:00", "night"),
            ("2026-03-30T06:30+02:00", ""),
        ]

    def test_start_in_the_lost_hour_opens_at_the_first_minute_there_is(self) -> None:
        late = window("late", "02:20", "04:00")
        assert line((late,), "2026-03-29T00:00") == [
            ("2026-03-29T01:00+01:00", ""),
            ("2026-03-29T03:00+02:00", "late"),
            ("2026-03-29T04:00+02:00", ""),
        ]

    def test_end_in_the_lost_hour_closes_there(self) -> None:
        early = window("early", "01:00", "02:40")
        assert line((early,), "2026-03-28T22:00", timedelta(hours=12)) == [
            ("2026-03-28T23:00+01:00", ""),
            ("2026-03-29T01:00+01:00", "early"),
            ("2026-03-29T03:00+02:00", ""),
        ]

    def test_window_wholly_in_the_lost_hour_never_comes(self) -> None:
        lost = window("lost", "02:00", "03:00")
        assert line((lost,), "2026-03-28T22:00", timedelta(hours=24)) == [
            ("2026-03-28T23:00+01:00", "")
        ]

    def test_lost_hour_of_the_evening_before(self) -> None:
        tail = window("tail", "22:00", "26:30")
        assert line((tail,), "2026-03-28T22:00", timedelta(hours=12)) == [
            ("2026-03-28T23:00+01:00", "tail"),
            ("2026-03-29T03:00+02:00", ""),
        ]


class TestAutumn:
    """25 October 2026: the hour from 02:00 to 03:00 comes twice."""

    def test_night_is_an_hour_longer(self) -> None:
        assert line((NIGHT,), "2026-10-24T12:00", timedelta(days=1)) == [
            ("2026-10-24T14:00+02:00", ""),
            ("2026-10-24T21:00+02:00", "night"),
            ("2026-10-25T06:30+01:00", ""),
        ]

    def test_window_in_the_doubled_hour_comes_twice(self) -> None:
        double = window("double", "02:10", "02:40")
        assert line((double,), "2026-10-24T22:00", timedelta(hours=12)) == [
            ("2026-10-25T00:00+02:00", ""),
            ("2026-10-25T02:10+02:00", "double"),
            ("2026-10-25T02:40+02:00", ""),
            ("2026-10-25T02:10+01:00", "double"),
            ("2026-10-25T02:40+01:00", ""),
        ]

    def test_end_in_the_doubled_hour_comes_twice(self) -> None:
        early = window("early", "01:00", "02:30")
        assert line((early,), "2026-10-24T22:00", timedelta(hours=12)) == [
            ("2026-10-25T00:00+02:00", ""),
            ("2026-10-25T01:00+02:00", "early"),
            ("2026-10-25T02:30+02:00", ""),
            ("2026-10-25T02:00+01:00", "early"),
            ("2026-10-25T02:30+01:00", ""),
        ]

    def test_fold_tells_the_two_readings_apart(self) -> None:
        early = (window("early", "01:00", "02:30"),)
        first = datetime(2026, 10, 25, 2, 15, tzinfo=BERLIN)
        second = first.replace(fold=1)
        bed = frozenset({BEDTIME})
        args = early, (), CALENDAR, BERLIN
        # Compared as text: a repeated reading equals no datetime of another zone.
        found = schedule.next_open(*args, bed, first)
        assert found is not None and found.isoformat() == "2026-10-25T02:30:00+02:00"
        found = schedule.next_open(*args, bed, second)
        assert found is not None and found.isoformat() == "2026-10-25T02:30:00+01:00"
        assert found.fold == 1 and found.tzinfo is BERLIN
