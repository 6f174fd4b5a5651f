"""The family log: who changed what when, the same for both parents."""

from __future__ import annotations

from flask import Blueprint, Response, request

from guardian.core.errors import ControlError
from webui import pages
from webui.access import PARENT, role
from webui.views import log as view
from webui.words import audit

area = Blueprint("log", __name__, url_prefix="/log")


@area.get("")
@role(PARENT)
def log() -> Response:
    """Show what was changed lately, each with its way back or why there is none."""
    daemon, overview = pages.daemon(), pages.overview()
    whole = "all" in request.args
    found = daemon.read("log", limit=view.MOST if whole else view.USUAL)
    return pages.page(
        "log/log.html",
        days=view.log(found, overview, _accounts()),
        sentences=audit.sentences,
        names=audit.Names(
            people={one["id"]: one["name"] for one in overview["people"]},
            devices=_named("devices"),
            titles=_named("catalogue", "categories") | _named("catalogue", "services"),
        ),
        more=not whole and len(found) == view.USUAL,
    )


def _named(verb: str, kind: str = "") -> dict[str, str]:
    """Return id -> name; nothing where the daemon cannot say, for ids do as well."""
    try:
        found = pages.daemon().read(verb, **({"kind": kind} if kind else {}))
    except ControlError:
        return {}
    names = (one.get("title") or one.get("name") for one in found)
    return {
        one["id"]: str(name)
        for one, name in zip(found, names, strict=True)
        if one["id"] and name
    }


def _accounts() -> dict[str, str]:
    try:
        found = pages.daemon().read("accounts")["accounts"]
    except ControlError:
        return {}
    return {one["id"]: one["name"] for one in found}
