"""A child's own page in words: what comes next, what still works, rules, answers.

Honest, no blame, no threat, no invented excuse; each sentence stands whole, and those
that differ by age stand three times (see `webui.words.states.level`).
"""

from __future__ import annotations

from typing import Any

from webui.i18n import gettext, mark
from webui.words import times
from webui.words.states import level

Json = dict[str, Any]

# What comes when the present state ends: reason of the next one -> sentence.
_NEXT = {
    "BEDTIME": mark("Bedtime starts at %(time)s."),
    "OFFLINE": mark("A time without internet starts at %(time)s."),
    "HOMEWORK": mark("Homework time starts at %(time)s."),
    "BUDGET_USED": mark("Your time for today is used at %(time)s."),
    "PAUSED": mark("A pause starts at %(time)s."),
    "GRANT": mark("Extra time starts at %(time)s."),
    "DEFAULT": mark("Internet is back at %(time)s."),
}
_CHANGE = mark("Your rules change at %(time)s.")

# The same in a word or two, for the table of a day.
_WORDS = {
    "PROTECTION_OFF": mark("Rules are off"),
    "PAUSED": mark("Pause"),
    "GRANT": mark("Extra time"),
    "BEDTIME": mark("Bedtime"),
    "OFFLINE": mark("No internet"),
    "HOMEWORK": mark("Homework time"),
    "BUDGET_USED": mark("Time is used"),
    "CLOCK_UNKNOWN": mark("Waiting for the right time"),
}
_WORDS_OTHER = mark("Internet is on")

# What works whatever holds: (icon, sentence).
_STILL = {
    "help": ("heart", mark("Help lines")),
    "emergency": ("phone", mark("Calls to the emergency number")),
    "home": ("home", mark("Everything inside your home, like the printer")),
    "updates": ("check", mark("Updates and the clock of your device")),
    "calls": ("phone", mark("Phone calls over the Wi-Fi")),
    "always": ("check", mark("Sites that always work: %(names)s")),
    "learning": ("book", mark("Sites for school")),
    "school": ("book", mark("Sites for school")),
    "page": ("info", mark("This page")),
    "internet": ("check", mark("The internet, by your rules")),
}

# Why one name is closed, for a list of what was closed lately.
_CLOSED = {
    "BLOCKED_SITE": mark("A parent turned it off."),
    "BLOCKED_CATEGORY": mark("Off by the rules for your age."),
    "NOT_ON_ALLOWLIST": mark("Not among the chosen sites."),
    "SAFETY_LIST": mark("It can't be opened."),
    "PAUSED": mark("Internet was paused."),
    "BEDTIME": mark("It was bedtime."),
    "OFFLINE": mark("It was a time without internet."),
    "HOMEWORK": mark("It was homework time."),
    "BUDGET_USED": mark("Your time for the day was used."),
    "NEW_DEVICE": mark("This device wasn't set up yet."),
    "CLOCK_UNKNOWN": mark("The router didn't know the time. It wasn't your limit."),
}
_CLOSED_OTHER = mark("The router didn't say why.")

# Day type -> (what its days are called, what the nights before them are called).
_DAYS = {
    "school": (mark("School days"), mark("Nights before school")),
    "weekend": (mark("Weekends"), mark("Nights before a weekend day")),
    "holiday": (mark("Holidays"), mark("Nights before a holiday")),
}
_KINDS = {
    "bedtime": ("moon", mark("Bedtime")),
    "offline": ("cloud-off", mark("No internet")),
    "homework": ("book", mark("Homework time")),
    "sites": ("tiles", mark("Some sites are off")),
}

# How a request stands: state -> sentence.
_OPEN = mark("Sent. You'll see the answer here.")
_GIVEN_TIME = mark("Yes! You have extra time until %(time)s.")
_GIVEN_SITE_FOR = mark("Yes! %(site)s works until %(time)s.")
_GIVEN_SITE = mark("Yes! %(site)s works for you.")
_GIVEN = mark("Yes!")
_LESS = mark("A bit less: extra time until %(time)s.")
_LESS_SITE = mark("Yes, for a shorter time: until %(time)s.")
_WAS = mark("Yes, it was given until %(time)s.")
_DECLINED = mark("Not now.")
_ENDED = mark("The day is over, so this request has ended. You can ask again.")

# Who sees what, by what it is. Whatever else is seen is told as well, and on top of the
# page: nobody is watched without a word, whatever this table lacks.
_SEES = {
    "nothing": mark("Nobody sees which sites you open. It isn't written down."),
    "rules": mark("Your parents see your rules and can change them."),
    "online": mark("Your parents see whether a device is online, not what it does."),
    "requests": mark("Your parents see what you ask, and you see their answers."),
    "log": mark("Your parents see who changed a rule, and when; not what you do."),
    "device": mark("Parents see that this device is here, and what it calls itself."),
    "refused": mark(
        "What didn't open is shown on this device only, and to nobody else."
    ),
}
_SEES_OTHER = mark("Your parents can see something else of this device. Ask them what.")
_KEPT = mark("It is kept for %(span)s.")

# Errors of asking, by code: what happened, and what to do.
_ASKING = {
    "not-a-child": mark("This device isn't set up for a child. Ask a parent."),
    "text-too-long": mark("That's too long. Use 80 characters at most."),
    "bad-hostname": mark("That's no name of a site. Write it like example.org."),
    "bad-argument": mark("Choose how much time you ask for."),
    "not-running": mark("The router needs help, so nothing was sent. Tell a parent."),
    "no-answer": mark("The router doesn't answer, so nothing was sent. Try it again."),
    "bad-answer": mark("The router doesn't answer, so nothing was sent. Try it again."),
}
_ASKING_OTHER = mark("That didn't work and nothing was sent. Talk to a parent.")
_TOO_OFTEN = mark("One moment: you can ask again in %(span)s.")
_TOO_MANY = mark("Your requests wait for an answer. Talk to a parent meanwhile.")


def next_change(change: Json | None, now: str) -> str:
    """Return what comes next; "" when nothing in sight does."""
    if not change:
        return ""
    text = _NEXT.get(change.get("reason", ""), _CHANGE)
    return gettext(text, time=times.until(change["at"], now))


def word(decision: Json) -> str:
    """Return what holds, in a word or two."""
    return gettext(_WORDS.get(decision["reason"], _WORDS_OTHER))


def left(decision: Json, now: str) -> str:
    """Return how long what holds goes on: "1 h 30 min left", or "back in 25 min"."""
    if not decision.get("until"):
        return ""
    seconds = (times.instant(decision["until"]) - times.instant(now)).total_seconds()
    if seconds <= 0:
        return ""
    span = times.span(seconds)
    if decision["verdict"] == "allow":
        return gettext("%(span)s left", span=span)
    return gettext("%(span)s to go", span=span)


def still(entries: list[Json]) -> list[tuple[str, str]]:
    """Return (icon, words) of what works now; codes that nobody knows are left out."""
    said: dict[str, str] = {}
    for entry in entries:
        if found := _STILL.get(entry["code"]):
            names = ", ".join(entry.get("names") or [])
            if not names and "%(names)s" in found[1]:
                continue
            text = gettext(found[1], names=names) if names else gettext(found[1])
            said.setdefault(text, found[0])
    return [(symbol, text) for text, symbol in said.items()]


def kind(window_kind: str) -> tuple[str, str]:
    """Return (icon, words) of a kind of window."""
    symbol, text = _KINDS.get(window_kind, ("clock", mark("Other times")))
    return symbol, gettext(text)


def days(names: list[str], *, nights: bool) -> str:
    """Return the days of a window: day types, weekdays, and types of their own.

    nights: of a window that starts in the evening before those days.
    """
    said = []
    for name in names:
        if name in _DAYS:
            said.append(gettext(_DAYS[name][1 if nights else 0]))
        elif name in times.DAYS:
            said.append(times.short_weekday(times.DAYS.index(name)))
        else:
            said.append(name)
    return ", ".join(said)


def closed(reason: str) -> str:
    """Return why a name was closed, in one sentence for every age."""
    return gettext(_CLOSED.get(reason, _CLOSED_OTHER))


def request_state(request: Json, now: str) -> str:
    """Return how a request stands, in the child's words."""
    state, answer = request["state"], request.get("answer") or {}
    ends = times.until(answer["until"], now) if answer.get("until") else ""
    site = request.get("site") or ""
    if state == "open":
        return gettext(_OPEN)
    if state == "declined":
        return gettext(_DECLINED)
    if ends and times.instant(answer["until"]) <= times.instant(now):
        return gettext(_WAS, time=ends)
    if state == "less" and ends:
        return gettext(_LESS_SITE if site else _LESS, time=ends)
    if state in ("given", "less"):
        if site:
            if ends:
                return gettext(_GIVEN_SITE_FOR, site=site, time=ends)
            return gettext(_GIVEN_SITE, site=site)
        return gettext(_GIVEN_TIME, time=ends) if ends else gettext(_GIVEN)
    return gettext(_ENDED)


def sees(entry: Json) -> str:
    """Return who sees what, and how long it is kept, of an entry of `me`."""
    text = gettext(_SEES.get(entry["what"], _SEES_OTHER))
    if entry.get("kept"):
        kept = gettext(_KEPT, span=times.span(entry["kept"]))
        return gettext("%(what)s %(kept)s", what=text, kept=kept)
    return text


def observed(entry: Json) -> bool:
    """Say whether an entry is more than the rules and requests that all share."""
    return entry["what"] not in _SEES


def asking(code: str, detail: str) -> str:
    """Return why a request wasn't sent. detail: of "ask-too-often" the seconds."""
    if code == "ask-too-often":
        if detail.isdecimal() and int(detail) < 24 * 3600:
            return gettext(_TOO_OFTEN, span=times.span(max(60, int(detail))))
        return gettext(_TOO_MANY)
    return gettext(_ASKING.get(code, _ASKING_OTHER))


def greeting(name: str, band: str | None) -> str:
    """Return the page's first line."""
    if not name:
        return gettext("Hello!")
    if level(band) == 2:
        return gettext("%(name)s's rules", name=name)
    return gettext("Hello %(name)s!", name=name)
