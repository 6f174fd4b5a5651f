"""Apps and sites in words: what holds, what differs from the template, why a name."""

from __future__ import annotations

from typing import Any

from webui.i18n import gettext, mark
from webui.words import states, times

Json = dict[str, Any]
_ACCESS = {
    "allow": mark("Allowed"),
    "limit": mark("Limited"),
    "block": mark("Blocked"),
}
_DIFFERS = {
    "allow": mark("%(what)s is allowed"),
    "limit": mark("%(what)s is limited"),
    "block": mark("%(what)s is blocked"),
    "always": mark("%(what)s always works, at bedtime too"),
}
_SETTINGS = {
    ("only", True): mark("Only chosen sites work"),
    ("only", False): mark("Not only chosen sites work"),
    ("safe_search", True): mark("Safe search is on"),
    ("safe_search", False): mark("Safe search is off"),
    ("youtube", "off"): mark("YouTube is unfiltered"),
    ("youtube", "moderate"): mark("YouTube is on moderate"),
    ("youtube", "strict"): mark("YouTube is on strict"),
}
_YOUTUBE = {
    "off": mark("All videos"),
    "moderate": mark("Moderate: leaves out the roughest"),
    "strict": mark("Strict: leaves out much more, comments too"),
}
# Reason of a name -> why, for whoever asked whether a child would reach it.
_REASONS = {
    "DEFAULT": mark("It is on no list: allowed."),
    "EXEMPT": mark("This device has no limits."),
    "FLOOR": mark("Help and what keeps devices safe always work."),
    "SOFT_FLOOR": mark("Information children have a right to is never blocked."),
    "ALWAYS_WORKS": mark("You put %(matched)s on the list that always works."),
    "ALLOWED_SITE": mark("You allowed %(matched)s."),
    "BLOCKED_SITE": mark("You blocked %(matched)s."),
    "NOT_ON_ALLOWLIST": mark("Only chosen sites work, and this is none of them."),
    "BLOCKED_CATEGORY": mark("It is among what is blocked: %(what)s."),
    "SAFETY_LIST": mark("A list of known harmful addresses holds it."),
    "CLOCK_UNKNOWN": mark("The router doesn't know the time yet."),
    "NEW_DEVICE": mark("This device has new-device rules."),
}
_ADDED = {
    "allow": mark("Allowed for %(name)s: %(site)s."),
    "block": mark("Blocked for %(name)s: %(site)s."),
    "always": mark("Always works for %(name)s: %(site)s."),
    "forget": mark("Taken off %(name)s's lists: %(site)s."),
}


def access(key: str) -> str:
    """Return what holds for an app or a kind of site."""
    return gettext(_ACCESS[key])


def youtube(key: str) -> str:
    """Return what a mode of YouTube's does."""
    return gettext(_YOUTUBE[key])


def added(action: str, name: str, site: str) -> str:
    """Return what was done with a site."""
    return gettext(_ADDED[action], name=name, site=site)


def changed(access_key: str, what: str, name: str) -> str:
    """Return what was done with an app or a kind of site."""
    texts = {
        "allow": mark("%(what)s is allowed for %(name)s."),
        "limit": mark("%(what)s is limited for %(name)s."),
        "block": mark("%(what)s is blocked for %(name)s."),
        "default": mark("%(what)s is as in the template for %(name)s."),
    }
    return gettext(texts[access_key], what=what, name=name)


def difference(found: Json) -> str:
    """Return one thing in which a child's rules differ from the template."""
    if found["kind"] == "packs":
        return gettext("Starter packs of your choice")
    if found["kind"] in ("only", "safe_search", "youtube"):
        return gettext(_SETTINGS[found["kind"], found["value"]])
    return gettext(_DIFFERS[found["value"]], what=found["title"])


def answer(found: Json, name: str, site: str) -> str:
    """Return whether a child would reach a site."""
    if found["reaches"]:
        return gettext("Yes, %(name)s would reach %(site)s.", name=name, site=site)
    return gettext("No, %(name)s would not reach %(site)s.", name=name, site=site)


def reason(found: Json, now: str) -> str:
    """Return the rule behind an answer."""
    if found["device"] is not None:
        return states.parent_state(found["device"], now)
    key = found["reason"]
    if key not in _REASONS:
        # What time rules say of a name is what they say of the device.
        return states.parent_state(found, now)
    return gettext(
        _REASONS[key],
        matched=found["matched"] or found["site"],
        what=", ".join(found["what"]),
    )


def when(at: str, now: str) -> str:
    """Return the time an answer is for."""
    return gettext("%(day)s, %(time)s", day=times.day(at, now), time=times.clock(at))
