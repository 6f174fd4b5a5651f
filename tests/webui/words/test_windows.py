"""Windows in words: days, nights, times, and where a window comes from."""

from __future__ import annotations

from typing import Any

import pytest

from webui.words import windows


def window(**changes: Any) -> dict[str, Any]:
    """Return a window as `person` shows it, with changes."""
    return {
        "id": "bedtime",
        "kind": "bedtime",
        "days": ["school"],
        "start": "21:00",
        "end": "06:30",
        "blocks": [],
        "layer": "band:10-12",
        "why": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "School nights 21:00 to 06:30"),
        (
            {"days": ["holiday", "weekend"], "end": "24:00"},
            "Nights before free days 21:00 to 00:00",
        ),
        (
            {"days": ["holiday", "school", "weekend"]},
            "Every night 21:00 to 06:30",
        ),
        (
            {"days": ["grandma-week"]},
            "Nights before “Grandma week” 21:00 to 06:30",
        ),
        (
            {"kind": "homework", "start": "15:00", "end": "16:30"},
            "School days 15:00 to 16:30",
        ),
        (
            {"kind": "offline", "days": ["holiday", "school", "weekend"]},
            "Every day 21:00 to 06:30 the next day",
        ),
        (
            {"kind": "sites", "days": ["camp", "school"], "end": "22:00"},
            "School days, Camp 21:00 to 22:00",
        ),
    ],
)
def test_a_window_in_words(changes: dict[str, Any], said: str) -> None:
    assert windows.window(window(**changes)) == said


def test_where_a_window_comes_from() -> None:
    assert windows.source(window(), "Mia", "10-12") == "From the 10–12 template."
    why = windows.source(window(why="They need sleep."), "Mia", "10-12")
    assert why == "From the 10–12 template: They need sleep."
    own = windows.source(window(layer="person:mia"), "Mia", "10-12")
    assert own == "Set for Mia by a parent."


def test_a_stretch_says_when_in_full() -> None:
    found = {
        "from": "2026-03-04T21:00:00+01:00",
        "until": "2026-03-05T06:30:00+01:00",
        "kinds": ["bedtime"],
    }
    tonight = windows.stretch(found, "2026-03-04T19:30:00+01:00")
    assert tonight == "Tonight: Bedtime, 21:00 until 06:30"
    ahead = windows.stretch(found, "2026-03-02T19:30:00+01:00")
    assert ahead == "Wednesday: Bedtime, 21:00 until 06:30"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"off": True}, "Homework is called off"),
        ({"start": "16:00"}, "Homework starts at 16:00"),
        ({"end": "17:00"}, "Homework ends at 17:00"),
        ({"start": "16:00", "end": "17:00"}, "Homework, 16:00 until 17:00"),
    ],
)
def test_what_differs_on_one_day(changes: dict[str, Any], said: str) -> None:
    found = {"kind": "homework", "start": None, "end": None, "off": False, **changes}
    assert windows.exception(found) == said


def test_what_apps_a_window_turns_off() -> None:
    found = window(kind="sites", blocks=["games", "new-one"])
    assert windows.blocks(found, {"games": "Games"}) == "Off then: Games, New one"


def test_every_kind_type_and_problem_has_words() -> None:
    for kind in ("bedtime", "offline", "homework", "sites"):
        assert windows.kind(kind) and windows.means(kind)
        for day in (*windows.USUAL, "own-one"):
            assert windows.day_types(day, kind) and windows.day_type(day)
    assert windows.problem("days-missing")
