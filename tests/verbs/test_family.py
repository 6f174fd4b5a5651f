"""People, devices and the home itself, changed over the socket."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.model import DeviceKind, NewDevicePolicy, Refusal, Role
from tests.steering import STRANGER, Desk, sighting
from tests.verbs.kit import MIA, PARENT, TOM, refused


def test_a_person_is_added_changed_and_dropped(desk: Desk) -> None:
    done = desk.ask("person-set", name="Zoë", role="child", band="10-12")
    assert done["person"] == "zoe" and done["revision"] == 2
    assert done["etag"] == desk.ask("person", person="zoe")["etag"]
    desk.ask("person-set", person="zoe", name="Zoe", birth="2015-05")
    zoe = desk.service.household.person("zoe")
    assert zoe and (zoe.name, zoe.birth, zoe.band) == ("Zoe", (2015, 5), "10-12")
    desk.ask("person-set", person="zoe", birth="")
    zoe = desk.service.household.person("zoe")
    assert zoe and zoe.birth is None
    desk.ask("assign", device=STRANGER, person="zoe", name="Pad")
    assert desk.ask("person-drop", person="zoe")["person"] == "zoe"
    assert desk.service.household.person("zoe") is None
    (seen,) = desk.ask("overview")["unassigned"]
    assert (seen["mac"], seen["name"]) == (STRANGER, "Pad")


def test_the_band_comes_from_the_age_where_none_is_said(desk: Desk) -> None:
    desk.ask("person-set", name="Ben", role="child", birth="2015-05")
    ben = desk.service.household.person("ben")
    assert ben and ben.band == "10-12"
    assert refused(desk, "person-set", name="Ida", role="child") == "needs-arguments"


def test_a_child_grown_up_is_open_at_night(desk: Desk) -> None:
    desk.ask("person-set", person="mia", role="adult")
    mia = desk.service.household.person("mia")
    assert mia and mia.role is Role.ADULT
    desk.later(10 * 3600)
    assert desk.routed(MIA) and not desk.routed(TOM)


@pytest.mark.parametrize(
    "args, code",
    [
        ({}, "needs-arguments"),
        ({"name": "Ben"}, "needs-arguments"),
        ({"name": "Ben", "role": "boss"}, "bad-argument"),
        ({"name": "Ben", "role": "child", "band": "golden"}, "unknown-band"),
        ({"name": "Ben", "role": "adult", "birth": "May"}, "bad-birth"),
        ({"name": "", "role": "adult"}, "name-empty"),
        ({"name": "a\nb", "role": "adult"}, "name-unprintable"),
        ({"person": "nosuch", "name": "Ben"}, "no-such-person"),
        ({"person": "anna", "role": "adult"}, "last-parent"),
        ({"person": "anna", "role": "child"}, "last-parent"),
    ],
)
def test_refusals_of_people(desk: Desk, args: dict[str, Any], code: str) -> None:
    assert refused(desk, "person-set", **args) == code


def test_the_last_parent_cannot_be_dropped(desk: Desk) -> None:
    assert refused(desk, "person-drop", person="anna") == "last-parent"
    assert refused(desk, "person-drop", person="nosuch") == "no-such-person"
    assert refused(desk, "person-drop") == "needs-arguments"


def test_devices(desk: Desk) -> None:
    done = desk.ask("device-set", device="tablet", name="Mia's pad", kind="thing")
    assert done["device"] == "tablet"
    tablet = desk.service.household.device("tablet")
    assert tablet and (tablet.name, tablet.kind) == ("Mia's pad", DeviceKind.THING)
    assert tablet.person == "mia"
    desk.world.lan = [sighting(PARENT)]
    assert desk.ask("device-drop", device=PARENT)["device"] == "phone"
    assert [s["mac"] for s in desk.ask("overview")["unassigned"]] == [PARENT]
    assert refused(desk, "device-drop", device="phone") == "no-such-device"
    assert refused(desk, "device-set", device="tv", kind="toaster") == "bad-argument"
    assert refused(desk, "device-set", device="tv", name="x" * 65) == "name-too-long"


def test_the_home(desk: Desk) -> None:
    done = desk.ask(
        "home-set",
        name="Nest",
        timezone="Europe/Lisbon",
        country="PT",
        language="pt-BR",
        clock24=False,
        new_devices="block",
        refusal="sinkhole",
        day_change="05:30",
    )
    assert done == {"revision": 2, "enforced": True}
    household = desk.service.household
    assert (household.name, household.timezone) == ("Nest", "Europe/Lisbon")
    assert (household.country, household.language) == ("PT", "pt-BR")
    assert not household.clock24 and household.day_change == 330
    assert household.new_devices.policy is NewDevicePolicy.BLOCK
    assert household.names.refusal is Refusal.SINKHOLE
    assert not desk.routed(STRANGER)
    assert desk.leases()[MIA] == 10 * 3600
    found = desk.ask("overview")
    assert (found["language"], found["clock24"]) == ("pt-BR", False)
    assert found["now"].endswith("+00:00")


@pytest.mark.parametrize(
    "args, code",
    [
        ({}, "needs-arguments"),
        ({"name": ""}, "name-empty"),
        ({"timezone": "Mars/Base"}, "unknown-timezone"),
        ({"country": "de"}, "bad-country"),
        ({"language": "Deutsch"}, "bad-language"),
        ({"clock24": "yes"}, "bad-argument"),
        ({"new_devices": "let"}, "bad-argument"),
        ({"refusal": "page"}, "bad-argument"),
        ({"day_change": "24:00"}, "bad-day-change"),
        ({"day_change": "four"}, "bad-time"),
    ],
)
def test_refusals_of_the_home(desk: Desk, args: dict[str, Any], code: str) -> None:
    assert refused(desk, "home-set", **args) == code


def test_protection_off_comes_back_by_itself(desk: Desk) -> None:
    desk.later(10 * 3600)
    assert not desk.routed(MIA) and not desk.routed(STRANGER)
    done = desk.ask("protection", by="anna", until="23:00")
    assert done["off_until"] == "2026-03-04T23:00:00+01:00" and done["enforced"]
    assert desk.routed(MIA) and desk.routed(TOM) and desk.routed(STRANGER)
    assert desk.leases()[MIA] == 3600
    found = desk.ask("overview")
    assert found["protection"] == {"off_until": done["off_until"], "by": "anna"}
    assert found["people"][0]["decision"]["reason"] == "PROTECTION_OFF"
    assert found["people"][0]["next"]["reason"] == "BEDTIME"
    desk.later(3600)
    assert not desk.routed(MIA) and not desk.routed(STRANGER)
    assert desk.ask("overview")["protection"]["off_until"] is None
    assert desk.ask("audit", limit=1)[0]["verb"] == "protection"


def test_protection_is_switched_on_again(desk: Desk) -> None:
    desk.later(10 * 3600)
    desk.ask("protection", span="2h")
    assert desk.routed(MIA)
    assert desk.ask("protection", until=None)["off_until"] is None
    assert not desk.routed(MIA) and desk.service.household.off is None
    for args, code in (
        ({"until": "2026-03-20T12:00"}, "not-ahead-within-7-days"),
        ({"until": "2026-03-01T12:00"}, "not-ahead-within-7-days"),
        ({"until": "always"}, "bad-time"),
        ({"until": "bedtime"}, "no-bedtime-ahead"),
    ):
        assert refused(desk, "protection", **args) == code
