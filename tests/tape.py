"""An engine with its kernel and its clock, played event by event.

Each effect is carried out and acknowledged at once. Two things are checked each time:
effects come as rules, sets, then the flows that live; and no flow is cut of a device
that is let out, nor one to help.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guardian.compile.engine import Engine
from guardian.core.events import (
    AddressSeen,
    ClockStepped,
    CutFlows,
    Effect,
    Event,
    HomeSeen,
    HouseholdChanged,
    LoadRules,
    Moment,
    SetElements,
    TablesLost,
    Tick,
)
from guardian.core.model import Household
from tests.build import at
from tests.kernel_sets import KernelSets

LAN = "br-lan"


class Tape:
    """Play events at chosen moments; `mono` never steps, the wall clock may."""

    def __init__(self, wall: datetime | str, mono: float = 1000.0, **how: Any) -> None:
        self.engine = Engine(**how)
        self.kernel = KernelSets(egress=how.get("egress", True))
        self.mono = mono
        self._holders: dict[str, str] = {}
        self._wall = (at(wall) if isinstance(wall, str) else wall) - timedelta(
            seconds=mono
        )

    @property
    def moment(self) -> Moment:
        return Moment(self._wall + timedelta(seconds=self.mono), self.mono)

    def post(self, *events: Event) -> list[Effect]:
        """Hand over events at this moment; return the effects of all."""
        found: list[Effect] = []
        for event in events:
            if isinstance(event, TablesLost):
                self.kernel.lose()
            elif isinstance(event, AddressSeen):
                self._holders[event.address] = event.mac
            effects = self.engine.handle(event, self.moment)
            check_order(effects)
            for effect in effects:
                self.kernel.carry_out(effect, self.mono)
                self.engine.acknowledge(effect)
                if isinstance(effect, CutFlows):
                    self._check_cut(effect)
            found += effects
        return found

    def start(self, household: Household, *events: Event) -> list[Effect]:
        """Begin as the daemon does."""
        home = HomeSeen(hooked=household.network.lan, prefixes=("192.168.1.1/24",))
        return self.post(HouseholdChanged(household), home, *events)

    def wait(self, seconds: float) -> list[Effect]:
        """Let time pass as the daemon does: a tick whenever one is due."""
        end, found = self.mono + seconds, []
        while (due := self.engine.wake(self.moment)) <= end:
            self.mono = due
            found += self.post(Tick())
        self.mono = end
        return found

    def die(self, seconds: float) -> None:
        """Let time pass without a daemon."""
        self.mono += seconds

    def step(self, seconds: float) -> list[Effect]:
        """Set the wall clock, and tell."""
        self._wall += timedelta(seconds=seconds)
        return self.post(ClockStepped())

    def step_unseen(self, seconds: float) -> None:
        """Set the wall clock while nobody looks."""
        self._wall += timedelta(seconds=seconds)

    def _check_cut(self, effect: CutFlows) -> None:
        assert effect.spare == set(self.engine.floor)
        for mac, addresses in effect.devices:
            assert {self._holders[a] for a in addresses} == {mac}
            assert not self.permits(mac), f"cut though let out: {addresses} of {mac}"

    def permits(self, mac: str, ifname: str = LAN) -> bool:
        return self.kernel.permits(mac, ifname, self.mono)


def check_order(effects: list[Effect]) -> None:
    """Fail unless rules come before sets, and sets before flows."""
    order = [
        i
        for effect in effects
        for i, kind in enumerate((LoadRules, SetElements, CutFlows))
        if isinstance(effect, kind)
    ]
    assert order == sorted(set(order)), effects
