"""Explain a decision: the same pure core with another clock, row by row.

Used for "why" and for previews before saving. It decides nothing of its own: the
decision in it is `decide`'s, and a test holds the two together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from guardian.core import schedule
from guardian.core.calendar import day_type
from guardian.core.decide import Facts, Step, decide, is_exempt, steps, subject_of
from guardian.core.model import Decision, Device, Household
from guardian.core.profile import effective


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a device stands as it does at an instant.

    day_type: of the date; night: of the next one, by which an evening's bedtime goes.
    steps: every device-level row in order; empty where no row was asked (an exempt or
    unassigned device, an unknown clock: the decision's reason says which).
    layers: (setting, layer that set it), e.g. ("window:bedtime", "band:10-12").
    """

    at: datetime
    decision: Decision
    day_type: str
    night: str
    steps: tuple[Step, ...] = ()
    layers: tuple[tuple[str, str], ...] = ()


def explain(
    household: Household, device: Device | None, facts: Facts, at: datetime
) -> Explanation:
    """Return the decision for `device` at `at` with the rows that led to it."""
    decision = decide(household, device, facts, at)
    # Two datetimes of one ZoneInfo compare by their wall readings (PEP 495).
    at = at.astimezone(timezone.utc)
    local = at.astimezone(household.zone)
    today = local.date()
    kind = day_type(household.calendar, today)
    night = day_type(household.calendar, today + timedelta(days=1))
    person = household.person(device.person) if device and device.person else None
    if (
        device is None
        or person is None
        or is_exempt(household, device)
        or not facts.clock_known
    ):
        return Explanation(at=local, decision=decision, day_type=kind, night=night)
    subject = subject_of(household, person)
    active = schedule.active(
        subject.windows, subject.exceptions, household.calendar, household.zone, at
    )
    return Explanation(
        at=local,
        decision=decision,
        day_type=kind,
        night=night,
        steps=tuple(steps(subject, active, at)),
        layers=effective(household, person).layers,
    )
