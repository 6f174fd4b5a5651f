"""Bedtime happens in the kernel (design: permission is a lease, points 1 to 3)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .moment import (
    AFTERNOON,
    ALL_KINDS,
    BEDTIME,
    FEW_KINDS,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    assert_stopped,
    clock,
    elements,
    example,
    flows,
    guarding,
    how,
    leases,
    missing,
    mono_of,
    wait_until,
)

pytestmark = pytest.mark.lab
LEAD_S = 5.0
DAY_S = 24 * 3600


def household(**mia: Any) -> dict[str, Any]:
    """Return the example with some of Mia's fields changed."""
    document = example()
    for person in document["people"]:
        if person["id"] == "mia":
            person.update(mia)
    return document


@pytest.mark.parametrize("alive", [True, False], ids=["alive", "killed"])
def test_bedtime_ends_every_kind_of_flow(make_home: MakeHome, alive: bool) -> None:
    """Point 1: to the second, both ways, IPv4 and IPv6, even after kill -9."""
    home = make_home(macs=MACS)
    child = flows(home, "tablet", ALL_KINDS)
    parent = flows(home, "phone", FEW_KINDS)
    with guarding(home, clock(BEDTIME, LEAD_S)) as guard:
        at = mono_of(guard, BEDTIME)
        if not alive:
            guard.kill()
        assert time.monotonic() < at
        assert_stopped(child, at)
        assert_alive(parent)
        assert how(home, "tablet") == ["refused", "refused"]
        assert how(home, "phone") == ["ok", "ok"]


def test_morning_comes_by_itself(make_home: MakeHome) -> None:
    """Point 1: after bedtime's end the living daemon gives the lease, no one asks."""
    home = make_home(macs=MACS)
    call = flows(home, "tablet", [("udp-call", "chat")])
    with guarding(home, NIGHT) as guard:
        end = guard.call("explain", device="tablet")["decision"]["until"]
        assert end.startswith("2026-10-27T0")
    with guarding(home, clock(end, 2.5)) as guard:
        assert how(home, "tablet") == ["refused", "refused"]
        wait_until(mono_of(guard, end) + 1)
        assert_alive(call)


def test_bedtime_ends_by_the_wall_clock_when_clocks_go_back(
    make_home: MakeHome,
) -> None:
    """Point 1: on 2026-10-25 the night is an hour longer; the window is not moved."""
    home = make_home(macs=MACS)
    with guarding(home, clock("2026-10-24T23:30")) as guard:
        at = guard.call("explain", device="tablet")["decision"]["until"]
        end = at[:16]
        for reading in ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"):
            said = guard.call("explain", device="tablet", at=reading)["decision"]
            assert (said["reason"], said["until"]) == ("BEDTIME", at)
        assert at.endswith("+01:00"), "winter time"
    with guarding(home, clock(end, 2.0)) as guard:
        assert how(home, "tablet") == ["refused", "refused"]
        wait_until(mono_of(guard, end) + 1)
        assert how(home, "tablet") == ["ok", "ok"]


def test_a_lease_across_the_change_of_clocks_has_its_true_length(
    make_home: MakeHome,
) -> None:
    """Point 1: from 01:00 to 04:00 of that night are four hours of kernel time."""
    home = make_home(macs=MACS)
    late = {
        "id": "late",
        "kind": "offline",
        "days": ["weekend"],
        "from": "04:00",
        "to": "05:00",
    }
    document = household(windows=[late], dropped=["bedtime-school", "bedtime-weekend"])
    with guarding(home, "2026-10-25T01:00+02:00", document) as guard:
        for family in ("inet", "netdev"):
            left = elements(guard, family, "permit")[MACS["tablet"]]
            assert left is not None and 4 * 3600 - 30 < left <= 4 * 3600


def test_a_lease_is_at_most_a_day(make_home: MakeHome) -> None:
    """Point 1: where nothing lies ahead, 24 h; adults' elements have no end."""
    home = make_home(macs=MACS)
    document = household(dropped=["bedtime-school", "bedtime-weekend"])
    with guarding(home, AFTERNOON, document) as guard:
        for family in ("inet", "netdev"):
            found = leases(guard, family)
            assert set(found) == {MACS["tablet"], MACS["laptop"]}
            for left in found.values():
                assert DAY_S - 60 < left <= DAY_S
            adults = elements(guard, family, "exempt")
            assert adults == {MACS["phone"]: None, MACS["tv"]: None}


def test_a_strict_profile_closes_soon_after_the_daemon_dies(
    make_home: MakeHome,
) -> None:
    """Point 2: leases of 90 s at most, renewed while the daemon lives, no longer."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON, household(fail_mode="strict")) as guard:
        call = flows(home, "tablet", [("udp-call", "chat")])
        begin = time.monotonic()
        first = elements(guard, "inet", "permit")[MACS["tablet"]]
        assert first is not None and 60 < first <= 90

        def left() -> list[float]:
            found = [
                elements(guard, family, "permit").get(MACS["tablet"])
                for family in ("inet", "netdev")
            ]
            return [seconds for seconds in found if seconds is not None]

        # 30 s is when it is due; nothing announces it.
        wait_until(begin + 29)
        home.wait(lambda: min(left(), default=0) > 80, "a renewal", timeout=25)
        assert max(left()) <= 90
        assert_alive(call)
        guard.kill()
        assert 0 < min(left()) <= 90, "it runs out by itself"


def test_a_lease_is_shortened_and_lengthened_in_place(make_home: MakeHome) -> None:
    """Point 3: add, delete, add in one batch, in both tables; no packet is lost."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        probe = home.probe("tablet").wait_running()
        begin = time.monotonic()

        def lease() -> list[int]:
            return [
                round((elements(guard, family, "permit")[MACS["tablet"]] or 0) / 600)
                for family in ("inet", "netdev")
            ]

        assert lease() == [24, 24]
        guard.call("exception", person="mia", kind="bedtime", start="17:30")
        assert lease() == [3, 3]
        guard.call("exception", person="mia", kind="bedtime", start="23:00")
        assert lease() == [36, 36]
        end = time.monotonic()
        assert_alive(probe.flows.values())
        assert missing(probe, begin, end) == []


def test_the_sets_change_in_both_tables_at_once(make_home: MakeHome) -> None:
    """Point 5: inet and netdev hold the same devices, at night none of the child's."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        for name in ("permit", "exempt", "managed", "home4", "home6", "router_macs"):
            assert elements(guard, "inet", name) == elements(guard, "netdev", name)
        assert leases(guard, "inet") == {}
