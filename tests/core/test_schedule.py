"""Windows on the wall clock, worked by hand."""

from datetime import date, datetime, timedelta, timezone
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from guardian.core import schedule
from guardian.core.model import Calendar, CalendarDay, Window, WindowKind

from .wall import (
    BEDTIME,
    BERLIN,
    CALENDAR,
    HOMEWORK,
    NIGHT,
    change,
    line,
    utc,
    window,
)

OFFLINE = WindowKind.OFFLINE
ALL = frozenset(WindowKind)


def test_half_open_to_the_second() -> None:
    args = (NIGHT,), (), CALENDAR, BERLIN
    just = timedelta(microseconds=1)
    start = datetime(2026, 3, 10, 21, tzinfo=BERLIN)
    end = datetime(2026, 3, 11, 6, 30, tzinfo=BERLIN)
    assert schedule.active(*args, start - just) == ()
    assert schedule.active(*args, start) == (NIGHT,)
    assert schedule.active(*args, end - just) == (NIGHT,)
    assert schedule.active(*args, end) == ()
    assert schedule.next_boundary(*args, start - just) == start
    assert schedule.next_boundary(*args, start) == end
    assert schedule.next_closed(*args, ALL, start - just) == start
    assert schedule.next_open(*args, ALL, start) == end


def test_closed_already_is_the_next_second() -> None:
    args = (NIGHT,), (), CALENDAR, BERLIN, ALL
    within = datetime(2026, 3, 10, 22, 0, 0, 400_000, tzinfo=BERLIN)
    assert schedule.next_closed(*args, within) == within.replace(
        second=1, microsecond=0
    )
    without = within.replace(hour=12)
    assert schedule.next_open(*args, without) == without.replace(
        second=1, microsecond=0
    )


def test_whole_day_ends_at_midnight() -> None:
    saturday = window("sat", "00:00", "24:00", OFFLINE, ("weekend",))
    assert line((saturday,), "2026-03-06T12:00", timedelta(days=4)) == [
        ("2026-03-06T13:00+01:00", ""),
        ("2026-03-07T00:00+01:00", "sat"),
        ("2026-03-09T00:00+01:00", ""),
    ]


def test_a_night_goes_by_the_day_that_follows() -> None:
    """The nights before Saturday and Sunday; Sunday's is a school night."""
    late = window("late", "23:00", "33:00", days=("weekend",))
    assert line((late,), "2026-03-06T12:00", timedelta(days=4)) == [
        ("2026-03-06T13:00+01:00", ""),
        ("2026-03-06T23:00+01:00", "late"),
        ("2026-03-07T09:00+01:00", ""),
        ("2026-03-07T23:00+01:00", "late"),
        ("2026-03-08T09:00+01:00", ""),
    ]


@pytest.mark.parametrize(
    ("start", "kind", "expected"),
    [
        # A bedtime that starts before noon, and any other kind, goes by its own date.
        ("00:30", BEDTIME, ["07T00:30", "07T08:00", "08T00:30", "08T08:00"]),
        ("11:59", BEDTIME, ["07T11:59", "08T08:00", "08T11:59", "09T08:00"]),
        ("12:00", BEDTIME, ["06T13:00", "08T08:00"]),
        ("20:00", OFFLINE, ["07T20:00", "08T08:00", "08T20:00", "09T08:00"]),
    ],
)
def test_only_a_bedtime_after_noon_is_a_night(
    start: str, kind: WindowKind, expected: list[str]
) -> None:
    end = "08:00" if start < "08" else "32:00"
    one = window("one", start, end, kind, days=("weekend",))
    found = line((one,), "2026-03-06T12:00", timedelta(days=4))
    edges = [at[8:16] for at, _ in found]
    assert [edge for edge in edges if edge in expected] == expected


def test_sunday_evening_is_a_school_night_and_friday_evening_is_not() -> None:
    early = window("early", "20:00", "30:00", days=("school",))
    found = line((early,), "2026-03-06T12:00", timedelta(days=3))
    assert found == [
        ("2026-03-06T13:00+01:00", ""),
        ("2026-03-08T20:00+01:00", "early"),
        ("2026-03-09T06:00+01:00", ""),
    ]


def test_holiday_changes_the_night() -> None:
    holiday = Calendar(
        days=(
            CalendarDay(
                first=date(2026, 3, 10), last=date(2026, 3, 10), day_type="holiday"
            ),
        )
    )
    windows = (
        window("school", "20:00", "30:00", days=("school",)),
        window("holiday", "22:00", "31:00", days=("holiday",)),
    )
    found = line(windows, "2026-03-09T12:00", timedelta(days=3), calendar=holiday)
    assert found == [
        ("2026-03-09T13:00+01:00", ""),
        ("2026-03-09T22:00+01:00", "holiday"),
        ("2026-03-10T07:00+01:00", ""),
        ("2026-03-10T20:00+01:00", "school"),
        ("2026-03-11T06:00+01:00", ""),
        ("2026-03-11T20:00+01:00", "school"),
        ("2026-03-12T06:00+01:00", ""),
    ]


def test_several_a_day_overlapping_and_touching() -> None:
    windows = (
        window("study", "15:00", "17:00", HOMEWORK),
        window("dinner", "16:30", "18:00", OFFLINE),
        window("quiet", "18:00", "19:00", OFFLINE),
    )
    expected = [
        ("2026-03-10T13:00+01:00", ""),
        ("2026-03-10T15:00+01:00", "study"),
        ("2026-03-10T16:30+01:00", "study dinner"),
        ("2026-03-10T17:00+01:00", "dinner"),
        ("2026-03-10T18:00+01:00", "quiet"),
        ("2026-03-10T19:00+01:00", ""),
    ]
    for order in permutations(windows):
        assert line(order, "2026-03-10T12:00", timedelta(hours=20)) == expected
    closed = schedule.next_open(
        windows, (), CALENDAR, BERLIN, ALL, utc("2026-03-10T14:00")
    )
    assert closed == utc("2026-03-10T18:00")
    offline = frozenset({OFFLINE})
    first = schedule.next_closed(
        windows, (), CALENDAR, BERLIN, offline, utc("2026-03-10T14:00")
    )
    assert first == utc("2026-03-10T15:30")


def test_unchanged_set_across_midnight_is_no_boundary() -> None:
    """A daily window of 24 hours is one stretch: the date changes, the set does not."""
    always = window("always", "12:00", "36:00")
    now = utc("2026-03-10T12:00")
    args = (always,), (), CALENDAR, BERLIN
    assert schedule.active(*args, now) == (always,)
    assert schedule.next_boundary(*args, now) is None
    assert schedule.next_open(*args, ALL, now) is None


def test_extended_daily_window_meets_its_next_date() -> None:
    """Where both dates' stretches overlap, the end of one changes nothing."""
    long = window("long", "12:00", "34:00")
    found = line(
        (long,),
        "2026-03-10T10:00",
        timedelta(days=2),
        exceptions=(change("2026-03-10", end=2640),),
    )
    assert [(at[8:16], ids) for at, ids in found] == [
        ("10T11:00", ""),
        ("10T12:00", "long"),
        ("12T10:00", ""),
    ]


@pytest.mark.parametrize("horizon", [timedelta(hours=8), timedelta(0)])
def test_horizon_is_half_open(horizon: timedelta) -> None:
    now = datetime(2026, 3, 10, 13, tzinfo=BERLIN)
    args = (NIGHT,), (), CALENDAR, BERLIN
    assert schedule.next_boundary(*args, now, horizon) is None
    assert schedule.next_closed(*args, ALL, now, horizon) is None
    assert len(list(schedule.timeline(*args, now, horizon))) == 1
    longer = timedelta(hours=8, seconds=1)
    start = datetime(2026, 3, 10, 21, tzinfo=BERLIN)
    assert schedule.next_boundary(*args, now, longer) == start
    assert schedule.next_closed(*args, ALL, now, longer) == start
    night = start + timedelta(hours=1)
    assert schedule.next_open(*args, ALL, night, timedelta(hours=8)) is None


def test_no_windows() -> None:
    args = (), (), CALENDAR, BERLIN
    now = utc("2026-03-10T12:00")
    assert schedule.active(*args, now) == ()
    assert schedule.next_boundary(*args, now) is None
    assert schedule.next_closed(*args, ALL, now) is None
    assert schedule.next_open(*args, ALL, now) == now + timedelta(seconds=1)
    assert list(schedule.timeline(*args, now)) == [(now, ())]


def test_now_in_any_zone_gives_the_household_s_zone() -> None:
    now = datetime(2026, 3, 10, 4, 0, tzinfo=ZoneInfo("America/New_York"))
    args = (NIGHT,), (), CALENDAR, BERLIN
    found = schedule.next_closed(*args, ALL, now)
    assert found is not None
    assert found.isoformat() == "2026-03-10T21:00:00+01:00"
    first, _ = next(schedule.timeline(*args, now))
    assert first.isoformat() == "2026-03-10T09:00:00+01:00"


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (datetime(2026, 3, 10), "instant-without-zone"),
        (datetime(1, 1, 2, tzinfo=timezone.utc), "instant-out-of-range"),
        (datetime(9999, 12, 31, tzinfo=timezone.utc), "instant-out-of-range"),
    ],
)
def test_refused_instants(now: datetime, code: str) -> None:
    args = (NIGHT,), (), CALENDAR, BERLIN
    for call in (
        lambda: schedule.active(*args, now),
        lambda: schedule.next_boundary(*args, now),
        lambda: schedule.next_closed(*args, ALL, now),
        lambda: schedule.next_open(*args, ALL, now),
        lambda: schedule.timeline(*args, now),
    ):
        with pytest.raises(ValueError, match=code):
            call()


def test_ends_of_the_calendar() -> None:
    """A clock gone mad finds no next boundary, and no crash either."""
    last = datetime(9999, 12, 28, 23, tzinfo=BERLIN)
    args = (NIGHT,), (), CALENDAR, BERLIN
    assert schedule.active(*args, last) == (NIGHT,)
    lone = window("lone", "12:00", "13:00", days=("holiday",))
    assert schedule.next_boundary((lone,), (), CALENDAR, BERLIN, last) is None
    assert schedule.next_closed((lone,), (), CALENDAR, BERLIN, ALL, last) is None
    assert len(list(schedule.timeline((lone,), (), CALENDAR, BERLIN, last))) == 1
    always = window("always", "00:00", "24:00")
    assert schedule.next_open((always,), (), CALENDAR, BERLIN, ALL, last) is None
    first = datetime(1, 1, 4, 22, tzinfo=timezone.utc)
    assert schedule.active(*args, first) == (NIGHT,)


def test_a_skipped_date_has_no_windows() -> None:
    """Samoa went from 29 to 31 December 2011 (UTC-10 to UTC+14)."""
    apia = ZoneInfo("Pacific/Apia")
    friday = window("friday", "08:00", "28:00", days=("fri",))
    calendar = Calendar(week=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    now = datetime(2011, 12, 29, 12, tzinfo=apia)
    found = [
        (at.isoformat(timespec="minutes"), bool(ws))
        for at, ws in schedule.timeline((friday,), (), calendar, apia, now)
    ]
    assert found == [
        ("2011-12-29T12:00-10:00", False),
        # The hours after the lost date's midnight still belong to its window.
        ("2011-12-31T00:00+14:00", True),
        ("2011-12-31T04:00+14:00", False),
        ("2012-01-06T08:00+14:00", True),
        ("2012-01-07T04:00+14:00", False),
    ]


def test_date_that_comes_twice() -> None:
    """St John's, 1 November 2009: 00:01 was followed by 23:01 of the day before."""
    zone = ZoneInfo("America/St_Johns")
    evening = window("evening", "23:30", "23:45")
    now = datetime(2009, 10, 31, 22, tzinfo=zone)
    found = schedule.timeline((evening,), (), CALENDAR, zone, now, timedelta(hours=6))
    assert [(at.isoformat(timespec="minutes"), bool(ws)) for at, ws in found] == [
        ("2009-10-31T22:00-02:30", False),
        ("2009-10-31T23:30-02:30", True),
        ("2009-10-31T23:45-02:30", False),
        ("2009-10-31T23:30-03:30", True),
        ("2009-10-31T23:45-03:30", False),
    ]


def test_memo_keeps_its_keys_and_is_bounded() -> None:
    made: list[tuple[int, ...]] = []

    def make(key: tuple[int, ...]) -> int:
        made.append(key)
        return sum(key)

    memo = schedule.Memo(make, 2)
    keys = [tuple([i, i]) for i in range(3)]
    assert [memo(k) for k in keys[:2]] == [0, 2]
    assert [memo(k) for k in keys[:2]] == [0, 2]
    assert len(made) == 2
    assert memo(keys[2]) == 4
    assert memo(keys[0]) == 0
    assert made == [keys[0], keys[1], keys[2], keys[0]]


def test_answers_outlast_the_caches() -> None:
    """More day types, dates and sets than any cache holds; asked again, the same."""
    names = [f"t{i}" for i in range(70)]
    days = tuple(
        CalendarDay(
            first=date(2026, 1, 1) + timedelta(days=i),
            last=date(2026, 1, 1) + timedelta(days=i),
            day_type=names[i % 70],
        )
        for i in range(140)
    )
    calendar = Calendar(days=days)
    windows = tuple(
        window(f"w{i}", f"{i % 24}:{i % 60}", f"{i % 24 + 3}:{i % 7}", days=(name,))
        for i, name in enumerate(names)
    )
    now = datetime(2025, 12, 31, 23, tzinfo=BERLIN)
    year = timedelta(days=1100)
    args = windows, (), calendar, BERLIN, now, year
    once = list(schedule.timeline(*args))
    assert len(once) > 250
    assert list(schedule.timeline(*args)) == once
    # Each evening another pair of one-bit sets out of 1,100 windows of one date.
    many = tuple(
        Window(id=f"w{i}", kind=OFFLINE, days=("weekend",), start=i, end=i + 1)
        for i in range(1100)
    )
    saturday = datetime(2026, 3, 7, tzinfo=BERLIN)
    found = list(
        schedule.timeline(many, (), CALENDAR, BERLIN, saturday, timedelta(days=1))
    )
    assert [ws for _, ws in found[:1100]] == [(w,) for w in many]
