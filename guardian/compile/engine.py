"""Turn events into effects: the state between the household and the kernel. Pure.

Everything is computed anew on each event (100 devices cost well under a millisecond);
only the difference to what the kernel has acknowledged becomes effects. The order of
effects is the order of enforcement: rules, sets, then the flows that live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import inf

from guardian.compile import ruleset
from guardian.compile.plan import (
    FRONT_LEASE_S,
    STRICT_HORIZON_S,
    STRICT_RENEW_S,
    STRICT_SLACK_S,
    Key,
    Plan,
    Wish,
    diff,
    elements_text,
    plan,
)
from guardian.core.decide import Facts
from guardian.core.events import (
    AddressSeen,
    CandidatesFound,
    ClockKnown,
    ClockStepped,
    CutFlows,
    CutQuestions,
    Effect,
    Event,
    FloorResolved,
    FrontAnswers,
    HomeSeen,
    HouseholdChanged,
    LoadRules,
    Log,
    Moment,
    SetElements,
    TablesLost,
    Tick,
    WriteBoot,
    WriteCarry,
)
from guardian.core.model import Household, Mode, Verdict

# A child that floods addresses or MACs must not make the daemon grow.
ADDRESSES_PER_MAC = 64
MACS_MAX = 2048
# Without an event the engine looks again this often, seconds.
IDLE_S = 60.0
# How long before a capped lease ends it may be renewed by a daemon that lives.
CAP_RENEW_S = 2.0
# Flash: the time still open is written this often while some is, and the closed rules
# with fresh addresses of help once a day.
CARRY_S = 600.0
BOOT_S = 24 * 3600.0
# After a change they are written once more, when help's names have been resolved.
BOOT_SOON_S = 600.0


class Engine:
    """The household's state machine; `handle` never blocks and touches nothing.

    ingress, egress: the hooks this kernel has. carried: person -> seconds that an open
    state may still last while the clock is unknown.
    """

    def __init__(
        self,
        household: Household | None = None,
        *,
        ingress: bool = True,
        egress: bool = True,
        clock_known: bool = True,
        carried: Mapping[str, float] | None = None,
    ) -> None:
        self.household = household or Household()
        self.clock_known = clock_known
        self.loaded = False
        self.plan: Plan | None = None
        self.applied: dict[Key, float | None] = {}
        self.addresses: dict[str, dict[str, float]] = {}
        self.candidates: dict[str, tuple[str, ...]] = {}
        self.floor: dict[str, float] = {}
        self._front: dict[str, int] = {}
        self._front_ends = 0.0
        self._led: dict[Key, None] = {}
        self._left = dict(carried or {})
        self._ends: dict[str, float] | None = None
        self._hooks = (ingress, egress)
        self._home = HomeSeen()
        self._open: frozenset[str] = frozenset()
        self._to_cut: set[str] = set()
        self._caps: dict[Key, float] = {}
        self._boot: object = None
        self._boot_due = 0.0
        self._carry: dict[str, float] | None = None
        self._carry_due = 0.0

    @property
    def layout(self) -> ruleset.Layout:
        """Return where the rules go now."""
        lan = self.household.network.lan
        hooked = tuple(sorted(n for n in self._home.hooked if n in lan))
        return ruleset.Layout(
            lan=tuple(sorted(lan)),
            hooked=hooked,
            # Of interfaces just taken out of the household none may be spared.
            indexes=self._home.indexes if len(hooked) == len(self._home.hooked) else (),
            ports=self._home.ports,
            router_macs=self._home.router_macs,
            prefixes=self._home.prefixes,
            one_armed=self.household.network.mode is Mode.ONE_ARMED,
            ingress=self._hooks[0],
            egress=self._hooks[1],
        )

    def facts(self, moment: Moment) -> Facts:
        """Return what `decide` must know beside the household."""
        if self.clock_known:
            return Facts()
        if self._ends is None:
            self._ends = {p: moment.mono + s for p, s in self._left.items()}
        return Facts(
            clock_known=False,
            carried={
                p: moment.wall + timedelta(seconds=end - moment.mono)
                for p, end in self._ends.items()
            },
        )

    def handle(self, event: Event, moment: Moment) -> list[Effect]:
        """Take one event, return the effects it asks for, in order."""
        effects: list[Effect] = []
        before = self.layout
        match event:
            case HouseholdChanged(household):
                self.household = household
            case HomeSeen():
                self._home = event
            case AddressSeen():
                self._see(event, moment)
            case CandidatesFound(mac, people):
                self.candidates.pop(mac, None)
                if people and len(self.candidates) < MACS_MAX:
                    self.candidates[mac] = people
            case FloorResolved(addresses):
                self.floor = dict(addresses)
            case FrontAnswers(ports):
                self._front = dict(ports)
                self._front_ends = moment.mono + FRONT_LEASE_S
            case ClockStepped():
                self._caps = {k: e for k, e in self.applied.items() if e is not None}
            case ClockKnown(known):
                if self.clock_known and not known:
                    self._ends = self.plan.open_until if self.plan else {}
                self.clock_known = known
            case TablesLost():
                self._unsure()
                effects.append(Log("tables-lost"))
            case Tick():
                pass
        return effects + self._replan(moment, relayout=self.layout != before)

    def acknowledge(self, effect: Effect) -> None:
        """Record what the kernel has accepted; nothing counts as enforced before."""
        if isinstance(effect, SetElements):
            self.applied.update(effect.renew)
            for key in effect.drop:
                self.applied.pop(key, None)
        elif isinstance(effect, LoadRules) and effect.elements:
            self.loaded = True
            assert self.plan is not None
            self.applied = {k: w.ends for k, w in self.plan.wishes.items()}

    def refused(self, effect: Effect) -> None:
        """The kernel said no: what it holds is unknown, the next event loads all."""
        if isinstance(effect, LoadRules | SetElements):
            self._unsure()
        elif isinstance(effect, CutFlows):
            # Whose flows it was is not told: all that are closed are cut once more.
            self._to_cut |= self.addresses.keys()

    def _unsure(self) -> None:
        """Load all again, and cut what may have come to life without our rules."""
        self.loaded = False
        self._to_cut |= self.addresses.keys()

    def wake(self, moment: Moment) -> float:
        """Return the monotonic second at which `Tick` is due."""
        due = moment.mono + IDLE_S
        if self.plan is not None:
            if self.plan.turns is not None:
                left = self.plan.turns.timestamp() - moment.wall.timestamp()
                due = min(due, moment.mono + max(left, 0.0))
            if self.plan.strict:
                due = min(due, self._strict_due(moment))
        if self._caps:
            due = min(due, min(self._caps.values()) - CAP_RENEW_S)
        return max(due, moment.mono + 0.001)

    def _strict_due(self, moment: Moment) -> float:
        """Return when the first strict lease wants renewal."""
        assert self.plan is not None
        if not self.loaded:
            return moment.mono + STRICT_RENEW_S
        ends = [
            self.applied.get(key) or moment.mono + STRICT_HORIZON_S
            for key, wish in self.plan.wishes.items()
            # A capped one is not renewed before its time, and wakes by itself.
            if wish.slack == STRICT_SLACK_S and key not in self._caps
        ]
        left = STRICT_HORIZON_S - STRICT_RENEW_S
        return min(ends, default=inf) - left

    def text(self, moment: Moment) -> str:
        """Return all that should be in the kernel as nft text; changes nothing."""
        wishes = plan(
            self.household,
            self.facts(moment),
            moment.wall,
            moment.mono,
            floor=self.floor,
            candidates=self.unassigned(),
            ports=self._home.ports,
            front=self._front,
            front_ends=self._front_ends,
        ).wishes
        layout = self.layout
        return ruleset.render(layout) + elements_text(
            wishes, moment.mono, egress=layout.egress
        )

    def _see(self, event: AddressSeen, moment: Moment) -> None:
        if event.address.startswith("fe80:"):
            # No router forwards these (RFC 4291, 2.5.6): there is no flow to cut.
            return
        known = self.addresses.setdefault(event.mac, {})
        if event.address not in known:
            if event.mac not in self._open:
                self._to_cut.add(event.mac)
            self._take_away(event.address)
        known[event.address] = moment.mono
        if len(known) > ADDRESSES_PER_MAC:
            del known[min(known, key=known.__getitem__)]
        if len(self.addresses) > MACS_MAX:
            # Strangers go first, or a flood of made-up MACs would hide a child's own.
            wishes = self.plan.wishes if self.plan else {}
            del self.addresses[
                min(
                    self.addresses,
                    key=lambda mac: (
                        ("managed", (mac,)) in wishes,
                        max(self.addresses[mac].values()),
                    ),
                )
            ]

    def _take_away(self, address: str) -> None:
        """Let whoever had the address before lose it: DHCP has given it to another."""
        for mac, addresses in self.addresses.items():
            if address in addresses:
                del addresses[address]
                if not addresses:
                    del self.addresses[mac]
                return

    def _replan(self, moment: Moment, *, relayout: bool) -> list[Effect]:
        self.plan = plan(
            self.household,
            self.facts(moment),
            moment.wall,
            moment.mono,
            floor=self.floor,
            candidates=self.unassigned(),
            ports=self._home.ports,
            front=self._front,
            front_ends=self._front_ends,
        )
        self._cap(moment)
        effects: list[Effect] = []
        if relayout:
            # What was new while an interface had no chains may live on.
            self._to_cut |= self.addresses.keys()
        if not self.loaded or relayout:
            effects.append(self._load(moment, full=not self.loaded))
        if self.loaded:
            changes = diff(self.applied, self.plan.wishes)
            if changes:
                effects.append(SetElements(changes.renew, changes.drop))
        effects += self._cut()
        effects += self._cut_questions()
        effects += self._keep(moment)
        return effects

    def unassigned(self) -> dict[str, tuple[str, ...]]:
        """Return MACs that nobody has assigned -> ids of whose they may be."""
        assigned = {m for d in self.household.devices for m in d.macs}
        return {m: p for m, p in self.candidates.items() if m not in assigned}

    def _cap(self, moment: Moment) -> None:
        """Hold leases to the end they had when the clock stepped, until it is near."""
        assert self.plan is not None
        self._caps = {
            k: e for k, e in self._caps.items() if e - CAP_RENEW_S > moment.mono
        }
        for key, end in self._caps.items():
            wish = self.plan.wishes.get(key)
            if wish is not None and wish.ends is not None and wish.ends > end:
                self.plan.wishes[key] = replace(wish, ends=end)

    def _load(self, moment: Moment, *, full: bool) -> LoadRules:
        assert self.plan is not None
        layout = self.layout
        elements = ""
        if full:
            elements = elements_text(
                self.plan.wishes, moment.mono, egress=layout.egress
            )
        return LoadRules(ruleset.render(layout), elements, ruleset.chain_names(layout))

    def _cut_questions(self) -> list[Effect]:
        """Let no question follow its entry to where it was led before."""
        assert self.plan is not None
        led = {key: None for key in self.plan.wishes if key[0] in ("dnsport", "dnsnew")}
        changed = led.keys() ^ self._led.keys()
        self._led = led
        everybody = any(name == "dnsnew" for name, _ in changed)
        macs = {values[0] for name, values in changed if name == "dnsport"}
        addresses = frozenset(
            address
            for mac, known in self.addresses.items()
            if everybody or mac in macs
            for address in known
        )
        return [CutQuestions(addresses)] if addresses else []

    def _cut(self) -> list[Effect]:
        """Cut what lives of every MAC that has just lost its way out."""
        assert self.plan is not None
        wishes = self.plan.wishes
        unknown_open = self.plan.unknown.verdict is Verdict.ALLOW
        now_open = frozenset(
            mac
            for mac in self.addresses
            if ("permit", (mac,)) in wishes
            or ("exempt", (mac,)) in wishes
            or (unknown_open and ("managed", (mac,)) not in wishes)
        )
        lost = (self._open - now_open) | (self._to_cut - now_open)
        self._open, self._to_cut = now_open, set()
        devices = tuple(
            (mac, tuple(sorted(self.addresses[mac])))
            for mac in sorted(lost)
            if self.addresses.get(mac)
        )
        return [CutFlows(devices, frozenset(self.floor))] if devices else []

    def _keep(self, moment: Moment) -> list[Effect]:
        """What must outlive a power cut: the closed rules, and the time still open."""
        assert self.plan is not None
        effects: list[Effect] = []
        spared = frozenset(
            key for key in self.plan.wishes if key[0] in ("exempt", "managed")
        )
        boot = (self.layout.lan, self.layout.one_armed, spared, bool(self.floor))
        if boot != self._boot or moment.mono >= self._boot_due:
            wait = BOOT_S if boot == self._boot else BOOT_SOON_S
            self._boot, self._boot_due = boot, moment.mono + wait
            effects.append(WriteBoot(self._boot_text(moment)))
        ends = self.plan.open_until
        if (
            self._carry is None
            or any(ends.get(p, 0.0) < end - 1.0 for p, end in self._carry.items())
            or (ends and moment.mono >= self._carry_due)
        ):
            self._carry, self._carry_due = ends, moment.mono + CARRY_S - IDLE_S
            # The record itself counts the time to the next writing as gone
            # (`guardian.core.clocktrust`), or pulling the plug before each would make
            # the time last for ever.
            left = {person: end - moment.mono for person, end in ends.items()}
            effects.append(WriteCarry(tuple(sorted(left.items()))))
        return effects

    def _boot_text(self, moment: Moment) -> str:
        """Rules without a single lease: adults, things and help, nothing else."""
        assert self.plan is not None
        layout = replace(
            self.layout,
            hooked=(),
            indexes=(),
            ports=(),
            router_macs=(),
            prefixes=(),
            egress=False,
        )
        stay: dict[Key, Wish] = {
            key: Wish()
            for key in self.plan.wishes
            if key[0] in ("exempt", "managed", "floor4", "floor6")
        }
        return ruleset.render(layout) + elements_text(stay, moment.mono, egress=False)
