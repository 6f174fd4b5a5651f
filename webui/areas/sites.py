"""A child's apps and sites: what the template says, what differs, a test box."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import CARER, PARENT, role
from webui.daemon import ABSENT
from webui.i18n import gettext
from webui.views import sites as view
from webui.words import errors, sites as words, times, windows

Json = dict[str, Any]
area = Blueprint("sites", __name__, url_prefix="/child/<person>/sites")
ACTIONS = ("allow", "block", "always", "forget")
ACCESS = ("allow", "limit", "block", "default")
# Setting -> what a form may say of it.
SETTINGS = {
    "only": ("on", "off", "default"),
    "safe_search": ("on", "off", "default"),
    "youtube": ("off", "moderate", "strict", "default"),
}
# How long a site is opened from the test's answer.
OPENS = ("1h", "tonight", "always")


@area.get("")
@role(PARENT | CARER)
def sites(person: str) -> Response:
    """Show what differs, the services, the lists; answer "would they reach it?"."""
    return _page(_child(person))


@area.post("/access")
@role(PARENT)
def access(person: str) -> Response:
    """Allow or block an app or a kind of site, or take it back to the template."""
    child, back = _child(person), _back(person)
    label, _, key = request.form.get("set", "").rpartition(":")
    if key not in ACCESS or not label:
        abort(400)
    try:
        result = pages.change("access", person=person, label=label, access=key)
    except ControlError as error:
        return pages.failed(back, error)
    what = _titles().get(label, label)
    return pages.done(back, words.changed(key, what, child["name"]), result)


@area.post("/site")
@role(PARENT)
def site(person: str) -> Response:
    """Put a site on one of the child's lists, or take it off."""
    child = _child(person)
    action = request.form.get("list", "")
    if action not in ACTIONS:
        abort(400)
    typed = request.form.get("name", "")
    name = view.site_name(typed)
    try:
        result = pages.change("site", person=person, action=action, names=[name])
    except ControlError as error:
        if error.code in ABSENT or action == "forget":
            return pages.failed(_back(person), error)
        return _page(child, typed, errors.sentence(error), status=422)
    kept = ", ".join(result.get("names") or [name])
    return pages.done(_back(person), words.added(action, child["name"], kept), result)


@area.post("/set")
@role(PARENT)
def settings(person: str) -> Response:
    """Set allow-list mode, starter packs, safe search or YouTube's mode."""
    child, back = _child(person), _back(person)
    asked = {
        key: request.form[key]
        for key, values in SETTINGS.items()
        if request.form.get(key) in values
    }
    if "packs" in request.form:
        chosen = [one for one in request.form.getlist("packs") if one]
        asked["packs"] = ",".join(chosen) or "none"
    if not asked:
        abort(400)
    try:
        result = pages.change("sites-set", person=person, **asked)
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(back, gettext("Saved for %(name)s.", name=child["name"]), result)


@area.post("/open")
@role(PARENT | CARER)
def open_(person: str) -> Response:
    """Allow a site for an hour, for tonight, or always."""
    child, back = _child(person), _back(person)
    name, span = view.site_name(request.form.get("name", "")), request.form.get("span")
    now = pages.overview()["now"]
    if span not in OPENS:
        abort(400)
    try:
        if span == "always":
            result = pages.change("site", person=person, action="allow", names=[name])
            return pages.done(back, words.added("allow", child["name"], name), result)
        until = view.in_an_hour(now) if span == "1h" else "tonight"
        result = pages.change("open", person=person, name=name, until=until)
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(
        back,
        gettext(
            "%(site)s is open for %(name)s until %(time)s.",
            site=name,
            name=child["name"],
            time=times.until(result["until"], now),
        ),
        result,
    )


def _page(child: Json, typed: str = "", wrong: str = "", status: int = 200) -> Response:
    read = pages.daemon().read
    found = read("sites", person=child["id"])
    titles = _titles()
    kinds = view.kinds(found, _named("categories"))
    query = request.args.get("q", "")[: view.QUERY_MAX].strip()
    return pages.page(
        "sites/sites.html",
        status=status,
        child=child,
        sites=found,
        template=windows.template_name(child["band"]),
        differences=view.differences(found, titles),
        kinds=kinds,
        groups=view.groups(found, kinds, _named("services"), query),
        query=query,
        packs=view.packs(
            found, read("catalogue", kind="packs"), view.youngest(child["band"])
        ),
        lists=view.LISTS,
        own=view.is_own,
        words=words,
        source=windows.source,
        typed=typed,
        errors={"name": wrong} if wrong else {},
        test=_test(child, titles),
        devices=_devices(child),
        edits=pages.editable(),
    )


def _test(child: Json, titles: dict[str, str]) -> Json | None:
    """Return the answer to "would they reach it?", None when nobody asked."""
    asked = request.args.get("ask", "").strip()[:300]
    if not asked or not child["devices"]:
        return None
    device = request.args.get("device", "")
    if device not in child["devices"]:
        device = child["devices"][0]
    at = request.args.get("at", "")[:40]
    said: Json = {"asked": asked, "device": device, "at": at}
    name = view.site_name(asked)
    try:
        found = pages.daemon().call(
            "explain", device=device, name=name, **({"at": at} if at else {})
        )
    except ControlError as error:
        field = "at" if error.code == "bad-time" else "ask"
        return {**said, "wrong": {field: errors.sentence(error)}}
    return {**said, "found": view.answer(found, name, titles), "wrong": {}}


def _devices(child: Json) -> list[tuple[str, str]]:
    """Return (id, name) of the child's devices."""
    names = {
        one["id"]: one["name"] for one in pages.daemon().read("devices") if one["id"]
    }
    return [(one, names.get(one, one)) for one in child["devices"]]


def _titles() -> dict[str, str]:
    return {
        one["id"]: one["title"]
        for kind in ("categories", "services")
        for one in _named(kind)
    }


def _named(kind: str) -> list[Json]:
    """Return entries of the catalogue, in the reader's language."""
    return [
        {
            **one,
            "title": gettext(one["title"]),
            **({"contains": gettext(one["contains"])} if "contains" in one else {}),
        }
        for one in pages.daemon().read("catalogue", kind=kind)
    ]


def _child(person: str) -> Json:
    for one in pages.overview()["people"]:
        if one["id"] == person and one["role"] == "child":
            found: Json = one
            return found
    abort(404)


def _back(person: str) -> str:
    return url_for(".sites", person=person)
