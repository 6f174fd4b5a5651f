"""Day types: which kind of day a date is for a household.

The week gives every date a type; runs of dates (holidays, a trip, one odd Monday)
override it. Pure: no clock, no zone; a date is the household's local date.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from guardian.core.errors import GuardianError
from guardian.core.model import Calendar, CalendarDay, check_id

# What a document takes (guardian.store.document).
DAYS_MAX = 1000


def day_type(calendar: Calendar, day: date) -> str:
    """Return the day type of `day`: the shortest run that holds it, else the weekday's.

    Of equally short runs the one that begins later wins, then the day type that is
    first in the alphabet, so that the order of storage never decides.
    """
    found: CalendarDay | None = None
    for run in calendar.days:
        if run.first <= day <= run.last and (
            found is None or _narrower(run) < _narrower(found)
        ):
            found = run
    return calendar.week[day.weekday()] if found is None else found.day_type


def _narrower(run: CalendarDay) -> tuple[int, int, str]:
    return (run.last - run.first).days, -run.first.toordinal(), run.day_type


def add_days(calendar: Calendar, days: Iterable[CalendarDay]) -> Calendar:
    """Return the calendar with runs that it has not yet, in order of their dates.

    Raises GuardianError("too-many-days").
    """
    known = {(d.first, d.last, d.day_type): d for d in calendar.days}
    for day in days:
        known.setdefault((day.first, day.last, day.day_type), day)
    if len(known) > DAYS_MAX:
        raise GuardianError("too-many-days", f"at most {DAYS_MAX}")
    return replace(calendar, days=tuple(known[key] for key in sorted(known)))


def drop_day(calendar: Calendar, first: date, last: date, day_type: str) -> Calendar:
    """Return the calendar without a run; GuardianError("no-such-day") without it."""
    wanted = (first, last, day_type)
    kept = tuple(d for d in calendar.days if (d.first, d.last, d.day_type) != wanted)
    if len(kept) == len(calendar.days):
        raise GuardianError("no-such-day", f"{first} {last} {day_type}"[:80])
    return replace(calendar, days=kept)


def set_week(calendar: Calendar, week: Iterable[str]) -> Calendar:
    """Return the calendar with seven day types, Monday first; ValueError otherwise."""
    return replace(calendar, week=tuple(check_id(day) for day in week))
