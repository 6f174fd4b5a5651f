"""Why a name opens or not on the device that asks, and on no other.

The same answer as `explain` gives a parent, cut to what concerns the child: of a safety
list nothing but that it stands against the name, of help nothing but that it opens, and
of what opens no word about the lists that hold it. Nothing of the question is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from guardian.compile.names import name_plan
from guardian.compile.plan import plan
from guardian.core.decide import active_windows
from guardian.core.hostnames import parse_host
from guardian.core.model import Access, Household, Person, Reason, Verdict
from guardian.core.profile import effective
from guardian.verbs.desk import Desk, Json
from guardian.verbs.me import whose
from guardian.views import exempt_name_view

# Turns of a child's windows that are looked at for the end of one: two weeks of days
# with three windows have more, and "for a long time" is then near enough the truth.
_TURNS_MAX = 40


class Why:
    """The one verb of a page about a closed name."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {"why": self._why}

    def _why(self, args: Json, by: str) -> Json:
        """Answer {name, decision, args, lists}; decision None for no device of ours."""
        name = parse_host(args["name"])
        mac, device = whose(self.desk, args["address"])
        found: Json = {"name": name, "decision": None, "args": [], "lists": []}
        if mac is None:
            return found
        household, now = self.desk.household, self.desk.service.now().wall
        said = name_answer(self.desk, mac, name, now)
        reason = Reason(said["reason"])
        shown = {key: said[key] for key in ("verdict", "reason", "says")}
        found["decision"] = {**shown, "until": _local(said["until"], household)}
        if reason is Reason.SAFETY_LIST or said["verdict"] == Verdict.ALLOW.value:
            return found
        found["args"] = said["args"]
        labels = frozenset(label for _, label in said["args"])
        if reason is Reason.BLOCKED_CATEGORY:
            found["lists"] = [e for e in said["lists"] if e["label"] in labels]
            person = device.person if device else None
            end = _window_end(
                household, household.person(person) if person else None, labels, now
            )
            found["decision"]["until"] = end.isoformat() if end else None
        return found


def name_answer(desk: Desk, mac: str, name: str, at: datetime) -> Json:
    """Return which answer a device gets, and why; by the rules of that time.

    name: as `guardian.core.hostnames.parse_host` returns it.
    """
    engine, moment = desk.service.engine, desk.service.now()
    household, candidates = desk.household, engine.unassigned()
    found = plan(
        household, engine.facts(moment), at, moment.mono, candidates=candidates
    )
    if ("exempt", (mac,)) in found.wishes:
        return exempt_name_view(name)
    devices = name_plan(household, found, at, candidates=candidates).devices
    return desk.outside.explain_name(devices.get(mac, devices[""]), name)


def _local(until: str | None, household: Household) -> str | None:
    if until is None:
        return None
    return datetime.fromisoformat(until).astimezone(household.zone).isoformat()


def _window_end(
    household: Household, person: Person | None, labels: frozenset[str], now: datetime
) -> datetime | None:
    """Return when the windows that refuse these labels end; None if the profile does.

    person: None for a device nobody has assigned, of which no end is told.
    """
    if person is None:
        return None
    always = dict(effective(household, person).access)
    if any(always.get(label) is Access.BLOCK for label in labels):
        return None
    windows, turn = active_windows(household, person, now)
    for _ in range(_TURNS_MAX):
        if turn is None or not any(labels & set(w.blocks) for w in windows):
            return None
        end = turn
        windows, turn = active_windows(household, person, end)
        if not any(labels & set(w.blocks) for w in windows):
            return end
    return None
