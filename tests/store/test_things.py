"""Devices: what is unclear is unassigned, never exempt, never free."""

import pytest

from guardian.core.model import DeviceKind, NewDevicePolicy
from guardian.store.document import read

from .support import BANDS, document, found, mac

TABLET = {"id": "tablet", "name": "Tablet", "macs": [mac(1)]}


def devices(*entries: object, **changes: object) -> dict[str, object]:
    return document(devices=list(entries), **changes)


def test_everything_a_device_can_say() -> None:
    household, problems = found(
        devices(
            {**TABLET, "macs": [mac(1).upper().replace(":", "-")], "mac": mac(9)},
            {"id": "tv", "name": "TV", "mac": mac(4), "exempt": True, "kind": "thing"},
            {"id": "new", "name": "New", "mac": mac(5), "person": None},
        )
    )
    assert problems == []
    tablet, tv, new = household.devices
    assert tablet.macs == (mac(1), mac(9))
    assert (tv.exempt, tv.kind) == (True, DeviceKind.THING)
    assert (new.person, new.exempt) == (None, False)


@pytest.mark.parametrize(
    ("person", "code"),
    [("mai", "unknown-person"), (5, "bad-id"), ("M!", "bad-id")],
)
def test_unknown_owner_means_unassigned_not_exempt(person: object, code: str) -> None:
    household, problems = found(devices({**TABLET, "person": person, "exempt": True}))
    assert household.devices[0].person is None
    assert household.devices[0].exempt is False
    assert problems == [
        ("devices[0] (Tablet) / person", code),
        ("devices[0] (Tablet) / exempt", "exempt-device-has-person"),
    ]


def test_owned_and_exempt_is_owned() -> None:
    household, problems = found(devices({**TABLET, "person": "mia", "exempt": True}))
    assert household.devices[0].person == "mia"
    assert household.devices[0].exempt is False
    assert problems == [("devices[0] (Tablet) / exempt", "exempt-device-has-person")]


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"exempt": "yes"}, " / exempt", "not-true-or-false"),
        ({"kind": "toy"}, " / kind", "unknown-kind"),
        ({"name": "x" * 65}, " / name", "name-too-long"),
    ],
)
def test_small_faults(fields: dict[str, object], place: str, code: str) -> None:
    household, problems = found(devices({**TABLET, **fields}))
    (device,) = household.devices
    assert (device.exempt, device.kind) == (False, DeviceKind.PERSONAL)
    assert [
        (p.startswith("devices[0]"), p.endswith(place), c) for p, c in problems
    ] == [(True, True, code)]


@pytest.mark.parametrize(
    ("entry", "place", "code"),
    [
        (5, "devices[0]", "not-an-object"),
        ({"id": "a", "name": "A"}, "devices[0] (A)", "device-without-mac"),
        ({"id": "a", "name": "A", "macs": []}, "devices[0] (A)", "device-without-mac"),
        ({**TABLET, "id": "T!"}, "devices[0] (Tablet) / id", "bad-id"),
        ({**TABLET, "macs": ["x"]}, "devices[0] (Tablet) / macs[0]", "bad-mac"),
        ({**TABLET, "macs": [5]}, "devices[0] (Tablet) / macs[0]", "bad-mac"),
        ({**TABLET, "macs": mac(1)}, "devices[0] (Tablet) / macs", "not-a-list"),
        (
            {"id": "a", "name": "A", "mac": "01:00:5e:00:00:01"},
            "devices[0] (A) / mac",
            "mac-not-unicast",
        ),
    ],
)
def test_unusable_device_is_left_out(entry: object, place: str, code: str) -> None:
    reading = read(devices(entry), BANDS)
    assert reading.household.devices == ()
    assert ("devices", 0) in reading.skipped
    assert [(p.place, p.code) for p in reading.problems] == [(place, code)]


def test_one_bad_address_costs_only_itself() -> None:
    household, problems = found(devices({**TABLET, "macs": [mac(1), "zz", mac(1)]}))
    assert household.devices[0].macs == (mac(1),)
    assert problems == [
        ("devices[0] (Tablet) / macs[1]", "bad-mac"),
        ("devices[0] (Tablet) / macs[2]", "duplicate-mac"),
    ]


def test_address_of_two_devices_belongs_to_neither() -> None:
    tv = {"id": "tv", "name": "TV", "macs": [mac(4), mac(1)], "exempt": True}
    reading = read(devices(tv, {**TABLET, "person": "mia"}), BANDS)
    (only,) = reading.household.devices
    assert (only.id, only.macs) == ("tv", (mac(4),))
    (problem,) = reading.problems
    assert (problem.place, problem.code) == (
        "devices[1] (Tablet) / macs[0]",
        "duplicate-mac",
    )
    assert problem.detail == f"{mac(1)}, also devices[0] (TV) / macs[1]"


def test_second_device_with_an_id_is_left_out() -> None:
    reading = read(devices(TABLET, {**TABLET, "macs": [mac(2)]}), BANDS)
    assert [d.macs for d in reading.household.devices] == [(mac(1),)]
    (problem,) = reading.problems
    assert problem.code == "duplicate-id"
    assert problem.detail == "tablet, also devices[0] (Tablet)"


@pytest.mark.parametrize(
    "entries",
    [
        [{**TABLET, "person": "mai"}],
        [{**TABLET, "id": 5}],
        [TABLET, {**TABLET, "macs": [mac(2)]}],
        [TABLET, {**TABLET, "id": "other"}],
        "none",
    ],
)
def test_nobodys_devices_are_not_let_in_while_one_is_unclear(entries: object) -> None:
    household, problems = found(
        document(devices=entries, new_devices={"policy": "allow"})
    )
    assert household.new_devices.policy is NewDevicePolicy.ASK
    assert problems[-1] == ("new_devices / policy", "held")


def test_let_in_when_all_is_clear() -> None:
    household, problems = found(document(new_devices={"policy": "allow"}))
    assert (household.new_devices.policy, problems) == (NewDevicePolicy.ALLOW, [])
