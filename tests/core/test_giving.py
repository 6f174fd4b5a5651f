"""What a parent's yes changes, and what it never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.decide import Facts, decide
from guardian.core.errors import GuardianError
from guardian.core.giving import Given, give, in_the_way
from guardian.core.model import LIFTS, Household, Opened, Overrides
from guardian.core.requests import Kind, Request
from tests import build
from tests.build import BEDTIME, MIA, TABLET, at, child, home

DAY = at("2026-03-27 18:00")
NIGHT = at("2026-03-27 22:00")
MINUTE = timedelta(minutes=1)


def time(person: str = "mia") -> Request:
    return Request(
        id="ask-1", person=person, device=None, kind=Kind.TIME, minutes=30, at=DAY
    )


def site(name: str = "game.test") -> Request:
    return Request(
        id="ask-2", person="mia", device=None, kind=Kind.SITE, site=name, at=DAY
    )


def yes(
    household: Household, request: Request, what: Any, now: datetime = NIGHT
) -> Given:
    return give(household, request, what, by="anna", now=now)


def code(household: Household, request: Request, what: Any, now: datetime) -> str:
    with pytest.raises(GuardianError) as refused:
        yes(household, request, what, now)
    return refused.value.code


def verdict(household: Household, now: datetime) -> str:
    return decide(household, TABLET, Facts(), now).verdict.value


# Time.


def test_minutes_in_the_night_open_it_and_end() -> None:
    done = yes(home(), time(), 30)
    assert done.until == NIGHT + 30 * MINUTE and done.minutes == 30
    (grant,) = done.household.grants
    assert (grant.person, grant.lifts, grant.by) == ("mia", ("bedtime",), "anna")
    assert done.gave == grant.id
    assert verdict(done.household, NIGHT) == "allow"
    assert verdict(done.household, NIGHT + 30 * MINUTE) == "refuse"


def test_minutes_before_bedtime_reach_into_it() -> None:
    now = at("2026-03-27 20:50")
    done = yes(home(), time(), 30, now)
    assert done.until == at("2026-03-27 21:20")
    assert done.household.grants[0].lifts == ("bedtime",)
    assert verdict(done.household, at("2026-03-27 21:19")) == "allow"
    assert verdict(done.household, at("2026-03-27 21:20")) == "refuse"


def test_time_lifts_what_is_in_the_way_and_nothing_else() -> None:
    homework = build.window("15:00-17:00", "homework")
    mia = child("mia", homework, build.window("16:30-18:30", "offline"))
    household = home(mia)
    start = at("2026-03-27 16:00")
    assert in_the_way(household, mia, start, start + 15 * MINUTE) == ("homework",)
    both = in_the_way(household, mia, start, start + 45 * MINUTE)
    assert both == ("homework", "offline")
    noon = at("2026-03-27 12:00")
    assert in_the_way(household, mia, noon, noon + 15 * MINUTE) == LIFTS
    sites = child("mia", build.window("12:00-13:00", "sites"))
    assert in_the_way(home(sites), sites, noon, noon + MINUTE) == LIFTS


def test_more_is_put_on_top_of_what_runs() -> None:
    first = yes(home(), time(), 30)
    second = yes(first.household, time(), 15, NIGHT + 10 * MINUTE)
    assert second.until == NIGHT + 45 * MINUTE and second.minutes == 15


def test_until_bedtime() -> None:
    mia = child("mia", build.window("15:00-19:00", "homework"))
    done = yes(home(mia), time(), "bedtime", DAY)
    assert done.until == at("2026-03-27 21:00") and done.minutes == 180
    assert done.household.grants[0].lifts == ("homework",)
    assert code(home(), time(), "bedtime", NIGHT) == "no-bedtime-ahead"
    rare = child("mia", build.window("21:00-07:00", days=("holiday",)))
    rare = replace(rare, overrides=replace(rare.overrides, dropped=("bedtime",)))
    assert code(home(rare), time(), "bedtime", DAY) == "no-bedtime-ahead"


@pytest.mark.parametrize("person", ["mia", None])
def test_no_time_lifts_a_pause(person: str | None) -> None:
    held = build.pause(NIGHT - MINUTE, NIGHT + 60 * MINUTE, person)
    household = home(pauses=(held,))
    with pytest.raises(GuardianError) as refused:
        yes(household, time(), 30)
    assert refused.value.code == "pause-holds"
    assert refused.value.detail == "2026-03-27T23:00:00+01:00"
    assert yes(household, time(), 30, NIGHT + 60 * MINUTE).until
    other = home(pauses=(replace(held, person="tom"),))
    assert yes(other, time(), 30).until


@pytest.mark.parametrize(
    "what", [0, -5, 1441, True, "30", "", "always", "tonight", "morning"]
)
def test_what_is_no_time(what: Any) -> None:
    assert code(home(), time(), what, DAY) == "bad-argument"


def test_only_children_are_given_anything() -> None:
    assert code(home(), time("anna"), 30, DAY) == "not-a-child"
    assert code(home(), time("ben"), 30, DAY) == "no-such-person"


@given(st.integers(0, 24 * 60 - 1), st.integers(1, 24 * 60))
def test_whatever_is_given_is_open_all_the_time_and_then_ends(
    minute: int, minutes: int
) -> None:
    now = at("2026-03-27 00:00") + minute * MINUTE
    mia = child("mia", BEDTIME, build.window("14:00-16:00", "homework"))
    household = home(mia)
    done = yes(household, time(), minutes, now)
    assert done.until == now + minutes * MINUTE
    for part in range(5):
        inside = now + part * (minutes * MINUTE) / 5
        assert verdict(done.household, inside) == "allow"
    assert verdict(done.household, done.until) == verdict(household, done.until)


# Sites.


@pytest.mark.parametrize(
    ("what", "until", "minutes"),
    [
        ("1h", "2026-03-27 19:00", 60),
        (15, "2026-03-27 18:15", 15),
        ("bedtime", "2026-03-27 21:00", 180),
        ("tonight", "2026-03-28 04:00", 600),
    ],
)
def test_a_site_for_a_while(what: Any, until: str, minutes: int) -> None:
    done = yes(home(), site(), what, DAY)
    (row,) = done.household.opened
    assert (row.name, row.person, row.by) == ("game.test", "mia", "anna")
    assert row.until == done.until == at(until) and done.minutes == minutes
    assert done.household.people == home().people and done.gave == row.id


def test_a_site_for_good_is_the_parents_allow() -> None:
    mia = replace(MIA, overrides=Overrides(block=("game.test", "other.test")))
    rows = tuple(
        Opened(id=name[0], person="mia", name=name, until=NIGHT)
        for name in ("game.test", "x.test")
    )
    done = yes(home(mia, opened=rows), site(), "always", DAY)
    says = done.household.people[0].overrides
    assert (says.allow, says.block) == (("game.test",), ("other.test",))
    assert (done.until, done.minutes, done.gave) == (None, None, "")
    assert done.household.opened == rows[1:]


@pytest.mark.parametrize("what", [0, 1441, False, "", "week", "21:00"])
def test_what_is_no_while(what: Any) -> None:
    assert code(home(), site(), what, DAY) == "bad-argument"


def test_a_site_opens_no_pause_and_no_bedtime() -> None:
    held = build.pause(NIGHT - MINUTE, NIGHT + 60 * MINUTE)
    done = yes(home(pauses=(held,)), site(), "1h")
    assert done.household.grants == () and verdict(done.household, NIGHT) == "refuse"
