"""Which lists hold a name, as a small number: the index's table of sets.

An origin is a source with what it claims of a name. Equal sets of origins share one set
id, so the category mask and the provenance of every name cost two octets: 15 real lists
give some hundred sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from guardian.lists.grammar import Claim
from guardian.lists.layout import SETS_MAX, IndexFileError
from guardian.lists.lines import ListError
from guardian.lists.source import Kind, Polarity, Source

# Claims that an origin can carry: all but LISTED.
CLAIMS = len(Claim) - 1
# From here on only the first list of each label is kept as provenance.
FULL_SETS_MAX = SETS_MAX * 3 // 4


def origin_of(source: int, claim: Claim) -> int:
    """Return the number of an origin. source: index in the index's own order."""
    return source * CLAIMS + claim - 1


def parts_of(origin: int) -> tuple[int, Claim]:
    """Return (source, claim) of an origin."""
    return origin // CLAIMS, Claim(origin % CLAIMS + 1)


class SetTable:
    """Gives out set ids, in order of first use."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._ids: dict[tuple[int, ...], int] = {}
        first: dict[tuple[str, str], int] = {}
        self._first: list[int] = []
        for number, source in enumerate(sources):
            self._first.append(first.setdefault((source.kind, source.label), number))

    def __len__(self) -> int:
        return len(self._ids)

    def id_of(self, origins: Sequence[int]) -> int:
        """Return the set id of sorted origins; ListError ``too-many-sets``."""
        key = tuple(origins)
        found = self._ids.get(key)
        if found is None:
            if len(self._ids) >= FULL_SETS_MAX:
                key = self._without_repeats(key)
                found = self._ids.get(key)
            if found is None:
                found = len(self._ids)
                if found >= SETS_MAX:
                    raise ListError("too-many-sets", str(found))
                self._ids[key] = found
        return found

    def _without_repeats(self, origins: tuple[int, ...]) -> tuple[int, ...]:
        """Name each label's first list for all of them; exceptions stay as they are.

        The label stands as before; with an exception in the set it cannot be done.
        """
        parts = [parts_of(origin) for origin in origins]
        if any(claim >= Claim.EXCEPT for _, claim in parts):
            return origins
        return tuple(sorted({origin_of(self._first[n], c) for n, c in parts}))

    def to_json(self) -> list[list[int]]:
        """Return the origins of each set, by id."""
        return [list(origins) for origins in self._ids]


def parse_sets(value: Any, sources: int) -> tuple[tuple[int, ...], ...]:
    """Return the table from its JSON form; IndexFileError ``index-invalid``."""
    try:
        sets = tuple(tuple(int(origin) for origin in item) for item in value)
    except (TypeError, ValueError):
        raise IndexFileError("index-invalid", "sets") from None
    if len(sets) > SETS_MAX or any(
        not item or not 0 <= min(item) <= max(item) < sources * CLAIMS for item in sets
    ):
        raise IndexFileError("index-invalid", "sets")
    return sets


def parse_sources(value: Any) -> tuple[Source, ...]:
    """Return the sources from the meta part; IndexFileError ``index-invalid``."""
    try:
        return tuple(
            Source(
                id=str(item["id"]),
                label=str(item["label"]),
                kind=Kind(item["kind"]),
                polarity=Polarity(item["polarity"]),
                suffix=bool(item["suffix"]),
                suffix_ok=bool(item["suffix_ok"]),
                licence=str(item["licence"]),
                names_min=int(item["names_min"]),
                names_max=int(item["names_max"]),
            )
            for item in value
        )
    except (TypeError, KeyError, ValueError):
        raise IndexFileError("index-invalid", "sources") from None
