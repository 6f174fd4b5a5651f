"""What puts a household in force: a device's owner, an import, a trial."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import EnforcementError, GuardianError
from guardian.core.events import ClockKnown, LoadRules
from guardian.core.model import NewDevicePolicy, NewDevices
from tests.build import (
    PHONE,
    TABLET,
    TV,
    at,
    home,
    mac,
)
from tests.steering import STRANGER, Desk, sighting
from tests.verbs.kit import (
    MIA,
    PARENT,
    THING,
    TOM,
    document,
    refused,
)


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


def test_on_trial_other_changes_are_refused(desk: Desk) -> None:
    text = document(desk.service.household, name="Tried")
    desk.ask("try", text=text)
    assert refused(desk, "try", text=text) == "on-trial"
    assert refused(desk, "pause", person="mia", span="1h") == "on-trial"
    assert refused(desk, "household-import", text=text) == "on-trial"
    assert desk.world.trials == [120]


@pytest.mark.parametrize("timeout", [0, -1, 3601])
def test_trial_time_is_bounded(desk: Desk, timeout: int) -> None:
    text = document(desk.service.household)
    assert refused(desk, "try", text=text, timeout=timeout) == "bad-duration"
    assert desk.service.trial is None and desk.world.trials == []


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


def test_a_refused_import_names_every_place(desk: Desk) -> None:
    twins = [{"id": "tv", "name": "TV", "macs": [mac(n)]} for n in (4, 5)]
    text = document(desk.service.household, devices=twins, timezone="Mars/Olympus")
    with pytest.raises(GuardianError, match="household-invalid") as refused:
        desk.ask("household-import", text=text)
    places = {(p.place, p.code) for p in refused.value.problems}
    assert ("timezone", "unknown-timezone") in places
    assert ("devices[1] (TV)", "duplicate-id") in places


def test_what_the_kernel_refused_is_stored_and_told(desk: Desk) -> None:
    desk.kernel.refuses = {LoadRules: EnforcementError("nft-refused", "no")}
    text = document(home(), network={"lan": ["br-lan", "lan9"], "mode": "router"})
    answer = desk.ask("household-import", text=text)
    assert answer == {"revision": 2, "enforced": False}
    assert not desk.ask("status")["enforced"]


def test_the_exempt_stay_exempt_at_night(desk: Desk) -> None:
    desk.later(10 * 3600)
    assert {PHONE.macs[0], TV.macs[0]} == {PARENT, THING}
    assert desk.routed(PARENT) and desk.routed(THING) and not desk.routed(MIA)
    assert datetime.fromisoformat(desk.ask("plan")["at"]) == at("2026-03-04 22:00")


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
        ("household-import", {}, "needs-arguments"),
        ("household-import", {"text": "{"}, "household-invalid"),
        ("household-import", {"text": '{"schema": 99}'}, "schema-newer"),
        ("try", {"text": "[]"}, "household-invalid"),
        ("try-confirm", {}, "nothing-to-confirm"),
        ("try-rollback", {}, "nothing-to-confirm"),
        ("assign", {"device": "tablet", "exempt": "no"}, "bad-argument"),
        ("try", {"text": "{}", "timeout": "60"}, "bad-argument"),
        ("try", {"text": "{}", "timeout": True}, "bad-argument"),
    ],
)  # fmt: skip
def test_refusals_have_stable_codes(
    desk: Desk, verb: str, args: dict[str, Any], code: str
) -> None:
    assert refused(desk, verb, **args) == code
