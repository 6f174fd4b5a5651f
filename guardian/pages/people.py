"""A person as the pages show one: the card of Home, and all of a child's own page."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from guardian.core.calendar import day_type
from guardian.core.decide import decide_person, subject_of
from guardian.core.model import (
    DAY,
    Decision,
    Grant,
    Household,
    Pause,
    Person,
    Reason,
    Role,
    Verdict,
    Window,
    WindowException,
)
from guardian.core.profile import effective
from guardian.pages.day import day_view, next_view, week_view
from guardian.pages.scene import Scene
from guardian.store.minutes import render_clock
from guardian.store.render import render_person
from guardian.views import decision_view

Json = dict[str, Any]
# Of a rendered person everything but these is what a parent has set.
_WHO = frozenset({"id", "name", "role", "birth"})


def etag(person: Person) -> str:
    """Return what changes when, and only when, a person's rules have been changed."""
    says = {key: v for key, v in render_person(person).items() if key not in _WHO}
    text = json.dumps(says, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def person_view(scene: Scene, person: Person) -> Json:
    """Return the card of one person: who, online, what holds, and what comes next."""
    household, facts = scene.household, scene.facts
    devices = [d for d in household.devices if d.person == person.id]
    child = person.role is Role.CHILD
    decision = Decision(Verdict.ALLOW, Reason.EXEMPT)
    pauses: list[Json] = []
    grants: list[Json] = []
    if child:
        decision = decide_person(household, person, facts, scene.now)
        subject = subject_of(household, person)
        pauses = [_spell(scene, p) for p in subject.pauses if p.until > scene.now]
        grants = [_grant(scene, g) for g in subject.grants if g.until > scene.now]
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role.value,
        "band": person.band,
        "birth": f"{person.birth[0]:04}-{person.birth[1]:02}" if person.birth else None,
        "etag": etag(person),
        "online": any(mac in scene.online for d in devices for mac in d.macs),
        "devices": sorted(device.id for device in devices),
        "decision": decision_view(decision, household),
        "next": next_view(household, person, facts, decision) if child else None,
        "pauses": pauses,
        "grants": grants,
        "proof": scene.proofs.get(person.id),
        "requests": scene.requests.get(person.id, 0),
    }


def child_view(scene: Scene, person: Person) -> Json:
    """Return a child's card with the schedule, its exceptions, the day and the week."""
    household = scene.household
    today = scene.now.astimezone(household.zone).date()
    return {
        **person_view(scene, person),
        "windows": windows_view(household, person),
        "dropped": list(person.overrides.dropped),
        "exceptions": [
            _exception(e)
            for e in household.exceptions
            # A window that starts on a date may end on the next.
            if e.person == person.id and e.on >= today - timedelta(days=1)
        ],
        "day_types": day_types(household, person),
        "today": {
            "date": today.isoformat(),
            "day_type": day_type(household.calendar, today),
        },
        "day": day_view(household, person, scene.facts, scene.now),
        "week": week_view(household, person, scene.now),
    }


def day_types(household: Household, person: Person) -> list[str]:
    """Return the day types that a window of this child may name, sorted."""
    used = {day for w in effective(household, person).windows for day in w.days}
    return sorted(household.calendar.types() | used)


def windows_view(household: Household, person: Person) -> list[Json]:
    """Return a child's windows with the layer that set each, and the band's reason.

    default: whether the age band has one of this id, to which it can be taken back.
    """
    found = effective(household, person)
    layers = dict(found.layers)
    band = household.band(person.band) if person.band else None
    reasons = dict(band.why) if band else {}
    of_band = {w.id for w in band.defaults.windows} if band else set()
    views = []
    for window in found.windows:
        key = f"window:{window.id}"
        layer = layers[key]
        why = reasons.get(key) if layer.startswith("band:") else None
        says = {"layer": layer, "why": why, "default": window.id in of_band}
        views.append({**window_view(window), **says})
    return views


def window_view(window: Window) -> Json:
    """Return a window as a clock shows it; an end before the start is next morning."""
    return {
        "id": window.id,
        "kind": window.kind.value,
        "days": list(window.days),
        "start": _clock(window.start),
        "end": "24:00" if window.end == DAY else _clock(window.end),
        "blocks": list(window.blocks),
    }


def _exception(item: WindowException) -> Json:
    return {
        "id": item.id,
        "on": item.on.isoformat(),
        "kind": item.kind.value,
        "start": None if item.start is None else _clock(item.start),
        "end": None if item.end is None else _clock(item.end),
        "off": item.off,
    }


def _clock(minutes: int) -> str:
    return render_clock(minutes % DAY)


def _grant(scene: Scene, item: Grant) -> Json:
    found = {**_spell(scene, item), "lifts": list(item.lifts)}
    return {**found, "why": item.why} if item.why else found


def _spell(scene: Scene, item: Pause | Grant) -> Json:
    return {
        "id": item.id,
        "from": scene.local(item.start),
        "until": scene.local(item.until),
        "by": item.by,
    }
