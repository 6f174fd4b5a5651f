"""Between all and nothing (design: permission is a lease, point 4, and point 10)."""

from __future__ import annotations

import time

import pytest

from .home import Home
from .moment import (
    AFTERNOON,
    FAMILIES,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    assert_stopped,
    flows,
    guarding,
    how,
)

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]
SCHOOL = "school.lab.test"


def reach(home: Home, host: str, name: str, timeout: str = "1h") -> None:
    """Let a device reach a name's addresses, as the DNS front would."""
    mac, text = home.lan_host(host).mac, ""
    for family, address in zip(FAMILIES, home.names[name]):
        for table in ("inet", "netdev"):
            text += (
                f"add element {table} guardian reach{family} "
                f"{{ {mac} . {address} timeout {timeout} }}\n"
            )
    home.router.run(["nft", "-f", "-"], text_in=text)


def test_a_held_device_reaches_what_it_may_and_no_more(make_home: MakeHome) -> None:
    """Point 4: this device, this address, both ways, over IPv4 and IPv6."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT):
        reach(home, "tablet", SCHOOL)
        assert how(home, "tablet", SCHOOL) == OPEN
        assert_alive(flows(home, "tablet", [("tcp-download", "school")]))
        assert how(home, "tablet") == HELD
        assert how(home, "laptop", SCHOOL) == HELD


def test_it_ends_by_itself(make_home: MakeHome) -> None:
    """Point 4: with its timeout, for what lives too, and with the daemon dead."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        reach(home, "tablet", SCHOOL, "5s")
        end = time.monotonic() + 5
        child = flows(home, "tablet", [("tcp-download", "school")])
        guard.kill()
        assert_stopped(child, end)
        assert how(home, "tablet", SCHOOL) == HELD


def test_a_pause_spares_what_may_be_reached(make_home: MakeHome) -> None:
    """Point 10: its connections are not deleted, so they are not even reset."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        reach(home, "tablet", SCHOOL)
        kept = flows(home, "tablet", [("tcp-chat", "school"), ("udp-call", "school")])
        child = flows(home, "tablet")
        at = time.monotonic()
        guard.call("pause", person="mia", span="30m")
        assert_stopped(child, at)
        assert_alive(kept)
        assert [flow.errors() for flow in kept] == [{}] * len(kept)


def test_a_pause_for_all_spares_only_whose_it_is(make_home: MakeHome) -> None:
    """Points 4 and 10: MAC . address: a sibling's flow to the same site ends."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        reach(home, "tablet", SCHOOL)
        kept = flows(home, "tablet", [("udp-call", "school")])
        sibling = flows(home, "laptop", [("udp-call", "school")])
        at = time.monotonic()
        guard.call("pause", person="all", span="30m")
        assert_stopped(sibling, at)
        for family, site in zip(("ipv4", "ipv6"), home.names[SCHOOL]):
            argv = ["conntrack", "-L", "-f", family, "-p", "udp", "-d", site]
            listed = home.router.run(argv).stdout
            assert home.lan_host("laptop").ip4 not in listed
            assert home.lan_host("laptop").ip6 not in listed
            assert len(listed.splitlines()) == 1
        assert_alive(kept)


def test_a_reload_of_the_rules_keeps_it(make_home: MakeHome) -> None:
    """Point 14: the engine's own load does not touch what others have filled."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        reach(home, "tablet", SCHOOL)
        assert guard.call("apply")["enforced"]
        assert how(home, "tablet", SCHOOL) == OPEN
