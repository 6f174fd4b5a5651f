"""What the reading verbs show: plain JSON, the same for parent and child."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from guardian import views
from guardian.core.catalogue import Catalogue, Category, Pack, Service
from guardian.core.decide import Facts
from guardian.core.errors import Problem
from guardian.core.model import (
    Access,
    Decision,
    Household,
    Opened,
    Overrides,
    Reason,
    Verdict,
    YouTube,
)
from guardian.core.naming import Judge, NameRules, shared_names, wire_name
from guardian.core.precedence import ROWS
from guardian.views import exempt_name_view, name_view
from tests import build
from tests.build import MIA, PHONE, TABLET, TOM, TV, at, home

KNOWN = Facts()
NOW = at("2026-03-27 20:30")
BEDTIME = "2026-03-27T21:00:00+01:00"


def plain(value: Any) -> Any:
    """Return the value as it arrives over the control socket."""
    return json.loads(json.dumps(value))


def busy() -> Household:
    hour = timedelta(hours=1)
    return home(
        pauses=(
            build.pause(NOW - 3 * hour, NOW - 2 * hour, "mia", "over"),
            build.pause(NOW - hour, NOW + hour, "mia", "now"),
        ),
        grants=(
            build.grant(NOW - 3 * hour, NOW - hour, name="gone"),
            build.grant(NOW, NOW + hour),
        ),
    )


def test_a_decision_has_its_sentence_and_the_homes_time() -> None:
    decision = Decision(Verdict.REFUSE, Reason.BEDTIME, NOW, (("window", "bedtime"),))
    assert views.decision_view(decision, home()) == {
        "verdict": "refuse",
        "reason": "BEDTIME",
        "says": "It is bedtime.",
        "until": "2026-03-27T20:30:00+01:00",
        "args": {"window": "bedtime"},
    }
    open_ended = Decision(Verdict.ALLOW, Reason.DEFAULT)
    assert views.decision_view(open_ended, home())["until"] is None


def test_people_with_what_holds_for_them() -> None:
    found = plain(views.people_view(busy(), KNOWN, NOW))
    assert [person["id"] for person in found] == ["mia", "tom", "anna"]
    mia, tom, anna = found
    assert mia["devices"] == ["tablet"]
    assert mia["fail_mode"] == "normal"
    assert mia["decision"]["reason"] == "PAUSED"
    # What is over is shown no more.
    assert mia["pauses"] == [
        {
            "id": "now",
            "from": "2026-03-27T19:30:00+01:00",
            "until": "2026-03-27T21:30:00+01:00",
            "by": "anna",
        }
    ]
    assert [g["id"] for g in mia["grants"]] == ["grant-1"]
    assert (tom["band"], tom["decision"]["until"]) == ("10-12", BEDTIME)
    assert tom["pauses"] == tom["grants"] == []


def test_of_an_adult_nothing_is_shown_but_that_nothing_holds() -> None:
    found = plain(views.person_view(busy(), build.ANNA, KNOWN, NOW))
    assert set(found) == {"id", "name", "role", "band", "devices", "decision"}
    assert found["decision"]["reason"] == "EXEMPT"


def test_devices() -> None:
    found = plain(views.device_view(home(), TABLET, KNOWN, NOW))
    assert found["macs"] == list(TABLET.macs)
    assert (found["person"], found["exempt"], found["kind"]) == (
        "mia",
        False,
        "personal",
    )
    assert found["decision"]["until"] == BEDTIME
    assert views.device_view(home(), TV, KNOWN, NOW)["exempt"] is True
    assert views.device_view(home(), PHONE, KNOWN, NOW)["exempt"] is True


def test_an_explanation_row_by_row() -> None:
    found = plain(views.explain_view(busy(), TABLET, KNOWN, NOW))
    assert (found["device"], found["day_type"]) == ("tablet", "school")
    assert found["at"] == "2026-03-27T20:30:00+01:00"
    assert [row["row"] for row in found["rows"] if row["applies"]] == [
        "pause",
        "default",
    ]
    ranks = [row["rank"] for row in found["rows"]]
    assert ranks == sorted(ranks)
    assert found["rows"][1]["args"]["pause"] == "now"
    assert all(row["says"] for row in found["rows"])
    assert found["layers"]["window:bedtime"] == "band:10-12"


def test_an_explanation_for_nobodys_device() -> None:
    found = plain(views.explain_view(home(), None, KNOWN, NOW))
    assert (found["device"], found["rows"], found["layers"]) == (None, [], {})
    assert found["decision"]["reason"] == "NEW_DEVICE"


def test_the_coming_day() -> None:
    found = plain(views.timeline_view(home(), MIA, NOW))
    assert found == [
        {"from": "2026-03-27T20:30:00+01:00", "windows": []},
        {"from": BEDTIME, "windows": [{"id": "bedtime", "kind": "bedtime"}]},
        {"from": "2026-03-28T07:00:00+01:00", "windows": []},
    ]


PLAY = build.window("14:00-20:00", "sites", blocks=("games", "social"))
RULES = Overrides(
    windows=(PLAY,),
    access=(("games", Access.LIMIT),),
    allow=("a.org",),
    always=("b.org",),
    youtube=YouTube.OFF,
)


def test_a_window_about_sites_says_what_it_refuses() -> None:
    mia = replace(MIA, overrides=RULES)
    found = plain(views.timeline_view(home(mia), mia, at("2026-03-27 16:00")))
    assert found[0]["windows"] == [
        {"id": "sites", "kind": "sites", "blocks": ["games", "social"]}
    ]


def test_what_holds_for_sites_with_layer_and_reason() -> None:
    band = build.band()
    says = replace(
        band.defaults,
        access=(("adult", Access.BLOCK), ("games", Access.BLOCK)),
        safe_search=True,
        packs=("basics",),
    )
    why = (("access:adult", "made for adults"), ("access:games", "play"))
    mia = replace(MIA, overrides=RULES)
    now = at("2026-03-27 16:00")
    opened = tuple(
        Opened(
            id=f"o{n}", person="mia", name=f"{n}.org", until=now + timedelta(hours=n)
        )
        for n in (0, 1)
    )
    household = home(mia, bands=(replace(band, defaults=says, why=why),), opened=opened)
    own = {"layer": "person:mia", "why": None}
    assert plain(views.sites_view(household, mia, now)) == {
        "person": "mia",
        "band": "10-12",
        "only": {"value": False, "layer": "default", "why": None},
        "packs": {"value": ["basics"], "layer": "band:10-12", "why": None},
        "safe_search": {"value": True, "layer": "band:10-12", "why": None},
        "youtube": {"value": "off", **own},
        "access": [
            {
                "id": "adult",
                "access": "block",
                "layer": "band:10-12",
                "why": "made for adults",
            },
            {"id": "games", "access": "limit", **own},
        ],
        "allow": [{"name": "a.org", **own}],
        "block": [],
        "always": [{"name": "b.org", **own}],
        "opened": [{"name": "1.org", "until": "2026-03-27T17:00:00+01:00", "by": ""}],
    }


def test_the_catalogue() -> None:
    catalogue = Catalogue(
        categories=(Category(id="games", title="Games", contains="play"),),
        services=(
            Service(
                id="roblox",
                title="Roblox",
                group="games",
                domains=("roblox.com",),
                source="own",
                age_hint=9,
            ),
        ),
        packs=(Pack(id="maths", title="Maths", why="school", names=("a.org",)),),
    )
    assert plain(views.catalogue_view(catalogue, "categories")) == [
        {"id": "games", "title": "Games", "contains": "play", "harm": False}
    ]
    assert plain(views.catalogue_view(catalogue, "services")) == [
        {"id": "roblox", "title": "Roblox", "group": "games", "age_hint": 9}
    ]
    assert plain(views.catalogue_view(catalogue, "packs")) == [
        {
            "id": "maths",
            "title": "Maths",
            "why": "school",
            "ages": [0, 17],
            "learning": False,
            "names": 1,
        }
    ]


def test_the_plan_is_the_childrens_and_new_devices() -> None:
    found = plain(views.plan_view(home(), KNOWN, NOW))
    assert [person["id"] for person in found["people"]] == [MIA.id, TOM.id]
    assert found["people"][0]["decision"]["until"] == BEDTIME
    assert len(found["people"][0]["day"]) == 3
    assert found["unknown"]["reason"] == "NEW_DEVICE"
    assert found["at"] == "2026-03-27T20:30:00+01:00"


def test_the_table_of_precedence() -> None:
    found = plain(views.precedence_view())
    assert [row["row"] for row in found] == [row.id for row in ROWS]
    assert [row["rank"] for row in found] == list(range(1, len(ROWS) + 1))
    by_row = {row["row"]: row for row in found}
    assert by_row["parent-rule"]["verdict"] == "as set"
    assert by_row["bedtime"]["verdict"] == "refuse"


def test_problems_keep_place_code_and_detail() -> None:
    problem = Problem("people[0]", "bad-id", "?")
    assert views.problems_view([problem]) == [
        {"place": "people[0]", "code": "bad-id", "detail": "?"}
    ]


class OneList:
    """An index with one name in it."""

    def mask(self, wire: bytes) -> int:
        return int(wire.endswith(wire_name("x.test")))

    def mask_of(self, labels: Iterable[str]) -> int:
        return int("adult" in set(labels))

    def labels_of(self, mask: int) -> tuple[str, ...]:
        return ("adult",) if mask else ()


def test_a_name_is_told_with_what_decided() -> None:
    rules = NameRules(
        state=Decision(Verdict.ALLOW, Reason.DEFAULT),
        access=(("adult", Access.BLOCK),),
        block=frozenset({"b.test"}),
    )
    judge = Judge(rules, shared_names(Catalogue(), ()), OneList())
    listed = name_view(judge, None, "a.x.test")
    assert (listed["verdict"], listed["reason"]) == ("refuse", "BLOCKED_CATEGORY")
    assert listed["args"] == [["category", "adult"]]
    assert listed["says"] == "This kind of site is blocked in the profile."
    assert name_view(judge, None, "b.test")["matched"] == "b.test"
    free = name_view(judge, None, "c.test")
    assert free.keys() == exempt_name_view("c.test").keys()
    assert (free["verdict"], free["matched"], free["lists"]) == ("allow", None, [])
