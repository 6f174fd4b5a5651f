"""A child's week as values: windows by kind, tonight, the form of a window. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from webui.words.windows import minute

Json = dict[str, Any]
KINDS = ("bedtime", "offline", "homework", "sites")
DAY = 1440
# Until five in the morning "tonight" is the night that has begun.
NIGHT_GOES_ON = timedelta(hours=5)
# A bedtime that starts after noon goes by the type of the next date.
NOON = DAY // 2
# What a form of a new window starts with; changed before it is saved.
_FRESH = {
    "bedtime": ("20:30", "06:30"),
    "offline": ("18:00", "19:00"),
    "homework": ("15:00", "16:30"),
    "sites": ("14:00", "17:00"),
}
_CLOCK = re.compile(r"\s*([01]?\d|2[0-4])[:.]([0-5]\d)\s*\Z")


@dataclass(frozen=True, slots=True)
class Form:
    """A window as it is being written: texts as typed, so that nothing is lost.

    id: "" for a new one. etag: of the person when the form was opened; was: how the
    week looked then, so that only a change of the same thing is a conflict.
    """

    kind: str
    id: str = ""
    days: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    blocks: tuple[str, ...] = ()
    etag: str = ""
    was: str = ""

    def errors(self) -> dict[str, str]:
        """Return field -> code of what is wrong with it, the first field first."""
        found: dict[str, str] = {}
        if self.kind == "sites" and not self.blocks:
            found["blocks"] = "blocks-missing"
        if not self.days:
            found["days"] = "days-missing"
        start, end = clock_text(self.start), clock_text(self.end)
        if start is None:
            found["start"] = "start-missing"
        if end is None:
            found["end"] = "end-missing"
        elif start is not None and start == end:
            found["end"] = "window-zero-length"
        return found

    def asked(self) -> Json:
        """Return what the verbs take; only of a form without errors."""
        found: Json = {
            "kind": self.kind,
            "days": sorted(self.days),
            "start": clock_text(self.start),
            "end": clock_text(self.end),
        }
        if self.id:
            found["id"] = self.id
        if self.kind == "sites":
            found["blocks"] = sorted(self.blocks)
        return found


def clock_text(text: str) -> str | None:
    """Return what somebody typed as "21:05", or None for what is no time of day."""
    match = _CLOCK.match(text)
    if match is None or (match[1] == "24" and match[2] != "00"):
        return None
    return f"{int(match[1]) % 24:02d}:{match[2]}"


def new_form(person: Json, kind: str) -> Form:
    """Return the form of a window that is to be added."""
    start, end = _FRESH[kind]
    return Form(
        kind=kind,
        days=("school",) if "school" in person["day_types"] else (),
        start=start,
        end=end,
        etag=person["etag"],
        was=digest(person["windows"], kind, ""),
    )


def form_of(person: Json, window: Json) -> Form:
    """Return the form of a window that is to be changed."""
    return Form(
        kind=window["kind"],
        id=window["id"],
        days=tuple(window["days"]),
        start=clock_text(window["start"]) or "",
        end=clock_text(window["end"]) or "",
        blocks=tuple(window["blocks"]),
        etag=person["etag"],
        was=digest(person["windows"], window["kind"], window["id"]),
    )


def form_from(
    values: Mapping[str, str], days: Sequence[str], blocks: Sequence[str]
) -> Form:
    """Return the form that was sent; raises KeyError for a kind there is not."""
    _FRESH[values["kind"]]
    return Form(
        kind=values["kind"],
        id=values.get("id", ""),
        days=tuple(dict.fromkeys(days)),
        start=values.get("start", ""),
        end=values.get("end", ""),
        blocks=tuple(dict.fromkeys(blocks)),
        etag=values.get("etag", ""),
        was=values.get("was", ""),
    )


def renewed(form: Form, person: Json) -> Form:
    """Return a form that builds on the week as it is now."""
    return replace(
        form,
        etag=person["etag"],
        was=digest(person["windows"], form.kind, form.id),
    )


def built_on(windows: Sequence[Json], kind: str, window_id: str) -> list[Json]:
    """Return what a form builds on: the window itself, or for a new one its kind."""
    return [
        one
        for one in windows
        if (one["id"] == window_id if window_id else one["kind"] == kind)
    ]


def digest(windows: Sequence[Json], kind: str, window_id: str) -> str:
    """Return the same as a short text, to see whether it has changed since."""
    return "|".join(
        " ".join((one["id"], *one["days"], one["start"], one["end"], *one["blocks"]))
        for one in built_on(windows, kind, window_id)
    )


def window_of(person: Json, window_id: str) -> Json | None:
    """Return a window of a person's week, or None."""
    return next((w for w in person["windows"] if w["id"] == window_id), None)


def groups(person: Json) -> list[Json]:
    """Return the windows by kind, kinds without any left out."""
    found = []
    for kind in KINDS:
        windows = [w for w in person["windows"] if w["kind"] == kind]
        if windows:
            found.append({"kind": kind, "windows": windows})
    return found


def is_own(window: Json) -> bool:
    """Return whether a parent set it, and not the age's template."""
    return not str(window["layer"]).startswith("band:")


def tonight(person: Json, now: str) -> Json:
    """Return this night's bedtime: {on, start, end, usual, changed, off}.

    on: the date on which its windows start, by the week. start, end: minutes after the
    evening's midnight, None where there is none. usual: (start, end) by the week alone,
    or None.
    """
    on = (datetime.fromisoformat(now) - NIGHT_GOES_ON).date()
    found_usual = _usual(person, on)
    on, usual = found_usual or (on, None)
    found: Json = {
        "on": on.isoformat(),
        "start": usual[0] if usual else None,
        "end": usual[1] if usual else None,
        "usual": usual,
        "changed": False,
        "off": False,
    }
    for one in person["exceptions"]:
        if one["kind"] != "bedtime" or one["on"] != found["on"] or usual is None:
            continue
        start, end = (_after(one[key], usual[0]) for key in ("start", "end"))
        found["start"] = usual[0] if start is None else start
        found["end"] = usual[1] if end is None else end
        found["off"] = bool(one["off"]) or found["start"] >= found["end"]
        found["changed"] = found["off"] or (found["start"], found["end"]) != usual
    return found


def later(night: Json, minutes: int) -> str | None:
    """Return the start of a bedtime that much later; None when it would be no more."""
    start = int(night["start"]) + minutes
    if start >= int(night["end"]):
        return None
    return f"{start % DAY // 60:02d}:{start % 60:02d}"


def other_exceptions(person: Json, night: Json) -> list[Json]:
    """Return what differs on this day and later, tonight's bedtime left out."""
    return [
        one
        for one in person["exceptions"]
        if one["on"] >= night["on"]
        and not (one["kind"] == "bedtime" and one["on"] == night["on"])
    ]


def stretches(day: Sequence[Json]) -> list[Json]:
    """Return the stretches in which some window holds, adjacent ones as one."""
    found: list[Json] = []
    for one in day:
        if found and found[-1]["until"] == one["from"]:
            if found[-1]["kinds"] == one["kinds"]:
                found[-1] = {**found[-1], "until": one["until"]}
                continue
        found.append(dict(one))
    return [one for one in found if one["kinds"]]


def blockable(
    categories: Sequence[Json], services: Sequence[Json], chosen: Sequence[str]
) -> tuple[list[Json], list[Json]]:
    """Return the kinds of site that may wait for a while, and their services.

    Harmful kinds are off all day by the template, and kinds without a service (link
    shorteners) are nobody's pastime: both are left out unless chosen. The kinds with
    most services come first.
    """
    inside: dict[str, list[Json]] = {}
    for one in services:
        inside.setdefault(one["group"], []).append(one)
    kinds = [
        one
        for one in categories
        if one["id"] in chosen or (one["id"] in inside and not one["harm"])
    ]
    kinds.sort(key=lambda one: -len(inside.get(one["id"], ())))
    singles = [
        {
            "title": one["title"],
            "services": inside[one["id"]],
            "open": any(service["id"] in chosen for service in inside[one["id"]]),
        }
        for one in kinds
        if one["id"] in inside
    ]
    return kinds, singles


def preview_at(person: Json, form: Form, now: str) -> str | None:
    """Return when to look at the window: None for now, else the day it next holds."""
    today = datetime.fromisoformat(now).date()
    night = form.kind == "bedtime" and minute(clock_text(form.start) or "0:0") >= NOON
    for entry in person["week"]:
        on = date.fromisoformat(entry["date"]) - timedelta(days=1 if night else 0)
        if on >= today and entry["day_type"] in form.days:
            return None if on == today else f"{on}T12:00"
    return None


def _usual(person: Json, on: date) -> tuple[date, tuple[int, int]] | None:
    """Return (date its windows start on, start and end after midnight of `on`).

    A bedtime of the evening starts on this date, one after midnight on the next; both
    go by the type of the next date.
    """
    types = {entry["date"]: entry["day_type"] for entry in person["week"]}
    dated = on + timedelta(days=1)
    day_type = types.get(dated.isoformat()) or _by_weekday(person, dated)
    evening: list[tuple[int, int]] = []
    night: list[tuple[int, int]] = []
    for window in person["windows"]:
        if window["kind"] != "bedtime" or day_type not in window["days"]:
            continue
        start, end = minute(window["start"]), minute(window["end"])
        end += 0 if end > start else DAY
        (evening if start >= NOON else night).append((start, end))
    if evening:
        return on, (min(s for s, _ in evening), max(e for _, e in evening))
    if night:
        start, end = min(s for s, _ in night), max(e for _, e in night)
        return dated, (start + DAY, end + DAY)
    return None


def _by_weekday(person: Json, on: date) -> str | None:
    """Return the type of the same weekday of the week that is known."""
    for entry in person["week"]:
        if date.fromisoformat(entry["date"]).weekday() == on.weekday():
            return str(entry["day_type"])
    return None


def _after(text: str | None, begins: int) -> int | None:
    """Return a time of this night in minutes after the evening's midnight."""
    if text is None:
        return None
    found = minute(text)
    return found + DAY if found < NOON <= begins else found
