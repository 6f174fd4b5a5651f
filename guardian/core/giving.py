"""What a parent's yes to a request does to the household. Pure.

Time becomes a grant that lifts the windows it runs into, and never a pause: that is a
parent's own stop, and only resuming ends it. A site becomes an allow, for good or until
an end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from guardian.core import changes, schedule
from guardian.core.decide import subject_of
from guardian.core.errors import GuardianError
from guardian.core.model import LIFTS, Household, Person, WindowKind
from guardian.core.requests import MINUTES_MAX, Kind, Request, day_end

HOUR = 60
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Given:
    """The household after a yes. until, minutes: None for what has no end.

    gave: id of the grant or opened site that was made, "" for a name on a list.
    """

    household: Household
    until: datetime | None = None
    minutes: int | None = None
    gave: str = ""


def give(
    household: Household, request: Request, what: int | str, *, by: str, now: datetime
) -> Given:
    """Give what a child asked for.

    what: minutes from now (1-1440), "1h", or "bedtime" (the next one's start, within a
    day); for a site also "tonight" (the day change) or "always".
    Raises GuardianError: "bad-argument", "pause-holds" with the pause's end,
    "no-bedtime-ahead", and those of `guardian.core.changes`.
    """
    person = changes.find_child(household, request.person)
    if request.kind is Kind.SITE:
        assert request.site is not None
        return _site(household, person, request.site, what, by, now)
    return _time(household, person, what, by, now)


def _time(
    household: Household, person: Person, what: int | str, by: str, now: datetime
) -> Given:
    for pause in household.pauses:
        if pause.person in (None, person.id) and pause.start <= now < pause.until:
            ends = pause.until.astimezone(household.zone)
            raise GuardianError("pause-holds", ends.isoformat())
    minutes = _minutes(what)
    if minutes is not None:
        span = timedelta(minutes=minutes)
        lifts = in_the_way(household, person, now, now + span)
        until = changes.grant_end(household, person, span, now, lifts)
    elif what == "bedtime":
        until = _bedtime(household, person, now)
        minutes = max(1, (until - now) // _MINUTE)
    else:
        raise GuardianError("bad-argument", "give")
    lifts = in_the_way(household, person, now, until)
    changed, made = changes.grant(
        household, person, until=until, lifts=lifts, by=by, now=now
    )
    return Given(changed, until, minutes, made.id)


def _site(
    household: Household,
    person: Person,
    site: str,
    what: int | str,
    by: str,
    now: datetime,
) -> Given:
    if what == "always":
        rest = (o for o in household.opened if (o.person, o.name) != (person.id, site))
        household = replace(household, opened=tuple(rest))
        changed = changes.list_names(household, person, [site], "allow", frozenset())
        return Given(changed)
    ends: dict[int | str, Callable[[Household, Person, datetime], datetime]] = {
        "bedtime": _bedtime,
        "tonight": lambda household, person, now: day_end(household, now),
    }
    minutes = _minutes(what)
    if minutes is not None:
        until = now + timedelta(minutes=minutes)
    elif what in ends:
        until = ends[what](household, person, now)
        minutes = max(1, (until - now) // _MINUTE)
    else:
        raise GuardianError("bad-argument", "give")
    changed, made = changes.open_site(
        household, person, site, until=until, by=by, now=now
    )
    return Given(changed, until, minutes, made.id)


def in_the_way(
    household: Household, person: Person, start: datetime, until: datetime
) -> tuple[str, ...]:
    """Return which kinds a grant must lift to open a stretch of time, sorted.

    A stretch without any window is open already: then all, as other grants do.
    """
    subject = subject_of(household, person)
    rest = (subject.windows, subject.exceptions, household.calendar, household.zone)
    kinds = {
        window.kind.value
        for _, active in schedule.timeline(*rest, start, until - start)
        for window in active
        if window.kind is not WindowKind.SITES
    }
    return tuple(sorted(kinds)) or LIFTS


def _bedtime(household: Household, person: Person, now: datetime) -> datetime:
    """Return the start of the next bedtime; during one there is none to wait for."""
    subject = subject_of(household, person)
    rest = (subject.windows, subject.exceptions, household.calendar, household.zone)
    kinds = frozenset({WindowKind.BEDTIME})
    active = {window.kind for window in schedule.active(*rest, now)}
    start = None
    if not kinds & active:
        start = schedule.next_closed(*rest, kinds, now, _DAY)
    if start is None:
        raise GuardianError("no-bedtime-ahead")
    return start.astimezone(timezone.utc)


def _minutes(what: int | str) -> int | None:
    """Return how many minutes are meant, None for a word."""
    if what == "1h":
        return HOUR
    if type(what) is int:
        if not 0 < what <= MINUTES_MAX:
            raise GuardianError("bad-argument", "give")
        return what
    return None
