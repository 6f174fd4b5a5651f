"""From the household to what each device's questions are judged by. Pure.

One port is one device; equal rules are said once and shared. The snapshot is what the
answering process gets, as JSON (`guardian.front`): it never sees the household.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any

from guardian.compile.ruleset import SINKHOLE4, SINKHOLE6
from guardian.compile.plan import Plan
from guardian.core.decide import active_windows
from guardian.core.model import (
    Access,
    Args,
    Decision,
    Household,
    NewDevicePolicy,
    Opened,
    Person,
    Reason,
    Verdict,
    Window,
    YouTube,
)
from guardian.core.naming import NameRules
from guardian.core.profile import Effective, effective, effective_band

Json = dict[str, Any]
# The order of YouTube's modes, the strictest last.
_MODES = tuple(YouTube)


def rules_to_json(rules: NameRules) -> Json:
    """Return rules as plain JSON values; names sorted, equal rules give equal text."""
    state = rules.state
    return {
        "state": {
            "verdict": state.verdict.value,
            "reason": state.reason.value,
            "until": state.until.isoformat() if state.until else None,
            "args": [list(pair) for pair in state.args],
        },
        "allow": sorted(rules.allow),
        "block": sorted(rules.block),
        "always": sorted(rules.always),
        "only": rules.only,
        "packs": sorted(rules.packs),
        "access": [[label, access.value] for label, access in rules.access],
        "safe_search": rules.safe_search,
        "youtube": rules.youtube.value,
    }


def rules_from_json(value: Json) -> NameRules:
    """Return what `rules_to_json` wrote; KeyError, ValueError, TypeError if not."""
    state = value["state"]
    args: Args = tuple((str(key), str(said)) for key, said in state["args"])
    until = state["until"]
    return NameRules(
        state=Decision(
            Verdict(state["verdict"]),
            Reason(state["reason"]),
            datetime.fromisoformat(until) if until else None,
            args,
        ),
        allow=frozenset(value["allow"]),
        block=frozenset(value["block"]),
        always=frozenset(value["always"]),
        only=bool(value["only"]),
        packs=frozenset(value["packs"]),
        access=tuple((str(label), Access(said)) for label, said in value["access"]),
        safe_search=bool(value["safe_search"]),
        youtube=YouTube(value["youtube"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePlan:
    """What the answering process is told.

    devices: MAC -> rules; "" stands for all devices nobody has assigned.
    refusal: "nxdomain" or "sinkhole"; upstreams: ADDRESS#PORT of the router's resolver.
    own: names that pass to it in every state. addresses: the router's on the LAN, which
    the names of its pages are answered with. limit: questions a second, burst.
    turns: the instant at which time alone changes something here, None if none.
    """

    devices: Mapping[str, NameRules]
    refusal: str = "nxdomain"
    upstreams: tuple[str, ...] = ()
    page4: str = SINKHOLE4
    page6: str = SINKHOLE6
    own: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    limit: tuple[int, int] = (200, 400)
    turns: datetime | None = None


def name_plan(
    household: Household,
    plan: Plan,
    now: datetime,
    *,
    candidates: Mapping[str, tuple[str, ...]] | None = None,
    upstreams: tuple[str, ...] = (),
    own: tuple[str, ...] = (),
    addresses: tuple[str, ...] = (),
) -> NamePlan:
    """Return what every judged device's questions are judged by at `now`.

    plan: of the same household and moment. candidates: as there. upstreams: found ones,
    which the household's own replace.
    """
    rules: dict[str, NameRules] = {}
    turns: list[datetime] = []
    for person in household.people:
        if person.id in plan.people:
            windows, turn = active_windows(household, person, now)
            profile = effective(household, person)
            state = plan.people[person.id]
            opened = opened_sites(household, person, state, now)
            rules[person.id] = rules_of(
                profile, windows, state, frozenset(o.name for o in opened)
            )
            turns += [turn] if turn is not None else []
            turns += [o.until for o in opened]
    windows, turn = active_windows(household, None, now)
    band = effective_band(household, household.new_devices.band)
    nobody = rules_of(band, windows, plan.unknown)
    turns += [turn] if turn is not None else []
    devices: dict[str, NameRules] = {}
    for device in household.devices:
        if device.person in rules and not device.exempt:
            devices |= {mac: rules[device.person] for mac in device.macs}
    for mac, owners in sorted((candidates or {}).items()):
        if mac in plan.macs and mac not in devices:
            held = [rules[o] for o in owners if o in rules] or [nobody]
            devices[mac] = strictest_rules(held, plan.macs[mac])
    if plan.unknown.reason is Reason.PROTECTION_OFF and household.off is not None:
        turns.append(household.off.until)
    devices[""] = _unknown(household, plan.unknown, nobody, rules.values())
    return NamePlan(
        devices=dict(sorted(devices.items())),
        refusal=household.names.refusal.value,
        upstreams=household.names.resolvers or upstreams,
        own=own,
        addresses=addresses,
        turns=min(turns, key=datetime.timestamp, default=None),
    )


def opened_sites(
    household: Household, person: Person, state: Decision, now: datetime
) -> tuple[Opened, ...]:
    """Return what is open for a child at `now`; nothing where nobody knows the time."""
    if state.reason is Reason.CLOCK_UNKNOWN:
        return ()
    at = now.timestamp()
    return tuple(
        o
        for o in household.opened
        if o.person == person.id and at < o.until.timestamp()
    )


def rules_of(
    profile: Effective,
    windows: Iterable[Window],
    state: Decision,
    opened: frozenset[str] = frozenset(),
) -> NameRules:
    """Return the rules of a profile with these windows active.

    opened: names allowed for a while; what blocks the very name gives way meanwhile.
    While protection is off there are no rules.
    """
    if state.reason is Reason.PROTECTION_OFF:
        return NameRules(state=state)
    blocks = {label: Access.BLOCK for window in windows for label in window.blocks}
    return NameRules(
        state=state,
        allow=frozenset(profile.allow) | opened,
        block=frozenset(profile.block) - opened,
        always=frozenset(profile.always),
        only=profile.only,
        packs=frozenset(profile.packs),
        access=tuple(sorted((dict(profile.access) | blocks).items())),
        safe_search=profile.safe_search,
        youtube=profile.youtube,
    )


def strictest_rules(rules: Sequence[NameRules], state: Decision) -> NameRules:
    """Return rules that allow no name which any of `rules` (one at least) refuses."""
    return reduce(
        lambda a, b: _stricter(a, b, state), rules[1:], replace(rules[0], state=state)
    )


def _stricter(one: NameRules, other: NameRules, state: Decision) -> NameRules:
    """Return what both allow. Names allowed by one are dropped where the other's lists
    might refuse them; of two allow-lists only what stands in both is left."""
    mine, theirs = dict(one.access), dict(other.access)
    access = {}
    for label in mine.keys() | theirs.keys():
        said = {mine.get(label), theirs.get(label)}
        if Access.BLOCK in said:
            access[label] = Access.BLOCK
        elif len(said) == 1:
            # What only one says to be open must not pass the other's category.
            access[label] = mine[label]
    if one.only and other.only:
        packs = one.packs & other.packs
    else:
        packs = one.packs if one.only else other.packs
    return NameRules(
        state=state,
        allow=one.allow & other.allow,
        block=one.block | other.block,
        always=one.always & other.always,
        only=one.only or other.only,
        packs=packs,
        access=tuple(sorted(access.items())),
        safe_search=one.safe_search or other.safe_search,
        youtube=max(one.youtube, other.youtube, key=_MODES.index),
    )


def _unknown(
    household: Household,
    state: Decision,
    nobody: NameRules,
    children: Iterable[NameRules],
) -> NameRules:
    """Return the rules of devices nobody has assigned.

    A changed address must not open a site; but allow-list mode is left out, since a
    visitor would reach nothing at all.
    """
    if not household.claimed or household.new_devices.policy is NewDevicePolicy.ALLOW:
        return NameRules(state=state)
    found = strictest_rules([nobody, *children], state)
    return NameRules(
        state=state,
        block=found.block,
        access=found.access,
        safe_search=found.safe_search,
        youtube=found.youtube,
    )
