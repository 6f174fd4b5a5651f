"""From decisions to set elements: who has a lease and until when. Pure.

A wish says what the kernel's sets should hold; `diff` compares wishes with what the
kernel was last told and yields the smallest change; `elements_text` writes all of it
for a first load. Times are seconds of one monotonic clock: a wall-clock step cannot
move a lease.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from guardian.compile.sets import BY_NAME, INET, NETDEV, TABLE
from guardian.core.decide import (
    Facts,
    decide_new,
    decide_person,
    strictest,
    switched_off,
)
from guardian.core.model import (
    LEASE_MAX_S,
    Decision,
    FailMode,
    Household,
    Reason,
    Verdict,
)
from guardian.core.profile import effective

# A strict profile closes this long after the daemon has died.
STRICT_HORIZON_S = 90.0
STRICT_RENEW_S = 30.0
NORMAL_RENEW_S = 3600.0
# Below this two instants are the same: NTP slews by at most 500 ppm, so a boundary
# hours away is renewed every few minutes at worst.
SAME_S = 0.05
# A timer that is due to the second may renew at once.
STRICT_SLACK_S = STRICT_RENEW_S - SAME_S
# A redirect to a dead port would be a black hole: it ends this long after whoever
# answers there was last known to live, which is asked every 5 s.
FRONT_LEASE_S = 60.0
FRONT_RENEW_S = 15.0
# Help stays reachable for a day after the daemon has gone; renewed hourly.
FLOOR_S = 24 * 3600.0

Key = tuple[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class Wish:
    """One element that should be there.

    ends: monotonic seconds at which it must be gone; None: stays.
    slack: how much earlier an applied end may be before it is renewed, seconds.
    """

    ends: float | None = None
    slack: float = SAME_S


_STAYS = Wish()
# The sets whose every element is a wish; others (`reach`, `cut`) are filled elsewhere.
_OURS = (
    "permit",
    "exempt",
    "managed",
    "open_unknown",
    "floor4",
    "floor6",
    "dnsport",
    "dnsnew",
    "dnsall",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything the sets should hold, and the decisions behind it.

    people: person id -> decision for children; unknown: for devices nobody assigned;
    open_until: person id -> monotonic second to which an open state lasts;
    closed: MACs judged and without a lease; opened: MACs with one.
    turns: the earliest instant at which any decision changes, None if none in sight.
    """

    wishes: dict[Key, Wish] = field(default_factory=dict)
    people: dict[str, Decision] = field(default_factory=dict)
    open_until: dict[str, float] = field(default_factory=dict)
    macs: dict[str, Decision] = field(default_factory=dict)
    unknown: Decision
    turns: datetime | None
    strict: bool = False


def plan(
    household: Household,
    facts: Facts,
    now: datetime,
    mono: float,
    *,
    floor: Mapping[str, float] | None = None,
    candidates: Mapping[str, tuple[str, ...]] | None = None,
    ports: tuple[str, ...] = (),
    front: Mapping[str, int] | None = None,
    front_ends: float = 0.0,
) -> Plan:
    """Return what the kernel should hold at `now`.

    mono: monotonic seconds at the same moment. floor: address -> monotonic end.
    candidates: unassigned MAC -> ids of people whose device it may be.
    ports: judged bridge ports; a hook there sees the port's name, not the bridge's.
    front: MAC -> port at which its questions are answered until the monotonic second
    front_ends; "" for all unassigned ones.
    """
    people: dict[str, Decision] = {}
    open_until: dict[str, float] = {}
    leases: dict[str, Wish | None] = {}
    listed: set[str] = set()
    strict, seconds = False, now.timestamp()
    off = switched_off(household, facts, now)
    # In allow-list mode a device reaches what its answers opened, and no more, but as
    # long as protection is off.
    free = mono + off.until.timestamp() - seconds if off is not None else None
    for person in household.people:
        if person.band is not None:
            decision = decide_person(household, person, facts, now)
            profile = effective(household, person)
            mode = profile.fail_mode
            people[person.id] = decision
            end = _open_until(decision, seconds, mono)
            if end is not None:
                open_until[person.id] = end
            strict = strict or mode is FailMode.STRICT
            if profile.only:
                listed.add(person.id)
                end = _earlier(end, free)
            leases[person.id] = _lease(end, mode, mono)
    unknown = decide_new(household, facts, now, people.values())
    adults = {p.id for p in household.people if p.band is None}
    wishes: dict[Key, Wish] = {}
    macs: dict[str, Decision] = {}
    for device in household.devices:
        if device.exempt or device.person in adults:
            for mac in device.macs:
                wishes[("exempt", (mac,))] = _STAYS
                # The first question of every chain: one look-up, not two.
                wishes[("permit", (mac,))] = _STAYS
        elif device.person is not None and device.person in people:
            decision = people[device.person]
            lease = leases[device.person]
            for mac in device.macs:
                macs[mac] = decision
                wishes[("managed", (mac,))] = _STAYS
                if lease is not None:
                    wishes[("permit", (mac,))] = lease
    for mac, owners in sorted((candidates or {}).items()):
        decision = strictest([people[o] for o in owners if o in people] + [unknown])
        reason = Reason.NEW_DEVICE if off is None else decision.reason
        macs[mac] = Decision(decision.verdict, reason, decision.until)
        wishes[("managed", (mac,))] = _STAYS
        end = _open_until(decision, seconds, mono)
        if listed & set(owners):
            end = _earlier(end, free)
        lease = _lease(end, FailMode.NORMAL, mono)
        if lease is not None:
            wishes[("permit", (mac,))] = lease
    lease = _lease(_open_until(unknown, seconds, mono), FailMode.NORMAL, mono)
    if lease is not None:
        for name in (*household.network.lan, *ports):
            wishes[("open_unknown", (name,))] = lease
    for address, ends in (floor or {}).items():
        name = "floor6" if ":" in address else "floor4"
        wishes[(name, (address,))] = Wish(min(ends, mono + FLOOR_S), NORMAL_RENEW_S)
    answered = Wish(front_ends, FRONT_RENEW_S)
    for mac, port in (front or {}).items() if front_ends > mono else ():
        if not mac:
            for name in household.network.lan:
                wishes[("dnsnew", (name, port))] = answered
        elif ("managed", (mac,)) in wishes:
            wishes[("dnsport", (mac, port))] = answered
    untils = [d.until for d in (*people.values(), unknown) if d.until is not None]
    # What is open by its names alone turns then, though many a verdict does not.
    untils += [off.until] if off is not None else []
    return Plan(
        wishes=wishes,
        people=people,
        open_until=open_until,
        macs=macs,
        unknown=unknown,
        turns=min(untils, key=datetime.timestamp, default=None),
        strict=strict,
    )


def _open_until(decision: Decision, now: float, mono: float) -> float | None:
    """Return the monotonic end of an open state, at most a day ahead; None if closed.

    now: POSIX seconds at the moment `mono`.
    """
    if decision.verdict is not Verdict.ALLOW:
        return None
    left = float(LEASE_MAX_S)
    if decision.until is not None:
        left = min(decision.until.timestamp() - now, left)
    return mono + left if left > 0 else None


def _earlier(end: float | None, free: float | None) -> float | None:
    """Return the earlier of two ends; None, closed, where either is."""
    return None if end is None or free is None else min(end, free)


def _lease(end: float | None, mode: FailMode, mono: float) -> Wish | None:
    """Return the lease of an open state: to its end, or to the mode's horizon."""
    if end is None:
        return None
    horizon, renew = float(LEASE_MAX_S), NORMAL_RENEW_S
    if mode is FailMode.STRICT:
        horizon, renew = STRICT_HORIZON_S, STRICT_SLACK_S
    return Wish(end) if end < mono + horizon else Wish(mono + horizon, renew)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to tell the kernel: elements to set anew (with their ends), and to drop."""

    renew: tuple[tuple[Key, float | None], ...] = ()
    drop: tuple[Key, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.renew or self.drop)


def diff(applied: Mapping[Key, float | None], wishes: Mapping[Key, Wish]) -> Changes:
    """Return the smallest change from what the kernel holds to what it should hold.

    An applied end later than wished is always brought forward; an earlier one is
    renewed once it is more than the wish's slack too early.
    """
    renew = [
        (key, wish.ends)
        for key, wish in wishes.items()
        if key not in applied or _differs(applied[key], wish)
    ]
    drop = [key for key in applied if key not in wishes]
    return Changes(tuple(renew), tuple(drop))


def _differs(ends: float | None, wish: Wish) -> bool:
    if ends is None or wish.ends is None:
        return ends is not wish.ends
    return not wish.ends - wish.slack <= ends <= wish.ends + SAME_S


def elements_text(
    wishes: Mapping[Key, Wish], mono: float, *, egress: bool = True
) -> str:
    """Return nft text that makes our sets hold exactly `wishes`.

    Sets filled by others (`reach`, `cut`) are left alone.
    """
    by_set: dict[str, list[str]] = {name: [] for name in _OURS}
    for (name, values), wish in sorted(wishes.items()):
        left = None if wish.ends is None else wish.ends - mono
        if left is not None and left < 0.001:
            continue
        spec = BY_NAME[name]
        text = " . ".join(
            f'"{value}"' if kind == "ifname" else str(value)
            for kind, value in zip(spec.types, values)
        )
        if left is not None:
            text += f" timeout {int(left * 1000)}ms"
        if spec.value:
            text += f" : {values[-1]}"
        by_set[name].append(text)
    lines = []
    for family in (INET, NETDEV) if egress else (INET,):
        for name, elements in by_set.items():
            if family not in BY_NAME[name].families:
                continue
            kind = "map" if BY_NAME[name].value else "set"
            lines.append(f"flush {kind} {family} {TABLE} {name}")
            if elements:
                lines.append(
                    f"add element {family} {TABLE} {name} {{ {', '.join(elements)} }}"
                )
    return "\n".join(lines) + "\n"


def families_of(set_name: str, *, egress: bool = True) -> tuple[str, ...]:
    """Return the tables in which a set must be changed together."""
    families = BY_NAME[set_name].families
    return families if egress else tuple(f for f in families if f == INET)
