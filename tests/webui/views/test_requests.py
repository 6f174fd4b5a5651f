"""Requests as values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.family import ANSWERED, ASLEEP, BEN, MIA, OVERVIEW, PAUSED, REQUEST
from webui.views import requests as view

Json = dict[str, Any]
SITE = {**REQUEST, "kind": "site", "minutes": None, "site": "example.org"}


def test_open_and_answered() -> None:
    found = view.requests([REQUEST, ANSWERED], OVERVIEW, parent=True)
    assert [(one["id"], one["name"]) for one in found["open"]] == [("r1", "Mia")]
    assert [(one["id"], one["by"]) for one in found["answered"]] == [("r0", "Tom")]


def test_somebody_who_left_is_named_by_id() -> None:
    gone = {**REQUEST, "person": "max"}
    ended = {**ANSWERED, "answer": {**ANSWERED["answer"], "by": "oma"}}
    never = {**REQUEST, "state": "ended"}
    found = view.requests([gone, ended, never], OVERVIEW, parent=True)
    assert found["open"][0]["name"] == "max" and found["open"][0]["gives"] == []
    assert [one["by"] for one in found["answered"]] == ["oma", ""]


@pytest.mark.parametrize(
    "request_, child, parent, gives",
    [
        (REQUEST, MIA, True, [15, 30, "bedtime"]),
        ({**REQUEST, "minutes": 60}, MIA, False, [15, 30, 60, "bedtime"]),
        (REQUEST, BEN, True, [15, 30]),
        (REQUEST, {**MIA, "decision": ASLEEP}, True, [15, 30]),
        (REQUEST, {**MIA, "decision": PAUSED, "pauses": [{}]}, True, []),
        (SITE, MIA, True, ["1h", "tonight", "always"]),
        (SITE, MIA, False, ["1h", "tonight"]),
        (SITE, {**MIA, "pauses": [{}]}, True, ["1h", "tonight", "always"]),
    ],
)
def test_what_one_tap_gives(
    request_: Json, child: Json, parent: bool, gives: list[Any]
) -> None:
    assert view.gives(request_, child, parent=parent) == gives


@pytest.mark.parametrize(
    "text, give",
    [
        ("15", 15),
        ("1440", 1440),
        ("1441", None),
        ("0", None),
        ("²", None),
        ("9" * 5000, None),
        ("bedtime", "bedtime"),
        ("1h", "1h"),
        ("always", "always"),
        ("forever", None),
        ("", None),
    ],
)
def test_what_a_button_sends(text: str, give: int | str | None) -> None:
    assert view.parse_give(text) == give
