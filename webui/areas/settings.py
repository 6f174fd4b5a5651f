"""Settings: one row for each thing, and each row states its value."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from guardian.core.errors import ControlError
from webui import i18n, pages, zones
from webui.access import PARENT, role
from webui.i18n import gettext
from webui.links import safe_next
from webui.settings import Settings
from webui.views import devices as device_view
from webui.views import people as people_view
from webui.views import settings as view
from webui.words import errors, times

area = Blueprint("settings", __name__, url_prefix="/settings")
# What the product is made of; each is shown with the licence it states itself.
PARTS = (
    "blinker",
    "click",
    "flask",
    "icalendar",
    "itsdangerous",
    "jinja2",
    "markupsafe",
    "netifaces-plus",
    "scapy",
    "segno",
    "tinydb",
    "tzdata",
    "waitress",
    "werkzeug",
)
PROGRAM = "guardian-gateway"
Json = dict[str, Any]


@area.get("")
@role(PARENT)
def settings() -> Response:
    """Show every row with its value."""
    daemon, overview = pages.daemon(), pages.overview()
    status = daemon.read("status")
    accounts = daemon.read("accounts")
    return pages.page(
        "settings/settings.html",
        home=view.home(daemon.read("household-export")),
        policies=view.POLICIES,
        endonym=i18n.endonym,
        devices=device_view.grouped(overview, daemon.read("devices")),
        lists=view.lists(status, overview["now"]),
        version=status["version"],
        technicians=view.technicians(accounts),
        keys=accounts["keys"],
        box=_box(),
    )


@area.get("/home")
@role(PARENT)
def home() -> Response:
    """Show where the home is and how it is spoken to."""
    return _home(view.home(pages.daemon().read("household-export")), {})


@area.post("/home")
@role(PARENT)
def save_home() -> Response:
    """Save where the home is and how it is spoken to."""
    form = request.form
    values: Json = {
        "name": form.get("name", "").strip(),
        "timezone": form.get("timezone", ""),
        "country": form.get("country", ""),
        "language": form.get("language", ""),
        "clock24": form.get("clock24") == "24",
        "day_change": form.get("day_change", ""),
    }
    wrong = {}
    if problem := people_view.check_name(values["name"]):
        wrong["name"] = gettext(problem)
    if not zones.is_zone(values["timezone"]):
        wrong["timezone"] = gettext("Choose a time zone.")
    if values["language"] not in i18n.languages():
        wrong["language"] = gettext("Choose a language.")
    if values["country"] not in zones.COUNTRIES:
        values["country"] = ""
    if wrong:
        return _home(values, wrong)
    try:
        result = pages.change("home-set", **values)
    except ControlError as error:
        field = "day_change" if error.code == "bad-day-change" else "name"
        return _home(values, {field: errors.sentence(error)})
    return pages.done(url_for("settings.home"), gettext("Saved."), result)


@area.get("/new-devices")
@role(PARENT)
def new_devices() -> Response:
    """Show what a new device gets, with what each choice means."""
    found = view.home(pages.daemon().read("household-export"))
    return pages.page(
        "settings/new-devices.html",
        chosen=found["new_devices"],
        policies=view.POLICIES,
    )


@area.post("/new-devices")
@role(PARENT)
def save_new_devices() -> Response:
    """Save what a new device gets."""
    back = url_for("settings.new_devices")
    policy = request.form.get("policy", "")
    if policy not in view.POLICIES:
        return pages.failed(back, gettext("Choose one. Nothing was changed."))
    try:
        result = pages.change("home-set", new_devices=policy)
    except ControlError as error:
        return pages.failed(back, error)
    said = gettext("New devices: %(choice)s.", choice=gettext(view.POLICIES[policy][0]))
    return pages.done(back, said, result)


@area.get("/connection")
@role(PARENT)
def connection() -> Response:
    """Show which step of the way to a trusted connection is on, and the next."""
    return pages.page("settings/connection.html", box=_box())


@area.get("/lists")
@role(PARENT)
def lists() -> Response:
    """Show the lists of sites, how old they are, and when they are renewed."""
    found = view.lists(pages.daemon().read("status"), pages.overview()["now"])
    return pages.page("settings/lists.html", lists=found)


@area.get("/technician")
@role(PARENT)
def technician() -> Response:
    """Show who looks after the box, and invite somebody who does."""
    found = view.technicians(pages.daemon().read("accounts"))
    return pages.page("settings/technician.html", technicians=found)


@area.get("/about")
@role(PARENT)
def about() -> Response:
    """Show the version, who is told of faults, and the licences."""
    status = pages.daemon().read("status")
    return pages.page(
        "settings/about.html",
        version=status["version"],
        parts=parts(),
        box=_box(),
    )


@area.get("/protection")
@role(PARENT)
def protection() -> Response:
    """Ask before everything is opened for everyone, and until when."""
    return pages.page("settings/protection.html", choices=view.OFF_FOR)


@area.post("/protection")
@role(PARENT)
def set_protection() -> Response:
    """Turn protection off until an end, or, with an empty one, on again."""
    until = request.form.get("until", "")
    back = safe_next(request.form.get("back"), url_for("settings.protection"))
    if until and until not in view.OFF_FOR:
        return pages.failed(back, gettext("Choose until when. Nothing was changed."))
    told = view.OFF_FOR[until][1] if until else {}
    try:
        result = pages.change("protection", **told)
    except ControlError as error:
        return pages.failed(back, error)
    if not until:
        return pages.done(back, gettext("Protection is on again."), result)
    ends = times.until(result["off_until"], pages.overview()["now"])
    said = gettext("Protection is off until %(time)s, then on by itself.", time=ends)
    return pages.done(url_for("settings.protection"), said, result)


def parts() -> list[tuple[str, str, str]]:
    """Return (name, version, licence) of the installed parts, sorted by name."""
    found = []
    for name in PARTS:
        try:
            about_it = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        found.append((about_it["Name"], about_it["Version"], _licence(about_it)))
    return sorted(found, key=lambda part: part[0].lower())


def _licence(about_it: metadata.PackageMetadata) -> str:
    """Return what a package says of its licence: by expression, class or text."""
    if said := about_it.get_all("License-Expression"):
        return str(said[0])
    classes = about_it.get_all("Classifier") or []
    named = [c.rpartition(" :: ")[2] for c in classes if c.startswith("License :: ")]
    # Some put the whole text into the field.
    text = (about_it.get_all("License") or [""])[0]
    return ", ".join(named) or text.split("\n")[0][:60]


def _box() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _home(values: Json, wrong: dict[str, str]) -> Response:
    countries = sorted(
        ((code, gettext(name)) for code, name in zones.COUNTRIES.items()),
        key=lambda country: country[1],
    )
    return pages.page(
        "settings/home.html",
        values=values,
        wrong=wrong,
        zones=zones.zones(),
        countries=countries,
        languages=[(tag, i18n.endonym(tag)) for tag in i18n.languages()],
    )
