"""The page about one closed name as values: what, why, until when. Pure."""

from __future__ import annotations

from typing import Any

from guardian.core.hostnames import parse_host
from webui.i18n import gettext, mark
from webui.views import me
from webui.words import child, states, times

Json = dict[str, Any]
# Reasons that a request for the very site can change.
_OF_SITE = frozenset({"BLOCKED_SITE", "BLOCKED_CATEGORY", "NOT_ON_ALLOWLIST"})
# Reasons that a request for time can change; a pause only a parent ends.
_OF_TIME = frozenset({"BEDTIME", "OFFLINE", "HOMEWORK", "BUDGET_USED", "PAUSED"})
_OPEN = mark("Your rules let this site open. If it doesn't, the fault is elsewhere.")
# Lists that come with the program are named so (`guardian.lists.curated`).
_OWN_LISTS = "guardian-"
_OURS = mark("Guardian's own list")
_UNTIL = mark("Until %(time)s.")


def host(text: str) -> str:
    """Return the checked name that an address line asked for, "" for none.

    A name comes with a port where a browser was led here; that is no part of it.
    """
    try:
        return parse_host(text.strip()[:300].partition(":")[0])
    except ValueError:
        return ""


def page(site: str, why: Json | None, mine: Json | None) -> Json:
    """Return what the page says of a name.

    why: the answer of the verb `why`, None when nobody could tell. mine: that of `me`,
    None likewise. asks: "site", "time" or "": what a request could change. labels:
    the kinds of site that stand against it; lists: who makes the lists behind it.
    """
    decision = (why or {}).get("decision")
    if decision is None or mine is None:
        return _unknown(site)
    reason, now = decision["reason"], mine["now"]
    found = {**_unknown(site), "known": True, "decision": decision}
    if states.level(mine.get("band")) == 0:
        found["picture"] = me.picture(reason)
    if decision["verdict"] == "allow":
        return {**found, "open": True, "says": gettext(_OPEN)}
    found["says"] = states.child_state(decision, mine.get("band"), now)
    if decision.get("until") and reason in _OF_SITE:
        found["until"] = gettext(_UNTIL, time=times.until(decision["until"], now))
    found["asks"] = _asks(reason)
    labels = {label: label.replace("_", " ") for _, label in (why or {})["args"]}
    titles = {
        one["id"]: one["title"]
        for one in (mine.get("rules") or {}).get("blocked") or []
    }
    found["labels"] = sorted(gettext(titles.get(k, v)) for k, v in labels.items())
    found["lists"] = sorted({_maker(entry["list"]) for entry in (why or {})["lists"]})
    found["left"] = child.left(decision, now)
    return found


def _maker(list_id: str) -> str:
    return gettext(_OURS) if list_id.startswith(_OWN_LISTS) else list_id


def _asks(reason: str) -> str:
    if reason in _OF_SITE:
        return "site"
    return "time" if reason in _OF_TIME else ""


def _unknown(site: str) -> Json:
    return {
        "site": site,
        "known": False,
        "open": False,
        "decision": None,
        "picture": "",
        "says": "",
        "until": "",
        "left": "",
        "asks": "",
        "labels": [],
        "lists": [],
    }
