"""Help lines from the program's own file, for when the daemon cannot tell of them.

Read at the first need and kept: the page of help must open whatever else is broken.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from guardian.core.floor import Floor, HelpEntry
from guardian.store.data import load_floor

Json = dict[str, Any]
EVERYWHERE = "EU"


@lru_cache(maxsize=1)
def _floor() -> Floor:
    return load_floor()


def helplines(country: str, language: str, today: date) -> list[Json]:
    """Return the help of a country and of all countries, as the verb `me` shows it.

    country: ISO 3166 code; "" where nobody knows it, then what is for all countries.
    today: numbers that were not checked for too long are left out, sites stay.
    Raises StoreError for a damaged file.
    """
    entries = _floor().for_country(country or EVERYWHERE)
    return [_line(entry, language, today) for entry in entries]


def elsewhere(language: str, today: date) -> list[Json]:
    """Return the help of every single country, with its code as `country`."""
    return [
        {**_line(entry, language, today), "country": entry.country}
        for entry in _floor().entries
        if entry.country != EVERYWHERE
    ]


def _line(entry: HelpEntry, language: str, today: date) -> Json:
    names = dict(entry.name)
    name = names.get(language) or names.get("en") or entry.name[0][1]
    return {
        "name": name,
        "code": entry.kind.value,
        "phone": [phone.display for phone in entry.phones_on(today)],
        "url": f"https://{entry.domains[0].names()[-1]}",
        "hours": entry.hours,
    }
