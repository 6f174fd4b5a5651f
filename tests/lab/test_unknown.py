"""Default deny on the LAN (design: where, point 8): devices that nobody assigned."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from .home import Home
from .moment import (
    AFTERNOON,
    FAMILIES,
    MACS,
    NIGHT,
    Guard,
    MakeHome,
    assert_alive,
    assert_stopped,
    clock,
    elements,
    example,
    flows,
    guarding,
    how,
    mono_of,
    silent,
)

pytestmark = pytest.mark.lab
GUEST = "02:00:5e:00:10:99"
ROTATED = "06:12:34:56:78:9a"
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]


def policy(name: str) -> dict[str, Any]:
    """Return the example with another policy for new devices."""
    return example(new_devices={**example()["new_devices"], "policy": name})


@pytest.mark.parametrize(
    "name, when, held",
    [
        ("ask", AFTERNOON, False),
        ("ask", NIGHT, True),
        ("allow", NIGHT, False),
        ("block", AFTERNOON, True),
    ],
)
def test_the_policy_holds_from_the_first_packet(
    make_home: MakeHome, name: str, when: str, held: bool
) -> None:
    """Point 8: of a held device not one routed packet passes, either way."""
    home = make_home(macs=MACS)
    with guarding(home, when, policy(name)) as guard:
        home.add_host("guest", GUEST, "someones-phone")
        if held:
            probe = home.probe("guest").wait_sending()
            assert how(home, "guest") == HELD
            assert silent(probe)
        else:
            home.probe("guest").wait_running()
            assert how(home, "guest") == OPEN
        (found,) = [d for d in guard.call("devices") if GUEST in d["macs"]]
        assert found["decision"]["reason"] == "NEW_DEVICE"
        assert found["decision"]["verdict"] == ("refuse" if held else "allow")


def test_new_devices_have_a_lease_too(make_home: MakeHome) -> None:
    """Point 8: under `ask` up to the first bedtime of any child, daemon or none."""
    home = make_home(macs=MACS)
    first_bedtime = "2026-10-26T20:00"
    home.add_host("guest", GUEST, "someones-phone")
    guests = flows(home, "guest")
    with guarding(home, clock(first_bedtime, 5)) as guard:
        at = mono_of(guard, first_bedtime)
        left = elements(guard, "inet", "open_unknown")["br-lan"]
        assert left is not None and left <= 5
        guard.kill()
        assert_stopped(guests, at)
        assert how(home, "tablet") == OPEN, "Mia's own bedtime is later"


@pytest.mark.parametrize("paused", [False, True], ids=["bedtime", "pause"])
def test_a_changed_mac_does_not_become_free(make_home: MakeHome, paused: bool) -> None:
    """Point 8: neither at bedtime nor by day while its owner is paused."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON if paused else NIGHT) as guard:
        if paused:
            guard.call("pause", person="mia", span="30m")
        assert how(home, "tablet") == HELD
        home.lan_host("tablet").change_mac(ROTATED)
        assert how(home, "tablet") == HELD
        probe = home.probe("tablet").wait_sending()
        assert how(home, "tablet") == HELD
        assert silent(probe)
        assert how(home, "phone") == OPEN


def test_a_pause_reaches_a_device_that_changed_its_mac_before(
    make_home: MakeHome,
) -> None:
    """Points 8 and 10: what lives on an unassigned device ends with the pause."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        home.lan_host("tablet").change_mac(ROTATED)
        child = flows(home, "tablet")
        at = time.monotonic()
        guard.call("pause", person="mia", span="30m")
        assert_stopped(child, at)


def test_a_claim_spares_what_was_there_before(make_home: MakeHome) -> None:
    """Point 8: unclaimed stops nothing new; then old devices are exempt, new asked."""
    home = make_home(macs=MACS)
    home.add_host("guest", GUEST, "alarm")
    with guarding(home, NIGHT, example(claimed=False)) as guard:
        assert how(home, "guest") == OPEN
        assert how(home, "tablet") == HELD, "assigned already"
        going = flows(home, "guest")
        seen(home, guard, GUEST)
        document = guard.call("household-export")
        text = json.dumps({**document, "claimed": True})
        assert guard.call("household-import", text=text)["enforced"]
        assert_alive(going)
        (found,) = [d for d in guard.call("devices") if GUEST in d["macs"]]
        assert found["exempt"]
        home.add_host("late", "02:00:5e:00:10:98")
        assert how(home, "late") == HELD


def test_assigning_opens_and_holds_at_once(make_home: MakeHome) -> None:
    """Points 8 and 10: a thing and an adult's device open, a child's is cut."""
    home = make_home(macs=MACS)
    home.add_host("guest", GUEST, "someones-phone")
    with guarding(home, NIGHT) as guard:
        seen(home, guard, GUEST)
        assert how(home, "guest") == HELD
        guard.call("assign", device=GUEST, exempt=True)
        assert how(home, "guest") == OPEN
        guard.call("assign", device=GUEST)
        assert how(home, "guest") == HELD
        guard.call("assign", device=GUEST, person="anna")
        assert how(home, "guest") == OPEN
        going = flows(home, "guest")
        at = time.monotonic()
        guard.call("assign", device=GUEST, person="mia")
        assert_stopped(going, at)
        assert how(home, "guest") == HELD


def test_a_new_address_joins_its_device(make_home: MakeHome) -> None:
    """Point 8: the parent says "it is Mia's tablet", and her rules hold for it."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON, policy("block")) as guard:
        home.lan_host("tablet").change_mac(ROTATED)
        assert how(home, "tablet") == HELD
        guard.call("assign", device=ROTATED, same_as="tablet")
        assert how(home, "tablet") == OPEN
        for family in ("inet", "netdev"):
            assert ROTATED in elements(guard, family, "permit")
        guard.call("pause", person="mia", span="30m")
        assert how(home, "tablet") == HELD


def test_a_device_that_says_nothing_is_held_too(make_home: MakeHome) -> None:
    """Point 8: addresses set by hand, no DHCP, a MAC that never was: held."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT):
        home.add_host("quiet", "02:00:5e:00:10:97", up=False)
        quiet = home["quiet"]
        for line in (
            "link set eth0 up",
            "addr add 192.168.1.77/24 dev eth0",
            "addr add 2001:db8:100:1::77/64 dev eth0 nodad",
            "route add default via 192.168.1.1",
            "-6 route replace default via 2001:db8:100:1::1",
        ):
            quiet.ip(line)
        for family in FAMILIES:
            address = home.address("video", family)[1]
            host = f"[{address}]" if family == 6 else address
            assert home.fetch("quiet", f"http://{host}/", family).how == "refused"


def seen(home: Home, guard: Guard, mac: str) -> None:
    """Wait until the daemon has seen a device."""
    home.wait(
        lambda: any(mac in d["macs"] for d in guard.call("devices")), f"{mac} seen"
    )
