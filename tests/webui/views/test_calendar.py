"""The calendar as values: what today is, what a form says, ids of day types."""

from __future__ import annotations

import pytest

from tests.fakes.rules import CALENDAR
from webui.views import calendar as view

NOW = "2026-03-04T19:30:00+01:00"


def test_runs_that_are_over_stand_apart() -> None:
    found = view.calendar(CALENDAR, NOW)
    assert [one["first"] for one in found["ahead"]] == ["2026-03-21", "2026-03-30"]
    assert [one["first"] for one in found["past"]] == ["2026-02-16"]
    assert found["today"] == {"day_type": "school", "run": None}
    assert found["sick"] and not found["plain"]


def test_the_shortest_run_says_what_a_day_is() -> None:
    long = {"first": "2026-03-01", "last": "2026-03-09", "day_type": "holiday"}
    short = {"first": "2026-03-04", "last": "2026-03-04", "day_type": "camp"}
    found = view.calendar({**CALENDAR, "days": [short, long]}, NOW)
    assert found["today"] == {"day_type": "camp", "run": short}
    assert not found["sick"]
    assert view.calendar({**CALENDAR, "days": []}, NOW)["plain"]


def test_usual_types_come_first() -> None:
    found = view.types_of({"types": ["camp", "weekend", "school"]})
    assert found == ["school", "weekend", "holiday", "camp"]


def test_one_day_needs_no_last_day() -> None:
    form = view.form_from({"first": "2026-05-01", "day_type": "holiday"}, view.USUAL)
    assert not form.errors()
    assert form.asked() == {
        "first": "2026-05-01",
        "last": "2026-05-01",
        "day_type": "holiday",
        "name": "",
    }


def test_each_wrong_field_is_named() -> None:
    assert view.Form(first="soon", last="2026-13-01", own="…").errors() == {
        "first": "first-missing",
        "last": "last-missing",
        "own": "bad-type",
    }
    turned = view.Form(first="2026-05-02", last="2026-05-01")
    assert turned.errors() == {"last": "ends-before-start"}


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("Grandma's week", "grandma-s-week"),
        ("Fête", "fete"),
        ("---", ""),
        ("", ""),
        ("a" * 60, "a" * 48),
    ],
)
def test_a_type_of_ones_own_becomes_an_id(typed: str, id_: str) -> None:
    assert view.type_id(typed) == id_
    form = view.Form(first="2026-05-02", day_type="school", own=typed)
    assert form.errors() or form.asked()["day_type"] == id_ or not typed


def test_an_unknown_type_is_a_holiday() -> None:
    assert view.form_from({"day_type": "x"}, view.USUAL).day_type == "holiday"
