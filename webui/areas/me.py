"""A child's own page: what holds and why, until when, and a way to ask.

Known by the device alone: the daemon says at each request whose device has the
visitor's address. While the daemon is away nobody can tell, so nothing of any child is
shown, and help is.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flask import Blueprint, Response, g, request, url_for

from guardian.core.errors import ControlError, StoreError
from guardian.core.hostnames import parse_host
from webui import i18n, pages
from webui.access import CHILD, role
from webui.daemon import ABSENT
from webui.helplines import elsewhere, helplines
from webui.i18n import gettext
from webui.views import me as view
from webui.words import child, states

Json = dict[str, Any]
area = Blueprint("me", __name__)
MINUTES = (15, 30, 60)
TEXT_MAX = 80
# What is wrong with names or the way out is nobody's limit, and is told as such.
NOT_YOUR_LIMIT = frozenset({"names-unanswered", "resolver-unknown"})


@area.get("/me")
@role(CHILD)
def me() -> Response:
    """Show the page of whoever holds this device."""
    return show()


@area.post("/me")
@role(CHILD)
def ask() -> Response:
    """Ask for time or for a site, in the child's own words."""
    kind = "site" if request.form.get("kind") == "site" else "time"
    errors = send(kind)
    if errors:
        return show({kind: errors}, 422)
    return pages.done(url_for("me.me"), gettext("Sent. You'll see the answer here."))


@area.get("/me/how")
@role(CHILD)
def how() -> Response:
    """Explain how this works, for three ages; the reader's own stands first."""
    try:
        mine = visitor()
    except ControlError:
        mine = None
    asked = request.args.get("for", "")
    level = int(asked) if asked in ("0", "1", "2") else None
    if level is None:
        level = states.level(mine.get("band") if mine else None)
    return pages.plain("me/how.html", level=level)


@area.get("/me/help")
@role(CHILD)
def help_lines() -> Response:
    """Show who helps, at any hour and whatever is broken."""
    try:
        mine = visitor()
    except ControlError:
        mine = None
    return pages.plain("me/help.html", **lines(mine))


@area.get("/me/away")
@role(CHILD)
def away() -> Response:
    """Show a page that says nothing, for whoever wants to be off a page of help."""
    return pages.plain("me/away.html")


def visitor() -> Json | None:
    """Return what the daemon says of this device; None while it is away.

    An answer from before it went away is kept aside: whose the address is now, nobody
    can tell. Raises ControlError for a refusal.
    """
    if "mine" not in g:
        g.mine = g.before = None
        try:
            found = pages.daemon().read("me", address=request.remote_addr or "")
        except ControlError as error:
            if error.code not in ABSENT:
                raise
        else:
            if pages.daemon().away:
                g.before = found
            else:
                g.mine = found
    mine: Json | None = g.mine
    return mine


def lines(mine: Json | None) -> Json:
    """Return the help lines of the household's country, from whoever knows them.

    others: those of every country, where nobody knows which is ours.
    """
    today = datetime.now(timezone.utc).date()
    known = mine or g.get("before")
    if known and known.get("helplines"):
        return {"helplines": known["helplines"], "others": []}
    try:
        return {
            "helplines": helplines("", i18n.language(), today),
            "others": elsewhere(i18n.language(), today),
        }
    except StoreError:
        # A damaged file must not take the page away from whoever needs it.
        return {"helplines": [], "others": []}


def show(
    errors: dict[str, dict[str, str]] | None = None, status: int = 200
) -> Response:
    """Show the page; errors: kind of request -> field -> what was wrong with it."""
    mine = visitor()
    if mine is None:
        before = g.get("before")
        return pages.plain(
            "me/stopped.html",
            status=503,
            known=view.known(before, datetime.now(timezone.utc)) if before else None,
            **lines(None),
        )
    who = view.whose(mine)
    if who != "child":
        return pages.plain("me/other.html", who=who, mine=mine, **lines(mine))
    return pages.plain(
        "me/me.html",
        status=status,
        view=view.page(mine, _names()),
        trouble=_trouble(),
        errors=errors or {},
        summary=summary(errors or {}),
        form=request.form,
        minutes=MINUTES,
        text_max=TEXT_MAX,
        **lines(mine),
    )


def send(kind: str) -> dict[str, str]:
    """Send what the form asks for; return what was wrong with it, field by field."""
    form = request.form
    text = " ".join(form.get("text", "").split())
    field = {"site": "site", "time": "minutes"}[kind]
    args: Json = {"address": request.remote_addr or "", "kind": kind}
    if len(text) > TEXT_MAX:
        return {"text": child.asking("text-too-long", "")}
    if kind == "time":
        minutes = form.get("minutes", "")
        if minutes not in map(str, MINUTES):
            return {field: child.asking("bad-argument", "")}
        args["minutes"] = int(minutes)
    else:
        try:
            args["site"] = parse_host(site_of(form.get("site", "")))
        except ValueError:
            return {field: child.asking("bad-hostname", "")}
    if text:
        args["text"] = text
    mine = visitor()
    if mine is None:
        return {field: child.asking("not-running", "")}
    if view.whose(mine) != "child":
        return {field: child.asking("not-a-child", "")}
    try:
        pages.daemon().change("ask", by=str(mine["person"]), **args)
    except ControlError as error:
        return {field: child.asking(error.code, error.detail)}
    return {}


def summary(errors: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the id of each wrong field with what was wrong, for the page's head."""
    ids = {("site", "text"): "site-text"}
    return {
        ids.get((kind, field), field): text
        for kind, fields in errors.items()
        for field, text in fields.items()
    }


def site_of(text: str) -> str:
    """Return the host of what somebody pasted: an address of a page, or its name."""
    name = text.strip().partition("://")[2] or text.strip()
    return name.split("/")[0].split("?")[0].rpartition("@")[2].split(":")[0]


def _names() -> Json:
    try:
        people = pages.overview()["people"]
    except ControlError:
        return {}
    return {person["id"]: person["name"] for person in people}


def _trouble() -> str:
    """Return what is wrong for everybody, in words that blame nobody."""
    try:
        home = pages.overview()
    except ControlError:
        return ""
    if any(entry["code"] in NOT_YOUR_LIMIT for entry in home["health"]):
        return gettext(
            "Internet isn't working for anyone right now. It's not your limit."
        )
    if home.get("failsafe"):
        return gettext("The router runs on its basic rules today. Ask a parent.")
    return ""
