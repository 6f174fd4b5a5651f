"""The invented family of the pages' tests, as the verbs would answer of it.

It is half past seven on a Wednesday in Berlin; Mia is 11 and Ben 7.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from guardian.core.errors import ControlError
from tests.fakes import rules, technician

Json = dict[str, Any]
NOW = "2026-03-04T19:30:00+01:00"
BEDTIME = "2026-03-04T21:00:00+01:00"
MORNING = "2026-03-05T06:30:00+01:00"
MIA_TABLET, MIA_PHONE, ANNA_PHONE = (f"02:00:5e:00:10:0{n}" for n in (1, 2, 3))
# What a signed-in browser may come from, and Mia's own tablet.
ANNA_AT, MIA_AT, BEN_AT, STRANGER_AT = (
    "192.168.1.13",
    "192.168.1.11",
    "192.168.1.12",
    "192.168.1.99",
)


def decision(verdict: str, reason: str, until: str | None, **args: str) -> Json:
    """Return a decision as the verbs show it."""
    says = reason.replace("_", " ").capitalize() + "."
    return {
        "verdict": verdict,
        "reason": reason,
        "says": says,
        "until": until,
        "args": args,
    }


ON = decision("allow", "DEFAULT", BEDTIME)
ASLEEP = decision("refuse", "BEDTIME", MORNING, window="bedtime")
PAUSED = decision("refuse", "PAUSED", MORNING)
NO_LIMITS = decision("allow", "EXEMPT", None)


def person(
    key: str, name: str, role: str = "child", band: str | None = None, **more: Any
) -> Json:
    """Return one person as `overview` shows them."""
    return {
        "id": key,
        "name": name,
        "role": role,
        "band": band,
        "birth": None,
        "etag": f"etag-{key}",
        "online": True,
        "devices": [],
        "decision": ON if role == "child" else NO_LIMITS,
        "next": None,
        "pauses": [],
        "grants": [],
        "proof": None,
        "requests": 0,
        **more,
    }


MIA = person(
    "mia",
    "Mia",
    band="10-12",
    birth="2015-03",
    devices=["tablet", "phone-mia"],
    next={"at": BEDTIME, "reason": "BEDTIME", "verdict": "refuse"},
    requests=1,
)
BEN = person(
    "ben",
    "Ben",
    band="6-9",
    devices=["console"],
    decision=ASLEEP,
    online=False,
    proof={"at": "2026-03-04T19:00:00+01:00", "closed": 9, "closed6": 5, "left": 0},
)
ANNA = person("anna", "Anna", role="parent", devices=["phone"])
TOM = person("tom", "Tom", role="parent")
STRANGER: Json = {
    "mac": "02:00:5e:00:10:99",
    "device": None,
    "name": "iPhone",
    "vendor": None,
    "first": "2026-03-04T18:05:00+01:00",
    "last": "2026-03-04T19:29:00+01:00",
    "addresses": [STRANGER_AT],
    "may_belong_to": [
        {"person": "mia", "device": "phone-mia", "why": ["hostname", "params"]}
    ],
    "decision": decision("allow", "NEW_DEVICE", BEDTIME),
}
OVERVIEW: Json = {
    "revision": 88,
    "enforced": True,
    "now": NOW,
    "zone": "Europe/Berlin",
    "claimed": True,
    "name": "Example family",
    "language": "en",
    "clock24": True,
    "mode": "router",
    "clock_known": True,
    "failsafe": False,
    "problems": [],
    "trial": False,
    "protection": {"off_until": None, "by": None},
    "health": [],
    "people": [MIA, BEN, ANNA, TOM],
    "unassigned": [STRANGER],
    "requests": 1,
}
WINDOWS: list[Json] = [
    {
        "id": "bedtime",
        "kind": "bedtime",
        "days": ["school"],
        "start": "21:00",
        "end": "06:30",
        "blocks": [],
        "layer": "band:10-12",
        "why": "Children of this age need nine to twelve hours of sleep.",
        "default": True,
    },
    {
        "id": "bedtime-weekend",
        "kind": "bedtime",
        "days": ["holiday", "weekend"],
        "start": "22:00",
        "end": "07:30",
        "blocks": [],
        "layer": "band:10-12",
        "why": "Free days begin later.",
        "default": True,
    },
    {
        "id": "no-play",
        "kind": "sites",
        "days": ["school"],
        "start": "14:00",
        "end": "17:00",
        "blocks": ["games", "video"],
        "layer": "person",
        "why": None,
        "default": False,
    },
]
DAY: list[Json] = [
    {"from": NOW, "until": BEDTIME, "kinds": [], "decision": ON},
    {"from": BEDTIME, "until": MORNING, "kinds": ["bedtime"], "decision": ASLEEP},
    {
        "from": MORNING,
        "until": "2026-03-05T19:30:00+01:00",
        "kinds": [],
        "decision": decision("allow", "DEFAULT", "2026-03-05T21:00:00+01:00"),
    },
]
WEEK: list[Json] = [
    {
        "date": f"2026-03-0{day}",
        "day_type": "school" if day < 7 else "weekend",
        "spans": [
            {
                "start_min": 1260 if day < 6 else 1320,
                "end_min": 1830 if day < 6 else 1890,
                "kind": "bedtime",
                "id": "bedtime",
            }
        ],
    }
    for day in range(2, 9)
]


def of_person(args: Json) -> Json:
    """Answer `person`."""
    for one in (MIA, BEN, ANNA, TOM):
        if one["id"] == args["person"]:
            return {
                **one,
                "windows": WINDOWS,
                "dropped": [],
                "exceptions": [],
                "day_types": ["holiday", "school", "weekend"],
                "today": {"date": "2026-03-04", "day_type": "school"},
                "day": DAY,
                "week": WEEK,
            }
    raise ControlError("no-such-person", str(args["person"]))


VISITORS: dict[str, Json] = {
    MIA_AT: {
        "mac": MIA_TABLET,
        "device": "tablet",
        "name": "Mia's tablet",
        "person": "mia",
        "band": "10-12",
        "exempt": False,
    },
    BEN_AT: {
        "mac": "02:00:5e:00:10:05",
        "device": "console",
        "name": "Ben's console",
        "person": "ben",
        "band": "6-9",
        "exempt": False,
    },
    ANNA_AT: {
        "mac": ANNA_PHONE,
        "device": "phone",
        "name": "Anna's phone",
        "person": "anna",
        "band": None,
        "exempt": True,
    },
    STRANGER_AT: {
        "mac": STRANGER["mac"],
        "device": None,
        "name": "iPhone",
        "person": None,
        "band": None,
        "exempt": False,
    },
}
NOBODY: Json = dict.fromkeys(("mac", "device", "name", "person", "band"))


def visitor(args: Json) -> Json:
    """Answer `visitor`: who an address is."""
    who = VISITORS.get(args["address"], {**NOBODY, "exempt": False})
    return {**who, "language": "en", "zone": "Europe/Berlin", "claimed": True}


REQUEST: Json = {
    "id": "r1",
    "person": "mia",
    "device": "tablet",
    "kind": "time",
    "minutes": 30,
    "site": None,
    "text": "homework video",
    "at": "2026-03-04T19:26:00+01:00",
    "state": "open",
    "answer": None,
}
ANSWERED: Json = {
    **REQUEST,
    "id": "r0",
    "kind": "site",
    "minutes": None,
    "site": "scratch.mit.edu",
    "text": "for school",
    "at": "2026-03-03T16:00:00+01:00",
    "state": "given",
    "answer": {
        "by": "tom",
        "at": "2026-03-03T16:10:00+01:00",
        "words": "Have fun!",
        "until": None,
        "minutes": None,
    },
}
HELPLINES: list[Json] = [
    {
        "name": "Nummer gegen Kummer",
        "phone": ["116 111"],
        "url": "https://www.nummergegenkummer.de",
        "hours": "",
    },
    {"name": "112", "phone": ["112"], "url": None, "hours": "", "code": "emergency"},
]


def me(args: Json) -> Json:
    """Answer `me`: the child's own page."""
    who = visitor(args)
    mine = who["person"] in ("mia", "ben")
    said = {"mia": ON, "ben": ASLEEP}.get(
        str(who["person"]), STRANGER["decision"] if who["mac"] else NO_LIMITS
    )
    return {
        **who,
        "person_name": {"mia": "Mia", "ben": "Ben", "anna": "Anna"}.get(
            str(who["person"])
        ),
        "now": NOW,
        "decision": said,
        "next": MIA["next"] if mine else None,
        "day": DAY if mine else [],
        "still": [{"code": "help"}, {"code": "emergency"}, {"code": "home"}],
        "rules": {
            "windows": WINDOWS if mine else [],
            "blocked": [{"id": "gambling", "title": "Gambling"}] if mine else [],
            "limited": [],
            "allow": ["wikipedia.org"] if mine else [],
            "block": [],
            "always": [],
            "opened": [],
            "only": False,
            "safe_search": True,
            "youtube": "moderate",
        },
        "sees": [
            {"who": "nobody", "what": "nothing", "kept": 0},
            {"who": "parents", "what": "rules", "kept": 0},
            {"who": "parents", "what": "online", "kept": 0},
            {"who": "parents", "what": "requests", "kept": 604800},
            {"who": "you", "what": "refused", "kept": 0},
        ],
        "refused": (
            [
                {
                    "at": "2026-03-04T19:20:00+01:00",
                    "name": "pokerstars.com",
                    "reason": "BLOCKED_CATEGORY",
                    "says": "This kind of site is blocked in the profile.",
                    "until": None,
                }
            ]
            if mine
            else []
        ),
        "requests": [REQUEST, ANSWERED] if who["person"] == "mia" else [],
        "helplines": HELPLINES,
        "protection": {"off_until": None, "by": None},
        "daemon": {"known_until": BEDTIME},
    }


def why(args: Json) -> Json:
    """Answer `why`: one name of the lists' gambling, else what holds for the child."""
    mine = me(args)
    found: Json = {"name": args["name"], "args": [], "lists": []}
    if args["name"] != "pokerstars.com" or not mine["rules"]["blocked"]:
        return {**found, "decision": mine["decision"] if mine["mac"] else None}
    return {
        **found,
        "decision": decision("refuse", "BLOCKED_CATEGORY", None),
        "args": [["category", "gambling"]],
        "lists": [{"label": "gambling", "list": "guardian-category-gambling"}],
    }


ACCOUNTS: Json = {
    "claimed": True,
    "accounts": [
        {
            "id": "anna",
            "person": "anna",
            "name": "Anna",
            "role": "parent",
            # Of the password "correct horse"; n is small so that tests are quick.
            "hash": "",
            "generation": 1,
            "until": None,
        },
        {
            "id": "tom",
            "person": "tom",
            "name": "Tom",
            "role": "parent",
            "hash": "",
            "generation": 1,
            "until": None,
        },
    ],
    "keys": [],
}


def _seen(mac: str, address: str, hostname: str | None, last: int) -> Json:
    """Return a sighting as `devices` shows it; last: seconds before now."""
    now = int(datetime.fromisoformat(NOW).timestamp())
    return {
        "mac": mac,
        "interface": "br-lan",
        "addresses": [address],
        "hostname": hostname,
        "vendor_class": None,
        "option55": [1, 3, 6, 15],
        "vendor": None,
        "randomised": mac.startswith("02"),
        "first_seen": now - 86400,
        "last_seen": now - last,
    }


def device(key: str, name: str, person: str | None, **more: Any) -> Json:
    """Return a known device as `devices` shows it."""
    exempt = bool(more.get("exempt", person not in (None, "mia", "ben")))
    lease = None if exempt else 5400 if person == "mia" else 0
    told = {"exempt": exempt, "lease_s": lease}
    return {
        "id": key,
        "name": name,
        "macs": [],
        "kind": "personal",
        "person": person,
        "exempt": False,
        "decision": ON if person in ("mia", "ben") else NO_LIMITS,
        "seen": [],
        "enforced": {mac: dict(told) for mac in more.get("macs", ())},
        **more,
    }


DOORBELL = "58:ef:68:00:10:06"
DEVICES: list[Json] = [
    device(
        "tablet",
        "Mia's tablet",
        "mia",
        macs=[MIA_TABLET],
        seen=[_seen(MIA_TABLET, MIA_AT, "mias-tablet", 60)],
    ),
    device("phone-mia", "Mia's phone", "mia", macs=[MIA_PHONE]),
    device(
        "console",
        "Ben's console",
        "ben",
        macs=["02:00:5e:00:10:05"],
        seen=[_seen("02:00:5e:00:10:05", BEN_AT, None, 7200)],
    ),
    device(
        "phone",
        "Anna's phone",
        "anna",
        macs=[ANNA_PHONE],
        seen=[_seen(ANNA_PHONE, ANNA_AT, "annas-phone", 5)],
    ),
    # In the house before the box was claimed, and not asked about yet.
    device(
        "device-old",
        "old-laptop",
        None,
        macs=["58:ef:68:00:10:07"],
        exempt=True,
        seen=[_seen("58:ef:68:00:10:07", "192.168.1.17", "old-laptop", 300)],
    ),
    device("guest", "Oma's phone", None, macs=["02:00:5e:00:10:08"]),
    device("bell", "Doorbell", None, macs=[DOORBELL], exempt=True, kind="thing"),
]
STATUS: Json = {
    **technician.STATUS,
    "version": "0.1.0",
    "names": {
        "answering": True,
        "resolvers": technician.RESOLVERS,
        "stats": technician.STATS,
        "lists": {
            "index": {
                "digest": "ab12",
                "known": True,
                "names": 512000,
                "bytes": 6100000,
                "since": "2026-03-03T01:06:40+00:00",
                "lists": ["games", "gambling"],
            },
            "rolled_back": False,
            "can_roll_back": True,
            "ran": "2026-03-04T04:53:20+00:00",
            "next": "2026-03-05T08:40:00+00:00",
            "problem": None,
            "detail": None,
            "added": [],
            "dropped": [],
            "feeds": [
                {
                    "id": "gambling",
                    "in_force_since": "2026-03-03T01:06:40+00:00",
                    "entries": 204000,
                    "checked": "2026-03-04T04:53:20+00:00",
                    "next": "2026-03-05T08:40:00+00:00",
                    "failures": 0,
                    "problem": None,
                    "refused": None,
                    "held": [],
                },
            ],
        },
    },
    "health": [],
}
DOCUMENT: Json = {
    "schema": 1,
    "name": "Example family",
    "timezone": "Europe/Berlin",
    "country": "DE",
    "claimed": True,
    "network": {"lan": ["br-lan"], "mode": "router"},
    "new_devices": {"policy": "ask", "band": "10-12"},
    "calendar": {
        "week": {},
        "days": [{"from": "2026-05-14", "to": "2026-05-15", "type": "holiday"}],
    },
    "people": [
        {"id": "mia", "name": "Mia", "role": "child", "band": "10-12"},
        {"id": "anna", "name": "Anna", "role": "parent"},
    ],
    "devices": [{"id": "tablet", "name": "Mia's tablet", "macs": [MIA_TABLET]}],
}


def _logged(
    at: str, by: str, verb: str, revision: int, *changes: tuple[str, str, str | None]
) -> Json:
    """Return an entry as `log` shows it; changes: (place, what, JSON after)."""
    return {
        "at": at,
        "by": by,
        "verb": verb,
        "revision": revision,
        "undoable": revision > 80,
        "changes": [
            {"place": place, "what": what, **({"after": after} if after else {})}
            for place, what, after in changes
        ],
    }


LOG: list[Json] = [
    _logged(
        "2026-03-04T19:12:00+01:00",
        "tom",
        "pause",
        88,
        ("pauses/p1", "added", None),
        ("pauses/p1/person", "added", '"ben"'),
        ("pauses/p1/until", "added", '"2026-03-04T20:00:00+01:00"'),
    ),
    _logged(
        "2026-03-04T18:02:00+01:00",
        "anna",
        "site",
        87,
        ("people/mia/block/example.net", "added", None),
        ("people/mia/access/roblox", "added", '"block"'),
    ),
    _logged("2026-03-03T20:00:00+01:00", "root", "password-reset", 79),
    _logged(
        "2026-03-03T19:00:00+01:00",
        "guardiand",
        "household-import",
        78,
        ("devices/tablet/person", "added", '"mia"'),
        ("something/newer", "added", "5"),
    ),
]
ANSWERS: dict[str, Any] = {
    **rules.ANSWERS,
    "log": LOG,
    "status": STATUS,
    "household-export": DOCUMENT,
    "devices": DEVICES,
    "overview": OVERVIEW,
    "person": of_person,
    "visitor": visitor,
    "me": me,
    "why": why,
    "requests": [REQUEST, ANSWERED],
    "accounts": ACCOUNTS,
    **technician.ANSWERS,
}
_DONE: Json = {"revision": 89, "enforced": True}
CHANGES: dict[str, Any] = {
    "ask": {**REQUEST, "id": "r2"},
    "assign": lambda args: {**_DONE, "device": args["device"]},
    "claim": {**_DONE, "id": "anna", "person": "anna"},
    "clock": {"enforced": True, "known": True},
    "home-set": _DONE,
    "account-drop": lambda args: {**_DONE, "id": args["id"]},
    "account-set": lambda args: {**_DONE, "id": args["id"], "generation": 2},
    "household-import": _DONE,
    "invite": {**_DONE, "token": "t0ken", "until": "2026-03-05T19:30:00+01:00"},
    "key-drop": lambda args: {**_DONE, "id": args["id"]},
    "key-set": {**_DONE, "id": "home-automation"},
    "person-drop": lambda args: {**_DONE, "person": args["person"]},
    "protection": lambda args: {**_DONE, "off_until": BEDTIME if args else None},
    "device-drop": lambda args: {**_DONE, "device": args["device"]},
    "device-set": lambda args: {**_DONE, "device": args["device"]},
    "person-set": lambda args: {**_DONE, "person": args.get("person", "lea")},
    "pause": {**_DONE, "id": "p1", "until": MORNING},
    "resume": {**_DONE, "ended": 1},
    "grant": {**_DONE, "id": "g1", "until": "2026-03-04T21:15:00+01:00"},
    "undo": {**_DONE, "revision": 90},
    "answer": {
        **_DONE,
        "request": {
            **REQUEST,
            "state": "given",
            "answer": {
                "by": "anna",
                "at": NOW,
                "words": "",
                "until": "2026-03-04T20:00:00+01:00",
                "minutes": 30,
            },
        },
    },
    **rules.CHANGES,
    **technician.CHANGES,
}
