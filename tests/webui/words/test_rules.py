"""A child's rules in three sentences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.family import of_person
from tests.fakes.rules import SITES
from webui.words import rules

MIA = of_person({"person": "mia"})


def night(days: list[str], start: str, end: str) -> dict[str, Any]:
    return {"kind": "bedtime", "days": days, "start": start, "end": end}


def test_three_sentences() -> None:
    assert rules.sentences(MIA, SITES) == [
        "Internet is off from 21:00 to 06:30 on school nights, and from 22:00 to "
        "07:30 on free days.",
        "3 kinds of site stay closed, such as sites for adults and gambling, and "
        "search engines leave out what isn't for children.",
        "Mia sees these rules on a page of their own and can ask for more there; you "
        "see no list of visited sites.",
    ]


@pytest.mark.parametrize(
    "windows, wanted",
    [
        ([], "Internet is on all night."),
        ([night(["school"], "23:00", "05:30")], "and on all night on free days."),
        ([night(["weekend"], "23:00", "05:30")], "and on all night before school."),
        (
            [night(["school", "weekend"], "20:00", "24:00")],
            "Internet is off every night from 20:00 to 00:00.",
        ),
    ],
)
def test_bedtimes(windows: list[dict[str, Any]], wanted: str) -> None:
    assert wanted in rules.sentences({**MIA, "windows": windows}, SITES)[0]


@pytest.mark.parametrize(
    "changes, wanted",
    [
        ({"only": {"value": True}}, "Only sites picked for children open"),
        ({"access": []}, "All sites open."),
        ({"safe_search": {"value": False}}, "3 kinds of site stay closed, such as"),
    ],
)
def test_sites(changes: dict[str, Any], wanted: str) -> None:
    assert wanted in rules.sentences(MIA, {**SITES, **changes})[1]
