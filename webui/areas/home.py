"""Home: who is online, is anything wrong, what can I do now."""

from __future__ import annotations

import re
import time

from flask import Blueprint, Response, abort, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.i18n import gettext
from webui.links import safe_next
from webui.access import CARER, PARENT, role
from webui.views import home as view
from webui.words import ahead, errors, times

area = Blueprint("home", __name__)
# How long a tap on a chip pauses; "" is until morning.
PAUSES = ("", "1h", "2h")
# More at once is a change of the rules.
MINUTES_MAX = 240
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d\Z")
# Refusals that are about the time that was typed.
_OF_TIME = frozenset({"bad-time", "not-ahead-within-7-days", "ends-before-start"})


@area.get("/")
@role(PARENT | CARER)
def home() -> Response:
    """Show a card for each child, what is wrong, and new devices."""
    away = pages.daemon().away
    return pages.page(
        "home/home.html",
        view=view.home(pages.overview()),
        silent_s=time.monotonic() - away.since if away else 0,
    )


@area.get("/pause/<person>")
@role(PARENT | CARER)
def choose(person: str) -> Response:
    """Show how long to pause one child, or everyone."""
    return _choose(person)


@area.post("/pause/<person>")
@role(PARENT | CARER)
def pause(person: str) -> Response:
    """Pause a child, or everyone, until morning, for a while, or until a time."""
    back = _back()
    span = request.form.get("for", "")
    until = request.form.get("until", "").strip()
    if span not in PAUSES:
        abort(400)
    if "until" in request.form and not _CLOCK.match(until):
        return _choose(person, until, gettext("Write a time, such as 18:30."))
    end = {"until": until} if until else {"span": span} if span else {}
    try:
        result = pages.change("pause", person=person, **end)
    except ControlError as error:
        if until and error.code in _OF_TIME:
            return _choose(person, until, errors.sentence(error))
        return pages.failed(back, error)
    ends = times.until(result["until"], pages.overview()["now"])
    name = view.name_of(pages.overview(), person)
    if name is None:
        return pages.done(
            back, gettext("Everyone is paused until %(time)s.", time=ends), result
        )
    return pages.done(
        back,
        gettext("Paused for %(name)s until %(time)s.", name=name, time=ends),
        result,
    )


@area.post("/resume/<person>")
@role(PARENT | CARER)
def resume(person: str) -> Response:
    """End a pause; the schedule stays as it is, and is told where it still holds."""
    back = _back()
    try:
        result = pages.change("resume", person=person)
        now = pages.daemon().read("overview")
    except ControlError as error:
        return pages.failed(back, error)
    child = view.child_of(now, person)
    if child is None:
        return pages.done(back, gettext("The pause has ended for everyone."), result)
    said = [gettext("The pause has ended for %(name)s.", name=child["name"])]
    still = ahead.still(child["decision"], now["now"])
    if still is not None:
        said += [still, gettext("You can give extra time.")]
    return pages.done(back, " ".join(said), result)


@area.post("/grant/<person>")
@role(PARENT | CARER)
def grant(person: str) -> Response:
    """Give a child more time; it ends by itself, and further taps add to it."""
    back = _back()
    minutes = request.form.get("minutes", "15")
    if not minutes.isdecimal() or not 0 < int(minutes) <= MINUTES_MAX:
        abort(400)
    child = _child(person)
    try:
        result = pages.change(
            "grant", person=person, **view.more_time(child, int(minutes))
        )
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(
        back,
        gettext(
            "%(name)s has extra time until %(time)s.",
            name=child["name"],
            time=times.until(result["until"], pages.overview()["now"]),
        ),
        result,
    )


@area.post("/grant/<person>/end")
@role(PARENT | CARER)
def end_grant(person: str) -> Response:
    """End a child's extra time before its end; the schedule stays as it is."""
    back = _back()
    child = _child(person)
    try:
        result = pages.change("grant", person=person, off=True)
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(
        back,
        gettext("Extra time has ended for %(name)s.", name=child["name"]),
        result,
    )


@area.post("/undo/<int:revision>")
@role(PARENT)
def undo(revision: int) -> Response:
    """Take back exactly what one change changed."""
    back = _back()
    try:
        result = pages.change("undo", revision=revision)
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(
        back, gettext("Undone. It is as it was before."), {**result, "revision": 0}
    )


def _choose(person: str, until: str = "", error: str = "") -> Response:
    child = None if person == view.EVERYONE else _child(person)
    return pages.page(
        "home/pause.html",
        422 if error else 200,
        child=child,
        person=person,
        until=until,
        errors={"until": error} if error else {},
        back=_back(),
    )


def _child(person: str) -> pages.Json:
    child = view.child_of(pages.overview(), person)
    if child is None:
        abort(404)
    return child


def _back() -> str:
    """Return the page of ours from which a form was sent; Home for any other."""
    return safe_next(request.form.get("back", ""), url_for("home.home"))
