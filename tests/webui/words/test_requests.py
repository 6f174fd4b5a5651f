"""Requests in words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.family import ANSWERED, NOW, REQUEST
from webui.words import requests as words

Json = dict[str, Any]
UNTIL = "2026-03-04T20:00:00+01:00"


def request(state: str, answer: Json | None = None, **fields: Any) -> Json:
    given = {"by": "tom", "at": NOW, "words": "", "until": None, "minutes": None}
    return {
        **REQUEST,
        "state": state,
        "answer": None if answer is None else {**given, **answer},
        **fields,
    }


SITE = {"kind": "site", "minutes": None, "site": "example.org"}
TIME = {"until": UNTIL, "minutes": 30}


def test_what_is_asked_for() -> None:
    assert words.asks(REQUEST, "Mia") == "Mia asks for 30 minutes."
    assert words.asks({**REQUEST, "minutes": 1}, "Mia") == "Mia asks for 1 minute."
    assert words.asks(ANSWERED, "Mia") == "Mia asks for scratch.mit.edu."
    assert words.asked(REQUEST, "Mia") == "Mia asked for 30 minutes."
    assert words.asked(ANSWERED, "Mia") == "Mia asked for scratch.mit.edu."


@pytest.mark.parametrize(
    "found, history, notice",
    [
        (
            request("given", TIME),
            "Tom gave 30 minutes, until 20:00.",
            "Mia has extra time until 20:00.",
        ),
        (
            request("less", {**TIME, "minutes": 1}),
            "Tom gave 1 minute, until 20:00.",
            "Mia has extra time until 20:00.",
        ),
        (
            request("given", {"until": UNTIL}, **SITE),
            "Tom opened example.org until 20:00.",
            "example.org is open for Mia until 20:00.",
        ),
        (
            request("given", {}, **SITE),
            "Tom allowed example.org.",
            "example.org is allowed for Mia.",
        ),
        (
            request("declined", {"words": "Later."}),
            "Tom said not now.",
            "You said not now. Mia sees your words.",
        ),
    ],
)
def test_what_became_of_it(found: Json, history: str, notice: str) -> None:
    assert words.answered(found, "Mia", "Tom", NOW) == history
    assert words.done(found, "Mia", NOW) == notice


def test_nobody_answered() -> None:
    assert "ended with the day" in words.answered(request("ended"), "Mia", "", NOW)
