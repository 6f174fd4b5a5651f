"""The doors: signing in and out, an invitation, and the way from plain HTTP to TLS.

What a stranger meets here says nothing of the household: no list of names, and one
message for a wrong name and a wrong password.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, current_app, redirect, request, send_file
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from guardian.core.errors import ControlError
from webui import joining, pages, passwords, visitors
from webui.access import CARER, PARENT, PUBLIC, TECH, role
from webui.accounts import Account
from webui.cookies import KNOWN, get_cookie, put_cookie
from webui.i18n import gettext, ngettext
from webui.links import safe_next
from webui.settings import Settings
from webui.words import errors
from webui.words import passwords as words_of

area = Blueprint("entry", __name__)
# A device that has signed in is known for a year (RFC 6265bis, 5.5: at most 400 days).
KNOWN_S = 365 * 86400
# RFC 9116, 2.5.5: less than a year ahead.
SECURITY_TXT_DAYS = 180
NAME_MAX = 60


@area.get("/login")
@role(PUBLIC)
def login() -> BaseResponse:
    """Show the form, or lead on who is signed in already."""
    who = visitors.signed_in()
    if who is not None and who.account is not None:
        return redirect(_target(who.account, request.args.get("next")), 303)
    return _form(request.args.get("next", ""))


@area.post("/login")
@role(PUBLIC)
def enter() -> BaseResponse:
    """Sign in, or say that name or password is wrong, or how long to wait."""
    gate = visitors.gate()
    name = request.form.get("name", "")[: 2 * NAME_MAX]
    password = request.form.get("password", "")[: 2 * passwords.LONGEST]
    target = request.form.get("next", "")
    account = gate.accounts.book().named(name)
    device, known = gate.device(), _known(account)
    # Before hashing: a guess must not even cost the router the work.
    if wait := gate.throttle.ask(device, gate.clock(), known):
        return _wait("entry/login.html", wait, name=name, next=target)
    if account is None:
        passwords.spend(password, gate.cost)
        return _form(target, name, gettext("That name or password isn't right."))
    if not passwords.matches(password, account.hash) or _over(account):
        return _form(target, name, gettext("That name or password isn't right."))
    gate.throttle.succeeded(device, known)
    account = _rehashed(account, password)
    visitors.sign_in(account, stay="stay" in request.form)
    response = redirect(_target(account, target), 303)
    if known is None:
        mark = gate.sessions.mark_known(account.id)
        put_cookie(response, KNOWN, mark, visitors.is_secure(), KNOWN_S)
    return response


@area.post("/logout")
@role(PUBLIC)
def logout() -> BaseResponse:
    """End the session and the copies of its cookie."""
    visitors.sign_out()
    return redirect(url_for("entry.login"), 303)


@area.post("/stay")
@role(PARENT | CARER | TECH)
def stay() -> BaseResponse:
    """Begin the idle time anew: somebody is still there."""
    visitors.extend()
    return redirect(safe_next(request.form.get("back")), 303)


@area.get("/join/<token>")
@role(PUBLIC, secure=True)
def join(token: str) -> BaseResponse:
    """Ask somebody invited for a name and a password of their own."""
    return pages.plain("entry/join.html", token=token, name="", wrong={})


@area.post("/join/<token>")
@role(PUBLIC, secure=True)
def accept(token: str) -> BaseResponse:
    """Take an invitation; who has just chosen a password isn't asked for it again."""
    gate = visitors.gate()
    name = " ".join(request.form.get("name", "").split())
    password = request.form.get("password", "")
    wrong = {}
    if not name or len(name) > NAME_MAX:
        wrong["name"] = gettext("Write your name, as your family calls you.")
    if weak := passwords.weakness(password, name):
        wrong["password"] = words_of.weakness(weak)
    if wrong:
        return pages.plain("entry/join.html", token=token, name=name, wrong=wrong)
    if wait := gate.throttle.ask(gate.device(), gate.clock()):
        return _wait("entry/join.html", wait, token=token, name=name)
    made = passwords.make_hash(password, gate.cost)
    try:
        taken = gate.daemon.call("invite-take", token=token, name=name, hash=made)
    except ControlError as error:
        wrong = {"name": errors.sentence(error)}
        return pages.plain("entry/join.html", token=token, name=name, wrong=wrong)
    gate.throttle.succeeded(gate.device())
    return redirect(_target(joining.sign_in(taken["id"]), None), 303)


@area.get("/open")
@role(PUBLIC)
def open_() -> BaseResponse:
    """Explain the way from plain HTTP to TLS, with the words to compare."""
    settings = _settings()
    host = request.host.rpartition(":")[0] if _has_port(request.host) else request.host
    port = "" if settings.https_port == 443 else f":{settings.https_port}"
    return pages.plain(
        "entry/open.html", words=settings.words(), address=f"https://{host}{port}/"
    )


@area.get("/authority.crt")
@role(PUBLIC, cache=True)
def authority() -> BaseResponse:
    """Give the authority's certificate, for a device that shall trust it.

    Over TLS only: over plain HTTP somebody on the way could hand out their own, which
    may be good for every site there is.
    """
    path = _settings().authority
    if path is None:
        abort(404)
    # RFC 8555, 9.1 names PEM; phones open the installer by this older type.
    return send_file(path, mimetype="application/x-x509-ca-cert")


@area.get("/healthz")
@role(PUBLIC)
def healthz() -> BaseResponse:
    """Say that this process answers; nothing else."""
    return Response("ok\n", mimetype="text/plain")


@area.get("/.well-known/security.txt")
@role(PUBLIC, cache=True)
def security_txt() -> BaseResponse:
    """Say where vulnerabilities are reported (RFC 9116)."""
    contact = _settings().security_contact
    if not contact:
        abort(404)
    expires = datetime.now(UTC) + timedelta(days=SECURITY_TXT_DAYS)
    lines = f"Contact: {contact}\nExpires: {expires:%Y-%m-%dT00:00:00Z}\n"
    return Response(lines, mimetype="text/plain")


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdecimal() and not host.endswith("]")


def _known(account: Account | None) -> str | None:
    """Return the name of this device's own count if it has signed in as `account`."""
    cookie = get_cookie(request, KNOWN, visitors.is_secure())
    name = visitors.gate().sessions.read_known(cookie) if cookie else None
    if name is None or account is None or name.partition(" ")[0] != account.id:
        return None
    return name


def _over(account: Account) -> bool:
    return account.until is not None and account.until <= datetime.now(UTC).timestamp()


def _rehashed(account: Account, password: str) -> Account:
    """Return the account after its hash was made anew, where its cost has changed."""
    gate = visitors.gate()
    if not passwords.is_dated(account.hash, gate.cost):
        return account
    made = passwords.make_hash(password, gate.cost)
    try:
        by = account.person or account.id
        gate.daemon.change("account-set", by=by, id=account.id, hash=made)
    except ControlError:
        return account  # the old hash still does
    gate.accounts.forget()
    return gate.accounts.book().accounts.get(account.id, account)


def _target(account: Account, wanted: str | None) -> str:
    own = "/tech" if account.role is TECH else "/"
    return safe_next(wanted, own)


def _form(target: str, name: str = "", wrong: str = "") -> BaseResponse:
    found = {"password": wrong} if wrong else {}
    return pages.plain("entry/login.html", next=target, name=name, wrong=found)


def _wait(template: str, wait: float, **context: str) -> BaseResponse:
    """Answer 429 with Retry-After (RFC 6585, 4; RFC 9110, 10.2.3)."""
    seconds = math.ceil(wait)
    said = ngettext(
        "Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds
    )
    response = pages.plain(template, 429, wrong={"password": said}, **context)
    response.headers["Retry-After"] = str(seconds)
    return response
