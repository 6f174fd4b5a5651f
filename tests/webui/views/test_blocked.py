"""The page of a closed name as values: names, what a request could change, an end."""

from __future__ import annotations

import pytest

from tests.fakes import family
from webui.views import blocked as view

LISTS = ("guardian-category-games", "a", "guardian-service-x", "a")
MINE = family.me({"address": family.MIA_AT})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.ORG", "example.org"),
        ("example.org:8080", "example.org"),
        (" example.org. ", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("[2001:db8::1]", ""),
        ("192.0.2.1", ""),
        ("a b.org", ""),
        ("", ""),
    ],
)
def test_the_name_that_was_asked_for(text: str, name: str) -> None:
    assert view.host(text) == name


def test_nobody_knows() -> None:
    for why, mine in ((None, MINE), ({"decision": None}, MINE), (None, None)):
        page = view.page("example.org", why, mine)
        assert (page["known"], page["says"], page["asks"]) == (False, "", "")


def test_an_end_stands_once() -> None:
    why = {
        "decision": family.decision("refuse", "BLOCKED_CATEGORY", family.MORNING),
        "args": [["category", "games"]],
        "lists": [],
    }
    page = view.page("example.org", why, MINE)
    assert (page["until"], page["labels"]) == ("Until 06:30.", ["games"])
    why["decision"] = family.ASLEEP
    page = view.page("example.org", why, MINE)
    assert (page["until"], page["left"]) == ("", "11 h to go")


def test_who_makes_the_lists_is_told_once_each() -> None:
    why = {
        "decision": family.decision("refuse", "BLOCKED_CATEGORY", None),
        "args": [],
        "lists": [{"label": "games", "list": one} for one in LISTS],
    }
    assert view.page("example.org", why, MINE)["lists"] == ["Guardian's own list", "a"]
