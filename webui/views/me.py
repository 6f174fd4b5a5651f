"""A child's own page as values: who looks, what holds, and what is closed. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webui.i18n import gettext
from webui.words import child, states, times

Json = dict[str, Any]
# The day strip in its own units, about a pixel each on a phone; ticks every six hours.
STRIP_WIDTH, DAY_MIN = 288, 1440
_TICK_MIN = 360
# Open ones stand first; a week of asking would bury the rest of the page.
REQUESTS_MAX = 8
_PICTURES = {
    "PAUSED": "pause",
    "BEDTIME": "night",
    "OFFLINE": "outside",
    "HOMEWORK": "books",
    "BUDGET_USED": "sand",
    "GRANT": "gift",
    "CLOCK_UNKNOWN": "clock",
    "BLOCKED_SITE": "gate",
    "BLOCKED_CATEGORY": "gate",
    "NOT_ON_ALLOWLIST": "gate",
    "SAFETY_LIST": "gate",
}
_FILLS = {"allow": "fill-on", "limit": "fill-part"}


def whose(mine: Json) -> str:
    """Return what kind of page a device gets.

    "child"; "free": no limits; "new": nobody has assigned it; "nobody": the router
    cannot tell the device, as for one that is not in the home.
    """
    if mine.get("exempt"):
        return "free"
    if mine.get("person"):
        return "child"
    return "new" if mine.get("mac") else "nobody"


def page(mine: Json, names: Json) -> Json:
    """Return what a child's page shows, of the verb `me`.

    names: person -> name, of whoever may have answered a request.
    """
    decision, now, band = mine["decision"], mine["now"], mine.get("band")
    level = states.level(band)
    rules = mine.get("rules") or {}
    return {
        "level": level,
        "young": level == 0,
        "hello": child.greeting(name_of(mine), band),
        "decision": decision,
        "says": states.child_state(decision, band, now),
        "picture": picture(decision["reason"]),
        "left": child.left(decision, now),
        "next": child.next_change(mine.get("next"), now),
        "still": child.still(mine.get("still") or []),
        "strip": strip(mine.get("day") or [], now),
        "rules": _rules(rules, now),
        "sees": [child.sees(one) for one in mine.get("sees") or []],
        "observed": [
            child.sees(s) for s in mine.get("sees") or [] if child.observed(s)
        ],
        "refused": [_refused(one, now) for one in (mine.get("refused") or [])[:10]],
        "requests": [
            _request(one, names, now)
            for one in (mine.get("requests") or [])[:REQUESTS_MAX]
        ],
        "off_until": _off_until(mine, now),
        "now": now,
    }


def name_of(mine: Json) -> str:
    """Return the name of whose device it is, "" for nobody's."""
    if not mine.get("person"):
        return ""
    return str(mine.get("person_name") or mine.get("name") or "")


def picture(reason: str) -> str:
    """Return which of our pictures stands for a reason."""
    return _PICTURES.get(reason, "sun")


def known(mine: Json, at: datetime) -> Json:
    """Return what may be told of an answer from before the daemon went away.

    Nothing of the child: an address may have gone to another device since, and nobody
    is there to say whose it is now. works_until: until when what works now goes on,
    None when that has passed or nobody knows.
    """
    until = str((mine.get("daemon") or {}).get("known_until") or "")
    ahead = bool(until) and times.instant(until) > at
    return {"at": mine["now"], "works_until": until if ahead else None}


def strip(day: list[Json], now: str) -> Json | None:
    """Return the coming day as a picture and as a table; None if nobody knows it.

    bars: (x, width, fill); ticks: (x, words); rows: from, until, words.
    """
    if not day:
        return None
    start = times.instant(now)
    bars, rows = [], []
    for span in day:
        first, last = _minute(span["from"], start), _minute(span["until"], start)
        if last <= first:
            continue
        scale = STRIP_WIDTH / DAY_MIN
        fill = _FILLS.get(span["decision"]["verdict"], "fill-off")
        bars.append((round(first * scale, 1), round((last - first) * scale, 1), fill))
        rows.append(
            {
                "from": times.until(span["from"], now),
                "until": times.until(span["until"], now),
                "words": child.word(span["decision"]),
            }
        )
    return {"bars": bars, "ticks": _ticks(start), "rows": rows}


def _minute(moment: str, start: datetime) -> float:
    passed = (times.instant(moment) - start).total_seconds() / 60
    return min(max(passed, 0.0), float(DAY_MIN))


def _ticks(start: datetime) -> list[tuple[float, str]]:
    # By the clock on the wall: the label is what the child's own clock will read.
    past = (start.hour * 60 + start.minute) % _TICK_MIN
    first = (_TICK_MIN - past) % _TICK_MIN
    found = []
    for minute in range(first, DAY_MIN, _TICK_MIN):
        reading = (start.hour * 60 + start.minute + minute) % DAY_MIN
        found.append((minute * STRIP_WIDTH / DAY_MIN, times.minutes_clock(reading)))
    return found


def _rules(rules: Json, now: str) -> Json:
    blocked, limited = (
        {one["id"]: gettext(one["title"]) for one in rules.get(kind) or []}
        for kind in ("blocked", "limited")
    )
    titles = blocked | limited
    kinds: dict[str, Json] = {}
    for window in rules.get("windows") or []:
        symbol, words = child.kind(window["kind"])
        entry = kinds.setdefault(
            window["kind"], {"icon": symbol, "words": words, "times": []}
        )
        nights = window["kind"] == "bedtime" and window["start"] >= "12:00"
        entry["times"].append(
            {
                "days": child.days(window["days"], nights=nights),
                "start": _clock(window["start"]),
                "end": _clock(window["end"]),
                "blocks": [
                    titles.get(one, one.replace("_", " "))
                    for one in window.get("blocks") or []
                ],
                "why": gettext(window["why"]) if window.get("why") else "",
            }
        )
    return {
        "kinds": list(kinds.values()),
        "blocked": sorted(blocked.values()),
        "off": rules.get("block") or [],
        "on": rules.get("allow") or [],
        "opened": [
            {"name": one["name"], "until": times.until(one["until"], now)}
            for one in rules.get("opened") or []
        ],
        "only": bool(rules.get("only")),
        "safe_search": bool(rules.get("safe_search")),
        "youtube": rules.get("youtube") or "off",
    }


def _clock(text: str) -> str:
    hour, _, minute = text.partition(":")
    return times.minutes_clock(int(hour) * 60 + int(minute))


def _refused(one: Json, now: str) -> Json:
    return {
        "name": one["name"],
        "ago": times.ago(one["at"], now),
        "why": child.closed(one["reason"]),
    }


def _request(request: Json, names: Json, now: str) -> Json:
    answer = request.get("answer") or {}
    by = answer.get("by") or ""
    return {
        "id": request["id"],
        "kind": request["kind"],
        "minutes": request.get("minutes"),
        "site": request.get("site"),
        "text": request.get("text") or "",
        "ago": times.ago(request["at"], now),
        "open": request["state"] == "open",
        "says": child.request_state(request, now),
        "words": answer.get("words") or "",
        "by": answer.get("by_name") or names.get(by, ""),
    }


def _off_until(mine: Json, now: str) -> str | None:
    # Told once: where the decision itself says so, no banner repeats it.
    until = (mine.get("protection") or {}).get("off_until")
    if not until or mine["decision"]["reason"] == "PROTECTION_OFF":
        return None
    return times.until(until, now)
