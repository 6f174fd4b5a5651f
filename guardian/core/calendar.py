"""Day types: which kind of day a date is for a household.

The week gives every date a type; runs of dates (holidays, a trip, one odd Monday)
override it. Pure: no clock, no zone; a date is the household's local date.
"""

from datetime import date

from guardian.core.model import Calendar, CalendarDay


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
