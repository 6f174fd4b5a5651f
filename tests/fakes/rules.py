"""What the verbs of schedule, calendar and sites answer of the invented family.

The catalogue is the real one, so that pages are tried with all its services.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from guardian.core.errors import ControlError
from guardian.store.catalogue import load_catalogue
from guardian.views import catalogue_view
from tests.fakes import technician

Json = dict[str, Any]
DONE: Json = {"revision": 89, "enforced": True}
TERM = {"first": "2026-03-30", "last": "2026-04-11", "day_type": "holiday"}
CALENDAR: Json = {
    "week": ["school"] * 5 + ["weekend"] * 2,
    "days": [
        {"first": "2026-02-16", "last": "2026-02-16", "day_type": "holiday"},
        {**TERM, "name": "Easter holidays"},
        {"first": "2026-03-21", "last": "2026-03-21", "day_type": "school"},
    ],
    "types": ["holiday", "school", "weekend"],
}
for _day in CALENDAR["days"]:
    _day.setdefault("name", "")
IMPORTED: Json = {
    "days": [{**TERM, "name": "Osterferien"}],
    "skipped": [{"line": 14, "why": "not-whole-days"}],
}


def setting(layer: str, why: str | None = None, **says: Any) -> Json:
    """Return one setting as `sites` shows it."""
    return {**says, "layer": layer, "why": why}


_BAND = "band:10-12"
SITES: Json = {
    "person": "mia",
    "band": "10-12",
    "only": setting(_BAND, "School sends children all over the web.", value=False),
    "packs": setting(_BAND, "Stands ready.", value=["basics", "maths"]),
    "safe_search": setting(_BAND, "Search is for school now.", value=True),
    "youtube": setting(_BAND, "The strictest mode still.", value="strict"),
    "access": [
        setting(_BAND, "Made for adults.", id="gambling", access="block"),
        setting("person:mia", id="roblox", access="block"),
        setting(_BAND, "The networks say 13 or older.", id="social", access="block"),
        setting("person:mia", id="youtube", access="limit"),
    ],
    "allow": [setting("person:mia", name="scratch.mit.edu")],
    "block": [setting("person:mia", name="example.com")],
    "always": [],
    "opened": [],
}
EXACTLY: Json = {
    **SITES,
    "access": [one for one in SITES["access"] if one["layer"] == _BAND],
    "allow": [],
    "block": [],
}


@cache
def _catalogue(kind: str) -> list[Json]:
    return catalogue_view(load_catalogue(), kind)


def catalogue(args: Json) -> list[Json]:
    """Answer `catalogue`."""
    return [dict(one) for one in _catalogue(args["kind"])]


def explain(args: Json) -> Json:
    """Answer `explain`: TikTok is refused, help is the floor, all else is open."""
    name, now = args.get("name", ""), args.get("at") or "2026-03-04T19:30:00+01:00"
    if name and "." not in name:
        raise ControlError("bad-hostname", name)
    found: Json = {
        "name": name,
        "verdict": "allow",
        "reason": "DEFAULT",
        "says": "Nothing stands against it.",
        "args": [],
        "until": None,
        "matched": None,
        "answered_as": None,
        "lists": [],
    }
    if name.endswith("tiktok.com"):
        found |= {
            "verdict": "refuse",
            "reason": "BLOCKED_CATEGORY",
            "args": [["category", "social"]],
            "lists": [{"label": "tiktok", "list": "services"}],
        }
    return {
        "device": args["device"],
        "at": now,
        "day_type": "school",
        "night": "school",
        "decision": {
            "verdict": "allow",
            "reason": "DEFAULT",
            "says": "Nothing stands against it.",
            "until": "2026-03-04T21:00:00+01:00",
            "args": {},
        },
        "rows": technician.ROWS,
        "layers": technician.LAYERS,
        **({"name": found} if name else {}),
    }


def preview(args: Json) -> Json:
    """Answer `preview`: this evening with the window that was asked about."""
    start, end, kind = args["start"], args["end"], args["kind"]
    until = f"2026-03-{'05' if end <= start else '04'}T{end}:00+01:00"
    begins = f"2026-03-04T{start}:00+01:00"
    state = {"verdict": "allow", "reason": "DEFAULT", "says": "", "args": {}}
    off = {"verdict": "refuse", "reason": kind.upper(), "says": "", "args": {}}
    return {
        "at": "2026-03-04T19:30:00+01:00",
        "decision": {**state, "until": begins},
        "day": [
            {
                "from": "2026-03-04T19:30:00+01:00",
                "until": begins,
                "kinds": [],
                "decision": {**state, "until": begins},
            },
            {
                "from": begins,
                "until": until,
                "kinds": [kind],
                "decision": {**off, "until": until},
            },
        ],
    }


ANSWERS: Json = {
    "calendar": CALENDAR,
    "catalogue": catalogue,
    "explain": explain,
    "preview": preview,
    "sites": SITES,
}
CHANGES: Json = {
    "access": {**DONE, "id": "roblox"},
    "calendar-add": DONE,
    "calendar-drop": DONE,
    "calendar-import": {**DONE, **IMPORTED},
    "calendar-week": DONE,
    "exception": {**DONE, "id": "mia-bedtime-20260304"},
    "open": {**DONE, "until": "2026-03-04T20:30:00+01:00"},
    "site": lambda args: {**DONE, "names": args["names"]},
    "sites-set": {**DONE, "person": "mia"},
    "window-default": DONE,
    "window-drop": DONE,
    "window-set": {**DONE, "id": "bedtime", "merged": []},
}
