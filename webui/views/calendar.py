"""The family's calendar as values: today, runs of days, what a form says. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Json = dict[str, Any]
USUAL = ("school", "weekend", "holiday")
# An id of the household's document (`guardian.core.model.check_id`).
_ID_MAX = 48
_NOT_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Form:
    """A run of days as it is being written: texts as typed.

    own: what a family calls a day type of its own; it takes the place of day_type.
    """

    first: str = ""
    last: str = ""
    day_type: str = "holiday"
    own: str = ""
    name: str = ""

    def errors(self) -> dict[str, str]:
        """Return field -> code of what is wrong with it, the first field first."""
        found: dict[str, str] = {}
        first, last = as_date(self.first), as_date(self.last)
        if first is None:
            found["first"] = "first-missing"
        if self.last and last is None:
            found["last"] = "last-missing"
        elif first is not None and last is not None and last < first:
            found["last"] = "ends-before-start"
        if self.own.strip() and not type_id(self.own):
            found["own"] = "bad-type"
        return found

    def asked(self) -> Json:
        """Return what the verb takes; only of a form without errors."""
        return {
            "first": self.first,
            "last": self.last or self.first,
            "day_type": type_id(self.own) or self.day_type,
            "name": self.name.strip(),
        }


def form_from(values: Mapping[str, str], types: Sequence[str]) -> Form:
    """Return the form that was sent; a type there is not becomes a holiday."""
    day_type = values.get("day_type", "")
    return Form(
        first=values.get("first", ""),
        last=values.get("last", ""),
        day_type=day_type if day_type in types else "holiday",
        own=values.get("own", ""),
        name=values.get("name", ""),
    )


def as_date(text: str) -> date | None:
    """Return the date of "2026-03-30", or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def type_id(text: str) -> str:
    """Return a day type's id of what a parent calls it; "" if nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return (
        _NOT_ID.sub("-", plain.encode("ascii", "ignore").decode())
        .strip("-")[:_ID_MAX]
        .rstrip("-")
    )


def calendar(found: Json, now: str) -> Json:
    """Return what the page shows: {today, types, ahead, past, plain, sick}.

    today: the type of this date, and the run it is of, or None. ahead, past: runs of
    days, the next first. plain: nobody has changed anything yet. sick: whether this is
    a day on which a child would be in school.
    """
    on = date.fromisoformat(now[:10])
    runs = sorted(found["days"], key=lambda one: (one["first"], one["last"]))
    today = _of_date(found, on)
    return {
        "today": today,
        "types": types_of(found),
        "ahead": [one for one in runs if one["last"] >= on.isoformat()],
        "past": [one for one in runs if one["last"] < on.isoformat()][::-1],
        "plain": not runs,
        "sick": today["day_type"] == "school",
    }


def types_of(found: Json) -> list[str]:
    """Return the day types, the usual ones first."""
    return [*USUAL, *sorted({*found["types"]} - {*USUAL})]


def _of_date(found: Json, on: date) -> Json:
    """Return a date's type: of the shortest run that holds it, else the weekday's."""
    holding = [
        one for one in found["days"] if one["first"] <= on.isoformat() <= one["last"]
    ]
    if not holding:
        return {"day_type": found["week"][on.weekday()], "run": None}
    run = min(holding, key=_length)
    return {"day_type": run["day_type"], "run": run}


def _length(run: Json) -> int:
    return (date.fromisoformat(run["last"]) - date.fromisoformat(run["first"])).days
