"""Home in one answer: people, new devices, troubles, and whether protection is on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from guardian.core.decide import Facts
from guardian.core.model import Decision, Reason, Verdict
from guardian.pages.overview import overview_view, protection_view, seen_view
from guardian.pages.scene import Scene
from tests import build
from tests.build import at, home, mac

NOW = at("2026-03-27 20:30")
NEW = Decision(Verdict.REFUSE, Reason.NEW_DEVICE)


def test_everything_of_the_first_screen() -> None:
    household = home(language="de", clock24=False, name="Nest")
    scene = Scene(
        household=household, facts=Facts(), now=NOW, requests={"mia": 1, "tom": 2}
    )
    seen = seen_view(household, {"mac": mac(9)}, NEW, ())
    found: Any = overview_view(
        scene,
        health={"lists-stale": "why", "clock-unknown": "so"},
        unassigned=[seen],
        revision=7,
        enforced=True,
    )
    found = json.loads(json.dumps(found))
    assert (found["revision"], found["enforced"]) == (7, True)
    assert (found["name"], found["language"], found["clock24"]) == ("Nest", "de", False)
    assert (found["now"], found["zone"]) == (
        "2026-03-27T20:30:00+01:00",
        "Europe/Berlin",
    )
    assert (found["mode"], found["claimed"], found["clock_known"]) == (
        "router",
        True,
        True,
    )
    assert [h["code"] for h in found["health"]] == ["clock-unknown"]
    assert [p["id"] for p in found["people"]] == ["mia", "tom", "anna"]
    assert found["requests"] == 3
    assert found["unassigned"] == [seen]
    assert found["protection"] == {"off_until": None, "by": None}


def test_protection_off_says_until_when_and_who() -> None:
    hour = timedelta(hours=1)
    off = build.off(NOW - hour, NOW + hour)
    told = {"off_until": "2026-03-27T21:30:00+01:00", "by": "anna"}
    for facts, now, expected in (
        (Facts(), NOW, told),
        (Facts(), NOW + hour, {"off_until": None, "by": None}),
        (Facts(clock_known=False), NOW, {"off_until": None, "by": None}),
    ):
        scene = Scene(household=home(off=off), facts=facts, now=now)
        assert protection_view(scene) == expected


def test_a_new_device_with_what_it_says_of_itself() -> None:
    sighting = {
        "mac": mac(9),
        "hostname": "iphone",
        "vendor": "Apple",
        "first_seen": int(NOW.timestamp()),
        "last_seen": int(NOW.timestamp()) + 60,
        "addresses": ["192.168.1.9"],
    }
    likely = {"person": "mia", "device": "tablet", "why": ["hostname"]}
    found = seen_view(home(), sighting, NEW, [likely])
    assert (found["mac"], found["device"], found["name"]) == (mac(9), None, "iphone")
    assert found["vendor"] == "Apple" and found["addresses"] == ["192.168.1.9"]
    assert found["first"] == "2026-03-27T20:30:00+01:00"
    assert found["last"] == "2026-03-27T20:31:00+01:00"
    assert found["may_belong_to"] == [likely]
    assert found["decision"]["reason"] == "NEW_DEVICE"


def test_a_known_device_goes_by_its_own_name() -> None:
    found = seen_view(home(), {"mac": mac(9)}, NEW, (), ("pad", "Old pad"))
    assert (found["device"], found["name"]) == ("pad", "Old pad")
    assert (found["first"], found["addresses"]) == (None, [])
