"""A daemon without a kernel: the real service, store and verbs.

What is left out is what carries effects out (`Kernel` keeps them, refuses on demand,
and fails on one it does not know) and what only the shell knows (`World`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from guardian.compile.engine import Engine
from guardian.core.errors import EnforcementError, GuardianError
from guardian.core.events import (
    CutFlows,
    Effect,
    HomeSeen,
    LoadRules,
    Log,
    Moment,
    SetElements,
    WriteBoot,
    WriteCarry,
)
from guardian.core.model import Household
from guardian.core.naming import Judge, NameRules, Shared, shared_names
from guardian.core.proof import Cut
from guardian.core.recent import Recent, Refused
from guardian.front.process import NoLists
from guardian.service import Service
from guardian.shell.icalreader import read_calendar
from guardian.store.accounts import AccountStore
from guardian.store.asking import RequestStore
from guardian.store.catalogue import load_catalogue
from guardian.store.repository import Repository
from guardian.verbs import Verbs
from guardian.views import name_view
from tests.build import at, home, mac
from tests.kernel_sets import KernelSets

NOON = "2026-03-04 12:00"
STRANGER = mac(9)
_KNOWN = (LoadRules, SetElements, CutFlows, WriteBoot, WriteCarry, Log)


class Kernel:
    """Keeps what it is told.

    refuses: kinds of effect that fail, with which error. cuts: what is counted when
    flows of a MAC are cut.
    """

    def __init__(self) -> None:
        self.done: list[Effect] = []
        self.sets = KernelSets()
        self.refuses: dict[type, GuardianError] = {}
        self.cuts: dict[str, Cut] = {}

    def carry_out(self, effect: Effect, moment: Moment) -> dict[str, Cut]:
        assert type(effect) in _KNOWN, effect
        if error := self.refuses.get(type(effect)):
            raise error
        self.done.append(effect)
        self.sets.carry_out(effect, moment.mono)
        if not isinstance(effect, CutFlows):
            return {}
        return {m: self.cuts[m] for m, _ in effect.devices if m in self.cuts}

    def took(self, kind: type) -> int:
        """Return how many effects of a kind were carried out."""
        return sum(type(effect) is kind for effect in self.done)


@dataclass
class World:
    """What only the shell knows. refuses: what `check` raises."""

    repository: Repository
    requests: RequestStore
    accounts: AccountStore
    lan: list[dict[str, Any]] = field(default_factory=list)
    refuses: EnforcementError | None = None
    checked: list[str] = field(default_factory=list)
    trials: list[int] = field(default_factory=list)
    clock_trusted: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    recent: Recent = field(default_factory=Recent)
    near: frozenset[str] = frozenset()
    proposals: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        return "1.2.3"

    def health(self) -> dict[str, str]:
        return dict(self.wrong)

    def seen(self, mac: str) -> dict[str, Any] | None:
        return next((seen for seen in self.lan if seen["mac"] == mac), None)

    def refusals(self, mac: str) -> tuple[Refused, ...]:
        return self.recent.of(mac)

    def online(self) -> frozenset[str]:
        return self.near

    def likely(self, mac: str) -> list[dict[str, Any]]:
        return self.proposals.get(mac, [])

    def names(self) -> dict[str, Any]:
        return {"answering": True}

    @cached_property
    def _shared(self) -> Shared:
        return shared_names(load_catalogue(), ())

    def explain_name(self, rules: NameRules, name: str) -> dict[str, Any]:
        return name_view(Judge(rules, self._shared, NoLists()), None, name)

    def sightings(self) -> list[dict[str, Any]]:
        return list(self.lan)

    def owner(self, address: str) -> str | None:
        return self.owners.get(str(ip_address(address.partition("%")[0])))

    def check(self, text: str) -> None:
        self.checked.append(text)
        if self.refuses:
            raise self.refuses

    async def read_calendar(self, text: str, today: date, zone: str) -> dict[str, Any]:
        return await read_calendar(text, today, zone)

    def audit(self, limit: int) -> list[dict[str, Any]]:
        return list(self.repository.audit(limit))

    def trust_clock(self) -> None:
        self.clock_trusted += 1

    def trial_ends_in(self, seconds: int) -> None:
        self.trials.append(seconds)


class Desk:
    """Everything of a daemon but its kernel. `at` moves both of its clocks."""

    def __init__(
        self, folder: Path, household: Household | None = None, *, now: str = NOON
    ) -> None:
        made = home() if household is None else household
        self.moment = Moment(at(now), 1000.0)
        self.repository = Repository(folder / "household.db", made.bands)
        self.repository.change(
            made, by="setup", verb="household-import", now=self.moment.wall
        )
        loaded = self.repository.load()
        self.kernel = Kernel()
        self.changed = 0
        self.service = Service(
            engine=Engine(loaded.household),
            enforcer=self.kernel,
            store=self.repository,
            now=lambda: self.moment,
            household=loaded.household,
            revision=loaded.revision,
            problems=loaded.problems,
            store_state=loaded.state,
            changed=self._changed,
        )
        self.world = World(
            self.repository,
            RequestStore(folder / "requests.db"),
            AccountStore(folder / "accounts.db"),
        )
        self.verbs = Verbs(self.service, self.world)
        self.service.post(
            HomeSeen(hooked=("br-lan",), prefixes=("192.168.1.1/24", "fd00:1::1/64"))
        )

    def _changed(self) -> None:
        self.changed += 1

    def later(self, seconds: float) -> None:
        """Let time pass on both clocks, and the timer fire."""
        self.moment = Moment(
            self.moment.wall + timedelta(seconds=seconds), self.moment.mono + seconds
        )
        self.service.tick()

    def ask(self, verb: str, by: str = "anna", **args: Any) -> Any:
        """Run one verb."""
        return asyncio.run(self.verbs.handle(verb, args, by))

    def leases(self) -> dict[str, int]:
        """Return MAC -> seconds left, of who may pass until an end."""
        return {
            str(values[0]): round(ends - self.moment.mono)
            for (name, values), ends in self.kernel.sets.living(
                self.moment.mono
            ).items()
            if name == "permit" and ends is not None
        }

    def routed(self, address: str) -> bool:
        """Say whether the kernel's sets let a MAC out."""
        return self.kernel.sets.permits(address, "br-lan", self.moment.mono)


def sighting(address: str = STRANGER, **fields: Any) -> dict[str, Any]:
    """Return what discovery says of a MAC."""
    return {
        "mac": address,
        "interface": "br-lan",
        "addresses": ["192.168.1.9"],
        "hostname": None,
        "vendor": None,
        **fields,
    }
