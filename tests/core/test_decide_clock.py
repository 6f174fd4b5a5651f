"""The nights on which the clock is changed, and a clock that is not known."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from guardian.core.decide import Facts, decide
from guardian.core.model import Decision, Reason, Verdict
from tests import build
from tests.build import ANNA, CONSOLE, TABLET, at, home

from .asking import KNOWN, UNKNOWN, holds


def carried(**ends: datetime) -> Facts:
    return Facts(clock_known=False, carried=ends)


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


# An unknown clock.


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
