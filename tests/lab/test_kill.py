"""No moment in which a blocked child's packet is routed, no acknowledged change lost.

A probe of at least 1,000 packets a second, IPv4 and IPv6, both directions, runs while
the daemon starts, swaps its rules, is killed, loses its interface and its tables. Each
test ends by opening the child: then the probe arrives, so it was worth something.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from guardian.store.data import load_bands
from guardian.store.document import render
from guardian.store.repository import Repository

from .changer import Changer
from .flows import Probe
from .guard import MACS, ROOT, Guard, example
from .home import Home

pytestmark = pytest.mark.lab

# A Saturday at eleven in the evening: bedtime in every age band of school children.
NIGHT = "2026-10-24T23:00"
KILLS = 50
ROUNDS_SOAK = 20
RATE = 1000
GAP_S = 1.0


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> None:
    """Skip what takes many minutes unless it was asked for."""
    asked = os.environ.get("GUARDIAN_SOAK") == "1"
    if not asked and request.config.option.markexpr != "soak":
        pytest.skip("takes many minutes: GUARDIAN_SOAK=1, or pytest -m soak")


@pytest.fixture
def guarded(make_home: Callable[..., Home]) -> Guard:
    """Return a home at bedtime under a running daemon; restarts keep its store."""
    guard = Guard(make_home(macs=MACS), example(), now=NIGHT)
    guard.start()
    guard.household = None
    return guard


@contextmanager
def held(guard: Guard) -> Iterator[Probe]:
    """Run the probe of the blocked tablet: nothing may arrive until the end."""
    probe = guard.home.probe("tablet").wait_sending()
    begun = time.monotonic()
    yield probe
    ended = time.monotonic()
    assert probe.arrived(until=ended) == dict.fromkeys(probe.streams, 0)
    sent = probe.sent(begun, ended)
    assert min(sent.values()) >= RATE * (ended - begun), (sent, ended - begun)
    opens(guard, probe)


def opens(guard: Guard, probe: Probe) -> None:
    """Check that the probe arrives as soon as the child may."""
    guard.call("resume", person="all")
    guard.call("grant", person="mia", span="30m")
    probe.wait_running(10)


def stored(guard: Guard) -> dict[str, Any]:
    """Read the store as it lies on disk; StoreError if it cannot be."""
    loaded = Repository(guard.state_dir / "household.db", load_bands()).load()
    assert (loaded.problems, loaded.state) == ((), "ok")
    return render(loaded.household)


def exported(guard: Guard) -> Any:
    """Return what `guardianctl household export` prints."""
    argv = [sys.executable, "-m", "guardian.cli", "--socket", str(guard.socket)]
    done = subprocess.run(
        [*argv, "household", "export"], capture_output=True, check=True, cwd=ROOT
    )
    return json.loads(done.stdout)


def test_start_on_the_boot_rules(guarded: Guard) -> None:
    # As after a boot: no table, no connection known, then the closed rules of the unit.
    guarded.stop()
    router = guarded.home.router
    router.run(["nft", "flush", "table", "inet", "guardian"])
    router.run("nft delete table inet guardian; nft delete table netdev guardian")
    router.run(["conntrack", "-F"])
    router.run(["nft", "-f", str(guarded.state_dir / "closed.nft")])
    with held(guarded):
        time.sleep(0.3)
        guarded.start()
        time.sleep(0.3)


def test_start_on_living_tables(guarded: Guard) -> None:
    with held(guarded):
        for _ in range(5):
            guarded.stop()
            guarded.start()


def test_rule_swaps(guarded: Guard) -> None:
    router = guarded.home.router
    document = guarded.call("household-export")
    with held(guarded):
        for number in range(15):
            lan = ["br-lan", "lan9"] if number % 2 else ["br-lan"]
            document["network"]["lan"] = lan
            guarded.ctl("household", "import", text_in=json.dumps(document))
            router.ip(f"addr add 10.9.{number}.1/24 dev br-lan")
            guarded.call("apply")
            router.ip(f"addr del 10.9.{number}.1/24 dev br-lan")
            guarded.home.firewall_reload()


@pytest.mark.timeout(300)
def test_kills(guarded: Guard) -> None:
    survives_kills(guarded, KILLS)


# Each with a store of its own: under a clock that starts anew with the daemon nothing
# ever ends, and the household grows.
@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("turn", range(ROUNDS_SOAK))
def test_many_kills(soak: None, guarded: Guard, turn: int) -> None:
    survives_kills(guarded, KILLS)


def survives_kills(guard: Guard, kills: int) -> None:
    """Kill the daemon at random moments while a parent changes things."""
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    chance = random.Random(seed)
    changer = Changer(guard, seed)
    changer.start()
    with held(guard):
        for _ in range(kills):
            if chance.random() < 0.7:
                guard.wait_enforced()
                time.sleep(chance.uniform(0, 0.15))
            else:
                time.sleep(chance.uniform(0, 0.5))
            guard.kill()
            assert changer.missing(stored(guard)) == []
            guard.start(wait=False)
        guard.wait_enforced()
        changer.stop()
        print(f"acknowledged {dict(changer.acknowledged)}, cut {changer.unanswered}")
        assert changer.complaints == []
        assert min(changer.acknowledged[verb] for verb in VERBS) > 0
        told = exported(guard)
        assert changer.missing(told) == []
        assert told == stored(guard)


VERBS = ("pause", "resume", "grant", "assign", "household-import", "apply")


def test_interface_deleted_and_recreated(guarded: Guard) -> None:
    home = guarded.home
    with held(guarded):
        for pause in (0.0, 0.02, 0.1, 0.4):
            home.delete_bridge()
            time.sleep(pause)
            home.recreate_bridge()
            time.sleep(0.3)
        assert guarded.call("status")["interfaces"] == {"br-lan": "hooked"}


def test_interface_recreated_while_the_daemon_is_dead(guarded: Guard) -> None:
    home = guarded.home
    with held(guarded):
        guarded.kill()
        home.delete_bridge()
        home.recreate_bridge()
        time.sleep(0.3)
        guarded.start()
        time.sleep(0.3)


def test_tables_removed_by_another_program(guarded: Guard) -> None:
    home = guarded.home
    probe = home.probe("tablet").wait_sending()
    gaps = []
    for command in (
        "nft flush ruleset",
        "nft delete table inet guardian",
        "nft delete table netdev guardian",
        "nft flush ruleset",
    ):
        home.firewall_load()
        time.sleep(0.2)
        begun = time.monotonic()
        home.router.run(command)
        time.sleep(GAP_S + 0.5)
        leaked = [
            t - begun for s in probe.streams for t in probe.arrivals(s, since=begun)
        ]
        gaps.append(max(leaked, default=0.0))
        print(f"{command}: {len(leaked)} packets, the last after {gaps[-1]:.3f} s")
    assert max(gaps) <= GAP_S
    assert guarded.call("status")["enforced"]
    home.firewall_load()
    # What was sent meanwhile made connections without address translation.
    home.router.run(["conntrack", "-F"])
    opens(guarded, probe)
