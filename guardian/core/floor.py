"""Help that is always reachable: helplines and hotlines, as frozen values.

Level 1 of the order of precedence: no rule, list or state may block these names, and
nothing may count or log them. Names are exact; there is no wildcard, since a whole
help-desk provider would be a tunnel. The file behind it is `profiles/floor.json`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# The hotline network stands in for a country without an entry of its own.
FALLBACK_ID = "inhope"
# 112 holds in the Union by Directive (EU) 2018/1972, art. 109; in the others by their
# own plans. ITU-T E.161.1 names 112 and 911 as the two numbers of emergency.
_112 = frozenset(
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL "
    "PT RO SE SI SK".split()
)
_911 = frozenset({"CA", "US"})
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,47}\Z")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# RFC 1035, section 2.3.4: 253 characters of text, 63 a label; two labels at least.
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")


def emergency_number(country: str) -> str | None:
    """Return what to dial in an emergency; None where nobody has checked it.

    Without a country it is 112, which every mobile telephone knows (3GPP TS 22.101).
    """
    if country in _911:
        return "911"
    return "112" if not country or country in _112 else None


class HelpKind(StrEnum):
    """What a service of help is for; the values are those of the data file."""

    CHILD_HELPLINE = "child_helpline"
    CRISIS_LINE = "crisis_line"
    CSAM_HOTLINE = "csam_hotline"
    POLICE_REPORT = "police_report"
    TAKEDOWN = "takedown"
    MISSING_CHILD = "missing_child"
    LGBT_YOUTH = "lgbt_youth"
    DOMESTIC_ABUSE = "domestic_abuse"
    EATING_DISORDER = "eating_disorder"


class Grade(StrEnum):
    """How well a fact is known.

    A: two or more independent public listings agree, or the operator's own page says
    so. B: one listing. C: none yet.
    """

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Domain:
    """An exact host name; www: the same with "www." before it belongs to it."""

    name: str
    grade: Grade
    www: bool = False

    def __post_init__(self) -> None:
        if len(self.name) > 249 or not _NAME.match(self.name):
            raise ValueError(f"bad-domain: {self.name[:80]}")

    def names(self) -> tuple[str, ...]:
        """Return the exact names, one or two."""
        return (self.name, f"www.{self.name}") if self.www else (self.name,)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is dialled. e164: its international form, None if not known."""

    display: str
    grade: Grade
    e164: str | None = None
    national_only: bool = True

    def __post_init__(self) -> None:
        # A wrong number is worse than none.
        if self.grade is not Grade.A:
            raise ValueError(f"phone-not-verified: {self.display[:80]}")
        if not re.match(r"[0-9][0-9 -]{1,18}\Z", self.display):
            raise ValueError(f"bad-phone: {self.display[:80]}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from; None where nobody has looked yet.

    address: a page; checked: when a person opened it; by: that person's initials.
    """

    basis: str
    address: str | None = None
    checked: date | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpEntry:
    """One service of help.

    country: ISO 3166 code, or "EU" for many; name: (language, text) pairs.
    expires: from that day on the phone is hidden and the site kept.
    """

    id: str
    country: str
    kind: HelpKind
    name: tuple[tuple[str, str], ...]
    expires: date
    operator: str = ""
    audience: str = ""
    hours: str = ""
    languages: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    sms: str | None = None
    domains: tuple[Domain, ...] = ()
    chat_hosts: tuple[Domain, ...] = ()
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.match(self.id):
            raise ValueError(f"bad-id: {self.id[:80]}")
        if not _COUNTRY.match(self.country):
            raise ValueError(f"bad-country: {self.country[:80]}")
        if not self.name or not all(text.strip() for _, text in self.name):
            raise ValueError(f"name-empty: {self.id}")
        if not self.domains:
            raise ValueError(f"help-without-site: {self.id}")

    def phones_on(self, day: date) -> tuple[Phone, ...]:
        """Return the numbers that may be shown on a day; none once they are stale."""
        return self.phones if day < self.expires else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """All help there is. Entries are sorted by (country, id); ids are unique."""

    released: date
    entries: tuple[HelpEntry, ...]

    def __post_init__(self) -> None:
        keys = [(entry.country, entry.id) for entry in self.entries]
        if keys != sorted(keys):
            raise ValueError("floor-unsorted")
        if len({entry.id for entry in self.entries}) != len(keys):
            raise ValueError("duplicate-id: floor")

    def names(self) -> tuple[str, ...]:
        """Return every name that must always resolve and connect, sorted, once each."""
        return tuple(
            sorted(
                {
                    name
                    for entry in self.entries
                    for domain in (*entry.domains, *entry.chat_hosts)
                    for name in domain.names()
                }
            )
        )

    def for_country(self, country: str) -> tuple[HelpEntry, ...]:
        """Return the help of a country and of all countries, the country's first.

        A country without an entry gets what is for all; where nothing takes reports of
        illegal content, the hotline network is among it.
        """
        own = [entry for entry in self.entries if entry.country == country]
        wide = [e for e in self.entries if e.country == "EU" and e not in own]
        if any(entry.kind is HelpKind.CSAM_HOTLINE for entry in own):
            wide = [entry for entry in wide if entry.id != FALLBACK_ID]
        return (*own, *wide)
