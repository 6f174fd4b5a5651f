"""A child's page as values: whose it is, the coming day, what is told of before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.fakes import family
from webui.views import me as view
from webui.words.times import instant

MINE = family.me({"address": family.MIA_AT})


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (family.MIA_AT, "child"),
        (family.BEN_AT, "child"),
        (family.ANNA_AT, "free"),
        (family.STRANGER_AT, "new"),
        ("203.0.113.9", "nobody"),
    ],
)
def test_whose_page_it_is(address: str, kind: str) -> None:
    assert view.whose(family.me({"address": address})) == kind


def test_the_day_as_bars_ticks_and_rows() -> None:
    strip = view.strip(family.DAY, family.NOW)
    assert strip is not None
    assert strip["bars"] == [
        (0.0, 18.0, "fill-on"),
        (18.0, 114.0, "fill-off"),
        (132.0, 156.0, "fill-on"),
    ]
    assert strip["ticks"] == [
        (54.0, "00:00"),
        (126.0, "06:00"),
        (198.0, "12:00"),
        (270.0, "18:00"),
    ]
    assert strip["rows"][1] == {"from": "21:00", "until": "06:30", "words": "Bedtime"}
    assert view.strip([], family.NOW) is None


def test_a_tick_stands_at_the_present_full_quarter() -> None:
    now = "2026-03-04T18:00:00+01:00"
    day = [{"from": now, "until": family.BEDTIME, "decision": family.ON}]
    strip = view.strip(day, now)
    assert strip is not None and strip["ticks"][0] == (0.0, "18:00")


def test_of_an_old_answer_only_what_is_nobodys_own() -> None:
    at = instant(family.NOW)
    assert view.known(MINE, at) == {"at": family.NOW, "works_until": family.BEDTIME}
    later = datetime.fromisoformat(family.MORNING)
    assert view.known(MINE, later) == {"at": family.NOW, "works_until": None}
    assert view.known({"now": family.NOW}, at)["works_until"] is None


def test_a_bedtime_after_midnight_is_of_its_own_day() -> None:
    window = {"kind": "bedtime", "days": ["school"], "start": "00:30", "end": "06:00"}
    page = view.page({**MINE, "rules": {"windows": [window]}}, {})
    assert page["rules"]["kinds"][0]["times"][0]["days"] == "School days"


def test_a_bare_answer_makes_a_page() -> None:
    bare: dict[str, Any] = {"decision": family.ON, "now": family.NOW, "person": "mia"}
    page = view.page(bare, {})
    assert (page["hello"], page["strip"], page["requests"]) == ("Hello!", None, [])
    assert page["rules"]["kinds"] == [] and page["off_until"] is None


def test_a_picture_for_every_reason() -> None:
    assert view.picture("BEDTIME") == "night" and view.picture("DEFAULT") == "sun"
