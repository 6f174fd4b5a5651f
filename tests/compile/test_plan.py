"""Who has a lease and until when, and the smallest change that brings it about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from guardian.compile.plan import (
    FLOOR_S,
    NORMAL_RENEW_S,
    SAME_S,
    STRICT_HORIZON_S,
    STRICT_SLACK_S,
    Changes,
    Key,
    Plan,
    Wish,
    diff,
    elements_text,
    families_of,
    plan,
)
from guardian.core.decide import Facts
from guardian.core.model import (
    LEASE_MAX_S,
    FailMode,
    Household,
    Network,
    NewDevicePolicy,
    NewDevices,
    Person,
    Reason,
    Verdict,
)
from tests import build
from tests.build import MIA, TOM, at, home, mac

MONO = 1000.0
NIGHT = "2026-03-27 22:00"
DAY = "2026-03-27 20:00"


def planned(household: Household, reading: str, **more: Any) -> Plan:
    return plan(household, Facts(), at(reading), MONO, **more)


def ends(found: Plan, name: str, value: str) -> float | None:
    return found.wishes[(name, (value,))].ends


def names(found: Plan, name: str) -> list[str]:
    return sorted(str(key[0]) for kind, key in found.wishes if kind == name)


def leased(found: Plan) -> list[str]:
    """Return who may pass until an end; the exempt have none."""
    return sorted(
        str(key[0])
        for (kind, key), wish in found.wishes.items()
        if kind == "permit" and wish.ends is not None
    )


def test_a_lease_ends_with_the_evening() -> None:
    found = planned(home(), DAY)
    for last in (1, 2):
        wish = found.wishes[("permit", (mac(last),))]
        assert wish == Wish(MONO + 3600, SAME_S)
    assert ends(found, "open_unknown", "br-lan") == MONO + 3600
    assert found.turns == at("2026-03-27 21:00")
    assert not found.strict


def test_at_bedtime_there_is_no_lease() -> None:
    found = planned(home(), NIGHT)
    assert leased(found) == []
    assert names(found, "open_unknown") == []
    assert found.turns == at("2026-03-28 07:00")
    assert found.people["mia"].reason is Reason.BEDTIME


def test_managed_and_exempt_stay_in_every_state() -> None:
    for reading in (DAY, NIGHT):
        found = planned(home(), reading)
        assert names(found, "managed") == [mac(1), mac(2)]
        assert names(found, "exempt") == [mac(3), mac(4)]
        assert ends(found, "managed", mac(1)) is None
        assert ends(found, "exempt", mac(3)) is None
        # Of them too the chains on the interfaces ask one question only.
        assert ends(found, "permit", mac(3)) is ends(found, "permit", mac(4)) is None


def test_every_mac_of_a_device_has_the_same_lease() -> None:
    both = replace(build.TABLET, macs=(mac(1), mac(9)))
    found = planned(home(devices=(both,)), DAY)
    assert leased(found) == [mac(1), mac(9)]
    assert found.macs[mac(1)] == found.macs[mac(9)] == found.people["mia"]


def test_a_lease_is_never_longer_than_a_day() -> None:
    found = planned(home(bands=()), DAY)
    assert found.wishes[("permit", (mac(1),))] == Wish(
        MONO + LEASE_MAX_S, NORMAL_RENEW_S
    )
    assert found.turns is None


def test_strict_closes_ninety_seconds_after_the_daemon() -> None:
    strict = build.child("mia", fail_mode=FailMode.STRICT)
    found = planned(home(strict, TOM), DAY)
    assert found.strict
    assert found.wishes[("permit", (mac(1),))] == Wish(
        MONO + STRICT_HORIZON_S, STRICT_SLACK_S
    )
    assert ends(found, "permit", mac(2)) == MONO + 3600
    soon = planned(home(strict, TOM), "2026-03-27 20:59")
    assert soon.wishes[("permit", (mac(1),))] == Wish(MONO + 60, SAME_S)


def test_the_nights_of_the_change_are_as_long_as_they_are() -> None:
    grants = (build.grant(at("2026-10-25 01:30"), at("2026-10-25 02:30", fold=1)),)
    found = planned(home(grants=grants), "2026-10-25 01:30")
    assert ends(found, "permit", mac(1)) == MONO + 2 * 3600
    grants = (build.grant(at("2026-03-29 01:30"), at("2026-03-29 03:30")),)
    found = planned(home(grants=grants), "2026-03-29 01:30")
    assert ends(found, "permit", mac(1)) == MONO + 3600


def test_a_device_of_nobody_is_a_new_one() -> None:
    devices = (build.device("new", 9), build.device("orphan", 8, "gone"))
    found = planned(home(devices=devices), DAY)
    assert [key for key in found.wishes if key[0] != "open_unknown"] == []
    assert found.macs == {}


@pytest.mark.parametrize(
    "policy, reading, left",
    [
        (NewDevicePolicy.ALLOW, NIGHT, LEASE_MAX_S),
        (NewDevicePolicy.ASK, DAY, 3600),
        (NewDevicePolicy.ASK, NIGHT, None),
        (NewDevicePolicy.BLOCK, DAY, None),
    ],
)
def test_new_devices_are_open_by_interface(
    policy: NewDevicePolicy, reading: str, left: float | None
) -> None:
    household = home(
        new_devices=NewDevices(policy=policy), network=Network(lan=("br-lan", "guest"))
    )
    found = planned(household, reading, ports=("lan1",))
    expected = [] if left is None else ["br-lan", "guest", "lan1"]
    assert names(found, "open_unknown") == expected
    for name in expected:
        assert left is not None
        assert ends(found, "open_unknown", name) == MONO + left


def test_a_candidate_gets_the_strictest_of_who_it_may_be() -> None:
    late = build.child("tom", build.window("23:00-07:00"))
    stop = build.pause(at("2026-03-27 19:00"), at("2026-03-27 20:30"), "mia")
    household = home(MIA, late, pauses=(stop,), bands=(build.band(),))
    candidates = {mac(9): ("mia",), mac(8): ("tom",), mac(7): ("gone",)}
    found = planned(household, DAY, candidates=candidates)
    assert names(found, "managed") == [mac(n) for n in (1, 2, 7, 8, 9)]
    # The pause also holds for what nobody has assigned, so none of them is open.
    assert leased(found) == [mac(2)]
    after = planned(household, "2026-03-27 20:30", candidates=candidates)
    assert ends(after, "permit", mac(9)) == MONO + 150 * 60
    assert after.macs[mac(8)].reason is Reason.NEW_DEVICE


def test_a_candidate_is_never_freer_than_its_owner_in_an_open_home() -> None:
    household = home(new_devices=NewDevices(policy=NewDevicePolicy.ALLOW))
    found = planned(household, NIGHT, candidates={mac(9): ("mia", "anna")})
    assert leased(found) == []
    assert names(found, "open_unknown") == ["br-lan"]
    assert ("managed", (mac(9),)) in found.wishes
    assert found.macs[mac(9)].verdict is Verdict.REFUSE


def test_help_is_kept_for_a_day_at_most() -> None:
    floor = {"192.0.2.1": MONO + 60, "2001:db8::1": MONO + 10 * FLOOR_S}
    found = planned(home(), NIGHT, floor=floor)
    assert ends(found, "floor4", "192.0.2.1") == MONO + 60
    assert ends(found, "floor6", "2001:db8::1") == MONO + FLOOR_S


def test_the_next_turn_is_anyones() -> None:
    stop = build.pause(at("2026-03-27 20:10"), at("2026-03-27 20:20"), "tom")
    assert planned(home(pauses=(stop,)), DAY).turns == at("2026-03-27 20:10")
    empty = home(build.ANNA, devices=(), bands=())
    assert planned(empty, DAY).turns is None


def test_an_unknown_clock_leases_what_was_carried() -> None:
    now = at(DAY)
    facts = Facts(clock_known=False, carried={"mia": now + timedelta(minutes=5)})
    found = plan(home(), facts, now, MONO)
    assert leased(found) == [mac(1)]
    assert ends(found, "permit", mac(1)) == MONO + 300
    assert names(found, "open_unknown") == []


# The difference to what the kernel holds.

LEASE: Key = ("permit", (mac(1),))
STAYS: Key = ("exempt", (mac(3),))


@pytest.mark.parametrize(
    "applied, wish, renewed",
    [
        (100.0, Wish(100.0), False),
        (100.04, Wish(100.0), False),
        (100.06, Wish(100.0), True),
        (99.96, Wish(100.0), False),
        (99.94, Wish(100.0), True),
        (70.5, Wish(100.0, slack=30.0), False),
        (69.5, Wish(100.0, slack=30.0), True),
        (100.06, Wish(100.0, slack=30.0), True),
        (None, Wish(100.0), True),
        (100.0, Wish(None), True),
        (None, Wish(None), False),
    ],
)
def test_what_is_renewed(applied: float | None, wish: Wish, renewed: bool) -> None:
    found = diff({LEASE: applied}, {LEASE: wish})
    assert found == (Changes(((LEASE, wish.ends),)) if renewed else Changes())
    assert bool(found) is renewed


def test_what_is_new_and_what_is_dropped() -> None:
    found = diff({LEASE: 5.0}, {STAYS: Wish()})
    assert found == Changes(((STAYS, None),), (LEASE,))
    assert found
    assert diff({}, {}) == Changes()


def test_applying_the_difference_leaves_none() -> None:
    found = planned(home(), DAY)
    changes = diff({LEASE: 3.0, ("permit", (mac(77),)): 9.0}, found.wishes)
    applied = {LEASE: 3.0, ("permit", (mac(77),)): 9.0} | dict(changes.renew)
    for key in changes.drop:
        del applied[key]
    assert not diff(applied, found.wishes)


# The text of a first load.


def test_elements_are_sorted_text_for_both_tables() -> None:
    wishes = {
        ("permit", (mac(2),)): Wish(MONO + 60),
        ("permit", (mac(1),)): Wish(MONO + 1.2345),
        ("exempt", (mac(3),)): Wish(),
        ("open_unknown", ("br-lan",)): Wish(MONO + 60),
        ("floor6", ("2001:db8::1",)): Wish(MONO + 60),
        ("dnsport", (mac(1), 20055)): Wish(MONO + 60),
        ("dnsnew", ("br-lan", 20053)): Wish(MONO + 60),
    }
    both = elements_text(wishes, MONO).splitlines()
    one = elements_text(wishes, MONO, egress=False).splitlines()
    assert one == [
        "flush set inet guardian permit",
        f"add element inet guardian permit {{ {mac(1)} timeout 1234ms, "
        f"{mac(2)} timeout 60000ms }}",
        "flush set inet guardian exempt",
        f"add element inet guardian exempt {{ {mac(3)} }}",
        "flush set inet guardian managed",
        "flush set inet guardian open_unknown",
        'add element inet guardian open_unknown { "br-lan" timeout 60000ms }',
        "flush set inet guardian floor4",
        "flush set inet guardian floor6",
        "add element inet guardian floor6 { 2001:db8::1 timeout 60000ms }",
        "flush map inet guardian dnsport",
        f"add element inet guardian dnsport {{ {mac(1)} timeout 60000ms : 20055 }}",
        "flush map inet guardian dnsnew",
        'add element inet guardian dnsnew { "br-lan" timeout 60000ms : 20053 }',
        "flush map inet guardian dnsall",
    ]
    sets = one[: one.index("flush map inet guardian dnsport")]
    assert both == one + [line.replace(" inet ", " netdev ") for line in sets]
    shuffled = dict(reversed(wishes.items()))
    assert elements_text(shuffled, MONO).splitlines() == both


def test_what_has_ended_is_not_written() -> None:
    for end in (MONO - 5, MONO, MONO + 0.0009):
        text = elements_text({LEASE: Wish(end)}, MONO)
        assert "add element" not in text
    assert "timeout 1ms" in elements_text({LEASE: Wish(MONO + 0.0016)}, MONO)


def test_sets_filled_by_others_are_left_alone() -> None:
    text = elements_text({}, MONO)
    for name in ("reach", "cut", "twin", "home", "router_macs"):
        assert name not in text


def test_copies_change_together() -> None:
    assert families_of("permit") == ("inet", "netdev")
    assert families_of("permit", egress=False) == ("inet",)
    assert families_of("cut4") == ("inet",)


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="instant-without-zone"):
        plan(home(), Facts(), datetime(2026, 3, 27), MONO)


def test_questions_are_led_where_somebody_is_known_to_answer() -> None:
    front = {mac(1): 20055, mac(3): 20056, "": 20053}
    found = planned(home(), "2026-03-28 20:00", front=front, front_ends=MONO + 50)
    led = {k: w.ends for k, w in found.wishes.items() if k[0].startswith("dns")}
    # Anna's phone is exempt: her questions never pass here.
    assert led == {
        ("dnsport", (mac(1), 20055)): MONO + 50,
        ("dnsnew", ("br-lan", 20053)): MONO + 50,
    }
    late = planned(home(), "2026-03-28 20:00", front=front, front_ends=MONO)
    assert not [k for k in late.wishes if k[0].startswith("dns")]


def only(name: str) -> Person:
    made = build.child(name)
    return replace(made, overrides=replace(made.overrides, only=True))


def test_while_protection_is_off_all_have_leases_to_its_end() -> None:
    off = build.off(at("2026-03-27 19:00"), at("2026-03-27 23:00"))
    found = planned(home(off=off), NIGHT, candidates={mac(9): ("mia",)})
    for value in (mac(1), mac(2), mac(9)):
        assert ends(found, "permit", value) == MONO + 3600
    assert ends(found, "open_unknown", "br-lan") == MONO + 3600
    assert found.macs[mac(9)].reason is Reason.PROTECTION_OFF
    assert found.turns == at("2026-03-27 23:00")


def test_in_allow_list_mode_a_lease_ends_with_protection_off() -> None:
    """The day goes on being open by its names: the lease must not go on with it."""
    off = build.off(at("2026-03-27 18:00"), at("2026-03-27 20:30"))
    household = home(only("mia"), TOM, off=off)
    found = planned(household, DAY, candidates={mac(9): ("mia",)})
    assert ends(found, "permit", mac(1)) == MONO + 1800
    assert ends(found, "permit", mac(9)) == MONO + 1800
    assert ends(found, "permit", mac(2)) == MONO + 3600
    assert found.turns == off.until
    later = planned(household, "2026-03-27 20:30", candidates={mac(9): ("mia",)})
    assert leased(later) == [mac(2)]
