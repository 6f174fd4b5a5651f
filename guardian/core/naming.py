"""Judge one name by the precedence table: may this child look it up now? Pure.

The device's own decision (pause, bedtime, homework ...) comes in ready made; here the
rows about names are walked around it, in the order of `guardian.core.precedence`.
Names asked are lower-case wire names (RFC 1035 3.1, with the root's octet); names in
rules are text. A judge is made once for equal rules and asked for every new question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from guardian.core.catalogue import Catalogue, Engine
from guardian.core.model import Access as Access
from guardian.core.model import Args, Decision, Reason, Verdict
from guardian.core.model import YouTube as YouTube

# The category of search engines without a safe mode.
UNSAFE_SEARCH = "unsafe_search"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """What the questions of one device are judged by at one moment.

    state: the decision for the device as a whole. allow, block: a parent's rules for
    single names with all below; always: what passes all but a pause. only: allow-list
    mode, of `packs` and `allow`. learning: names open during homework beside the packs
    for learning. access: sorted (category or service, what holds), a window's included.
    """

    state: Decision
    allow: frozenset[str] = frozenset()
    block: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    only: bool = False
    packs: frozenset[str] = frozenset()
    access: tuple[tuple[str, Access], ...] = ()
    safe_search: bool = False
    youtube: YouTube = YouTube.OFF


@dataclass(frozen=True, slots=True)
class NameDecision:
    """What holds for one name.

    matched: the name of a rule that decided, text; "" where none did.
    reach: the device has no lease, so an allowed answer's addresses must be in `reach`
    before it leaves. silent: never logged or counted.
    """

    verdict: Verdict
    reason: Reason
    args: Args = ()
    until: datetime | None = None
    matched: str = ""
    reach: bool = False
    silent: bool = False


class Lists(Protocol):
    """What the category index says of names (`guardian.lists.index.Index`)."""

    def mask(self, wire: bytes) -> int:
        """Return the labels of a name as bits."""

    def mask_of(self, labels: Iterable[str]) -> int:
        """Return the bits of labels."""

    def labels_of(self, mask: int) -> tuple[str, ...]:
        """Return the labels of bits, sorted."""


def wire_name(text: str) -> bytes:
    """Return the wire form of a checked name in text."""
    labels = text.rstrip(".").lower().encode().split(b".")
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def wire_names(names: Iterable[str]) -> dict[bytes, str]:
    """Return wire form -> text of names."""
    return {wire_name(name): name for name in names}


@dataclass(frozen=True, slots=True)
class Shared:
    """The names that are the same for everybody, in wire form.

    floor: exact. technical, system, soft, guard, packs: with all below.
    """

    floor: frozenset[bytes]
    technical: dict[bytes, str]
    system: dict[bytes, str]
    soft: dict[bytes, str]
    guard: dict[bytes, str]
    packs: dict[str, dict[bytes, str]]
    learning: frozenset[str]
    harm: frozenset[str]
    services: frozenset[str]
    engines: dict[bytes, Engine]
    unsafe: dict[bytes, str]
    youtube: dict[str, dict[bytes, Engine]]


def shared_names(catalogue: Catalogue, floor: Iterable[str]) -> Shared:
    """Return the shared names of a catalogue; floor: exact names of help."""
    tiers = catalogue.tiers
    return Shared(
        floor=frozenset(map(wire_name, floor)),
        technical=wire_names(tiers.technical),
        system=wire_names(tiers.system),
        soft=wire_names(tiers.soft),
        guard=wire_names(tiers.guard),
        packs={pack.id: wire_names(pack.names) for pack in catalogue.packs},
        learning=frozenset(pack.id for pack in catalogue.packs if pack.learning),
        harm=frozenset(c.id for c in catalogue.categories if c.harm),
        services=frozenset(service.id for service in catalogue.services),
        engines=_engines(catalogue.engines),
        unsafe=wire_names(n for e in catalogue.engines for n in e.refused),
        youtube={mode: _engines((engine,)) for mode, engine in catalogue.youtube},
    )


def _engines(engines: Iterable[Engine]) -> dict[bytes, Engine]:
    return {wire_name(name): engine for engine in engines for name in engine.names}


class Judge:
    """One device's rules, ready to be asked; remembers nothing of what was asked."""

    def __init__(self, rules: NameRules, shared: Shared, lists: Lists) -> None:
        self.rules = rules
        self._shared = shared
        self._lists = lists
        state = rules.state
        self._leased = state.verdict is Verdict.ALLOW and not rules.only
        self._allow = wire_names(rules.allow)
        self._block = wire_names(rules.block)
        self._always = wire_names(rules.always)
        self._homework = state.verdict is Verdict.LIMIT
        self._learning = self._packs(shared.learning)
        self._only = {**self._packs(rules.packs), **self._allow}
        said = dict(rules.access)
        blocked = {label for label, access in said.items() if access is Access.BLOCK}
        self._opened = lists.mask_of(
            label
            for label, access in said.items()
            if access is not Access.BLOCK and label in shared.services
        )
        self._blocked_services = lists.mask_of(blocked & shared.services)
        self._blocked = lists.mask_of(blocked - shared.services)
        self._neutral = lists.mask_of(blocked - shared.services - shared.harm)
        # An engine that cannot be made safe would undo it for the others.
        refuses = rules.safe_search and said.get(UNSAFE_SEARCH) is not Access.ALLOW
        self._unsafe = shared.unsafe if refuses else {}
        self._engines = dict(shared.engines) if rules.safe_search else {}
        self._engines |= shared.youtube.get(rules.youtube.value, {})

    def engine(self, name: bytes) -> Engine | None:
        """Return the engine whose safe mode stands in for an allowed name, or None."""
        return self._engines.get(name)

    def judge(self, name: bytes) -> NameDecision:
        """Return what holds for a wire name; walks the rows in their order."""
        shared, state = self._shared, self.rules.state
        if name in shared.floor:
            # Also while there is a lease: at its end a talk with help goes on.
            return NameDecision(Verdict.ALLOW, Reason.FLOOR, reach=True, silent=True)
        if longest(name, shared.technical):
            return NameDecision(Verdict.ALLOW, Reason.FLOOR, silent=True)
        if state.reason is Reason.PROTECTION_OFF:
            return NameDecision(
                Verdict.ALLOW, state.reason, state.args, until=state.until
            )
        found = longest(name, self._always)
        if found and len(longest(name, self._block)) >= len(found):
            found = ""
        if found and state.reason is not Reason.PAUSED:
            return NameDecision(
                Verdict.ALLOW, Reason.ALWAYS_WORKS, matched=found, reach=True
            )
        if state.verdict is not Verdict.ALLOW:
            if not self._homework or not longest(name, self._learning):
                return NameDecision(
                    Verdict.REFUSE, state.reason, state.args, state.until
                )
        return self._by_name(name)

    def _by_name(self, name: bytes) -> NameDecision:
        """Walk the rows below those of time."""
        shared, reach = self._shared, not self._leased
        allowed, blocked = longest(name, self._allow), longest(name, self._block)
        if blocked and len(blocked) >= len(allowed):
            return NameDecision(Verdict.REFUSE, Reason.BLOCKED_SITE, matched=blocked)
        if allowed:
            return NameDecision(
                Verdict.ALLOW, Reason.ALLOWED_SITE, matched=allowed, reach=reach
            )
        if self.rules.only:
            found = longest(name, self._only)
            if not found:
                return NameDecision(Verdict.REFUSE, Reason.NOT_ON_ALLOWLIST)
            return NameDecision(
                Verdict.ALLOW, Reason.ALLOWED_SITE, matched=found, reach=True
            )
        if longest(name, shared.soft) or longest(name, shared.system):
            return NameDecision(Verdict.ALLOW, Reason.SOFT_FLOOR, reach=reach)
        mask = self._lists.mask(name)
        if mask and not mask & self._opened:
            wrong = mask & self._blocked_services
            if not wrong and mask & self._blocked:
                # Looked up last: few blocked names are school tools.
                tool = longest(name, shared.guard)
                wrong = mask & (self._neutral if tool else self._blocked)
                if self._homework:
                    # Only learning comes so far, which no kind of site takes away.
                    wrong = 0
            if wrong:
                return self._refused(wrong)
        if self._unsafe and (found := longest(name, self._unsafe)):
            return NameDecision(
                Verdict.REFUSE,
                Reason.BLOCKED_CATEGORY,
                (("category", UNSAFE_SEARCH),),
                matched=found,
            )
        return NameDecision(Verdict.ALLOW, Reason.DEFAULT, reach=reach)

    def _refused(self, mask: int) -> NameDecision:
        labels = self._lists.labels_of(mask)
        services = self._shared.services
        args = tuple(
            ("service" if label in services else "category", label) for label in labels
        )
        return NameDecision(Verdict.REFUSE, Reason.BLOCKED_CATEGORY, args)

    def _packs(self, ids: Iterable[str]) -> dict[bytes, str]:
        found: dict[bytes, str] = {}
        for pack in ids:
            found |= self._shared.packs.get(pack, {})
        return found


def longest(name: bytes, names: dict[bytes, str]) -> str:
    """Return the text of the longest suffix of a wire name that is in a set, or ""."""
    if not names:
        return ""
    at, last = 0, len(name) - 1
    while at < last:
        found = names.get(name[at:])
        if found is not None:
            return found
        at += name[at] + 1
    return ""
