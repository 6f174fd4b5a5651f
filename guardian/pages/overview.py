"""The first screen in one answer: who is here, is anything wrong, what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from guardian.core.decide import switched_off
from guardian.core.model import Decision, Household
from guardian.pages.health import health_view
from guardian.pages.people import person_view
from guardian.pages.scene import Scene
from guardian.views import decision_view

Json = dict[str, Any]


def overview_view(
    scene: Scene, *, health: Mapping[str, str], unassigned: Iterable[Json], **more: Any
) -> Json:
    """Return the household at one moment: its people, its new devices, its troubles.

    health: code -> detail. unassigned: as `seen_view` returns. more: what the daemon
    says of itself (revision, enforced, failsafe, problems, trial).
    """
    household = scene.household
    return {
        **more,
        "now": scene.local(scene.now),
        "zone": household.timezone,
        "claimed": household.claimed,
        "name": household.name,
        "language": household.language,
        "clock24": household.clock24,
        "mode": household.network.mode.value,
        "clock_known": scene.facts.clock_known,
        "protection": protection_view(scene),
        "health": health_view(health),
        "people": [person_view(scene, person) for person in household.people],
        "unassigned": list(unassigned),
        "requests": sum(scene.requests.values()),
    }


def protection_view(scene: Scene) -> Json:
    """Return until when protection is off, and who switched it off."""
    off = switched_off(scene.household, scene.facts, scene.now)
    return {
        "off_until": scene.local(off.until) if off else None,
        "by": off.by if off else None,
    }


def seen_view(
    household: Household,
    sighting: Json,
    decision: Decision,
    may_belong_to: Iterable[Json],
    device: tuple[str, str] | None = None,
) -> Json:
    """Return a device nobody has assigned.

    sighting: as discovery tells one; only its "mac" must be there. device: id and name
    where the household knows it already.
    """
    return {
        "mac": sighting["mac"],
        "device": device[0] if device else None,
        "name": device[1] if device else sighting.get("hostname"),
        "vendor": sighting.get("vendor"),
        "first": _instant(household, sighting.get("first_seen")),
        "last": _instant(household, sighting.get("last_seen")),
        "addresses": list(sighting.get("addresses", ())),
        "may_belong_to": list(may_belong_to),
        "decision": decision_view(decision, household),
    }


def _instant(household: Household, seconds: float | None) -> str | None:
    if seconds is None:
        return None
    at = datetime.fromtimestamp(seconds, timezone.utc)
    return at.astimezone(household.zone).isoformat()
