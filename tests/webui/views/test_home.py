"""Home as values."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.fakes.family import BEDTIME, BEN, MIA, NOW, OVERVIEW, PAUSED, decision
from webui.views import home as view

Json = dict[str, Any]


def overview(**fields: Any) -> Json:
    return {**deepcopy(OVERVIEW), **fields}


def entry(code: str, severity: str) -> Json:
    return {"code": code, "detail": "", "severity": severity}


def test_children_have_cards_and_adults_none() -> None:
    found = view.home(OVERVIEW)
    assert [card["id"] for card in found["children"]] == ["mia", "ben"]
    assert (found["online"], found["all_paused"], found["trouble"]) == (1, False, None)
    assert found["new"][0]["looks_like"] == "Mia"


def test_an_empty_home_is_not_paused() -> None:
    assert view.home(overview(people=[]))["all_paused"] is False


def test_time_left_is_told_while_an_end_is_ahead() -> None:
    assert view.card(MIA, NOW)["left_s"] == 5400
    assert view.card(BEN, NOW)["left_s"] is None
    open_end = {**MIA, "decision": decision("allow", "DEFAULT", None)}
    assert view.card(open_end, NOW)["left_s"] is None
    # A grant's end is no end of the internet where none would stop it.
    goes_on = {"at": BEDTIME, "reason": "DEFAULT", "verdict": "allow"}
    assert view.card({**MIA, "next": goes_on}, NOW)["left_s"] is None


def test_no_time_is_given_while_paused() -> None:
    paused = {**MIA, "decision": PAUSED, "pauses": [{"id": "p"}]}
    found = view.card(paused, NOW)
    assert found["paused"] and not found["grantable"] and not found["asleep"]
    assert view.card(BEN, NOW)["asleep"]


@pytest.mark.parametrize(
    "fields, code",
    [
        ({"enforced": False}, "enforcement-refused"),
        ({"enforced": False, "failsafe": True}, "enforcement-refused"),
        ({"failsafe": True, "clock_known": False}, "failsafe"),
        ({"clock_known": False}, "clock-unknown"),
        ({"trial": True}, "rules-on-trial"),
        ({"health": [entry("a", "bad")], "failsafe": True}, "a"),
        ({"health": [entry("a", "warn"), entry("b", "bad")]}, "b"),
        ({"health": [entry("a", "warn")], "clock_known": False}, "clock-unknown"),
        ({"health": [entry("a", "warn"), entry("b", "warn")]}, "a"),
        ({"health": [entry("a", "info")]}, None),
    ],
)
def test_one_trouble_is_told(fields: Json, code: str | None) -> None:
    found = view.trouble(overview(**fields))
    assert (found and found["code"]) == code


def test_a_trouble_leads_to_what_it_means() -> None:
    clock, other = (
        view.trouble(overview(health=[entry(code, "bad")]))
        for code in ("clock-unknown", "monitor-failed")
    )
    assert clock and clock["more"] == "/help#clock"
    assert other and other["more"] == "/help#trouble"


def test_what_the_box_cannot_do_is_a_note_and_no_trouble() -> None:
    health = [entry("no-egress-hook", "info"), entry("partly-enforced", "info")]
    found = view.home(overview(health=health))
    assert [one["code"] for one in found["notes"]] == ["no-egress-hook"]
    assert found["trouble"] is None


def test_names() -> None:
    assert view.name_of(OVERVIEW, "anna") == "Anna"
    assert view.name_of(OVERVIEW, "all") is None
    assert view.child_of(OVERVIEW, "anna") is None
    assert view.child_of(OVERVIEW, "ben") == BEN


def test_more_time_is_put_where_it_helps() -> None:
    # On now: bedtime begins later, and nothing else is lifted.
    assert view.more_time(MIA, 15) == {
        "until": "2026-03-04T21:15:00+01:00",
        "lifts": "bedtime",
    }
    # Off now: from this moment.
    assert view.more_time(BEN, 15) == {"span": "15m"}
    # Running: added to the last one, for what that lifts.
    running = [
        {"id": "a", "until": "2026-03-04T21:30:00+01:00", "lifts": ["bedtime"]},
        {"id": "b", "until": "2026-03-04T20:00:00+01:00"},
    ]
    assert view.more_time({**MIA, "grants": running}, 30) == {
        "span": "30m",
        "lifts": "bedtime",
    }
    assert view.more_time({**BEN, "grants": running[1:]}, 15) == {"span": "15m"}
    # On with nothing ahead that a grant could lift.
    assert view.more_time({**MIA, "next": None}, 15) == {"span": "15m"}


def test_a_guests_device_has_had_its_answer() -> None:
    guest = {**OVERVIEW["unassigned"][0], "device": "guest"}
    found = view.home(overview(unassigned=[guest]))
    assert found["new"] == []
