"""Read what a person's part of a document says of names, safely.

What cannot be read leaves the age band's in force. Where a refusal is unreadable, what
was opened beside it is held back: an allowed name opens all below it, an allowed
category all its services, and the lost entry may have been the exception.
"""

from __future__ import annotations

from collections.abc import Callable

from guardian.core.hostnames import NAMES_MAX
from guardian.core.model import Access, Overrides, YouTube
from guardian.store.fields import Item, Node, as_bool, as_host, as_id, one_of
from guardian.store.known import Known

# All categories and services there are, several times over.
LABELS_MAX = 1000
PACKS_MAX = 64
FIELDS = frozenset(
    {"access", "allow", "block", "always", "only", "packs", "safe_search", "youtube"}
)
_HELD = "until what is refused beside it is mended"


def read_names(node: Node, known: Callable[[], Known]) -> Overrides:
    """Return the fields of `FIELDS` of a person, as a layer that says nothing else."""
    block = _read_hosts(node, "block")
    for host in sorted(block.keys() & known().floor) if block else ():
        item = block.pop(host)
        node.findings.add(item.place, "floor-cannot-be-blocked", host)
        node.findings.skipped.add(item.path)
    mode = one_of(YouTube, "unknown-youtube-mode")
    return Overrides(
        access=_read_access(node, known),
        allow=_open_names(node, "allow", block),
        block=tuple(sorted(block)),
        always=_open_names(node, "always", block),
        only=node.take("only", as_bool, None),
        packs=_read_packs(node, known),
        safe_search=node.take("safe_search", as_bool, None),
        youtube=node.take("youtube", mode, None),
    )


def read_labels(node: Node, key: str, known: Callable[[], Known]) -> tuple[str, ...]:
    """Return the known ids of categories and services of a list, sorted."""
    labels: set[str] = set()
    for item, label in node.each(key, LABELS_MAX, as_id):
        if label in known().labels:
            labels.add(label)
        else:
            node.findings.add(item.place, "unknown-category", label)
            node.findings.skipped.add(item.path)
            node.bad.add(key)
    return tuple(sorted(labels))


def _read_hosts(node: Node, key: str) -> dict[str, Item]:
    return {host: item for item, host in node.each(key, NAMES_MAX, as_host)}


def _open_names(node: Node, key: str, block: dict[str, Item]) -> tuple[str, ...]:
    found = _read_hosts(node, key)
    for host in sorted(found.keys() & block.keys()):
        item = found.pop(host)
        node.findings.add(item.place, "name-in-two-lists", host)
        node.findings.skipped.add(item.path)
    if found and "block" in node.bad:
        node.findings.add(node.at(key), "held", _HELD)
        return ()
    return tuple(sorted(found))


def _read_access(
    node: Node, known: Callable[[], Known]
) -> tuple[tuple[str, Access], ...]:
    read = one_of(Access, "unknown-access")
    found: dict[str, Access] = {}
    for place, label, access in node.fields("access", LABELS_MAX, read):
        if label in known().labels:
            found[label] = access
            continue
        node.findings.add(place, "unknown-category", label)
        if access is Access.BLOCK:
            node.bad.add("access")
    if "access" in node.bad and any(a is not Access.BLOCK for a in found.values()):
        node.findings.add(node.at("access"), "held", _HELD)
        found = {label: a for label, a in found.items() if a is Access.BLOCK}
    return tuple(sorted(found.items()))


def _read_packs(node: Node, known: Callable[[], Known]) -> tuple[str, ...] | None:
    if not node.has("packs"):
        return None
    packs: set[str] = set()
    for item, pack in node.each("packs", PACKS_MAX, as_id):
        if pack in known().packs:
            packs.add(pack)
        else:
            node.findings.add(item.place, "unknown-pack", pack)
            node.findings.skipped.add(item.path)
            node.bad.add("packs")
    # None of them opens less than the age band's, which a broken list leaves.
    return tuple(sorted(packs)) if packs or "packs" not in node.bad else None
