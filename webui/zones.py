"""Time zones and countries to choose from, and a guess of where a home is.

The zones and the country of each are those of the IANA database's zone.tab, as the
package tzdata ships it. Country names are sentences of ours, so that they translate.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from webui.i18n import mark

UTC = "UTC"
# ISO 3166-1 codes for which help lines are known, and their names.
COUNTRIES = {
    "AT": mark("Austria"),
    "AU": mark("Australia"),
    "BE": mark("Belgium"),
    "BR": mark("Brazil"),
    "CA": mark("Canada"),
    "CH": mark("Switzerland"),
    "CZ": mark("Czechia"),
    "DE": mark("Germany"),
    "DK": mark("Denmark"),
    "EE": mark("Estonia"),
    "ES": mark("Spain"),
    "FR": mark("France"),
    "GB": mark("United Kingdom"),
    "GR": mark("Greece"),
    "IE": mark("Ireland"),
    "IN": mark("India"),
    "IT": mark("Italy"),
    "JP": mark("Japan"),
    "LT": mark("Lithuania"),
    "NL": mark("Netherlands"),
    "NZ": mark("New Zealand"),
    "PL": mark("Poland"),
    "PT": mark("Portugal"),
    "RO": mark("Romania"),
    "SE": mark("Sweden"),
    "SI": mark("Slovenia"),
    "US": mark("United States"),
    "ZA": mark("South Africa"),
}
# Where a language without a country is spoken first of all.
_HOME_OF = {"de": "DE", "fr": "FR", "it": "IT", "es": "ES", "nl": "NL", "pl": "PL"}
_HOME_OF |= {"da": "DK", "sv": "SE", "cs": "CZ", "el": "GR", "ja": "JP", "pt": "PT"}


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[str, str], ...]:
    text = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line[:1] != "#")
    return tuple((row[2], row[0]) for row in rows if len(row) > 2)


def zones() -> list[tuple[str, list[str]]]:
    """Return (continent, zones of it), both sorted; UTC has no continent."""
    found: dict[str, list[str]] = {}
    for zone, _ in _table():
        found.setdefault(zone.partition("/")[0], []).append(zone)
    return [("", [UTC]), *((name, sorted(found[name])) for name in sorted(found))]


def is_zone(text: str) -> bool:
    """Say whether it is one of the zones to choose from."""
    return text == UTC or any(zone == text for zone, _ in _table())


def country_of(zone: str) -> str | None:
    """Return the country of a zone where its help lines are known, else None."""
    for name, country in _table():
        if name == zone:
            return country if country in COUNTRIES else None
    return None


def guess(accepted: str, router: str) -> str:
    """Return the zone a home is probably in.

    accepted: an Accept-Language header. router: the zone the router was given; a
    router that was given none says UTC. A country of several zones: the table's first.
    """
    if router != UTC and is_zone(router):
        return router
    for part in accepted[:200].split(","):
        language, _, region = part.partition(";")[0].strip().partition("-")
        country = region.upper() or _HOME_OF.get(language.lower(), "")
        for zone, where in _table():
            if where == country:
                return zone
    return router if is_zone(router) else UTC
