"""Times as people type them: "22:00", "morning", "15m", or an ISO 8601 instant.

Pure: the clock and the household come in as arguments.
"""

import re
from datetime import datetime, time, timedelta, timezone

from guardian.core import schedule
from guardian.core.decide import subject_of
from guardian.core.model import Household, Person, WindowKind, shorten

_DURATION = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m(?:in)?)?\Z")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\Z")
# A pause or grant that lasts longer than this is a rule, and belongs in the profile.
SPAN_MAX = timedelta(days=7)
MORNING = 7 * 60
# Well inside datetime's range, so that every zone's reading exists.
YEAR_MAX = 9000


def parse_duration(text: str) -> timedelta:
    """Return a positive duration ("15m", "1h", "1h30m"); ValueError with the text."""
    match = _DURATION.match(text.strip().lower())
    if not match or not text.strip():
        raise ValueError(f"bad-duration: {shorten(text)}")
    span = timedelta(hours=int(match[1] or 0), minutes=int(match[2] or 0))
    if not timedelta(0) < span <= SPAN_MAX:
        raise ValueError(f"bad-duration: {shorten(text)}")
    return span


def parse_clock(text: str) -> int:
    """Return "21:30" as minutes after midnight, 0-1440; ValueError with the text."""
    match = _CLOCK.match(text.strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not 0 <= minutes <= 1440:
        raise ValueError(f"bad-time: {shorten(text)}")
    return minutes


def parse_instant(text: str, household: Household) -> datetime:
    """Return an ISO 8601 instant, UTC; one without an offset is the home's local time.

    Raises ValueError with the text, also for a year outside 1970-9000.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"bad-time: {shorten(text)}") from None
    if not 1970 <= when.year < YEAR_MAX:
        raise ValueError(f"bad-time: {shorten(text)}")
    if when.tzinfo is None:
        when = when.replace(tzinfo=household.zone)
    return when.astimezone(timezone.utc)


def parse_until(
    text: str, household: Household, person: Person | None, now: datetime
) -> datetime:
    """Return the instant that "22:00", "morning", "bedtime" or an ISO time means, UTC.

    "22:00": the next time the home's clock reads it. "morning": the end of the next (or
    present) bedtime, 07:00 without one. "bedtime": the start of the next one.
    Raises ValueError for anything else, and for an instant that is not ahead.
    """
    word = text.strip().lower()
    if word == "morning":
        return morning(household, person, now)
    if word == "bedtime":
        start = _bedtime(household, person, now)
        if start is None:
            raise ValueError("no-bedtime-ahead")
        return start.astimezone(timezone.utc)
    if _CLOCK.match(word):
        return next_reading(parse_clock(word), household, now)
    when = parse_instant(text, household)
    if not now < when <= now + SPAN_MAX:
        raise ValueError(f"not-ahead-within-7-days: {shorten(text)}")
    return when


def morning(household: Household, person: Person | None, now: datetime) -> datetime:
    """Return when the present bedtime or the one within a day ends, UTC.

    Without one the next 07:00 local: "until the morning" never means days.
    """
    if person is not None:
        subject = subject_of(household, person)
        rest = (subject.windows, subject.exceptions, household.calendar, household.zone)
        kinds = frozenset({WindowKind.BEDTIME})
        start: datetime | None = now
        if not any(w.kind is WindowKind.BEDTIME for w in schedule.active(*rest, now)):
            start = schedule.next_closed(*rest, kinds, now, timedelta(days=1))
        end = schedule.next_open(*rest, kinds, start) if start is not None else None
        if end is not None:
            return end.astimezone(timezone.utc)
    return next_reading(MORNING, household, now)


def _bedtime(
    household: Household, person: Person | None, now: datetime
) -> datetime | None:
    if person is None:
        return None
    subject = subject_of(household, person)
    rest = (subject.windows, subject.exceptions, household.calendar, household.zone)
    kinds = frozenset({WindowKind.BEDTIME})
    start: datetime | None = now
    if any(w.kind is WindowKind.BEDTIME for w in schedule.active(*rest, now)):
        start = schedule.next_open(*rest, kinds, now)
    return schedule.next_closed(*rest, kinds, start) if start is not None else None


def next_reading(minutes: int, household: Household, now: datetime) -> datetime:
    """Return the next instant at which the home's wall clock reads `minutes`."""
    midnight = datetime.combine(now.astimezone(household.zone), time())
    readings = (
        midnight + timedelta(days=day, minutes=minutes)
        for day in (0, 1)  # The one of tomorrow is ahead in any case.
    )
    # A doubled reading comes twice (PEP 495); for a skipped one fold 0 gives what is as
    # far after the gap, which is later than what fold 1 gives.
    instants = (
        reading.replace(tzinfo=household.zone, fold=fold).astimezone(timezone.utc)
        for reading in readings
        for fold in (0, 1)
    )
    return next(when for when in instants if when > now)
