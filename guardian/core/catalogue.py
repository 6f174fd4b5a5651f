"""Kinds of content, services, starter packs, search engines: what names mean. Pure.

Frozen values of the data in `profiles/`; `guardian.store.catalogue` reads them, the
list compiler and the judge of names (`guardian.core.naming`) use them. Names are text,
lower case, A-labels, without a final dot; they match with all below them unless said
otherwise.
A category says what a site does, never what it thinks.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A kind of content.

    harm: made of what harms children, so that the guard tier is immune to it; a neutral
    one (games, social) is a matter of taste and may hold any name.
    help_page: a refusal leads to help, never to a bare no. advanced: not offered to
    parents by default. names: our own curated ones; rule: why a name gets in, in words.
    """

    id: str
    title: str
    contains: str
    harm: bool = False
    advanced: bool = False
    help_page: bool = False
    rule: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Ports of a service. proto: "tcp" or "udp"; first, last: both included.

    with_addresses: only together with the service's own addresses.
    """

    proto: str
    first: int
    last: int
    with_addresses: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service that children use.

    group: id of the category it belongs to. domains: with all below; hosts: exactly;
    suffix_ok: public suffixes or bare top labels, reviewed by hand; shared: seen with
    the service and used by others too, never blocked alone; requires: ids of services
    or names it needs; excepts: names kept open inside it; login: enough to stop new
    use; time_counted: traffic that means use. asn, cidr: only what the service owns.
    """

    id: str
    title: str
    group: str
    domains: tuple[str, ...]
    source: str
    revised: str = ""
    age_hint: int | None = None
    hosts: tuple[str, ...] = ()
    suffix_ok: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    excepts: tuple[str, ...] = ()
    login: tuple[str, ...] = ()
    time_counted: tuple[str, ...] = ()
    asn: tuple[int, ...] = ()
    cidr: tuple[str, ...] = ()
    ports: tuple[Ports, ...] = ()
    drop_flows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A starter pack of names for allow-list mode or homework, with its reason.

    learning: open during homework too.
    """

    id: str
    title: str
    why: str
    names: tuple[str, ...]
    learning: bool = False
    ages: tuple[int, int] = (0, 17)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """Names that no list may block.

    technical: probes, time, certificate status: answered in every state.
    system: OS updates, push, sign-in, shared infrastructure; soft: information children
    have a right to; guard: school tools and the like, immune to harm categories only.
    """

    technical: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    soft: tuple[str, ...] = ()
    guard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A search engine with a safe mode in DNS.

    names: answered exactly; targets: the first that resolves stands in; addresses: of
    the target, used only where none resolves. refused: names of it without safe mode.
    """

    id: str
    title: str
    names: tuple[str, ...]
    targets: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All of it. Ids of categories and services are disjoint; each is sorted by id.

    youtube: mode ("strict", "moderate") -> an engine each, with the same names.
    """

    categories: tuple[Category, ...] = ()
    services: tuple[Service, ...] = ()
    packs: tuple[Pack, ...] = ()
    tiers: Tiers = field(default_factory=Tiers)
    engines: tuple[Engine, ...] = ()
    youtube: tuple[tuple[str, Engine], ...] = ()

    def labels(self) -> frozenset[str]:
        """Return every id that a profile may allow, limit or block."""
        kinds = frozenset(category.id for category in self.categories)
        return kinds | {service.id for service in self.services}
