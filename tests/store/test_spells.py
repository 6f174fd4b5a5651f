"""Exceptions, pauses, grants, opened sites, and protection switched off."""

from datetime import date, datetime, timezone

import pytest

from guardian.core.model import (
    Grant,
    Opened,
    Pause,
    ProtectionOff,
    WindowException,
    WindowKind,
)
from guardian.store.document import read

from .support import BANDS, document, found

LATE = {"id": "late", "person": "mia", "date": "2026-03-06", "kind": "bedtime"}
SPAN = {"from": "2026-03-02T18:00:00+01:00", "until": "2026-03-02T19:00:00+01:00"}
START = datetime(2026, 3, 2, 17, tzinfo=timezone.utc)
END = datetime(2026, 3, 2, 18, tzinfo=timezone.utc)
STOP = {"id": "stop", "person": "mia", **SPAN}
ALL = ("bedtime", "budget", "homework", "offline")


@pytest.mark.parametrize(
    ("fields", "start", "end", "off"),
    [
        ({"off": True}, None, None, True),
        ({"from": "22:30"}, 1350, None, False),
        ({"from": "24:30", "off": False}, 1470, None, False),
        ({"to": "30:00"}, None, 1800, False),
        ({"from": "22:00", "to": "07:00"}, 1320, 1860, False),
        ({"from": "24:30", "to": "07:00"}, 1470, 1860, False),
    ],
)
def test_exceptions(
    fields: dict[str, object], start: int | None, end: int | None, off: bool
) -> None:
    household, problems = found(document(exceptions=[{**LATE, **fields}]))
    assert problems == []
    assert household.exceptions == (
        WindowException(
            id="late",
            person="mia",
            on=date(2026, 3, 6),
            kind=WindowKind.BEDTIME,
            start=start,
            end=end,
            off=off,
        ),
    )


@pytest.mark.parametrize(
    ("entry", "place", "code"),
    [
        (7, "exceptions[0]", "not-an-object"),
        (LATE, "exceptions[0]", "exception-needs-times-or-off"),
        (
            {**LATE, "off": True, "to": "07:00"},
            "exceptions[0]",
            "exception-needs-times-or-off",
        ),
        (
            {**LATE, "from": "21:00", "to": "21:00"},
            "exceptions[0]",
            "window-zero-length",
        ),
        ({**LATE, "from": "9pm"}, "exceptions[0] / from", "bad-time"),
        ({**LATE, "off": 1}, "exceptions[0] / off", "not-true-or-false"),
        (
            {**LATE, "person": "mai", "off": True},
            "exceptions[0] / person",
            "unknown-person",
        ),
        ({**LATE, "date": "today", "off": True}, "exceptions[0] / date", "bad-date"),
        ({**LATE, "kind": "nap", "off": True}, "exceptions[0] / kind", "unknown-kind"),
    ],
)
def test_bad_exception_is_left_out(entry: object, place: str, code: str) -> None:
    reading = read(document(exceptions=[entry]), BANDS)
    assert reading.household.exceptions == ()
    assert [(p.place, p.code) for p in reading.problems] == [(place, code)]
    assert reading.skipped == {("exceptions", 0)}


def test_second_of_an_id_is_left_out() -> None:
    entries = [{**LATE, "off": True}, {**LATE, "from": "23:00"}]
    reading = read(document(exceptions=entries), BANDS)
    assert [e.off for e in reading.household.exceptions] == [True]
    assert reading.problems[0].detail == "late, also exceptions[0]"
    assert reading.skipped == {("exceptions", 1)}


def test_pauses() -> None:
    household, problems = found(
        document(pauses=[{**STOP, "by": "anna"}, {**STOP, "id": "all", "person": None}])
    )
    assert problems == []
    assert household.pauses == (
        Pause(id="stop", person="mia", start=START, until=END, by="anna"),
        Pause(id="all", person=None, start=START, until=END),
    )


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"person": "mai"}, "pauses[0] / person", "unknown-person"),
        ({"until": "later"}, "pauses[0] / until", "bad-instant"),
        ({"until": SPAN["from"]}, "pauses[0]", "ends-before-start"),
        ({"id": 5}, "pauses[0] / id", "bad-id"),
    ],
)
def test_bad_pause(fields: dict[str, object], place: str, code: str) -> None:
    household, problems = found(document(pauses=[{**STOP, **fields}]))
    assert (household.pauses, problems) == ((), [(place, code)])


def test_pause_that_is_no_object_or_names_nobody() -> None:
    nobody = {"id": "stop", **SPAN}
    household, problems = found(document(pauses=["stop", nobody]))
    assert household.pauses == ()
    assert problems == [
        ("pauses[0]", "not-an-object"),
        ("pauses[1] / person", "missing"),
    ]


def test_unreadable_author_costs_no_pause() -> None:
    household, problems = found(document(pauses=[{**STOP, "by": 5}]))
    assert [p.by for p in household.pauses] == [""]
    assert problems == [("pauses[0] / by", "not-text")]


def test_grants() -> None:
    gift = {**STOP, "id": "gift", "lifts": ["offline", "bedtime", "offline"]}
    household, problems = found(
        document(grants=[STOP, {**gift, "why": "film", "by": "tom"}])
    )
    assert problems == []
    whole, some = household.grants
    assert whole == Grant(id="stop", person="mia", start=START, until=END, lifts=ALL)
    assert (some.lifts, some.why, some.by) == (("bedtime", "offline"), "film", "tom")


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        (5, ["not-an-object"]),
        ({**STOP, "person": None}, ["bad-id"]),
        ({**STOP, "lifts": []}, ["grant-lifts-nothing"]),
        ({**STOP, "lifts": ["sites"]}, ["unknown-lift", "grant-lifts-nothing"]),
        ({**STOP, "lifts": ["pause"]}, ["unknown-lift", "grant-lifts-nothing"]),
        ({**STOP, "lifts": [["x" * 500]]}, ["unknown-lift", "grant-lifts-nothing"]),
        ({**STOP, "until": None}, ["bad-instant"]),
    ],
)
def test_bad_grant(entry: object, codes: list[str]) -> None:
    household, problems = found(document(grants=[entry]))
    assert household.grants == ()
    assert [code for _, code in problems] == codes


def test_grant_loses_only_an_unknown_lift() -> None:
    household, problems = found(document(grants=[{**STOP, "lifts": ["all", "budget"]}]))
    assert household.grants[0].lifts == ("budget",)
    assert problems == [("grants[0] / lifts[0]", "unknown-lift")]


def test_a_day_without_a_window_about_sites() -> None:
    household, problems = found(
        document(exceptions=[{**LATE, "kind": "sites", "off": True}])
    )
    assert problems == []
    assert [e.kind for e in household.exceptions] == [WindowKind.SITES]


def test_protection_off() -> None:
    household, problems = found(document(protection_off={**SPAN, "by": "anna"}))
    assert problems == []
    assert household.off == ProtectionOff(start=START, until=END, by="anna")


@pytest.mark.parametrize(
    ("entry", "place", "code"),
    [
        (True, "protection_off", "not-an-object"),
        (None, "protection_off", "not-an-object"),
        ({"from": SPAN["from"]}, "protection_off / until", "missing"),
        ({**SPAN, "until": "always"}, "protection_off / until", "bad-instant"),
        ({**SPAN, "until": SPAN["from"]}, "protection_off", "ends-before-start"),
    ],
)
def test_what_cannot_be_read_leaves_protection_on(
    entry: object, place: str, code: str
) -> None:
    household, problems = found(document(protection_off=entry))
    assert household.off is None and (place, code) in problems


def test_unreadable_author_is_not_told() -> None:
    household, problems = found(document(protection_off={**SPAN, "by": 5}))
    assert problems == [("protection_off / by", "not-text")]
    assert household.off is not None and household.off.by == ""


OPEN = {"id": "o", "person": "mia", "name": "Game.Test.", "until": SPAN["until"]}


def test_opened_sites() -> None:
    household, problems = found(document(opened=[{**OPEN, "by": "anna"}]))
    assert problems == []
    assert household.opened == (
        Opened(id="o", person="mia", name="game.test", until=END, by="anna"),
    )


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"name": "game"}, "opened[0] (game) / name", "bad-hostname"),
        ({"person": "mai"}, "opened[0] (Game.Test.) / person", "unknown-person"),
        ({"until": "tonight"}, "opened[0] (Game.Test.) / until", "bad-instant"),
        ({"lifts": []}, "opened[0] (Game.Test.)", "unknown-field"),
    ],
)
def test_an_opened_site_that_cannot_be_read_is_shut(
    fields: dict[str, object], place: str, code: str
) -> None:
    household, problems = found(document(opened=[{**OPEN, **fields}]))
    assert [(p[0], p[1]) for p in problems] == [(place, code)]
    assert bool(household.opened) == (code == "unknown-field")
