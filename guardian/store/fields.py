"""Take a document apart: typed fields, each fault a `Problem` with its place.

A `Node` is one JSON object with the words that lead to it. A field that cannot be read
gives the caller's default, which must be the safe one, and is remembered in `bad`. A
list's unreadable entry is remembered in `Findings.skipped`, so that the store can keep
it word for word. Values are read by functions that raise ValueError("code: detail").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from enum import StrEnum
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from guardian.core.errors import Problem
from guardian.core.hostnames import parse_host
from guardian.core.model import DAY, check_id, check_language, check_name, shorten
from guardian.store.minutes import parse_clock

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Path = tuple[str | int, ...]

TEXT_MAX = 200
# A megabyte of nonsense holds 150,000 faults; nobody reads more than these.
PROBLEMS_MAX = 500
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})\Z"
)
_MONTH = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])\Z")
_COUNTRY = re.compile(r"([A-Z]{2})?\Z")


@dataclass(slots=True)
class Findings:
    """What was wrong with a document so far, and which list items were left out.

    count: how many problems there were, also beyond those that are kept.
    """

    problems: list[Problem] = field(default_factory=list)
    skipped: set[Path] = field(default_factory=set)
    count: int = 0

    def add(self, place: str, code: str, detail: str = "") -> None:
        """Note a problem; an empty place is the document as a whole."""
        self.count += 1
        if self.count <= PROBLEMS_MAX:
            self.problems.append(Problem(place or "household", code, detail))
        elif self.count == PROBLEMS_MAX + 1:
            self.problems.append(Problem("household", "more-problems"))

    def refused(self, place: str, error: ValueError) -> None:
        """Note a ValueError("code: detail")."""
        code, _, detail = str(error).partition(": ")
        self.add(place, code, shorten(detail))


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list before it is read."""

    raw: object
    place: str
    path: Path


class Node:
    """One JSON object of the document."""

    def __init__(
        self,
        findings: Findings,
        item: Item,
        known: frozenset[str],
    ) -> None:
        self.findings = findings
        self.place = item.place
        self.path = item.path
        self.bad: set[str] = set()
        self._value: dict[str, object] = {}
        if not isinstance(item.raw, dict):
            findings.add(item.place, "not-an-object", shorten(item.raw))
            self.readable = False
            return
        self.readable = True
        self._value = item.raw
        for key in sorted(set(item.raw) - known):
            findings.add(item.place, "unknown-field", shorten(key))
        for key in sorted(getattr(item.raw, "twice", ())):
            findings.add(self.at(key), "duplicate-field")
            self.bad.add(key)

    def at(self, key: str) -> str:
        """Return the words for a field."""
        key = shorten(key)
        return f"{self.place} / {key}" if self.place else key

    def has(self, key: str) -> bool:
        """Return whether the field was written, readable or not."""
        return key in self._value

    def take(self, key: str, read: Callable[[object], T], default: T) -> T:
        """Return a field that may be absent."""
        if key not in self._value or key in self.bad:
            return default
        try:
            return read(self._value[key])
        except ValueError as error:
            self.findings.refused(self.at(key), error)
            self.bad.add(key)
            return default

    def need(self, key: str, read: Callable[[object], T]) -> T | None:
        """Return a field that must be there; None, with a problem, if it is not."""
        if key not in self._value:
            self.findings.add(self.at(key), "missing")
            self.bad.add(key)
        return self.take(key, read, None)

    def node(self, key: str, known: frozenset[str]) -> Node:
        """Return a field that is an object; an absent one is empty."""
        if key in self.bad:
            return Node(self.findings, Item({}, self.at(key), ()), known)
        raw = self._value.get(key, {})
        return Node(self.findings, Item(raw, self.at(key), (*self.path, key)), known)

    def items(self, key: str, most: int) -> list[Item]:
        """Return the entries of a field that is a list, at most `most` of them."""
        raw: list[object] = self.take(key, as_list, [])
        if len(raw) > most:
            self.findings.add(self.at(key), "too-many", f"{len(raw)}, at most {most}")
            self.bad.add(key)
            self.findings.skipped |= {
                (*self.path, key, i) for i in range(most, len(raw))
            }
        return [
            Item(entry, f"{self.at(key)}[{i}]{_label(entry)}", (*self.path, key, i))
            for i, entry in enumerate(raw[:most])
        ]

    def each(
        self, key: str, most: int, read: Callable[[object], T]
    ) -> Iterator[tuple[Item, T]]:
        """Yield the readable entries of a list of plain values."""
        for item in self.items(key, most):
            try:
                yield item, read(item.raw)
            except ValueError as error:
                self.findings.refused(item.place, error)
                self.findings.skipped.add(item.path)
                self.bad.add(key)

    def fields(
        self, key: str, most: int, read: Callable[[object], T]
    ) -> Iterator[tuple[str, str, T]]:
        """Yield (place, id, value) of the readable fields of an object, by id."""
        raw: dict[str, object] = self.take(key, as_object, {})
        if len(raw) > most:
            self.findings.add(self.at(key), "too-many", f"{len(raw)}, at most {most}")
            self.bad.add(key)
        for name in sorted(raw)[:most]:
            place = f"{self.at(key)} / {shorten(name)}"
            try:
                if name in getattr(raw, "twice", ()):
                    raise ValueError("duplicate-field")
                yield place, as_id(name), read(raw[name])
            except ValueError as error:
                self.findings.refused(place, error)
                self.bad.add(key)


def _label(entry: object) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return f" ({shorten(name)})" if isinstance(name, str) and name else ""


def as_list(value: object) -> list[object]:
    """Return a list."""
    if not isinstance(value, list):
        raise ValueError(f"not-a-list: {shorten(value)}")
    return value


def as_object(value: object) -> dict[str, object]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise ValueError(f"not-an-object: {shorten(value)}")
    return value


def as_bool(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"not-true-or-false: {shorten(value)}")
    return value


def as_id(value: object) -> str:
    """Return an id."""
    if not isinstance(value, str):
        raise ValueError(f"bad-id: {shorten(value)}")
    return check_id(value)


def as_host(value: object) -> str:
    """Return a host name in the form of the rules."""
    if not isinstance(value, str):
        raise ValueError(f"bad-hostname: {shorten(value)}")
    return parse_host(value)


def as_name(value: object) -> str:
    """Return a name that a person gave."""
    if not isinstance(value, str):
        raise ValueError(f"not-text: {shorten(value)}")
    return check_name(value)


def as_text(value: object) -> str:
    """Return a line of printable text, possibly empty."""
    if not isinstance(value, str):
        raise ValueError(f"not-text: {shorten(value)}")
    if len(value) > TEXT_MAX:
        raise ValueError(f"text-too-long: {len(value)} characters, at most {TEXT_MAX}")
    if not value.isprintable():
        raise ValueError("text-unprintable")
    return value


@cache
def one_of(choices: type[E], code: str) -> Callable[[object], E]:
    """Return a reader of an enumeration's values; `code` is the problem otherwise."""

    by_value = {choice.value: choice for choice in choices}

    def read(value: object) -> E:
        if not isinstance(value, str) or value not in by_value:
            raise ValueError(f"{code}: {shorten(value)}")
        return by_value[value]

    return read


def as_date(value: object) -> date:
    """Return the date of "2026-12-24"."""
    if isinstance(value, str) and _DATE.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"bad-date: {shorten(value)}")


def as_instant(value: object) -> datetime:
    """Return the instant, in UTC, of an ISO 8601 text with its offset, 2000 to 2199."""
    if isinstance(value, str) and _INSTANT.match(value):
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            # The rim of datetime's range has no reading in another zone.
            if 1999 <= when.year <= 2200:
                when = when.astimezone(timezone.utc)
                if 2000 <= when.year < 2200:
                    return when
    raise ValueError(f"bad-instant: {shorten(value)}")


def as_month(value: object) -> tuple[int, int]:
    """Return (year, month) of "2014-05"."""
    match = _MONTH.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"bad-birth: {shorten(value)}")
    return int(match[1]), int(match[2])


def as_country(value: object) -> str:
    """Return an ISO 3166 two-letter code, or the empty text."""
    if not isinstance(value, str) or not _COUNTRY.match(value):
        raise ValueError(f"bad-country: {shorten(value)}")
    return value


def as_language(value: object) -> str:
    """Return the tag of a language."""
    if not isinstance(value, str):
        raise ValueError(f"bad-language: {shorten(value)}")
    return check_language(value)


def as_day_change(value: object) -> int:
    """Return the minutes of "04:00", within the day."""
    minutes = parse_clock(value)
    if minutes >= DAY:
        raise ValueError(f"bad-day-change: {shorten(value)}")
    return minutes


def as_timezone(value: object) -> str:
    """Return the name of a time zone that this system knows."""
    try:
        if not isinstance(value, str) or len(value) > 64:
            raise ValueError
        ZoneInfo(value)
    except (ValueError, KeyError, OSError):
        # KeyError: no such zone; ValueError: a path or no zone file; OSError: a folder.
        raise ValueError(f"unknown-timezone: {shorten(value)}") from None
    return str(value)
