"""Our own names as lists: one a service, and one a category with its services in it.

So the index knows both labels of a service's name, and what a parent says of either
can be looked up at once. The text is adblock rules, since they say whether a name
matches with all below it; it is sorted, so that equal data give equal octets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from guardian.core.catalogue import Catalogue, Service
from guardian.lists.build import Feed
from guardian.lists.catalogue import SUFFIX_LABELS
from guardian.lists.source import Kind, Source

LICENCE = "MIT"
# The first word of an id names whose list it is.
PROJECT = "guardian"


def curated_feeds(catalogue: Catalogue) -> list[Feed]:
    """Return the feeds of services and categories, services first, each by id.

    A category that has no name and no service gives none.
    """
    feeds = []
    for service in catalogue.services:
        reviewed = bool(service.suffix_ok)
        source = _source(service.id, Kind.SERVICE, reviewed)
        feeds.append(_feed(source, _rules_of(service)))
    for category in catalogue.categories:
        group = [s for s in catalogue.services if s.group == category.id]
        reviewed = category.id in SUFFIX_LABELS or any(s.suffix_ok for s in group)
        rules = {_below(name) for name in category.names}
        for service in group:
            rules |= _rules_of(service)
        if rules:
            source = _source(category.id, Kind.CATEGORY, reviewed)
            feeds.append(_feed(source, rules))
    return feeds


def _source(label: str, kind: Kind, suffix_ok: bool) -> Source:
    return Source(
        id=f"{PROJECT}-{kind.value}-{label}",
        label=label,
        kind=kind,
        suffix_ok=suffix_ok,
        licence=LICENCE,
    )


def _rules_of(service: Service) -> set[str]:
    rules = {_below(name) for name in (*service.domains, *service.suffix_ok)}
    rules |= {f"|{name}^" for name in service.hosts}
    return rules | {f"@@||{name}^" for name in service.excepts}


def _below(name: str) -> str:
    # `www.` of a suffix rule is folded, which would take in the whole site.
    return f"|{name}^" if name.startswith("www.") else f"||{name}^"


def _feed(source: Source, rules: Iterable[str]) -> Feed:
    text = "".join(f"{rule}\n" for rule in sorted(rules)).encode()

    def chunks() -> Iterator[bytes]:
        yield text

    return Feed(source, chunks, hashlib.blake2b(text, digest_size=32).digest())
