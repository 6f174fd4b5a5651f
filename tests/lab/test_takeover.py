"""A start takes over living tables (design: changing, point 14; leases, point 3)."""

from __future__ import annotations

import time

import pytest

from .moment import (
    AFTERNOON,
    FAMILIES,
    MACS,
    NIGHT,
    MakeHome,
    assert_stopped,
    chains,
    elements,
    example,
    flows,
    guarding,
    how,
    keys,
    missing,
    silent,
    wait_until,
)

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
STRANGER = "02:00:5e:00:10:aa"


def test_a_restart_loses_no_packet_of_an_allowed_device(make_home: MakeHome) -> None:
    """Point 14: sets and rules are replaced in one transaction: no gap."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        probe = home.probe("tablet").wait_running()
        begin = time.monotonic()
        guard.stop()
        guard.start(now="2026-10-26T17:01")
        guard.kill()
        guard.start(now="2026-10-26T17:02")
        end = time.monotonic()
        wait_until(end + 0.1)
        assert missing(probe, begin, end) == []


def test_a_restart_lets_no_packet_of_a_held_device_out(make_home: MakeHome) -> None:
    """Point 14: first start, stop, kill, start, reload: not one packet."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        probe = home.probe("tablet").wait_sending()
        begin = time.monotonic()
        for number in range(1, 4):
            guard.stop() if number % 2 else guard.kill()
            guard.start(now=f"2026-10-26T22:0{number}")
            guard.call("apply")
        assert silent(probe, begin)
        assert how(home, "tablet") == HELD


def test_the_first_start_cuts_what_must_not_live(make_home: MakeHome) -> None:
    """Point 10: both ways and at once, though nothing of ours was loaded before."""
    home = make_home(macs=MACS)
    child = flows(home, "tablet")
    with guarding(home, NIGHT) as guard:
        assert guard.call("status")["enforced"]
        assert_stopped(child, time.monotonic(), lived=False)


def test_a_restart_makes_no_lease_longer(make_home: MakeHome) -> None:
    """Point 3: the new daemon sets ends by its own clock, never on top of the old."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        guard.stop()
        guard.start(now="2026-10-26T20:00")
        for family in ("inet", "netdev"):
            left = elements(guard, family, "permit")[MACS["tablet"]]
            assert left is not None and 3600 - 60 < left <= 3600


def test_elements_that_nobody_wants_any_more_are_gone(make_home: MakeHome) -> None:
    """Point 14: flushing rules keeps elements; a start must not inherit a lease."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        guard.stop()
        for family in ("inet", "netdev"):
            for name in ("permit", "exempt"):
                home.router.run(
                    f"nft add element {family} guardian {name} '{{ {STRANGER} }}'"
                )
        tablet = MACS["tablet"]
        home.router.run(f"nft add element inet guardian permit '{{ {tablet} }}'")
        guard.start()
        for family in ("inet", "netdev"):
            assert keys(guard, family, "permit") == {MACS["phone"], MACS["tv"]}
            assert keys(guard, family, "exempt") == {MACS["phone"], MACS["tv"]}
        assert how(home, "tablet") == HELD


def test_a_bedtime_missed_while_dead_is_made_up(make_home: MakeHome) -> None:
    """Point 10: the start at night ends what an old lease had let live."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        child = flows(home, "tablet")
        guard.kill()
        guard.now = NIGHT
        at = time.monotonic()
        guard.start()
        assert_stopped(child, time.monotonic(), lived=False)
        assert min(flow.last_received() for flow in child) > at


def test_chains_of_a_former_interface_are_removed(make_home: MakeHome) -> None:
    """Point 6: the household changed while the daemon was down."""
    home = make_home(macs=MACS)
    home.router.ip("link add br-guest type bridge")
    document = example()
    document["network"]["lan"] = ["br-guest", "br-lan"]
    with guarding(home, NIGHT, document) as guard:
        assert {"in_br-guest", "out_br-guest"} <= chains(home)
        guard.stop()
        guard.household = example()
        guard.start()
        assert not {"in_br-guest", "out_br-guest"} & chains(home)
        assert {"in_br-lan", "out_br-lan"} <= chains(home)


def test_a_second_daemon_is_refused_and_changes_nothing(make_home: MakeHome) -> None:
    """Point 14: one owner; the first stays in charge."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        first = guard.process
        assert first is not None
        before = chains(home)
        document = example()
        document["network"]["lan"] = ["br-other"]
        guard.household = document
        guard.start(wait=False)
        second, guard.process = guard.process, first
        assert second is not None and second.wait(timeout=20) == 1
        assert guard.call("status")["enforced"]
        assert guard.call("household-export")["network"]["lan"] == ["br-lan"]
        assert chains(home) == before
        for family in FAMILIES:
            url = "http://video.lab.test/"
            got = home.fetch("tablet", url, family, known=True)
            assert got.how == "refused"
