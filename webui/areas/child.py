"""One child: today, devices, who sees what, and the family's agreement on paper."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import CARER, PARENT, role
from webui.charts import Stretch, Tick, day_strip
from webui.i18n import gettext
from webui.views import child as view
from webui.views import home
from webui.words import ahead, times, windows

area = Blueprint("child", __name__, url_prefix="/child/<person>")


@area.get("")
@role(PARENT | CARER)
def today(person: str) -> Response:
    """Show what holds, what comes next, and the coming day as strip and table."""
    child, overview = _child(person), pages.overview()
    strip = view.strip(child["day"], overview["zone"])
    said = ahead.next_change(child["next"], overview["now"])
    return pages.page(
        "child/today.html",
        child=home.card(child, overview["now"]),
        upcoming=said,
        who=_names(overview),
        chart=day_strip(
            [Stretch(**one) for one in strip["stretches"]],
            [Tick(one["at"], times.clock(one["moment"])) for one in strip["ticks"]],
            ident="day",
            title=gettext("The coming day of %(name)s", name=child["name"]),
            desc=said,
        ),
    )


@area.get("/devices")
@role(PARENT | CARER)
def devices(person: str) -> Response:
    """Show a child's devices, and new ones that may be theirs."""
    child, overview = _child(person), pages.overview()
    known = pages.daemon().read("devices")
    return pages.page(
        "child/devices.html",
        child=child,
        view=view.devices(known, overview, child["id"]),
    )


@area.post("/devices")
@role(PARENT)
def assign(person: str) -> Response:
    """Say that a new device is this child's, or is one of theirs with a new address."""
    child = _child(person)
    back = url_for(".devices", person=child["id"])
    mac, known = request.form.get("device", ""), request.form.get("same_as", "")
    whose = {"same_as": known} if known else {"person": child["id"]}
    try:
        result = pages.change("assign", device=mac, **whose)
    except ControlError as error:
        return pages.failed(back, error)
    if known:
        text = gettext(
            "It is one device now, with the rules for %(name)s.", name=child["name"]
        )
    else:
        text = gettext("Rules for %(name)s hold on it now.", name=child["name"])
    return pages.done(back, text, result)


@area.get("/privacy")
@role(PARENT | CARER)
def privacy(person: str) -> Response:
    """Show who sees what about this child."""
    child = _child(person)
    return pages.page("child/privacy.html", child=child, view=view.privacy(child))


@area.get("/agreement")
@role(PARENT | CARER)
def agreement(person: str) -> Response:
    """Show the family's agreement, made of the rules in force, to be printed."""
    child, daemon = _child(person), pages.daemon()
    titles = {
        one["id"]: one["title"]
        for kind in ("categories", "services")
        for one in daemon.read("catalogue", kind=kind)
    }
    overview = pages.overview()
    return pages.page(
        "child/agreement.html",
        child=child,
        rules=view.agreement(child, daemon.read("sites", person=child["id"]), titles),
        rows=view.SEEN,
        parents=[one["name"] for one in overview["people"] if one["role"] == "parent"],
        date=times.date_of(overview["now"]),
        words=windows,
        titles=titles,
    )


def _child(person: str) -> pages.Json:
    """Return a child as the daemon tells of them; adults cannot be looked at."""
    if home.child_of(pages.overview(), person) is None:
        abort(404)
    found: pages.Json = pages.daemon().read("person", person=person)
    return found


def _names(overview: pages.Json) -> dict[str, str]:
    return {one["id"]: one["name"] for one in overview["people"]}
