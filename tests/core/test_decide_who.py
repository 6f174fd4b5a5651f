"""Who is judged at all, as whom, and the strictest of several."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from guardian.core.decide import decide_new, is_exempt, strictest
from guardian.core.model import (
    Decision,
    NewDevicePolicy,
    NewDevices,
    Reason,
    Role,
    Verdict,
)
from tests import build
from tests.build import ANNA, MIA, PHONE, TABLET, TV, at, home

from .asking import KNOWN, UNKNOWN, holds

ONE, TWO = at("2026-03-27 18:00"), at("2026-03-27 19:00")


def decision(verdict: Verdict, until: datetime | None) -> Decision:
    return Decision(verdict, Reason.DEFAULT, until)


ALLOW, LIMIT, REFUSE = Verdict.ALLOW, Verdict.LIMIT, Verdict.REFUSE


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
