"""The log in words: what the daemon writes down, read by a parent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from guardian.core.model import (
    Access,
    Device,
    Grant,
    Household,
    Opened,
    Overrides,
    Pause,
    Person,
    ProtectionOff,
    Role,
    Window,
    WindowException,
    WindowKind,
)
from guardian.store import audit as stored
from guardian.store.difference import Change, diff
from webui.words.audit import Names, sentences

Json = dict[str, Any]
NAMES = Names(
    people={"mia": "Mia", "ben": "Ben"},
    devices={"tablet": "Mia's tablet"},
    titles={"roblox": "Roblox"},
)
AT = datetime(2026, 3, 4, 18, 30, tzinfo=timezone.utc)
MIA = Person(id="mia", name="Mia", role=Role.CHILD, band="10-12")
HOME = Household(timezone="Europe/Berlin", people=(MIA,))
SPELL: Json = {"start": AT, "until": AT + timedelta(hours=2), "by": "anna"}


def read(old: Household, new: Household, verb: str = "x") -> list[str]:
    """Return what the log says of a change, as the daemon writes it down."""
    return told(*diff(old, new), verb=verb)


def told(*changes: Change, verb: str = "x", **more: Any) -> list[str]:
    entry = stored.entry(changes, by="anna", verb=verb, revision=2, now=AT)
    local = AT.astimezone(HOME.zone).isoformat()
    return sentences({**entry, "at": local, **more}, NAMES)


def with_mia(**says: Any) -> Household:
    return replace(HOME, people=(replace(MIA, overrides=Overrides(**says)),))


PAUSE = Pause(id="p", person="mia", **SPELL)
TABLET = Device(id="tablet", name="T", macs=("02:00:5e:00:10:01",))
LATE = Window(
    id="late", kind=WindowKind.BEDTIME, days=("school",), start=1260, end=1830
)
NIGHT = WindowException(
    id="e", person="mia", on=date(2026, 3, 4), kind=WindowKind.BEDTIME, start=1320
)


@pytest.mark.parametrize(
    "old, new, said",
    [
        (HOME, replace(HOME, pauses=(PAUSE,)), "Mia was paused until 21:30."),
        (
            HOME,
            replace(HOME, pauses=(replace(PAUSE, person=None),)),
            "Everyone was paused until 21:30.",
        ),
        (replace(HOME, pauses=(PAUSE,)), HOME, "The pause for Mia was ended."),
        (
            replace(HOME, pauses=(replace(PAUSE, person=None),)),
            HOME,
            "The pause for everyone was ended.",
        ),
        (
            HOME,
            replace(HOME, grants=(Grant(id="g", person="mia", **SPELL),)),
            "Mia got extra time until 21:30.",
        ),
        (
            replace(HOME, grants=(Grant(id="g", person="mia", **SPELL),)),
            HOME,
            "Extra time for Mia was ended.",
        ),
        (
            HOME,
            replace(
                HOME,
                opened=(
                    Opened(
                        id="o",
                        person="mia",
                        name="a.org",
                        until=SPELL["until"],
                        by="anna",
                    ),
                ),
            ),
            "a.org was opened for Mia until 21:30.",
        ),
        (
            HOME,
            replace(HOME, off=ProtectionOff(**SPELL)),
            "Protection was turned off until 21:30.",
        ),
        (
            replace(HOME, off=ProtectionOff(**SPELL)),
            HOME,
            "Protection was turned on.",
        ),
        (
            HOME,
            replace(HOME, exceptions=(NIGHT,)),
            "Bedtime of Mia was changed for 4 March 2026.",
        ),
        (
            HOME,
            replace(HOME, exceptions=(replace(NIGHT, start=None, off=True),)),
            "Bedtime of Mia was called off for 4 March 2026.",
        ),
        (
            replace(HOME, exceptions=(replace(NIGHT, start=None, off=True),)),
            HOME,
            "Bedtime of Mia on 4 March 2026 is as usual again.",
        ),
        (replace(HOME, people=()), HOME, "Mia was added."),
        (HOME, replace(HOME, people=()), "Mia was removed."),
        (
            HOME,
            replace(HOME, people=(replace(MIA, name="Mia M"),)),
            "Mia is called Mia M now.",
        ),
        (
            HOME,
            replace(HOME, people=(replace(MIA, band="13-15"),)),
            "Mia moved from the 10-12 to the 13-15 template.",
        ),
        (
            HOME,
            replace(HOME, people=(replace(MIA, birth=(2015, 3)),)),
            "The month of birth of Mia was set.",
        ),
        (HOME, with_mia(windows=(LATE,)), "A time was added to Mia's schedule."),
        (
            with_mia(windows=(LATE,)),
            with_mia(windows=(replace(LATE, start=1290),)),
            "In Mia's schedule a start moved from 21:00 to 21:30.",
        ),
        (
            with_mia(windows=(LATE,)),
            with_mia(windows=(replace(LATE, end=1860),)),
            "In Mia's schedule an end moved from 06:30 to 07:00.",
        ),
        (
            HOME,
            with_mia(dropped=("bedtime",)),
            "A time of the template was switched off for Mia.",
        ),
        (HOME, with_mia(block=("a.org",)), "a.org was blocked for Mia."),
        (
            with_mia(block=("a.org",)),
            HOME,
            "a.org isn't blocked for Mia any more.",
        ),
        (HOME, with_mia(allow=("a.org",)), "a.org was allowed for Mia."),
        (
            HOME,
            with_mia(always=("a.org",)),
            "a.org works for Mia at bedtime too.",
        ),
        (
            HOME,
            with_mia(access=(("roblox", Access.BLOCK),)),
            "Roblox is off for Mia now.",
        ),
        (
            with_mia(access=(("roblox", Access.BLOCK),)),
            with_mia(access=(("roblox", Access.LIMIT),)),
            "Roblox is limited for Mia now.",
        ),
        (
            with_mia(access=(("roblox", Access.BLOCK),)),
            HOME,
            "Roblox is as in the template again for Mia.",
        ),
        (HOME, with_mia(only=True), "Only chosen sites work for Mia now."),
        (
            with_mia(only=True),
            with_mia(only=False),
            "Not only chosen sites work for Mia now.",
        ),
        (
            with_mia(safe_search=False),
            HOME,
            "Safe search for Mia is as in the template again.",
        ),
        (
            HOME,
            replace(HOME, devices=(TABLET,)),
            "The device Mia's tablet was added.",
        ),
        (
            replace(HOME, devices=(TABLET,)),
            replace(HOME, devices=(replace(TABLET, person="mia"),)),
            "Mia's tablet is Mia's device now.",
        ),
        (
            replace(HOME, devices=(replace(TABLET, person="mia"),)),
            replace(HOME, devices=(replace(TABLET, exempt=True),)),
            "Mia's tablet has no limits now.",
        ),
        (
            replace(HOME, devices=(TABLET,)),
            replace(
                HOME,
                devices=(replace(TABLET, macs=("02:00:5e:00:10:07", *TABLET.macs)),),
            ),
            "Mia's tablet is known with another address too.",
        ),
        (HOME, replace(HOME, timezone="UTC"), "The time zone is UTC now."),
        (HOME, replace(HOME, name="Ours"), "The home is called Ours now."),
        (
            HOME,
            replace(HOME, claimed=not HOME.claimed),
            "The router has parents now: rules hold.",
        ),
    ],
)
def test_what_the_daemon_writes_is_read(
    old: Household, new: Household, said: str
) -> None:
    assert said in read(old, new)


def test_resuming_one_of_all_says_that_others_stay_paused() -> None:
    everyone = replace(HOME, pauses=(replace(PAUSE, person=None),))
    others = replace(HOME, pauses=(replace(PAUSE, id="q", person="ben"),))
    assert read(everyone, others, "resume") == [
        "The pause for everyone was ended.",
        "The pause goes on for Ben until 21:30.",
    ]


def test_what_had_ended_by_itself_is_no_news() -> None:
    old = Pause(id="o", person="mia", start=AT - timedelta(hours=2), until=AT)
    assert read(
        replace(HOME, pauses=(old,)), replace(HOME, pauses=(PAUSE,)), "grant"
    ) == ["Mia was paused until 21:30."]
    # One pause took the place of another.
    longer = replace(PAUSE, id="q", until=AT + timedelta(hours=3))
    assert read(
        replace(HOME, pauses=(PAUSE,)), replace(HOME, pauses=(longer,)), "pause"
    ) == ["Mia was paused until 22:30."]


def test_an_older_log_is_read_without_names_and_ends() -> None:
    assert told(Change("pauses/p", "added")) == ["A pause was set."]
    assert told(Change("grants/g", "removed")) == ["Extra time was ended."]


@pytest.mark.parametrize(
    "change, said",
    [
        (Change("odd/place", "added", None, "5"), "odd/place was added (5)."),
        (Change("odd/place", "removed", "[1]"), "odd/place was removed ([1])."),
        (
            Change("odd", "changed", '"a"', '{"b": 1… cut'),
            'odd was changed from a to {"b": 1… cut.',
        ),
        (Change("people/mia/odd", "added"), "people/mia/odd was added (…)."),
    ],
)
def test_what_nobody_knows_is_told_plainly(change: Change, said: str) -> None:
    assert told(change) == [said]


def test_people_who_left_are_named_by_id() -> None:
    (said,) = told(Change("people/max-paul/block/a.org", "added"))
    assert said == "a.org was blocked for Max paul."


def test_accounts_and_programs() -> None:
    assert told(Change("accounts/mia", "added")) == ["Mia can sign in now."]
    assert told(Change("keys/lights", "removed")) == [
        "A program's key was taken back: lights."
    ]


def test_without_a_change() -> None:
    assert told(verb="password-reset") == [
        "All passwords were reset, by hand at the router."
    ]
    assert told(verb="odd") == ["Nothing differs after this (odd)."]


def test_the_same_is_said_once_and_the_rest_counted() -> None:
    twice = [
        Change(f"people/mia/windows/{key}/days", "changed", "[]", "[1]")
        for key in ("a", "b")
    ]
    assert told(*twice, more=3) == [
        "A time in Mia's schedule was changed.",
        "And 3 more.",
    ]
