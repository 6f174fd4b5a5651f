"""Results as text for a terminal. One small function a verb; no decisions here."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def text(verb: str, value: Any) -> str:
    """Return what `guardianctl VERB` prints without --json."""
    return _FORMATS.get(verb, _fields)(value)


def _fields(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return "\n".join(f"{key}: {_short(item)}" for key, item in value.items())


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_short(v) for v in value) or "-"
    if isinstance(value, dict):
        return " ".join(f"{k}={_short(v)}" for k, v in value.items())
    return "-" if value is None else str(value)


def _clock(instant: str | None) -> str:
    """Return date and minute as the home reads them, e.g. "2026-11-25 07:00"."""
    return instant[:16].replace("T", " ") if instant else "-"


def _table(rows: list[list[str]], head: list[str]) -> str:
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths)) for r in [head, *rows]]
    return "\n".join(line.rstrip() for line in lines)


def _verdict(decision: Json) -> list[str]:
    return [decision["verdict"], decision["reason"], _clock(decision["until"])]


def _people(people: list[Json]) -> str:
    rows = [
        [p["id"], p["name"], p["role"], p["band"] or "-", *_verdict(p["decision"])]
        for p in people
    ]
    return _table(rows, ["id", "name", "role", "band", "verdict", "reason", "until"])


def _devices(devices: list[Json]) -> str:
    rows = [
        [
            d["id"] or "(new)",
            d["name"] or "-",
            d["macs"][0],
            d["person"] or ("exempt" if d["exempt"] else "-"),
            *_verdict(d["decision"]),
        ]
        for d in devices
    ]
    head = ["id", "name", "mac", "person", "verdict", "reason", "until"]
    return _table(rows, head)


def _explain(value: Json) -> str:
    decision = value["decision"]
    lines = [
        f"{value['device'] or 'a new device'} at {_clock(value['at'])} "
        f"({value['day_type']} day, {value['night']} night): "
        f"{decision['verdict']}. {decision['says']}"
    ]
    if decision["until"]:
        lines.append(f"until {_clock(decision['until'])}")
    for row in value["rows"]:
        mark = "->" if row["applies"] else "  "
        tail = _short(row["args"]) if row["args"] else ""
        lines.append(f" {mark} {row['rank']:2} {row['row']:<9} {row['says']}  {tail}")
    lines += [
        f"    {key} is set by {layer}"
        for key, layer in value["layers"].items()
        if key == "fail_mode" or key.startswith("window:")
    ]
    if name := value.get("name"):
        lines.append(f"{name['name']}: {name['verdict']}. {name['says']}")
        lines += [f"    {key}: {said}" for key, said in name["args"]]
        if name["matched"]:
            lines.append(f"    by the rule for {name['matched']}")
        if name["answered_as"]:
            lines.append(f"    answered as {name['answered_as']}")
        lines += [f"    {hit['label']}: in {hit['list']}" for hit in name["lists"]]
    return "\n".join(line.rstrip() for line in lines)


def _precedence(rows: list[Json]) -> str:
    head = ["rank", "level", "row", "verdict", "reasons", "says"]
    return _table(
        [[_short(row[key]) for key in head] for row in rows],
        head,
    )


def _plan(value: Json) -> str:
    lines = []
    for person in value["people"]:
        lines.append(f"{person['name']}: {' '.join(_verdict(person['decision']))}")
        for stretch in person["day"]:
            kinds = ", ".join(map(_window, stretch["windows"])) or "open"
            lines.append(f"    {_clock(stretch['from'])}  {kinds}")
    lines.append(f"new devices: {' '.join(_verdict(value['unknown']))}")
    for lease in value.get("leases", ()):
        left = "stays" if lease["seconds"] is None else f"{lease['seconds']} s"
        lines.append(f"    {lease['set']:<13} {_short(lease['key'])}  {left}")
    return "\n".join(lines)


def _window(window: Json) -> str:
    """Return the kind of a window, and of one about sites what it refuses."""
    blocks = " ".join(window.get("blocks", ()))
    return f"{window['kind']} ({blocks})" if blocks else str(window["kind"])


def _sites(value: Json) -> str:
    rows = [
        [key, _setting(value[key]["value"]), value[key]["layer"], value[key]["why"]]
        for key in ("only", "packs", "safe_search", "youtube")
        if key in value
    ]
    rows += [[a["id"], a["access"], a["layer"], a["why"]] for a in value["access"]]
    for kind in ("allow", "block", "always"):
        rows += [[n["name"], kind, n["layer"], n["why"]] for n in value[kind]]
    rows += [
        [one["name"], f"open until {_clock(one['until'])}", one["by"], ""]
        for one in value["opened"]
    ]
    head = ["what", "is", "set by", "why"]
    return _table([[cell or "" for cell in row] for row in rows], head)


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return _short(value)


def _catalogue(entries: list[Json]) -> str:
    keys = ("id", "title", "group", "contains", "why")
    head = [key for key in keys if entries and key in entries[0]]
    return _table([[_short(entry[key]) for key in head] for entry in entries], head)


def _requests(requests: list[Json]) -> str:
    rows = [
        [
            one["id"],
            _clock(one["at"]),
            one["person"],
            one["site"] or f"{one['minutes']} min",
            one["state"],
            one["text"] or "-",
        ]
        for one in requests
    ]
    return _table(rows, ["id", "when", "who", "what", "state", "why"])


def _audit(entries: list[Json]) -> str:
    rows = [
        [_clock(e["at"]), e["by"], e["verb"], _short(e["changes"])] for e in entries
    ]
    return _table(rows, ["when", "who", "verb", "what"])


_FORMATS: dict[str, Callable[[Any], str]] = {
    "people": _people,
    "devices": _devices,
    "explain": _explain,
    "precedence": _precedence,
    "plan": _plan,
    "audit": _audit,
    "catalogue": _catalogue,
    "sites": _sites,
    "requests": _requests,
}
