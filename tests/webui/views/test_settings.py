"""Settings as values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardian.core.model import NewDevicePolicy
from tests.fakes.family import ACCOUNTS, DOCUMENT, NOW, STATUS
from webui.views import settings


def test_what_the_household_does_not_say_is_what_is_usual() -> None:
    assert settings.home({"schema": 1})["day_change"] == "04:00"
    found = settings.home(DOCUMENT)
    assert found["country"] == "DE" and found["days"] == 1 and found["clock24"]


def test_every_policy_has_its_words() -> None:
    assert set(settings.POLICIES) == {policy.value for policy in NewDevicePolicy}


def test_lists_with_their_ages_in_the_households_zone() -> None:
    found = settings.lists(STATUS, NOW)
    assert found["names"] == 512000 and found["since"] == "2026-03-03T02:06:40+01:00"
    assert [feed["id"] for feed in found["feeds"]] == ["gambling"]


def test_no_list_yet() -> None:
    none = {**STATUS["names"]["lists"], "index": None, "feeds": [], "next": None}
    found = settings.lists({"names": {"lists": none}}, NOW)
    assert found["names"] is None and found["since"] is None and found["feeds"] == []


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"[]", b'{"people": []}', b"\xff\xfe", b"[" * 100_000]
)
def test_files_that_are_no_household(data: bytes) -> None:
    assert settings.read_document(data) is None


def test_a_file_that_was_saved_here() -> None:
    assert settings.read_document(json.dumps(DOCUMENT).encode()) == DOCUMENT


def test_what_a_restore_would_change() -> None:
    then: dict[str, Any] = {
        **DOCUMENT,
        "people": [
            {"id": "mia", "name": "Mia", "role": "child", "band": "13-15"},
            {"id": "lea", "name": "Lea", "role": "child", "band": "6-9"},
        ],
        "country": "AT",
        "pauses": [{"id": "p1"}],
    }
    assert settings.differences(DOCUMENT, then) == [
        {"part": "country", "come": [], "gone": [], "other": []},
        {"part": "people", "come": ["Lea"], "gone": ["Anna"], "other": ["Mia"]},
    ]
    assert settings.differences(DOCUMENT, DOCUMENT) == []


@pytest.mark.parametrize("people", [None, "x", [1, "a"], {"a": 1}])
def test_a_restore_of_odd_entries_is_still_shown(people: Any) -> None:
    found = settings.differences(DOCUMENT, {**DOCUMENT, "people": people})
    assert found[0]["gone"] == ["Mia", "Anna"]


def test_technicians() -> None:
    tina = {**ACCOUNTS["accounts"][0], "id": "tina", "role": "technician"}
    found = settings.technicians({"accounts": [*ACCOUNTS["accounts"], tina]})
    assert [account["id"] for account in found] == ["tina"]
