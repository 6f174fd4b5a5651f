"""Load what names mean: kinds of content, tiers, packs, engines and services.

The kinds are a closed vocabulary: a file cannot add one, so that none by opinion,
belief, identity, news or health slips in with data. Our own, tested files; one that
does not read is refused whole, StoreError("profiles-invalid").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from guardian.core.catalogue import (
    Catalogue,
    Category,
    Engine,
    Pack,
    Service,
    Tiers,
)
from guardian.core.errors import Problem, StoreError
from guardian.core.model import shorten
from guardian.core.naming import UNSAFE_SEARCH
from guardian.store import services as service_file
from guardian.store.datafile import (
    MOST,
    DataFile,
    as_exact_host,
    as_sentence,
    read_names,
    read_reasons,
)
from guardian.store.engines import load_engines
from guardian.store.fields import Findings, Item, Node, as_bool, as_id, as_name

CATEGORIES = frozenset(
    "adult ads ai_assistant ai_companion crypto dating drugs encrypted_dns "
    "file_sharing free_hosting gambling games gore malware messenger nudity phishing "
    "piracy remote self_harm shopping shortener social stranger_chat unsafe_search "
    "video violent_hate vpn_proxy weapons".split()
)
# Names of these are worthless after days: they come from live lists only.
LIVE_ONLY = frozenset({"malware", "phishing"})
# Tier -> the classes of names that it is for.
TIER_CLASSES = {
    "technical": frozenset("connectivity time cert_status wifi_calling".split()),
    "system": frozenset(
        "os_update push sign_in cert_status shared_infra payment".split()
    ),
    "soft": frozenset(
        "health sexed recovery youth_support education reference news civic "
        "substring helpline child_safety abuse_support".split()
    ),
    "guard": frozenset("school_tool education".split()),
}
_CATEGORY = frozenset(
    "id title contains harm advanced help_page why rule notes names".split()
)
_PACK = frozenset("id title why ages learning names needs".split())


def load_catalogue(
    folder: Path | None = None, services: tuple[Service, ...] | None = None
) -> Catalogue:
    """Return the catalogue of the data in `folder`, by default our own.

    services: instead of those of the folder's file.
    """
    if services is None:
        services = service_file.load_services(folder)
    engines, youtube = load_engines(folder)
    categories = _load_categories(folder, engines)
    _check_services(services)
    return Catalogue(
        categories=categories,
        services=tuple(sorted(services, key=lambda service: service.id)),
        packs=_load_packs(folder),
        tiers=load_tiers(folder),
        engines=engines,
        youtube=youtube,
    )


def load_tiers(folder: Path | None = None) -> Tiers:
    """Return the names that no list may block, in the file's order."""
    return _tiers(folder)[0]


def load_shared_hosts(folder: Path | None = None) -> tuple[str, ...]:
    """Return names at which many owners meet: no list may hold one as it stands.

    What is below them is judged by itself, so these are exact names and in no tier.
    """
    return _tiers(folder)[1]


def _load_categories(
    folder: Path | None, engines: Iterable[Engine]
) -> tuple[Category, ...]:
    file = DataFile(folder, "categories.json", "categories")
    refused = tuple(name for engine in engines for name in engine.refused)
    found: dict[str, Category] = {}
    for item in file.root.items("categories", MOST):
        category = _category(file.findings, item)
        if category.id in found:
            file.findings.add(item.place, "duplicate-id", category.id)
        if category.id == UNSAFE_SEARCH:
            # The names stand once, with the engines.
            category = replace(category, names=(*category.names, *refused))
        found[category.id] = category
    for missing in sorted(CATEGORIES - set(found)):
        file.findings.add("categories", "missing", missing)
    file.close()
    return tuple(found[key] for key in sorted(found))


def _category(findings: Findings, item: Item) -> Category:
    node = Node(findings, item, _CATEGORY)
    category = Category(
        id=node.need("id", _as_category) or "",
        title=node.need("title", as_name) or "",
        contains=node.need("contains", as_sentence) or "",
        harm=node.need("harm", as_bool) or False,
        advanced=node.need("advanced", as_bool) or False,
        help_page=node.need("help_page", as_bool) or False,
        rule=node.need("rule", as_sentence) or "",
        names=read_names(node, "names"),
    )
    node.need("why", as_sentence)
    for name in read_reasons(node, "notes"):
        if name not in category.names:
            findings.add(node.at("notes"), "note-without-name", name)
    return category


def _as_category(value: object) -> str:
    if not isinstance(value, str) or value not in CATEGORIES:
        raise ValueError(f"unknown-category: {shorten(value)}")
    return value


def _tiers(folder: Path | None) -> tuple[Tiers, tuple[str, ...]]:
    file = DataFile(folder, "tiers.json", "tiers shared left_out")
    node = file.root.node("tiers", frozenset(TIER_CLASSES))
    names = {tier: _tier(node, tier, classes) for tier, classes in TIER_CLASSES.items()}
    shared = read_reasons(file.root, "shared")
    read_reasons(file.root, "left_out")
    file.close()
    return Tiers(**names), shared


def _tier(tiers: Node, tier: str, classes: frozenset[str]) -> tuple[str, ...]:
    def as_class(value: object) -> str:
        if not isinstance(value, str) or value not in classes:
            raise ValueError(f"class-of-other-tier: {shorten(value)}")
        return value

    found: dict[str, None] = {}
    for item in tiers.items(tier, MOST):
        node = Node(tiers.findings, item, frozenset({"name", "class", "why"}))
        node.need("class", as_class)
        node.need("why", as_sentence)
        name = node.need("name", as_exact_host) or ""
        if name in found:
            node.findings.add(item.place, "duplicate-name", name)
        found[name] = None
    if not found:
        tiers.findings.add(tiers.at(tier), "missing")
    return tuple(found)


def _load_packs(folder: Path | None) -> tuple[Pack, ...]:
    file = DataFile(folder, "packs.json", "packs")
    found: dict[str, Pack] = {}
    for item in file.root.items("packs", MOST):
        node = Node(file.findings, item, _PACK)
        names, needs = read_names(node, "names"), read_names(node, "needs")
        for name in sorted(set(names) & set(needs)):
            file.findings.add(node.at("needs"), "duplicate-name", name)
        if not names:
            file.findings.add(node.at("names"), "missing")
        pack = Pack(
            id=node.need("id", as_id) or "",
            title=node.need("title", as_name) or "",
            why=node.need("why", as_sentence) or "",
            names=(*names, *needs),
            learning=node.need("learning", as_bool) or False,
            ages=node.need("ages", _as_ages) or (0, 17),
        )
        if pack.id in found:
            file.findings.add(item.place, "duplicate-id", pack.id)
        found[pack.id] = pack
    file.close()
    return tuple(found[key] for key in sorted(found))


def _as_ages(value: object) -> tuple[int, int]:
    match value:
        case [int(low), int(high)] if 0 <= low <= high < 18:
            return low, high
    raise ValueError(f"bad-ages: {shorten(value)}")


def _check_services(services: Iterable[Service]) -> None:
    """Raise StoreError for a service of an unknown kind, or with a kind's id."""
    problems: list[Problem] = []
    for service in services:
        place = f"services / {service.id}"
        if service.group not in CATEGORIES:
            problems.append(Problem(place, "unknown-category", service.group))
        if service.id in CATEGORIES:
            problems.append(Problem(place, "duplicate-id", service.id))
    if problems:
        raise StoreError("profiles-invalid", service_file.FILE, tuple(problems))
