"""One change taken back: exactly that, nothing that came after, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core import changes, family
from guardian.core.model import (
    Calendar,
    CalendarDay,
    Household,
    NameSettings,
    Overrides,
    Refusal,
    Role,
)
from guardian.store.document import parse
from guardian.store.takeback import Conflict, changes_of, take_back
from tests import build
from tests.build import ANNA, MIA, TOM, at, home

NOW = at("2026-03-27 16:00")
HOUR = timedelta(hours=1)


def undone(before: Household, after: Household, now: Household) -> Household | None:
    document = take_back(before, after, now)
    assert bool(changes_of(before, after, now)) is (document is not None)
    if document is None:
        return None
    household, problems = parse(document, now.bands)
    assert problems == ()
    return household


def names(household: Household, where: str, *hosts: str) -> Household:
    mia = household.person("mia")
    assert mia is not None
    return changes.list_names(household, mia, hosts, where, frozenset())


def paused(household: Household) -> Household:
    return changes.pause(household, MIA, until=NOW + HOUR, by="anna", now=NOW)[0]


def with_days(household: Household, *days: int) -> Household:
    runs = tuple(
        CalendarDay(first=date(2026, 5, d), last=date(2026, 5, d), day_type="holiday")
        for d in days
    )
    return replace(household, calendar=Calendar(days=runs))


@pytest.mark.parametrize(
    "after",
    [
        paused(home()),
        names(home(), "block", "example.org"),
        replace(home(), name="Nest", country="DE"),
        replace(home(), off=build.off(NOW, NOW + HOUR)),
        replace(home(), names=NameSettings(refusal=Refusal.SINKHOLE)),
        family.drop_person(home(), MIA),
        family.add_person(home(), "Zoe", Role.ADULT)[0],
        family.drop_device(home(), home().devices[1]),
        with_days(home(), 1, 2),
        replace(home(), timezone="Europe/Lisbon"),
    ],
)
def test_what_nobody_touched_goes_back_exactly(after: Household) -> None:
    assert undone(home(), after, after) == home()
    # And the other way round.
    assert undone(after, home(), home()) == after


def test_what_came_after_elsewhere_stays() -> None:
    before = home()
    after = names(before, "block", "example.org")
    later = replace(paused(after), name="Nest", devices=before.devices[:2])
    assert undone(before, after, later) == replace(
        paused(before), name="Nest", devices=before.devices[:2]
    )


def test_lists_of_names_are_taken_apart() -> None:
    before = names(home(), "block", "old.org")
    after = names(before, "block", "a.org", "b.org")
    later = names(after, "block", "c.org")
    found = undone(before, after, later)
    assert found and found.people[0].overrides.block == ("c.org", "old.org")
    # One of the two was taken off by hand: the other still goes.
    later = _forget(later, "a.org")
    found = undone(before, after, later)
    assert found and found.people[0].overrides.block == ("c.org", "old.org")


def _forget(household: Household, host: str) -> Household:
    mia = household.person("mia")
    assert mia is not None
    return changes.list_names(household, mia, [host], None, frozenset())


def test_days_of_the_calendar_are_taken_apart() -> None:
    before = with_days(home(), 1)
    after = with_days(home(), 1, 2, 3)
    found = undone(before, after, with_days(home(), 1, 2, 3, 4))
    assert found and found.calendar == with_days(home(), 1, 4).calendar


def test_a_person_comes_back_where_they_stood() -> None:
    before = home()
    after = family.drop_person(before, MIA)
    later, _ = family.add_person(after, "Zoe", Role.ADULT)
    found = undone(before, after, later)
    assert found and [p.id for p in found.people] == ["mia", "tom", "anna", "zoe"]
    assert found.device("tablet") == before.device("tablet")


def test_what_was_taken_back_by_hand_is_nothing_to_do() -> None:
    before = home()
    after = paused(before)
    resumed, _ = changes.resume(after, MIA)
    assert take_back(before, after, resumed) is None
    assert take_back(before, before, after) is None


def ruled(**says: Any) -> Household:
    return home(replace(MIA, overrides=Overrides(**says)), TOM, ANNA)


@pytest.mark.parametrize(
    "before, after, now, place",
    [
        (home(), home(name="A"), home(name="B"), "name"),
        (
            ruled(windows=(build.window("21:00-07:00"),)),
            ruled(windows=(build.window("20:00-07:00"),)),
            ruled(windows=(build.window("19:00-07:00"),)),
            "people/mia/windows/bedtime/from",
        ),
        (
            home(),
            family.add_person(home(), "Zoe", Role.ADULT)[0],
            family.add_person(home(), "Zoe", Role.PARENT)[0],
            "people/zoe",
        ),
        (home(), ruled(only=True), ruled(only=False), "people/mia/only"),
        (
            home(),
            ruled(only=True, packs=("a",)),
            ruled(only=True, packs=("a", "b")),
            "people/mia/packs",
        ),
        (
            home(),
            replace(home(), off=build.off(NOW, NOW + HOUR)),
            replace(home(), off=build.off(NOW, NOW + 2 * HOUR)),
            "protection_off",
        ),
    ],
)
def test_what_was_touched_again_is_a_conflict(
    before: Household, after: Household, now: Household, place: str
) -> None:
    with pytest.raises(Conflict) as conflict:
        take_back(before, after, now)
    assert conflict.value.place == place


def test_another_zone_since_touches_no_pause() -> None:
    before = home()
    after = paused(before)
    moved = replace(after, timezone="America/New_York")
    found = undone(before, after, moved)
    assert found == replace(before, timezone="America/New_York")


HOSTS = st.sets(st.sampled_from(["a.org", "b.org", "c.org", "d.org"]))


def listed(hosts: set[str], name: str, day: set[int]) -> Household:
    made = with_days(home(name=name), *sorted(day))
    return replace(
        made,
        people=(
            replace(MIA, overrides=Overrides(block=tuple(sorted(hosts)))),
            TOM,
            ANNA,
        ),
    )


@settings(deadline=None)
@given(HOSTS, HOSTS, HOSTS, st.sets(st.integers(1, 4)), st.sets(st.integers(1, 4)))
def test_sets_follow_their_law(
    was: set[str], became: set[str], stands: set[str], old: set[int], new: set[int]
) -> None:
    before, after = listed(was, "A", old), listed(became, "A", new)
    now = listed(stands, "B", new)
    expected = (stands - (became - was)) | (was - became)
    found = undone(before, after, now) or now
    assert set(found.people[0].overrides.block) == expected
    assert found.name == "B" and found.calendar.days == before.calendar.days
