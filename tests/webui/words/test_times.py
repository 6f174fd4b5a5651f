"""Times as people read them: today, tonight, the 12-hour clock, durations."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask, g

from webui.words import times

NOW = "2026-03-04T19:30:00+01:00"


@pytest.fixture
def twelve() -> object:
    """A request of a household that reads 8:30 pm."""
    with Flask(__name__).test_request_context():
        g.clock24 = False
        yield None


def test_an_instant_has_a_zone() -> None:
    assert times.instant(NOW).utcoffset() is not None
    with pytest.raises(ValueError, match="instant-without-zone"):
        times.instant("2026-03-04T19:30:00")


def test_clock() -> None:
    assert times.clock("2026-03-04T06:05:59+01:00") == "06:05"
    assert times.clock(datetime(2026, 1, 1, 0, 0)) == "00:00"
    assert times.minutes_clock(0) == "00:00"
    assert times.minutes_clock(1439) == "23:59"
    assert times.minutes_clock(1830) == "06:30"


@pytest.mark.usefixtures("twelve")
@pytest.mark.parametrize(
    ("minute", "said"),
    [(0, "12:00 am"), (725, "12:05 pm"), (1230, "8:30 pm"), (390, "6:30 am")],
)
def test_twelve_hours(minute: int, said: str) -> None:
    assert times.minutes_clock(minute) == said


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2026-03-04T23:59:00+01:00", "today"),
        ("2026-03-05T00:00:00+01:00", "tomorrow"),
        ("2026-03-03T00:00:00+01:00", "yesterday"),
        ("2026-03-07T10:00:00+01:00", "Saturday"),
        ("2026-03-11T10:00:00+01:00", "11 March"),
        ("2026-02-27T10:00:00+01:00", "27 February"),
    ],
)
def test_day(on: str, said: str) -> None:
    assert times.day(on, NOW) == said


def test_days_have_names() -> None:
    assert times.day(date(2026, 3, 5), date(2026, 3, 4)) == "tomorrow"
    assert times.weekday(date(2026, 3, 4)) == "Wednesday"
    assert times.weekday(date(2026, 3, 4), short=True) == "Wed"
    assert [times.short_weekday(n) for n in (0, 6)] == ["Mon", "Sun"]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2026-03-04T21:00:00+01:00", "21:00"),
        ("2026-03-05T06:30:00+01:00", "06:30"),
        ("2026-03-05T12:00:00+01:00", "tomorrow, 12:00"),
        ("2026-03-07T06:30:00+01:00", "Saturday, 06:30"),
    ],
)
def test_until_names_the_day_only_where_it_is_needed(end: str, said: str) -> None:
    assert times.until(end, NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (59.9, "less than a minute"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (4200, "1 h 10 min"),
        (47 * 3600, "47 h"),
        (48 * 3600, "2 days"),
        (3 * 86400 + 5, "3 days"),
    ],
)
def test_span(seconds: float, said: str) -> None:
    assert times.span(seconds) == said


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("2026-03-04T19:29:30+01:00", "just now"),
        ("2026-03-04T19:26:00+01:00", "4 min ago"),
        ("2026-03-04T18:20:00+01:00", "1 h 10 min ago"),
        ("2026-03-03T20:10:00+01:00", "yesterday, 20:10"),
    ],
)
def test_ago(then: str, said: str) -> None:
    assert times.ago(then, NOW) == said


def test_an_hour_of_an_axis_is_short() -> None:
    assert [times.hour(number) for number in (0, 18, 30)] == ["0", "18", "6"]
    with Flask("t").test_request_context():
        g.clock24 = False
        found = [times.hour(number) for number in (0, 18, 30, 36)]
    assert found == ["12 am", "6 pm", "6 am", "12 pm"]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2026-03-04T19:31:40+01:00", "1 min 40 s"),
        ("2026-03-04T19:30:07+01:00", "7 s"),
        ("2026-03-04T21:00:00+01:00", "1 h 30 min"),
        ("2026-03-04T19:00:00+01:00", "0 s"),
    ],
)
def test_left(end: str, said: str) -> None:
    assert times.left(end, "2026-03-04T19:30:00+01:00") == said
