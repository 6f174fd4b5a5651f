"""What an index covers and what it blocks too much, by label and by list.

Pure over an open index: names of known kind come in (names that must stay open, popular
names, names with an expected label), numbers and examples go out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from guardian.lists.grammar import Claim
from guardian.lists.index import Index
from guardian.lists.names import NameSyntaxError, parse_name, to_wire
from guardian.lists.origins import parts_of

SHOWN = 20


def report(
    index: Index,
    *,
    must_allow: Mapping[str, str],
    popular: Mapping[str, Iterable[str]],
    expected: Iterable[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return the report of `index`; JSON values, sorted.

    must_allow: name -> class. popular: name of a list -> its names.
    expected: (name, label) pairs; coverage is the share that has the label.
    """
    by_label, by_source = _sizes(index)
    for label, entry in by_label.items():
        entry["must_allow"] = {}
        entry["popular"] = {name: 0 for name in popular}
    for name, kind in sorted(must_allow.items()):
        found = _lookup(index, name)
        for label in found:
            by_label[label]["must_allow"][name] = kind
        for source in _sources(index, name):
            by_source[source]["must_allow"].append(name)
    for title, names in popular.items():
        for name in names:
            for label in _lookup(index, name):
                by_label[label]["popular"][title] += 1
            for source in _sources(index, name):
                by_source[source]["popular"][title] += 1
    _cover(index, by_label, expected)
    return {"labels": by_label, "sources": by_source, "names": index.names}


def _sizes(index: Index) -> tuple[dict[str, Any], dict[str, Any]]:
    """Count entries by label and source; `alone`: those that only one list has."""
    labels: Counter[str] = Counter()
    held: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for set_id, number in index.set_counts().items():
        sources = {
            index.sources[source].id: index.sources[source].label
            for source, claim in map(parts_of, index.sets[set_id])
            if claim < Claim.EXCEPT
        }
        labels.update(dict.fromkeys(set(sources.values()), number))
        held.update(dict.fromkeys(sources, number))
        if len(sources) == 1:
            alone.update(dict.fromkeys(sources, number))
    by_label = {
        label: {
            "names": labels[label],
            "sources": sorted(s.id for s in index.sources if s.label == label),
            "expected": 0,
            "covered": 0,
            "missing": [],
        }
        for label in sorted(index.labels)
    }
    by_source = {
        source.id: {
            "label": source.label,
            "names": held[source.id],
            "alone": alone[source.id],
            "must_allow": [],
            "popular": Counter(),
        }
        for source in sorted(index.sources, key=lambda source: source.id)
    }
    return by_label, by_source


def _cover(
    index: Index, by_label: dict[str, Any], expected: Iterable[tuple[str, str]]
) -> None:
    for name, label in expected:
        empty = {"names": 0, "sources": [], "expected": 0, "covered": 0, "missing": []}
        entry = by_label.setdefault(
            label, {**empty, "missing": [], "must_allow": {}, "popular": {}}
        )
        entry["expected"] += 1
        if label in _lookup(index, name):
            entry["covered"] += 1
        elif len(entry["missing"]) < SHOWN:
            entry["missing"].append(name)


def _lookup(index: Index, name: str) -> tuple[str, ...]:
    try:
        return index.labels_of(index.mask(to_wire(parse_name(name.encode()))))
    except NameSyntaxError:
        return ()


def _sources(index: Index, name: str) -> list[str]:
    try:
        found = index.explain(to_wire(parse_name(name.encode())))
    except NameSyntaxError:
        return []
    return [source.id for source in found.sources]
