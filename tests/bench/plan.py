"""Deciding, compiling and applying for households of growing size.

Deciding and compiling are pure and run here; applying runs in a network namespace of
its own (a child process), through the same two ways as the daemon's: `nft` for rules
and all elements, netlink for leases. Fourteen windows a child (see family.py).

Rules are in force once the kernel has committed them, which it tells all who listen;
`nft` itself ends later: closing its socket waits until the kernel has freed the rules
before (an RCU grace period, 10 ms here; nft_rcv_nl_event). Both are told.
"""

from __future__ import annotations

import json
import queue
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from guardian.compile.engine import Engine
from guardian.compile.plan import Plan, elements_text, plan
from guardian.compile.ruleset import Layout, chain_names, render
from guardian.core.decide import Facts
from guardian.core.events import (
    HomeSeen,
    HouseholdChanged,
    LoadRules,
    Moment,
    SetElements,
    Tick,
)
from guardian.core.model import Household
from guardian.shell.enforce import KernelEnforcer
from guardian.shell.netlink import NftMonitor
from guardian.store.data import load_bands
from guardian.store.document import parse
from guardian.wire.netlink.tables import Generation

from . import family
from .figures import Figure, median

ROUNDS = 60
APPLIED = 20
# Design, section 11, for 250 devices.
COMPILE_MS, APPLY_MS = 5.0, 20.0
COMMITTED = "rules and all elements, until they are in force"
# Addresses of help.
FLOOR = 40
# The lab's router.
LAYOUT = Layout(
    lan=("br-lan",),
    hooked=("br-lan",),
    router_macs=("02:00:5e:00:10:00",),
    prefixes=("192.168.1.1/24", "2001:db8:100:1::1/64", "203.0.113.2"),
)


def measure(*, quick: bool) -> list[Figure]:
    """Return the times for each size: how they grow with it."""
    figures: list[Figure] = []
    for size in family.SIZES:
        household = read(size)
        last = size == family.SIZES[-1]
        rounds = 2 if quick else ROUNDS
        for what, times in (
            (
                "cold",
                timed(lambda n: compiled(household, moment_of(household, n)), rounds),
            ),
            ("warm", timed(lambda n: compiled(household, later(household, n)), rounds)),
        ):
            name = f"plan and compile, {what}, {size} devices"
            limit = COMPILE_MS if last else None
            figures.append(median(name, times, "ms", at_most=limit))
        alone = timed(lambda n: planned(household, later(household, n)), rounds)
        figures.append(median(f"plan alone, warm, {size} devices", alone, "ms"))
        name = f"an event of the engine, nothing changed, {size} devices"
        figures.append(median(name, events_ms(household, rounds), "ms"))
        applied = in_namespace(size, 2 if quick else APPLIED)
        for what, times in applied.items():
            name = f"apply: {what}, {size} devices"
            limit = APPLY_MS if last and what != COMMITTED else None
            figures.append(median(name, times, "ms", at_most=limit))
    return figures


def read(size: int) -> Household:
    """Return the household of a document; it must be without fault."""
    household, problems = parse(family.household(size), load_bands())
    if problems:
        raise RuntimeError(f"the benchmark's household: {problems[0]}")
    return household


def moment_of(household: Household, week: int = 0) -> Moment:
    """Return the afternoon, some weeks on: nothing remembered of another helps."""
    wall = datetime.fromisoformat(family.AFTERNOON).replace(tzinfo=household.zone)
    return Moment(wall + timedelta(weeks=week), 1000.0)


def later(household: Household, seconds: int) -> Moment:
    """Return the same afternoon some seconds later."""
    first = moment_of(household)
    return Moment(first.wall + timedelta(seconds=seconds), first.mono + seconds)


def planned(household: Household, at: Moment) -> Plan:
    """Decide for everybody."""
    floor = {f"198.51.100.{n}": at.mono + 86400 for n in range(1, FLOOR + 1)}
    return plan(household, Facts(), at.wall, at.mono, floor=floor)


def compiled(household: Household, at: Moment) -> str:
    """Decide, and write all that a first load takes: rules and elements."""
    return render(LAYOUT) + elements_text(planned(household, at).wishes, at.mono)


def events_ms(household: Household, rounds: int) -> list[float]:
    """Return the time of an event to an engine whose kernel holds everything."""
    engine = Engine()
    first = moment_of(household)
    engine.handle(HomeSeen(hooked=("br-lan",)), first)
    for effect in engine.handle(HouseholdChanged(household), first):
        engine.acknowledge(effect)
    return timed(lambda n: engine.handle(Tick(), later(household, n)), rounds)


def timed(work: Callable[[int], object], rounds: int) -> list[float]:
    """Return how long each call took, milliseconds."""
    found = []
    for number in range(rounds):
        begun = time.perf_counter()
        work(number)
        found.append(1000 * (time.perf_counter() - begun))
    return found


def in_namespace(size: int, rounds: int) -> dict[str, list[float]]:
    """Run `apply` in a namespace with an interface to hook."""
    script = (
        "ip link set lo up && ip link add br-lan type bridge && "
        'exec "$0" -m tests.bench.plan "$@"'
    )
    argv = ["unshare", "-n", "sh", "-c", script, sys.executable, str(size), str(rounds)]
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


def apply(size: int, rounds: int) -> dict[str, list[float]]:
    """Time the daemon's own ways into the kernel, here and now."""
    household = read(size)
    moment = moment_of(household)
    load = LoadRules(
        render(LAYOUT),
        elements_text(planned(household, moment).wishes, moment.mono),
        chain_names(LAYOUT),
    )
    ends = moment.mono + 3600
    macs = [family.mac(number) for number in range(size)]
    all_leases = SetElements(tuple((("permit", (m,)), ends) for m in macs), ())
    one_lease = SetElements((all_leases.renew[0],), ())
    with tempfile.TemporaryDirectory() as folder:
        enforcer = KernelEnforcer(Path(folder), egress=True, now=lambda: moment)
        enforcer.carry_out(load, moment)
        effects: dict[str, Any] = {
            "rules and all elements": load,
            "every lease": all_leases,
            "one lease": one_lease,
        }
        in_force = committed(lambda: enforcer.carry_out(load, moment), rounds)
        return {COMMITTED: in_force} | {
            name: timed(lambda _, e=effect: enforcer.carry_out(e, moment), rounds)
            for name, effect in effects.items()
        }


def committed(work: Callable[[], object], rounds: int) -> list[float]:
    """Return how long after each call's start its one transaction was committed, ms."""
    monitor, told = NftMonitor(), queue.Queue[float]()

    def listen() -> None:
        while True:
            select.select([monitor], [], [])
            if any(isinstance(e, Generation) for e in monitor.read_events()):
                told.put(time.perf_counter())

    threading.Thread(target=listen, daemon=True).start()
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(1000 * (told.get(timeout=10) - begun))
        if not told.empty():
            raise RuntimeError("more than one transaction, or another's")
    return found


if __name__ == "__main__":
    print(json.dumps(apply(int(sys.argv[1]), int(sys.argv[2]))))
