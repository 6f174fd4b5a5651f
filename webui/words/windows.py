"""Windows of the week in words: which days, from when until when, what they do.

A bedtime's days are told as nights: "school" is the night before a school day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webui.i18n import gettext, mark
from webui.words import times

Json = dict[str, Any]
USUAL = ("school", "weekend", "holiday")

_KINDS = {
    "bedtime": mark("Bedtime"),
    "offline": mark("No internet"),
    "homework": mark("Homework"),
    "sites": mark("Apps off for a while"),
}
_MEANS = {
    "bedtime": mark("No internet at night. Help always works."),
    "offline": mark("No internet by day, for meals or a walk."),
    "homework": mark("School and learning sites work, all others wait."),
    "sites": mark("Some kinds of apps and sites wait; everything else works."),
}
_TYPES = {
    "school": mark("School days"),
    "weekend": mark("Weekend days"),
    "holiday": mark("Holidays"),
}
_ONE = {
    "school": mark("School day"),
    "weekend": mark("Weekend day"),
    "holiday": mark("Holiday"),
}
_NIGHTS = {
    "school": mark("School nights"),
    "weekend": mark("Nights before weekend days"),
    "holiday": mark("Nights before holidays"),
}
_PROBLEMS = {
    "days-missing": mark("Choose at least one kind of day."),
    "start-missing": mark("Write when it starts, for example 21:00."),
    "end-missing": mark("Write when it ends, for example 06:30."),
    "window-zero-length": mark("Start and end are the same. Choose two times."),
    "blocks-missing": mark("Choose at least one app or kind of site."),
}


def kind(key: str) -> str:
    """Return the name of a kind of window."""
    return gettext(_KINDS[key])


def means(key: str) -> str:
    """Return what a kind of window does, for whoever is about to add one."""
    return gettext(_MEANS[key])


def problem(code: str) -> str:
    """Return what is wrong with a field of the form of a window."""
    return gettext(_PROBLEMS[code])


def day_type(key: str) -> str:
    """Return the name of one day's type; a family's own is its own name."""
    return gettext(_ONE[key]) if key in _ONE else own_name(key)


def day_types(key: str, window_kind: str) -> str:
    """Return the days, or for a bedtime the nights, that a day type stands for."""
    if window_kind == "bedtime":
        if key in _NIGHTS:
            return gettext(_NIGHTS[key])
        return gettext("Nights before “%(type)s”", type=own_name(key))
    return gettext(_TYPES[key]) if key in _TYPES else own_name(key)


def days(types: Sequence[str], window_kind: str) -> str:
    """Return the days of a window: "School nights", "Free days", "Every day"."""
    night, found = window_kind == "bedtime", set(types)
    if found == set(USUAL):
        return gettext("Every night") if night else gettext("Every day")
    if found == {"weekend", "holiday"}:
        return gettext("Nights before free days") if night else gettext("Free days")
    ordered = [key for key in USUAL if key in found]
    ordered += sorted(found - set(USUAL))
    return listed([day_types(key, window_kind) for key in ordered])


def listed(parts: Sequence[str]) -> str:
    """Return names as a list in words."""
    text = parts[0] if parts else ""
    for part in parts[1:]:
        text = gettext("%(first)s, %(next)s", first=text, next=part)
    return text


def window(found: Json) -> str:
    """Return a window in words: "School nights 21:00 to 06:30"."""
    text = mark("%(days)s %(start)s to %(end)s")
    start, end = minute(found["start"]), minute(found["end"])
    if end <= start and found["kind"] != "bedtime":
        text = mark("%(days)s %(start)s to %(end)s the next day")
    return gettext(
        text,
        days=days(found["days"], found["kind"]),
        start=times.minutes_clock(start),
        end=times.minutes_clock(end),
    )


def source(found: Json, name: str, band: str | None) -> str:
    """Return which layer set something, and why: the template's reason, or a person."""
    if not str(found["layer"]).startswith("band:"):
        return gettext("Set for %(name)s by a parent.", name=name)
    if not found.get("why"):
        return gettext("From the %(band)s template.", band=template_name(band))
    return gettext(
        "From the %(band)s template: %(why)s",
        band=template_name(band),
        why=gettext(found["why"]),
    )


def template_name(band: str | None) -> str:
    """Return an age band as it is written: "10–12"."""
    return (band or "").replace("-", "–")


def stretch(found: Json, now: str) -> str:
    """Return a stretch of a day: "Tonight: Bedtime 21:00 until 06:30"."""
    start = times.instant(found["from"])
    label = times.day(found["from"], now)
    if times.instant(now).date() == start.date() and start.hour >= 17:
        label = gettext("tonight")
    return gettext(
        "%(day)s: %(what)s, %(start)s until %(end)s",
        day=label[:1].upper() + label[1:],
        what=listed([kind(key) for key in found["kinds"]]),
        start=times.clock(found["from"]),
        end=times.until(found["until"], found["from"]),
    )


def minute(text: str) -> int:
    """Return "21:30" as minutes after midnight; the daemon's own form."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def exception(found: Json) -> str:
    """Return what differs on one day: "Homework starts at 16:00"."""
    said = {"what": kind(found["kind"])}
    for key in ("start", "end"):
        if found[key] is not None:
            said[key] = times.minutes_clock(minute(found[key]))
    if found["off"]:
        return gettext("%(what)s is called off", **said)
    if "end" not in said:
        return gettext("%(what)s starts at %(start)s", **said)
    if "start" not in said:
        return gettext("%(what)s ends at %(end)s", **said)
    return gettext("%(what)s, %(start)s until %(end)s", **said)


def blocks(found: Json, titles: Json) -> str:
    """Return what a window of apps turns off; titles: id -> what it is called."""
    return gettext(
        "Off then: %(what)s",
        what=listed([titles.get(one) or own_name(one) for one in found["blocks"]]),
    )


def own_name(key: str) -> str:
    """Return an id that has no name as words."""
    text = key.replace("-", " ").replace("_", " ")
    return text[:1].upper() + text[1:]
