"""Set-up: six steps from an unclaimed box to a child's page that works.

Before the claim anyone in the house may open the first two steps; the code printed at
the box's first start makes the first parent. Each step is saved by itself, and what was
in the house before goes on until somebody says whose it is.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect
from flask import request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from guardian.core.errors import ControlError
from webui import access, i18n, joining, pages, passwords, printed, qr, visitors, zones
from webui.access import PARENT, PUBLIC, role
from webui.i18n import gettext
from webui.views import devices as device_view
from webui.views import people as people_view
from webui.views import setup as view
from webui.words import errors, times
from webui.words import passwords as password_words
from webui.words import rules as rule_words

area = Blueprint("setup", __name__, url_prefix="/setup")
# What the first step was told, until there is somebody in whose name to save it.
COOKIE = "setup"
COOKIE_S = 24 * 3600
TRIAL = "2m"
log = logging.getLogger(__name__)
Json = dict[str, Any]


@area.before_app_request
def lead_here() -> BaseResponse | None:
    """Lead a parent to the set-up while the box is nobody's; children's pages go on."""
    asked = access.access_of(current_app, request.endpoint)
    if asked is None or request.blueprint == area.name:
        return None
    if not asked.roles & access.SIGNED_IN and request.endpoint != "entry.login":
        return None
    try:
        if _claimed():
            return None
    except ControlError:
        return None
    if asked.scope or request.method not in ("GET", "HEAD"):
        abort(403)
    return redirect(url_for("setup.start"), 303)


@area.before_request
def speak() -> None:
    """Speak the language chosen here, or the browser's, while the box is nobody's."""
    if not _claimed():
        g.language = i18n.choose(
            str(_chosen().get("language", "")),
            request.headers.get("Accept-Language", ""),
        )


@area.get("/")
@role(PUBLIC)
def start() -> BaseResponse:
    """Lead to the first step with nothing done yet."""
    if not _claimed():
        return redirect(url_for("setup.home"), 303)
    step = view.next_step(pages.overview(), pages.daemon().read("devices"))
    return redirect(url_for(f"setup.{step}"), 303)


@area.get("/home")
@role(PUBLIC)
def home() -> BaseResponse:
    """Show language, time zone and the router's clock, each guessed."""
    return _after_claim() or _home({}, {})


@area.post("/home")
@role(PUBLIC)
def save_home() -> BaseResponse:
    """Keep the first step's answers until the claim."""
    form = request.form
    wrong = {}
    if form.get("language") not in i18n.languages():
        wrong["language"] = gettext("Choose a language.")
    if not zones.is_zone(form.get("timezone", "")):
        wrong["timezone"] = gettext("Choose a time zone.")
    if wrong:
        return _home(dict(form), wrong)
    response = redirect(url_for("setup.parent"), 303)
    kept = {
        "language": form["language"],
        "timezone": form["timezone"],
        "clock": form.get("clock") == "right",
    }
    response.set_cookie(
        COOKIE,
        _signer().dumps(kept),
        max_age=COOKIE_S,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


@area.get("/parent")
@role(PUBLIC)
def parent() -> BaseResponse:
    """Ask for the code, a name and a password."""
    return _after_claim() or _step("parent", values={}, wrong={})


@area.post("/parent")
@role(PUBLIC)
def claim() -> BaseResponse:
    """Claim the box: its first parent, who is signed in from here on."""
    form = request.form
    values = {key: form.get(key, "").strip() for key in ("code", "name")}
    password = form.get("password", "")
    wrong = {}
    if not values["code"]:
        wrong["code"] = gettext("Write the code that was shown at the installation.")
    if problem := people_view.check_name(values["name"]):
        wrong["name"] = gettext(problem)
    if weakness := passwords.weakness(password, values["name"]):
        wrong["password"] = password_words.weakness(weakness)
    if wrong:
        return _step("parent", values=values, wrong=wrong)
    chosen = _chosen()
    try:
        made = pages.daemon().call(
            "claim",
            address=request.remote_addr or "",
            **values,
            hash=passwords.make_hash(password, visitors.gate().cost),
            language=chosen.get("language", i18n.language()),
            timezone=chosen.get("timezone", pages.overview()["zone"]),
        )
    except ControlError as error:
        at, text = view.CLAIM_ERRORS.get(error.code, ("code", ""))
        said = gettext(text, seconds=error.detail) if text else errors.sentence(error)
        return _step("parent", values=values, wrong={at: said})
    joining.sign_in(made["id"])
    _settle(made["id"], chosen)
    response = make_response(redirect(url_for("setup.people"), 303))
    response.delete_cookie(COOKIE, httponly=True, samesite="Strict")
    return response


@area.get("/people")
@role(PARENT)
def people() -> Response:
    """Show who lives here, and a form for one more."""
    return _step("people", bands=people_view.BANDS, values={}, wrong={})


@area.post("/people")
@role(PARENT)
def add_person() -> BaseResponse:
    """Add a person, and go on or ask for another."""
    values = {key: request.form.get(key, "").strip() for key in ("name", "who")}
    onward = request.form.get("next") == "devices"
    if (
        onward
        and not values["name"]
        and view.next_step(pages.overview(), []) != "people"
    ):
        return redirect(url_for("setup.devices"), 303)
    wrong = {}
    if problem := people_view.check_name(values["name"]):
        wrong["name"] = gettext(problem)
    if people_view.who(values["who"]) is None:
        wrong["who"] = gettext("Choose an age.")
    if not wrong:
        fields = people_view.who(values["who"]) or {}
        try:
            result = pages.change("person-set", name=values["name"], **fields)
        except ControlError as error:
            wrong["name"] = errors.sentence(error)
        else:
            step = "devices" if onward else "people"
            said = gettext("%(name)s is added.", name=values["name"])
            return pages.done(url_for(f"setup.{step}"), said, result)
    return _step("people", bands=people_view.BANDS, values=values, wrong=wrong)


@area.get("/devices")
@role(PARENT)
def devices() -> Response:
    """Show what the router has seen, each with one tap for each person."""
    rows = view.asked(pages.overview(), pages.daemon().read("devices"))
    mine = pages.daemon().read("visitor", address=request.remote_addr or "")
    return _step(
        "devices",
        rows=rows,
        owners=device_view.owners(pages.overview()),
        mine=mine["device"] or mine["mac"],
    )


@area.post("/devices")
@role(PARENT)
def assign() -> BaseResponse:
    """Say whose each device is; those left "not sure" go on as before."""
    result = None
    changed = 0
    for row in view.asked(pages.overview(), pages.daemon().read("devices")):
        owner = request.form.get(f"who-{row['key']}", "")
        if not owner or owner == row["owner"]:
            continue
        whose = {"exempt": True} if owner == "always" else {"person": owner}
        name = {"name": row["name"]} if row["new"] and row["name"] else {}
        try:
            result = pages.change("assign", device=row["key"], **whose, **name)
        except ControlError as error:
            return pages.failed(url_for("setup.devices"), error)
        changed += 1
    if result is None:
        return redirect(url_for("setup.rules"), 303)
    said = i18n.ngettext(
        "%(num)s device has its person now.",
        "%(num)s devices have their person now.",
        changed,
    )
    # Undo would take back the last of them only.
    kept = {"enforced": result["enforced"]}
    return pages.done(url_for("setup.rules"), said, kept)


@area.get("/rules")
@role(PARENT)
def rules() -> Response:
    """Show each child's rules in three sentences, and what no filter can do."""
    daemon = pages.daemon()
    children = []
    for person in pages.overview()["people"]:
        if person["role"] == "child":
            found = daemon.read("person", person=person["id"])
            said = rule_words.sentences(
                found, daemon.read("sites", person=person["id"])
            )
            children.append((person, said, view.TALK.get(person["band"], ())))
    return _step("rules", children=children)


@area.post("/rules")
@role(PARENT)
def accept() -> BaseResponse:
    """Go on to the trial; a router without the time is asked about it first."""
    if not pages.overview()["clock_known"]:
        back = url_for("setup.rules")
        if request.form.get("clock") != "right":
            return redirect(back, 303)
        try:
            pages.change("clock")
        except ControlError as error:
            return pages.failed(back, error)
    return redirect(url_for("setup.trial"), 303)


@area.get("/trial")
@role(PARENT)
def trial() -> Response:
    """Show the trial, what it does now, and the code of the child's page."""
    overview = pages.overview()
    address = printed.child_page(current_app.extensions["settings"])
    return _step(
        "trial",
        children=view.triable(overview),
        running=view.on_trial(overview),
        code=qr.svg(address, gettext("Code of the child's page")),
        address=address,
    )


@area.post("/trial")
@role(PARENT)
def try_out() -> Response:
    """Stop one child's internet for two minutes; it comes back by itself."""
    back = url_for("setup.trial")
    person = people_view.find(pages.overview(), request.form.get("person", ""))
    if person is None:
        return pages.failed(back, ControlError("no-such-person", ""))
    try:
        if request.form.get("end"):
            result = pages.change("resume", person=person["id"])
            said = gettext("The trial for %(name)s has ended.", name=person["name"])
        else:
            result = pages.change("pause", person=person["id"], span=TRIAL)
            said = gettext(
                "%(name)s's internet is stopped for two minutes.", name=person["name"]
            )
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(back, said, {"enforced": result["enforced"]})


def _after_claim() -> BaseResponse | None:
    """Lead on from the steps that a claimed box is past."""
    return redirect(url_for("setup.start"), 303) if _claimed() else None


def _claimed() -> bool:
    """Say whether some parent may sign in: a household alone has no owner yet."""
    return visitors.gate().accounts.book().claimed


def _settle(by: str, chosen: Json) -> None:
    """Save what the first step was told and the claim does not take, in `by`'s name.

    Not doing it loses a convenience: help lines fall back to those of all countries,
    and the clock is asked about again at the fifth step.
    """
    daemon = pages.daemon()
    try:
        if country := zones.country_of(str(chosen.get("timezone", ""))):
            daemon.change("home-set", by=by, country=country)
        if chosen.get("clock") and not pages.overview()["clock_known"]:
            daemon.change("clock", by=by)
    except ControlError:
        log.warning("set-up: country or clock not saved")


def _chosen() -> Json:
    """Return what the first step was told; {} without it."""
    try:
        found = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or b"", salt=COOKIE)


def _home(values: Json, wrong: dict[str, str]) -> Response:
    overview, chosen = pages.overview(), _chosen()
    guess = zones.guess(request.headers.get("Accept-Language", ""), overview["zone"])
    values = {
        "language": i18n.language(),
        "timezone": chosen.get("timezone", guess),
        **values,
    }
    zone = str(values["timezone"])
    now = datetime.fromisoformat(overview["now"])
    return _step(
        "home",
        languages=i18n.languages(),
        zones=zones.zones(),
        router_now=now.astimezone(ZoneInfo(zone if zones.is_zone(zone) else "UTC")),
        values=values,
        wrong=wrong,
    )


def _step(step: str, **context: Any) -> Response:
    return pages.plain(
        f"setup/{step}.html",
        overview=pages.overview(),
        away=pages.daemon().away,
        endonym=i18n.endonym,
        left=times.left,
        steps=view.STEPS,
        titles=view.TITLES,
        step=step,
        before=view.before(step),
        **context,
    )
