"""Load the search engines and their safe modes from `profiles/safe-search.json`.

An engine has names that are answered by a target's addresses, names that are refused
because no safe mode can be set for them, or both. A target is a name first; its
addresses are written down only for the day when it does not resolve.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

from guardian.core.catalogue import Engine
from guardian.core.model import shorten
from guardian.store.datafile import (
    MOST,
    DataFile,
    as_exact_host,
    as_sentence,
    read_names,
)
from guardian.store.fields import Findings, Item, Node, as_id, as_name

FILE = "safe-search.json"
MODES = frozenset({"moderate", "strict"})
_FIELDS = frozenset(
    "id title source names stems suffixes targets addresses refused".split()
)
_SUFFIX = re.compile(r"[a-z]+(\.[a-z]+)?\Z")


def load_engines(
    folder: Path | None = None,
) -> tuple[tuple[Engine, ...], tuple[tuple[str, Engine], ...]]:
    """Return the engines by id, and YouTube's as (mode, engine) by mode.

    Raises StoreError("profiles-invalid").
    """
    file = DataFile(folder, FILE, "engines youtube")
    findings = file.findings
    engines: dict[str, Engine] = {}
    owners: dict[str, str] = {}
    for item in file.root.items("engines", MOST):
        engine = _engine(findings, item)
        if engine.id in engines:
            findings.add(item.place, "duplicate-id", engine.id)
        engines[engine.id] = engine
        for name in engine.names:
            if name in owners:
                findings.add(item.place, "duplicate-name", name)
            owners[name] = engine.id
    youtube = _youtube(file.root, owners)
    file.close()
    return tuple(engines[key] for key in sorted(engines)), youtube


def _engine(findings: Findings, item: Item) -> Engine:
    node = Node(findings, item, _FIELDS)
    node.need("source", as_sentence)
    names = [*read_names(node, "names"), *_family(node)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        findings.add(node.at("names"), "duplicate-name", name)
    engine = Engine(
        id=node.need("id", as_id) or "",
        title=node.need("title", as_name) or "",
        names=tuple(names),
        targets=read_names(node, "targets"),
        addresses=_addresses(node),
        refused=read_names(node, "refused"),
    )
    if bool(engine.names) is not bool(engine.targets):
        findings.add(node.at("targets"), "missing")
    if not engine.names and not engine.refused:
        findings.add(node.at("names"), "missing")
    return engine


def _family(node: Node) -> list[str]:
    """Return every stem with every suffix: an engine's names in all countries."""
    suffixes = [text for _, text in node.each("suffixes", MOST, _as_suffix)]
    names: list[str] = []
    for item, stem in node.each("stems", MOST, _as_stem):
        try:
            names += [as_exact_host(f"{stem}.{suffix}") for suffix in suffixes]
        except ValueError as error:
            node.findings.refused(item.place, error)
    return names


def _as_suffix(value: object) -> str:
    if not isinstance(value, str) or not _SUFFIX.match(value):
        raise ValueError(f"bad-hostname: {shorten(value)}")
    return value


def _as_stem(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"bad-hostname: {shorten(value)}")
    return value


def _as_address(value: object) -> str:
    try:
        # An integer would be read as an address, too.
        address = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f"bad-address: {shorten(value)}") from None
    return str(address)


def _addresses(node: Node) -> tuple[str, ...]:
    return tuple(text for _, text in node.each("addresses", MOST, _as_address))


def _youtube(root: Node, owners: dict[str, str]) -> tuple[tuple[str, Engine], ...]:
    node = root.node("youtube", frozenset({"source", "names", "modes"}))
    node.need("source", as_sentence)
    names = read_names(node, "names")
    if not names:
        node.findings.add(node.at("names"), "missing")
    for name in names:
        if name in owners:
            node.findings.add(node.at("names"), "duplicate-name", name)
    modes = node.node("modes", MODES)
    found = []
    for mode in sorted(MODES):
        inner = modes.node(mode, frozenset({"title", "targets", "addresses"}))
        engine = Engine(
            id=f"youtube-{mode}",
            title=inner.need("title", as_name) or "",
            names=names,
            targets=read_names(inner, "targets"),
            addresses=_addresses(inner),
        )
        if not engine.targets:
            inner.findings.add(inner.at("targets"), "missing")
        found.append((mode, engine))
    return tuple(found)
