"""The explanation is the decision's own, for any instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core import precedence
from guardian.core.decide import Facts, decide
from guardian.core.explain import explain
from guardian.core.model import Calendar, CalendarDay, Household, Reason
from tests import build
from tests.build import PHONE, TABLET, TV, at, home

KNOWN = Facts()
DST = at("2026-10-25 00:00")
# A night with a doubled hour in which everything there is happens.
NIGHT = home(
    build.child("mia", build.window("15:00-17:00", "homework")),
    pauses=(
        build.pause(at("2026-10-25 02:20"), at("2026-10-25 02:40"), "mia"),
        build.pause(
            at("2026-10-25 02:10", fold=1), at("2026-10-25 02:15", fold=1), None, "two"
        ),
    ),
    grants=(
        build.grant(
            datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(build.BERLIN)),
            datetime(2026, 10, 25, 2, 20, tzinfo=ZoneInfo(build.BERLIN), fold=1),
        ),
        build.grant(
            at("2026-10-25 15:30"),
            at("2026-10-25 16:30"),
            name="two",
            lifts=("homework",),
        ),
    ),
)


@given(
    seconds=st.integers(-86400, 3 * 86400),
    zone=st.sampled_from(["UTC", build.BERLIN, "America/New_York"]),
)
def test_explain_agrees_with_decide(seconds: int, zone: str) -> None:
    when = (DST + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone))
    found = explain(NIGHT, TABLET, KNOWN, when)
    assert found.decision == decide(NIGHT, TABLET, KNOWN, when)
    first = next(step for step in found.steps if step.applies)
    row = precedence.BY_ID[first.row]
    assert found.decision.reason in row.reasons
    assert found.decision.verdict is row.verdict
    assert found.decision.args == first.args
    assert [s.row for s in found.steps] == [r.id for r in precedence.DEVICE_ROWS]


def test_each_row_of_the_night_is_seen() -> None:
    seen = set()
    for quarter in range(24 * 12):
        found = explain(NIGHT, TABLET, KNOWN, DST + timedelta(minutes=5 * quarter))
        seen.add(found.decision.reason)
    assert seen == {
        Reason.PAUSED,
        Reason.GRANT,
        Reason.BEDTIME,
        Reason.HOMEWORK,
        Reason.DEFAULT,
    }


def test_the_layers_say_who_set_what() -> None:
    layers = dict(explain(NIGHT, TABLET, KNOWN, DST).layers)
    assert layers == {
        "fail_mode": "default",
        "window:bedtime": "band:10-12",
        "window:homework": "person:mia",
    }


def test_the_local_day_and_its_type() -> None:
    trip = CalendarDay(
        first=date(2026, 3, 27), last=date(2026, 3, 27), day_type="holiday"
    )
    household = home(calendar=Calendar(days=(trip,)))
    found = explain(household, TABLET, KNOWN, at("2026-03-27 00:30"))
    assert found.day_type == "holiday"
    assert found.at.isoformat() == "2026-03-27T00:30:00+01:00"
    assert explain(home(), TABLET, KNOWN, at("2026-03-28 00:30")).day_type == "weekend"


@pytest.mark.parametrize("device", [None, PHONE, TV, build.device("new", 9)])
def test_without_rules_of_its_own_no_row_is_asked(
    device: build.Device | None,
) -> None:
    found = explain(home(), device, KNOWN, at("2026-03-27 22:00"))
    assert (found.steps, found.layers) == ((), ())
    assert found.decision == decide(home(), device, KNOWN, at("2026-03-27 22:00"))


def test_with_an_unknown_clock_no_row_is_asked() -> None:
    household: Household = home()
    facts = Facts(clock_known=False)
    found = explain(household, TABLET, facts, at("2026-03-27 22:00"))
    assert found.steps == ()
    assert found.decision.reason is Reason.CLOCK_UNKNOWN


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="instant-without-zone"):
        explain(home(), TABLET, KNOWN, datetime(2026, 3, 27))


def test_the_answer_is_in_the_homes_time() -> None:
    when = datetime(2026, 7, 1, 12, 0, tzinfo=timezone.utc)
    assert explain(home(), TABLET, KNOWN, when).at.isoformat() == (
        "2026-07-01T14:00:00+02:00"
    )
