"""Merging a change into a stored document: what nobody understood stays."""

from typing import Any

import pytest

from guardian.store.merge import merge

RAW: dict[str, Any] = {
    "name": "Home",
    "note": "ours",
    "people": [
        5,
        {"id": "mia", "role": "boss", "windows": ["x", {"id": "w", "from": "9:00"}]},
        {"id": "ben"},
        {"id": "mia", "second": True},
    ],
}
OLD: dict[str, Any] = {
    "name": "Home",
    "people": [
        {"id": "mia", "role": "child", "windows": [{"id": "w", "from": "09:00"}]},
        {"id": "ben"},
    ],
}
SKIPPED = frozenset({("people", 0), ("people", 3), ("people", 1, "windows", 0)})


def merged(**new: Any) -> Any:
    return merge(RAW, OLD, {**OLD, **new}, SKIPPED)


def test_nothing_changed_is_the_same_text() -> None:
    assert merged() is RAW


def test_another_part_changes() -> None:
    assert merged(name="Ours") == {**RAW, "name": "Ours"}


def test_a_neighbour_goes() -> None:
    assert merged(people=OLD["people"][:1])["people"] == [
        RAW["people"][1],
        5,
        RAW["people"][3],
    ]


def test_a_field_beside_the_fault_changes() -> None:
    mia = {**OLD["people"][0], "name": "Mia", "windows": []}
    assert merged(people=[mia])["people"][0] == {
        "id": "mia",
        "role": "boss",
        "windows": ["x"],
        "name": "Mia",
    }


def test_the_faulty_field_itself_is_overwritten_when_changed() -> None:
    mia = {**OLD["people"][0], "role": "parent"}
    assert merged(people=[mia])["people"][0]["role"] == "parent"


def test_a_field_that_goes_goes() -> None:
    mia = {"id": "mia", "role": "child"}
    assert "windows" not in merged(people=[mia])["people"][0]


def test_new_entries_come_before_what_nobody_understood() -> None:
    new = {"id": "tom"}
    assert merged(people=[*OLD["people"], new])["people"] == [
        RAW["people"][1],
        RAW["people"][2],
        new,
        5,
        RAW["people"][3],
    ]


def test_what_was_no_list_is_replaced() -> None:
    assert merge({"people": "x"}, {"people": []}, {"people": [{}]}, frozenset()) == {
        "people": [{}]
    }


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"macs": ["b"]}, {"macs": ["b"]}),
        ({"macs": ["a"], "name": "A"}, {"mac": "a", "name": "A"}),
    ],
)
def test_one_mac_becomes_the_list_when_it_changes(
    new: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert merge({"mac": "a"}, {"macs": ["a"]}, new, frozenset()) == expected


def test_plain_lists_keep_what_was_skipped() -> None:
    skipped = frozenset({(1,)})
    assert merge(["a", "zz"], ["a"], ["b", "a"], skipped) == ["b", "a", "zz"]


def test_an_object_keeps_the_field_nobody_understood() -> None:
    raw = {"access": {"games": "block", "golf": "block"}}
    old = {"access": {"games": "block"}}
    new = {"access": {"games": "limit", "social": "block"}}
    assert merge(raw, old, new, frozenset()) == {
        "access": {"games": "limit", "golf": "block", "social": "block"}
    }


def test_what_was_wholly_misunderstood_stays_beside_the_first_that_is() -> None:
    raw = {"access": {"golf": "block"}, "block": ["x"], "only": "yes"}
    new = {"access": {"games": "block"}, "block": ["a.org"], "only": True}
    assert merge(raw, {}, new, frozenset({("block", 0)})) == {
        "access": {"golf": "block", "games": "block"},
        "block": ["a.org", "x"],
        "only": True,
    }
