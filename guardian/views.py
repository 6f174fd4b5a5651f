"""What the reading verbs show: plain JSON values made from household and decisions.

One source for the CLI, the control socket and the pages, so that a parent and a child
can never be told two things. Instants are ISO 8601 with the household's offset.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from guardian.core import precedence, schedule
from guardian.core.catalogue import Catalogue
from guardian.core.decide import HORIZON, Facts, decide, is_exempt, subject_of
from guardian.core.explain import explain
from guardian.core.model import (
    Decision,
    Device,
    Household,
    Person,
    Reason,
    Role,
    Verdict,
    Window,
)
from guardian.core.naming import Judge, wire_name
from guardian.core.profile import effective
from guardian.phrases import REASONS

if TYPE_CHECKING:  # what reads an index is no part of every guardianctl
    from guardian.lists.index import Index

Json = dict[str, Any]


def decision_view(decision: Decision, household: Household) -> Json:
    """Return a decision as field names of the API."""
    until = decision.until
    return {
        "verdict": decision.verdict.value,
        "reason": decision.reason.value,
        "says": REASONS[decision.reason],
        "until": until.astimezone(household.zone).isoformat() if until else None,
        "args": dict(decision.args),
    }


def people_view(household: Household, facts: Facts, now: datetime) -> list[Json]:
    """Return each person with what holds for them now."""
    return [person_view(household, person, facts, now) for person in household.people]


def person_view(
    household: Household, person: Person, facts: Facts, now: datetime
) -> Json:
    """Return one person: role, devices, the decision, pauses and grants in force."""
    device = Device(id="any", name="any", macs=("02:00:00:00:00:01",), person=person.id)
    view: Json = {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "band": person.band,
        "devices": sorted(d.id for d in household.devices if d.person == person.id),
        "decision": decision_view(decide(household, device, facts, now), household),
    }
    if person.role is Role.CHILD:
        subject = subject_of(household, person)
        view["fail_mode"] = effective(household, person).fail_mode.value
        view["pauses"] = [_span(p, household) for p in subject.pauses if p.until > now]
        view["grants"] = [_span(g, household) for g in subject.grants if g.until > now]
    return view


def device_view(
    household: Household, device: Device, facts: Facts, now: datetime
) -> Json:
    """Return one assigned or exempt device with what holds for it now."""
    return {
        "id": device.id,
        "name": device.name,
        "macs": list(device.macs),
        "kind": device.kind.value,
        "person": device.person,
        "exempt": is_exempt(household, device),
        "decision": decision_view(decide(household, device, facts, now), household),
    }


def explain_view(
    household: Household, device: Device | None, facts: Facts, at: datetime
) -> Json:
    """Return why a device stands as it does at an instant, row by row."""
    why = explain(household, device, facts, at)
    return {
        "device": device.id if device else None,
        "at": why.at.isoformat(),
        "day_type": why.day_type,
        "night": why.night,
        "decision": decision_view(why.decision, household),
        "rows": [
            {
                "rank": precedence.rank(step.row),
                "row": step.row,
                "applies": step.applies,
                "says": precedence.BY_ID[step.row].says,
                "args": dict(step.args),
            }
            for step in why.steps
        ],
        "layers": dict(why.layers),
    }


def exempt_name_view(name: str) -> Json:
    """Return the same for a device that asks the router's resolver itself."""
    return {
        "name": name,
        "verdict": Verdict.ALLOW.value,
        "reason": Reason.EXEMPT.value,
        "says": REASONS[Reason.EXEMPT],
        "args": [],
        "until": None,
        "matched": None,
        "answered_as": None,
        "lists": [],
    }


def name_view(judge: Judge, index: Index | None, name: str) -> Json:
    """Return what a judge says of a host name, with the rule and lists behind it.

    answered_as: the safe mode's name that stands in for it; lists: by label, the lists
    that hold the name or a parent of it, whether they decided or not.
    """
    wire = wire_name(name)
    found = judge.judge(wire)
    engine = judge.engine(wire) if found.verdict is Verdict.ALLOW else None
    hits = index.explain(wire) if index is not None else None
    return {
        "name": name,
        "verdict": found.verdict.value,
        "reason": found.reason.value,
        "says": REASONS[found.reason],
        "args": [list(pair) for pair in found.args],
        "until": found.until.isoformat() if found.until else None,
        "matched": found.matched or None,
        "answered_as": engine.targets[0] if engine and engine.targets else None,
        "lists": [
            {"label": source.label, "list": source.id}
            for source in (hits.sources if hits else ())
        ],
    }


def timeline_view(household: Household, person: Person, now: datetime) -> list[Json]:
    """Return the stretches of the coming day: from when which windows hold."""
    subject = subject_of(household, person)
    line = schedule.timeline(
        subject.windows,
        subject.exceptions,
        household.calendar,
        household.zone,
        now,
        min(HORIZON, timedelta(days=1)),
    )
    return [
        {
            "from": at.astimezone(household.zone).isoformat(),
            "windows": [_window(w) for w in active],
        }
        for at, active in line
    ]


def sites_view(household: Household, person: Person, now: datetime) -> Json:
    """Return what holds for a child's names, each setting with its layer and reason.

    A reason is the age band's own; what a person set has none. `opened` are the sites
    that are open for a while.
    """
    found = effective(household, person)
    layers = dict(found.layers)
    band = household.band(person.band) if person.band else None
    reasons = dict(band.why) if band else {}

    def setting(key: str, **says: Any) -> Json:
        layer = layers.get(key, "default")
        why = reasons.get(key) if layer.startswith("band:") else None
        return {**says, "layer": layer, "why": why}

    lists = {"allow": found.allow, "block": found.block, "always": found.always}
    return {
        "person": person.id,
        "band": person.band,
        "only": setting("only", value=found.only),
        "packs": setting("packs", value=list(found.packs)),
        "safe_search": setting("safe_search", value=found.safe_search),
        "youtube": setting("youtube", value=found.youtube.value),
        "access": [
            setting(f"access:{label}", id=label, access=access.value)
            for label, access in found.access
        ],
        **{
            kind: [setting(f"{kind}:{host}", name=host) for host in hosts]
            for kind, hosts in lists.items()
        },
        "opened": [
            {
                "name": one.name,
                "until": one.until.astimezone(household.zone).isoformat(),
                "by": one.by,
            }
            for one in household.opened
            if one.person == person.id and one.until > now
        ],
    }


def catalogue_view(catalogue: Catalogue, kind: str) -> list[Json]:
    """Return the categories, the services or the packs that settings may name."""
    if kind == "services":
        return [
            {"id": s.id, "title": s.title, "group": s.group, "age_hint": s.age_hint}
            for s in catalogue.services
        ]
    if kind == "packs":
        return [
            {
                "id": p.id,
                "title": p.title,
                "why": p.why,
                "ages": list(p.ages),
                "learning": p.learning,
                "names": len(p.names),
            }
            for p in catalogue.packs
        ]
    return [
        {"id": c.id, "title": c.title, "contains": c.contains, "harm": c.harm}
        for c in catalogue.categories
    ]


def plan_view(household: Household, facts: Facts, now: datetime) -> Json:
    """Return what holds for each child, what the coming day brings, and new devices."""
    return {
        "at": now.astimezone(household.zone).isoformat(),
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "decision": person_view(household, person, facts, now)["decision"],
                "day": timeline_view(household, person, now),
            }
            for person in household.people
            if person.role is Role.CHILD
        ],
        "unknown": decision_view(decide(household, None, facts, now), household),
    }


def precedence_view() -> list[Json]:
    """Return the table of precedence, first row first."""
    return [
        {
            "rank": precedence.rank(row.id),
            "level": row.level,
            "row": row.id,
            "scope": row.scope.value,
            "verdict": row.verdict.value if row.verdict else "as set",
            "reasons": [reason.value for reason in row.reasons],
            "says": row.says,
        }
        for row in precedence.ROWS
    ]


def problems_view(problems: Iterable[Any]) -> list[Json]:
    """Return configuration problems as place, code and detail."""
    return [{"place": p.place, "code": p.code, "detail": p.detail} for p in problems]


def _window(window: Window) -> Json:
    found: Json = {"id": window.id, "kind": window.kind.value}
    if window.blocks:
        found["blocks"] = list(window.blocks)
    return found


def _span(item: Any, household: Household) -> Json:
    return {
        "id": item.id,
        "from": item.start.astimezone(household.zone).isoformat(),
        "until": item.until.astimezone(household.zone).isoformat(),
        "by": item.by,
    }
