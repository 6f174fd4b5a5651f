"""Protection switched off: everybody is open until its end, and not a moment longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from guardian.core.decide import Facts, switched_off
from guardian.core.explain import explain
from guardian.core.model import (
    Household,
    NewDevicePolicy,
    NewDevices,
    Reason,
    Verdict,
)
from tests import build
from tests.build import CONSOLE, TABLET, TV, at, home
from tests.core.asking import UNKNOWN, holds

SIX, EIGHT, TEN = (at(f"2026-03-27 {hour}:00") for hour in (18, 20, 22))


def test_every_device_is_open_though_paused_or_in_bed() -> None:
    stopped = build.pause(SIX, TEN + timedelta(hours=9))
    household = home(off=build.off(SIX, TEN), pauses=(stopped,))
    for device in (TABLET, CONSOLE, None):
        for reading in ("2026-03-27 18:00", "2026-03-27 21:30"):
            found = holds(household, reading, device)
            assert found.verdict is Verdict.ALLOW
            assert found.reason is Reason.PROTECTION_OFF
            assert dict(found.args)["by"] == "anna"
            assert found.until == TEN
        assert holds(household, "2026-03-27 22:00", device).verdict is Verdict.REFUSE
        assert holds(household, "2026-03-27 17:59", device).reason is not (
            Reason.PROTECTION_OFF
        )


def test_the_verdict_turns_only_when_something_says_no() -> None:
    """Off until 20:00, bedtime at 21:00: that is when the internet ends."""
    household = home(off=build.off(SIX, EIGHT))
    for device in (TABLET, None):
        found = holds(household, "2026-03-27 19:00", device)
        assert (found.reason, found.until) == (
            Reason.PROTECTION_OFF,
            at("2026-03-27 21:00"),
        )


@pytest.mark.parametrize("policy", NewDevicePolicy)
def test_new_devices_are_open_by_whatever_policy(policy: NewDevicePolicy) -> None:
    new = NewDevices(policy=policy)
    household = home(off=build.off(SIX, TEN), new_devices=new)
    found = holds(household, "2026-03-27 21:30", None)
    ends = None if policy is NewDevicePolicy.ALLOW else TEN
    assert (found.verdict, found.until) == (Verdict.ALLOW, ends)


def test_before_it_begins_its_beginning_opens_the_night() -> None:
    household = home(off=build.off(TEN, TEN + timedelta(hours=1)))
    for device in (TABLET, None):
        found = holds(household, "2026-03-27 21:30", device)
        assert (found.verdict, found.until) == (Verdict.REFUSE, TEN)


def test_by_an_unknown_clock_protection_is_on() -> None:
    household = home(off=build.off(SIX, TEN))
    for device in (TABLET, None):
        found = holds(household, "2026-03-27 19:00", device, facts=UNKNOWN)
        assert found.verdict is Verdict.REFUSE
    assert switched_off(household, UNKNOWN, EIGHT) is None
    assert switched_off(household, Facts(), EIGHT) == household.off
    assert switched_off(household, Facts(), TEN) is None


def test_the_exempt_stay_exempt() -> None:
    household = home(off=build.off(SIX, TEN))
    assert holds(household, "2026-03-27 19:00", TV).reason is Reason.EXEMPT


def test_explained_as_the_first_row() -> None:
    household = home(off=build.off(SIX, TEN))
    why = explain(household, TABLET, Facts(), at("2026-03-27 21:30"))
    applied = [step.row for step in why.steps if step.applies]
    assert applied == ["protection-off", "bedtime", "default"]


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match="ends-before-start"):
        build.off(TEN, SIX)
    with pytest.raises(ValueError, match="instant-without-zone"):
        replace(build.off(SIX, TEN), until=TEN.replace(tzinfo=None))
    assert Household().off is None
