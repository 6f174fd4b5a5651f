"""Help first (design: where and changing, points 8, 10 and 12)."""

from __future__ import annotations

import time

import pytest

from .moment import (
    AFTERNOON,
    BEDTIME,
    FAMILIES,
    HELP,
    HELP_AT,
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
    help_known,
    how,
    keys,
    mono_of,
)

pytestmark = pytest.mark.lab
DAY_S = 24 * 3600
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]
TALK = (("tcp-chat", HELP), ("udp-call", HELP))


@pytest.mark.parametrize("alive", [True, False], ids=["alive", "killed"])
def test_help_goes_on_over_bedtime(make_home: MakeHome, alive: bool) -> None:
    """Point 12: what was opened before lives, anew it opens, daemon or none."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    talk = flows(home, "tablet", TALK)
    child = flows(home, "tablet")
    with guarding(home, clock(BEDTIME, 6)) as guard:
        help_known(home, guard)
        at = mono_of(guard, BEDTIME)
        if not alive:
            guard.kill()
        assert time.monotonic() < at
        assert_stopped(child, at)
        assert_alive(talk)
        assert how(home, "tablet", HELP) == OPEN
        for family in FAMILIES:
            assert home.fetch("tablet", f"https://{HELP}/", family).ok
        assert how(home, "tablet") == HELD


def test_help_goes_on_over_a_pause(make_home: MakeHome) -> None:
    """Point 10: the pause deletes the device's connections, except those to help."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    with guarding(home, AFTERNOON) as guard:
        help_known(home, guard)
        talk = flows(home, "tablet", TALK)
        child = flows(home, "tablet")
        at = time.monotonic()
        guard.call("pause", person="all", span="30m")
        assert_stopped(child, at)
        for flow in talk:
            gap = max(flow.largest_gap(way, at)[0] for way in flow.directions)
            assert gap < 1 and not flow.errors(), flow
        assert_alive(talk)
        assert how(home, "tablet", HELP) == OPEN


def test_help_is_open_to_a_device_that_nobody_knows(make_home: MakeHome) -> None:
    """Point 8: the floor stands before every refusal, also for a blocked stranger."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    document = example()
    document["new_devices"]["policy"] = "block"
    with guarding(home, NIGHT, document) as guard:
        help_known(home, guard)
        home.add_host("guest", "02:00:5e:00:10:99", "someones-phone")
        assert how(home, "guest", HELP) == OPEN
        assert how(home, "guest") == HELD


def test_help_is_kept_for_a_day_in_both_tables(make_home: MakeHome) -> None:
    """Point 12: a dead daemon leaves the addresses for a day, not for ever."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    with guarding(home, NIGHT) as guard:
        help_known(home, guard)
        for table in ("inet", "netdev"):
            for name in ("floor4", "floor6"):
                for left in elements(guard, table, name).values():
                    assert left is not None and DAY_S / 2 < left <= DAY_S


def test_help_is_known_again_without_wan(make_home: MakeHome) -> None:
    """Point 12: its addresses are kept before they are needed, over a restart too."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    with guarding(home, NIGHT) as guard:
        help_known(home, guard)
        home.wait((guard.state_dir / "floor.json").exists, "the book of addresses")
        guard.stop()
        home.router.run(["nft", "flush set inet guardian floor4"])
        home.router.resolver("192.0.2.1")
        guard.start()
        assert HELP_AT[0] in keys(guard, "inet", "floor4")
        assert HELP_AT[1] in keys(guard, "netdev", "floor6")
        home.router.resolver("127.0.0.1")
        assert how(home, "tablet", HELP) == OPEN


def test_the_resolver_may_be_named(make_home: MakeHome) -> None:
    """Point 12: where the router's own resolver answers elsewhere, it is told."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    home.router.resolver("192.0.2.1")
    with guarding(home, NIGHT, options=("--resolver", "127.0.0.1")) as guard:
        help_known(home, guard)
