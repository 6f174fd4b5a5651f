"""What a new list or index must pass before it takes the place of the one in force.

Pure: counts, names and a way to look names up come in, findings go out. A finding that
is not ok stops the swap; the last good index stays. Each guard stands for a thing that
happened to a public list, which the README names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from guardian.core.feeds import project_of
from guardian.lists.grammar import SILENT, Claim
from guardian.lists.index import Found
from guardian.lists.names import to_wire
from guardian.lists.source import Counts, Polarity, Source
from guardian.lists.suffixes import PublicSuffixes

Lookup = Callable[[bytes], Found]

REJECTED_MAX = 0.05
DECLARED_OFF_MAX = 0.02
OVERLAP_MAX = 0.005
# A list may halve or double between two days; a small one by this many names.
SHRINK_MAX = 0.5
GROWTH_MAX = 2.0
SLACK = 200
# Of the popular names, how many one list alone may call harmful before it is refused;
# the real lists of 2026 have up to 1.1 % of the popular names of 2014.
HELD_SHARE = 0.02
HELD_FEW = 20
SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one guard says. guard: its id. where: the source's id, or ``index``.

    value and limit: what was measured and allowed. names: some that it is about.
    """

    guard: str
    where: str
    ok: bool
    value: float = 0
    limit: float = 0
    names: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "guard": self.guard,
            "where": self.where,
            "ok": self.ok,
            "value": self.value,
            "limit": self.limit,
            "names": list(self.names),
        }


def size_band(source: Source, counts: Counts, last: int | None = None) -> Finding:
    """Compare a list's entries with its band and with the last good count.

    The band comes from the catalogue; without one, nothing at all is still too little.
    """
    low, high = float(source.names_min or 1), float(source.names_max or 0)
    if last:
        low = max(low, min(last * SHRINK_MAX, last - SLACK))
        grown = max(last * GROWTH_MAX, last + SLACK)
        high = min(high, grown) if high else grown
    value = counts.entries
    ok = value >= low and (not high or value <= high)
    limit = low if value < low else high
    return Finding(guard="size", where=source.id, ok=ok, value=value, limit=limit)


def reject_rate(source: Source, counts: Counts) -> Finding:
    """Compare the share of lines that made no sense; addresses are not counted."""
    silent = sum(counts.dropped.get(reason, 0) for reason in SILENT | {"ip-address"})
    claims = max(counts.lines - silent, counts.rejected, 1)
    value = round(counts.rejected / claims, 4)
    return Finding(
        guard="rejected",
        where=source.id,
        ok=value <= REJECTED_MAX,
        value=value,
        limit=REJECTED_MAX,
    )


def declared_count(source: Source, counts: Counts) -> Finding:
    """Compare what was read with the number that the list itself declares, if any."""
    taken = counts.entries + sum(
        number for reason, number in counts.dropped.items() if reason not in SILENT
    )
    taken -= sum(
        counts.dropped.get(kept, 0) for kept in ("public-suffix-exact", "www-folded")
    )
    if not counts.declared:
        return Finding(guard="declared", where=source.id, ok=True, value=taken)
    off = abs(taken - counts.declared) / counts.declared
    return Finding(
        guard="declared",
        where=source.id,
        ok=off <= DECLARED_OFF_MAX,
        value=taken,
        limit=counts.declared,
    )


def polarity(
    allow: Source, names: Iterable[bytes], lookup: Lookup, harm: frozenset[str]
) -> Finding:
    """Compare an allow list with the harm labels of an index.

    names: the allow list's. A list of the wrong polarity overlaps by the thousand.
    """
    total = 0
    overlap: list[str] = []
    for name in names:
        total += 1
        if harm & set(lookup(to_wire(name)).labels):
            overlap.append(name.decode())
    value = round(len(overlap) / max(total, 1), 4)
    return Finding(
        guard="polarity",
        where=allow.id,
        ok=value <= OVERLAP_MAX,
        value=value,
        limit=OVERLAP_MAX,
        names=tuple(overlap[:SHOWN]),
    )


def top_sites(
    ranked: Iterable[bytes],
    lookup: Lookup,
    harm: frozenset[str],
    reviewed: frozenset[str] = frozenset(),
) -> Finding:
    """Find popular names that a single list calls harmful.

    Two independent lists, or a review, are enough; a name seen before is no news.
    reviewed: names that were looked at, or were so in the index in force.
    """
    alone: list[str] = []
    for name in ranked:
        found = lookup(to_wire(name))
        sources = [source for source in found.sources if source.label in harm]
        if len(sources) == 1 and name.decode() not in reviewed:
            alone.append(name.decode())
    return Finding(
        guard="top-sites",
        where="index",
        ok=not alone,
        value=len(alone),
        names=tuple(sorted(alone)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Names that no single list may take away.

    popular: two projects must agree that one is harmful. protected: none is believed.
    harm: the labels meant. own: ids of the sources that we wrote and reviewed.
    """

    popular: frozenset[bytes] = frozenset()
    protected: frozenset[bytes] = frozenset()
    harm: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[bytes]:
        """Return all names to watch."""
        return self.popular | self.protected

    @property
    def held_max(self) -> int:
        """Return how many names of one list may be left out."""
        return max(HELD_FEW, int(len(self.popular) * HELD_SHARE))


def with_parents(names: Iterable[bytes], suffixes: PublicSuffixes) -> frozenset[bytes]:
    """Return names with their parents down to what one can register."""
    found = set()
    for name in names:
        base = suffixes.registrable(name)
        while True:
            found.add(name)
            if base is None or len(name) <= len(base):
                break
            name = name.partition(b".")[2]
    return frozenset(found)


def held(
    votes: Mapping[bytes, Iterable[str]], sources: Mapping[str, Source], watch: Watch
) -> dict[str, list[bytes]]:
    """Return, by source, the watched names that are to be left out of the index.

    votes: watched name -> the sources that list it. Lists of one project are one voice.
    """
    found: dict[str, list[bytes]] = {}
    for name, ids in votes.items():
        harmful = [
            ident
            for ident in ids
            if sources[ident].label in watch.harm
            and sources[ident].polarity is Polarity.BLOCK
        ]
        voices = {"" if i in watch.own else project_of(i) for i in harmful}
        if name in watch.protected or len(voices) == 1:
            for ident in harmful:
                if ident not in watch.own:
                    found.setdefault(ident, []).append(name)
    return found


def held_back(source: Source, names: Iterable[bytes], watch: Watch) -> Finding:
    """Compare how many watched names a list alone calls harmful with the limit."""
    found = sorted(name.decode() for name in names)
    return Finding(
        guard="top-sites",
        where=source.id,
        ok=len(found) <= watch.held_max,
        value=len(found),
        limit=watch.held_max,
        names=tuple(found[:SHOWN]),
    )


def floor(
    names: Iterable[bytes], lookup: Lookup, allowed: frozenset[str] = frozenset()
) -> Finding:
    """Find floor names that an index lists, by themselves or by a parent.

    allowed: neutral labels that may hold them (games may hold chess.com).
    """
    held = [
        name.decode() for name in names if set(lookup(to_wire(name)).labels) - allowed
    ]
    return Finding(
        guard="floor",
        where="index",
        ok=not held,
        value=len(held),
        names=tuple(sorted(held)),
    )


def public_suffixes(suffixes: PublicSuffixes, lookup: Lookup) -> Finding:
    """Find public suffixes that match with all below them without a review."""
    matched: set[str] = set()
    rules = suffixes.plain | {b"*." + rule for rule in suffixes.wild}
    for rule in sorted(rules):
        # Any name below will do; a `*` of a rule stands for any label.
        probe = b"x." + rule.replace(b"*", b"y")
        for hit in lookup(to_wire(probe)).hits:
            suffix = hit.name.encode()
            for source, claim in hit.claims:
                broad = claim is Claim.SUFFIX and not source.suffix_ok
                if broad and (suffixes.is_suffix(suffix) or b"." not in suffix):
                    matched.add(hit.name)
    return Finding(
        guard="public-suffixes",
        where="index",
        ok=not matched,
        value=len(matched),
        names=tuple(sorted(matched)),
    )
