"""Why a name is closed: for the asking device alone, and no more than it may know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guardian.core.model import Access, Overrides, Reason, Verdict
from guardian.core.naming import NameRules
from tests import build
from tests.steering import STRANGER, Desk
from tests.verbs.kit import MIA, PARENT, TOM, refused

AT = {
    "192.168.1.21": MIA,
    "192.168.1.22": TOM,
    "192.168.1.23": PARENT,
    "192.168.1.9": STRANGER,
}
GAMES = [{"label": "games", "list": "curated"}]
OTHERS = [{"label": "ads", "list": "an-ad-list"}]


def answering(desk: Desk, reason: Reason, **more: Any) -> list[NameRules]:
    """Let the index say so of every name; return the rules that were asked by."""
    asked: list[NameRules] = []
    opens = reason in (Reason.FLOOR, Reason.DEFAULT, Reason.SOFT_FLOOR)

    def explain_name(rules: NameRules, name: str) -> dict[str, Any]:
        asked.append(rules)
        verdict = Verdict.ALLOW if opens else Verdict.REFUSE
        return {
            "name": name,
            "verdict": verdict.value,
            "reason": reason.value,
            "says": "So it is.",
            "args": [],
            "until": None,
            "matched": name,
            "answered_as": None,
            "lists": GAMES + OTHERS,
            **more,
        }

    desk.world.explain_name = explain_name  # type: ignore[attr-defined]
    desk.world.owners = dict(AT)
    return asked


def test_the_reason_with_the_lists_behind_it(desk: Desk) -> None:
    answering(desk, Reason.BLOCKED_CATEGORY, args=[["category", "games"]])
    found = desk.ask("why", address="192.168.1.21", name="Play.Example.org.")
    assert found == {
        "name": "play.example.org",
        "decision": {
            "verdict": "refuse",
            "reason": "BLOCKED_CATEGORY",
            "says": "So it is.",
            "until": None,
        },
        "args": [["category", "games"]],
        "lists": GAMES,
    }


@pytest.mark.parametrize(
    "reason", [Reason.SAFETY_LIST, Reason.FLOOR, Reason.SOFT_FLOOR, Reason.DEFAULT]
)
def test_what_says_no_more_than_it_may(desk: Desk, reason: Reason) -> None:
    answering(desk, reason, args=[["category", "games"]])
    found = desk.ask("why", address="192.168.1.21", name="example.org")
    assert found["decision"]["reason"] == reason.value
    assert (found["args"], found["lists"]) == ([], [])


def test_each_device_is_asked_by_its_own_rules(desk: Desk) -> None:
    asked = answering(desk, Reason.DEFAULT)
    desk.ask("pause", person="mia", span="1h")
    for address in ("192.168.1.21", "192.168.1.22", "192.168.1.9"):
        desk.ask("why", address=address, name="example.org")
    assert [rules.state.reason for rules in asked] == [
        Reason.PAUSED,
        Reason.DEFAULT,
        Reason.NEW_DEVICE,
    ]


def test_an_end_is_told_in_the_households_zone(desk: Desk) -> None:
    answering(desk, Reason.PAUSED, until="2026-03-04T17:00:00+00:00")
    found = desk.ask("why", address="192.168.1.21", name="example.org")
    assert found["decision"]["until"] == "2026-03-04T18:00:00+01:00"


def test_a_window_about_sites_says_when_it_ends(tmp_path: Path) -> None:
    first = build.window("11:00-14:00", "sites")
    second = build.window("13:00-17:00", "sites", name="later")
    desk = Desk(
        tmp_path, build.home(build.child("mia", first, second), build.TOM, build.ANNA)
    )
    answering(desk, Reason.BLOCKED_CATEGORY, args=[["category", "games"]])
    found = desk.ask("why", address="192.168.1.21", name="example.org")
    assert found["decision"]["until"] == "2026-03-04T17:00:00+01:00"


def test_what_the_profile_refuses_has_no_end_in_a_window(tmp_path: Path) -> None:
    mia = build.child("mia", build.window("11:00-14:00", "sites"))
    blocks = replace(mia.overrides, access=(("games", Access.BLOCK),))
    assert isinstance(blocks, Overrides)
    desk = Desk(
        tmp_path, build.home(replace(mia, overrides=blocks), build.TOM, build.ANNA)
    )
    answering(desk, Reason.BLOCKED_CATEGORY, args=[["category", "games"]])
    found = desk.ask("why", address="192.168.1.21", name="example.org")
    assert found["decision"]["until"] is None


def test_without_limits_nothing_is_judged(desk: Desk) -> None:
    asked = answering(desk, Reason.BLOCKED_SITE)
    found = desk.ask("why", address="192.168.1.23", name="example.org")
    assert found["decision"]["reason"] == "EXEMPT" and asked == []


def test_whoever_is_not_in_the_home_learns_nothing(desk: Desk) -> None:
    asked = answering(desk, Reason.BLOCKED_SITE)
    found = desk.ask("why", address="203.0.113.1", name="example.org")
    assert found["decision"] is None and asked == []


def test_no_device_can_be_named(desk: Desk) -> None:
    asked = answering(desk, Reason.DEFAULT)
    desk.ask("pause", person="mia", span="1h")
    desk.ask("why", address="192.168.1.22", name="example.org", device=MIA)
    assert asked[0].state.reason is Reason.DEFAULT


@pytest.mark.parametrize("name", ["", "org", "a b.org", "<b>.org", "a" * 300 + ".org"])
def test_what_is_no_name_is_refused(desk: Desk, name: str) -> None:
    answering(desk, Reason.DEFAULT)
    assert refused(desk, "why", address="192.168.1.21", name=name) == "bad-hostname"


def test_asking_changes_nothing(desk: Desk) -> None:
    answering(desk, Reason.BLOCKED_SITE)
    before = desk.service.revision, desk.changed
    desk.ask("why", address="192.168.1.21", name="example.org")
    assert (desk.service.revision, desk.changed) == before
