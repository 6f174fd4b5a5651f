"""A child's pages as values."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.requests import KEEP_ANSWERED
from guardian.store.audit import AGE_MAX
from tests.fakes.family import DAY, MIA, NOW, OVERVIEW, STRANGER, WINDOWS, decision
from webui.views import child as view

Json = dict[str, Any]
BERLIN = "Europe/Berlin"


def stretch(start: str, end: str, verdict: str = "allow") -> Json:
    return {"from": start, "until": end, "decision": decision(verdict, "DEFAULT", None)}


def test_a_strip_is_filled_from_end_to_end() -> None:
    found = view.strip(DAY, BERLIN)["stretches"]
    assert [one["look"] for one in found] == ["on", "off", "on"]
    assert found[0]["start"] == 0 and found[-1]["end"] == 1
    assert found[0]["end"] == found[1]["start"] == pytest.approx(1.5 / 24)


def test_marks_are_where_the_homes_clock_reads_a_quarter_of_a_day() -> None:
    ticks = view.strip(DAY, BERLIN)["ticks"]
    assert [one["moment"].strftime("%d %H:%M") for one in ticks] == [
        *("05 00:00", "05 06:00", "05 12:00", "05 18:00")
    ]
    assert ticks[0]["at"] == pytest.approx(4.5 / 24)


@pytest.mark.parametrize(
    "start, end, hours",
    [
        # Clocks go forward and back: 23 and 25 hours between two midnights.
        ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", [5, 11, 17]),
        ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", [7, 13, 19]),
    ],
)
def test_marks_on_days_of_another_length(
    start: str, end: str, hours: list[int]
) -> None:
    length = 23 if hours[0] == 5 else 25
    ticks = view.strip([stretch(start, end)], BERLIN)["ticks"]
    assert [one["at"] * length for one in ticks] == pytest.approx(hours)


def test_marks_in_a_zone_of_quarters() -> None:
    day = [stretch("2026-03-04T10:10:00+05:45", "2026-03-05T10:10:00+05:45")]
    ticks = view.strip(day, "Asia/Kathmandu")["ticks"]
    assert [one["moment"].hour for one in ticks] == [12, 18, 0, 6]


def test_looks() -> None:
    later = "2026-03-05T19:30:00+01:00"
    for verdict, look in (("allow", "on"), ("limit", "part"), ("refuse", "off")):
        (one,) = view.strip([stretch(NOW, later, verdict)], BERLIN)["stretches"]
        assert one == {"start": 0, "end": 1, "look": look}
    assert view.strip([], BERLIN) == {"stretches": [], "ticks": []}


def known(key: str, person: str | None, *seen: int) -> Json:
    return {"id": key, "person": person, "seen": [{"last_seen": one} for one in seen]}


def test_devices_are_the_childs_own() -> None:
    found = view.devices(
        [
            known("tablet", "mia", 1772648940, 1772648000),
            known("phone-mia", "mia"),
            known("console", "ben", 1),
        ],
        OVERVIEW,
        "mia",
    )
    assert [(one["id"], one["last"]) for one in found["own"]] == [
        ("tablet", "2026-03-04T19:29:00+01:00"),
        ("phone-mia", None),
    ]
    # The stranger looks like the phone: it is asked about there, and nowhere else.
    assert [len(one["asks"]) for one in found["own"]] == [0, 1]
    assert found["free"] == []
    assert view.devices([], OVERVIEW, "ben") == {"own": [], "free": [STRANGER]}


def test_nobody_sees_what_a_child_does() -> None:
    rows = {key: (who, kept) for key, who, kept in view.privacy(MIA)["rows"]}
    for key in ("sites", "minutes", "help"):
        assert rows[key] == ("nobody", "never")


def test_what_is_said_to_be_kept_is_what_is_kept() -> None:
    # The page says "7 days" and "90 days".
    assert (KEEP_ANSWERED.days, AGE_MAX.days) == (7, 90)


def test_less_may_be_seen_with_every_age() -> None:
    order = ["names", "services", "categories", "totals"]
    bands = ("0-5", "6-9", "10-12", "13-15", "16-17")
    found = [order.index(view.privacy({"band": band})["at_most"]) for band in bands]
    assert found == sorted(found)
    assert view.privacy({"band": None})["at_most"] == "totals"


def test_an_agreement_says_the_rules_in_force() -> None:
    sites = {
        "only": {"value": False},
        "safe_search": {"value": True},
        "youtube": {"value": "strict"},
        "access": [
            {"id": "adult", "access": "block"},
            {"id": "new", "access": "block"},
            {"id": "games", "access": "allow"},
        ],
        "block": [{"name": "example.net"}],
        "always": [{"name": "example.org"}],
    }
    found = view.agreement({"windows": WINDOWS}, sites, {"adult": "For adults"})
    assert found == {
        "windows": WINDOWS,
        "off": ["For adults", "new", "example.net"],
        "always": ["example.org"],
        "only": False,
        "safe_search": True,
        "youtube": "strict",
    }
