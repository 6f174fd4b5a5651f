"""The family log as values: entries by day, what can be undone, and why not. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Json = dict[str, Any]
# How many entries one page shows, and the most it can.
USUAL, MOST = 50, 200
# Entries about who may sign in: they are changed in the settings, not taken back.
_ACCOUNTS = frozenset(
    """account-drop account-set claim invite invite-take key-drop key-set
    password-reset""".split()
)
# Who is not a person: the box itself, and whoever has it in hand.
_BOX = frozenset({"", "guardiand"})
_HAND = frozenset({"root", "console"})


def log(entries: list[Json], overview: Json, accounts: dict[str, str]) -> list[Json]:
    """Return the days of the log, newest first: {day (an instant), entries}.

    entries: as the verb lists them, newest first. Each gets `by_name` (a name, or None
    where `by_kind` is "box" or "hand") and `why` (a code; None where it can be undone).
    accounts: id -> name of accounts that are nobody's of the people.
    """
    people = {one["id"]: one["name"] for one in overview["people"]}
    days: list[Json] = []
    for entry in entries:
        told = {**entry, **_author(entry["by"], {**accounts, **people})}
        told["why"] = None if entry["undoable"] else why_not(entry)
        if not days or _date(days[-1]["day"]) != _date(entry["at"]):
            days.append({"day": entry["at"], "entries": []})
        days[-1]["entries"].append(told)
    return days


def why_not(entry: Json) -> str:
    """Return the code of why an entry cannot be undone."""
    if entry["verb"] in _ACCOUNTS:
        return "accounts"
    if not entry["changes"]:
        return "nothing"
    return "past"


def _author(by: str, names: dict[str, str]) -> Json:
    if by in _BOX:
        return {"by_name": None, "by_kind": "box"}
    if by in _HAND and by not in names:
        return {"by_name": None, "by_kind": "hand"}
    return {"by_name": names.get(by, by), "by_kind": "person"}


def _date(text: str) -> str:
    return datetime.fromisoformat(text).date().isoformat()
