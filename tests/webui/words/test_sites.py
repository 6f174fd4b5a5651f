"""Apps and sites in words: what differs, why a name is or is not reached."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.model import Reason
from webui.words import sites

NOW = "2026-03-04T19:30:00+01:00"


def answer(**changes: Any) -> dict[str, Any]:
    """Return an answer as the view makes it."""
    return {
        "site": "example.org",
        "verdict": "refuse",
        "reason": "DEFAULT",
        "until": None,
        "matched": None,
        "device": None,
        "what": ["Social networks"],
        "reaches": False,
        **changes,
    }


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"kind": "access", "title": "Roblox", "value": "block"}, "Roblox is blocked"),
        ({"kind": "access", "title": "Roblox", "value": "limit"}, "Roblox is limited"),
        (
            {"kind": "site", "title": "a.org", "value": "always"},
            "a.org always works, at bedtime too",
        ),
        ({"kind": "only", "value": True}, "Only chosen sites work"),
        ({"kind": "safe_search", "value": False}, "Safe search is off"),
        ({"kind": "youtube", "value": "moderate"}, "YouTube is on moderate"),
        ({"kind": "packs", "value": ["maths"]}, "Starter packs of your choice"),
    ],
)
def test_what_differs(found: dict[str, Any], said: str) -> None:
    assert sites.difference(found) == said


def test_an_answer_names_the_child_and_the_site() -> None:
    said = sites.answer(answer(), "Mia", "example.org")
    assert said == "No, Mia would not reach example.org."
    said = sites.answer(answer(reaches=True), "Mia", "example.org")
    assert said == "Yes, Mia would reach example.org."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "It is on no list: allowed."),
        (
            {"reason": "BLOCKED_CATEGORY"},
            "It is among what is blocked: Social networks.",
        ),
        ({"reason": "BLOCKED_SITE", "matched": "org"}, "You blocked org."),
        (
            {"reason": "BEDTIME", "until": "2026-03-05T06:30:00+01:00"},
            "Bedtime until 06:30",
        ),
        (
            {"device": {"reason": "PAUSED", "until": None, "verdict": "refuse"}},
            "Paused",
        ),
    ],
)
def test_the_rule_behind_an_answer(changes: dict[str, Any], said: str) -> None:
    assert sites.reason(answer(**changes), NOW) == said


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason: Reason) -> None:
    said = sites.reason(answer(reason=reason.value, matched="example.org"), NOW)
    assert said and reason.value not in said
    # "Nothing in the way" would be a wrong reason for any other than DEFAULT.
    if reason not in (Reason.DEFAULT, Reason.BUDGET_USED):
        assert said != "Internet is on"


def test_what_was_done() -> None:
    assert sites.added("block", "Mia", "a.org") == "Blocked for Mia: a.org."
    assert sites.changed("default", "Roblox", "Mia") == (
        "Roblox is as in the template for Mia."
    )
    assert sites.access("block") == "Blocked"
    assert sites.youtube("off") == "All videos"
    assert sites.when("2026-03-05T21:00:00+01:00", NOW) == "tomorrow, 21:00"
