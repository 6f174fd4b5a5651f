"""The family log as values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.family import OVERVIEW
from webui.views import log as view

Json = dict[str, Any]


def entry(at: str, by: str = "anna", verb: str = "pause", **fields: Any) -> Json:
    changes = [{"place": "pauses/p", "what": "added"}]
    return {
        **{"at": at, "by": by, "verb": verb, "revision": 1, "undoable": True},
        "changes": changes,
        **fields,
    }


def test_entries_stand_by_day() -> None:
    found = view.log(
        [
            entry("2026-03-04T00:10:00+01:00"),
            entry("2026-03-03T23:50:00+01:00"),
            entry("2026-03-03T08:00:00+01:00"),
        ],
        OVERVIEW,
        {},
    )
    assert [len(day["entries"]) for day in found] == [1, 2]
    assert view.log([], OVERVIEW, {}) == []


@pytest.mark.parametrize(
    "by, name, kind",
    [
        ("anna", "Anna", "person"),
        ("oma", "Grandma", "person"),
        ("gone", "gone", "person"),
        ("guardiand", None, "box"),
        ("", None, "box"),
        ("root", None, "hand"),
    ],
)
def test_who(by: str, name: str | None, kind: str) -> None:
    (day,) = view.log(
        [entry("2026-03-04T08:00:00+01:00", by)], OVERVIEW, {"oma": "Grandma"}
    )
    told = day["entries"][0]
    assert (told["by_name"], told["by_kind"]) == (name, kind)


@pytest.mark.parametrize(
    "fields, why",
    [
        ({"undoable": True}, None),
        ({"undoable": False}, "past"),
        ({"undoable": False, "verb": "claim"}, "accounts"),
        ({"undoable": False, "changes": []}, "nothing"),
    ],
)
def test_why_not(fields: Json, why: str | None) -> None:
    (day,) = view.log([entry("2026-03-04T08:00:00+01:00", **fields)], OVERVIEW, {})
    assert day["entries"][0]["why"] == why
