"""`python -m guardian.icalimport`: the days of an iCalendar file, as JSON.

Reads RFC 5545 text from stdin and writes {"days": [{first, last, name}], "skipped":
[{line, why}]}. A process of its own that ends at once: the parser is a library, the
text may be anybody's, and neither stays in the daemon. Only events of whole days count;
input, events and repetitions are bounded. Exit code 1 where there is no event at all.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

INPUT_MAX = 256 * 1024
EVENTS_MAX = 2000
# What a household's calendar takes (guardian.store.document).
DAYS_MAX = 1000
# Each is looked at day by day.
REPEATED_MAX = 200
# How far back and ahead of today days are taken, and what may repeat from.
BACK, AHEAD = timedelta(days=31), timedelta(days=731)
COUNTED_FROM = timedelta(days=3660)
LONGEST = timedelta(days=366)
NAME_MAX = 100
CPU_S, MEMORY = 10, 512 << 20

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Whatever else a rule says would make other days of it than we would.
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH"}
_KNOWN |= {"BYMONTHDAY"}


class Skip(Exception):
    """This event gives no days: why, as a stable code."""


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: whole days [first, last], and what repeats it."""

    line: int
    first: date
    last: date
    name: str
    uid: str
    rule: dict[str, list[Any]]
    without: frozenset[date]
    instead_of: date | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A repetition that is understood."""

    freq: str
    interval: int
    count: int | None
    until: date
    weekdays: frozenset[int]
    months: frozenset[int]
    monthdays: frozenset[int]


def main(argv: list[str] | None = None) -> int:
    """Read stdin, write JSON; 0 when there was an event, 1 when not."""
    parser = argparse.ArgumentParser(prog="guardian.icalimport", description=__doc__)
    parser.add_argument("--today", type=date.fromisoformat, required=True)
    parser.add_argument("--zone", type=ZoneInfo, required=True)
    args = parser.parse_args(argv)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    text = sys.stdin.buffer.read(INPUT_MAX + 1)
    if len(text) > INPUT_MAX:
        return 1
    found = days_of(text.decode("utf-8-sig", "replace"), args.today, args.zone)
    json.dump(found, sys.stdout)
    return 0 if found["days"] or found["skipped"] else 1


def days_of(text: str, today: date, zone: ZoneInfo) -> dict[str, list[dict[str, Any]]]:
    """Return the days of a text, sorted, and what was left out; never raises.

    Instants are read by the clock of `zone`, but those that name a zone by their own.
    """
    skipped: list[dict[str, Any]] = []
    events: list[Event] = []
    for number, (line, block) in enumerate(_blocks(text)):
        try:
            if number >= EVENTS_MAX:
                raise Skip("too-many")
            events.append(_event(line, block, zone))
        except Skip as why:
            skipped.append({"line": line, "why": str(why)})
            if number >= EVENTS_MAX:
                break
    moved = {(e.uid, e.instead_of) for e in events if e.instead_of is not None}
    days: dict[tuple[date, date, str], None] = {}
    repeated = 0
    for event in events:
        try:
            repeated += bool(event.rule)
            if event.rule and repeated > REPEATED_MAX:
                raise Skip("too-many")
            begun = [
                first
                for first in _firsts(event, today)
                if event.rule == {} or (event.uid, first) not in moved
            ]
            if len(days) + len(begun) > DAYS_MAX:
                raise Skip("too-many")
            for first in begun:
                days[first, first + (event.last - event.first), event.name] = None
        except Skip as why:
            skipped.append({"line": event.line, "why": str(why)})
    return {
        "days": [
            {"first": first.isoformat(), "last": last.isoformat(), "name": name}
            for first, last, name in sorted(days)
        ],
        "skipped": sorted(skipped, key=lambda s: int(s["line"])),
    }


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number of its first line, text) of each event; alarms in it are left out.

    Each is read by itself, so that one that cannot be read costs no other.
    """
    begun, inner = 0, 0
    block: list[str] = []
    # RFC 5545 3.1 ends lines with CRLF; files that people made have any end.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        word = line.strip().upper()
        if word == "BEGIN:VEVENT":
            begun, inner, block = number, 0, [line.strip()]
        elif not begun:
            continue
        elif word == "END:VEVENT":
            yield begun, "\r\n".join([*block, "END:VEVENT", ""])
            begun = 0
        elif word.startswith("BEGIN:"):
            inner += 1
        elif word.startswith("END:"):
            inner = max(0, inner - 1)
        elif not inner:
            block.append(line)
    if begun:
        yield begun, ""


def _event(line: int, block: str, zone: ZoneInfo) -> Event:
    """Return what a block says; Skip where it makes no whole days."""
    # Here, since reading a text without any event needs none of it.
    from icalendar import Event as Parsed

    try:
        found: Any = Parsed.from_ical(block)
        if str(found.get("STATUS", "")).upper() == "CANCELLED":
            raise Skip("cancelled")
        if "RDATE" in found:
            raise Skip("repetition-not-understood")
        start = found["DTSTART"].dt
        if "DTEND" in found:
            end = found["DTEND"].dt
        elif "DURATION" in found:
            end = start + found["DURATION"].dt
        else:
            end = start + timedelta(days=1)
        first, after = _whole_day(start, zone), _whole_day(end, zone)
        recurrence = found.get("RECURRENCE-ID")
        rule = found.get("RRULE") or {}
        made = Event(
            line=line,
            first=first,
            # RFC 5545 3.6.1: the end of an event of dates is not part of it.
            last=max(first, after - timedelta(days=1)),
            name=_name(str(found.get("SUMMARY", ""))),
            uid=str(found.get("UID", "")),
            rule={str(key).upper(): list(rule[key]) for key in rule},
            without=frozenset(_excluded(found.get("EXDATE"), zone)),
            instead_of=None if recurrence is None else _date(recurrence.dt, zone),
        )
    except Skip:
        raise
    except Exception as error:
        # A foreign parser on foreign text: whatever it trips over, the next event is
        # read all the same.
        raise Skip("unreadable") from error
    if made.last - made.first > LONGEST:
        raise Skip("too-long")
    return made


def _whole_day(when: Any, zone: ZoneInfo) -> date:
    """Return the date that an event begins or ends with; Skip within a day."""
    if isinstance(when, datetime):
        local = _local(when, zone)
        if (local.hour, local.minute, local.second) != (0, 0, 0):
            raise Skip("not-whole-days")
        return local.date()
    if not isinstance(when, date):
        raise Skip("unreadable")
    return when


def _date(when: Any, zone: ZoneInfo) -> date:
    return _local(when, zone).date() if isinstance(when, datetime) else when


def _local(when: datetime, zone: ZoneInfo) -> datetime:
    """Return a time by the clock it was written for: UTC is the home's, in disguise."""
    return when.astimezone(zone) if str(when.tzinfo) == "UTC" else when


def _excluded(value: Any, zone: ZoneInfo) -> Iterator[date]:
    for group in value if isinstance(value, list) else [value] if value else []:
        for item in group.dts:
            yield _date(item.dt, zone)


def _name(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text[: 4 * NAME_MAX])
    return " ".join(clean.split())[:NAME_MAX].strip()


def _firsts(event: Event, today: date) -> list[date]:
    """Return the first days of an event and its repetitions, near enough to today."""
    length = event.last - event.first
    earliest, latest = today - BACK, today + AHEAD
    if not event.rule:
        if event.last < earliest:
            raise Skip("over")
        if event.first > latest:
            raise Skip("too-far")
        return [event.first]
    try:
        rule = _rule(event.rule, event.first, latest)
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
        raise Skip("repetition-not-understood") from None
    found = [
        day
        for day in _repeated(event.first, rule, earliest - length, latest)
        if day + length >= earliest and day not in event.without
    ]
    if not found:
        raise Skip("over")
    return found


def _rule(said: dict[str, list[Any]], start: date, latest: date) -> Rule:
    """Return a rule that is understood; ValueError for any other."""
    if set(said) - _KNOWN:
        raise ValueError
    freq = str(said["FREQ"][0]).upper()
    count = int(said["COUNT"][0]) if "COUNT" in said else None
    interval = int(said.get("INTERVAL", [1])[0])
    until = latest
    if "UNTIL" in said:
        ends = said["UNTIL"][0]
        until = min(ends.date() if isinstance(ends, datetime) else ends, latest)
    # Numbers before a weekday ("the second Monday") are not understood: ValueError.
    weekdays = frozenset(_WEEKDAYS.index(str(d).upper()) for d in said.get("BYDAY", []))
    months = frozenset(int(m) for m in said.get("BYMONTH", []))
    monthdays = frozenset(int(d) for d in said.get("BYMONTHDAY", []))
    if freq not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY") or interval < 1:
        raise ValueError
    if weekdays and freq not in ("DAILY", "WEEKLY"):
        raise ValueError
    if monthdays and (freq not in ("MONTHLY", "YEARLY") or min(monthdays) < 1):
        raise ValueError
    if count is not None and start < latest - AHEAD - COUNTED_FROM:
        # Which of so many it is now would take long to count.
        raise ValueError
    return Rule(freq, interval, count, until, weekdays, months, monthdays)


def _repeated(start: date, rule: Rule, earliest: date, latest: date) -> Iterator[date]:
    """Yield the days on which a rule begins an event anew, up to `latest`."""
    day = start if rule.count is not None else max(start, earliest)
    left = rule.count
    while day <= min(rule.until, latest) and left != 0:
        # RFC 5545 3.8.5.3: the start is the first of them, whatever the rule says.
        if day == start or _matches(day, start, rule):
            left = None if left is None else left - 1
            yield day
        day += timedelta(days=1)


def _matches(day: date, start: date, rule: Rule) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.freq == "DAILY":
        if rule.weekdays and day.weekday() not in rule.weekdays:
            return False
        return (day - start).days % rule.interval == 0
    if rule.freq == "WEEKLY":
        monday = start - timedelta(days=start.weekday())
        if (day - monday).days // 7 % rule.interval:
            return False
        return day.weekday() in (rule.weekdays or {start.weekday()})
    if day.day not in (rule.monthdays or {start.day}):
        return False
    if rule.freq == "MONTHLY":
        months = 12 * (day.year - start.year) + day.month - start.month
        return months % rule.interval == 0
    if not rule.months and day.month != start.month:
        return False
    return (day.year - start.year) % rule.interval == 0


if __name__ == "__main__":
    sys.exit(main())
