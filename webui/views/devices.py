"""Devices as values: whose each is, which wait for an answer, which address is private.

Pure. A device that was in the house before the box was claimed is exempt and of the
kind "personal"; one that a parent said always works is exempt and a thing. So both can
be told apart, and the first are asked about like new ones.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

Json = dict[str, Any]
NAME_MAX = 60
# IEEE 802-2014, 8.4: the bit of an address that nobody assigned; phones make such up.
_LOCAL = 0x02
GROUPS = ("unsorted", "people", "guests", "always")


def rows(overview: Json, devices: list[Json]) -> list[Json]:
    """Return every device, those to be asked about first, then the last seen first.

    overview, devices: the verbs' answers. A row: key (id, or MAC without one), name,
    kind, owner (person or None), group (of GROUPS), new, macs, addresses, vendor,
    first, last, private, maybe (whose it may be, or None), decision.
    """
    now = datetime.fromisoformat(overview["now"])
    found = [_known(device, now) for device in devices if device["id"] is not None]
    # What the household knows without a person is among the devices already.
    found += [_seen(s) for s in overview["unassigned"] if not s["device"]]
    found.sort(key=lambda row: row["name"].casefold())
    # ISO instants of one household's offset may differ by an hour around a clock
    # change; for an order of "last seen" that does no harm.
    found.sort(key=lambda row: row["last"] or "", reverse=True)
    found.sort(key=lambda row: not row["new"])
    return found


def grouped(overview: Json, devices: list[Json]) -> Json:
    """Return the rows of each group; `people` as (person, rows), children first."""
    found: Json = {group: [] for group in GROUPS}
    of: dict[str, list[Json]] = {}
    for row in rows(overview, devices):
        if row["group"] == "people":
            of.setdefault(row["owner"], []).append(row)
        else:
            found[row["group"]].append(row)
    people = sorted(overview["people"], key=lambda p: p["role"] != "child")
    found["people"] = [(p, of[p["id"]]) for p in people if p["id"] in of]
    found["none"] = not any(found[group] for group in GROUPS)
    return found


def find(overview: Json, devices: list[Json], key: str) -> Json | None:
    """Return the row of one device, by id or MAC."""
    return next((r for r in rows(overview, devices) if r["key"] == key), None)


def owners(overview: Json) -> list[tuple[str, str]]:
    """Return whose a device may be, (id, name), children first."""
    people = sorted(overview["people"], key=lambda p: p["role"] != "child")
    return [(person["id"], person["name"]) for person in people]


def names(devices: list[Json]) -> dict[str, str]:
    """Return the name of each known device by its id."""
    return {device["id"]: device["name"] for device in devices if device["id"]}


def same_name(overview: Json, devices: list[Json], key: str, name: str) -> bool:
    """Say whether another device is called the same."""
    wanted = name.strip().casefold()
    return any(
        row["name"].casefold() == wanted and row["key"] != key
        for row in rows(overview, devices)
    )


def is_private(mac: str) -> bool:
    """Say whether a device made this address up, as phones do for each network."""
    return bool(int(mac[:2], 16) & _LOCAL)


def _known(device: Json, now: datetime) -> Json:
    seen = device["seen"]
    last = max((s["last_seen"] for s in seen), default=None)
    if device["person"]:
        group = "people"
    elif not device["exempt"]:
        group = "guests"
    else:
        group = "unsorted" if device["kind"] == "personal" else "always"
    return {
        "key": device["id"],
        "name": device["name"],
        "kind": device["kind"],
        "owner": device["person"],
        "group": group,
        "new": False,
        "macs": device["macs"],
        "addresses": [a for s in seen for a in s["addresses"]],
        "vendor": next((s["vendor"] for s in seen if s.get("vendor")), None),
        "first": None,
        "last": last and datetime.fromtimestamp(last, now.tzinfo).isoformat(),
        "private": is_private(device["macs"][0]),
        "maybe": None,
        "decision": device["decision"],
    }


def _seen(seen: Json) -> Json:
    return {
        "key": seen["mac"],
        "name": (seen["name"] or seen["vendor"] or "")[:NAME_MAX],
        "kind": None,
        "owner": None,
        "group": "unsorted",
        "new": True,
        "macs": [seen["mac"]],
        "addresses": seen["addresses"],
        "vendor": seen["vendor"],
        "first": seen["first"],
        "last": seen["last"],
        "private": is_private(seen["mac"]),
        "maybe": next((m for m in seen["may_belong_to"] if m.get("device")), None),
        "decision": seen["decision"],
    }
