"""Text for a terminal, from the same values as --json."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from guardian import views
from guardian.cliprint import text
from guardian.core.decide import Facts
from guardian.core.model import (
    Access,
    NewDevicePolicy,
    NewDevices,
    Opened,
    Overrides,
)
from tests import build
from tests.build import TABLET, TV, at, home

KNOWN = Facts()
NOW = at("2026-03-27 20:30")


def test_people_as_a_table() -> None:
    assert text("people", views.people_view(home(), KNOWN, NOW)).splitlines() == [
        "id    name  role    band   verdict  reason   until",
        "mia   Mia   child   10-12  allow    DEFAULT  2026-03-27 21:00",
        "tom   Tom   child   10-12  allow    DEFAULT  2026-03-27 21:00",
        "anna  Anna  parent  -      allow    EXEMPT   -",
    ]


def test_devices_as_a_table() -> None:
    known = [views.device_view(home(), d, KNOWN, NOW) for d in (TABLET, TV)]
    new = dict(known[0], id=None, name=None, person=None, macs=[build.mac(9)])
    assert text("devices", [*known, new]).splitlines() == [
        "id      name    mac                person  verdict  reason   until",
        "tablet  Tablet  02:00:5e:00:00:01  mia     allow    DEFAULT  2026-03-27 21:00",
        "tv      Tv      02:00:5e:00:00:04  exempt  allow    EXEMPT   -",
        "(new)   -       02:00:5e:00:00:09  -       allow    DEFAULT  2026-03-27 21:00",
    ]


def test_an_empty_table_is_its_head() -> None:
    assert text("people", []) == "id  name  role  band  verdict  reason  until"


def test_an_explanation_points_at_what_applies() -> None:
    night = views.explain_view(home(), TABLET, KNOWN, at("2026-03-27 22:00"))
    lines = text("explain", night).splitlines()
    assert lines[:2] == [
        "tablet at 2026-03-27 22:00 (school day, weekend night): refuse. "
        "It is bedtime.",
        "until 2026-03-28 07:00",
    ]
    pointed = [line for line in lines if line.startswith(" ->")]
    assert len(pointed) == 2
    assert "bedtime" in pointed[0] and "window=bedtime" in pointed[0]
    assert lines[-1] == "    window:bedtime is set by band:10-12"


def test_an_explanation_without_rows() -> None:
    free = home(new_devices=NewDevices(policy=NewDevicePolicy.ALLOW))
    found = text("explain", views.explain_view(free, None, KNOWN, NOW))
    assert found == (
        "a new device at 2026-03-27 20:30 (school day, weekend night): allow. "
        "Nobody has assigned this device yet."
    )


def test_the_plan_as_stretches() -> None:
    value = views.plan_view(home(), KNOWN, NOW)
    value["leases"] = [
        {"set": "exempt", "key": [build.mac(3)], "seconds": None},
        {"set": "permit", "key": [build.mac(1)], "seconds": 1800},
    ]
    lines = text("plan", value).splitlines()
    assert lines[:4] == [
        "Mia: allow DEFAULT 2026-03-27 21:00",
        "    2026-03-27 20:30  open",
        "    2026-03-27 21:00  bedtime",
        "    2026-03-28 07:00  open",
    ]
    assert lines[-3:] == [
        "new devices: allow NEW_DEVICE 2026-03-27 21:00",
        "    exempt        02:00:5e:00:00:03  stays",
        "    permit        02:00:5e:00:00:01  1800 s",
    ]


def test_the_plan_says_what_a_window_about_sites_refuses() -> None:
    play = build.window("14:00-20:00", "sites", blocks=("games", "social"))
    household = home(build.child("mia", play))
    value = views.plan_view(household, KNOWN, at("2026-03-27 16:00"))
    assert text("plan", value).splitlines()[1] == (
        "    2026-03-27 16:00  sites (games social)"
    )


def test_what_holds_for_sites_as_a_table() -> None:
    says = Overrides(access=(("adult", Access.BLOCK),), block=("a.org",), only=True)
    mia = replace(build.MIA, overrides=says)
    ends = at("2026-03-27 19:00")
    row = Opened(id="o", person="mia", name="c.org", until=ends, by="anna")
    view = views.sites_view(home(mia, opened=(row,)), mia, at("2026-03-27 18:00"))
    lines = text("sites", view).splitlines()
    assert lines == [
        "what         is                           set by      why",
        "only         on                           person:mia",
        "packs        -                            default",
        "safe_search  off                          default",
        "youtube      off                          default",
        "adult        block                        person:mia",
        "a.org        block                        person:mia",
        "c.org        open until 2026-03-27 19:00  anna",
    ]


def test_an_explanation_leaves_names_to_their_own_verb() -> None:
    says = Overrides(access=(("adult", Access.BLOCK),), block=("a.org",))
    household = home(replace(build.MIA, overrides=says))
    value = views.explain_view(household, TABLET, KNOWN, NOW)
    assert value["layers"]["block:a.org"] == "person:mia"
    assert "a.org" not in text("explain", value)


def test_the_catalogue_as_tables() -> None:
    kinds = [{"id": "games", "title": "Games", "contains": "play", "harm": False}]
    assert text("catalogue", kinds).splitlines() == [
        "id     title  contains",
        "games  Games  play",
    ]
    services = [{"id": "x", "title": "X", "group": "social", "age_hint": None}]
    assert text("catalogue", services).splitlines()[0].split() == [
        *("id", "title", "group")
    ]
    assert text("catalogue", []) == ""


def test_the_table_of_precedence() -> None:
    lines = text("precedence", views.precedence_view()).splitlines()
    assert lines[0].split() == ["rank", "level", "row", "verdict", "reasons", "says"]
    assert lines[1].split()[:3] == ["1", "1", "floor"]
    assert "BLOCKED_SITE, ALLOWED_SITE" in "\n".join(lines)


def test_the_audit_log() -> None:
    entry = {
        "at": (NOW + timedelta(hours=1)).isoformat(),
        "by": "anna",
        "verb": "pause",
        "changes": ["pauses"],
    }
    lines = text("audit", [entry]).splitlines()
    assert lines[1].split() == ["2026-03-27", "20:30", "anna", "pause", "pauses"]


def test_other_verbs_print_their_fields() -> None:
    value = {"enforced": True, "id": None, "list": [], "more": {"a": 1, "b": [1, 2]}}
    assert text("pause", value).splitlines() == [
        "enforced: True",
        "id: -",
        "list: -",
        "more: a=1 b=1, 2",
    ]
    assert text("anything", "done") == "done"


def test_no_line_ends_in_blanks() -> None:
    for verb, value in [
        ("people", views.people_view(home(), KNOWN, NOW)),
        ("precedence", views.precedence_view()),
        ("explain", views.explain_view(home(), TABLET, KNOWN, NOW)),
    ]:
        assert all(line == line.rstrip() for line in text(verb, value).splitlines())
