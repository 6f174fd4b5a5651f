"""A child's lists of names and kinds of site, as they are set and told."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.model import Access, YouTube
from tests.build import home
from tests.steering import Desk
from tests.verbs.kit import refused


def test_single_sites_are_put_on_lists_and_forgotten(desk: Desk) -> None:
    done = desk.ask("site", person="Mia", action="block", names=["*.B.org", "a.org"])
    assert done == {"names": ["a.org", "b.org"], "revision": 2, "enforced": True}
    desk.ask("site", person="mia", action="allow", names=["a.org"])
    desk.ask("site", person="mia", action="always", names=["c.org", "bücher.example"])
    says = desk.service.household.people[0].overrides
    assert (says.allow, says.block) == (("a.org",), ("b.org",))
    assert says.always == ("c.org", "xn--bcher-kva.example")
    names = ["a.org", "b.org", "c.org", "bücher.example"]
    desk.ask("site", by="tom", person="mia", action="forget", names=names)
    assert desk.service.household == home()
    newest, *_ = desk.ask("audit", limit=1)
    assert (newest["by"], newest["verb"]) == ("tom", "site")
    assert {"place": "people/mia/block/b.org", "what": "removed"} in newest["changes"]


def test_access_to_kinds_and_services(desk: Desk) -> None:
    done = desk.ask("access", person="mia", label="social", access="block")
    assert done == {"id": "social", "revision": 2, "enforced": True}
    desk.ask("access", person="mia", label="tiktok", access="limit", revision=2)
    (change,) = desk.ask("audit", limit=1)[0]["changes"]
    assert change["place"] == "people/mia/access/tiktok"
    assert change["after"] == '"limit"'
    says = desk.service.household.people[0].overrides
    assert dict(says.access) == {"social": Access.BLOCK, "tiktok": Access.LIMIT}
    for label in ("social", "tiktok"):
        desk.ask("access", person="mia", label=label, access="default")
    assert desk.service.household == home()


def test_settings_about_sites(desk: Desk) -> None:
    done = desk.ask(
        "sites-set",
        person="mia",
        only="on",
        packs="maths, basics",
        safe_search="on",
        youtube="strict",
    )
    assert done == {"person": "mia", "revision": 2, "enforced": True}
    says = desk.service.household.people[0].overrides
    assert (says.only, says.packs) == (True, ("basics", "maths"))
    assert (says.safe_search, says.youtube) == (True, YouTube.STRICT)
    desk.ask("sites-set", person="mia", packs="none", only="off")
    found = desk.ask("sites", person="mia")
    assert found["only"] == {"value": False, "layer": "person:mia", "why": None}
    assert found["packs"]["value"] == []
    back = dict.fromkeys(("only", "packs", "safe_search", "youtube"), "default")
    desk.ask("sites-set", person="mia", **back)
    assert desk.service.household == home()


def test_what_holds_for_sites_is_told_with_who_set_it(desk: Desk) -> None:
    desk.ask("site", person="mia", action="block", names=["a.org"])
    revision = desk.service.revision
    found = desk.ask("sites", person="mia")
    assert found["block"] == [{"name": "a.org", "layer": "person:mia", "why": None}]
    assert found["youtube"]["layer"] == "default" and found["opened"] == []
    assert desk.service.revision == revision


@pytest.mark.parametrize(
    "verb, args, code",
    [
        ("site", {"person": "mia", "action": "block"}, "needs-arguments"),
        ("site", {"person": "mia", "action": "block", "names": []}, "needs-arguments"),
        ("site", {"person": "mia", "action": "burn", "names": ["a.org"]},
         "bad-argument"),
        ("site", {"person": "mia", "action": "block", "names": "a.org"},
         "bad-argument"),
        ("site", {"person": "anna", "action": "block", "names": ["a.org"]},
         "not-a-child"),
        ("site", {"person": "mia", "action": "allow", "names": ["a.org", "org"]},
         "bad-hostname"),
        ("site", {"person": "mia", "action": "allow", "names": [5]}, "bad-hostname"),
        ("site", {"person": "mia", "action": "allow", "names": ["x" * 1_000_000]},
         "bad-hostname"),
        ("site", {"person": "mia", "action": "forget", "names": ["a.org"]},
         "site-not-listed"),
        ("site", {"person": "mia", "action": "block",
                  "names": ["a.org", "www.Childline.org.uk"]},
         "floor-cannot-be-blocked"),
        ("site", {"person": "mia", "action": "block",
                  "names": [f"n{i}.org" for i in range(2001)]}, "too-many-names"),
        ("site", {"person": "mia", "action": "allow", "names": ["a.org"],
                  "revision": 7}, "revision-conflict"),
        ("access", {"person": "mia", "label": "games"}, "needs-arguments"),
        ("access", {"person": "mia", "label": "golf", "access": "block"},
         "unknown-category"),
        ("access", {"person": "mia", "label": "x" * 999, "access": "default"},
         "unknown-category"),
        ("access", {"person": "mia", "label": "games", "access": "maybe"},
         "bad-argument"),
        ("sites", {}, "needs-arguments"),
        ("sites", {"person": "anna"}, "not-a-child"),
        ("sites-set", {"person": "mia"}, "needs-arguments"),
        ("sites-set", {"person": "mia", "only": "yes"}, "bad-argument"),
        ("sites-set", {"person": "mia", "only": True}, "bad-argument"),
        ("sites-set", {"person": "mia", "youtube": "on"}, "bad-argument"),
        ("sites-set", {"person": "mia", "packs": "basics,golf"}, "unknown-pack"),
        ("sites-set", {"person": "mia", "packs": ""}, "unknown-pack"),
    ],
)  # fmt: skip
def test_refusals_have_stable_codes(
    desk: Desk, verb: str, args: dict[str, Any], code: str
) -> None:
    assert refused(desk, verb, **args) == code


def test_a_site_is_open_until_an_end(desk: Desk) -> None:
    done = desk.ask("open", by="tom", person="mia", name="*.A.org", until="22:00")
    (opened,) = desk.service.household.opened
    assert (opened.person, opened.name, opened.by) == ("mia", "a.org", "tom")
    assert done["until"].endswith("T22:00:00+01:00") and done["id"] == opened.id
    (shown,) = desk.ask("sites", person="mia")["opened"]
    assert (shown["name"], shown["until"]) == ("a.org", done["until"])
    # The day of a household begins at four.
    tonight = desk.ask("open", person="mia", name="a.org", until="tonight")["until"]
    assert tonight.endswith("T04:00:00+01:00")
    assert len(desk.service.household.opened) == 1


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"name": "https://a.org", "until": "22:00"}, "bad-hostname"),
        ({"name": "a.org", "until": "some day"}, "bad-time"),
        ({"name": "a.org", "until": "2020-01-01T10:00"}, "not-ahead-within-7-days"),
        ({"name": "a.org"}, "needs-arguments"),
    ],
)
def test_a_site_is_not_opened_for_ever(
    desk: Desk, args: dict[str, str], code: str
) -> None:
    assert refused(desk, "open", person="mia", **args) == code
