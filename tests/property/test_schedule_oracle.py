"""The schedule against a minute-by-minute oracle, over a year in five zones.

The oracle reads the local clock at each UTC minute and tries every window of today and
yesterday: slow, plain, and without a line of `guardian.core.schedule`. What the zones
bring: Berlin and New York common summer time, Lord Howe a change of 30 minutes,
Casablanca a negative one around Ramadan, Kolkata a half-hour offset without any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardian.core import schedule
from guardian.core.model import (
    Calendar,
    CalendarDay,
    Window,
    WindowException,
    WindowKind,
)

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kolkata",
)
# How often the offset changes in 2026 at least; governments add some at short notice,
# so the count depends on the release of the tz database.
TRANSITIONS = dict(zip(ZONES, (2, 2, 2, 2, 0)))
YEAR = 2026
START = int(datetime(YEAR, 1, 1, tzinfo=timezone.utc).timestamp()) // 60
MINUTES = 365 * 1440
WEEK_AND_DAY = 8 * 1440
TYPES = ("holiday", "school", "weekend")
KINDS = tuple(WindowKind)
T = TypeVar("T")
SOME = frozenset({WindowKind.BEDTIME, WindowKind.OFFLINE})


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked about, in the order of the schedule's first arguments."""

    windows: tuple[Window, ...]
    exceptions: tuple[WindowException, ...]
    calendar: Calendar

    @property
    def args(
        self,
    ) -> tuple[tuple[Window, ...], tuple[WindowException, ...], Calendar]:
        return self.windows, self.exceptions, self.calendar


@cache
def clock(zone: str) -> list[tuple[date, int]]:
    """Return the local (date, minute) at each UTC minute of the year and 12 days on."""
    info = ZoneInfo(zone)
    found = []
    for minute in range(START, START + MINUTES + 12 * 1440):
        local = datetime.fromtimestamp(minute * 60, info)
        assert local.second == 0
        found.append((local.date(), local.hour * 60 + local.minute))
    return found


@cache
def transitions(zone: str) -> list[int]:
    """Return the minutes (from START) at which the local clock jumps."""
    readings = clock(zone)
    return [
        i
        for i in range(1, MINUTES)
        if readings[i][1] != (readings[i - 1][1] + 1) % 1440
    ]


class Oracle:
    """The rule, said as naively as can be."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.spans: dict[date, list[tuple[Window, int, int]]] = {}

    def day_type(self, day: date) -> str:
        best = None
        for run in self.rules.calendar.days:
            if run.first <= day <= run.last:
                length = (run.last - run.first).days
                key = (length, -run.first.toordinal(), run.day_type)
                if best is None or key < best:
                    best = key
        return best[2] if best else self.rules.calendar.week[day.weekday()]

    def starting(self, day: date) -> list[tuple[Window, int, int]]:
        """Return the windows that start on a date, with the times they have there."""
        if day not in self.spans:
            found = []
            for w in self.rules.windows:
                start, end, off = w.start, w.end, False
                for e in self.rules.exceptions:
                    if e.on == day and e.kind == w.kind:
                        start = w.start if e.start is None else e.start
                        end = w.end if e.end is None else e.end
                        off = e.off
                night = w.kind == WindowKind.BEDTIME and w.start >= 12 * 60
                counts = day + timedelta(days=1) if night else day
                if self.day_type(counts) in w.days and not off:
                    found.append((w, start, end))
            self.spans[day] = found
        return self.spans[day]

    def active(self, day: date, minute: int) -> tuple[Window, ...]:
        found = [w for w, start, end in self.starting(day) if start <= minute < end]
        minute += 1440
        for w, start, end in self.starting(day - timedelta(days=1)):
            if start <= minute < end and w not in found:
                found.append(w)
        return tuple(sorted(found, key=lambda w: (w.kind, w.id)))


def at(zone: str, minute: int, second: int = 0) -> datetime:
    return datetime.fromtimestamp((START + minute) * 60 + second, ZoneInfo(zone))


def seconds(found: datetime | None) -> int | None:
    """Return the second of an answer, counted from START, to compare instants."""
    return None if found is None else int(found.timestamp()) - START * 60


def following(states: list[T], wanted: Callable[[int], bool]) -> list[int | None]:
    """Return for each place the first later one that is wanted."""
    found: list[int | None] = [None] * len(states)
    for i in range(len(states) - 2, -1, -1):
        found[i] = i + 1 if wanted(i + 1) else found[i + 1]
    return found


def check_stretch(rules: Rules, zone: str, first: int, count: int, step: int) -> None:
    """Compare all four answers at every `step`th minute of [first, first + count)."""
    oracle = Oracle(rules)
    stop = first + count + WEEK_AND_DAY
    states = [oracle.active(*r) for r in clock(zone)[first:stop]]
    shut = [any(w.kind in SOME for w in state) for state in states]
    changes = following(states, lambda k: states[k] != states[k - 1])
    turns = {
        True: following(shut, lambda k: shut[k]),
        False: following(shut, lambda k: not shut[k]),
    }
    args = *rules.args, ZoneInfo(zone)
    for i in range(0, count, step):
        # Any second of the minute will do: 0 and 59 are the ones that go wrong.
        second = 59 * (i // step % 2)
        # The horizon is half-open, in seconds: a minute at its end is not in it.
        limit = i + WEEK_AND_DAY + (second > 0)

        def instant(place: int | None) -> int | None:
            if place is None or place >= limit:
                return None
            return (first + place) * 60

        now = at(zone, first + i, second)
        assert schedule.active(*args, now) == states[i], now
        found = schedule.next_boundary(*args, now)
        assert seconds(found) == instant(changes[i]), now
        for wanted, ask in ((True, schedule.next_closed), (False, schedule.next_open)):
            found = ask(*args, SOME, now)
            if second == 0 and shut[i] is wanted:
                assert seconds(found) == (first + i) * 60 + 1, now
            else:
                assert seconds(found) == instant(turns[wanted][i]), now


def window(
    id: str, kind: WindowKind, days: tuple[str, ...], start: int, end: int
) -> Window:
    blocks = ("games",) if kind is WindowKind.SITES else ()
    return Window(id=id, kind=kind, days=days, start=start, end=end, blocks=blocks)


def change(on: date, kind: WindowKind, **times: Any) -> WindowException:
    return WindowException(id=f"{on}-{kind}", person="mia", on=on, kind=kind, **times)


def odd_hours(zone: str) -> Rules:
    """Windows around midnight and in every hour that any zone loses or doubles."""
    windows = (
        window("night", WindowKind.BEDTIME, ("school", "weekend"), 1260, 1830),
        window("late", WindowKind.BEDTIME, ("holiday",), 1410, 2040),
        window("small", WindowKind.OFFLINE, TYPES, 125, 145),
        window("through", WindowKind.OFFLINE, TYPES, 90, 135),
        window("lost", WindowKind.HOMEWORK, TYPES, 120, 180),
        window("study", WindowKind.HOMEWORK, ("school",), 900, 1020),
        window("again", WindowKind.HOMEWORK, ("school",), 1020, 1080),
        window("midnight", WindowKind.OFFLINE, ("weekend",), 1380, 1440),
        window("all", WindowKind.OFFLINE, ("holiday",), 0, 1440),
        window("next", WindowKind.HOMEWORK, ("weekend",), 1560, 1620),
    )
    days = [clock(zone)[i][0] for i in transitions(zone)]
    changes: list[tuple[WindowKind, dict[str, Any]]] = [
        (WindowKind.BEDTIME, {"start": 1320}),
        (WindowKind.BEDTIME, {"start": 1470}),
        (WindowKind.BEDTIME, {"end": 1500}),
        (WindowKind.BEDTIME, {"off": True}),
        (WindowKind.HOMEWORK, {"start": 1000, "end": 1100}),
        (WindowKind.HOMEWORK, {"start": 1060}),
        (WindowKind.OFFLINE, {"end": 2900}),
        (WindowKind.OFFLINE, {"start": -30}),
    ]
    exceptions = [
        change(date(YEAR, 1, 1) + timedelta(days=9 * i), kind, **times)
        for i, (kind, times) in enumerate(changes)
    ]
    for day in days:
        exceptions.append(
            change(day - timedelta(days=1), WindowKind.BEDTIME, start=1440 + 150)
        )
    runs = tuple(
        CalendarDay(first=date.fromisoformat(a), last=date.fromisoformat(b), day_type=t)
        for a, b, t in (
            ("2026-02-09", "2026-02-20", "holiday"),
            ("2026-02-14", "2026-02-14", "school"),
            ("2026-07-01", "2026-08-20", "holiday"),
            ("2026-12-24", "2027-01-06", "holiday"),
        )
    )
    return Rules(windows, tuple(exceptions), Calendar(days=runs))


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_of_a_year(zone: str) -> None:
    """Each change the oracle sees is one of the timeline's, and there are no others."""
    rules = odd_hours(zone)
    oracle = Oracle(rules)
    expected = []
    last = None
    for i, reading in enumerate(clock(zone)[:MINUTES]):
        state = oracle.active(*reading)
        if state != last:
            expected.append((i * 60, state))
            last = state
    line = schedule.timeline(
        *rules.args, ZoneInfo(zone), at(zone, 0), timedelta(days=365)
    )
    assert [(seconds(when), state) for when, state in line] == expected
    assert len(expected) > 2000
    # `active` by itself, on both sides of every change and in the middle.
    args = *rules.args, ZoneInfo(zone)
    for (begin, state), (end, _) in pairwise(expected):
        for second in (begin, (begin + end) // 2, end - 1):
            assert schedule.active(*args, at(zone, 0, second)) == state
        assert seconds(schedule.next_boundary(*args, at(zone, 0, begin))) == end


@pytest.mark.parametrize("zone", ZONES)
def test_days_around_transitions(zone: str) -> None:
    """Every minute from half a day before a transition to a day and a half after it."""
    assert len(transitions(zone)) >= TRANSITIONS[zone]
    rules = odd_hours(zone)
    for turn in transitions(zone) or [100_000]:
        check_stretch(rules, zone, turn - 720, 720 + 1440 + 720, 1)


@st.composite
def windows_of_any_kind(draw: st.DrawFn) -> tuple[Window, ...]:
    """Draw windows that like midnight, 24:00 and the small hours; ids are unique."""
    found = []
    for i in range(draw(st.integers(0, 8))):
        start = draw(
            st.one_of(
                st.integers(0, 2879),
                st.integers(100, 200),
                st.sampled_from((0, 60, 120, 150, 180, 1260, 1380, 1439, 1440)),
            )
        )
        room = min(start + 1440, 2880)
        end = draw(
            st.one_of(
                st.integers(start + 1, room),
                st.integers(start + 1, min(start + 70, room)),
                st.sampled_from((1440, 1560, 1590, 1620, room)).filter(
                    lambda e: start < e <= room
                ),
            )
        )
        days = draw(st.sets(st.sampled_from(TYPES), min_size=1))
        kind = draw(st.sampled_from(KINDS))
        found.append(window(f"w{i}", kind, tuple(sorted(days)), start, end))
    return tuple(draw(st.permutations(found)))


@st.composite
def rules_near(draw: st.DrawFn, day: date) -> Rules:
    """Draw windows, exceptions and holidays, the latter two near `day`."""
    near = st.integers(-2, 6).map(lambda n: day + timedelta(days=n))
    minute = st.one_of(
        st.none(), st.integers(-10, 3000), st.sampled_from((0, 150, 1440, 1470, 1590))
    )
    exceptions = []
    for i in range(draw(st.integers(0, 4))):
        start, end = draw(minute), draw(minute)
        exceptions.append(
            WindowException(
                id=f"e{i}",
                person="mia",
                on=draw(near),
                kind=draw(st.sampled_from(KINDS)),
                start=start,
                end=end,
                off=start is None and end is None,
            )
        )
    runs = []
    for _ in range(draw(st.integers(0, 3))):
        first = draw(near)
        last = first + timedelta(days=draw(st.integers(0, 4)))
        kind = draw(st.sampled_from(TYPES))
        runs.append(CalendarDay(first=first, last=last, day_type=kind))
    calendar = Calendar(days=tuple(runs))
    return Rules(draw(windows_of_any_kind()), tuple(exceptions), calendar)


@pytest.mark.parametrize("zone", ZONES)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(data=st.data())
def test_any_windows_at_any_instant(zone: str, data: st.DataObject) -> None:
    """Half of the draws are within two days of a transition, the others anywhere."""
    near = [
        st.integers(turn - 2880, turn + 2880).map(lambda m: max(m, 0))
        for turn in transitions(zone)
    ]
    anywhere = st.integers(0, MINUTES - 1)
    first = data.draw(st.one_of(*near, anywhere) if near else anywhere)
    rules = data.draw(rules_near(clock(zone)[first][0]))
    check_stretch(rules, zone, first, 120, 17)
