from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.model import Household
from guardian.core.timetext import (
    SPAN_MAX,
    morning,
    parse_clock,
    parse_duration,
    parse_instant,
    parse_until,
)
from tests import build
from tests.build import MIA, at, home


@pytest.mark.parametrize(
    "text, minutes",
    [
        ("15m", 15),
        ("15min", 15),
        ("1h", 60),
        (" 1H30M ", 90),
        ("90m", 90),
        ("168h", 10080),
    ],
)
def test_durations(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text", ["", " ", "0m", "0h0m", "15", "-1h", "1h 30m", "169h", "1d", "m", "9999h"]
)
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="bad-duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text, minutes",
    [("0:00", 0), ("09:05", 545), ("9:05", 545), (" 21:30", 1290), ("24:00", 1440)],
)
def test_clock_readings(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize("text", ["", "24:01", "25:00", "21:60", "21", "21:5", "9pm"])
def test_no_clock_readings(text: str) -> None:
    with pytest.raises(ValueError, match="bad-time"):
        parse_clock(text)


def test_instants() -> None:
    household = home()
    ten = at("2026-03-28 22:00")
    assert parse_instant("2026-03-28T22:00", household) == ten
    assert parse_instant(" 2026-03-28 22:00:00 ", household) == ten
    assert parse_instant("2026-03-28T21:00Z", household) == ten
    assert parse_instant("2026-03-29T06:00+09:00", household) == ten
    assert parse_instant("2026-03-28", household) == at("2026-03-28 00:00")
    assert str(parse_instant("2026-03-28", household).tzinfo) == "UTC"
    assert parse_instant("1970-01-01T00:00Z", household).timestamp() == 0


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-13-01", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00"],
)
def test_no_instants(text: str) -> None:
    with pytest.raises(ValueError, match="bad-time"):
        parse_instant(text, home())


@given(st.text(max_size=40))
def test_foreign_text_is_a_time_or_refused(text: str) -> None:
    now = at("2026-03-28 20:00")
    for parse in (
        parse_duration,
        parse_clock,
        lambda t: parse_instant(t, home()),
        lambda t: parse_until(t, home(), MIA, now),
    ):
        try:
            parse(text)
        except ValueError as error:
            assert len(str(error)) < 130


def until(
    text: str, reading: str, household: Household | None = None, fold: int = 0
) -> datetime:
    household = household or home()
    person = household.people[0]
    return parse_until(text, household, person, at(reading, fold=fold))


def test_until_a_reading_of_the_clock() -> None:
    assert until("22:00", "2026-03-27 20:00") == at("2026-03-27 22:00")
    assert until("22:00", "2026-03-27 22:00") == at("2026-03-28 22:00")
    assert until("7:00", "2026-03-27 20:00") == at("2026-03-28 07:00")
    assert until("24:00", "2026-03-27 20:00") == at("2026-03-28 00:00")
    assert until("00:00", "2026-03-27 20:00") == at("2026-03-28 00:00")


def test_until_a_reading_on_the_nights_of_the_change() -> None:
    assert until("07:00", "2026-03-28 22:00") == at("2026-03-29 07:00")
    assert until("07:00", "2026-10-24 22:00") == at("2026-10-25 07:00")
    # 02:30 is skipped: as far after the gap, never before it.
    assert until("02:30", "2026-03-28 22:00") == at("2026-03-29 03:30")
    # 02:30 comes twice, and the next one is meant.
    assert until("02:30", "2026-10-24 22:00") == at("2026-10-25 02:30")
    assert until("02:30", "2026-10-25 02:30") == at("2026-10-25 02:30", fold=1)
    assert until("02:30", "2026-10-25 02:30", fold=1) == at("2026-10-26 02:30")


def test_until_the_morning() -> None:
    assert until("morning", "2026-03-27 16:00") == at("2026-03-28 07:00")
    assert until(" Morning ", "2026-03-27 23:00") == at("2026-03-28 07:00")
    assert until("morning", "2026-03-28 23:00") == at("2026-03-29 07:00")
    assert until("morning", "2026-10-25 02:30", fold=1) == at("2026-10-25 07:00")
    assert morning(home(), None, at("2026-03-27 16:00")) == at("2026-03-28 07:00")


def test_the_morning_without_a_bedtime_is_seven() -> None:
    free = home(bands=())
    assert until("morning", "2026-03-27 16:00", free) == at("2026-03-28 07:00")
    assert until("morning", "2026-03-27 06:00", free) == at("2026-03-27 07:00")


def test_the_morning_is_never_days_away() -> None:
    weekend = home(bands=(build.band(build.window("21:00-08:00", days=("weekend",))),))
    monday = "2026-03-23 16:00"
    assert until("morning", monday, weekend) == at("2026-03-24 07:00")
    assert until("morning", "2026-03-27 22:00", weekend) == at("2026-03-28 08:00")


def test_the_morning_of_a_night_without_end_is_seven() -> None:
    always = home(bands=(build.band(build.window("00:00-24:00")),))
    assert until("morning", "2026-03-27 16:00", always) == at("2026-03-28 07:00")
    with pytest.raises(ValueError, match="no-bedtime-ahead"):
        until("bedtime", "2026-03-27 16:00", always)


def test_until_bedtime() -> None:
    assert until("bedtime", "2026-03-27 16:00") == at("2026-03-27 21:00")
    # In bed already: the next one, not the next second.
    assert until("bedtime", "2026-03-27 23:00") == at("2026-03-28 21:00")


def test_until_bedtime_needs_one() -> None:
    with pytest.raises(ValueError, match="no-bedtime-ahead"):
        until("bedtime", "2026-03-27 16:00", home(bands=()))
    with pytest.raises(ValueError, match="no-bedtime-ahead"):
        parse_until("bedtime", home(), None, at("2026-03-27 16:00"))


def test_until_an_instant() -> None:
    assert until("2026-03-27T22:00", "2026-03-27 16:00") == at("2026-03-27 22:00")
    last = at("2026-03-27 16:00") + SPAN_MAX
    assert until(last.isoformat(), "2026-03-27 16:00") == last


@pytest.mark.parametrize(
    "text", ["2026-03-27T16:00", "2026-03-20", "2026-04-04T16:00:01Z"]
)
def test_until_lies_ahead_within_a_week(text: str) -> None:
    with pytest.raises(ValueError, match="not-ahead-within-7-days"):
        until(text, "2026-03-27 16:00")


@pytest.mark.parametrize("text", ["", "24:30", "tomorrow", "25:00"])
def test_until_nothing_known(text: str) -> None:
    with pytest.raises(ValueError, match="bad-time"):
        until(text, "2026-03-27 16:00")
