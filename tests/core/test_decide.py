"""What holds for a device, by the rows of the table, to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from guardian.core.decide import (
    HORIZON,
    active_windows,
    decide,
    decide_new,
    steps,
    subject_of,
)
from guardian.core.model import (
    Decision,
    NewDevices,
    Reason,
    Verdict,
    WindowException,
    WindowKind,
)
from tests import build
from tests.build import ANNA, CONSOLE, MIA, PHONE, TABLET, TOM, TV, at, home

from .asking import KNOWN, holds

HOMEWORK = build.window("15:00-17:00", "homework")
OFFLINE = build.window("17:00-18:00", "offline")


def exception(on: str, **fields: Any) -> WindowException:
    return WindowException(
        id="e",
        person="mia",
        on=date.fromisoformat(on),
        kind=WindowKind.BEDTIME,
        **fields,
    )


# The evening and the morning.


def test_before_bedtime_the_lease_ends_with_it() -> None:
    found = holds(home(), "2026-03-27 20:59")
    assert found == Decision(Verdict.ALLOW, Reason.DEFAULT, at("2026-03-27 21:00"))


def test_bedtime_holds_from_its_first_second_to_its_last() -> None:
    morning = at("2026-03-28 07:00")
    asleep = Decision(Verdict.REFUSE, Reason.BEDTIME, morning, (("window", "bedtime"),))
    assert holds(home(), "2026-03-27 20:59:59").verdict is Verdict.ALLOW
    assert holds(home(), "2026-03-27 21:00:00") == asleep
    assert holds(home(), "2026-03-28 06:59:59") == asleep
    assert holds(home(), "2026-03-28 07:00:00").verdict is Verdict.ALLOW


def test_a_child_without_windows_is_open_without_end() -> None:
    household = home(bands=(build.band(),))
    assert holds(household, "2026-03-27 23:00") == Decision(
        Verdict.ALLOW, Reason.DEFAULT
    )


def test_the_same_verdict_under_another_reason_is_no_turn() -> None:
    # Offline until 18:00, then bedtime from 18:00: one "no" until the morning.
    household = home(
        build.child("mia", OFFLINE), bands=(build.band(build.window("18:00-07:00")),)
    )
    found = holds(household, "2026-03-27 17:30")
    assert (found.reason, found.until) == (Reason.OFFLINE, at("2026-03-28 07:00"))


def test_homework_limits() -> None:
    household = home(build.child("mia", HOMEWORK))
    found = holds(household, "2026-03-27 16:00")
    assert found == Decision(
        Verdict.LIMIT,
        Reason.HOMEWORK,
        at("2026-03-27 17:00"),
        (("window", "homework"),),
    )
    assert holds(household, "2026-03-27 14:00").until == at("2026-03-27 15:00")


def test_until_is_in_the_zone_of_the_home() -> None:
    household = home()
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        now = at("2026-03-27 20:00").astimezone(ZoneInfo(zone))
        until = decide(household, TABLET, KNOWN, now).until
        assert until is not None
        assert until.tzinfo is household.zone
        assert until.isoformat() == "2026-03-27T21:00:00+01:00"


def test_seconds_and_fractions_of_now_do_not_move_until() -> None:
    found = holds(home(), "2026-03-27 20:59:59.999999")
    assert (found.verdict, found.until) == (Verdict.ALLOW, at("2026-03-27 21:00"))
    assert holds(home(), "2026-03-27 21:00:00.000001").verdict is Verdict.REFUSE


def test_nothing_is_looked_up_beyond_the_horizon() -> None:
    rare = build.window("21:00-22:00", days=("holiday",))
    household = home(bands=(build.band(rare),))
    assert holds(household, "2026-03-27 12:00").until is None
    far = at("2026-03-27 12:00") + HORIZON
    given = build.pause(far, far + timedelta(hours=1))
    assert holds(home(bands=(), pauses=(given,)), "2026-03-27 12:00").until is None


def test_a_naive_now_is_refused() -> None:
    for device in (TABLET, PHONE, None):
        with pytest.raises(ValueError, match="instant-without-zone"):
            decide(home(), device, KNOWN, datetime(2026, 3, 27, 12, 0))


# Pauses, grants, exceptions.


def test_a_pause_holds_until_its_end() -> None:
    given = build.pause(at("2026-03-27 16:00"), at("2026-03-27 17:00"), "mia")
    household = home(pauses=(given,))
    assert holds(household, "2026-03-27 15:59").until == at("2026-03-27 16:00")
    assert holds(household, "2026-03-27 16:00") == Decision(
        Verdict.REFUSE,
        Reason.PAUSED,
        at("2026-03-27 17:00"),
        (("by", "anna"), ("pause", "pause-1")),
    )
    assert holds(household, "2026-03-27 17:00").reason is Reason.DEFAULT
    assert holds(household, "2026-03-27 16:30", CONSOLE).reason is Reason.DEFAULT


def test_a_pause_for_all_stops_all_children_and_what_may_be_theirs() -> None:
    given = build.pause(at("2026-03-27 16:00"), at("2026-03-27 17:00"))
    household = home(pauses=(given,))
    for device in (TABLET, CONSOLE, None):
        assert holds(household, "2026-03-27 16:30", device).verdict is Verdict.REFUSE
    for device in (PHONE, TV):
        assert holds(household, "2026-03-27 16:30", device).verdict is Verdict.ALLOW
    # Before any child is entered a new device may still be a child's.
    empty = replace(household, people=(ANNA,), devices=())
    assert holds(empty, "2026-03-27 16:30", None).verdict is Verdict.REFUSE
    assert holds(empty, "2026-03-27 17:00", None).verdict is Verdict.ALLOW


def test_of_several_pauses_the_last_to_end_is_told() -> None:
    start = at("2026-03-27 16:00")
    short = build.pause(start, start + timedelta(hours=1), "mia", "short")
    long = build.pause(start, start + timedelta(hours=2), None, "long")
    for pauses in ((short, long), (long, short)):
        found = holds(home(pauses=pauses), "2026-03-27 16:30")
        assert dict(found.args)["pause"] == "long"
        assert found.until == at("2026-03-27 18:00")


def test_pause_beats_grant_beats_bedtime() -> None:
    night = at("2026-03-27 21:00")
    given = build.grant(night, night + timedelta(hours=2))
    stop = build.pause(night + timedelta(minutes=30), night + timedelta(hours=1))
    household = home(grants=(given,), pauses=(stop,))
    assert holds(household, "2026-03-27 21:10") == Decision(
        Verdict.ALLOW,
        Reason.GRANT,
        at("2026-03-27 21:30"),
        (("grant", "grant-1"), ("why", "a film")),
    )
    assert holds(household, "2026-03-27 21:40").reason is Reason.PAUSED
    assert holds(household, "2026-03-27 21:40").until == at("2026-03-27 22:00")
    assert holds(household, "2026-03-27 22:10").until == at("2026-03-27 23:00")
    assert holds(household, "2026-03-27 23:00").reason is Reason.BEDTIME


def test_a_grant_opens_what_it_states_and_nothing_else() -> None:
    start = at("2026-03-27 15:00")
    given = build.grant(start, start + timedelta(hours=8), lifts=("homework",))
    household = home(build.child("mia", HOMEWORK), grants=(given,))
    assert holds(household, "2026-03-27 16:00").reason is Reason.GRANT
    assert holds(household, "2026-03-27 16:00").until == at("2026-03-27 21:00")
    assert holds(household, "2026-03-27 21:00").reason is Reason.BEDTIME


def test_a_grant_for_one_of_two_windows_leaves_the_other() -> None:
    start = at("2026-03-27 15:00")
    both = build.window("16:00-17:00", "offline")
    household = home(build.child("mia", HOMEWORK, both))
    for lifts, reason in [
        (("offline",), Reason.HOMEWORK),
        (("homework",), Reason.OFFLINE),
        (("homework", "offline"), Reason.GRANT),
    ]:
        given = build.grant(start, start + timedelta(hours=2), lifts=lifts)
        household = replace(household, grants=(given,))
        assert holds(household, "2026-03-27 16:30").reason is reason, lifts


def test_two_grants_together_lift_what_each_states() -> None:
    start, end = at("2026-03-27 15:00"), at("2026-03-27 18:00")
    one = build.grant(start, end, name="one", lifts=("homework",))
    two = build.grant(start, end - timedelta(hours=1), name="two", lifts=("offline",))
    both = build.window("15:00-17:00", "offline")
    for grants in ((one, two), (two, one)):
        household = home(build.child("mia", HOMEWORK, both), grants=grants)
        found = holds(household, "2026-03-27 16:30")
        assert found.reason is Reason.GRANT
        assert dict(found.args)["grant"] == "one"
        assert found.until == at("2026-03-27 21:00")


def test_a_grant_without_a_window_changes_no_reason() -> None:
    start = at("2026-03-27 15:00")
    household = home(grants=(build.grant(start, start + timedelta(hours=8)),))
    found = holds(household, "2026-03-27 16:00")
    assert found == Decision(Verdict.ALLOW, Reason.DEFAULT, at("2026-03-27 23:00"))


def test_a_grant_is_one_childs() -> None:
    night = at("2026-03-27 21:00")
    household = home(grants=(build.grant(night, night + timedelta(hours=1)),))
    assert holds(household, "2026-03-27 21:30", CONSOLE).reason is Reason.BEDTIME


def test_tonight_until_ten() -> None:
    household = home(exceptions=(exception("2026-03-27", start=22 * 60),))
    assert holds(household, "2026-03-27 21:30").until == at("2026-03-27 22:00")
    assert holds(household, "2026-03-27 22:00").until == at("2026-03-28 07:00")
    assert holds(household, "2026-03-28 20:00").until == at("2026-03-28 21:00")
    assert holds(household, "2026-03-27 21:30", CONSOLE).verdict is Verdict.REFUSE


def test_a_window_called_off_for_a_night() -> None:
    household = home(exceptions=(exception("2026-03-27", off=True),))
    assert holds(household, "2026-03-27 23:00").until == at("2026-03-28 21:00")
    assert holds(household, "2026-03-28 23:00").verdict is Verdict.REFUSE


# The rows as they stood.


def test_steps_ask_every_row_in_order() -> None:
    night = at("2026-03-27 21:00")
    household = home(
        MIA,
        TOM,
        grants=(build.grant(night, night + timedelta(hours=1)),),
        pauses=(build.pause(night, night + timedelta(hours=1), "tom"),),
    )
    subject = subject_of(household, MIA)
    assert (len(subject.grants), subject.pauses) == (1, ())
    asked = list(steps(subject, (build.BEDTIME,), night))
    assert [(step.row, step.applies) for step in asked] == [
        ("protection-off", False),
        ("pause", False),
        ("grant", True),
        ("bedtime", False),
        ("offline", False),
        ("homework", False),
        ("budget", False),
        ("default", True),
    ]
    assert dict(asked[2].args) == {"grant": "grant-1", "why": "a film"}
    assert asked[3].args == ()


def test_rules_of_one_child_are_found() -> None:
    night = at("2026-03-27 21:00")
    pauses = (
        build.pause(night, night + timedelta(hours=1), "tom", "of-tom"),
        build.pause(night, night + timedelta(hours=1), None, "of-all"),
    )
    household = home(exceptions=(exception("2026-03-27", off=True),), pauses=pauses)
    assert [p.id for p in subject_of(household, MIA).pauses] == ["of-all"]
    assert [p.id for p in subject_of(household, TOM).pauses] == ["of-tom", "of-all"]
    assert subject_of(household, TOM).exceptions == ()
    assert subject_of(household, MIA).windows == (build.BEDTIME,)


def test_utc_and_local_now_decide_alike() -> None:
    for reading in ("2026-10-25 02:30", "2026-10-25 06:59", "2026-03-29 03:00"):
        now = at(reading)
        local = now.astimezone(ZoneInfo(build.BERLIN))
        assert now.tzinfo is timezone.utc
        assert decide(home(), TABLET, KNOWN, now) == decide(
            home(), TABLET, KNOWN, local
        )


# Windows about sites leave the device alone.
PLAY = build.window("14:00-20:00", "sites", blocks=("games", "social"))


def test_a_window_about_sites_says_nothing_of_the_device() -> None:
    household = home(build.child("mia", PLAY))
    assert holds(household, "2026-03-27 16:00") == holds(home(), "2026-03-27 16:00")
    with_homework = home(build.child("mia", PLAY, HOMEWORK))
    plain = home(build.child("mia", HOMEWORK))
    for hour in range(24):
        reading = f"2026-03-27 {hour:02}:30"
        assert holds(with_homework, reading) == holds(plain, reading)
        new = decide_new(with_homework, KNOWN, at(reading))
        assert new == decide_new(plain, KNOWN, at(reading))


def test_a_grant_opens_homework_beside_a_window_about_sites() -> None:
    start = at("2026-03-27 15:00")
    given = build.grant(start, start + timedelta(hours=1), lifts=("homework",))
    household = home(build.child("mia", PLAY, HOMEWORK), grants=(given,))
    found = holds(household, "2026-03-27 15:30")
    assert (found.verdict, found.reason) == (Verdict.ALLOW, Reason.GRANT)
    alone = home(build.child("mia", PLAY), grants=(given,))
    assert holds(alone, "2026-03-27 15:30").reason is Reason.DEFAULT


def test_active_windows_and_when_they_turn() -> None:
    household = home(build.child("mia", PLAY, HOMEWORK), TOM)
    mia, tom = household.people
    for reading, windows, turn in [
        ("2026-03-27 13:59:59", (), "2026-03-27 14:00"),
        ("2026-03-27 14:00", (PLAY,), "2026-03-27 15:00"),
        ("2026-03-27 15:00", (HOMEWORK, PLAY), "2026-03-27 17:00"),
        ("2026-03-27 17:00", (PLAY,), "2026-03-27 20:00"),
        ("2026-03-27 21:00", (build.BEDTIME,), "2026-03-28 07:00"),
    ]:
        found = active_windows(household, mia, at(reading))
        assert found == (windows, at(turn))
        assert found[1] is not None and found[1].tzinfo == household.zone
    assert active_windows(household, tom, at("2026-03-27 16:00"))[0] == ()


def test_active_windows_know_the_day_and_its_exceptions() -> None:
    play = replace(PLAY, days=("weekend",))
    mia = build.child("mia", play)
    off = WindowException(
        id="e",
        person="mia",
        on=date(2026, 3, 28),
        kind=WindowKind.SITES,
        off=True,
    )
    noon = at("2026-03-28 15:00")
    assert active_windows(home(mia, bands=()), mia, noon)[0] == (play,)
    assert active_windows(home(mia, bands=(), exceptions=(off,)), mia, noon) == (
        (),
        at("2026-03-29 14:00"),
    )
    toms = replace(off, person="tom")
    assert active_windows(home(mia, exceptions=(toms,)), mia, noon)[0] == (play,)


def test_active_windows_of_whoever_is_new_and_of_adults() -> None:
    household = home(new_devices=NewDevices(band=build.BAND))
    night = at("2026-03-27 23:00")
    expected = (build.BEDTIME,), at("2026-03-28 07:00")
    assert active_windows(household, None, night) == expected
    assert active_windows(household, ANNA, night) == ((), None)
    with pytest.raises(ValueError, match="instant-without-zone"):
        active_windows(household, MIA, datetime(2026, 3, 27))
