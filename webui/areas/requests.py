"""Requests: what children ask for, answered with one tap or a few words."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import CARER, PARENT, role
from webui.i18n import gettext
from webui.views import home
from webui.views import requests as view
from webui.visitors import principal
from webui.words import errors, times
from webui.words import requests as words

area = Blueprint("requests", __name__, url_prefix="/requests")
WORDS_MAX = 80


@area.get("")
@role(PARENT | CARER)
def requests() -> Response:
    """Show what is asked for, and what was answered within a day."""
    return _page()


@area.post("/<ident>")
@role(PARENT | CARER)
def answer(ident: str) -> Response:
    """Answer a request: give time or a site, or say not now with a few words."""
    back = url_for(".requests")
    said = " ".join(request.form.get("words", "").split())
    wanted = request.form.get("give", "")
    if wanted:
        give = view.parse_give(wanted)
        if give is None or (give in view.RULES and principal().role is not PARENT):
            abort(400)
        args: pages.Json = {"give": give}
    elif not said:
        return _page(ident, gettext("Write a few words: a no needs a reason."))
    elif len(said) > WORDS_MAX:
        return _page(ident, gettext("Write at most 80 characters."), said)
    else:
        args = {"words": said}
    try:
        result = pages.change("answer", id=ident, **args)
    except ControlError as error:
        return pages.failed(back, _refusal(error))
    overview = pages.overview()
    answered = result["request"]
    name = home.name_of(overview, answered["person"]) or answered["person"]
    text = words.done(answered, name, overview["now"])
    # Words are said: only what was given can be taken back.
    return pages.done(back, text, result if wanted else None)


def _page(ident: str = "", error: str = "", said: str = "") -> Response:
    found = pages.daemon().read("requests")
    parent = principal().role is PARENT
    return pages.page(
        "requests/requests.html",
        422 if error else 200,
        view=view.requests(found, pages.overview(), parent=parent),
        words=words,
        wrong=ident,
        said=said,
        errors={f"words-{ident}": error} if error else {},
    )


def _refusal(error: ControlError) -> str:
    """Return a refusal that names who was first, or until when a pause holds."""
    if error.code == "already-answered" and error.detail:
        by = home.name_of(pages.overview(), error.detail) or error.detail
        return gettext("Already answered by %(name)s. Nothing was changed.", name=by)
    if error.code == "pause-holds":
        try:
            ends = times.until(error.detail, pages.overview()["now"])
        except ValueError:
            return errors.sentence(error)
        return gettext(
            "A pause is on until %(time)s, and extra time lifts none. Nothing was "
            "given; resume first.",
            time=ends,
        )
    return errors.sentence(error)
