"""What an index is made of beside the lists of others: our own data and its guards.

Pure: the catalogue of names and that of lists come in, sources, rules and watched names
go out. The same values serve the package build, the daemon's start and the updates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from guardian.core.catalogue import Catalogue
from guardian.core.feeds import FeedSpec
from guardian.lists.build import Feed
from guardian.lists.guards import Watch, with_parents
from guardian.lists.names import NameSyntaxError, parse_name
from guardian.lists.source import Polarity, Rules, Source
from guardian.lists.suffixes import PublicSuffixes


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that came with the package.

    floor: names that no list may hold; protected: names that no list of harm may hold
    or cover; known: popular names of our own data. harm: labels of categories made of
    what harms children.
    """

    suffixes: PublicSuffixes
    specs: tuple[FeedSpec, ...] = ()
    curated: tuple[Feed, ...] = ()
    harm: frozenset[str] = frozenset()
    floor: frozenset[bytes] = frozenset()
    protected: frozenset[bytes] = frozenset()
    known: frozenset[bytes] = frozenset()

    def watch(self, popular: Iterable[bytes] = ()) -> Watch:
        """Return the guard over popular and protected names."""
        return Watch(
            popular=with_parents({*self.known, *popular}, self.suffixes),
            protected=with_parents(self.protected, self.suffixes),
            harm=self.harm,
            own=frozenset(feed.source.id for feed in self.curated),
        )

    def rules(self, watch: Watch | None = None) -> Rules:
        """Return the rules of a compilation; with `watch`, those that it asks for."""
        return Rules(
            suffixes=self.suffixes,
            floor=self.floor,
            watched=watch.names if watch else frozenset(),
        )


def inputs_of(
    catalogue: Catalogue,
    *,
    floor: Iterable[str],
    suffixes: PublicSuffixes,
    specs: Iterable[FeedSpec],
    curated: Iterable[Feed],
    shared: Iterable[str] = (),
) -> Inputs:
    """Return the inputs.

    floor: the exact names of help. shared: names at which many owners meet.
    """
    tiers = catalogue.tiers
    immune = names_of((*floor, *tiers.technical, *tiers.system, *tiers.soft))
    services = (name for service in catalogue.services for name in service.domains)
    packs = (name for pack in catalogue.packs for name in pack.names)
    return Inputs(
        suffixes=suffixes,
        specs=tuple(specs),
        curated=tuple(curated),
        harm=frozenset(c.id for c in catalogue.categories if c.harm),
        floor=immune | names_of(shared),
        protected=immune | names_of(tiers.guard),
        known=names_of((*services, *packs)),
    )


def names_of(texts: Iterable[str]) -> frozenset[bytes]:
    """Return the names among some texts in the one form of a name."""
    found = set()
    for text in texts:
        try:
            found.add(parse_name(text.encode()))
        except NameSyntaxError:
            continue
    return frozenset(found)


def source_of(spec: FeedSpec) -> Source:
    """Return a list of the catalogue as the index knows it."""
    return Source(
        id=spec.id,
        label=spec.category,
        polarity=Polarity.ALLOW if spec.allow else Polarity.BLOCK,
        suffix=spec.suffix,
        suffix_ok=spec.suffix_ok,
        licence=spec.licence,
        names_min=spec.entries[0],
        names_max=spec.entries[1],
    )
