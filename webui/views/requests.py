"""Requests as values: what is open with its answers, and what was answered. Pure."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
# What one tap gives, in minutes.
MINUTES = (15, 30)
SITE = ("1h", "tonight", "always")
# For good is a change of the rules, and a parent's.
RULES = frozenset({"always"})


def requests(found: list[Json], overview: Json, *, parent: bool) -> Json:
    """Return the requests as their page shows them.

    found: as the daemon lists them, open ones first. open: each with `name`, `child`,
    and `gives` (what one tap may give); answered: each with `name` and `by`.
    parent: whether the reader may change rules.
    """
    people = {one["id"]: one for one in overview["people"]}

    def named(request: Json) -> Json:
        child = people.get(request["person"])
        return {**request, "name": child["name"] if child else request["person"]}

    opened = [
        {
            **named(one),
            "child": people.get(one["person"]),
            "gives": gives(one, people.get(one["person"]), parent=parent),
        }
        for one in found
        if one["state"] == "open"
    ]
    return {
        "open": opened,
        "answered": [
            {**named(one), "by": _by(one, people)}
            for one in found
            if one["state"] != "open"
        ],
    }


def gives(request: Json, child: Json | None, *, parent: bool) -> list[int | str]:
    """Return what can be given with one tap; nothing while a pause holds."""
    if request["kind"] == "site":
        return [one for one in SITE if parent or one not in RULES]
    if child is None or child["pauses"]:
        return []
    minutes = sorted({*MINUTES, request["minutes"]})
    # During bedtime the next one begins tomorrow: nobody means that.
    asleep = child["decision"]["reason"] == "BEDTIME"
    return [*minutes, *([] if asleep else ["bedtime"])]


def parse_give(text: str) -> int | str | None:
    """Return what a button gives: minutes or a word; None for what no button does."""
    if text.isascii() and text.isdecimal() and 0 < int(text[:5]) <= 24 * 60:
        return int(text)
    return text if text in (*SITE, "bedtime") else None


def _by(request: Json, people: dict[str, Json]) -> str:
    answer = request["answer"]
    if answer is None:
        return ""
    person = people.get(answer["by"])
    return str(person["name"]) if person else str(answer["by"])
