"""A child's windows as a parent changes them: set, call off, back to the age band's.

Pure functions from one household to the next. What a parent sees is one list, the
band's windows and the child's own together; what is written is the difference only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from guardian.core.errors import GuardianError
from guardian.core.model import DAY, Household, Person, Window, shorten
from guardian.core.profile import effective


def set_window(
    household: Household, person: Person, window: Window, *, edits: bool
) -> tuple[Household, Window, tuple[str, ...]]:
    """Add a window to a child's, or put it in the place of the one of its id.

    edits: it replaces one that is there. Returns the window as it stands and the ids
    of those that it has swallowed: of the same kind, days and sites, overlapping or
    touching it. One added takes over the id of the first of these.
    Raises GuardianError("no-such-window"), and "unknown-day-type" for days that no
    date and no age band has.
    """
    others = {w.id: w for w in effective(household, person).windows}
    if edits:
        del others[find_window(household, person, window.id).id]
    if unknown := set(window.days) - day_types(household):
        raise GuardianError("unknown-day-type", shorten(min(unknown)))
    merged: list[str] = []
    while met := next((w for w in others.values() if _meets(window, w)), None):
        del others[met.id]
        merged.append(met.id)
        start, end = min(window.start, met.start), max(window.end, met.end)
        window = replace(window, start=start, end=end)
    if merged and not edits:
        window = replace(window, id=min(merged))
    changed = household
    for window_id in merged:
        changed = _without(changed, person.id, window_id)
    return _with(changed, person.id, window), window, tuple(sorted(merged))


def free_id(household: Household, person: Person, kind: str) -> str:
    """Return an id that no window has, of the child or of any age band."""
    taken = {w.id for w in effective(household, person).windows}
    taken |= {w.id for band in household.bands for w in band.defaults.windows}
    taken |= {*person.overrides.dropped}
    number = 1
    while f"{kind}-{number}" in taken:
        number += 1
    return f"{kind}-{number}"


def find_window(household: Household, person: Person, window_id: str) -> Window:
    """Return a child's window; GuardianError("no-such-window") if there is none."""
    for window in effective(household, person).windows:
        if window.id == window_id:
            return window
    raise GuardianError("no-such-window", shorten(window_id))


def drop_window(household: Household, person: Person, window_id: str) -> Household:
    """Call a window off; GuardianError("no-such-window") if the child has none such."""
    find_window(household, person, window_id)
    return _without(household, person.id, window_id)


def default_window(household: Household, person: Person, window_id: str) -> Household:
    """Let the age band's window hold again; GuardianError if the band has none such."""
    if _of_band(household, person, window_id) is None:
        raise GuardianError("no-such-window", shorten(window_id))
    return _says(
        household,
        person,
        windows=tuple(w for w in person.overrides.windows if w.id != window_id),
        dropped=tuple(i for i in person.overrides.dropped if i != window_id),
    )


def day_types(household: Household) -> frozenset[str]:
    """Return the day types that a window may name."""
    used = {
        day
        for band in household.bands
        for window in band.defaults.windows
        for day in window.days
    }
    return household.calendar.types() | used


def _meets(one: Window, other: Window) -> bool:
    """Say whether two windows mean the same and leave no time between them."""
    alike = (one.kind, one.days, one.blocks) == (other.kind, other.days, other.blocks)
    # Bedtimes of the evening go by the date after theirs, those of the night do not.
    evening = one.start >= DAY // 2, other.start >= DAY // 2
    if not alike or (one.kind == "bedtime" and evening[0] != evening[1]):
        return False
    if max(one.end, other.end) - min(one.start, other.start) > DAY:
        return False
    return one.start <= other.end and other.start <= one.end


def _of_band(household: Household, person: Person, window_id: str) -> Window | None:
    band = household.band(person.band or "")
    windows = band.defaults.windows if band else ()
    return next((w for w in windows if w.id == window_id), None)


def _with(household: Household, person_id: str, window: Window) -> Household:
    person = household.person(person_id)
    assert person is not None
    own = person.overrides.windows
    if window == _of_band(household, person, window.id):
        # Nothing is different any more, and a later age band's own would hold.
        own = tuple(w for w in own if w.id != window.id)
    elif any(w.id == window.id for w in own):
        own = tuple(window if w.id == window.id else w for w in own)
    else:
        own = (*own, window)
    dropped = tuple(i for i in person.overrides.dropped if i != window.id)
    return _says(household, person, windows=own, dropped=dropped)


def _without(household: Household, person_id: str, window_id: str) -> Household:
    person = household.person(person_id)
    assert person is not None
    own = tuple(w for w in person.overrides.windows if w.id != window_id)
    dropped = person.overrides.dropped
    if _of_band(household, person, window_id) and window_id not in dropped:
        dropped = (*dropped, window_id)
    return _says(household, person, windows=own, dropped=dropped)


def _says(household: Household, person: Person, **fields: Any) -> Household:
    changed = replace(person, overrides=replace(person.overrides, **fields))
    people = tuple(changed if p.id == person.id else p for p in household.people)
    return replace(household, people=people)
