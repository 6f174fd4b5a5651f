"""Devices as values: what is asked about, and in which order."""

from __future__ import annotations

from tests.fakes.family import DEVICES, OVERVIEW, STRANGER
from webui.views import devices as view


def test_the_first_are_those_to_be_asked_about() -> None:
    rows = view.rows(OVERVIEW, DEVICES)
    assert rows[0]["new"] and rows[0]["key"] == STRANGER["mac"]
    # Then by when they were seen; who was not, by name at the end.
    assert [row["key"] for row in rows[1:]] == [
        "phone",
        "tablet",
        "device-old",
        "console",
        "bell",
        "phone-mia",
        "guest",
    ]


def test_groups() -> None:
    found = view.grouped(OVERVIEW, DEVICES)
    keys = {group: [r["key"] for r in found[group]] for group in ("guests", "always")}
    assert keys == {"guests": ["guest"], "always": ["bell"]}
    # What was in the house before the claim waits for an answer like a new device.
    assert [r["key"] for r in found["unsorted"]] == [STRANGER["mac"], "device-old"]
    assert [(p["id"], len(rows)) for p, rows in found["people"]] == [
        ("mia", 2),
        ("ben", 1),
        ("anna", 1),
    ]
    assert not found["none"]


def test_a_house_without_devices() -> None:
    assert view.grouped({**OVERVIEW, "unassigned": []}, [])["none"]


def test_the_last_time_is_in_the_households_zone() -> None:
    row = view.find(OVERVIEW, DEVICES, "tablet")
    assert row is not None and row["last"] == "2026-03-04T19:29:00+01:00"
    assert view.find(OVERVIEW, DEVICES, "nothing") is None


def test_which_address_a_device_made_up() -> None:
    assert view.is_private("02:00:5e:00:10:01") and view.is_private("fe:00:00:00:00:01")
    assert not view.is_private("58:ef:68:00:10:06")


def test_a_rotated_device_is_asked_about() -> None:
    row = view.find(OVERVIEW, DEVICES, STRANGER["mac"])
    assert row is not None and row["maybe"]["device"] == "phone-mia"


def test_names_by_id() -> None:
    assert view.names(DEVICES)["console"] == "Ben's console"


def test_children_first_among_owners() -> None:
    assert view.owners(OVERVIEW)[0] == ("mia", "Mia")


def test_a_name_twice_is_seen() -> None:
    assert view.same_name(OVERVIEW, DEVICES, "console", " mia's TABLET ")
    assert not view.same_name(OVERVIEW, DEVICES, "tablet", "Mia's tablet")


def test_a_guest_is_one_row_though_two_verbs_tell_of_it() -> None:
    guest = {**STRANGER, "mac": "02:00:5e:00:10:08", "device": "guest"}
    rows = view.rows({**OVERVIEW, "unassigned": [guest]}, DEVICES)
    assert [row["key"] for row in rows].count("guest") == 1
    assert not any(row["new"] for row in rows)
