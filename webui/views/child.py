"""One child's pages as values: the coming day, devices, who sees what. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
# Marks of a strip: a day has four of them.
_TICK_H = 6
# Zones are whole quarters of an hour from UTC (tz database).
_QUARTER = timedelta(minutes=15)
LOOKS = {"allow": "on", "limit": "part"}
# What there is to see about a child -> who sees it, for how long. Nothing of what a
# child does on the internet is recorded; counting minutes comes with budgets.
SEEN = (
    ("sites", "nobody", "never"),
    ("minutes", "nobody", "never"),
    ("help", "nobody", "never"),
    ("online", "parents", "now"),
    ("refused", "child", "memory"),
    ("requests", "both", "week"),
    ("changes", "parents", "log"),
)
# The most a parent could ever switch on, by age; young people and their own device
# come first from 13 on.
AT_MOST = {
    "0-5": "names",
    "6-9": "names",
    "10-12": "services",
    "13-15": "categories",
    "16-17": "totals",
}


def strip(day: list[Json], zone: str) -> Json:
    """Return the coming day as shares of its length, and where its marks are.

    day: stretches {from, until, decision} in order. stretches: {start, end, look};
    ticks: {at, moment}, at every sixth hour of the home's clock.
    """
    if not day:
        return {"stretches": [], "ticks": []}
    first, last = _at(day[0]["from"]), _at(day[-1]["until"])
    length = (last - first).total_seconds()

    def share(moment: datetime) -> float:
        return min(1.0, max(0.0, (moment - first).total_seconds() / length))

    stretches = []
    for one in day:
        start, end = share(_at(one["from"])), share(_at(one["until"]))
        if start < end:
            look = LOOKS.get(one["decision"]["verdict"], "off")
            stretches.append({"start": start, "end": end, "look": look})
    return {
        "stretches": stretches,
        "ticks": [
            {"at": share(moment), "moment": moment.astimezone(ZoneInfo(zone))}
            for moment in _marks(first, last, ZoneInfo(zone))
        ],
    }


def devices(known: list[Json], overview: Json, person: str) -> Json:
    """Return a child's devices, and those nobody has assigned.

    own: {id, name, last (instant or None), asks (new devices that may be this one)};
    free: new devices that look like none of the child's.
    """
    new = overview["unassigned"]
    own = [
        {
            **device,
            "last": _last(device, overview["zone"]),
            "asks": [
                one
                for one in new
                if {"person": person, "device": device["id"]}
                in [
                    {"person": c["person"], "device": c["device"]}
                    for c in one["may_belong_to"]
                ]
            ],
        }
        for device in known
        if device["person"] == person
    ]
    asked = {one["mac"] for device in own for one in device["asks"]}
    return {"own": own, "free": [one for one in new if one["mac"] not in asked]}


def privacy(child: Json) -> Json:
    """Return who sees what about a child: rows (what, who, how long), and at most."""
    return {"rows": SEEN, "at_most": AT_MOST.get(child["band"] or "", "totals")}


def agreement(child: Json, sites: Json, titles: dict[str, str]) -> Json:
    """Return a child's live rules as an agreement says them.

    titles: id -> title of categories and services. off: titles of what is blocked, and
    blocked names; always: names that work at bedtime too; windows as they are.
    """
    blocked = [
        titles.get(one["id"], one["id"])
        for one in sites["access"]
        if one["access"] == "block"
    ]
    return {
        "windows": child["windows"],
        "off": [*blocked, *(one["name"] for one in sites["block"])],
        "always": [one["name"] for one in sites["always"]],
        "only": sites["only"]["value"],
        "safe_search": sites["safe_search"]["value"],
        "youtube": sites["youtube"]["value"],
    }


def _marks(first: datetime, last: datetime, zone: ZoneInfo) -> list[datetime]:
    # In UTC: two readings of one zone would be subtracted by their wall clocks.
    moment = first.astimezone(timezone.utc).replace(minute=0, second=0, microsecond=0)
    found = []
    while moment < last:
        local = moment.astimezone(zone)
        if moment > first and local.minute == 0 and local.hour % _TICK_H == 0:
            found.append(moment)
        moment += _QUARTER
    return found


def _last(device: Json, zone: str) -> str | None:
    seen = [one["last_seen"] for one in device["seen"]]
    if not seen:
        return None
    return datetime.fromtimestamp(max(seen), ZoneInfo(zone)).isoformat()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
