"""Devices: whose is it, is it the same one, and what it is called.

A device belongs to a person, is a guest (the rules for new devices), or always works.
Addresses stand under Details only; a name is what a person reads.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import PARENT, role
from webui.i18n import gettext
from webui.links import safe_next
from webui.views import devices as view
from webui.views import people as people_view
from webui.words import errors

area = Blueprint("devices", __name__, url_prefix="/devices")
GUEST, ALWAYS = "guest", "always"
KINDS = ("personal", "thing")
Json = dict[str, Any]


@area.get("")
@role(PARENT)
def devices() -> Response:
    """Show every device, those to be asked about first."""
    overview, known = pages.overview(), pages.daemon().read("devices")
    return pages.page(
        "devices/devices.html",
        groups=view.grouped(overview, known),
        names=view.names(known),
        owners=view.owners(overview),
    )


@area.get("/<key>")
@role(PARENT)
def device(key: str) -> Response:
    """Show one device."""
    return _device(_row(key), {}, {})


@area.post("/<key>/owner")
@role(PARENT)
def own(key: str) -> Response:
    """Say whose a device is: a person's, a guest's, or always allowed."""
    row, back = _row(key), _back()
    who = request.form.get("who", "")
    name = request.form.get("name", "").strip() or (row["name"] if row["new"] else "")
    owner = people_view.find(pages.overview(), who)
    whose: Json = {"exempt": True} if who == ALWAYS else {}
    if owner:
        whose = {"person": who}
    elif who not in (GUEST, ALWAYS):
        return pages.failed(back, gettext("Choose whose it is. Nothing was changed."))
    given = {"name": name[: view.NAME_MAX]} if name else {}
    try:
        result = pages.change("assign", device=key, **whose, **given)
    except ControlError as error:
        return pages.failed(back, error)
    called = name or row["name"] or gettext("the device")
    if owner:
        said = gettext(
            "%(device)s is %(name)s's now.", device=called, name=owner["name"]
        )
    elif who == ALWAYS:
        said = gettext("%(device)s always works now.", device=called)
    else:
        said = gettext(
            "%(device)s is a guest's now: it has the rules for new devices.",
            device=called,
        )
    if back == _page(key):
        # A new device has an id of its own from now on.
        back = _page(result["device"])
    return pages.done(back, said, result)


@area.post("/<key>/same")
@role(PARENT)
def same(key: str) -> Response:
    """Say that a new address is one of a known device's."""
    known = request.form.get("same_as", "")
    row = view.find(pages.overview(), pages.daemon().read("devices"), known)
    try:
        result = pages.change("assign", device=key, same_as=known)
    except ControlError as error:
        return pages.failed(url_for("devices.devices"), error)
    called = row["name"] if row else known
    said = gettext("%(device)s is known by its new address too.", device=called)
    return pages.done(url_for("devices.devices"), said, result)


@area.post("/<key>")
@role(PARENT)
def rename(key: str) -> Response:
    """Change what a device is called, and what kind it is."""
    row = _row(key)
    name = request.form.get("name", "").strip()
    kind = request.form.get("kind", row["kind"])
    problem = people_view.check_name(name)
    if problem or kind not in KINDS:
        wrong = {"name": gettext(problem)} if problem else {}
        return _device(row, {"name": name, "kind": row["kind"]}, wrong)
    overview, known = pages.overview(), pages.daemon().read("devices")
    try:
        result = pages.change("device-set", device=key, name=name, kind=kind)
    except ControlError as error:
        values = {"name": name, "kind": kind}
        return _device(row, values, {"name": errors.sentence(error)})
    if view.same_name(overview, known, key, name):
        said = gettext("Saved. Another device is called %(name)s too.", name=name)
    else:
        said = gettext("Saved: %(name)s.", name=name)
    return pages.done(_page(key), said, result)


@area.post("/<key>/drop")
@role(PARENT)
def drop(key: str) -> Response:
    """Forget a device; if it comes back, it is asked about like a new one."""
    row = _row(key)
    try:
        result = pages.change("device-drop", device=key)
    except ControlError as error:
        return pages.failed(_page(key), error)
    said = gettext("%(device)s is forgotten.", device=row["name"])
    return pages.done(url_for("devices.devices"), said, result)


def _row(key: str) -> Json:
    row = view.find(pages.overview(), pages.daemon().read("devices"), key)
    if row is None:
        abort(404)
    return row


def _device(row: Json, values: Json, wrong: dict[str, str]) -> Response:
    overview = pages.overview()
    # A rotated device that is another one after all.
    maybe = row["maybe"] if not request.args.get("other") else None
    return pages.page(
        "devices/device.html",
        row={**row, "maybe": maybe},
        values={"name": row["name"], "kind": row["kind"], **values},
        wrong=wrong,
        names=view.names(pages.daemon().read("devices")),
        owners=view.owners(overview),
        person_names=dict(view.owners(overview)),
    )


def _page(key: str) -> str:
    return url_for("devices.device", key=key)


def _back() -> str:
    """Return the page of ours from which a form was sent, else the list."""
    return safe_next(request.form.get("back"), url_for("devices.devices"))
