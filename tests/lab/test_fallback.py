"""Kernels without hooks on interfaces: the forward chain alone (where, point 6).

What it holds, and what it does not: a flow that lives is ended by the daemon's deletion
of its connection, so without a daemon it lives on; and what comes unasked from outside,
where the firewall lets it, reaches a held device (it cannot answer).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

import pytest

from guardian.compile.engine import Engine
from guardian.core.events import HomeSeen, HouseholdChanged, Moment
from guardian.store.data import load_bands
from guardian.store.document import parse_text

from .guard import ROOT
from .home import Home
from .moment import (
    BEDTIME,
    FAMILIES,
    FEW_KINDS,
    MACS,
    NIGHT,
    Guard,
    MakeHome,
    assert_alive,
    assert_stopped,
    chains,
    clock,
    example,
    flows,
    guarding,
    how,
    mono_of,
    udp,
    wait_until,
)
from .test_refusal import PROHIBITED
from .topology import LAN6

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]
PREFIXES = ("192.168.1.1/24", str(LAN6), "203.0.113.2", "2001:db8:ffff::2")
# The daemon as it runs where the kernel lacks the hooks.
DRIVER = """
import sys
from guardian.shell import nft
nft.probe_hooks = lambda: ({ingress}, False)
from guardian.daemon import main
sys.exit(main(sys.argv[1:]))
"""


def rules(now: str, *, ingress: bool = False) -> str:
    """Return what the engine would load at a local time, without egress hooks."""
    household, problems = parse_text(json.dumps(example()).encode(), load_bands())
    assert not problems
    wall = datetime.fromisoformat(now).replace(tzinfo=household.zone)
    moment = Moment(wall.astimezone(timezone.utc), 0.0)
    engine = Engine(household, ingress=ingress, egress=False)
    engine.handle(HouseholdChanged(household), moment)
    engine.handle(HomeSeen(hooked=("br-lan",), prefixes=PREFIXES), moment)
    return engine.text(moment)


@contextmanager
def hookless(home: Home, now: str, *, ingress: bool = False) -> Iterator[Guard]:
    """Run the daemon as if the kernel had no such hooks."""
    with guarding(home, now, start=False) as guard:
        argv = [sys.executable, "-c", DRIVER.format(ingress=ingress)]
        with guard.log.open("ab") as log:
            guard.process = home.exec_in_router(
                [*argv, *arguments(guard, now)], stdout=log, stderr=log, cwd=ROOT
            )
        guard.wait_enforced()
        assert guard.call("status")["hooks"] == {"ingress": ingress, "egress": False}
        yield guard


def arguments(guard: Guard, now: str) -> list[str]:
    """Return the daemon's arguments."""
    document = guard.home.directory / "household.json"
    document.write_text(json.dumps(guard.household))
    return [
        *("--run-dir", str(guard.run_dir), "--state-dir", str(guard.state_dir)),
        *("--household", str(document), "--now", now),
    ]


def test_new_flows_are_held_and_refused_at_once(make_home: MakeHome) -> None:
    """Point 6: default deny, help, LAN and adults as ever; no chain on a device."""
    home = make_home(macs=MACS)
    home.serve("router", http=80)
    home.router.run(["nft", "-f", "-"], text_in=rules(NIGHT))
    assert not {c for c in chains(home) if c.startswith(("in_", "out_"))}
    home.add_host("guest", "02:00:5e:00:10:99")
    for host in ("tablet", "guest"):
        assert how(home, host) == HELD
        assert udp(home, host) == PROHIBITED
    for host in ("phone", "tv"):
        assert how(home, host) == OPEN
    assert home.fetch("tablet", "http://192.168.1.1/").ok, "the router's own page"
    assert_alive(home.flow("tablet", "udp-call", "tv", f) for f in FAMILIES)


def test_a_lease_ends_for_new_flows_but_not_for_living_ones(
    make_home: MakeHome,
) -> None:
    """Point 6, what it does not hold: without a daemon a living flow goes on."""
    home = make_home(macs=MACS)
    child = flows(home, "tablet", FEW_KINDS)
    home.router.run(["nft", "-f", "-"], text_in=rules(clock(BEDTIME, 2)))
    # Loaded by now, so its end is not later.
    wait_until(time.monotonic() + 2)
    assert how(home, "tablet") == HELD
    assert_alive(child)
    at = time.monotonic()
    home.router.run(["conntrack", "-D", "-s", home.lan_host("tablet").ip4])
    home.router.run(
        ["conntrack", "-D", "-f", "ipv6", "-s", home.lan_host("tablet").ip6]
    )
    assert_stopped(child, at)


def test_what_comes_unasked_is_not_answered(make_home: MakeHome) -> None:
    """Point 6, what it does not hold: one way in, where the firewall has a hole."""
    home = make_home(macs=MACS, wan_open=True)
    home.router.run(["nft", "-f", "-"], text_in=rules(NIGHT))
    probe = home.probe("tablet").wait_sending()
    for family in FAMILIES:
        flow = probe.flows[family]
        home.wait(lambda: flow.received["down"].count > 100, "what comes unasked")
        assert flow.received["up"].count == 0


@pytest.mark.parametrize("ingress", [False, True], ids=["no-hook", "ingress-only"])
def test_a_living_daemon_makes_up_for_it(make_home: MakeHome, ingress: bool) -> None:
    """Point 6: at bedtime it deletes the connections, and says what it lacks."""
    home = make_home(macs=MACS)
    child = flows(home, "tablet", FEW_KINDS)
    parent = flows(home, "phone", [("udp-call", "chat")])
    with hookless(home, clock(BEDTIME, 5), ingress=ingress) as guard:
        at = mono_of(guard, BEDTIME)
        assert time.monotonic() < at
        assert "no-egress-hook" in {h["code"] for h in guard.call("status")["health"]}
        assert_stopped(child, at)
        assert_alive(parent)
        assert how(home, "tablet") == HELD


@pytest.mark.parametrize("late", [False, True], ids=["at-once", "after-ours"])
def test_a_flush_without_hooks_is_repaired_too(make_home: MakeHome, late: bool) -> None:
    """Points 6 and 14: what came to life meanwhile is cut, not taken for old.

    late: the firewall comes back after our rules; until then a server's next packet is
    a connection of its own, which the device's answer makes an established one.
    """
    home = make_home(macs=MACS)
    with hookless(home, NIGHT):
        calls = [home.flow("tablet", "udp-call", "chat", f) for f in FAMILIES]
        assert all(call.silent() for call in calls)
        at = time.monotonic()
        home.nft_flush_ruleset()
        if late:
            home.wait(lambda: "judge_in" in chains(home), "the rules")
            time.sleep(0.15)
        home.firewall_load()
        home.wait(lambda: "judge_in" in chains(home), "the rules")
        for call in calls:
            assert call.stopped_within(at, 1.0)
        assert how(home, "tablet") == HELD
