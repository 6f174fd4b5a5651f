"""The verbs of the calendar: the week's day types, holidays, and files of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from guardian.core import calendar
from guardian.core.errors import GuardianError
from guardian.core.model import Calendar, CalendarDay, Household, check_id
from guardian.core.windows import day_types
from guardian.store.fields import as_date, as_text
from guardian.verbs.desk import Desk, Json


class Days:
    """Which kind of day a date is."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "calendar": self._calendar,
            "calendar-week": self._week,
            "calendar-add": self._add,
            "calendar-drop": self._drop,
            "calendar-import": self._import,
        }

    def _calendar(self, args: Json, by: str) -> Json:
        household = self.desk.household
        days = sorted(household.calendar.days, key=lambda d: (d.first, d.last))
        return {
            "week": list(household.calendar.week),
            "days": _views(days),
            "types": sorted(day_types(household)),
        }

    def _week(self, args: Json, by: str) -> Json:
        changed = calendar.set_week(self.desk.household.calendar, args["week"])
        return self._done(changed, args, by, "calendar-week", {"week": args["week"]})

    def _add(self, args: Json, by: str) -> Json:
        first = as_date(args["first"])
        day = CalendarDay(
            first=first,
            last=as_date(args["last"]) if args.get("last") else first,
            day_type=args["day_type"],
            name=as_text(args.get("name", "")),
        )
        changed = calendar.add_days(self.desk.household.calendar, [day])
        return self._done(changed, args, by, "calendar-add", {"days": _views([day])})

    def _drop(self, args: Json, by: str) -> Json:
        first, last = as_date(args["first"]), as_date(args["last"])
        changed = calendar.drop_day(
            self.desk.household.calendar, first, last, args["day_type"]
        )
        return self._done(changed, args, by, "calendar-drop", {})

    async def _import(self, args: Json, by: str) -> Json:
        """Read a file of others; with `save` its days get a type of ours."""
        day_type, text = check_id(args["day_type"]), args["text"]
        household = self.desk.household
        today = self.desk.service.now().wall.astimezone(household.zone).date()
        found = await self.desk.outside.read_calendar(text, today, household.timezone)
        days = [
            CalendarDay(
                first=date.fromisoformat(day["first"]),
                last=date.fromisoformat(day["last"]),
                day_type=day_type,
                name=as_text(day["name"]),
            )
            for day in found["days"]
        ]
        told = {"days": _views(days), "skipped": found["skipped"]}
        if not args.get("save"):
            return told
        # What has been changed while the file was read must not be lost.
        changed = calendar.add_days(self.desk.household.calendar, days)
        return self._done(changed, args, by, "calendar-import", told)

    def _done(
        self, changed: Calendar, args: Json, by: str, verb: str, result: Json
    ) -> Json:
        household = replace(self.desk.household, calendar=changed)
        if left := _own_types(household) - day_types(household):
            raise GuardianError("day-type-in-use", min(left))
        return self.desk.done(household, args, by, verb, result)


def _own_types(household: Household) -> set[str]:
    """Return the day types that children's own windows name."""
    return {d for p in household.people for w in p.overrides.windows for d in w.days}


def _views(days: Iterable[CalendarDay]) -> list[Json]:
    return [
        {
            "first": day.first.isoformat(),
            "last": day.last.isoformat(),
            "day_type": day.day_type,
            "name": day.name,
        }
        for day in days
    ]
