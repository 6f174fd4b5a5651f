"""A person's card and a child's page: who, what holds, until when, and who set it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from guardian.core.decide import Facts
from guardian.core.model import (
    Household,
    Overrides,
    Person,
    WindowException,
    WindowKind,
)
from guardian.pages.people import child_view, etag, person_view
from guardian.pages.scene import Scene
from tests import build
from tests.build import ANNA, BEDTIME, MIA, TOM, at, home, mac

NOW = at("2026-03-27 20:30")


def scene(household: Household, **more: Any) -> Scene:
    return Scene(household=household, facts=Facts(), now=NOW, **more)


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def test_a_childs_card() -> None:
    hour = timedelta(hours=1)
    household = home(
        replace(MIA, birth=(2015, 5)),
        TOM,
        ANNA,
        pauses=(
            build.pause(NOW - 3 * hour, NOW - 2 * hour, "mia", "over"),
            build.pause(NOW - hour, NOW + hour, None, "now"),
        ),
        grants=(replace(build.grant(NOW, NOW + hour), why=""),),
    )
    proof = {"at": "x", "closed": 3, "closed6": 1, "left": 0}
    shown = scene(
        household,
        online=frozenset({mac(1)}),
        proofs={"mia": proof},
        requests={"mia": 2},
    )
    card = plain(person_view(shown, household.people[0]))
    assert list(card) == [
        *("id", "name", "role", "band", "birth", "etag", "online", "devices"),
        *("decision", "next", "pauses", "grants", "proof", "requests"),
    ]
    assert (card["role"], card["band"], card["birth"]) == ("child", "10-12", "2015-05")
    assert card["online"] and card["devices"] == ["tablet"]
    assert card["decision"]["reason"] == "PAUSED"
    assert card["next"]["reason"] == "BEDTIME" or card["next"]["verdict"] == "allow"
    assert [p["id"] for p in card["pauses"]] == ["now"]
    (given,) = card["grants"]
    assert given["lifts"] == ["bedtime", "budget", "homework", "offline"]
    assert "why" not in given and given["until"] == "2026-03-27T21:30:00+01:00"
    assert (card["proof"], card["requests"]) == (proof, 2)
    other = plain(person_view(shown, TOM))
    assert not other["online"] and other["proof"] is None and other["requests"] == 0


def test_an_adults_card_says_that_nothing_holds() -> None:
    card = plain(person_view(scene(home()), ANNA))
    assert card["decision"]["reason"] == "EXEMPT"
    assert (card["band"], card["birth"], card["next"]) == (None, None, None)
    assert card["pauses"] == card["grants"] == []


def test_the_etag_is_that_of_rules_and_of_nothing_else() -> None:
    before = etag(MIA)
    assert len(before) == 16 and int(before, 16) >= 0
    assert etag(replace(MIA, name="Maria", birth=(2015, 5))) == before
    assert etag(TOM) == before
    others = [
        replace(MIA, band="6-9"),
        replace(MIA, overrides=Overrides(windows=(BEDTIME,))),
        replace(MIA, overrides=Overrides(dropped=("bedtime",))),
        replace(MIA, overrides=Overrides(block=("example.org",))),
        replace(MIA, overrides=Overrides(only=False)),
    ]
    assert len({before, *map(etag, others)}) == 6


def page(person: Person, **fields: Any) -> Any:
    household = home(person, **fields)
    return plain(child_view(scene(household), person))


def test_windows_with_the_layer_that_set_each() -> None:
    band = replace(
        build.band(BEDTIME, build.window("13:00-24:00", "offline")),
        why=(("window:bedtime", "Sleep."),),
    )
    own = build.window("17:00-18:30", "sites", days=("school",), name="quiet")
    found = page(build.child("mia", own), bands=(band,))
    assert found["windows"] == [
        {
            "id": "bedtime",
            "kind": "bedtime",
            "days": ["holiday", "school", "weekend"],
            "start": "21:00",
            "end": "07:00",
            "blocks": [],
            "layer": "band:10-12",
            "why": "Sleep.",
            "default": True,
        },
        {
            "id": "offline",
            "kind": "offline",
            "days": ["holiday", "school", "weekend"],
            "start": "13:00",
            "end": "24:00",
            "blocks": [],
            "layer": "band:10-12",
            "why": None,
            "default": True,
        },
        {
            "id": "quiet",
            "kind": "sites",
            "days": ["school"],
            "start": "17:00",
            "end": "18:30",
            "blocks": ["games"],
            "layer": "person:mia",
            "why": None,
            "default": False,
        },
    ]
    assert found["day_types"] == ["holiday", "school", "weekend"]
    assert found["today"] == {"date": "2026-03-27", "day_type": "school"}
    assert len(found["week"]) == 7 and found["day"][0]["from"].startswith("2026-03-27")


def test_what_is_called_off_and_what_differs_for_a_day() -> None:
    def except_on(day: int, **fields: Any) -> WindowException:
        return WindowException(
            id=f"e{day}",
            person="mia",
            on=date(2026, 3, day),
            kind=WindowKind.BEDTIME,
            **fields,
        )

    mia = replace(MIA, overrides=Overrides(dropped=("bedtime",)))
    found = page(
        mia,
        exceptions=(
            except_on(25, off=True),
            except_on(26, off=True),
            except_on(27, start=1350, end=1470),
            replace(except_on(28, off=True), person="tom"),
        ),
    )
    assert found["dropped"] == ["bedtime"] and found["windows"] == []
    assert found["exceptions"] == [
        {
            "id": "e26",
            "on": "2026-03-26",
            "kind": "bedtime",
            "start": None,
            "end": None,
            "off": True,
        },
        {
            "id": "e27",
            "on": "2026-03-27",
            "kind": "bedtime",
            "start": "22:30",
            "end": "00:30",
            "off": False,
        },
    ]
