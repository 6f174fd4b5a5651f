"""Home as values: a card for each child, the root cause of what is wrong. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

Json = dict[str, Any]
EVERYONE = "all"
# What a grant can open, by the reason of what it stands against.
LIFTED_BY = {
    "BEDTIME": "bedtime",
    "OFFLINE": "offline",
    "HOMEWORK": "homework",
    "BUDGET_USED": "budget",
}
# Where the help page tells more of a trouble.
_TOLD = {
    "clock-unknown": "clock",
    "failsafe": "failsafe",
    "store": "failsafe",
    "household-problems": "failsafe",
    "rules-on-trial": "trial",
    "rules-missing": "not-enforced",
    "enforcement-refused": "not-enforced",
    "flows-not-cut": "not-enforced",
}


def home(overview: Json) -> Json:
    """Return what Home shows, of the daemon's overview.

    children: the cards, in the household's order; trouble: the one banner, or None;
    notes: what this box cannot do, as it is here; new: devices nobody has assigned;
    all_paused: whether everyone is; online: how many children are.
    """
    children = [
        card(person, overview["now"])
        for person in overview["people"]
        if person["role"] == "child"
    ]
    return {
        "children": children,
        "online": sum(child["online"] for child in children),
        "trouble": trouble(overview),
        "notes": [
            one
            for one in overview["health"]
            # The line of the mode says the other one.
            if one["severity"] == "info" and one["code"] != "partly-enforced"
        ],
        # A guest's device is known and has had its answer.
        "new": [
            _seen(one, overview) for one in overview["unassigned"] if not one["device"]
        ],
        "all_paused": bool(children) and all(child["paused"] for child in children),
    }


def trouble(overview: Json) -> Json | None:
    """Return the root cause of what is wrong, or None: consequences are not told.

    code, severity ("bad", "warn" or "info"); more: where the help page tells of it.
    """
    health = overview["health"]
    found = [
        *(entry for entry in health if entry["severity"] == "bad"),
        *_flags(overview),
        *(entry for entry in health if entry["severity"] == "warn"),
    ]
    if not found:
        return None
    first = found[0]
    return {**first, "more": f"/help#{_TOLD.get(first['code'], 'trouble')}"}


def _flags(overview: Json) -> list[Json]:
    flags = (
        (not overview["enforced"], "enforcement-refused", "bad"),
        (overview["failsafe"], "failsafe", "bad"),
        (not overview["clock_known"], "clock-unknown", "warn"),
        (overview["trial"], "rules-on-trial", "info"),
    )
    return [
        {"code": code, "detail": "", "severity": severity}
        for holds, code, severity in flags
        if holds
    ]


def name_of(overview: Json, person: str) -> str | None:
    """Return a person's name; None for everyone, and for nobody."""
    for one in overview["people"]:
        if one["id"] == person:
            return str(one["name"])
    return None


def child_of(overview: Json, person: str) -> Json | None:
    """Return a child by id; None for an adult, who has no rules, and for nobody."""
    for one in overview["people"]:
        if one["id"] == person and one["role"] == "child":
            return dict(one)
    return None


def card(person: Json, now: str) -> Json:
    """Return one child's card.

    left_s: seconds until the internet ends for them; None when it is off or no end is
    known. asleep: a rule of time holds, so that more time is what a parent may want.
    running: a grant is.
    """
    decision = person["decision"]
    upcoming = person["next"]
    left = None
    if decision["verdict"] == "allow" and decision["until"]:
        if upcoming is None or upcoming["verdict"] != "allow":
            left = (_at(decision["until"]) - _at(now)).total_seconds()
    return {
        **person,
        "paused": bool(person["pauses"]),
        # A grant never lifts a pause.
        "grantable": not person["pauses"],
        "running": bool(person["grants"]),
        "asleep": decision["reason"] in LIFTED_BY,
        "left_s": left,
    }


def more_time(person: Json, minutes: int) -> Json:
    """Return the arguments of the `grant` that gives a child so much more.

    Time is added to a running grant; else to the end that is ahead, and then it lifts
    only what begins there; else it begins now.
    """
    if person["grants"]:
        last = max(person["grants"], key=lambda grant: _at(grant["until"]))
        lifts = {"lifts": ",".join(last["lifts"])} if last.get("lifts") else {}
        return {"span": f"{minutes}m", **lifts}
    upcoming = person["next"]
    if person["decision"]["verdict"] == "allow" and upcoming:
        kind = LIFTED_BY.get(upcoming["reason"])
        if kind is not None:
            end = _at(upcoming["at"]) + timedelta(minutes=minutes)
            return {"until": end.isoformat(), "lifts": kind}
    return {"span": f"{minutes}m"}


def _seen(device: Json, overview: Json) -> Json:
    """Return a new device with the name of the child it looks like, if one."""
    owners = {one["person"] for one in device["may_belong_to"]}
    looks = name_of(overview, owners.pop()) if len(owners) == 1 else None
    return {**device, "looks_like": looks}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
