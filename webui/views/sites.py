"""Apps and sites of a child as values: what differs, tiles, the test box. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
LISTS = ("always", "allow", "block")
# What stands as a setting of its own, in the order in which it is told.
_SETTINGS = ("only", "packs", "safe_search", "youtube")
QUERY_MAX = 60
# Reasons of a name for which the device's own state does not count.
_ANYWAY = frozenset({"FLOOR", "ALWAYS_WORKS"})


def is_own(setting: Json) -> bool:
    """Return whether a parent set it for this child."""
    return str(setting["layer"]).startswith("person")


def differences(sites: Json, titles: dict[str, str]) -> list[Json]:
    """Return in what a child's rules differ from the template.

    Each is {kind, id, title, value}: kind "access" with an id of the catalogue, "site"
    with a name, or a setting's own name.
    """
    found: list[Json] = [
        {
            "kind": "access",
            "id": one["id"],
            "title": titles.get(one["id"], one["id"]),
            "value": one["access"],
        }
        for one in sites["access"]
        if is_own(one)
    ]
    for kind in LISTS:
        found += [
            {"kind": "site", "id": one["name"], "title": one["name"], "value": kind}
            for one in sites[kind]
            if is_own(one)
        ]
    found += [
        {"kind": key, "id": key, "title": "", "value": sites[key]["value"]}
        for key in _SETTINGS
        if is_own(sites[key])
    ]
    return found


def kinds(sites: Json, categories: Sequence[Json]) -> list[Json]:
    """Return the kinds of site with what holds for each.

    Each: id, title, contains, harm, access, own, why.
    """
    said = {one["id"]: one for one in sites["access"]}
    return [_held(one, said.get(one["id"]), None) for one in categories]


def groups(
    sites: Json, kinds_: Sequence[Json], services: Sequence[Json], query: str = ""
) -> list[Json]:
    """Return the services by the kind they are of, as tiles.

    A service without a word of its own has its kind's. query: only services in whose
    title it occurs, and kinds with a word that begins so.
    Each group: id, title, tiles, own (how many a parent set), open (whether to unfold
    it). Groups with most services come first.
    """
    said = {one["id"]: one for one in sites["access"]}
    wanted = query.casefold()
    found = []
    for kind in kinds_:
        whole = any(w.startswith(wanted) for w in kind["title"].casefold().split())
        tiles = [
            _held(one, said.get(one["id"]), kind)
            for one in services
            if one["group"] == kind["id"]
            and (wanted in one["title"].casefold() or whole)
        ]
        if tiles:
            own = sum(tile["own"] for tile in tiles)
            found.append({**kind, "tiles": tiles, "own": own, "open": bool(wanted)})
    return sorted(found, key=lambda group: -len(group["tiles"]))


def _held(one: Json, said: Json | None, kind: Json | None) -> Json:
    inherited = kind["access"] if kind else "allow"
    return {
        **one,
        "access": said["access"] if said else inherited,
        "own": bool(said and is_own(said)),
        "why": (said or {}).get("why"),
    }


def packs(sites: Json, catalogue: Sequence[Json], age: int | None) -> list[Json]:
    """Return the starter packs: those that are chosen or of this age.

    age: the youngest of the child's band, None for all packs.
    """
    chosen = set(sites["packs"]["value"])
    return [
        {**one, "chosen": one["id"] in chosen}
        for one in catalogue
        if one["id"] in chosen or age is None or one["ages"][0] <= age <= one["ages"][1]
    ]


def youngest(band: str | None) -> int | None:
    """Return the lower end of an age band, or None."""
    first = (band or "").partition("-")[0]
    return int(first) if first.isdigit() else None


def site_name(text: str) -> str:
    """Return the name of what somebody typed or pasted: an address, or a name.

    "https://www.example.org/a?b" is example.org: a rule holds for all below a name.
    """
    typed = text.strip()
    if "://" in typed[:12]:
        try:
            typed = urlsplit(typed).hostname or ""
        except ValueError:
            return typed
    typed = typed.partition("/")[0].rstrip(".")
    bare = typed.removeprefix("www.")
    return bare if "." in bare else typed


def answer(found: Json, site: str, titles: dict[str, str]) -> Json:
    """Return what `explain` says of a name: {reaches, reason, device, what, lists, at}.

    device: the device's own decision where it is what refuses, else None. what: titles
    of what is blocked and holds the name; lists: of all lists that hold it.
    """
    name, device = found["name"], found["decision"]
    stopped = device["verdict"] == "refuse" and name["reason"] not in _ANYWAY
    return {
        "site": site,
        "at": found["at"],
        "reaches": name["verdict"] == "allow" and not stopped,
        "verdict": name["verdict"],
        "reason": name["reason"],
        "until": name["until"] or (device["until"] if stopped else None),
        "matched": name["matched"],
        "device": device if stopped else None,
        "what": [titles.get(value, value) for _, value in name["args"]],
        "lists": sorted(
            {titles.get(one["label"], one["label"]) for one in name["lists"]}
        ),
        "safe_mode": name["answered_as"] is not None,
        # Time rules end by themselves; help needs no permission.
        "can_allow": name["verdict"] == "refuse"
        and name["reason"] in ("BLOCKED_CATEGORY", "BLOCKED_SITE", "NOT_ON_ALLOWLIST"),
    }


def in_an_hour(now: str) -> str:
    """Return the instant an hour from now, as the verbs take it."""
    return (datetime.fromisoformat(now) + timedelta(hours=1)).isoformat()
