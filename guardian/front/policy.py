"""One set of rules in force, with what it has decided lately. Pure.

A verdict is a function of the rules and the name, so it is kept; the sets are kept
apart, so that two children with different rules never share one. Most names asked are
in no hand-made set: for those the verdict depends on the labels of the index alone, and
is remembered by mask.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from guardian.core.catalogue import Engine
from guardian.core.model import Decision, Reason, Verdict
from guardian.core.naming import (
    Judge,
    Lists,
    NameDecision,
    NameRules,
    Shared,
    wire_names,
)
from guardian.wire.dns.codes import LABEL_MAX, NAME_MAX, UDP_PLAIN
from guardian.wire.dns.template import Template

from . import special
from .answers import Answer
from .cache import Generations

# What a kept packet's answer means for the counters; see Kept.
PASSED, REFUSED, SILENT = range(3)

# (until, octets after the id, PASSED | REFUSED | SILENT, decision of a refusal).
Kept: TypeAlias = tuple[float, bytes, int, NameDecision | None]

# Only these rows are about names; a row of time has been passed by the question.
_ABOUT_NAMES = frozenset(
    (Reason.SAFETY_LIST, Reason.BLOCKED_SITE, Reason.BLOCKED_CATEGORY)
)
# A parent's word and the floor go through any alias; the soft floor through lists.
_THROUGH = frozenset((Reason.FLOOR, Reason.ALWAYS_WORKS, Reason.ALLOWED_SITE))
_MASKS_MAX = 4096
# Types, flags and sizes of OPT that stub resolvers send; each has its own few.
_FRAMES_MAX = 64
_REST_MAX = UDP_PLAIN - 12 - NAME_MAX
_INFINITY = float("inf")


class Entry:
    """What one question gets: a template, and what goes with it.

    until: seconds of the steady clock. made: when the template's TTLs were right.
    ruling: whose refusal it is, where others share it.
    """

    __slots__ = (
        "answer",
        "decision",
        "kind",
        "made",
        "ruling",
        "template",
        "until",
    )

    def __init__(
        self,
        template: Template,
        decision: NameDecision | None = None,
        *,
        kind: int = PASSED,
        answer: Answer | None = None,
        made: float = 0.0,
        until: float = _INFINITY,
    ) -> None:
        self.template = template
        self.decision = decision
        self.kind = kind
        self.answer = answer
        self.made = made
        self.until = until
        self.ruling: Ruling | None = None


class Ruling:
    """A decision that many names share, with what the front makes of it.

    entries: by family. frames: a packet without id and name -> what stands before and
    after the name in its answer, for packets that differ in nothing else.
    """

    __slots__ = ("decision", "entries", "frames", "refused")

    def __init__(self, decision: NameDecision) -> None:
        self.decision = decision
        self.refused = decision.verdict is Verdict.REFUSE
        self.entries: dict[int, Entry] = {}
        self.frames: dict[bytes, tuple[bytes, bytes]] = {}

    def keep_frame(self, packet: bytes, last: int, answer: bytes) -> None:
        """Keep the shape of a refusal. last: offset of the name's root octet."""
        rest = answer[last + 1 :]
        # Below 512 octets with the longest name: never to be cut.
        if len(self.frames) < _FRAMES_MAX and len(rest) <= _REST_MAX:
            frame = packet[2:12] + packet[last + 1 :]
            self.frames[frame] = answer[2:12], rest


class RuleSet:
    """Equal rules, one object: the judge, and what it said.

    own: wire names of the router. packets: raw question without its id -> answer, for
    the loop. entries: question key -> entry, for what the resolver answered.
    """

    def __init__(
        self,
        rules: NameRules,
        shared: Shared,
        lists: Lists,
        *,
        verdicts: int,
        own: frozenset[bytes] = frozenset(),
    ) -> None:
        self.rules = rules
        self._shared = shared
        self._lists = lists
        self._mask = lists.mask
        self.judge = Judge(rules, shared, lists)
        self._marked = _marked(rules, shared) | special.MARKED | own
        state = rules.state
        # Elsewhere the rows of time and of allow-list mode stand before the lists.
        self._by_lists = state.verdict is Verdict.ALLOW and not rules.only
        self._by_mask: dict[int, Ruling] = {}
        self.packets: Generations[bytes, Kept] = Generations(verdicts)
        self.entries: Generations[bytes, Entry] = Generations(verdicts)

    def brief(self, packet: bytes) -> tuple[bytes, NameDecision] | None:
        """Return a refusal and its decision, if only the name of the packet is new.

        All else is as in a packet that was read and answered before, octet by octet.
        """
        last = packet.find(0, 12)
        name = packet[12 : last + 1].lower()
        if not 3 < len(name) <= NAME_MAX:
            return None
        ruling = self.quick(name)
        if ruling is None or not ruling.frames:
            return None
        frame = ruling.frames.get(packet[2:12] + packet[last + 1 :])
        if frame is None:
            return None
        answer = packet[:2] + frame[0] + packet[12 : last + 1] + frame[1]
        return answer, ruling.decision

    def quick(self, name: bytes) -> Ruling | None:
        """Return what holds for a name that only the lists can know, else None.

        None: in a set made by hand, special, of one label, or no name; ask `decide`.
        """
        marked = self._marked
        at, last = name[0] + 1, len(name) - 1
        if at >= last or at > 64 or name in marked:
            return None
        while at < last:
            if name[at:] in marked or name[at] > LABEL_MAX:
                return None
            at += name[at] + 1
        if at != last:
            return None
        mask = self._mask(name) if self._by_lists else 0
        found = self._by_mask.get(mask)
        if found is None:
            if len(self._by_mask) >= _MASKS_MAX:
                self._by_mask.clear()
            found = self._by_mask[mask] = Ruling(self.judge.judge(name))
        return found

    def decide(self, name: bytes) -> NameDecision:
        """Return what the judge says of a wire name."""
        ruling = self.quick(name)
        return self.judge.judge(name) if ruling is None else ruling.decision

    def engine(self, name: bytes) -> Engine | None:
        """Return the engine whose safe mode stands in for a name, or None."""
        return self.judge.engine(name)

    def refused_alias(
        self, asked: NameDecision, names: tuple[bytes, ...]
    ) -> NameDecision | None:
        """Return the refusal of the first refused name that an answer leads to.

        asked: what holds for the question's own name.
        """
        if asked.reason in _THROUGH or not names:
            return None
        for name in names:
            found = self._targets.judge(name)
            if found.verdict is Verdict.REFUSE and found.reason in _ABOUT_NAMES:
                by_list = found.reason is Reason.BLOCKED_CATEGORY
                if not (by_list and asked.reason is Reason.SOFT_FLOOR):
                    return found
        return None

    def clear(self) -> None:
        """Forget what was decided."""
        self._by_mask.clear()
        self.packets.clear()
        self.entries.clear()

    @cached_property
    def _targets(self) -> Judge:
        # Names that are led to were not asked: no time and no allow-list for them.
        state = Decision(Verdict.ALLOW, Reason.DEFAULT, None)
        rules = replace(self.rules, state=state, only=False)
        return Judge(rules, self._shared, self._lists)


def _marked(rules: NameRules, shared: Shared) -> frozenset[bytes]:
    """Return every wire name that a row other than the lists could ask for."""
    found: set[bytes] = set(shared.floor) | set(shared.engines)
    for engines in shared.youtube.values():
        found.update(engines)
    for names in (shared.technical, shared.system, shared.soft, shared.guard):
        found.update(names)
    for names in (*shared.packs.values(), shared.unsafe):
        found.update(names)
    for texts in (rules.allow, rules.block, rules.always):
        found.update(wire_names(texts))
    return frozenset(found)
