"""A technician's view of the box: health, rules and leases, and nobody's name. Pure.

The daemon's verbs tell more than a technician may see (rights: device health, never
names or activity). What leaves this module is chosen field by field: children are
numbers, devices are link addresses; host names, times of being seen, counts of one
device's questions and who changed what are left out. A parent sees the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from difflib import unified_diff
from typing import Any

Json = dict[str, Any]
# The words of the household's document; whatever else stands in a place is a name.
FIELDS = frozenset("""
    access allow always band birth block blocks by calendar claimed clock24 country
    date day_change days devices dropped exceptions exempt fail_mode fri from grants
    household id kind lan language lifts mac macs mode mon name names network
    new_devices off only opened packs pauses people person policy protection_off
    refusal resolvers role safe_search sat schema sun thu timezone to tue type until
    wed week why windows youtube
    """.split())
_PART = re.compile(r"([a-z0-9_]+)(\[\d+\])?(?: \(.*)?\Z", re.S)
# Arguments of a row that are no person.
_ARGS = frozenset({"grant", "pause", "policy", "window"})
# Sets whose elements are told singly: of all others only how many there are.
_LEASES = frozenset({"dnsnew", "open_unknown"})
# Of a name that a list of an authority refuses nothing else is told.
_WITHHELD = "SAFETY_LIST"
_TIMEOUT = re.compile(r" timeout \d+m?s")
# Counters of all devices together; those of one device are its use.
COUNTERS = (
    *("questions", "cached", "forwarded", "rewritten", "refused", "dropped"),
    *("errors", "unreadable", "unreachable", "pending", "cache", "connections"),
    *("verdicts", "unbound", "index_names", "revision"),
)


def troubles(health: Iterable[Json], roots: Iterable[Json]) -> list[Json]:
    """Return every trouble, root causes first: {code, detail, severity, root}.

    health: of `status`, all; roots: of `overview`, in its order, with the severity.
    """
    first = {one["code"]: one for one in roots}
    rest = sorted(
        (one for one in health if one["code"] not in first),
        key=lambda one: str(one["code"]),
    )
    return [
        {
            "code": one["code"],
            "detail": one["detail"],
            "severity": one.get("severity", "info"),
            "root": one["code"] in first,
        }
        for one in (*first.values(), *rest)
    ]


def problems(status: Json) -> list[Json]:
    """Return the unreadable places of the household: {place, code}, without values."""
    return [
        {"place": place(one["place"]), "code": one["code"]}
        for one in status["problems"]
    ]


def place(text: str) -> str:
    """Return a place in the document without what a family wrote into it."""
    found = []
    for part in text.split(" / "):
        match = _PART.match(part)
        known = match is not None and match.group(1) in FIELDS
        found.append(
            match.group(1) + (match.group(2) or "") if match and known else "…"
        )
    return " / ".join(found)


def state(status: Json) -> Json:
    """Return the state of enforcement in single values."""
    return {
        key: status[key]
        for key in ("revision", "enforced", "failsafe", "store", "trial", "leases")
    } | {"floor": status["floor"]["addresses"]}


def topology(status: Json) -> Json:
    """Return where the box stands and where its rules hang."""
    return {
        "mode": status["mode"],
        "interfaces": sorted(status["interfaces"].items()),
        "ports": status["ports"],
        "ingress": status["hooks"]["ingress"],
        "egress": status["hooks"]["egress"],
        "resolvers": status["names"].get("resolvers", []),
    }


def children(plan: Json) -> dict[str, str]:
    """Return id -> what a child is called here: "P1" for the first, and so on."""
    return {one["id"]: f"P{n}" for n, one in enumerate(plan["people"], 1)}


def people(plan: Json) -> list[Json]:
    """Return what is in force for each child: {who, verdict, reason, until, args}."""
    return [
        {"who": f"P{n}", **_decision(one["decision"])}
        for n, one in enumerate(plan["people"], 1)
    ]


def devices(found: Iterable[Json], plan: Json) -> list[Json]:
    """Return a row for each link address, sorted: what the kernel was told of it.

    {mac, who, kind, vendor, address, random, exempt, lease_s, verdict, reason, until};
    who: "P1"..., "adult" for a device of a grown-up, "" for nobody's.
    """
    called = children(plan)
    rows = []
    for one in found:
        seen = {sight["mac"]: sight for sight in one["seen"]}
        who = called.get(one["person"], "adult") if one["person"] else ""
        for mac, told in one["enforced"].items():
            sight = seen.get(mac, {})
            rows.append(
                {
                    "mac": mac,
                    "who": who,
                    "kind": one["kind"] or "unassigned",
                    "vendor": sight.get("vendor"),
                    "interface": sight.get("interface"),
                    "addresses": sight.get("addresses", []),
                    "random": bool(sight.get("randomised")),
                    "exempt": told["exempt"],
                    "lease_s": told["lease_s"],
                    **_decision(one["decision"]),
                }
            )
    return sorted(rows, key=lambda row: str(row["mac"]))


def sets(plan: Json) -> list[Json]:
    """Return the kernel's sets: {set, elements, keys, seconds}, sorted.

    keys: only of sets that hold interfaces and ports; seconds: the shortest and the
    longest time left, None where none ends.
    """
    count: Counter[str] = Counter()
    keys: dict[str, list[str]] = {}
    ends: dict[str, list[int]] = {}
    for one in plan.get("leases", ()):
        name = one["set"]
        count[name] += 1
        if name in _LEASES:
            keys.setdefault(name, []).append(" ".join(map(str, one["key"])))
        if one["seconds"] is not None:
            ends.setdefault(name, []).append(one["seconds"])
    return [
        {
            "set": name,
            "elements": count[name],
            "keys": keys.get(name, []),
            "seconds": (min(ends[name]), max(ends[name])) if name in ends else None,
        }
        for name in sorted(count)
    ]


def numbered(text: str) -> str:
    """Return rule text with the line numbers that nft's messages name."""
    lines = text.splitlines()
    width = len(str(len(lines)))
    return "\n".join(f"{n:>{width}}  {line}" for n, line in enumerate(lines, 1))


def difference(before: str, after: str) -> list[str]:
    """Return the unified diff of two rule texts; time left is no difference."""
    old, new = (_TIMEOUT.sub("", text).splitlines() for text in (before, after))
    return list(unified_diff(old, new, "checked", "now", n=1, lineterm=""))


def explained(answer: Json) -> Json:
    """Return an answer of `explain`: the chain of rows, and the answer for a name.

    Layers: which layer set each window; settings that hold a family's own site names
    are left out.
    """
    layers = answer["layers"].items()
    return {
        "at": answer["at"],
        "day_type": answer["day_type"],
        "night": answer["night"],
        **_decision(answer["decision"]),
        "rows": [
            {
                "rank": row["rank"],
                "row": row["row"],
                "applies": row["applies"],
                "says": row["says"],
                "args": _args(row["args"]),
            }
            for row in answer["rows"]
        ],
        "layers": sorted(
            f"{key}={layer.partition(':')[0] if layer.startswith('person') else layer}"
            for key, layer in layers
            if key.startswith("window:")
        ),
        "name": _name(answer["name"]) if answer.get("name") else None,
    }


def lists(status: Json, now: str) -> Json:
    """Return the lists: index, feeds with age in seconds, counts and errors.

    now: the household's; it gives the zone of instants.
    """
    found = status["names"]["lists"]
    moment = datetime.fromisoformat(now)

    def at(text: str | None) -> str | None:
        if not text:
            return None
        local = datetime.fromisoformat(text).astimezone(moment.tzinfo)
        return local.isoformat("T", "seconds")

    def age(text: str | None) -> int | None:
        if not text:
            return None
        return max(0, int((moment - datetime.fromisoformat(text)).total_seconds()))

    index = found["index"] or {}
    return {
        "digest": index.get("digest"),
        "names": index.get("names"),
        "bytes": index.get("bytes"),
        "since": at(index.get("since")),
        "age": age(index.get("since")),
        "ran": at(found["ran"]),
        "next": at(found["next"]),
        "problem": found["problem"],
        "detail": found["detail"],
        "rolled_back": found["rolled_back"],
        "can_roll_back": found["can_roll_back"],
        "feeds": [
            {
                "id": feed["id"],
                "entries": feed["entries"],
                "age": age(feed["in_force_since"]),
                "checked": age(feed["checked"]),
                "failures": feed["failures"],
                "problem": feed["problem"],
                "refused": feed["refused"] and feed["refused"]["guard"],
                "held": len(feed["held"]),
            }
            for feed in found["feeds"]
        ],
    }


def names(status: Json) -> Json:
    """Return who answers names: upstreams and counters of all devices together."""
    found = status["names"]
    stats = found.get("stats", {})
    return {
        "answering": found["answering"],
        "resolvers": found.get("resolvers", []),
        "upstream": stats.get("upstream"),
        "counters": [(key, stats[key]) for key in COUNTERS if key in stats],
    }


def left(ends: str | None, now: str) -> int | None:
    """Return the seconds until an end; None for no end, or one that has passed."""
    if ends is None:
        return None
    seconds = datetime.fromisoformat(ends) - datetime.fromisoformat(now)
    return max(0, int(seconds.total_seconds())) or None


def _decision(decision: Json) -> Json:
    return {
        "verdict": decision["verdict"],
        "reason": decision["reason"],
        "until": decision["until"],
        "args": _args(decision["args"]),
    }


def _args(args: Mapping[str, str]) -> str:
    return " ".join(f"{key}={args[key]}" for key in sorted(args) if key in _ARGS)


def _name(found: Json) -> Json:
    withheld = found["reason"] == _WITHHELD
    return {
        "name": found["name"],
        "verdict": found["verdict"],
        "reason": found["reason"],
        "until": found["until"],
        "withheld": withheld,
        "args": [] if withheld else ["=".join(pair) for pair in found["args"]],
        "matched": None if withheld else found["matched"],
        "answered_as": found["answered_as"],
        "lists": (
            []
            if withheld
            else [f"{one['list']} → {one['label']}" for one in found["lists"]]
        ),
    }
