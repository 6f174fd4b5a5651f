"""A list as the index knows it: what it is about, and which of its names are taken.

What a list means, and how its names match, comes from our catalogue and never from the
list. `admit` is the one place where an entry of a list becomes an entry of the index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from guardian.lists.grammar import SILENT, Claim, Entry
from guardian.lists.suffixes import PublicSuffixes


class Kind(StrEnum):
    """What a label is: a kind of content, or one service."""

    CATEGORY = "category"
    SERVICE = "service"


class Polarity(StrEnum):
    """Whether a list names what may be refused, or what is wanted."""

    BLOCK = "block"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One list and what it stands for.

    id: stable and unique, kept in the index as provenance.
    label: a category or service.
    suffix: names match with all below them; otherwise exactly.
    suffix_ok: public suffixes and bare top labels are meant and were reviewed.
    names_min, names_max: the size band; 0 for no limit.
    """

    id: str
    label: str
    kind: Kind = Kind.CATEGORY
    polarity: Polarity = Polarity.BLOCK
    suffix: bool = True
    suffix_ok: bool = False
    licence: str = ""
    names_min: int = 0
    names_max: int = 0


# Answered by code alone, whatever a feed says: an address for the first two switches
# encrypted DNS or the relay on again (support.mozilla.org on the canary domain;
# developer.apple.com on preparing a network), and the rest are targets of SafeSearch.
RESERVED = frozenset(
    b"use-application-dns.net mask.icloud.com mask-h2.icloud.com "
    b"mask-canary.icloud.com mask-api.icloud.com resolver.arpa "
    b"forcesafesearch.google.com "
    b"restrict.youtube.com restrictmoderate.youtube.com strict.bing.com "
    b"safe.duckduckgo.com forcesafe.search.brave.com safe.search.brave.com "
    b"safesearch.brave.com safe.startpage.com strict-safe-search.ecosia.org "
    b"safesearch.pixabay.com safeapi.qwant.com familysearch.yandex.ru".split()
)
# RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476, and what routers call their home.
RESERVED_TOPS = frozenset(
    b"test example invalid localhost local onion arpa alt lan internal home".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What no list may decide.

    floor: names that no list may hold, exactly as they stand.
    watched: names of which the compiler tells who lists them, before it takes them.
    """

    suffixes: PublicSuffixes
    floor: frozenset[bytes] = frozenset()
    reserved: frozenset[bytes] = RESERVED
    watched: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of one list. dropped: reason -> how many; see the README's table.

    entries: what went into the index, before equal names are joined.
    declared: the number that the list itself gives, if it does.
    """

    lines: int = 0
    entries: int = 0
    exceptions: int = 0
    declared: int | None = None
    dropped: dict[str, int] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Count what claimed something and was no name; addresses are counted apart."""
        silent = SILENT | {"ip-address", "asn", "attribute", *NOTED, *REFUSED}
        return sum(n for reason, n in self.dropped.items() if reason not in silent)

    def without(self, held: int) -> Counts:
        """Return the counts after `held` of the entries were left out."""
        dropped = self.dropped | {"held": self.dropped.get("held", 0) + held}
        return replace(self, entries=self.entries - held, dropped=dropped)

    def to_json(self) -> dict[str, object]:
        """Return the JSON form, reasons sorted."""
        return {
            "lines": self.lines,
            "entries": self.entries,
            "exceptions": self.exceptions,
            "declared": self.declared,
            "rejected": self.rejected,
            "dropped": dict(sorted(self.dropped.items())),
        }


# Reasons beside the grammar's: names that were narrowed and kept, and those that
# policy refuses.
NOTED = frozenset(("public-suffix-exact", "www-folded"))
REFUSED = frozenset(("floor", "reserved", "held"))


def counts(tally: Counter[str], declared: int | None, overlong: int) -> Counts:
    """Return the counts from what grammar and `admit` tallied."""
    dropped = {
        reason: number
        for reason, number in tally.items()
        if number and reason not in ("lines", "names", "entries", "exceptions")
    }
    if overlong:
        dropped["line-too-long"] = overlong
    return Counts(
        lines=tally["lines"] + overlong,
        entries=tally["entries"],
        exceptions=tally["exceptions"],
        declared=declared,
        dropped=dropped,
    )


def admit(
    entries: Iterable[Entry], source: Source, rules: Rules, tally: Counter[str]
) -> Iterator[Entry]:
    """Yield the entries that the index takes; the claim LISTED is resolved.

    A public suffix is kept as an exact entry, so that it never takes what lies below
    with it; `www.` is folded where what remains may be matched as a whole.
    """
    suffixes = rules.suffixes
    tops, public, wild = suffixes.tops, suffixes.plain, suffixes.wild
    is_suffix = suffixes.is_suffix
    default = Claim.SUFFIX if source.suffix else Claim.EXACT
    for claim, name in entries:
        if claim is Claim.LISTED:
            claim = default
        parent, dot, top = name.rpartition(b".")
        if top not in tops:
            tally["reserved" if top in RESERVED_TOPS else "unknown-top"] += 1
            continue
        if not dot and not source.suffix_ok:
            tally["single-label"] += 1
            continue
        if name in rules.reserved:
            tally["reserved"] += 1
            continue
        if claim is Claim.SUFFIX or claim is Claim.EXCEPT:
            if name.startswith(b"www."):
                rest = name[4:]
                if b"." in rest and not is_suffix(rest):
                    tally["www-folded"] += 1
                    name = rest
            if (
                (name in public or name.partition(b".")[2] in wild)
                and not source.suffix_ok
                and is_suffix(name)
            ):
                tally["public-suffix-exact"] += 1
                exception = claim is Claim.EXCEPT
                claim = Claim.EXCEPT_EXACT if exception else Claim.EXACT
        if name in rules.floor and claim <= Claim.EXACT:
            tally["floor"] += 1
            continue
        tally["entries" if claim <= Claim.EXACT else "exceptions"] += 1
        yield claim, name
