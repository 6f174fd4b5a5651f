"""The verbs of time: pause, resume, grant, and one evening that differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from guardian.core import changes
from guardian.core.errors import GuardianError
from guardian.core.model import LIFTS, WindowKind, check_name, shorten
from guardian.core.timetext import morning, parse_clock, parse_duration, parse_until
from guardian.verbs.desk import Desk, Json

# Until five in the morning a bedtime without a date is the present night's.
NIGHT_GOES_ON = timedelta(hours=5)


class Allowances:
    """What a parent gives and takes for a while."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "pause": self._pause,
            "resume": self._resume,
            "grant": self._grant,
            "exception": self._exception,
        }

    def _pause(self, args: Json, by: str) -> Json:
        household, now = self.desk.household, self.desk.service.now().wall
        person = self.desk.child_or_all(args)
        until = self.desk.until(args, person)
        if until is None:
            until = morning(household, person, now)
        changed, item = changes.pause(household, person, until=until, by=by, now=now)
        return self.desk.done(
            changed, args, by, "pause", self.desk.span(item.id, until)
        )

    def _resume(self, args: Json, by: str) -> Json:
        changed, ended = changes.resume(
            self.desk.household, self.desk.child_or_all(args)
        )
        return self.desk.done(changed, args, by, "resume", {"ended": ended})

    def _grant(self, args: Json, by: str) -> Json:
        household, now = self.desk.household, self.desk.service.now().wall
        person = changes.find_child(household, args["person"])
        if args.get("off"):
            changed, ended = changes.end_grants(household, person, now)
            return self.desk.done(changed, args, by, "grant", {"ended": ended})
        lifts = _kinds(args["lifts"]) if args.get("lifts") else None
        if args.get("span"):
            minutes = parse_duration(args["span"])
            until = changes.grant_end(household, person, minutes, now, lifts)
        else:
            until = parse_until(args["until"], household, person, now)
        changed, item = changes.grant(
            household,
            person,
            until=until,
            lifts=lifts,
            why=check_name(args["why"]) if args.get("why") else "",
            by=by,
            now=now,
        )
        return self.desk.done(
            changed, args, by, "grant", self.desk.span(item.id, until)
        )

    def _exception(self, args: Json, by: str) -> Json:
        household, now = self.desk.household, self.desk.service.now().wall
        person = changes.find_child(household, args["person"])
        local = now.astimezone(household.zone)
        kind = _kind(args.get("kind") or "bedtime")
        # At half past midnight "tonight" is the night that has begun.
        begun = local - NIGHT_GOES_ON if kind is WindowKind.BEDTIME else local
        changed, item = changes.except_day(
            household,
            person,
            on=_date(args["on"]) if args.get("on") else begun.date(),
            kind=kind,
            today=local.date(),
            start=parse_clock(args["start"]) if args.get("start") else None,
            end=parse_clock(args["end"]) if args.get("end") else None,
            off=bool(args.get("off")),
        )
        return self.desk.done(changed, args, by, "exception", {"id": item.id})


def _kinds(text: str) -> tuple[str, ...]:
    kinds = {part.strip() for part in text.split(",")}
    if not kinds <= {*LIFTS}:
        raise GuardianError("bad-argument", f"lifts: {', '.join(LIFTS)}")
    return tuple(sorted(kinds))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GuardianError("bad-date", shorten(text)) from None


def _kind(text: str) -> WindowKind:
    try:
        return WindowKind(text)
    except ValueError:
        kinds = ", ".join(kind.value for kind in WindowKind)
        raise GuardianError("bad-argument", f"kind: {kinds}") from None
