"""The verbs: what each does, what each refuses, and that no argument breaks one."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardian.core.errors import EnforcementError, GuardianError
from guardian.core.events import CandidatesFound, ClockKnown, LoadRules
from guardian.core.model import (
    Access,
    Household,
    NewDevicePolicy,
    NewDevices,
    WindowKind,
    YouTube,
)
from guardian.phrases import ERRORS
from guardian.store.document import render
from tests.build import PHONE, TABLET, TV, at, home, mac
from tests.steering import STRANGER, Desk, sighting

MIA, TOM, PARENT, THING = (mac(n) for n in (1, 2, 3, 4))
VERBS = (
    "status devices people assign pause resume grant exception household-export "
    "household-import explain plan print check apply try try-confirm try-rollback "
    "audit clock site access sites sites-set"
).split()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def code_of(desk: Desk, verb: str, **args: Any) -> str:
    """Return the code of a refusal; nothing may have been stored by it."""
    revision, household = desk.service.revision, desk.service.household
    with pytest.raises(GuardianError) as refused:
        desk.ask(verb, **args)
    assert (desk.service.revision, desk.service.household) == (revision, household)
    return refused.value.code


def document(household: Household, **changes: Any) -> str:
    return json.dumps({**render(household), **changes})


# --- reading


def test_status(desk: Desk) -> None:
    desk.world.wrong = {"no-egress-hook": "why", "clock-unknown": "so"}
    status = desk.ask("status")
    assert status["version"] == "1.2.3"
    assert status["revision"] == 1 and status["enforced"] and not status["failsafe"]
    assert status["interfaces"] == {"br-lan": "hooked"}
    assert status["mode"] == "router" and not status["trial"]
    assert status["leases"] == 2
    assert status["clock"] == {"now": "2026-03-04T12:00:00+01:00", "known": True}
    assert [h["code"] for h in status["health"]] == ["clock-unknown", "no-egress-hook"]


def test_status_of_a_lost_store_is_failsafe(desk: Desk) -> None:
    desk.service.store_state = "lost"
    assert desk.ask("status")["failsafe"]


def test_people(desk: Desk) -> None:
    mia, tom, anna = desk.ask("people")
    assert (mia["id"], mia["decision"]["verdict"]) == ("mia", "allow")
    assert mia["decision"]["until"] == "2026-03-04T21:00:00+01:00"
    assert mia["devices"] == ["tablet"] and tom["devices"] == ["console"]
    assert anna["role"] == "parent" and "pauses" not in anna
    night, *_ = desk.ask("people", at="2026-03-04T22:00")
    assert night["decision"]["reason"] == "BEDTIME"


def test_devices_assigned_and_seen(desk: Desk) -> None:
    desk.world.lan = [sighting(MIA, hostname="mias-pad"), sighting(hostname="guest")]
    desk.service.post(CandidatesFound(STRANGER, ("mia",)))
    tablet, console, phone, tv, guest = desk.ask("devices")
    assert tablet["seen"][0]["hostname"] == "mias-pad"
    assert tablet["enforced"] == {MIA: {"exempt": False, "lease_s": 9 * 3600}}
    assert console["seen"] == []
    assert phone["exempt"] and tv["exempt"]
    assert tv["enforced"][THING] == {"exempt": True, "lease_s": None}
    assert guest["id"] is None and guest["name"] == "guest"
    assert guest["decision"]["reason"] == "NEW_DEVICE"
    assert guest["may_belong_to"] == ["mia"]


def test_explain(desk: Desk) -> None:
    why = desk.ask("explain", device="tablet", at="2026-03-04T21:30")
    assert why["decision"]["reason"] == "BEDTIME"
    assert [row["row"] for row in why["rows"] if row["applies"]][0] == "bedtime"
    assert desk.ask("explain", device=MIA.upper())["device"] == "tablet"
    desk.world.lan = [sighting()]
    assert desk.ask("explain", device=STRANGER)["device"] is None


def test_plan_tells_leases_only_of_now(desk: Desk) -> None:
    now = desk.ask("plan")
    permits = [lease for lease in now["leases"] if lease["set"] == "permit"]
    assert permits == [
        {"set": "permit", "key": [m], "seconds": 9 * 3600} for m in (MIA, TOM)
    ]
    then = desk.ask("plan", at="2026-03-04T22:00")
    assert "leases" not in then
    assert then["people"][0]["decision"]["verdict"] == "refuse"


def test_print_touches_nothing_and_has_another_clock(desk: Desk) -> None:
    done = len(desk.kernel.done)
    text = desk.ask("print")["text"]
    assert f"permit {{ {MIA} timeout 32400000ms" in text
    night = desk.ask("print", at="2026-03-04T22:00")["text"]
    assert MIA in night and f"{MIA} timeout" not in night
    assert len(desk.kernel.done) == done


def test_check_asks_the_kernel(desk: Desk) -> None:
    assert desk.ask("check") == {"loads": True}
    assert desk.world.checked == [desk.ask("print")["text"]]
    desk.world.refuses = EnforcementError("nft-refused", "line 3")
    assert code_of(desk, "check") == "nft-refused"


def test_audit_says_who_and_what(desk: Desk) -> None:
    desk.ask("pause", by="anna", person="mia", span="15m")
    desk.ask("resume", by="tom", person="mia")
    newest, older, first = desk.ask("audit")
    assert (newest["by"], newest["verb"]) == ("tom", "resume")
    assert (older["by"], older["verb"]) == ("anna", "pause")
    assert (first["by"], first["revision"]) == ("setup", 1)
    assert older["changes"] and older["at"] == "2026-03-04T11:00:00+00:00"
    assert desk.ask("audit", limit=1) == [newest]
    assert desk.ask("audit", limit=0) == desk.ask("audit", limit=-1) == []


# --- changing


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


def test_assign(desk: Desk) -> None:
    desk.world.lan = [sighting()]
    made = desk.ask("assign", device=STRANGER, person="mia", name="New pad")
    assert made["device"] == f"device-{STRANGER.replace(':', '')}"
    assert desk.leases()[STRANGER] == 9 * 3600
    desk.ask("assign", device="new pad", person="anna")
    assert desk.routed(STRANGER) and STRANGER not in desk.leases()
    desk.ask("assign", device="new pad", exempt=True)
    device = desk.service.household.device(made["device"])
    assert device and device.exempt and device.person is None
    desk.ask("assign", device="new pad")
    device = desk.service.household.device(made["device"])
    assert device and not device.exempt and device.person is None


def test_assign_a_rotated_address(desk: Desk) -> None:
    desk.ask("assign", device=STRANGER.upper().replace(":", "-"), same_as="tablet")
    device = desk.service.household.device("tablet")
    assert device and device.macs == (STRANGER, MIA)
    assert set(desk.leases()) == {MIA, TOM, STRANGER}


def test_export_is_what_import_takes(desk: Desk) -> None:
    before = desk.ask("household-export")
    desk.ask("household-import", text=json.dumps({**before, "name": "Other"}))
    assert desk.service.household == replace(home(), name="Other")
    desk.ask("household-import", text=json.dumps(before))
    assert desk.ask("household-export") == before


def test_claiming_makes_what_was_seen_exempt(tmp_path: Path) -> None:
    desk = Desk(tmp_path, home(claimed=False))
    alarm = sighting(mac(20), hostname="alarm")
    nameless, tablet = sighting(mac(21)), sighting(MIA, hostname="pad")
    desk.world.lan = [alarm, nameless, tablet]
    assert desk.routed(mac(22))
    text = document(desk.service.household, claimed=True)
    desk.ask("household-import", text=text)
    new = [d for d in desk.service.household.devices if d.macs[0] in (mac(20), mac(21))]
    assert [(d.name, d.exempt) for d in new] == [
        ("alarm", True),
        (f"Device {mac(21)}", True),
    ]
    assert desk.service.household.device("tablet") == TABLET
    assert desk.routed(mac(20)) and desk.routed(mac(21))
    desk.later(9.5 * 3600)
    assert not desk.routed(mac(22)) and not desk.routed(MIA) and desk.routed(mac(20))


def test_claiming_on_trial_makes_what_was_seen_exempt_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path, home(claimed=False), now="2026-03-04 22:00")
    desk.world.lan = [sighting(mac(20), hostname="alarm")]
    desk.ask("try", text=document(desk.service.household, claimed=True))
    assert desk.routed(mac(20)) and not desk.routed(mac(21))
    desk.ask("try-confirm")
    assert desk.routed(mac(20)) and desk.service.household.claimed


def test_a_claimed_box_is_not_claimed_again(desk: Desk) -> None:
    desk.world.lan = [sighting()]
    desk.ask("household-import", text=document(desk.service.household, name="Other"))
    assert desk.service.household.devices == home().devices


# --- trial


def test_trial_confirmed(desk: Desk) -> None:
    text = document(desk.service.household, name="Tried")
    answer = desk.ask("try", text=text, timeout=30)
    assert answer == {"enforced": True, "rollback_in": 30}
    assert desk.world.trials == [30]
    assert desk.ask("status")["trial"] and desk.ask("status")["household"] == "Tried"
    assert desk.ask("try-confirm") == {"enforced": True, "kept": True}
    assert desk.repository.load().household.name == "Tried"


def test_trial_rolled_back_and_another(desk: Desk) -> None:
    stricter = document(home(new_devices=NewDevices(policy=NewDevicePolicy.BLOCK)))
    desk.ask("try", text=stricter)
    assert desk.world.trials == [120]
    assert not desk.routed(STRANGER)
    assert desk.ask("try-rollback") == {"enforced": True, "kept": False}
    assert desk.routed(STRANGER)
    desk.ask("try", text=stricter)
    assert not desk.routed(STRANGER)


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


def test_the_same_again_is_no_change(desk: Desk) -> None:
    for _ in range(2):
        done = desk.ask("site", person="mia", action="block", names=["a.org"])
        assert done["revision"] == 2


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
    assert found["youtube"]["layer"] == "default"
    assert desk.service.revision == revision


def test_a_day_without_the_window_about_sites(desk: Desk) -> None:
    desk.ask("exception", person="mia", kind="sites", off=True)
    (made,) = desk.service.household.exceptions
    assert made.kind is WindowKind.SITES and desk.routed(MIA)


def test_on_trial_other_changes_are_refused(desk: Desk) -> None:
    text = document(desk.service.household, name="Tried")
    desk.ask("try", text=text)
    assert code_of(desk, "try", text=text) == "on-trial"
    assert code_of(desk, "pause", person="mia", span="1h") == "on-trial"
    assert code_of(desk, "household-import", text=text) == "on-trial"
    assert desk.world.trials == [120]


@pytest.mark.parametrize("timeout", [0, -1, 3601])
def test_trial_time_is_bounded(desk: Desk, timeout: int) -> None:
    text = document(desk.service.household)
    assert code_of(desk, "try", text=text, timeout=timeout) == "bad-duration"
    assert desk.service.trial is None and desk.world.trials == []


# --- the kernel and the clock


def test_apply_loads_all_anew(desk: Desk) -> None:
    loads = desk.kernel.took(LoadRules)
    desk.kernel.sets.lose()
    assert desk.ask("apply") == {"enforced": True}
    assert desk.kernel.took(LoadRules) == loads + 1 and desk.routed(MIA)
    desk.kernel.refuses[LoadRules] = EnforcementError("nft-refused", "no")
    assert desk.ask("apply") == {"enforced": False}


def test_clock_confirm(desk: Desk) -> None:
    desk.service.post(ClockKnown(False))
    assert not desk.ask("status")["clock"]["known"]
    assert desk.ask("clock", action="confirm") == {"enforced": True, "known": True}
    assert desk.world.clock_trusted == 1 and desk.ask("status")["clock"]["known"]


# --- refusals


def test_a_verb_nobody_knows(desk: Desk) -> None:
    assert code_of(desk, "sing") == "unknown-verb"
    assert code_of(desk, "_status") == "unknown-verb"


@pytest.mark.parametrize(
    "verb, args, code",
    [
        ("assign", {}, "needs-arguments"),
        ("assign", {"device": "nosuch", "person": "mia"}, "no-such-device"),
        ("assign", {"device": "tablet", "person": "nosuch"}, "no-such-person"),
        ("assign", {"device": "01:00:5e:00:00:01"}, "no-such-device"),
        ("assign", {"device": STRANGER, "same_as": "nosuch"}, "no-such-device"),
        ("assign", {"device": "rubbish", "same_as": "tablet"}, "bad-mac"),
        ("assign", {"device": "01:00:5e:00:00:01", "same_as": "tablet"},
         "mac-not-unicast"),
        ("assign", {"device": TOM, "same_as": "tablet"}, "duplicate-mac"),
        ("assign", {"device": "tablet", "name": "x" * 65}, "name-too-long"),
        ("assign", {"device": "tablet", "name": " "}, "name-empty"),
        ("assign", {"device": "tablet", "name": "a\nb"}, "name-unprintable"),
        ("assign", {"device": "tablet", "person": "mia", "exempt": True},
         "exempt-device-has-person"),
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
        ("grant", {"person": "mia", "span": "1h", "lifts": "sites"}, "bad-argument"),
        ("explain", {}, "needs-arguments"),
        ("explain", {"device": STRANGER}, "no-such-device"),
        ("explain", {"device": "tablet", "at": "now"}, "bad-time"),
        ("people", {"at": "now"}, "bad-time"),
        ("plan", {"at": "9999-12-31"}, "bad-time"),
        ("household-import", {}, "needs-arguments"),
        ("household-import", {"text": "{"}, "household-invalid"),
        ("household-import", {"text": '{"schema": 99}'}, "schema-newer"),
        ("try", {"text": "[]"}, "household-invalid"),
        ("try-confirm", {}, "nothing-to-confirm"),
        ("try-rollback", {}, "nothing-to-confirm"),
        ("pause", {"person": 7}, "bad-argument"),
        ("pause", {"person": None}, "needs-arguments"),
        ("pause", {"person": ["mia"]}, "bad-argument"),
        ("assign", {"device": "tablet", "exempt": "no"}, "bad-argument"),
        ("try", {"text": "{}", "timeout": "60"}, "bad-argument"),
        ("try", {"text": "{}", "timeout": True}, "bad-argument"),
        ("audit", {"limit": 1e400}, "bad-argument"),
        ("pause", {"person": "mia", "span": "1h", "revision": 7},
         "revision-conflict"),
    ],
)  # fmt: skip
def test_refusals_have_stable_codes(
    desk: Desk, verb: str, args: dict[str, Any], code: str
) -> None:
    assert code_of(desk, verb, **args) == code
    assert code in ERRORS


def test_a_refused_import_names_every_place(desk: Desk) -> None:
    twins = [{"id": "tv", "name": "TV", "macs": [mac(n)]} for n in (4, 5)]
    text = document(desk.service.household, devices=twins, timezone="Mars/Olympus")
    with pytest.raises(GuardianError, match="household-invalid") as refused:
        desk.ask("household-import", text=text)
    places = {(p.place, p.code) for p in refused.value.problems}
    assert ("timezone", "unknown-timezone") in places
    assert ("devices[1] (TV)", "duplicate-id") in places


def test_a_conflict_tells_the_present_revision(desk: Desk) -> None:
    desk.ask("pause", person="mia", span="1h", revision=1)
    with pytest.raises(GuardianError, match="revision-conflict: 2"):
        desk.ask("resume", person="mia", revision=1)
    assert not desk.routed(MIA)
    assert desk.ask("resume", person="mia", revision=2)["revision"] == 3


def test_what_the_kernel_refused_is_stored_and_told(desk: Desk) -> None:
    desk.kernel.refuses = {LoadRules: EnforcementError("nft-refused", "no")}
    text = document(home(), network={"lan": ["br-lan", "lan9"], "mode": "router"})
    answer = desk.ask("household-import", text=text)
    assert answer == {"revision": 2, "enforced": False}
    assert not desk.ask("status")["enforced"]


# Whatever a client sends, every verb answers or refuses with a code.
KEYS = (
    "at device end exempt kind lifts limit name off on person revision same_as span "
    "start text timeout until why action more names label access only packs "
    "safe_search youtube"
).split()
WORDS = st.sampled_from(
    ["mia", "all", "anna", "tablet", "", "1h", "22:00", "bedtime", "morning", MIA,
     "allow", "block", "forget", "games", "default", "off", "none", "example.org",
     STRANGER, "2026-03-04", "2026-03-04T22:00", "0001-01-01", "9999-12-31T23:59+14:00",
     "{}", "homework", "\ud800", "99h9999m", "٣"]
)  # fmt: skip
VALUES = (
    WORDS
    | st.text(max_size=12)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.lists(st.integers() | WORDS, max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    verb=st.sampled_from(VERBS),
    args=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6),
)
def test_no_argument_breaks_a_verb(desk: Desk, verb: str, args: dict[str, Any]) -> None:
    if desk.service.trial is not None:
        desk.service.end_trial(keep=False, by="test")
    try:
        answer = asyncio.run(desk.verbs.handle(verb, args, "anna"))
    except GuardianError as error:
        assert error.code.replace("-", "").isalnum() and len(error.detail) <= 300
    else:
        json.dumps(answer)


def test_the_list_of_verbs_is_complete(desk: Desk) -> None:
    unknown = [v for v in VERBS if "unknown-verb" in refusal(desk, v)]
    assert unknown == []


def refusal(desk: Desk, verb: str) -> str:
    try:
        desk.ask(verb)
    except GuardianError as error:
        return error.code
    return ""


def test_the_exempt_stay_exempt_at_night(desk: Desk) -> None:
    desk.later(10 * 3600)
    assert {PHONE.macs[0], TV.macs[0]} == {PARENT, THING}
    assert desk.routed(PARENT) and desk.routed(THING) and not desk.routed(MIA)
    assert datetime.fromisoformat(desk.ask("plan")["at"]) == at("2026-03-04 22:00")
