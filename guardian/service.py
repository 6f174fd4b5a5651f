"""The one owner of state: takes events, runs the engine, carries out its effects.

Everything here happens in one task, one event at a time, to its end: an event's effects
are in the kernel (or refused and noted) before the next is looked at. What the kernel
refuses leaves the last good rules in force and becomes an entry of health.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from guardian.compile.engine import Engine
from guardian.core.errors import GuardianError, Problem, StoreError
from guardian.core.events import (
    ClockStepped,
    CutFlows,
    CutQuestions,
    Effect,
    Event,
    HouseholdChanged,
    LoadRules,
    Moment,
    SetElements,
    Tick,
    WriteBoot,
    WriteCarry,
)
from guardian.core.model import Household
from guardian.core.proof import Cut, Proofs
from guardian.store.difference import Change

log = logging.getLogger(__name__)

# Slewing moves at most 500 ppm (adjtimex(2)): more between two events is a step, unless
# they are over an hour apart, and then a needless one costs nothing.
STEP_S = 2.0
# As many changes can be taken back; households share what they have in common.
HISTORY_MAX = 64
# What a refused effect is called in the health, until one of its kind is done.
_WRONG: dict[type, str] = {
    LoadRules: "enforcement-refused",
    SetElements: "enforcement-refused",
    CutFlows: "flows-not-cut",
    CutQuestions: "flows-not-cut",
    WriteBoot: "boot-rules-unwritten",
    WriteCarry: "carry-unwritten",
}


class Enforcer(Protocol):
    """Carries out one effect; raises GuardianError when it cannot."""

    def carry_out(self, effect: Effect, moment: Moment) -> Mapping[str, Cut] | None:
        """Do it in the kernel or in a file; of cut flows, tell MAC -> how many."""


class Store(Protocol):
    """What the service needs of `guardian.store.repository.Repository`."""

    def change(
        self,
        household: Household,
        *,
        by: str,
        verb: str,
        expect_revision: int | None,
        now: datetime,
        replace_all: bool,
    ) -> int:
        """Store it durably; return the new revision."""

    def note(self, change: Change, *, by: str, verb: str, now: datetime) -> int:
        """Log a change outside the household; return the new revision."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the stored document now."""

    @property
    def state(self) -> str:
        """Return "ok", "recovered" or "lost"."""


@dataclass
class Service:
    """Household, engine and the way to the kernel.

    now: gives the present moment. problems: of the configuration in force.
    health: code -> detail of what is wrong now; empty when all is well.
    history: revision -> the household before and after it, of the last changes.
    """

    engine: Engine
    enforcer: Enforcer
    store: Store
    now: Callable[[], Moment]
    household: Household = field(default_factory=Household)
    revision: int = 0
    problems: tuple[Problem, ...] = ()
    store_state: str = "ok"
    health: dict[str, str] = field(default_factory=dict)
    trial: Household | None = None
    proofs: Proofs = field(default_factory=Proofs)
    history: dict[int, tuple[Household, Household]] = field(default_factory=dict)
    changed: Callable[[], None] = lambda: None
    _gap: float | None = field(default=None, init=False)

    def post(self, event: Event) -> bool:
        """Take one event; returns whether all its effects are in force.

        A step of the wall clock comes first, whether its own event has arrived or not:
        judged by the new time, any other event would lengthen leases.
        """
        moment = self.now()
        good = True
        for one in (ClockStepped(), event) if self._stepped(moment) else (event,):
            effects = self.engine.handle(one, moment)
            if self.engine.plan is not None:
                self.proofs.decided(self.engine.plan.people, moment.wall)
            for effect in effects:
                if (
                    isinstance(effect, CutFlows | CutQuestions)
                    and not self.engine.loaded
                ):
                    # Sets first: a flow cut before them would only begin anew. The
                    # engine cuts again once it has loaded.
                    self._uncut(effect)
                    continue
                good = self._carry_out(effect, moment) and good
        self.changed()
        return good

    def _stepped(self, moment: Moment) -> bool:
        gap = moment.wall.timestamp() - moment.mono
        moved, self._gap = gap - (self._gap or gap), gap
        return abs(moved) > STEP_S

    def enforced(self) -> bool:
        """Return whether the kernel holds what the household says."""
        wrong = {"enforcement-refused", "flows-not-cut"}
        return self.engine.loaded and not self.health.keys() & wrong

    def change(
        self,
        household: Household,
        *,
        by: str,
        verb: str,
        expect: int | None = None,
        whole: bool = False,
    ) -> bool:
        """Store a new household, then enforce it; returns whether it is in force.

        whole: it replaces the unreadable parts of the stored one too.

        Stored first: what was acknowledged must survive a pulled plug.
        Raises StoreError("revision-conflict") when `expect` is not the present one.
        """
        if self.trial is not None:
            raise StoreError("on-trial")
        before = self.household
        revision = self.store.change(
            household,
            by=by,
            verb=verb,
            expect_revision=expect,
            now=self.now().wall,
            replace_all=whole,
        )
        if revision != self.revision:
            self.history[revision] = before, household
            for oldest in list(self.history)[:-HISTORY_MAX]:
                del self.history[oldest]
        self.revision = revision
        self.problems, self.store_state = self.store.problems, self.store.state
        self.household = household
        return self.post(HouseholdChanged(household))

    def note(self, change: Change, *, by: str, verb: str) -> None:
        """Tell the log of a change that lies outside the household."""
        self.revision = self.store.note(change, by=by, verb=verb, now=self.now().wall)

    def start_trial(self, household: Household) -> bool:
        """Enforce a household without storing it; a dead daemon comes back without."""
        if self.trial is not None:
            raise StoreError("on-trial")
        self.trial = household
        return self.post(HouseholdChanged(household))

    def end_trial(self, *, keep: bool, by: str) -> bool:
        """Keep what is on trial, or go back; GuardianError when nothing is."""
        if self.trial is None:
            raise GuardianError("nothing-to-confirm")
        household, self.trial = self.trial, None
        if keep:
            try:
                return self.change(household, by=by, verb="try", whole=True)
            except GuardianError:
                # It is still in force, and still ends by itself.
                self.trial = household
                raise
        return self.post(HouseholdChanged(self.household))

    def _carry_out(self, effect: Effect, moment: Moment) -> bool:
        wrong = _WRONG.get(type(effect), "effect-refused")
        try:
            cuts = self.enforcer.carry_out(effect, moment)
        except GuardianError as error:
            self.engine.refused(effect)
            self._uncut(effect)
            self.health[wrong] = f"{error.code}: {error.detail}"[:300]
            log.error("refused: %s: %s", error.code, error.detail[:300])
            return False
        self.engine.acknowledge(effect)
        if cuts:
            self.proofs.cut(self._owners(), cuts)
        if self.engine.loaded or wrong != "enforcement-refused":
            self.health.pop(wrong, None)
        return True

    def _uncut(self, effect: Effect) -> None:
        if isinstance(effect, CutFlows):
            self.proofs.refused(self._owners(), (mac for mac, _ in effect.devices))

    def _owners(self) -> dict[str, str]:
        return {
            mac: device.person
            for device in self.engine.household.devices
            if device.person is not None
            for mac in device.macs
        }

    def failsafe(self) -> bool:
        """Return whether only the safe part of what the family decided is in force."""
        return bool(self.problems) or self.store_state == "lost"

    def tick(self) -> None:
        """Let time pass: renew leases, notice boundaries."""
        self.post(Tick())
