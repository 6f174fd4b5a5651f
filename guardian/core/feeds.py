"""The catalogue of lists that a router may fetch, as frozen values; and when to fetch.

What a list means, how its names match and what it may be used for come from here and
never from the list. Instants and chance are arguments; nothing here opens anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# Ids name files: PROJECT-NAME.
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9_]+)+\Z")
_URL = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?/[!-~]*\Z")
RETRY_FIRST = timedelta(minutes=15)
# A tenth of the time, so that the routers of a country do not all come at once.
JITTER = 0.1


class Verdict(StrEnum):
    """Whether a list may be in a package, or each router must fetch it for itself."""

    SHIP = "ship"
    URL_ONLY = "url-only"


class Use(StrEnum):
    """What a list is for: a category, or names known to be popular (a guard)."""

    LABEL = "label"
    POPULAR = "popular"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """One list of the catalogue.

    id: its first word names the project; two lists of one project are one voice.
    suffix: names match with all below them. suffix_ok: public suffixes are meant.
    allow: it names what is wanted. entries: the band of its size, both included.
    bytes_max: of the text, unpacked. default: fetched unless called off.
    file: where it stands in a folder of lists, for the package build.
    Raises ValueError("code: detail").
    """

    id: str
    title: str
    url: str
    homepage: str
    licence: str
    verdict: Verdict
    entries: tuple[int, int]
    bytes_max: int
    every: timedelta
    category: str = ""
    use: Use = Use.LABEL
    format: str = "domains"
    allow: bool = False
    suffix: bool = True
    suffix_ok: bool = False
    default: bool = False
    attribution: str = ""
    note: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        if not _ID.match(self.id):
            raise ValueError(f"bad-id: {self.id[:80]}")
        if not _URL.match(self.url):
            raise ValueError(f"bad-url: {self.url[:80]}")
        if bool(self.category) is (self.use is Use.POPULAR):
            raise ValueError(f"bad-category: {self.category[:80]}")
        if not 0 < self.entries[0] <= self.entries[1]:
            raise ValueError(f"bad-band: {self.entries}")
        if self.every < timedelta(hours=1) or self.bytes_max < 1:
            raise ValueError(f"bad-limit: {self.id}")
        if self.default and self.verdict is not Verdict.SHIP:
            # What nobody chose must not bring a licence with it.
            raise ValueError(f"default-not-free: {self.id}")

    @property
    def project(self) -> str:
        """Return whose list it is, as one word."""
        return project_of(self.id)


def project_of(source: str) -> str:
    """Return the project that a source's id names."""
    return source.partition("-")[0]


def next_try(
    spec: FeedSpec, now: datetime, *, failures: int, chance: float
) -> datetime:
    """Return when to ask for a list again.

    failures: in a row, 0 after a success; each doubles the wait, up to the usual one.
    chance: 0 to 1; spreads the moment by a tenth.
    """
    wait = spec.every
    if failures:
        wait = min(wait, RETRY_FIRST * 2 ** min(failures - 1, 16))
    return now + wait * (1 + JITTER * (2 * chance - 1))


def is_due(spec: FeedSpec, when: datetime | None, now: datetime) -> bool:
    """Say whether the moment that `next_try` gave has come.

    One that lies too far ahead was taken from a clock that was wrong.
    """
    return when is None or when <= now or when > now + spec.every * (1 + 2 * JITTER)
