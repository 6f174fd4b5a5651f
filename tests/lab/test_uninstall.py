"""Leaving (design: changing, point 14): a stop leaves leases, `lift` lifts all."""

from __future__ import annotations

import json
import sys

import pytest

from .guard import ROOT
from .home import Home
from .moment import (
    AFTERNOON,
    BEDTIME,
    MACS,
    NIGHT,
    Guard,
    MakeHome,
    assert_alive,
    assert_stopped,
    chains,
    clock,
    elements,
    flows,
    guarding,
    how,
    mono_of,
    udp,
)

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]


def lift(home: Home, guard: Guard) -> int:
    """Run `guardianctl lift` in the router; returns its exit code."""
    argv = [sys.executable, "-m", "guardian.cli", "--socket", str(guard.socket), "lift"]
    process = home.exec_in_router(argv, cwd=ROOT, stdout=-3, stderr=-3)
    return int(process.wait(timeout=60))


def test_lift_leaves_nothing_of_ours(make_home: MakeHome) -> None:
    """Point 14: uninstalling lifts everything, also what no daemon owns any more."""
    home = make_home(macs=MACS)
    before = home.router.run("nft list ruleset").stdout
    with guarding(home, NIGHT) as guard:
        assert how(home, "tablet") == HELD
        guard.kill()
        assert how(home, "tablet") == HELD
        assert lift(home, guard) == 0
        assert home.router.run("nft list ruleset").stdout == before
        for host in ("tablet", "phone"):
            assert how(home, host) == OPEN
            assert udp(home, host) == ["answer 5", "answer 5"]
        assert lift(home, guard) == 0, "nothing to lift is no error"


def test_lift_under_a_living_daemon_is_refused(make_home: MakeHome) -> None:
    """Point 14: it would be repaired within a second; the rules stay."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        before = chains(home)
        assert lift(home, guard) == 1
        assert chains(home) == before
        assert how(home, "tablet") == HELD


def test_a_clean_stop_leaves_rules_and_leases(make_home: MakeHome) -> None:
    """Point 1: nothing opens, nothing closes; leases run out by themselves."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        call = flows(home, "tablet", [("udp-call", "chat")])
        before = chains(home), set(elements(guard, "inet", "permit"))
        assert guard.stop() == 0
        assert (chains(home), set(elements(guard, "inet", "permit"))) == before
        left = elements(guard, "netdev", "permit")[MACS["tablet"]]
        assert left is not None and 3 * 3600 < left <= 4 * 3600
        assert_alive(call)
        assert not guard.socket.exists()


def test_bedtime_comes_after_a_clean_stop(make_home: MakeHome) -> None:
    """Point 1: as after a crash, the kernel ends what was agreed."""
    home = make_home(macs=MACS)
    child = flows(home, "tablet")
    with guarding(home, clock(BEDTIME, 5)) as guard:
        at = mono_of(guard, BEDTIME)
        assert guard.stop() == 0
        assert_stopped(child, at)
        assert how(home, "tablet") == HELD


def test_what_was_decided_is_kept(make_home: MakeHome) -> None:
    """Point 14: after lift and a new start the household is what it was."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        guard.call("grant", person="mia", span="30m")
        document = guard.call("household-export")
        assert [g["person"] for g in document["grants"]] == ["mia"]
        guard.stop()
        assert lift(home, guard) == 0
        guard.household = None
        guard.start()
        again = guard.call("household-export")
        assert json.dumps(again, sort_keys=True) == json.dumps(document, sort_keys=True)
        assert how(home, "tablet") == OPEN
