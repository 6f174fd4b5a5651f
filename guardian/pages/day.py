"""What the coming day brings a child, and the picture of a week.

A day is told in stretches, each with its decision by the same pure core: a preview is
the same with another household. A week shows the windows as they stand on their dates.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from guardian.core import schedule
from guardian.core.calendar import day_type
from guardian.core.decide import Facts, decide_person, moments, subject_of
from guardian.core.model import Decision, Household, Person
from guardian.core.profile import effective
from guardian.views import decision_view

Json = dict[str, Any]
AHEAD = timedelta(days=1)


def day_view(
    household: Household, person: Person, facts: Facts, now: datetime
) -> list[Json]:
    """Return a child's stretches of the coming 24 hours: kinds active, decision.

    By an unknown clock nothing can be foretold: one stretch, to what is carried.
    """
    zone, end = household.zone, now.astimezone(timezone.utc) + AHEAD
    if not facts.clock_known:
        decision = decide_person(household, person, facts, now)
        until = decision.until or end
        return [_stretch(household, now, until, (), decision)]
    found: list[tuple[datetime, tuple[str, ...], Decision]] = []
    for at, active in moments(household, subject_of(household, person), now):
        at_utc = at.astimezone(timezone.utc)
        if at_utc >= end:
            break
        kinds = tuple(sorted({window.kind.value for window in active}))
        decision = decide_person(household, person, facts, at_utc)
        if not found or _differs(found[-1], kinds, decision):
            found.append((at_utc, kinds, decision))
    ends = [at for at, _, _ in found[1:]] + [end]
    return [
        _stretch(household, at.astimezone(zone), until, kinds, decision)
        for (at, kinds, decision), until in zip(found, ends, strict=True)
    ]


def _differs(
    last: tuple[datetime, tuple[str, ...], Decision],
    kinds: tuple[str, ...],
    decision: Decision,
) -> bool:
    _, before, held = last
    return (kinds, decision.verdict, decision.reason, decision.args) != (
        before,
        held.verdict,
        held.reason,
        held.args,
    )


def _stretch(
    household: Household,
    at: datetime,
    until: datetime,
    kinds: tuple[str, ...],
    decision: Decision,
) -> Json:
    zone = household.zone
    return {
        "from": at.astimezone(zone).isoformat(),
        "until": until.astimezone(zone).isoformat(),
        "kinds": list(kinds),
        "decision": decision_view(decision, household),
    }


def next_view(
    household: Household, person: Person, facts: Facts, decision: Decision
) -> Json | None:
    """Return what comes when a decision's verdict turns; None if nothing in sight."""
    if decision.until is None or not facts.clock_known:
        return None
    at = decision.until.astimezone(timezone.utc)
    after = decide_person(household, person, facts, at)
    return {
        "at": decision.until.astimezone(household.zone).isoformat(),
        "reason": after.reason.value,
        "verdict": after.verdict.value,
    }


def week_view(household: Household, person: Person, now: datetime) -> list[Json]:
    """Return the seven dates of this week, Monday first, with what starts on each.

    start_min, end_min: wall-clock minutes after the date's midnight; an end past 1440
    lies on the next date.
    """
    today = now.astimezone(household.zone).date()
    monday = today - timedelta(days=today.weekday())
    windows = effective(household, person).windows
    exceptions = tuple(e for e in household.exceptions if e.person == person.id)
    return [
        {
            "date": date.isoformat(),
            "day_type": day_type(household.calendar, date),
            "spans": [
                {
                    "start_min": start,
                    "end_min": end,
                    "kind": window.kind.value,
                    "id": window.id,
                }
                for window, start, end in schedule.on_date(
                    windows, exceptions, household.calendar, date
                )
            ],
        }
        for date in (monday + timedelta(days=n) for n in range(7))
    ]
