"""What a technician may see of the verbs' answers, field by field."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import guardian.store
from tests.fakes import family, technician
from tests.fakes.daemon import FakeDaemon
from webui.views import tech

NAMES = re.compile(r"Mia|Ben|Anna|Tom|tablet|console|iPhone|homework|pokerstars|family")


def names_in(value: Any) -> list[str]:
    """Return what of the family stands in a view."""
    return NAMES.findall(json.dumps(value))


def test_no_view_lets_a_name_through() -> None:
    read = FakeDaemon().read
    status, plan, devices = read("status"), read("plan"), read("devices")
    assert names_in([status, plan, devices]) != []
    for view in (
        tech.state(status),
        tech.topology(status),
        tech.names(status),
        tech.lists(status, family.NOW),
        tech.people(plan),
        tech.devices(devices, plan),
        tech.sets(plan),
        tech.explained(read("explain", device="tablet", name="www.tiktok.com")),
    ):
        assert names_in(view) == [] and "9191" not in json.dumps(view)


def test_a_family_s_places_lose_what_it_wrote() -> None:
    for place, shown in {
        "household": "household",
        "network / lan[0]": "network / lan[0]",
        "people[0] (Mia) / windows[1] / to": "people[0] / windows[1] / to",
        "people[1] (Mia / ben) / role": "people[1] / … / role",
        "people[0] (Mia\n) / access / roblox": "people[0] / access / …",
        "devices[3] (Mia's tablet)": "devices[3]",
        "mia": "…",
    }.items():
        assert tech.place(place) == shown


def test_words_of_a_place_are_those_of_the_document() -> None:
    schema = Path(guardian.store.__file__).with_name("household.schema.json")
    found: set[str] = set()

    def walk(value: Any) -> None:
        for inner in value.values() if isinstance(value, dict) else value:
            if isinstance(inner, dict | list):
                walk(inner)
        if isinstance(value, dict) and isinstance(value.get("properties"), dict):
            found.update(value["properties"])

    walk(json.loads(schema.read_text(encoding="utf-8")))
    assert tech.FIELDS - {"household"} == found


def test_causes_come_before_what_follows_from_them() -> None:
    def entry(code: str) -> dict[str, str]:
        return {"code": code, "detail": f"why {code}"}

    health = [entry("a"), entry("b"), entry("c")]
    found = tech.troubles(health, [{**entry("c"), "severity": "bad"}])
    assert [one["code"] for one in found] == ["c", "a", "b"]
    assert [one["root"] for one in found] == [True, False, False]
    assert found[0]["severity"] == "bad" and found[1]["detail"] == "why a"


def test_a_device_is_its_address() -> None:
    read = FakeDaemon().read
    rows = {row["mac"]: row for row in tech.devices(read("devices"), read("plan"))}
    tablet = rows[family.MIA_TABLET]
    assert (tablet["who"], tablet["lease_s"], tablet["random"]) == ("P1", 5400, True)
    assert rows["02:00:5e:00:10:05"]["who"] == "P2"
    assert rows[family.ANNA_PHONE]["who"] == "adult"
    assert rows[family.DOORBELL]["who"] == "" and rows[family.DOORBELL]["exempt"]
    assert not {"hostname", "name", "last_seen"} & set(tablet)


def test_of_sets_only_interfaces_are_told_singly() -> None:
    found = {one["set"]: one for one in tech.sets(technician.PLAN)}
    assert found["floor4"] == {
        "set": "floor4",
        "elements": 2,
        "keys": [],
        "seconds": (3400, 3500),
    }
    assert found["dnsnew"]["keys"] == ["br-lan 20053"]
    assert found["exempt"]["seconds"] is None
    assert tech.sets({"people": []}) == []


def test_rules_are_numbered_and_compared() -> None:
    text = "\n".join(f"line {n}" for n in range(1, 11))
    assert tech.numbered(text).splitlines()[0] == " 1  line 1"
    assert tech.numbered(text).splitlines()[9] == "10  line 10"
    before = "a { m timeout 100ms }\nb\n"
    assert tech.difference(before, before.replace("100", "7")) == []
    assert tech.difference(before, before.replace("b", "c"))[-2:] == ["-b", "+c"]


def test_of_an_authoritys_list_nothing_is_told() -> None:
    answer = family.ANSWERS["explain"]({"device": "x", "name": "www.tiktok.com"})
    answer["name"] |= {"reason": "SAFETY_LIST", "matched": "x.example"}
    name = tech.explained(answer)["name"]
    assert name["withheld"] and name["matched"] is None
    assert name["lists"] == [] and name["args"] == []


def test_lists_that_were_never_fetched() -> None:
    status = FakeDaemon().read("status")
    found = status["names"]["lists"]
    found |= {"index": None, "ran": None, "next": None}
    found["feeds"][0] |= {
        "entries": None,
        "in_force_since": None,
        "checked": None,
        "problem": "fetch-failed",
        "refused": {"guard": "must-allow", "names": ["bank.example"]},
        "held": ["a", "b"],
    }
    seen = tech.lists(status, family.NOW)
    assert seen["digest"] is None and seen["age"] is None
    (feed,) = seen["feeds"]
    assert feed["age"] is None and feed["refused"] == "must-allow" and feed["held"] == 2


def test_names_of_a_process_that_has_told_nothing_yet() -> None:
    found = tech.names({"names": {"answering": False, "stats": {}}})
    assert found["upstream"] is None and found["counters"] == []


def test_time_left() -> None:
    assert tech.left(None, family.NOW) is None
    assert tech.left("2026-03-04T19:31:05+01:00", family.NOW) == 65
    assert tech.left("2026-03-04T19:29:00+01:00", family.NOW) is None
