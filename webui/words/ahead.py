"""What comes next for a child, and what still holds, in whole sentences."""

from __future__ import annotations

from typing import Any

from webui.i18n import gettext, mark
from webui.words import times

Json = dict[str, Any]

_BEGINS = {
    "BEDTIME": mark("Bedtime begins at %(time)s, in %(span)s."),
    "OFFLINE": mark("A time without internet begins at %(time)s, in %(span)s."),
    "HOMEWORK": mark("Homework time begins at %(time)s, in %(span)s."),
    "BUDGET_USED": mark("Today's time is used up at %(time)s, in %(span)s."),
    "PAUSED": mark("A pause begins at %(time)s, in %(span)s."),
    "GRANT": mark("Extra time begins at %(time)s, in %(span)s."),
    "CLOCK_UNKNOWN": mark("Waiting for the right time."),
}
_OPENS = mark("Internet is back at %(time)s, in %(span)s.")
_CHANGES = mark("The next change is at %(time)s, in %(span)s.")

_STILL = {
    "BEDTIME": mark("Bedtime is still on until %(time)s."),
    "OFFLINE": mark("A time without internet is still on until %(time)s."),
    "HOMEWORK": mark("Homework time is still on until %(time)s."),
    "BUDGET_USED": mark("Today's time is used up until %(time)s."),
}


def next_change(upcoming: Json | None, now: str) -> str:
    """Return what changes next: "Bedtime begins at 21:00, in 1 h 30 min."

    upcoming: {at, reason, verdict}; None when nothing does within a day.
    """
    if upcoming is None:
        return gettext("Nothing changes in the coming day.")
    text = _BEGINS.get(upcoming["reason"])
    if text is None:
        text = _OPENS if upcoming["verdict"] == "allow" else _CHANGES
    if "%(time)s" not in text:
        return gettext(text)
    ahead = times.instant(upcoming["at"]) - times.instant(now)
    return gettext(
        text,
        time=times.until(upcoming["at"], now),
        span=times.span(ahead.total_seconds()),
    )


def still(decision: Json, now: str) -> str | None:
    """Return what holds a child after a pause, or None when nothing does."""
    text = _STILL.get(decision["reason"])
    if text is None or not decision["until"]:
        return None
    return gettext(text, time=times.until(decision["until"], now))
