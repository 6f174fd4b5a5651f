"""The effective profile of a person: the age band's defaults, overridden per person.

Each setting knows which layer set it, so that a page can say "from age 10-12" or "set
for Mia". Pure and cached: the same person and bands give the same object, and equal
ones after a reload too, by which `guardian.core.schedule` finds its compiled windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from guardian.core.memo import Memo
from guardian.core.model import (
    Access,
    Band,
    FailMode,
    Household,
    Overrides,
    Person,
    Window,
    YouTube,
)

_SIZE = 512
# The lists of names a layer has, each with those from which it takes the same name of
# a layer below.
_TAKES_FROM = {"allow": ("block",), "always": ("block",), "block": ("allow", "always")}


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds for a person or a band before exceptions, pauses and grants.

    windows: sorted by (kind, id).
    layers: sorted pairs of a setting and the layer that set it ("person:<id>",
    "band:<id>"). What nobody set is not among them, but for the fail mode, which then
    is of the layer "default". Settings are "fail_mode", "only",
    "packs", "safe_search", "youtube", "window:<id>", "access:<category or service>",
    and "allow:", "block:" or "always:" with a name.
    The rest is as in `Overrides`, sorted.
    """

    windows: tuple[Window, ...]
    fail_mode: FailMode
    layers: tuple[tuple[str, str], ...]
    access: tuple[tuple[str, Access], ...] = ()
    allow: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    only: bool = False
    packs: tuple[str, ...] = ()
    safe_search: bool = False
    youtube: YouTube = YouTube.OFF


def effective(household: Household, person: Person) -> Effective:
    """Return the profile of `person`: the band's defaults under the person's overrides.

    A person's window replaces the band's of the same id; `dropped` removes the band's,
    not the person's own. A name that a person allows leaves the band's blocked ones,
    and the other way round; `packs` stand in for the band's.
    A band the household does not have gives nothing, and an adult
    has none.
    """
    return _people(household.bands)(person)


def effective_band(household: Household, band_id: str) -> Effective:
    """Return the profile a band alone gives; without windows if it does not exist."""
    return _bands(household.bands)(band_id)


def _find(bands: tuple[Band, ...], band_id: str | None) -> Band | None:
    return next((b for b in bands if b.id == band_id), None)


@lru_cache(maxsize=_SIZE)
def _merge(layers: tuple[tuple[str, Overrides], ...]) -> Effective:
    """Lay the layers over each other, lowest first."""
    windows: dict[str, Window] = {}
    access: dict[str, Access] = {}
    names: dict[str, dict[str, str]] = {kind: {} for kind in _TAKES_FROM}
    single: dict[str, Any] = {
        "fail_mode": FailMode.NORMAL,
        "only": False,
        "packs": (),
        "safe_search": False,
        "youtube": YouTube.OFF,
    }
    origin = {"fail_mode": "default"}
    for name, says in layers:
        for window_id in says.dropped:
            if windows.pop(window_id, None):
                del origin[f"window:{window_id}"]
        for window in says.windows:
            windows[window.id] = window
            origin[f"window:{window.id}"] = name
        for label, said in says.access:
            access[label] = said
            origin[f"access:{label}"] = name
        for kind, others in _TAKES_FROM.items():
            for host in getattr(says, kind):
                for other in others:
                    names[other].pop(host, None)
                names[kind][host] = name
        for setting in single:
            if (value := getattr(says, setting)) is not None:
                single[setting] = value
                origin[setting] = name
    for kind, hosts in names.items():
        origin |= {f"{kind}:{host}": layer for host, layer in hosts.items()}
    ordered = tuple(sorted(windows.values(), key=lambda w: (w.kind, w.id)))
    return Effective(
        windows=_shared(ordered),
        layers=tuple(sorted(origin.items())),
        access=tuple(sorted(access.items())),
        allow=tuple(sorted(names["allow"])),
        block=tuple(sorted(names["block"])),
        always=tuple(sorted(names["always"])),
        **single,
    )


@lru_cache(maxsize=_SIZE)
def _shared(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """Return the same object for equal windows, so that they are compiled once."""
    return windows


def _for_people(bands: tuple[Band, ...]) -> Memo[Person, Effective]:
    def make(person: Person) -> Effective:
        own = (f"person:{person.id}", person.overrides)
        band = _find(bands, person.band)
        if band is None:
            return _merge((own,))
        return _merge(((f"band:{band.id}", band.defaults), own))

    return Memo(make, _SIZE)


def _for_bands(bands: tuple[Band, ...]) -> Memo[str, Effective]:
    def make(band_id: str) -> Effective:
        band = _find(bands, band_id)
        return _merge(((f"band:{band.id}", band.defaults),) if band else ())

    return Memo(make, _SIZE)


# Few generations of bands live at once: they change with the program, not the family.
_people: Memo[tuple[Band, ...], Memo[Person, Effective]] = Memo(_for_people, 4)
_bands: Memo[tuple[Band, ...], Memo[str, Effective]] = Memo(_for_bands, 4)
