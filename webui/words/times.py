"""Times and durations as people read them, in the household's zone and 12/24 h form."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import g, has_request_context

from webui.i18n import gettext, mark, ngettext

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS = (
    mark("Monday"),
    mark("Tuesday"),
    mark("Wednesday"),
    mark("Thursday"),
    mark("Friday"),
    mark("Saturday"),
    mark("Sunday"),
)
_SHORT = (
    mark("Mon"),
    mark("Tue"),
    mark("Wed"),
    mark("Thu"),
    mark("Fri"),
    mark("Sat"),
    mark("Sun"),
)
_MONTHS = (
    mark("January"),
    mark("February"),
    mark("March"),
    mark("April"),
    mark("May"),
    mark("June"),
    mark("July"),
    mark("August"),
    mark("September"),
    mark("October"),
    mark("November"),
    mark("December"),
)


def instant(text: str) -> datetime:
    """Return the aware datetime of an ISO 8601 text; ValueError otherwise."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"instant-without-zone: {text[:40]}")
    return found


def clock24() -> bool:
    """Return whether this household reads 20:30, and not 8:30 pm."""
    return bool(getattr(g, "clock24", True)) if has_request_context() else True


def clock(moment: str | datetime) -> str:
    """Return the time of day: "20:30", or "8:30 pm" where the household says so."""
    at = instant(moment) if isinstance(moment, str) else moment
    if clock24():
        return f"{at.hour:02d}:{at.minute:02d}"
    hour, text = at.hour % 12 or 12, f"{at.minute:02d}"
    if at.hour < 12:
        return gettext("%(hour)s:%(minute)s am", hour=hour, minute=text)
    return gettext("%(hour)s:%(minute)s pm", hour=hour, minute=text)


def minutes_clock(minute: int) -> str:
    """Return the time of day of a minute after midnight; 1440 is the next midnight."""
    day = datetime(2000, 1, 1) + timedelta(minutes=minute)
    return clock(day)


def hour(number: int) -> str:
    """Return a full hour, short enough for the axis of a picture: "18", or "6 pm"."""
    at = number % 24
    if clock24():
        return str(at)
    if at < 12:
        return gettext("%(hour)s am", hour=at or 12)
    return gettext("%(hour)s pm", hour=at % 12 or 12)


def weekday(day: date, *, short: bool = False) -> str:
    """Return a date's day of the week."""
    return gettext((_SHORT if short else _WEEKDAYS)[day.weekday()])


def short_weekday(index: int) -> str:
    """Return the short name of a weekday, Monday is 0."""
    return gettext(_SHORT[index])


def day(moment: str | date, now: str | date) -> str:
    """Return a date as seen from another: "today", "tomorrow", "Friday", "12 May"."""
    on, today = _date(moment), _date(now)
    ahead = (on - today).days
    if ahead in (-1, 0, 1):
        return (gettext("yesterday"), gettext("today"), gettext("tomorrow"))[ahead + 1]
    if 1 < ahead < 7:
        return weekday(on)
    return gettext(
        "%(day)s %(month)s", day=on.day, month=gettext(_MONTHS[on.month - 1])
    )


def date_of(moment: str | date) -> str:
    """Return a date in full: "4 March 2026"."""
    on = _date(moment)
    return gettext(
        "%(day)s %(month)s %(year)s",
        day=on.day,
        month=gettext(_MONTHS[on.month - 1]),
        year=on.year,
    )


def until(moment: str, now: str) -> str:
    """Return an end as people say it: "18:30" today, else with its day."""
    on = instant(moment)
    ahead = (on.date() - instant(now).date()).days
    hour = clock(on)
    # At night "06:30" is the coming morning, and needs no day.
    if ahead == 0 or (ahead == 1 and on.hour < 12):
        return hour
    return gettext("%(day)s, %(time)s", day=day(moment, now), time=hour)


def span(seconds: float) -> str:
    """Return a duration: "less than a minute", "45 min", "1 h 10 min", "3 days"."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return gettext("less than a minute")
    if minutes < 60:
        return gettext("%(minutes)s min", minutes=minutes)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        days = hours // 24
        return ngettext("%(num)s day", "%(num)s days", days)
    if not rest:
        return gettext("%(hours)s h", hours=hours)
    return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def left(end: str, now: str) -> str:
    """Return how long something lasts yet: "1 min 40 s" below an hour, else a span."""
    seconds = max(0, int((instant(end) - instant(now)).total_seconds()))
    if seconds >= 3600:
        return span(seconds)
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return gettext("%(seconds)s s", seconds=rest)
    return gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)


def ago(moment: str, now: str) -> str:
    """Return how long ago it was: "just now", "4 min ago", "yesterday, 20:10"."""
    passed = (instant(now) - instant(moment)).total_seconds()
    if passed < 60:
        return gettext("just now")
    if passed < 6 * 3600:
        return gettext("%(span)s ago", span=span(passed))
    return gettext("%(day)s, %(time)s", day=day(moment, now), time=clock(moment))


def _date(value: str | date) -> date:
    if isinstance(value, str):
        return instant(value).date()
    return value.date() if isinstance(value, datetime) else value
