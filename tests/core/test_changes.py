"""What a parent does, as one household after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from guardian.core import changes
from guardian.core.decide import Facts, decide
from guardian.core.errors import GuardianError
from guardian.core.hostnames import NAMES_MAX
from guardian.core.model import (
    Access,
    Device,
    DeviceKind,
    Household,
    Overrides,
    Person,
    WindowKind,
)
from tests import build
from tests.build import ANNA, CONSOLE, MIA, PHONE, TABLET, TOM, TV, at, home

NOW = at("2026-03-27 16:00")
HOUR = timedelta(hours=1)
BEDTIME, HOMEWORK = WindowKind.BEDTIME, WindowKind.HOMEWORK


def verdict(household: Household, device: Device, reading: str) -> str:
    return decide(household, device, Facts(), at(reading)).verdict.value


# Finding.


def test_people_are_found_by_id_or_name() -> None:
    household = home()
    assert changes.find_person(household, "mia") is MIA
    assert changes.find_person(household, "ANNA") is ANNA
    for text in ("", "nobody", "x" * 500):
        with pytest.raises(GuardianError) as refused:
            changes.find_person(household, text)
        assert refused.value.code == "no-such-person"
        assert len(refused.value.detail) <= 80


def test_a_name_two_people_bear_finds_neither() -> None:
    twin = replace(TOM, id="tom-2")
    with pytest.raises(GuardianError, match="no-such-person"):
        changes.find_person(home(TOM, replace(twin, name="TOM"), MIA), "Tom")
    assert changes.find_person(home(TOM, twin), "tom-2") is twin


def test_adults_have_no_rules_to_change() -> None:
    assert changes.find_child(home(), "Tom") is TOM
    with pytest.raises(GuardianError) as refused:
        changes.find_child(home(), "anna")
    assert refused.value.code == "not-a-child"


@pytest.mark.parametrize(
    "text", ["tablet", "TABLET", "02:00:5e:00:00:01", " 02-00-5E-00-00-01"]
)
def test_devices_are_found_by_id_name_or_mac(text: str) -> None:
    assert changes.find_device(home(), text) is TABLET
    assert changes.find_device(home(), "toaster") is None


# Pause and resume.


def test_pause_of_one_child() -> None:
    after, item = changes.pause(home(), MIA, until=NOW + HOUR, by="anna", now=NOW)
    assert (item.person, item.by, item.start) == ("mia", "anna", NOW)
    assert verdict(after, TABLET, "2026-03-27 16:30") == "refuse"
    assert verdict(after, CONSOLE, "2026-03-27 16:30") == "allow"


def test_a_pause_takes_the_place_of_the_one_before() -> None:
    first, _ = changes.pause(home(), MIA, until=NOW + 3 * HOUR, by="anna", now=NOW)
    other, _ = changes.pause(first, TOM, until=NOW + 3 * HOUR, by="anna", now=NOW)
    after, item = changes.pause(other, MIA, until=NOW + HOUR, by="anna", now=NOW)
    assert [(p.person, p.until) for p in after.pauses] == [
        ("tom", NOW + 3 * HOUR),
        ("mia", NOW + HOUR),
    ]
    assert len({p.id for p in after.pauses}) == 2
    assert after.pauses[-1] is item


def test_what_has_ended_is_forgotten() -> None:
    # Or a household would grow by every pause and grant there ever was.
    household = home()
    now = NOW
    for _ in range(40):
        household, _ = changes.pause(household, MIA, until=now + HOUR, by="", now=now)
        household, _ = changes.pause(household, TOM, until=now + HOUR, by="", now=now)
        household, _ = changes.grant(household, TOM, until=now + HOUR, by="", now=now)
        household, _ = changes.except_day(
            household, MIA, on=now.date(), kind=BEDTIME, off=True, today=now.date()
        )
        now += timedelta(days=1)
    assert len(household.pauses) == 2
    assert len(household.grants) == 1
    assert [e.on for e in household.exceptions] == [
        (NOW + timedelta(days=38)).date(),
        (NOW + timedelta(days=39)).date(),
    ]


def test_a_pause_that_would_end_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends-before-start"):
        changes.pause(home(), MIA, until=NOW, by="anna", now=NOW)


def test_resume_of_one_child_during_a_pause_for_all_opens_no_sibling() -> None:
    ida = build.child("ida")
    household = home(
        MIA, TOM, ida, ANNA, devices=(TABLET, CONSOLE, build.device("pad", 5, "ida"))
    )
    paused, _ = changes.pause(household, None, until=NOW + HOUR, by="anna", now=NOW)
    after, ended = changes.resume(paused, MIA)
    assert ended == 1
    assert verdict(after, TABLET, "2026-03-27 16:30") == "allow"
    assert verdict(after, CONSOLE, "2026-03-27 16:30") == "refuse"
    assert verdict(after, after.devices[2], "2026-03-27 16:30") == "refuse"
    assert [(p.person, p.until) for p in after.pauses] == [
        ("tom", NOW + HOUR),
        ("ida", NOW + HOUR),
    ]
    # The same once more in the same second: ids stay apart.
    again, _ = changes.pause(after, None, until=NOW + 2 * HOUR, by="anna", now=NOW)
    both, ended = changes.resume(again, MIA)
    assert ended == 1
    assert len({p.id for p in both.pauses}) == len(both.pauses) == 4


def test_resume_of_one_child_ends_all_that_stops_it() -> None:
    paused, _ = changes.pause(home(), None, until=NOW + HOUR, by="anna", now=NOW)
    twice, _ = changes.pause(paused, MIA, until=NOW + 2 * HOUR, by="anna", now=NOW)
    after, ended = changes.resume(twice, MIA)
    assert ended == 2
    assert verdict(after, TABLET, "2026-03-27 16:30") == "allow"


def test_resume_of_all() -> None:
    paused, _ = changes.pause(home(), None, until=NOW + HOUR, by="anna", now=NOW)
    twice, _ = changes.pause(paused, TOM, until=NOW + HOUR, by="anna", now=NOW)
    assert changes.resume(twice, None) == (home(), 2)
    assert changes.resume(home(), None) == (home(), 0)
    assert changes.resume(home(), MIA) == (home(), 0)


# Grants.


def test_a_grant_ends_by_itself() -> None:
    after, item = changes.grant(
        home(),
        MIA,
        until=at("2026-03-27 22:00"),
        why="a film",
        by="anna",
        now=at("2026-03-27 20:30"),
    )
    assert item.lifts == ("bedtime", "budget", "homework", "offline")
    assert verdict(after, TABLET, "2026-03-27 21:59:59") == "allow"
    assert verdict(after, TABLET, "2026-03-27 22:00") == "refuse"


def test_a_grant_states_what_it_lifts() -> None:
    _, item = changes.grant(
        home(),
        MIA,
        until=NOW + HOUR,
        lifts=["offline", "homework", "offline"],
        by="anna",
        now=NOW,
    )
    assert item.lifts == ("homework", "offline")


def test_minutes_are_added_to_a_grant_that_runs() -> None:
    running = home(grants=(build.grant(NOW - HOUR, NOW + HOUR),))
    quarter = timedelta(minutes=15)
    assert changes.grant_end(running, MIA, quarter, NOW) == NOW + HOUR + quarter
    assert changes.grant_end(running, TOM, quarter, NOW) == NOW + quarter
    over = NOW + HOUR
    assert changes.grant_end(running, MIA, quarter, over) == over + quarter
    ahead = home(grants=(build.grant(NOW + HOUR, NOW + 2 * HOUR),))
    assert changes.grant_end(ahead, MIA, quarter, NOW) == NOW + quarter


def test_minutes_of_bedtime_are_not_put_after_hours_of_homework() -> None:
    given = build.grant(NOW, NOW + 2 * HOUR, lifts=("homework",))
    running = home(grants=(given,))
    quarter = timedelta(minutes=15)
    assert changes.grant_end(running, MIA, quarter, NOW) == NOW + quarter
    assert changes.grant_end(running, MIA, quarter, NOW, ["homework"]) == (
        NOW + 2 * HOUR + quarter
    )


def test_minutes_across_the_change_of_the_clock_are_minutes() -> None:
    now = at("2026-03-29 01:50")
    local = now.astimezone(home().zone)
    assert changes.grant_end(home(), MIA, timedelta(minutes=30), local) == at(
        "2026-03-29 03:20"
    )


# Exceptions.


def exception_times(
    *windows: build.Window, kind: WindowKind = BEDTIME, **times: int
) -> tuple[int | None, int | None]:
    household = home(build.child("mia", *windows))
    _, item = changes.except_day(
        household, household.people[0], on=date(2026, 3, 27), kind=kind, **times
    )
    return item.start, item.end


def test_tonight_until_ten() -> None:
    after, item = changes.except_day(
        home(), MIA, on=date(2026, 3, 27), kind=BEDTIME, start=22 * 60
    )
    assert item.id == "mia-bedtime-20260327"
    assert verdict(after, TABLET, "2026-03-27 21:30") == "allow"
    assert verdict(after, TABLET, "2026-03-27 22:00") == "refuse"
    assert verdict(after, TABLET, "2026-03-28 21:30") == "refuse"


def test_times_after_midnight_belong_to_the_night() -> None:
    assert exception_times(start=30) == (1470, None)
    assert exception_times(end=390) == (None, 1830)
    assert exception_times(start=30, end=390) == (1470, 1830)
    assert exception_times(start=1380, end=1410) == (1380, 1410)
    to_midnight = build.window("20:00-24:00")
    assert exception_times(replace(to_midnight, id="bedtime"), end=30) == (None, 1470)


def test_times_of_a_window_of_the_day_stay_on_the_day() -> None:
    homework = build.window("15:00-17:00", "homework")
    assert exception_times(homework, kind=HOMEWORK, start=600) == (600, None)
    # Before it starts: gone for that day, not twenty-three hours long.
    assert exception_times(homework, kind=HOMEWORK, end=840) == (None, 840)


def test_times_for_a_kind_without_windows_are_kept_as_given() -> None:
    assert exception_times(kind=HOMEWORK, start=600, end=660) == (600, 660)


def test_one_exception_a_night() -> None:
    on = date(2026, 3, 27)
    first, _ = changes.except_day(home(), MIA, on=on, kind=BEDTIME, start=1320)
    after, item = changes.except_day(first, MIA, on=on, kind=BEDTIME, off=True)
    assert after.exceptions == (item,)
    other, _ = changes.except_day(after, TOM, on=on, kind=BEDTIME, off=True)
    assert len(other.exceptions) == 2


def test_long_ids_that_begin_alike_stay_apart() -> None:
    one, two = (build.child("x" * 30 + end) for end in "ab")
    household = home(one, two)
    for person in (one, two):
        household, _ = changes.except_day(
            household, person, on=date(2026, 3, 27), kind=BEDTIME, off=True
        )
    assert [e.person for e in household.exceptions] == [one.id, two.id]


# Devices.


def test_a_new_mac_becomes_a_device() -> None:
    after, made = changes.assign(home(), "02-00-5E-00-00-09", person=MIA, name="Pad")
    assert (made.id, made.name, made.macs) == (
        "device-02005e000009",
        "Pad",
        (build.mac(9),),
    )
    assert after.device(made.id) == made
    assert verdict(after, made, "2026-03-27 22:00") == "refuse"


def test_a_known_device_changes_hands() -> None:
    after, changed = changes.assign(home(), "tv", person=MIA)
    assert (changed.person, changed.exempt, changed.name) == ("mia", False, "Tv")
    back, changed = changes.assign(after, "tv", person=None, name="Screen")
    assert (changed.person, changed.name) == (None, "Screen")
    freed, changed = changes.assign(back, "tv", person=None, exempt=True)
    assert (changed.exempt, changed.kind) == (True, DeviceKind.THING)
    assert [d.id for d in freed.devices] == [d.id for d in home().devices]


def test_assigning_by_a_macs_other_spelling_makes_no_second_device() -> None:
    after, changed = changes.assign(home(), "02-00-5e-00-00-01", person=TOM)
    assert changed.id == "tablet"
    assert len(after.devices) == 4


def test_a_new_device_never_takes_anothers_id() -> None:
    # The tablet has moved on to another MAC but still bears the first one's id.
    old = replace(TABLET, id=f"device-{build.mac(9).replace(':', '')}")
    after, made = changes.assign(home(devices=(old, PHONE)), build.mac(9), person=MIA)
    assert made.id != old.id
    assert after.device(old.id) == old
    assert len(after.devices) == 3


@pytest.mark.parametrize("text", ["toaster", "ff:ff:ff:ff:ff:ff", ""])
def test_an_unknown_device_is_no_device(text: str) -> None:
    with pytest.raises(GuardianError) as refused:
        changes.assign(home(), text, person=MIA)
    assert refused.value.code == "no-such-device"


def test_claim_leaves_what_was_there_running() -> None:
    seen = [(build.mac(1), "x"), (build.mac(9), "pump"), (build.mac(8), "door\nbell")]
    after = changes.claim(home(claimed=False), seen)
    assert after.claimed
    assert after.devices[:4] == home().devices
    assert [(d.name, d.exempt, d.macs) for d in after.devices[4:]] == [
        (f"Device {build.mac(8)}", True, (build.mac(8),)),
        ("pump", True, (build.mac(9),)),
    ]
    assert verdict(after, after.devices[5], "2026-03-27 23:00") == "allow"


def test_claim_leaves_out_what_is_no_device() -> None:
    after = changes.claim(
        home(claimed=False), [("33:33:00:00:00:01", "x"), ("02:00:5E:00:00:09", "y")]
    )
    assert after.devices == home().devices


def test_claim_never_repeats_an_id() -> None:
    old = replace(TABLET, id=f"device-{build.mac(9).replace(':', '')}")
    after = changes.claim(home(claimed=False, devices=(old,)), [(build.mac(9), "a")])
    assert len({d.id for d in after.devices}) == len(after.devices) == 2


def test_a_rotated_mac_joins_its_device() -> None:
    after, changed = changes.join(home(), TABLET, build.mac(9))
    assert changed.macs == (build.mac(9), build.mac(1))
    assert after.device("tablet") == changed
    same, changed = changes.join(after, changed, build.mac(1))
    assert changed.macs == (build.mac(1), build.mac(9))
    for last in range(20, 40):
        same, changed = changes.join(same, changed, build.mac(last))
    assert len(changed.macs) == 8
    assert changed.macs[0] == build.mac(39)


def test_a_mac_of_another_device_joins_none() -> None:
    with pytest.raises(GuardianError) as refused:
        changes.join(home(), TABLET, CONSOLE.macs[0])
    assert refused.value.code == "duplicate-mac"


def test_nothing_is_changed_in_place() -> None:
    household = home()
    people: tuple[Person, ...] = household.people
    changes.pause(household, MIA, until=NOW + HOUR, by="", now=NOW)
    changes.assign(household, "tv", person=MIA)
    changes.claim(household, [(build.mac(9), "x")])
    assert household == home()
    assert household.people is people
    assert TV in household.devices


# Names.

HELP = frozenset({"childline.org.uk", "www.childline.org.uk"})


def listed(*steps: tuple[str | None, str]) -> Overrides:
    """Return Mia's own layer after names, apart by spaces, were put on lists."""
    household = home()
    for where, names in steps:
        mia = changes.find_child(household, "mia")
        household = changes.list_names(household, mia, names.split(), where, HELP)
    assert household.people[1:] == home().people[1:]
    return household.people[0].overrides


def test_names_are_put_on_lists() -> None:
    assert listed(("allow", "b.org a.org"), ("allow", "a.org c.org")) == Overrides(
        allow=("a.org", "b.org", "c.org")
    )
    assert listed(("always", "a.org"), ("allow", "a.org")) == Overrides(
        allow=("a.org",), always=("a.org",)
    )


def test_a_name_leaves_the_list_that_says_the_opposite() -> None:
    both = ("allow", "a.org b.org"), ("always", "a.org")
    assert listed(*both, ("block", "a.org")) == Overrides(
        allow=("b.org",), block=("a.org",)
    )
    assert listed(("block", "a.org b.org"), ("always", "b.org")) == Overrides(
        block=("a.org",), always=("b.org",)
    )


def test_a_forgotten_name_is_on_no_list() -> None:
    both = ("allow", "a.org b.org"), ("always", "a.org")
    assert listed(*both, (None, "a.org b.org")) == Overrides()
    with pytest.raises(GuardianError, match="site-not-listed: c.org"):
        listed(*both, (None, "a.org c.org"))


def test_help_is_never_blocked_and_may_be_listed_otherwise() -> None:
    with pytest.raises(GuardianError, match="floor-cannot-be-blocked: childline"):
        listed(("block", "example.org childline.org.uk"))
    assert listed(("allow", "childline.org.uk")).allow == ("childline.org.uk",)
    # Help is its exact names; below and above them a parent decides.
    assert listed(("block", "org.uk")).block == ("org.uk",)


def test_lists_have_an_end() -> None:
    full = " ".join(f"n{i}.org" for i in range(NAMES_MAX))
    assert len(listed(("block", full), ("block", "n1.org")).block) == NAMES_MAX
    with pytest.raises(GuardianError, match="too-many-names"):
        listed(("block", full), ("block", "one-more.org"))


def test_access_is_said_and_taken_back() -> None:
    known = frozenset({"games", "social"})
    household = changes.set_access(home(), MIA, "social", Access.BLOCK, known)
    mia = changes.find_child(household, "mia")
    household = changes.set_access(household, mia, "games", Access.LIMIT, known)
    mia = changes.find_child(household, "mia")
    assert mia.overrides.access == (("games", Access.LIMIT), ("social", Access.BLOCK))
    household = changes.set_access(household, mia, "social", None, known)
    mia = changes.find_child(household, "mia")
    assert mia.overrides.access == (("games", Access.LIMIT),)
    # What the catalogue has lost can still be taken back.
    assert changes.set_access(household, mia, "games", None, frozenset()) == home()
    assert changes.set_access(home(), MIA, "social", None, known) == home()
    for access in (Access.BLOCK, None):
        with pytest.raises(GuardianError, match="unknown-category: golf"):
            changes.set_access(household, mia, "golf", access, known)


def test_time_on_top_counts_as_running_without_a_kind_of_site() -> None:
    household, item = changes.grant(home(), MIA, until=NOW + HOUR, by="anna", now=NOW)
    assert "sites" not in item.lifts
    assert changes.grant_end(household, MIA, HOUR, NOW) == NOW + 2 * HOUR


# Sites for a while.


def test_a_site_is_opened_until_an_end_and_again() -> None:
    household, first = changes.open_site(
        home(), MIA, "a.test", until=NOW + HOUR, by="anna", now=NOW
    )
    household, other = changes.open_site(
        household, MIA, "b.test", until=NOW + 3 * HOUR, by="anna", now=NOW
    )
    assert household.opened == (first, other) and first.id != other.id
    longer, again = changes.open_site(
        household, MIA, "b.test", until=NOW + 4 * HOUR, by="tom", now=NOW
    )
    assert longer.opened == (first, again), "one row a name"
    later, last = changes.open_site(
        household, TOM, "b.test", until=NOW + 4 * HOUR, by="x", now=NOW + 2 * HOUR
    )
    assert later.opened == (other, last), "the ended is forgotten, a sibling's is not"
