"""Take back one change of a household, and leave alone what was changed after it.

Pure. Three rendered documents meet: as it was before the change, after it, and now.
What the change touched goes back where nobody has touched it since; anything else is a
conflict as a whole, for half an undo is a change that nobody asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import fields, replace

from guardian.core.model import Household
from guardian.store.difference import ids
from guardian.store.render import render

# Lists without ids whose entries come and go one by one; others are one value.
_SETS = re.compile(r"people/[^/]*/(allow|always|block|dropped)|calendar/days")
_GONE = object()


class Conflict(Exception):
    """Something was changed again since: where."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def take_back(
    before: Household, after: Household, now: Household
) -> dict[str, object] | None:
    """Return the document of `now` without the change from `before` to `after`.

    None where that would change nothing, since it is as before already.
    Raises Conflict with the first place that has been changed again.
    """
    goes_back = changes_of(before, after, now)
    if not goes_back:
        return None
    document = {**render(now), **goes_back}
    return {key: value for key, value in document.items() if value is not _GONE}


def changes_of(
    before: Household, after: Household, now: Household
) -> dict[str, object]:
    """Return what would be different in the document of `now`, by its first fields.

    Empty where nothing would be. Only what the change touched is rendered: a log asks
    this of every entry. Raises Conflict as `take_back`.
    """
    touched = [
        name
        for name in (field.name for field in fields(Household))
        if name != "bands" and getattr(before, name) != getattr(after, name)
    ]
    old, new, present = (_document(h, now, touched) for h in (before, after, now))
    found = _back("", old, new, present)
    assert isinstance(found, dict)
    return {
        key: found.get(key, _GONE)
        for key in {**present, **found}
        if found.get(key, _GONE) != present.get(key, _GONE)
    }


def _document(
    household: Household, now: Household, touched: Iterable[str]
) -> dict[str, object]:
    """Render some fields, instants in one zone: another would touch every pause."""
    some = {name: getattr(household, name) for name in touched}
    zone = some.pop("timezone", now.timezone)
    document = render(replace(Household(timezone=now.timezone), **some))
    return {**document, "timezone": zone}


def _back(place: str, old: object, new: object, present: object) -> object:
    """Return what stands at a place once the change is gone."""
    if old == new or present == old:
        return present
    if present == new:
        return old
    if _all(dict, old, new, present):
        return _back_object(place, old, new, present)  # type: ignore[arg-type]
    if _all(list, *(x for x in (old, new, present) if x is not _GONE)):
        lists = [[] if x is _GONE else x for x in (old, new, present)]
        return _back_list(place, *lists)  # type: ignore[arg-type]
    raise Conflict(place)


def _all(kind: type, *values: object) -> bool:
    return all(isinstance(value, kind) for value in values)


def _back_object(
    place: str,
    old: dict[str, object],
    new: dict[str, object],
    present: dict[str, object],
) -> dict[str, object]:
    found = {}
    for key in [*present, *(k for k in old if k not in present)]:
        inner = f"{place}/{key}" if place else key
        value = _back(
            inner, old.get(key, _GONE), new.get(key, _GONE), present.get(key, _GONE)
        )
        if value is not _GONE:
            found[key] = value
    return found


def _back_list(
    place: str, old: list[object], new: list[object], present: list[object]
) -> list[object]:
    found = [ids(entries) for entries in (old, new, present)]
    if _SETS.fullmatch(place):
        found = [_by_text(entries) for entries in (old, new, present)]
    was, became, stands = found
    if was is None or became is None or stands is None:
        raise Conflict(place)
    kept = _back_object(place, was, became, stands)
    result = [kept[name] for name in _order(was, stands) if name in kept]
    # The lists of names are kept sorted, those of people are as they were made.
    return sorted(result, key=str) if _all(str, *result) and result else result


def _order(was: dict[str, object], stands: dict[str, object]) -> Iterable[str]:
    """Return the names as they stand now, what comes back where it was."""
    order = list(stands)
    before = ""
    for name in was:
        if name not in stands:
            order.insert(order.index(before) + 1 if before in order else 0, name)
        before = name
    return order


def _by_text(entries: list[object]) -> dict[str, object]:
    return {json.dumps(entry, sort_keys=True): entry for entry in entries}
