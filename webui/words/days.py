"""Dates and runs of dates in words, and what could not be read of a calendar file."""

from __future__ import annotations

from datetime import date
from typing import Any

from guardian.core.errors import ControlError
from webui.i18n import gettext, mark
from webui.words import errors, times

Json = dict[str, Any]
_PROBLEMS = {
    "first-missing": mark("Choose the first day."),
    "last-missing": mark("Choose the last day, or leave it empty for one day."),
    "ends-before-start": mark("The last day is before the first. Choose again."),
    "type-missing": mark("Choose what each of these days is."),
    "bad-type": mark("Write a short name of letters and numbers, like “camp”."),
    "file-missing": mark("Choose a file that ends in .ics."),
    "file-too-large": mark("That file is too large for a calendar. Choose another."),
    "file-not-text": mark("That file is no calendar. Choose one that ends in .ics."),
}
_REFUSALS = {
    "calendar-ends-before-start": _PROBLEMS["ends-before-start"],
    "calendar-too-large": _PROBLEMS["file-too-large"],
    "calendar-unreadable": _PROBLEMS["file-not-text"],
    "bad-id": _PROBLEMS["bad-type"],
    "day-type-in-use": mark(
        "A child's schedule has times for days of this kind. Nothing was changed; "
        "change that schedule first."
    ),
    "no-such-day": mark(
        "These days aren't in the calendar any more. Nothing was changed; look again."
    ),
    "too-many-days": mark(
        "The calendar would hold too many entries. Nothing was changed; remove old "
        "ones first."
    ),
}
_SKIPPED = {
    "cancelled": mark("it was called off"),
    "not-whole-days": mark("it is not for whole days"),
    "over": mark("it is over already"),
    "repetition-not-understood": mark("it repeats in a way that isn't understood"),
    "too-far": mark("it is more than two years ahead"),
    "too-long": mark("it is longer than a year"),
    "too-many": mark("the file has too many entries"),
    "unreadable": mark("it can't be read"),
}


def problem(code: str) -> str:
    """Return what is wrong with a field."""
    return gettext(_PROBLEMS[code])


def refusal(error: ControlError) -> str:
    """Return what a parent reads of a refusal about the calendar."""
    known = _REFUSALS.get(error.code)
    return gettext(known) if known else errors.sentence(error)


def skipped(found: Json) -> str:
    """Return why a line of a calendar file adds nothing."""
    known = _SKIPPED.get(found["why"])
    if known is None:
        return gettext(
            "Line %(line)s was left out (%(code)s).",
            line=found["line"],
            code=str(found["why"])[:40],
        )
    return gettext(
        "Line %(line)s was left out: %(why)s.", line=found["line"], why=gettext(known)
    )


def run(found: Json, now: str) -> str:
    """Return a run of days: "Monday", "12 May", "30 March to 11 April 2027"."""
    first, last = (date.fromisoformat(found[key]) for key in ("first", "last"))
    today = times.instant(now).date()
    if first == last:
        return _dated(first, today)
    return gettext(
        "%(first)s to %(last)s", first=_dated(first, today), last=_dated(last, today)
    )


def _dated(on: date, today: date) -> str:
    text = times.day(on, today)
    if on.year == today.year:
        return text
    return gettext("%(day)s %(year)s", day=text, year=on.year)
