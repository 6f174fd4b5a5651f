"""Settings as values: what a row says, the lists, what a restore changes. Pure."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from webui.i18n import mark

Json = dict[str, Any]
# What a new device gets: id as in the household, name, what it means.
POLICIES = {
    "ask": (
        mark("Ask me"),
        mark(
            "It has a child's rules, bedtime too, until you say whose it is. You are "
            "asked on Home."
        ),
    ),
    "allow": (
        mark("Let it in"),
        mark(
            "It has no limits until you say whose it is. A child's new device has none."
        ),
    ),
    "block": (
        mark("Keep it out"),
        mark(
            "It has no internet until you say whose it is. Guests have to wait for you."
        ),
    ),
}
# How long protection may be off: id, words, and what the daemon is told.
OFF_FOR = {
    "30m": (mark("30 minutes"), {"span": "30m"}),
    "2h": (mark("2 hours"), {"span": "2h"}),
    "morning": (mark("Until tomorrow morning"), {"until": "06:00"}),
}
# The parts of a document whose entries have a name.
_NAMED = ("people", "devices")
# What comes and goes by itself, or says nothing of the family, is no difference that a
# parent would look for.
_PASSING = frozenset(
    {"claimed", "exceptions", "grants", "opened", "pauses", "protection_off", "schema"}
)


def home(document: Json) -> Json:
    """Return what the household says of itself, with what is usual where it says none.

    document: of the verb `household-export`.
    """
    return {
        "name": document.get("name", ""),
        "timezone": document.get("timezone", "UTC"),
        "country": document.get("country", ""),
        "language": document.get("language", "en"),
        "clock24": document.get("clock24", True),
        "day_change": document.get("day_change", "04:00"),
        "new_devices": document.get("new_devices", {}).get("policy", "ask"),
        "days": len(document.get("calendar", {}).get("days", [])),
    }


def lists(status: Json, now: str) -> Json:
    """Return the lists in force: names, since, and each with its age.

    status: of the verb `status`. now: the household's; instants come out in its zone.
    """
    found = status["names"]["lists"]
    index = found["index"] or {}
    zone = datetime.fromisoformat(now).tzinfo

    def at(text: str | None) -> str | None:
        return (
            datetime.fromisoformat(text).astimezone(zone).isoformat() if text else None
        )

    return {
        "names": index.get("names"),
        "since": at(index.get("since")),
        "next": at(found["next"]),
        "problem": found["problem"],
        "feeds": [
            {
                "id": feed["id"],
                "entries": feed["entries"],
                "since": at(feed["in_force_since"]),
                "checked": at(feed["checked"]),
                "problem": feed["problem"],
            }
            for feed in found["feeds"]
            if feed["entries"] is not None
        ],
    }


def read_document(data: bytes) -> Json | None:
    """Return the household of a file, or None for anything that cannot be one."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or "schema" not in found:
        return None
    return found


def differences(now: Json, then: Json) -> list[Json]:
    """Return what a restore of `then` would change: {part, come, gone, other} for each.

    part: a key of the document; come, gone, other: names of entries that would appear,
    go, or change; all empty for a part that is no list of named entries.
    """
    found = []
    for part in sorted(now.keys() | then.keys()):
        if part in _PASSING or now.get(part) == then.get(part):
            continue
        row: Json = {"part": part, "come": [], "gone": [], "other": []}
        if part in _NAMED:
            old, new = _by_id(now.get(part)), _by_id(then.get(part))
            row["come"] = [_name(new[key]) for key in new if key not in old]
            row["gone"] = [_name(old[key]) for key in old if key not in new]
            row["other"] = [
                _name(new[key]) for key in new if key in old and new[key] != old[key]
            ]
        found.append(row)
    return found


PARTS = {
    "people": mark("People and their rules"),
    "devices": mark("Devices"),
    "calendar": mark("Calendar"),
    "network": mark("The home network's ports"),
    "new_devices": mark("Rules for new devices"),
    "timezone": mark("Time zone"),
    "country": mark("Country"),
    "language": mark("Language"),
    "name": mark("Name of the home"),
    "clock24": mark("How times are written"),
    "day_change": mark("When a new day begins"),
    "names": mark("How names are answered"),
}


def technicians(accounts: Json) -> list[Json]:
    """Return the technicians' accounts; each ends by itself."""
    return [a for a in accounts["accounts"] if a["role"] == "technician"]


def _by_id(entries: object) -> dict[str, Json]:
    if not isinstance(entries, list):
        return {}
    return {str(e.get("id")): e for e in entries if isinstance(e, dict)}


def _name(entry: Json) -> str:
    return str(entry.get("name", entry.get("id", "")))[:60]
