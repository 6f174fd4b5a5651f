"""What the verbs of the technician's pages answer of the invented family.

Names of the family and of its devices are in them as in the real answers, so that a
page that shows one is found out.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
RULES = """add table inet guardian
add set inet guardian permit { type ether_addr; flags timeout; }
add chain inet guardian judge_in
add rule inet guardian judge_in ether saddr @permit accept comment "has a lease"
add rule inet guardian judge_in goto refuse comment "no lease"
flush set inet guardian permit
add element inet guardian permit { 02:00:5e:00:10:01 timeout 59123ms }
"""
STATUS: Json = {
    "household": "Example family",
    "revision": 88,
    "enforced": True,
    "failsafe": False,
    "problems": [],
    "store": "ok",
    "trial": False,
    "mode": "router",
    "interfaces": {"br-lan": "hooked"},
    "ports": [],
    "hooks": {"ingress": True, "egress": True},
    "clock": {"now": "2026-03-04T19:30:00+01:00", "known": True},
    "leases": 2,
    "floor": {"addresses": 6},
}
RESOLVERS = ["127.0.0.1#53"]
STATS: Json = {
    "revision": 12,
    "questions": 4711,
    "refused": 23,
    "rewritten": 5,
    "forwarded": 1200,
    "cached": 3400,
    "dropped": 0,
    "errors": 0,
    "unreadable": 1,
    "unreachable": 0,
    "upstream": {"ok": 1, "failing": 0, "ignored": 0},
    "pending": 2,
    "cache": 800,
    "verdicts": 512,
    "connections": 3,
    "unbound": 0,
    "index_names": 512000,
    "ports": {"20055": [9191, 17]},
}
PERMITTED = ("02:00:5e:00:10:01", "02:00:5e:00:10:02")


def lease(name: str, key: list[Any], seconds: int | None) -> Json:
    """Return an element as `plan` shows it."""
    return {"set": name, "key": key, "seconds": seconds}


PLAN: Json = {
    "at": "2026-03-04T19:30:00+01:00",
    "people": [
        {
            "id": "mia",
            "name": "Mia",
            "decision": {
                "verdict": "allow",
                "reason": "DEFAULT",
                "says": "Nothing stands against it.",
                "until": "2026-03-04T21:00:00+01:00",
                "args": {},
            },
            "day": [],
        },
        {
            "id": "ben",
            "name": "Ben",
            "decision": {
                "verdict": "refuse",
                "reason": "PAUSED",
                "says": "A parent has paused the internet.",
                "until": "2026-03-05T06:30:00+01:00",
                "args": {"by": "Tom", "pause": "pause-20260304-1910"},
            },
            "day": [],
        },
    ],
    "unknown": {
        "verdict": "allow",
        "reason": "NEW_DEVICE",
        "says": "Nobody has assigned this device yet.",
        "until": "2026-03-04T21:00:00+01:00",
        "args": {"policy": "ask"},
    },
    "leases": [
        lease("dnsnew", ["br-lan", 20053], 15),
        lease("dnsport", ["02:00:5e:00:10:01", 20055], 15),
        lease("exempt", ["02:00:5e:00:10:03"], None),
        lease("floor4", ["192.0.2.53"], 3400),
        lease("floor4", ["192.0.2.54"], 3500),
        lease("open_unknown", ["br-lan"], 5390),
        *(lease("permit", [mac], 5400) for mac in PERMITTED),
    ],
}
ROWS: list[Json] = [
    {
        "rank": 3,
        "row": "protection-off",
        "applies": False,
        "says": "a parent has switched protection off, until its end",
        "args": {},
    },
    {
        "rank": 4,
        "row": "pause",
        "applies": True,
        "says": "a parent's pause, until its end",
        "args": {"by": "Tom", "pause": "pause-20260304-1910"},
    },
    {
        "rank": 5,
        "row": "grant",
        "applies": True,
        "says": "time given on top: opens what it states, never a pause",
        "args": {"grant": "grant-1", "why": "homework video"},
    },
    {
        "rank": 16,
        "row": "default",
        "applies": True,
        "says": "nothing stands against it",
        "args": {},
    },
]
LAYERS = {
    "window:bedtime": "band:10-12",
    "window:no-play": "person:mia",
    "block:pokerstars.com": "person:mia",
}
ANSWERS: Json = {
    "plan": PLAN,
    "print": {"text": RULES},
    "check": {"loads": True},
}
CHANGES: Json = {
    "try": lambda args: {"enforced": True, "rollback_in": args["timeout"]},
    "try-confirm": {"enforced": True, "kept": True},
    "try-rollback": {"enforced": True, "kept": False},
}
