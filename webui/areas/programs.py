"""App passwords: what programs use at the interface, each with what it may do.

A password is shown once, when it is made; the daemon keeps its hash.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Response, request, url_for

from guardian.core.errors import ControlError
from webui import pages, passwords, visitors
from webui.access import PARENT, role
from webui.i18n import gettext, mark
from webui.views import people as people_view
from webui.views.api import CHANGE, READ
from webui.words import errors

area = Blueprint("programs", __name__, url_prefix="/settings/programs")
SCOPES = {
    READ: mark("See who is online and what holds"),
    CHANGE: mark("Pause, resume, and give time"),
}
SECRET_BYTES = 24


@area.get("")
@role(PARENT, secure=True)
def programs() -> Response:
    """Show the programs, and a form for one more."""
    return _page({}, {})


@area.post("")
@role(PARENT, secure=True)
def add() -> Response:
    """Make an app password and show it, this once."""
    name = request.form.get("name", "").strip()
    scopes = [scope for scope in SCOPES if scope in request.form.getlist("scope")]
    wrong = {}
    if problem := people_view.check_name(name):
        wrong["name"] = gettext(problem)
    if not scopes:
        wrong["scope"] = gettext("Choose what it may do.")
    if wrong:
        return _page({"name": name, "scopes": scopes}, wrong)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    made_hash = passwords.make_hash(secret, visitors.gate().cost)
    try:
        made = pages.change("key-set", name=name, scopes=scopes, hash=made_hash)
    except ControlError as error:
        wrong = {"name": errors.sentence(error)}
        return _page({"name": name, "scopes": scopes}, wrong)
    visitors.gate().accounts.forget()
    return _page({}, {}, shown=(name, f"{made['id']}.{secret}"))


@area.post("/<key>/drop")
@role(PARENT, secure=True)
def drop(key: str) -> Response:
    """End an app password."""
    try:
        pages.change("key-drop", id=key)
    except ControlError as error:
        return pages.failed(url_for("programs.programs"), error)
    visitors.gate().accounts.forget()
    return pages.done(url_for("programs.programs"), gettext("That password has ended."))


def _page(
    values: dict[str, object],
    wrong: dict[str, str],
    shown: tuple[str, str] | None = None,
) -> Response:
    return pages.page(
        "settings/programs.html",
        keys=pages.daemon().call("accounts")["keys"],
        scopes=SCOPES,
        values=values,
        wrong=wrong,
        shown=shown,
    )
