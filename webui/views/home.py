"""Home as values: a card for each child, the root cause of what is wrong. Pure."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
EVERYONE = "all"


def home(overview: Json) -> Json:
    """Return what Home shows, of the daemon's overview.

    children: the cards, in the household's order; trouble: the one banner, or None;
    new: devices nobody has assigned; all_paused: whether everyone is.
    """
    children = [
        _card(person) for person in overview["people"] if person["role"] == "child"
    ]
    return {
        "children": children,
        "trouble": trouble(overview),
        "new": overview["unassigned"],
        "all_paused": bool(children) and all(card["paused"] for card in children),
        "protection": overview.get("protection") or {"off_until": None, "by": None},
    }


def trouble(overview: Json) -> Json | None:
    """Return the root cause of what is wrong, or None: consequences are not told."""
    for entry in overview["health"]:
        if entry["severity"] in ("bad", "warn"):
            return dict(entry)
    return None


def name_of(overview: Json, person: str) -> str | None:
    """Return a person's name; None for everyone, and for nobody."""
    for one in overview["people"]:
        if one["id"] == person:
            return str(one["name"])
    return None


def _card(person: Json) -> Json:
    reason = person["decision"]["reason"]
    return {
        **person,
        "paused": bool(person["pauses"]),
        # More time is for windows and budgets, and on top of a grant.
        "grantable": not person["pauses"],
        "asleep": reason in ("BEDTIME", "OFFLINE", "BUDGET_USED"),
    }
