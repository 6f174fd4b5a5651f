"""Time given and taken: each has an end, and is in the kernel at once."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.model import WindowKind
from tests.steering import Desk
from tests.verbs.kit import MIA, PARENT, TOM, refused


def test_pause_has_an_end_and_resume_ends_it(desk: Desk) -> None:
    paused = desk.ask("pause", person="Mia", span="1h30m")
    assert paused["until"] == "2026-03-04T13:30:00+01:00"
    assert paused["enforced"] and paused["revision"] == 2
    assert not desk.routed(MIA) and desk.routed(TOM) and desk.routed(PARENT)
    assert desk.ask("resume", person="mia")["ended"] == 1
    assert desk.routed(MIA)
    assert desk.ask("resume", person="mia")["ended"] == 0


def test_pause_without_an_end_lasts_until_morning(desk: Desk) -> None:
    assert desk.ask("pause", person="mia")["until"] == "2026-03-05T07:00:00+01:00"


def test_pause_all_and_resume_all(desk: Desk) -> None:
    desk.ask("pause", person="all", until="22:00")
    assert not desk.routed(MIA) and not desk.routed(TOM) and desk.routed(PARENT)
    assert desk.ask("resume", person="all")["ended"] == 1
    assert desk.routed(MIA) and desk.routed(TOM)


def test_resume_of_one_leaves_the_sibling_paused(desk: Desk) -> None:
    desk.ask("pause", person="all", span="1h")
    desk.ask("resume", person="mia")
    assert desk.routed(MIA) and not desk.routed(TOM)


def test_grant_is_added_to_a_running_one(desk: Desk) -> None:
    desk.later(9.5 * 3600)
    assert not desk.routed(MIA)
    first = desk.ask("grant", person="mia", span="15m", why="a film")
    assert first["until"] == "2026-03-04T21:45:00+01:00"
    desk.later(300)
    second = desk.ask("grant", person="mia", span="15m")
    assert second["until"] == "2026-03-04T22:00:00+01:00"
    assert desk.leases()[MIA] == 25 * 60
    desk.later(25 * 60)
    assert not desk.routed(MIA)


def test_a_grant_can_be_ended_early(desk: Desk) -> None:
    desk.later(9.5 * 3600)
    desk.ask("grant", person="mia", span="15m")
    desk.ask("grant", person="tom", span="15m")
    assert desk.routed(MIA) and desk.routed(TOM)
    assert desk.ask("grant", person="mia", off=True)["ended"] == 1
    assert not desk.routed(MIA) and desk.routed(TOM)
    assert desk.ask("grant", person="mia", off=True)["ended"] == 0


def test_grants_of_one_kind_add_up_among_themselves(desk: Desk) -> None:
    one = {"person": "mia", "span": "1h"}
    assert desk.ask("grant", **one, lifts="bedtime")["until"][11:16] == "13:00"
    assert desk.ask("grant", **one, lifts="bedtime")["until"][11:16] == "14:00"
    assert desk.ask("grant", **one, lifts="homework, budget")["until"][11:16] == "13:00"
    assert desk.service.household.grants[-1].lifts == ("budget", "homework")


def test_grant_until(desk: Desk) -> None:
    given = desk.ask("grant", person="mia", until="22:15")
    assert given["until"] == "2026-03-04T22:15:00+01:00"
    bedtime = desk.ask("grant", person="mia", until="bedtime")
    assert bedtime["until"] == "2026-03-04T21:00:00+01:00"


def test_a_grant_does_not_lift_a_pause(desk: Desk) -> None:
    desk.ask("pause", person="mia", span="1h")
    desk.ask("grant", person="mia", span="30m")
    assert not desk.routed(MIA)


def test_exception_moves_tonights_bedtime(desk: Desk) -> None:
    desk.ask("exception", person="mia", start="22:00")
    assert desk.leases() == {MIA: 10 * 3600, TOM: 9 * 3600}
    desk.ask("exception", person="mia", on="2026-03-04", off=True)
    assert desk.leases()[MIA] == 24 * 3600
    (only,) = desk.service.household.exceptions
    assert only.off


def test_a_day_without_the_window_about_sites(desk: Desk) -> None:
    desk.ask("exception", person="mia", kind="sites", off=True)
    (made,) = desk.service.household.exceptions
    assert made.kind is WindowKind.SITES and desk.routed(MIA)


@pytest.mark.parametrize(
    "verb, args, code",
    [
        ("pause", {}, "needs-arguments"),
        ("pause", {"person": "nosuch"}, "no-such-person"),
        ("pause", {"person": "anna"}, "not-a-child"),
        ("pause", {"person": "mia", "span": "soon"}, "bad-duration"),
        ("pause", {"person": "mia", "span": "0m"}, "bad-duration"),
        ("pause", {"person": "mia", "until": "later"}, "bad-time"),
        ("pause", {"person": "mia", "until": "2026-03-04T11:00"},
         "not-ahead-within-7-days"),
        ("pause", {"person": "all", "until": "bedtime"}, "no-bedtime-ahead"),
        ("resume", {}, "needs-arguments"),
        ("resume", {"person": "anna"}, "not-a-child"),
        ("grant", {"person": "mia"}, "needs-arguments"),
        ("grant", {"span": "1h"}, "needs-arguments"),
        ("grant", {"person": "all", "span": "1h"}, "no-such-person"),
        ("grant", {"person": "mia", "span": "1h", "lifts": "all"}, "bad-argument"),
        ("grant", {"person": "mia", "span": "1h", "why": "x" * 65}, "name-too-long"),
        ("exception", {"person": "mia"}, "exception-needs-times-or-off"),
        ("exception", {"person": "mia", "off": True, "start": "22:00"},
         "exception-needs-times-or-off"),
        ("exception", {"person": "mia", "off": True, "on": "tomorrow"}, "bad-date"),
        ("exception", {"person": "mia", "off": True, "kind": "party"}, "bad-argument"),
        ("exception", {"person": "mia", "start": "25:00"}, "bad-time"),
        ("grant", {"person": "mia", "span": "1h", "lifts": "sites"}, "bad-argument"),
        ("pause", {"person": 7}, "bad-argument"),
        ("pause", {"person": None}, "needs-arguments"),
        ("pause", {"person": ["mia"]}, "bad-argument"),
        ("pause", {"person": "mia", "span": "1h", "revision": 7},
         "revision-conflict"),
    ],
)  # fmt: skip
def test_refusals_have_stable_codes(
    desk: Desk, verb: str, args: dict[str, Any], code: str
) -> None:
    assert refused(desk, verb, **args) == code
