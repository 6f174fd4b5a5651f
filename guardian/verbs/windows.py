"""The verbs of a child's schedule: set, drop, back to the age band's, and a preview."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from guardian.core import changes, windows
from guardian.core.decide import Facts, decide_person
from guardian.core.errors import GuardianError
from guardian.core.model import DAY, Household, Person, Window, WindowKind, shorten
from guardian.core.timetext import parse_clock
from guardian.pages.day import day_view
from guardian.pages.people import etag, window_view
from guardian.store.known import load_known
from guardian.verbs.desk import Desk, Json
from guardian.views import decision_view


class Windows:
    """What a parent changes of one child's week."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "window-set": self._set,
            "window-drop": self._drop,
            "window-default": self._default,
            "preview": self._preview,
        }

    def _set(self, args: Json, by: str) -> Json:
        person = self._child(args)
        changed, window, merged = _with_window(self.desk.household, person, args)
        result = {
            "id": window.id,
            "merged": list(merged),
            "window": window_view(window),
        }
        return self._done(changed, person, args, by, "window-set", result)

    def _drop(self, args: Json, by: str) -> Json:
        person = self._child(args)
        changed = windows.drop_window(self.desk.household, person, args["id"])
        return self._done(changed, person, args, by, "window-drop", {"id": args["id"]})

    def _default(self, args: Json, by: str) -> Json:
        person = self._child(args)
        changed = windows.default_window(self.desk.household, person, args["id"])
        return self._done(
            changed, person, args, by, "window-default", {"id": args["id"]}
        )

    def _preview(self, args: Json, by: str) -> Json:
        """Return what would hold with a window; nothing is saved."""
        household = self.desk.household
        person = changes.find_child(household, args["person"])
        if "kind" in args:
            household, _, _ = _with_window(household, person, args)
        shown = household.person(person.id)
        assert shown is not None
        moment = self.desk.service.now()
        facts, at = self.desk.service.engine.facts(moment), self.desk.at(args)
        if args.get("at"):
            # Of a time that was asked for nobody needs to know whether it is now.
            facts = Facts()
        return {
            "at": at.astimezone(household.zone).isoformat(),
            "decision": decision_view(
                decide_person(household, shown, facts, at), household
            ),
            "day": day_view(household, shown, facts, at),
        }

    def _child(self, args: Json) -> Person:
        """Return the child whose rules are still those that were looked at."""
        person = changes.find_child(self.desk.household, args["person"])
        if args.get("etag") not in (None, etag(person)):
            raise GuardianError("save-conflict", self._who_changed(person))
        return person

    def _who_changed(self, person: Person) -> str:
        """Return who changed a child's rules last, and the instant, as one text."""
        zone = self.desk.household.zone
        place = f"people/{person.id}"
        for entry in self.desk.outside.audit(100):
            changed = [str(change["place"]) for change in entry["changes"]]
            if any(f"{one}/".startswith(f"{place}/") for one in changed):
                at = datetime.fromisoformat(entry["at"]).astimezone(zone)
                return f"{entry['by']} {at.isoformat()}"
        return ""

    def _done(
        self,
        changed: Household,
        person: Person,
        args: Json,
        by: str,
        verb: str,
        result: Json,
    ) -> Json:
        after = changed.person(person.id)
        assert after is not None
        result["etag"] = etag(after)
        return self.desk.done(changed, args, by, verb, result)


def _with_window(
    household: Household, person: Person, args: Json
) -> tuple[Household, Window, tuple[str, ...]]:
    kind = _kind(args["kind"])
    start, end = parse_clock(args["start"]), parse_clock(args["end"])
    if start == DAY:
        raise ValueError(f"bad-time: {shorten(args['start'])}")
    edits = bool(args.get("id"))
    window_id = windows.free_id(household, person, kind.value)
    if edits:
        window_id = windows.find_window(household, person, args["id"]).id
    window = Window(
        id=window_id,
        kind=kind,
        days=tuple(sorted(_texts(args["days"], "days"))),
        start=start,
        end=end + DAY if end < start else end,
        blocks=_labels(args.get("blocks", [])),
    )
    return windows.set_window(household, person, window, edits=edits)


def _labels(given: list[Any]) -> tuple[str, ...]:
    labels = _texts(given, "blocks")
    if unknown := labels and labels - load_known().labels:
        raise GuardianError("unknown-category", shorten(min(unknown)))
    return tuple(sorted(labels))


def _texts(given: list[Any], key: str) -> set[str]:
    if not all(isinstance(one, str) for one in given):
        raise GuardianError("bad-argument", key)
    return set(given)


def _kind(text: str) -> WindowKind:
    try:
        return WindowKind(text)
    except ValueError:
        kinds = ", ".join(kind.value for kind in WindowKind)
        raise GuardianError("bad-argument", f"kind: {kinds}") from None
