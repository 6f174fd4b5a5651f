"""Decide for a device as a whole: walk the precedence table, give verdict and reason.

Pure: household, facts and the clock are arguments; the same call with another clock is
the preview and the explanation. Names and addresses are decided elsewhere by the same
table; what is decided here becomes the device's lease.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from guardian.core import precedence, schedule
from guardian.core.memo import Memo
from guardian.core.model import (
    Args,
    Decision,
    Device,
    Grant,
    Household,
    NewDevicePolicy,
    Pause,
    Person,
    ProtectionOff,
    Reason,
    Role,
    Verdict,
    Window,
    WindowException,
    WindowKind,
)
from guardian.core.profile import effective, effective_band

# Beyond this nothing is looked up: no lease is longer than a day, and a preview of a
# week is what a page shows.
HORIZON = timedelta(days=8)
_STRICTNESS = {Verdict.REFUSE: 0, Verdict.LIMIT: 1, Verdict.ALLOW: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the household's text does not say.

    clock_known: False until the system clock is known to be right.
    carried: while it is not, the instant (of the same unknown clock) to which each
    person's last open state may still last; absent means closed.
    """

    clock_known: bool = True
    carried: Mapping[str, datetime] = field(default_factory=dict)


Asked = Args | None
_Spell = Pause | Grant | ProtectionOff


@dataclass(frozen=True, slots=True)
class Step:
    """One row as it stood: did it apply, and with what (sorted pairs)."""

    row: str
    applies: bool
    args: Args = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The rules of one person, or of whoever stands in for an unknown device."""

    windows: tuple[Window, ...] = ()
    exceptions: tuple[WindowException, ...] = ()
    pauses: tuple[Pause, ...] = ()
    grants: tuple[Grant, ...] = ()
    off: ProtectionOff | None = None


Ask = Callable[[Subject, tuple[Window, ...], datetime], Asked]


def decide(
    household: Household, device: Device | None, facts: Facts, now: datetime
) -> Decision:
    """Return what holds for `device` (None: one nobody has assigned) at `now`.

    now: aware; `until` of the result is in the household's zone.
    Raises ValueError for a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("instant-without-zone")
    # Two datetimes of one ZoneInfo compare by their wall readings (PEP 495).
    now = now.astimezone(timezone.utc)
    if device is not None and is_exempt(household, device):
        return Decision(Verdict.ALLOW, Reason.EXEMPT)
    person = household.person(device.person) if device and device.person else None
    if person is None:
        return decide_new(household, facts, now)
    return decide_person(household, person, facts, now)


def is_exempt(household: Household, device: Device) -> bool:
    """Return whether the device is never judged: a thing, a router, an adult's."""
    if device.person is None:
        return device.exempt
    person = household.person(device.person)
    return person is not None and person.role is not Role.CHILD


def decide_person(
    household: Household, person: Person, facts: Facts, now: datetime
) -> Decision:
    """Return what holds for a child at `now`, on every device alike."""
    subject = subject_of(household, person)
    if not facts.clock_known:
        return _carried(household, subject, facts.carried.get(person.id), now)
    return _turning(household, subject, now)


def decide_new(
    household: Household,
    facts: Facts,
    now: datetime,
    children: Iterable[Decision] | None = None,
) -> Decision:
    """Return what holds for a device that nobody has assigned.

    children: what holds for each child, where the caller has decided it already.
    Under `ask` it gets the strictest of the new-device profile and of what holds for
    each child now: a changed MAC must not buy what its owner may not have.
    """
    off = switched_off(household, facts, now)
    if off is not None:
        after = decide_new(household, facts, off.until.astimezone(timezone.utc))
        turn = after.until if after.verdict is Verdict.ALLOW else off.until
        turn = turn.astimezone(household.zone) if turn is not None else None
        return Decision(Verdict.ALLOW, Reason.PROTECTION_OFF, turn, (("by", off.by),))
    policy = household.new_devices.policy
    args = (("policy", policy.value),)
    if not household.claimed or policy is NewDevicePolicy.ALLOW:
        return Decision(Verdict.ALLOW, Reason.NEW_DEVICE, None, args)
    if policy is NewDevicePolicy.BLOCK:
        return Decision(Verdict.REFUSE, Reason.NEW_DEVICE, None, args)
    if children is None:
        people = [p for p in household.people if p.role is Role.CHILD]
        children = [decide_person(household, p, facts, now) for p in people]
    found = list(children)
    if facts.clock_known:
        band = effective_band(household, household.new_devices.band)
        pauses = tuple(p for p in household.pauses if p.person is None)
        nobody = Subject(windows=band.windows, pauses=pauses, off=household.off)
        found.append(_turning(household, nobody, now))
    result = strictest(found)
    return Decision(result.verdict, Reason.NEW_DEVICE, result.until, args)


def switched_off(
    household: Household, facts: Facts, now: datetime
) -> ProtectionOff | None:
    """Return what switches protection off at `now`; None while it is on.

    By an unknown clock it is on: nobody could say when it must come back.
    """
    off = household.off
    if off is None or not facts.clock_known or not off.start <= now < off.until:
        return None
    return off


def strictest(decisions: list[Decision]) -> Decision:
    """Return one decision no milder than any: refuse before limit before allow.

    until: the first instant at which the result may turn. An allowed or limited one
    can as soon as any turns, a refused one not before all that refuse have turned.
    An empty list is refused: nobody vouches for the device.
    """
    if not decisions:
        return Decision(Verdict.REFUSE, Reason.NEW_DEVICE)
    low = min(_STRICTNESS[d.verdict] for d in decisions)
    equal = [d for d in decisions if _STRICTNESS[d.verdict] == low]
    verdict, reason, args = equal[0].verdict, equal[0].reason, equal[0].args
    if verdict is Verdict.REFUSE:
        ends = [d.until for d in equal if d.until is not None]
        last = max(ends, key=datetime.timestamp, default=None)
        return Decision(
            verdict, reason, last if len(ends) == len(equal) else None, args
        )
    ends = [d.until for d in decisions if d.until is not None]
    return Decision(
        verdict, reason, min(ends, key=datetime.timestamp, default=None), args
    )


def subject_of(household: Household, person: Person) -> Subject:
    """Return the rules that concern one child."""
    windows = effective(household, person).windows
    if not (household.exceptions or household.pauses or household.grants):
        return Subject(windows=windows, off=household.off)
    return Subject(
        windows=windows,
        off=household.off,
        exceptions=tuple(e for e in household.exceptions if e.person == person.id),
        pauses=tuple(p for p in household.pauses if p.person in (None, person.id)),
        grants=tuple(g for g in household.grants if g.person == person.id),
    )


def active_windows(
    household: Household, person: Person | None, now: datetime
) -> tuple[tuple[Window, ...], datetime | None]:
    """Return the windows active for a child, sorted by (kind, id), and when that turns.

    person: None for whoever has the new-device profile, whom no exception concerns.
    The instant, in the household's zone, is that of the next change of the set; None if
    there is none before the horizon. Raises ValueError for a naive `now`.
    """
    zone = household.zone
    if person is None:
        windows = effective_band(household, household.new_devices.band).windows
        exceptions: tuple[WindowException, ...] = ()
    else:
        windows = effective(household, person).windows
        exceptions = tuple(e for e in household.exceptions if e.person == person.id)
    line = schedule.timeline(
        windows, exceptions, household.calendar, zone, now, HORIZON
    )
    _, active = next(line)
    return active, next((at.astimezone(zone) for at, _ in line), None)


def steps(subject: Subject, active: tuple[Window, ...], at: datetime) -> Iterator[Step]:
    """Yield each device-level row in order, whether it applies or not."""
    for row, ask in _WALK:
        args = ask(subject, active, at)
        yield Step(row.id, args is not None, args or ())


def _first(
    subject: Subject, active: tuple[Window, ...], at: datetime
) -> tuple[precedence.Row, Args]:
    """Return the first row that applies; the last one always does."""
    if not subject.pauses and not subject.grants and subject.off is None:
        return _by_windows(active)
    return _walk(subject, active, at)


def _walk(
    subject: Subject, active: tuple[Window, ...], at: datetime
) -> tuple[precedence.Row, Args]:
    for row, ask in _WALK:
        args = ask(subject, active, at)
        if args is not None:
            return row, args
    raise AssertionError("the default row applies to all")


def _ask_off(subject: Subject, active: tuple[Window, ...], at: datetime) -> Asked:
    off = subject.off
    if off is None or not off.start <= at < off.until:
        return None
    return (("by", off.by),)


def _ask_pause(subject: Subject, active: tuple[Window, ...], at: datetime) -> Asked:
    pauses = [p for p in subject.pauses if p.start <= at < p.until]
    if not pauses:
        return None
    last = max(pauses, key=lambda p: (p.until.timestamp(), p.id))
    return (("by", last.by), ("pause", last.id))


def _ask_grant(subject: Subject, active: tuple[Window, ...], at: datetime) -> Asked:
    """A grant decides where it lifts every window that stands in the way."""
    grants = [g for g in subject.grants if g.start <= at < g.until]
    kinds = {w.kind.value for w in active if w.kind is not WindowKind.SITES}
    if not grants or not kinds or not kinds <= _lifted(grants):
        return None
    last = max(grants, key=lambda g: (g.until.timestamp(), g.id))
    return (("grant", last.id), ("why", last.why))


def _ask_window(kind: WindowKind) -> Ask:
    def ask(subject: Subject, active: tuple[Window, ...], at: datetime) -> Asked:
        for window in active:
            if window.kind is kind:
                grants = [g for g in subject.grants if g.start <= at < g.until]
                return None if kind in _lifted(grants) else (("window", window.id),)
        return None

    return ask


def _ask_nothing(subject: Subject, active: tuple[Window, ...], at: datetime) -> Asked:
    return None


def _ask_default(subject: Subject, active: tuple[Window, ...], at: datetime) -> Asked:
    return ()


def _lifted(grants: list[Grant]) -> set[str]:
    return {kind for grant in grants for kind in grant.lifts}


# No row asks for windows of kind `sites`: they say something of names only.
# `budget` is asked of usage, which nothing counts yet: no budget can be set either.
_ASK: dict[str, Ask] = {
    "protection-off": _ask_off,
    "pause": _ask_pause,
    "grant": _ask_grant,
    "bedtime": _ask_window(WindowKind.BEDTIME),
    "offline": _ask_window(WindowKind.OFFLINE),
    "homework": _ask_window(WindowKind.HOMEWORK),
    "budget": _ask_nothing,
    "default": _ask_default,
}
_WALK = tuple((row, _ASK[row.id]) for row in precedence.DEVICE_ROWS)
_ANY_TIME = datetime(1970, 1, 1, tzinfo=timezone.utc)
# Without pauses and grants the windows alone decide, at any time; `schedule` gives
# the same object for the same windows. 250 people with 14 windows each have 4,000 sets.
_by_windows: Memo[tuple[Window, ...], tuple[precedence.Row, Args]] = Memo(
    lambda active: _walk(Subject(), active, _ANY_TIME), 4096
)


def _turning(household: Household, subject: Subject, now: datetime) -> Decision:
    """Walk the table at `now`, then on to the first instant with another verdict."""
    found: precedence.Row | None = None
    why: Args = ()
    until = None
    zone = household.zone
    for at, active in moments(household, subject, now):
        row, args = _first(subject, active, at)
        if found is None:
            found, why = row, args
        elif row.verdict is not found.verdict:
            until = at.astimezone(zone)
            break
    assert found is not None and found.verdict is not None
    return Decision(found.verdict, found.reasons[0], until, why)


def moments(
    household: Household, subject: Subject, now: datetime
) -> Iterator[tuple[datetime, tuple[Window, ...]]]:
    """Return (instant, active windows) at `now` and wherever anything may change.

    Instants are aware, of any zone, up to the horizon. Raises ValueError for a naive
    `now`.
    """
    line = schedule.timeline(
        subject.windows,
        subject.exceptions,
        household.calendar,
        household.zone,
        now,
        HORIZON,
    )
    spans: tuple[_Spell, ...] = (*subject.pauses, *subject.grants)
    if subject.off is not None:
        spans = (*spans, subject.off)
    return _merge(line, spans, now) if spans else line


def _merge(
    line: Iterator[tuple[datetime, tuple[Window, ...]]],
    spans: tuple[_Spell, ...],
    now: datetime,
) -> Iterator[tuple[datetime, tuple[Window, ...]]]:
    """Yield what `line` does, in UTC, and the edges of `spans` in their places."""
    ends = {edge.astimezone(timezone.utc) for s in spans for edge in (s.start, s.until)}
    edges = sorted(edge for edge in ends if now < edge < now + HORIZON)
    active: tuple[Window, ...] = ()
    for at, windows in line:
        at_utc = at.astimezone(timezone.utc)
        while edges and edges[0] < at_utc:
            yield edges.pop(0), active
        if edges and edges[0] == at_utc:
            edges.pop(0)
        active = windows
        yield at_utc, active
    for edge in edges:
        yield edge, active


def _carried(
    household: Household, subject: Subject, until: datetime | None, now: datetime
) -> Decision:
    """Decide by an unknown clock: a pause told by it holds, else what was carried."""
    if until is None or until <= now:
        return Decision(Verdict.REFUSE, Reason.CLOCK_UNKNOWN)
    asked = _turning(household, Subject(pauses=subject.pauses), now)
    turn = asked.until
    if turn is not None and turn.timestamp() >= until.timestamp():
        turn = None
    if asked.verdict is Verdict.REFUSE:
        return replace(asked, until=turn)
    turn = (turn or until).astimezone(household.zone)
    return Decision(Verdict.ALLOW, Reason.CLOCK_UNKNOWN, turn)
