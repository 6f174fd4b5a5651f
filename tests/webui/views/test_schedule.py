"""A child's week as values: tonight, the form of a window, what a conflict is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.family import DAY, MIA, NOW, WEEK, WINDOWS, of_person
from tests.fakes.rules import catalogue
from webui.views import schedule as view

Json = dict[str, Any]


def mia(**changes: Any) -> Json:
    """Return Mia as `person` answers, with changes."""
    return {**of_person({"person": MIA["id"]}), **changes}


def evening(**changes: Any) -> Json:
    """Return an exception of this evening."""
    return {
        "id": "x",
        "on": "2026-03-04",
        "kind": "bedtime",
        "start": None,
        "end": None,
        "off": False,
        **changes,
    }


def test_tonight_is_the_night_before_the_next_date() -> None:
    night = view.tonight(mia(), NOW)
    assert (night["on"], night["start"], night["end"]) == ("2026-03-04", 1260, 1830)
    assert not night["changed"]
    friday = view.tonight(mia(), "2026-03-06T19:00:00+01:00")
    assert friday["usual"] == (22 * 60, 24 * 60 + 7 * 60 + 30)


def test_after_midnight_tonight_is_the_night_that_has_begun() -> None:
    assert view.tonight(mia(), "2026-03-05T00:30:00+01:00")["on"] == "2026-03-04"
    assert view.tonight(mia(), "2026-03-05T05:00:00+01:00")["on"] == "2026-03-05"


def test_a_sunday_goes_by_the_weekday_of_the_week_that_is_known() -> None:
    night = view.tonight(mia(), "2026-03-08T19:00:00+01:00")
    assert night["usual"] == (1260, 1830)


def test_a_bedtime_after_midnight_is_of_the_night_before() -> None:
    late = {**WINDOWS[0], "start": "00:30", "end": "08:00"}
    night = view.tonight(mia(windows=[late]), NOW)
    assert night["usual"] == (1470, 1920)
    # It starts on the next date, and that is the one that an exception names.
    assert night["on"] == "2026-03-05" and view.later(night, 30) == "01:00"
    both = view.tonight(mia(windows=[WINDOWS[0], {**late, "start": "06:00"}]), NOW)
    assert (both["on"], both["usual"]) == ("2026-03-04", (1260, 1830))


def test_without_a_bedtime_there_is_none_tonight() -> None:
    night = view.tonight(mia(windows=[]), NOW)
    assert night["usual"] is None and night["start"] is None


def test_an_exception_of_tonight_counts_and_others_do_not() -> None:
    later = view.tonight(mia(exceptions=[evening(start="22:30")]), NOW)
    assert (later["start"], later["end"], later["changed"]) == (1350, 1830, True)
    past = view.tonight(mia(exceptions=[evening(start="00:30")]), NOW)
    assert past["start"] == 1470
    off = view.tonight(mia(exceptions=[evening(off=True)]), NOW)
    assert off["off"] and off["changed"]
    usual = view.tonight(mia(exceptions=[evening(start="21:00", end="06:30")]), NOW)
    assert not usual["changed"]
    other = evening(on="2026-03-06", start="23:00")
    found = mia(exceptions=[evening(on="2026-03-03"), other])
    assert not view.tonight(found, NOW)["changed"]
    assert view.other_exceptions(found, view.tonight(found, NOW)) == [other]


def test_a_later_bedtime_adds_to_one_that_is_later_already() -> None:
    night = view.tonight(mia(exceptions=[evening(start="23:45")]), NOW)
    assert view.later(night, 30) == "00:15"
    assert view.later({"start": 1800, "end": 1830}, 30) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("21:05", "21:05"),
        (" 7.30 ", "07:30"),
        ("24:00", "00:00"),
        ("24:30", None),
        ("nine", None),
        ("", None),
        ("21:60", None),
    ],
)
def test_times_are_read_as_people_type_them(typed: str, read: str | None) -> None:
    assert view.clock_text(typed) == read


def test_each_wrong_field_is_named() -> None:
    form = view.form_from({"kind": "sites", "start": "x", "end": ""}, [], [])
    assert form.errors() == {
        "blocks": "blocks-missing",
        "days": "days-missing",
        "start": "start-missing",
        "end": "end-missing",
    }
    same = view.Form(kind="bedtime", days=("school",), start="21:00", end="21.00")
    assert same.errors() == {"end": "window-zero-length"}
    with pytest.raises(KeyError):
        view.form_from({"kind": "party"}, [], [])


def test_what_is_asked_of_the_daemon() -> None:
    form = view.form_from(
        {"kind": "sites", "id": "no-play", "start": "14:00", "end": "17:00"},
        ["weekend", "school"],
        ["video", "games"],
    )
    assert form.asked() == {
        "kind": "sites",
        "id": "no-play",
        "days": ["school", "weekend"],
        "start": "14:00",
        "end": "17:00",
        "blocks": ["games", "video"],
    }
    fresh = view.new_form(mia(), "bedtime")
    assert not fresh.errors() and "id" not in fresh.asked()


def test_only_a_change_of_the_same_thing_is_a_conflict() -> None:
    form = view.form_of(mia(), WINDOWS[0])
    moved = {**WINDOWS[0], "start": "20:30"}
    assert view.renewed(form, mia(windows=[WINDOWS[0]], etag="2")).was == form.was
    assert view.renewed(form, mia(windows=[moved, *WINDOWS[1:]])).was != form.was
    assert view.renewed(form, mia(windows=WINDOWS[1:])).was != form.was
    fresh = view.new_form(mia(), "homework")
    assert view.renewed(fresh, mia(windows=[moved])).was == fresh.was


def test_stretches_are_those_in_which_something_holds() -> None:
    cut = {**DAY[1], "until": "2026-03-05T00:00:00+01:00"}
    rest = {**DAY[1], "from": cut["until"]}
    assert view.stretches([DAY[0], cut, rest, DAY[2]]) == [DAY[1]]
    assert view.stretches([DAY[0]]) == []


def test_a_window_of_another_day_is_looked_at_on_that_day() -> None:
    weekend = view.form_of(mia(), WINDOWS[1])
    assert view.preview_at(mia(), weekend, NOW) == "2026-03-06T12:00"
    assert view.preview_at(mia(), view.form_of(mia(), WINDOWS[0]), NOW) is None
    own = view.Form(kind="offline", days=("grandma",), start="10:00", end="11:00")
    assert view.preview_at(mia(week=WEEK), own, NOW) is None


def test_what_may_wait_for_a_while() -> None:
    kinds, singles = view.blockable(
        catalogue({"kind": "categories"}), catalogue({"kind": "services"}), ("roblox",)
    )
    ids = [one["id"] for one in kinds]
    assert ids[:3] == ["games", "video", "social"]
    assert not {"adult", "malware", "shortener"} & set(ids)
    assert [group["title"] for group in singles if group["open"]] == ["Games"]


def test_groups_come_in_one_order_and_know_who_set_them() -> None:
    found = view.groups(mia())
    assert [group["kind"] for group in found] == ["bedtime", "sites"]
    assert not view.is_own(WINDOWS[0]) and view.is_own(WINDOWS[2])
