"""Apps and sites as values: differences, tiles, names as typed, the test's answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.rules import EXACTLY, SITES, catalogue, explain, setting
from webui.views import sites as view

Json = dict[str, Any]
TITLES = {"roblox": "Roblox", "youtube": "YouTube", "social": "Social networks"}
KINDS = view.kinds(SITES, catalogue({"kind": "categories"}))
SERVICES = catalogue({"kind": "services"})


def test_differences_are_what_a_person_set() -> None:
    found = view.differences(SITES, TITLES)
    assert [(one["kind"], one["title"], one["value"]) for one in found] == [
        ("access", "Roblox", "block"),
        ("access", "YouTube", "limit"),
        ("site", "scratch.mit.edu", "allow"),
        ("site", "example.com", "block"),
    ]
    assert view.differences(EXACTLY, TITLES) == []


def test_own_settings_differ_too() -> None:
    sites = {**EXACTLY, "only": setting("person:mia", value=True)}
    assert view.differences(sites, {}) == [
        {"kind": "only", "id": "only", "title": "", "value": True}
    ]


def test_a_service_has_its_kinds_rule_unless_it_has_its_own() -> None:
    by_id = {
        tile["id"]: tile
        for group in view.groups(SITES, KINDS, SERVICES)
        for tile in group["tiles"]
    }
    assert len(by_id) == len(SERVICES)
    assert by_id["tiktok"]["access"] == "block" and not by_id["tiktok"]["own"]
    assert by_id["roblox"]["access"] == "block" and by_id["roblox"]["own"]
    assert by_id["youtube"]["access"] == "limit"
    assert by_id["minecraft"]["access"] == "allow"


def test_groups_with_most_services_come_first_and_count_what_is_set_apart() -> None:
    found = view.groups(SITES, KINDS, SERVICES)
    assert found[0]["id"] == "games" and found[0]["own"] == 1
    assert not any(group["open"] for group in found)


@pytest.mark.parametrize("query", ["roBLOX", "game"])
def test_a_search_unfolds_what_it_finds(query: str) -> None:
    found = view.groups(SITES, KINDS, SERVICES, query)
    assert found[0]["id"] == "games" and found[0]["open"]
    assert view.groups(SITES, KINDS, SERVICES, "no such app") == []
    # "pro" is inside "improve" and "proxies": only a word's beginning counts.
    groups = view.groups(SITES, KINDS, SERVICES, "oxies")
    assert groups == []


def test_packs_are_those_of_the_age_and_those_that_are_chosen() -> None:
    every = catalogue({"kind": "packs"})
    small = {one["id"]: one for one in view.packs(SITES, every, 5)}
    assert "first-sites" in small and "coding" not in small
    assert small["maths"]["chosen"] and not small["first-sites"]["chosen"]
    assert len(view.packs(SITES, every, None)) == len(every)
    assert view.youngest("10-12") == 10 and view.youngest(None) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("https://www.Example.org/a?b=c#d", "example.org"),
        ("http://user:pw@example.org:8080", "example.org"),
        ("example.org/path", "example.org"),
        (" www.example.org. ", "example.org"),
        ("www.com", "www.com"),
        ("müsli.example", "müsli.example"),
        ("http://[::1", "http://[::1"),
        ("", ""),
    ],
)
def test_what_is_pasted_becomes_a_name(typed: str, name: str) -> None:
    assert view.site_name(typed) == name


def explained(name: str, **changes: Any) -> Json:
    """Return the answer for a name on Mia's tablet."""
    found = explain({"device": "tablet", "name": name})
    found["decision"] = {**found["decision"], **changes}
    return view.answer(found, name, TITLES)


def test_a_name_on_no_list_is_reached() -> None:
    found = explained("scratch.mit.edu")
    assert found["reaches"] and not found["can_allow"] and found["lists"] == []


def test_a_blocked_name_says_what_holds_it() -> None:
    found = explained("www.tiktok.com")
    assert not found["reaches"] and found["can_allow"]
    assert found["what"] == ["Social networks"] and found["lists"] == ["tiktok"]


def test_at_bedtime_the_device_is_what_refuses() -> None:
    found = explained("scratch.mit.edu", verdict="refuse", reason="BEDTIME", until="x")
    assert not found["reaches"] and found["device"]["reason"] == "BEDTIME"
    assert found["until"] == "x" and not found["can_allow"]


def test_help_is_reached_at_bedtime() -> None:
    said = explain({"device": "tablet", "name": "childline.org.uk"})
    said["decision"]["verdict"] = "refuse"
    said["name"]["reason"] = "FLOOR"
    found = view.answer(said, "childline.org.uk", {})
    assert found["reaches"] and found["device"] is None


def test_an_hour_from_now_keeps_the_offset() -> None:
    found = view.in_an_hour("2026-03-04T23:30:00+01:00")
    assert found == "2026-03-05T00:30:00+01:00"
