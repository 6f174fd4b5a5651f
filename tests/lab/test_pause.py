"""What a parent does takes effect at once (design: changing, points 3 and 10)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from guardian.core.errors import ControlError

from .moment import (
    AFTERNOON,
    ALL_KINDS,
    FEW_KINDS,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    assert_stopped,
    elements,
    example,
    flows,
    guarding,
    how,
    in_seconds,
    leases,
    wait_until,
)

pytestmark = pytest.mark.lab


def two_children() -> dict[str, Any]:
    """Return the example with the laptop given to Ben."""
    document = example()
    for device in document["devices"]:
        if device["id"] == "laptop":
            device["person"] = "ben"
    return document


def test_a_pause_stops_what_lives_and_a_resume_lets_new_through(
    make_home: MakeHome,
) -> None:
    """Point 10: every kind, both ways, IPv4 and IPv6; the others' flows go on."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON, two_children()) as guard:
        child = flows(home, "tablet", ALL_KINDS)
        others = flows(home, "laptop") + flows(home, "phone")
        at = time.monotonic()
        assert guard.call("pause", person="mia", span="30m")["enforced"]
        assert_stopped(child, at)
        assert_alive(others)
        said = guard.call("explain", device="tablet")["decision"]
        assert (said["verdict"], said["reason"]) == ("refuse", "PAUSED")
        assert how(home, "tablet") == ["refused", "refused"]
        guard.call("resume", person="mia")
        assert how(home, "tablet") == ["ok", "ok"]
        assert_alive(flow for flow in child if flow.kind == "udp-call")


def test_a_pause_for_all_stops_every_child_and_no_adult(make_home: MakeHome) -> None:
    """Point 10: "all" are the children; parents and things go on."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON, two_children()) as guard:
        children = flows(home, "tablet") + flows(home, "laptop")
        others = flows(home, "phone") + flows(home, "tv", [("udp-call", "chat")])
        at = time.monotonic()
        guard.call("pause", person="all", span="30m")
        assert_stopped(children, at)
        assert_alive(others)


def test_a_pause_ends_by_itself(make_home: MakeHome) -> None:
    """Point 1: a pause has an end, and the lease is back without a word."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        calls = flows(home, "tablet", [("udp-call", "chat")])
        until, end = in_seconds(guard, 2.5)
        guard.call("pause", person="mia", until=until)
        assert how(home, "tablet") == ["refused", "refused"]
        wait_until(end + 1)
        assert_alive(calls)


def test_a_grant_opens_bedtime_and_ends_without_a_daemon(make_home: MakeHome) -> None:
    """Point 1: the end of a grant is the end of its lease."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        assert how(home, "tablet") == ["refused", "refused"]
        until, end = in_seconds(guard, 6.0)
        guard.call("grant", person="mia", until=until)
        said = guard.call("explain", device="tablet")["decision"]
        assert (said["verdict"], said["reason"]) == ("allow", "GRANT")
        child = flows(home, "tablet", FEW_KINDS)
        guard.kill()
        assert time.monotonic() < end
        assert_stopped(child, end)


def test_a_grant_does_not_lift_a_pause(make_home: MakeHome) -> None:
    """Point 1 with the table of precedence: a parent's pause stands above a grant."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        guard.call("pause", person="mia", span="30m")
        guard.call("grant", person="mia", span="10m")
        assert leases(guard, "inet") == {}
        assert how(home, "tablet") == ["refused", "refused"]
        guard.call("resume", person="mia")
        left = elements(guard, "inet", "permit")[MACS["tablet"]]
        assert left is not None and 0 < left <= 600


def test_an_exception_moves_one_bedtime(make_home: MakeHome) -> None:
    """Point 3: "tonight until 23:00" opens at once and makes a lease to 23:00."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        assert how(home, "tablet") == ["refused", "refused"]
        guard.call("exception", person="mia", kind="bedtime", start="23:00")
        for family in ("inet", "netdev"):
            left = elements(guard, family, "permit")[MACS["tablet"]]
            assert left is not None and 3500 < left <= 3600
        assert how(home, "tablet") == ["ok", "ok"]


def test_a_refused_change_changes_nothing(make_home: MakeHome) -> None:
    """Point 14: nobody can pause an adult, and a pause needs an end that lies ahead."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        before = guard.call("household-export"), elements(guard, "inet", "exempt")
        for args in (
            {"person": "anna", "span": "30m"},
            {"person": "nobody", "span": "30m"},
            {"person": "mia", "until": "2026-10-26T16:00"},
            {"person": "mia", "span": "soon"},
        ):
            with pytest.raises(ControlError):
                guard.call("pause", **args)
        assert how(home, "tablet") == how(home, "phone") == ["ok", "ok"]
        after = guard.call("household-export"), elements(guard, "inet", "exempt")
        assert after == before
