"""What changed between two household documents, by ids, for people to read.

Pure. Entries of a list are the same when their `id` is; a list without ids is one
value, but for the lists of names and ids of a person, which are sets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from guardian.core.model import Household, shorten
from guardian.store.render import render

# A person's fields whose entries come and go one by one: "people/mia/block/example.com
# added" says more than two long lists.
_SETS = frozenset({"access", "allow", "always", "block"})
_PERSON = re.compile("people/[^/]*")
# Lists whose entries end by themselves: afterwards the log alone can tell for whom and
# until when they were, so that an entry's fields come with it.
_SPELLS = frozenset({"exceptions", "grants", "opened", "pauses"})
_OFF = "protection_off"
# What of them a reader asks first.
_TOLD = ("person", "name", "until", "date", "kind", "off")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One difference.

    place: "people/mia/windows/late/from"; what: "added", "removed" or "changed".
    before, after: JSON text of a changed value, at most 80 characters; None for an
    entry that was added or removed as a whole.
    """

    place: str
    what: str
    before: str | None = None
    after: str | None = None


def diff(old: Household, new: Household) -> tuple[Change, ...]:
    """Return every difference between two households, sorted by place.

    The order of entries with ids says nothing and is no difference.
    """
    return tuple(sorted(_walk("", render(old), render(new))))


def ids(entries: list[object]) -> dict[str, object] | None:
    """Return the entries of a list by id, or None if one has none or shares one."""
    found: dict[str, object] = {
        entry["id"]: entry
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }
    return found if len(found) == len(entries) else None


def _walk(place: str, old: object, new: object) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, list) and isinstance(new, list):
        by_id, by_new_id = ids(old), ids(new)
        if by_id is not None and by_new_id is not None:
            old, new = by_id, by_new_id
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield Change(place, "changed", _text(old), _text(new))
        return
    for key in sorted(old.keys() | new.keys()):
        inner = f"{place}/{key}" if place else key
        spell = place in _SPELLS or inner == _OFF
        if not place and key in _SPELLS:
            yield from _walk(inner, old.get(key, []), new.get(key, []))
        elif key in _SETS and _PERSON.fullmatch(place):
            yield from _walk(inner, _entries(old.get(key)), _entries(new.get(key)))
        elif key not in new:
            yield Change(inner, "removed", *_pair(old[key], None))
            if spell:
                yield from _walk(inner, _told(old[key]), {})
        elif key not in old:
            yield Change(inner, "added", *_pair(None, new[key]))
            if spell:
                yield from _walk(inner, {}, _told(new[key]))
        else:
            yield from _walk(inner, old[key], new[key])


def _told(entry: object) -> dict[str, object]:
    """Return the fields of an entry that the log tells with it."""
    if not isinstance(entry, dict):
        return {}
    return {key: entry[key] for key in _TOLD if entry.get(key) is not None}


def _entries(value: object) -> dict[str, object]:
    """Return a set's entries; a plain list's have nothing more to say of them."""
    if isinstance(value, dict):
        return value
    return {str(name): [] for name in value} if isinstance(value, list) else {}


def _pair(old: object, new: object) -> tuple[str | None, str | None]:
    """Return the texts of a value that came or went; a whole entry has none."""
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        return None, None
    return (
        None if old is None else _text(old),
        None if new is None else _text(new),
    )


def _text(value: object) -> str:
    return shorten(json.dumps(value, ensure_ascii=False))
