"""What holds for a person, in words: one sentence for each reason and reader."""

from __future__ import annotations

from typing import Any

from webui.i18n import gettext, mark
from webui.words import times

Json = dict[str, Any]

# Reason -> (icon, sentence with an end, sentence without). Who, what, until when.
_PARENT = {
    "PROTECTION_OFF": (
        "shield-off",
        mark("Protection is off until %(time)s."),
        mark("Protection is off."),
    ),
    "PAUSED": ("pause", mark("Paused until %(time)s"), mark("Paused")),
    "GRANT": ("plus", mark("Extra time until %(time)s"), mark("Extra time")),
    "BEDTIME": ("moon", mark("Bedtime until %(time)s"), mark("Bedtime")),
    "OFFLINE": (
        "cloud-off",
        mark("No internet until %(time)s"),
        mark("No internet now"),
    ),
    "HOMEWORK": (
        "book",
        mark("Homework until %(time)s: school sites work"),
        mark("Homework: school sites work"),
    ),
    "BUDGET_USED": (
        "hourglass",
        mark("Today's time is used up, until %(time)s"),
        mark("Today's time is used up"),
    ),
    "CLOCK_UNKNOWN": (
        "clock",
        mark("Waiting for the right time"),
        mark("Waiting for the right time"),
    ),
    "NEW_DEVICE": (
        "question",
        mark("New-device rules until you say whose it is"),
        mark("New-device rules until you say whose it is"),
    ),
    "EXEMPT": ("check", mark("No limits"), mark("No limits")),
    "DEFAULT": ("check", mark("Internet is on until %(time)s"), mark("Internet is on")),
}

# Reason -> age group -> sentence. The youngest read few words, from 13 the full rule.
_CHILD = {
    "PROTECTION_OFF": (mark("Rules are off until %(time)s."),) * 3,
    "PAUSED": (
        mark("Pause! Until %(time)s."),
        mark("Internet is paused until %(time)s. A parent paused it. You can ask why."),
        mark(
            "Paused until %(time)s by a parent. Calls to the emergency number, the "
            "home network and help lines work. You can disagree: ask."
        ),
    ),
    "GRANT": (
        mark("Extra time until %(time)s!"),
        mark("You have extra time, until %(time)s."),
        mark("You have extra time, until %(time)s."),
    ),
    "BEDTIME": (
        mark("Good night! Back at %(time)s."),
        mark("It's bedtime until %(time)s. Good night!"),
        mark("Bedtime is on until %(time)s. Below you see all your rules."),
    ),
    "OFFLINE": (
        mark("Offline time until %(time)s."),
        mark("This is a time without internet, until %(time)s."),
        mark("A time without internet is on until %(time)s. Below are all your rules."),
    ),
    "HOMEWORK": (
        mark("Homework time until %(time)s."),
        mark("Homework time until %(time)s. School sites work."),
        mark("Homework time is on until %(time)s: school sites work, others wait."),
    ),
    "BUDGET_USED": (
        mark("Time's up for today."),
        mark("You've used your time for today. It starts again at %(time)s."),
        mark("You've used today's time. It starts again at %(time)s. You can ask."),
    ),
    "BLOCKED_SITE": (
        mark("Not for you yet."),
        mark("A parent turned this site off. You can ask."),
        mark("A parent turned this site off. If you think that's wrong, ask."),
    ),
    "BLOCKED_CATEGORY": (
        mark("Not for you yet."),
        mark("This is off for you. Ask a parent if you think that's wrong."),
        mark("This kind of site is off by the rules for your age. Ask for a change."),
    ),
    "NOT_ON_ALLOWLIST": (
        mark("Not on your list yet."),
        mark("Only chosen sites work here. You can ask for this one."),
        mark("Only chosen sites work here. You can ask for this one."),
    ),
    "SAFETY_LIST": (
        mark("This page can't be opened. Talk to someone you trust."),
        mark("This page can't be opened. If something worries you, help is below."),
        mark("This page can't be opened. If something worries you, help is below."),
    ),
    "NEW_DEVICE": (mark("This device isn't set up yet. Ask a parent."),) * 3,
    "CLOCK_UNKNOWN": (
        mark("The router needs help. Tell a parent."),
        mark("The router doesn't know the time yet. It's not your limit."),
        mark("The router doesn't know the time yet. It's not your limit."),
    ),
    "DEFAULT": (
        mark("Internet is on."),
        mark("Internet is on until %(time)s."),
        mark("Internet is on until %(time)s."),
    ),
}
_BANDS = {"0-5": 0, "6-9": 0, "10-12": 1, "13-15": 2, "16-17": 2}


def level(band: str | None) -> int:
    """Return how much somebody reads: 0 up to nine years, 1 up to twelve, 2 from then.

    band: None for somebody whose age nobody told; read as 10-12.
    """
    return _BANDS.get(band or "", 1)


def icon(decision: Json) -> str:
    """Return the icon of a decision; a state is never told by colour alone."""
    return _PARENT.get(decision["reason"], _PARENT["DEFAULT"])[0]


def tone(decision: Json) -> str:
    """Return "on", "part" or "off": how a state looks beside its words."""
    return {"allow": "on", "limit": "part"}.get(decision["verdict"], "off")


def parent_state(decision: Json, now: str) -> str:
    """Return what holds for somebody, as a parent reads it."""
    _, ends, open_end = _PARENT.get(decision["reason"], _PARENT["DEFAULT"])
    if decision.get("until"):
        return gettext(ends, time=times.until(decision["until"], now))
    return gettext(open_end)


def child_state(decision: Json, band: str | None, now: str) -> str:
    """Return the same for the child it is about, in words of their age.

    band: None for somebody whose age nobody told; read as 10-12.
    """
    sentences = _CHILD.get(decision["reason"], _CHILD["DEFAULT"])
    text = sentences[level(band)]
    if decision.get("until"):
        return gettext(text, time=times.until(decision["until"], now))
    if "%(time)s" in text:
        return gettext(_OPEN_END.get(decision["reason"], _OPEN_END["DEFAULT"]))
    return gettext(text)


_OPEN_END = {
    "PROTECTION_OFF": mark("Rules are off."),
    "PAUSED": mark("Internet is paused. A parent paused it."),
    "GRANT": mark("You have extra time."),
    "BEDTIME": mark("It's bedtime. Good night!"),
    "OFFLINE": mark("This is a time without internet."),
    "HOMEWORK": mark("Homework time. School sites work."),
    "BUDGET_USED": mark("You've used your time for today."),
    "DEFAULT": mark("Internet is on."),
}
