"""The coming day in stretches, what comes next, and the picture of a week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from guardian.core.decide import Facts, decide_person
from guardian.core.model import (
    Calendar,
    CalendarDay,
    Household,
    WindowException,
    WindowKind,
)
from guardian.pages.day import day_view, next_view, week_view
from tests import build
from tests.build import MIA, at, home

KNOWN = Facts()


def day(household: Household, reading: str, facts: Facts = KNOWN) -> list[Any]:
    return day_view(household, household.people[0], facts, at(reading))


def brief(view: list[Any]) -> list[tuple[str, str, str]]:
    """Return (clock, verdict, reason) of each stretch."""
    return [
        (s["from"][11:16], s["decision"]["verdict"], s["decision"]["reason"])
        for s in view
    ]


def test_a_plain_day() -> None:
    found = day(home(), "2026-03-27 16:00")
    assert brief(found) == [
        ("16:00", "allow", "DEFAULT"),
        ("21:00", "refuse", "BEDTIME"),
        ("07:00", "allow", "DEFAULT"),
    ]
    assert [s["kinds"] for s in found] == [[], ["bedtime"], []]
    assert [s["until"] for s in found[:2]] == [s["from"] for s in found[1:]]
    assert found[-1]["until"] == "2026-03-28T16:00:00+01:00"


def test_pauses_grants_and_protection_have_stretches_of_their_own() -> None:
    household = home(
        pauses=(build.pause(at("2026-03-27 15:00"), at("2026-03-27 17:00"), "mia"),),
        grants=(build.grant(at("2026-03-27 21:30"), at("2026-03-27 22:00")),),
        off=build.off(at("2026-03-27 17:00"), at("2026-03-27 18:00")),
    )
    assert brief(day(household, "2026-03-27 16:00")) == [
        ("16:00", "refuse", "PAUSED"),
        ("17:00", "allow", "PROTECTION_OFF"),
        ("18:00", "allow", "DEFAULT"),
        ("21:00", "refuse", "BEDTIME"),
        ("21:30", "allow", "GRANT"),
        ("22:00", "refuse", "BEDTIME"),
        ("07:00", "allow", "DEFAULT"),
    ]


def test_windows_that_change_no_verdict_are_told_by_their_kind() -> None:
    mia = build.child("mia", build.window("17:00-18:00", "sites"))
    found = day(home(mia), "2026-03-27 16:00")
    assert [s["kinds"] for s in found] == [[], ["sites"], [], ["bedtime"], []]


def test_what_says_the_same_is_one_stretch() -> None:
    now = at("2026-03-27 16:00")
    over = build.grant(now + timedelta(hours=1), now + timedelta(hours=2))
    assert len(day(home(grants=(over,)), "2026-03-27 16:00")) == 3


@pytest.mark.parametrize(
    "reading, hours", [("2026-03-28 12:00", 9), ("2026-10-24 12:00", 11)]
)
def test_the_night_on_which_clocks_change(reading: str, hours: int) -> None:
    night = day(home(), reading)[1]
    ends = [datetime.fromisoformat(night[key]) for key in ("from", "until")]
    assert ends[1] - ends[0] == timedelta(hours=hours)
    assert night["until"][11:16] == "07:00"


def test_stretches_have_no_gap_and_agree_with_the_core() -> None:
    mia = build.child("mia", build.window("14:00-16:00", "homework"))
    household = home(
        mia,
        pauses=(build.pause(at("2026-03-28 10:00"), at("2026-03-28 20:00")),),
    )
    found = day(household, "2026-03-28 01:30")
    for stretch, after in zip(found, [*found[1:], None]):
        begin = datetime.fromisoformat(stretch["from"])
        end = datetime.fromisoformat(stretch["until"])
        assert begin < end and (after is None or after["from"] == stretch["until"])
        for moment in (begin, begin + (end - begin) / 2):
            said = decide_person(household, mia, KNOWN, moment)
            assert said.reason.value == stretch["decision"]["reason"]


def test_by_an_unknown_clock_one_stretch_is_told() -> None:
    (only,) = day(home(), "2026-03-27 16:00", Facts(clock_known=False))
    assert only["decision"]["reason"] == "CLOCK_UNKNOWN" and only["kinds"] == []
    carried = Facts(clock_known=False, carried={"mia": at("2026-03-27 16:20")})
    (only,) = day(home(), "2026-03-27 16:00", carried)
    assert only["until"] == "2026-03-27T16:20:00+01:00"


def test_what_comes_next() -> None:
    now = at("2026-03-27 20:00")
    open_now = decide_person(home(), MIA, KNOWN, now)
    assert next_view(home(), MIA, KNOWN, open_now) == {
        "at": "2026-03-27T21:00:00+01:00",
        "reason": "BEDTIME",
        "verdict": "refuse",
    }
    free = home(bands=())
    assert next_view(free, MIA, KNOWN, decide_person(free, MIA, KNOWN, now)) is None
    assert next_view(home(), MIA, Facts(clock_known=False), open_now) is None


def test_resuming_at_night_would_lead_into_bedtime() -> None:
    household = home(
        pauses=(build.pause(at("2026-03-27 20:00"), at("2026-03-28 09:00"), "mia"),)
    )
    paused = decide_person(household, MIA, KNOWN, at("2026-03-27 22:00"))
    assert next_view(household, MIA, KNOWN, paused) == {
        "at": "2026-03-28T09:00:00+01:00",
        "reason": "DEFAULT",
        "verdict": "allow",
    }


def test_the_week_by_the_dates_on_which_windows_start() -> None:
    bedtimes = (
        build.window("20:00-06:30", days=("school",), name="early"),
        build.window("22:00-08:00", days=("weekend",), name="late"),
        build.window("14:00-15:00", "homework", days=("school",)),
    )
    household = home(
        MIA,
        bands=(build.band(*bedtimes),),
        calendar=Calendar(
            days=(
                CalendarDay(
                    first=date(2026, 3, 25), last=date(2026, 3, 25), day_type="weekend"
                ),
            )
        ),
        exceptions=(
            WindowException(
                id="e", person="mia", on=date(2026, 3, 23), kind=WindowKind.BEDTIME,
                start=21 * 60,
            ),
            WindowException(
                id="f", person="mia", on=date(2026, 3, 26), kind=WindowKind.HOMEWORK,
                off=True,
            ),
        ),
    )  # fmt: skip
    found = week_view(household, MIA, at("2026-03-29 23:30"))
    assert [d["date"] for d in found][::6] == ["2026-03-23", "2026-03-29"]
    spans = {
        d["date"][8:]: [(s["id"], s["start_min"], s["end_min"]) for s in d["spans"]]
        for d in found
    }
    home_work = ("homework", 840, 900)
    assert spans == {
        "23": [home_work, ("early", 1260, 1830)],
        # Before a day off the late one.
        "24": [home_work, ("late", 1320, 1920)],
        "25": [("early", 1200, 1830)],
        "26": [("early", 1200, 1830)],
        "27": [home_work, ("late", 1320, 1920)],
        "28": [("late", 1320, 1920)],
        "29": [("early", 1200, 1830)],
    }
    assert found[2]["day_type"] == "weekend"
