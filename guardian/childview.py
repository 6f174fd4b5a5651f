"""What stands on the page of a device's own: plain JSON values. Pure.

The page tells a child the same as its parent is told, from the same values
(`guardian.pages`), and nothing of anybody else. Nothing here is a sentence: codes are
put into words by the pages. Instants are ISO 8601 with the household's offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from guardian.core.decide import is_exempt
from guardian.core.floor import Floor, HelpEntry, emergency_number
from guardian.core.model import (
    Access,
    Decision,
    Device,
    Household,
    Person,
    Reason,
    Role,
    Verdict,
    YouTube,
)
from guardian.core.profile import effective
from guardian.core.requests import KEEP_ANSWERED
from guardian.core.recent import Refused
from guardian.pages.day import day_view, next_view
from guardian.pages.overview import protection_view
from guardian.pages.people import windows_view
from guardian.pages.scene import Scene
from guardian.phrases import REASONS
from guardian.store.audit import AGE_MAX
from guardian.views import Json, decision_view

# What works in every state: help, the emergency number, and things at home.
ALWAYS_THERE = ("help", "emergency", "home")


def visitor_view(
    household: Household,
    mac: str | None,
    device: Device | None,
    seen: Mapping[str, Any] | None = None,
) -> Json:
    """Return who a device is: its MAC, device and person; None for what is not known.

    name: what the device is called, or calls itself. seen: as discovery tells of it.
    """
    person = household.person(device.person) if device and device.person else None
    called = seen or {}
    return {
        "mac": mac,
        "device": device.id if device else None,
        "name": device.name if device else called.get("hostname"),
        "person": person.id if person else None,
        "person_name": person.name if person else None,
        "band": person.band if person else None,
        "exempt": device is not None and is_exempt(household, device),
        "language": household.language,
        "clock24": household.clock24,
        "zone": household.timezone,
        "claimed": household.claimed,
    }


def me_view(
    scene: Scene,
    who: Json,
    decision: Decision,
    *,
    titles: Mapping[str, str],
    refused: Iterable[Refused],
    requests: Iterable[Json],
    floor: Floor,
    known_until: datetime | None,
) -> Json:
    """Return the page of one device: what holds now, what may be asked, who helps.

    who: of `visitor_view`; decision: what holds for the device. titles: of categories
    and services, by id. refused, requests: of this device and this child, newest
    first. known_until: up to when the kernel lets it through without the daemon.
    """
    household = scene.household
    child = _child(household, who)
    return {
        **who,
        "now": scene.local(scene.now),
        "decision": decision_view(decision, household),
        "next": child and next_view(household, child, scene.facts, decision),
        "day": day_view(household, child, scene.facts, scene.now) if child else [],
        "still": still_view(household, child, decision),
        "rules": rules_view(scene, child, titles),
        "sees": sees_view(child is not None, bool(who["exempt"])),
        "refused": [_refused(scene, one) for one in refused],
        "requests": list(requests),
        "helplines": helplines_view(floor, household, scene.now),
        "protection": protection_view(scene),
        "daemon": {"known_until": scene.local(known_until) if known_until else None},
    }


def still_view(
    household: Household, child: Person | None, decision: Decision
) -> list[Json]:
    """Return codes of what works now whatever else does not, help first.

    learning: while only learning sites are open; always: `names` that a parent put on
    the list that passes all but a pause.
    """
    found: list[Json] = [{"code": code} for code in ALWAYS_THERE]
    if decision.verdict is Verdict.LIMIT:
        found.append({"code": "learning"})
    held = decision.verdict is not Verdict.ALLOW
    if child is not None and held and decision.reason is not Reason.PAUSED:
        if names := effective(household, child).always:
            found.append({"code": "always", "names": list(names)})
    return found


def rules_view(scene: Scene, child: Person | None, titles: Mapping[str, str]) -> Json:
    """Return a child's rules as its parent has them: windows, sites, search.

    Of whoever is no child the same keys, empty.
    """
    household = scene.household
    found = effective(household, child) if child else None
    access = found.access if found else ()
    opened = [
        {"name": one.name, "until": scene.local(one.until)}
        for one in household.opened
        if child and one.person == child.id and one.until > scene.now
    ]

    def labels(wanted: Access) -> list[Json]:
        return [
            {"id": label, "title": titles.get(label, label)}
            for label, said in access
            if said is wanted
        ]

    return {
        "windows": windows_view(household, child) if child else [],
        "blocked": labels(Access.BLOCK),
        "limited": labels(Access.LIMIT),
        "only": found.only if found else False,
        "packs": list(found.packs) if found else [],
        "safe_search": found.safe_search if found else False,
        "youtube": (found.youtube if found else YouTube.OFF).value,
        "allow": list(found.allow) if found else [],
        "block": list(found.block) if found else [],
        "always": list(found.always) if found else [],
        "opened": opened,
    }


def sees_view(child: bool, exempt: bool) -> list[Json]:
    """Return who sees what of this device, and for how long it is kept, in seconds.

    kept: 0 for what is shown and not written down. Nothing of what it does is recorded
    for anybody: that stands first, so that no page says it by leaving it out.
    """
    found: list[Json] = [{"who": "nobody", "what": "nothing", "kept": 0}]
    if child:
        week = int(KEEP_ANSWERED.total_seconds())
        found += [
            {"who": "parents", "what": "rules", "kept": 0},
            {"who": "parents", "what": "online", "kept": 0},
            {"who": "parents", "what": "requests", "kept": week},
            {"who": "parents", "what": "log", "kept": int(AGE_MAX.total_seconds())},
        ]
    elif not exempt:
        found.append({"who": "parents", "what": "device", "kept": 0})
    if not exempt:
        found.append({"who": "you", "what": "refused", "kept": 0})
    return found


def helplines_view(floor: Floor, household: Household, now: datetime) -> list[Json]:
    """Return who helps in the household's country, the emergency number last.

    phone: as dialled; none where it has not been checked, or not lately. kind: of
    `HelpKind`, or "emergency", which has its name from the pages.
    """
    today = now.astimezone(household.zone).date()
    found = [
        {
            "name": _name(entry, household.language),
            "phone": [phone.display for phone in entry.phones_on(today)],
            "url": f"https://{entry.domains[0].names()[-1]}",
            "hours": entry.hours,
            "kind": entry.kind.value,
        }
        for entry in floor.for_country(household.country)
    ]
    number = emergency_number(household.country)
    if number is not None:
        emergency: Json = {"name": number, "phone": [number], "url": None, "hours": ""}
        found.append({**emergency, "kind": "emergency"})
    return found


def _name(entry: HelpEntry, language: str) -> str:
    names = dict(entry.name)
    for wanted in (language, language.partition("-")[0], "en"):
        if wanted in names:
            return names[wanted]
    return entry.name[0][1]


def _child(household: Household, who: Json) -> Person | None:
    person = household.person(who["person"]) if who["person"] else None
    return person if person is not None and person.role is Role.CHILD else None


def _refused(scene: Scene, one: Refused) -> Json:
    return {
        "at": scene.local(one.at),
        "name": one.name,
        "reason": one.reason.value,
        "says": REASONS[one.reason],
        "until": scene.local(one.until) if one.until else None,
        "args": [list(pair) for pair in one.args],
    }
