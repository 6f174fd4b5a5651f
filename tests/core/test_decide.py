"""What holds for a device, by the rows of the table, to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from guardian.core.decide import (
    HORIZON,
    Facts,
    active_windows,
    decide,
    decide_new,
    is_exempt,
    steps,
    strictest,
    subject_of,
)
from guardian.core.model import (
    Decision,
    Device,
    Household,
    NewDevicePolicy,
    NewDevices,
    Reason,
    Role,
    Verdict,
    WindowException,
    WindowKind,
)
from tests import build
from tests.build import ANNA, CONSOLE, MIA, PHONE, TABLET, TOM, TV, at, home

KNOWN = Facts()
UNKNOWN = Facts(clock_known=False)
HOMEWORK = build.window("15:00-17:00", "homework")
OFFLINE = build.window("17:00-18:00", "offline")


def holds(
    household: Household,
    reading: str,
    device: Device | None = TABLET,
    fold: int = 0,
    facts: Facts = KNOWN,
) -> Decision:
    return decide(household, device, facts, at(reading, household.timezone, fold))


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


# The nights on which the clock is changed: Berlin, 2026-03-29 and 2026-10-25.


def test_the_short_night() -> None:
    found = holds(home(), "2026-03-28 23:00")
    assert found.until is not None
    assert found.until.isoformat() == "2026-03-29T07:00:00+02:00"
    assert found.until - at("2026-03-28 21:00") == timedelta(hours=9)
    assert holds(home(), "2026-03-29 06:59:59").verdict is Verdict.REFUSE
    assert holds(home(), "2026-03-29 07:00:00").verdict is Verdict.ALLOW


def test_the_long_night() -> None:
    found = holds(home(), "2026-10-24 23:00")
    assert found.until is not None
    assert found.until.isoformat() == "2026-10-25T07:00:00+01:00"
    assert found.until - at("2026-10-24 21:00") == timedelta(hours=11)


def test_a_window_that_ends_in_the_doubled_hour_ends_twice() -> None:
    household = home(bands=(build.band(build.window("21:00-02:30")),))
    first = holds(household, "2026-10-25 02:15")
    assert first.verdict is Verdict.REFUSE
    assert first.until is not None
    assert first.until.timestamp() == at("2026-10-25 02:30").timestamp()
    between = holds(household, "2026-10-25 02:45")
    assert between.verdict is Verdict.ALLOW
    # The clock goes back to 02:00, which lies in the window again.
    assert between.until is not None
    assert between.until.timestamp() == at("2026-10-25 02:00", fold=1).timestamp()
    again = holds(household, "2026-10-25 02:15", fold=1)
    assert again.verdict is Verdict.REFUSE
    assert again.until is not None
    assert again.until.timestamp() == at("2026-10-25 02:30", fold=1).timestamp()


def test_a_window_inside_the_lost_hour_does_not_happen() -> None:
    household = home(bands=(build.band(build.window("02:10-02:50", "offline")),))
    assert holds(household, "2026-03-28 12:00").until == at("2026-03-30 02:10")


def test_a_window_that_starts_in_the_lost_hour_opens_after_it() -> None:
    household = home(bands=(build.band(build.window("02:30-06:00")),))
    found = holds(household, "2026-03-29 01:00")
    assert found.until is not None
    assert found.until.isoformat() == "2026-03-29T03:00:00+02:00"


def test_a_grant_across_the_short_night() -> None:
    given = build.grant(at("2026-03-29 01:30"), at("2026-03-29 03:30"))
    assert given.until - given.start == timedelta(hours=1)
    household = home(grants=(given,))
    found = holds(household, "2026-03-29 01:45")
    assert (found.verdict, found.reason) == (Verdict.ALLOW, Reason.GRANT)
    assert found.until is not None
    assert found.until.isoformat() == "2026-03-29T03:30:00+02:00"
    assert holds(household, "2026-03-29 03:30").reason is Reason.BEDTIME


def test_a_grant_across_the_long_night() -> None:
    given = build.grant(at("2026-10-25 01:30"), at("2026-10-25 02:30", fold=1))
    assert given.until - given.start == timedelta(hours=2)
    household = home(grants=(given,))
    for reading, fold in [("01:30", 0), ("02:30", 0), ("02:59:59", 0), ("02:29", 1)]:
        found = holds(household, f"2026-10-25 {reading}", fold=fold)
        assert found.reason is Reason.GRANT, (reading, fold)
        assert found.until is not None
        assert found.until.timestamp() == given.until.timestamp()
    assert holds(household, "2026-10-25 02:30", fold=1).reason is Reason.BEDTIME


def test_instants_of_the_homes_own_zone_are_compared_as_instants() -> None:
    # Stored in the zone itself, 02:30 fold 1 and 02:45 fold 0 compare the wrong way.
    zone = ZoneInfo(build.BERLIN)
    start = datetime(2026, 10, 25, 2, 45, tzinfo=zone)
    until = datetime(2026, 10, 25, 2, 50, tzinfo=zone, fold=1)
    household = home(grants=(build.grant(start, until),))
    now = datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=1)
    found = decide(household, TABLET, KNOWN, now)
    assert found.reason is Reason.GRANT
    assert found.until is not None
    assert found.until.timestamp() == until.timestamp()


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


# Who is judged.


def test_adults_and_exempt_devices_are_never_judged() -> None:
    other = build.adult("jo", Role.ADULT)
    laptop = build.device("laptop", 9, "jo")
    stop = build.pause(at("2026-03-27 20:00"), at("2026-03-27 23:00"))
    household = home(MIA, ANNA, other, pauses=(stop,))
    for device in (PHONE, laptop, TV):
        assert is_exempt(household, device)
        for facts in (KNOWN, UNKNOWN):
            assert holds(household, "2026-03-27 22:00", device, facts=facts) == (
                Decision(Verdict.ALLOW, Reason.EXEMPT)
            )
    assert not is_exempt(household, TABLET)


def test_a_device_whose_person_is_gone_is_a_new_one() -> None:
    orphan = build.device("orphan", 9, "nobody")
    assert not is_exempt(home(), orphan)
    assert holds(home(), "2026-03-27 22:00", orphan) == holds(
        home(), "2026-03-27 22:00", None
    )


@pytest.mark.parametrize(
    "policy, reading, verdict, until",
    [
        (NewDevicePolicy.ALLOW, "22:00", Verdict.ALLOW, None),
        (NewDevicePolicy.BLOCK, "12:00", Verdict.REFUSE, None),
        (NewDevicePolicy.ASK, "12:00", Verdict.ALLOW, "2026-03-27 21:00"),
        (NewDevicePolicy.ASK, "22:00", Verdict.REFUSE, "2026-03-28 07:00"),
    ],
)
def test_new_devices(
    policy: NewDevicePolicy, reading: str, verdict: Verdict, until: str | None
) -> None:
    household = home(new_devices=NewDevices(policy=policy))
    unassigned = build.device("unassigned", 9)
    for device in (None, unassigned):
        assert holds(household, f"2026-03-27 {reading}", device) == Decision(
            verdict,
            Reason.NEW_DEVICE,
            at(until) if until else None,
            (("policy", policy.value),),
        )


def test_an_unclaimed_home_stops_nothing_that_is_not_assigned() -> None:
    household = home(
        claimed=False, new_devices=NewDevices(policy=NewDevicePolicy.BLOCK)
    )
    assert holds(household, "2026-03-27 22:00", None).verdict is Verdict.ALLOW
    assert holds(household, "2026-03-27 22:00", TABLET).verdict is Verdict.REFUSE


def test_a_new_device_gets_no_more_than_any_child() -> None:
    stop = build.pause(at("2026-03-27 12:00"), at("2026-03-27 13:00"), "tom")
    household = home(pauses=(stop,))
    assert holds(household, "2026-03-27 11:00", None).until == at("2026-03-27 12:00")
    found = holds(household, "2026-03-27 12:30", None)
    assert (found.verdict, found.until) == (Verdict.REFUSE, at("2026-03-27 13:00"))


def test_a_new_device_gets_no_more_than_its_band() -> None:
    strict = build.band(build.window("18:00-08:00"), name="0-9")
    late = build.band(build.window("23:00-07:00"))
    household = home(bands=(strict, late), new_devices=NewDevices(band="0-9"))
    assert holds(household, "2026-03-27 19:00", TABLET).verdict is Verdict.ALLOW
    assert holds(household, "2026-03-27 19:00", None).verdict is Verdict.REFUSE


def test_children_decided_already_are_not_decided_again() -> None:
    household = home()
    now = at("2026-03-27 12:00")
    asleep = Decision(Verdict.REFUSE, Reason.BEDTIME, at("2026-03-27 18:00"))
    found = decide_new(household, KNOWN, now, iter([asleep]))
    assert (found.verdict, found.until) == (asleep.verdict, asleep.until)


# The strictest of several.

ONE, TWO = at("2026-03-27 18:00"), at("2026-03-27 19:00")


def decision(verdict: Verdict, until: datetime | None) -> Decision:
    return Decision(verdict, Reason.DEFAULT, until)


ALLOW, LIMIT, REFUSE = Verdict.ALLOW, Verdict.LIMIT, Verdict.REFUSE


@pytest.mark.parametrize(
    "given, verdict, until",
    [
        ([(ALLOW, ONE), (ALLOW, TWO)], ALLOW, ONE),
        ([(ALLOW, ONE), (ALLOW, None)], ALLOW, ONE),
        ([(ALLOW, None)], ALLOW, None),
        ([(ALLOW, ONE), (LIMIT, TWO)], LIMIT, ONE),
        ([(LIMIT, ONE), (LIMIT, TWO)], LIMIT, ONE),
        ([(LIMIT, None), (ALLOW, None)], LIMIT, None),
        ([(REFUSE, ONE), (REFUSE, TWO)], REFUSE, TWO),
        ([(REFUSE, TWO), (LIMIT, ONE), (ALLOW, ONE)], REFUSE, TWO),
        ([(REFUSE, TWO), (REFUSE, None)], REFUSE, None),
        ([], REFUSE, None),
    ],
)
def test_strictest(
    given: list[tuple[Verdict, datetime | None]],
    verdict: Verdict,
    until: datetime | None,
) -> None:
    decisions = [decision(*item) for item in given]
    for order in (decisions, decisions[::-1]):
        found = strictest(order)
        assert (found.verdict, found.until) == (verdict, until)


def test_strictest_compares_instants_not_readings() -> None:
    zone = ZoneInfo(build.BERLIN)
    first = datetime(2026, 10, 25, 2, 50, tzinfo=zone)
    second = datetime(2026, 10, 25, 2, 10, tzinfo=zone, fold=1)
    found = strictest([decision(ALLOW, second), decision(ALLOW, first)])
    assert found.until is first


# An unknown clock.


def carried(**ends: datetime) -> Facts:
    return Facts(clock_known=False, carried=ends)


def test_with_an_unknown_clock_what_is_not_carried_is_closed() -> None:
    closed = Decision(Verdict.REFUSE, Reason.CLOCK_UNKNOWN)
    assert holds(home(), "2026-03-27 12:00", facts=UNKNOWN) == closed
    over = carried(mia=at("2026-03-27 12:00"))
    assert holds(home(), "2026-03-27 12:00", facts=over) == closed


def test_with_an_unknown_clock_what_was_open_may_last_that_long() -> None:
    end = at("2026-03-27 22:30")
    # By its reading this would be bedtime; the clock is not believed either way.
    found = holds(home(), "2026-03-27 22:00", facts=carried(mia=end))
    assert found == Decision(Verdict.ALLOW, Reason.CLOCK_UNKNOWN, end)
    assert found.until is not None and found.until.tzinfo is home().zone
    assert holds(home(), "2026-03-27 22:00", CONSOLE, facts=carried(mia=end)) == (
        Decision(Verdict.REFUSE, Reason.CLOCK_UNKNOWN)
    )


def test_a_pause_holds_with_an_unknown_clock_too() -> None:
    start, end = at("1970-01-01 12:00"), at("1970-01-01 13:00")
    household = home(pauses=(build.pause(start, end, "mia"),))
    long, short = carried(mia=at("1970-01-01 14:00")), carried(mia=end)
    assert holds(household, "1970-01-01 11:00", facts=long).until == start
    found = holds(household, "1970-01-01 12:30", facts=long)
    assert (found.verdict, found.reason) == (Verdict.REFUSE, Reason.PAUSED)
    assert found.until == end
    # Where nothing is left when the pause ends, its end opens nothing.
    assert holds(household, "1970-01-01 12:30", facts=short).until is None
    assert holds(household, "1970-01-01 13:00", facts=long).verdict is Verdict.ALLOW


def test_a_new_device_with_an_unknown_clock() -> None:
    end = at("2026-03-27 12:30")
    both = carried(mia=end, tom=end)
    household = home()
    assert holds(household, "2026-03-27 12:00", None, facts=both).until == end
    one = holds(household, "2026-03-27 12:00", None, facts=carried(mia=end))
    assert one.verdict is Verdict.REFUSE
    childless = home(ANNA, devices=())
    assert holds(childless, "2026-03-27 12:00", None, facts=UNKNOWN) == Decision(
        Verdict.REFUSE, Reason.NEW_DEVICE, None, (("policy", "ask"),)
    )


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
        ("pause", False),
        ("grant", True),
        ("bedtime", False),
        ("offline", False),
        ("homework", False),
        ("budget", False),
        ("default", True),
    ]
    assert dict(asked[1].args) == {"grant": "grant-1", "why": "a film"}
    assert asked[2].args == ()


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
