"""People and passwords: who lives here, how old they are, and who may sign in."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, Response, abort, current_app, request, url_for

from guardian.core.errors import ControlError
from webui import joining, pages, passwords, printed, qr, visitors
from webui.access import CARER, PARENT, role
from webui.i18n import gettext, ngettext
from webui.views import people as view
from webui.words import errors
from webui.words import passwords as password_words

area = Blueprint("people", __name__, url_prefix="/settings")
# Who may be invited; a child signs in nowhere.
INVITED = ("parent", "carer", "technician")
Json = dict[str, Any]


@area.get("/people")
@role(PARENT)
def people() -> Response:
    """Show who lives here, and who may sign in."""
    return _people({}, {})


@area.post("/people")
@role(PARENT)
def add() -> Response:
    """Add a person."""
    values = {key: request.form.get(key, "").strip() for key in ("name", "who")}
    fields = view.who(values["who"])
    wrong = {}
    if problem := view.check_name(values["name"]):
        wrong["name"] = gettext(problem)
    if fields is None:
        wrong["who"] = gettext("Choose an age.")
    if wrong or fields is None:
        return _people(values, wrong)
    try:
        result = pages.change("person-set", name=values["name"], **fields)
    except ControlError as error:
        return _people(values, {"name": errors.sentence(error)})
    said = gettext("%(name)s is added.", name=values["name"])
    if fields["role"] == "child":
        said = gettext(
            "%(name)s is added. Now say which device is theirs.", name=values["name"]
        )
        return pages.done(url_for("devices.devices"), said, result)
    return pages.done(url_for("people.people"), said, result)


@area.get("/people/<person>")
@role(PARENT)
def person(person: str) -> Response:
    """Show one person."""
    return _person(_found(person), {}, {})


@area.post("/people/<person>")
@role(PARENT)
def save(person: str) -> Response:
    """Save a person's name, age band and month of birth."""
    one = _found(person)
    keys = ("name", "who", "birth")
    values = {key: request.form.get(key, "").strip() for key in keys}
    wrong = {}
    if problem := view.check_name(values["name"]):
        wrong["name"] = gettext(problem)
    if problem := view.check_birth(values["birth"]):
        wrong["birth"] = gettext(problem)
    fields: Json = {}
    if one["role"] == "child":
        fields = {**(view.who(values["who"]) or {}), "birth": values["birth"]}
        if fields.get("role") != "child":
            wrong["who"] = gettext("Choose an age.")
    if wrong:
        return _person(one, values, wrong)
    try:
        result = pages.change(
            "person-set", person=person, name=values["name"], **fields
        )
    except ControlError as error:
        return _person(one, values, {"name": errors.sentence(error)})
    said = gettext("Saved for %(name)s.", name=values["name"])
    return pages.done(url_for("people.person", person=person), said, result)


@area.get("/people/<person>/remove")
@role(PARENT)
def remove(person: str) -> Response:
    """Ask before a person is removed: their rules go with them."""
    return pages.page("people/remove.html", person=_found(person))


@area.post("/people/<person>/remove")
@role(PARENT)
def drop(person: str) -> Response:
    """Remove a person, and the sign-in of theirs; their devices wait to be assigned."""
    one = _found(person)
    account = view.accounts_of(pages.daemon().call("accounts")).get(person)
    try:
        if account:
            pages.change("account-drop", id=account["id"])
            visitors.gate().accounts.forget()
        result = pages.change("person-drop", person=person)
    except ControlError as error:
        return pages.failed(url_for("people.person", person=person), error)
    said = gettext("%(name)s is removed.", name=one["name"])
    return pages.done(url_for("people.people"), said, result)


@area.get("/password")
@role(PARENT | CARER, secure=True)
def password() -> Response:
    """Show the form for one's own password."""
    return _password({})


@area.post("/password")
@role(PARENT | CARER, secure=True)
def set_password() -> Response:
    """Change one's own password; every other session of it ends."""
    gate, account = visitors.gate(), visitors.principal().account
    assert account is not None
    device = gate.device()
    if wait := gate.throttle.ask(device, gate.clock()):
        seconds = math.ceil(wait)
        said = ngettext(
            "Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds
        )
        response = _password({"old": said}, 429)
        response.headers["Retry-After"] = str(seconds)
        return response
    if not passwords.matches(request.form.get("old", ""), account.hash):
        return _password({"old": gettext("That isn't your password.")})
    gate.throttle.succeeded(device)
    new = request.form.get("password", "")
    if weak := passwords.weakness(new, account.name):
        return _password({"password": password_words.weakness(weak)})
    try:
        made = passwords.make_hash(new, gate.cost)
        pages.change("account-set", id=account.id, hash=made)
    except ControlError as error:
        return _password({"password": errors.sentence(error)})
    joining.sign_in(account.id)
    return pages.done(
        url_for("people.people"),
        gettext("Your password is changed. Your other devices are signed out."),
    )


@area.post("/invite")
@role(PARENT, secure=True)
def invite() -> Response:
    """Make an invitation and show it, this once."""
    wanted = request.form.get("role", "")
    if wanted not in INVITED:
        abort(400)
    try:
        made = pages.change("invite", role=wanted)
    except ControlError as error:
        return pages.failed(url_for("people.people"), error)
    address = printed.invitation(current_app.extensions["settings"], made["token"])
    return pages.page(
        "people/invitation.html",
        role=wanted,
        address=address,
        code=qr.svg(address, gettext("Code of the invitation")),
        ends=made["until"],
    )


@area.get("/invite")
@role(PARENT)
def invited() -> Response:
    """Lead back from an invitation that was shown: it is shown once."""
    return _people({}, {})


@area.post("/accounts/<account>/drop")
@role(PARENT)
def end_account(account: str) -> Response:
    """End a sign-in; whose it was stays a person of the household."""
    try:
        pages.change("account-drop", id=account)
    except ControlError as error:
        return pages.failed(url_for("people.people"), error)
    visitors.gate().accounts.forget()
    return pages.done(
        url_for("people.people"), gettext("That sign-in has ended, on every device.")
    )


def _found(key: str) -> Json:
    found = view.find(pages.overview(), key)
    if found is None:
        abort(404)
    return found


def _people(values: Json, wrong: dict[str, str]) -> Response:
    me = visitors.principal().account
    return pages.page(
        "people/people.html",
        bands=view.BANDS,
        roles=view.ROLES,
        accounts=pages.daemon().read("accounts")["accounts"],
        me=me.id if me else None,
        values=values,
        wrong=wrong,
    )


def _person(one: Json, values: Json, wrong: dict[str, str]) -> Response:
    shown = {"name": one["name"], "who": one["band"], "birth": one["birth"] or ""}
    return pages.page(
        "people/person.html",
        person=one,
        bands=view.BANDS,
        roles=view.ROLES,
        values={**shown, **values},
        wrong=wrong,
    )


def _password(wrong: dict[str, str], status: int = 200) -> Response:
    return pages.page("people/password.html", status, wrong=wrong)
