"""Home: who is online, is anything wrong, what can I do now."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.i18n import gettext
from webui.links import safe_next
from webui.access import CARER, PARENT, role
from webui.views import home as view
from webui.words import times

area = Blueprint("home", __name__)
# How long a tap on a chip pauses; "" is until morning.
PAUSES = ("", "1h", "2h")


@area.get("/")
@role(PARENT | CARER)
def home() -> Response:
    """Show a card for each child, what is wrong, and new devices."""
    return pages.page("home/home.html", view=view.home(pages.overview()))


@area.post("/pause/<person>")
@role(PARENT | CARER)
def pause(person: str) -> Response:
    """Pause a child, or everyone, until morning or for a while."""
    back = _back()
    span = request.form.get("for", "")
    try:
        result = pages.change(
            "pause", person=person, **({"span": span} if span else {})
        )
    except ControlError as error:
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
    except ControlError as error:
        return pages.failed(back, error)
    name = view.name_of(pages.overview(), person)
    if name is None:
        return pages.done(back, gettext("The pause has ended for everyone."), result)
    return pages.done(
        back, gettext("The pause has ended for %(name)s.", name=name), result
    )


@area.post("/grant/<person>")
@role(PARENT | CARER)
def grant(person: str) -> Response:
    """Give a child more time now; it ends by itself."""
    back = _back()
    minutes = request.form.get("minutes", "15")
    try:
        result = pages.change("grant", person=person, span=f"{minutes}m")
    except ControlError as error:
        return pages.failed(back, error)
    now = pages.overview()["now"]
    return pages.done(
        back,
        gettext(
            "%(name)s has extra time until %(time)s.",
            name=view.name_of(pages.overview(), person),
            time=times.until(result["until"], now),
        ),
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


def _back() -> str:
    """Return the page of ours from which a form was sent; Home for any other."""
    return safe_next(request.form.get("back", ""), url_for("home.home"))
