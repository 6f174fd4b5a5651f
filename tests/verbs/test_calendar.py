"""Day types over the socket: the week, single days, and a file of a school's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.steering import Desk
from tests.verbs.kit import MIA, refused

DAY = {"first": "2026-03-04", "last": "2026-03-06", "day_type": "weekend"}
SCHOOL = """BEGIN:VCALENDAR
BEGIN:VEVENT
SUMMARY:Easter
DTSTART;VALUE=DATE:20260330
DTEND;VALUE=DATE:20260411
END:VEVENT
BEGIN:VEVENT
SUMMARY:Concert
DTSTART:20260310T190000
END:VEVENT
END:VCALENDAR
"""
EASTER = {
    "first": "2026-03-30",
    "last": "2026-04-10",
    "day_type": "holiday",
    "name": "Easter",
}


def test_what_is_there_at_first(desk: Desk) -> None:
    assert desk.ask("calendar") == {
        "week": ["school"] * 5 + ["weekend"] * 2,
        "days": [],
        "types": ["holiday", "school", "weekend"],
    }


def test_days_are_added_and_dropped(desk: Desk) -> None:
    later = {**DAY, "first": "2026-05-01", "last": "2026-05-01"}
    desk.ask("calendar-add", **later, name="Maying")
    done = desk.ask("calendar-add", **DAY)
    assert done["days"] == [{**DAY, "name": ""}] and done["enforced"]
    assert desk.ask("calendar")["days"] == [
        {**DAY, "name": ""},
        {**later, "name": "Maying"},
    ]
    assert desk.ask("person", person="mia")["today"]["day_type"] == "weekend"
    assert desk.ask("calendar-add", **DAY)["revision"] == done["revision"]
    desk.ask("calendar-drop", **DAY)
    assert [d["first"] for d in desk.ask("calendar")["days"]] == ["2026-05-01"]
    assert refused(desk, "calendar-drop", **DAY) == "no-such-day"


def test_a_day_type_of_ones_own_can_have_windows_then(desk: Desk) -> None:
    sick = {"first": "2026-03-04", "day_type": "sick-day"}
    assert desk.ask("calendar-add", **sick)["days"][0]["last"] == "2026-03-04"
    assert "sick-day" in desk.ask("calendar")["types"]
    desk.ask(
        "window-set",
        person="mia",
        kind="offline",
        days=["sick-day"],
        start="09:00",
        end="15:00",
    )
    assert not desk.routed(MIA)
    last = {**sick, "last": "2026-03-04"}
    assert refused(desk, "calendar-drop", **last) == "day-type-in-use"
    desk.ask("window-drop", person="mia", id="offline-1")
    desk.ask("calendar-drop", **last)
    assert desk.routed(MIA)
    assert "sick-day" not in desk.ask("calendar")["types"]


def test_the_week(desk: Desk) -> None:
    week = ["school"] * 4 + ["weekend"] * 3
    assert desk.ask("calendar-week", week=week)["week"] == week
    assert desk.ask("calendar")["week"] == week
    for wrong, code in (
        (week[:6], "calendar-week-not-seven"),
        ([*week[:6], "A B"], "bad-id"),
        ([*week[:6], 7], "bad-id"),
        ("school", "bad-argument"),
    ):
        assert refused(desk, "calendar-week", week=wrong) == code


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"first": "tomorrow"}, "bad-date"),
        ({"last": "2026-03-03"}, "calendar-ends-before-start"),
        ({"day_type": "A day"}, "bad-id"),
        ({"day_type": None}, "needs-arguments"),
        ({"name": "a\nb"}, "text-unprintable"),
        ({"name": "x" * 201}, "text-too-long"),
    ],
)
def test_refusals(desk: Desk, changes: dict[str, Any], code: str) -> None:
    assert refused(desk, "calendar-add", **{**DAY, **changes}) == code


def test_a_file_is_looked_at_first_and_then_taken(desk: Desk) -> None:
    asked = {"text": SCHOOL, "day_type": "holiday"}
    shown = desk.ask("calendar-import", **asked)
    assert shown == {
        "days": [EASTER],
        "skipped": [{"line": 7, "why": "not-whole-days"}],
    }
    assert desk.service.revision == 1
    done = desk.ask("calendar-import", **asked, save=True)
    assert done == {**shown, "revision": 2, "enforced": True}
    assert desk.ask("calendar")["days"] == [EASTER]
    assert desk.ask("calendar-import", **asked, save=True)["revision"] == 2
    desk.ask("undo", revision=2)
    assert desk.ask("calendar")["days"] == []


def test_what_is_no_file(desk: Desk) -> None:
    for text, code in (
        ("hello", "calendar-unreadable"),
        ("x" * 300_000, "calendar-too-large"),
    ):
        assert refused(desk, "calendar-import", text=text, day_type="holiday") == code
    assert refused(desk, "calendar-import", text=SCHOOL, day_type="A b") == "bad-id"
    assert refused(desk, "calendar-import", text=SCHOOL) == "needs-arguments"
