"""A child's schedule: bedtimes and other windows, one evening that differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from guardian.core.errors import ControlError
from webui import pages, weekpicture
from webui.access import CARER, PARENT, role
from webui.daemon import ABSENT
from webui.i18n import gettext
from webui.views import schedule as view
from webui.views.home import name_of
from webui.words import errors, times, windows

Json = dict[str, Any]
area = Blueprint("schedule", __name__, url_prefix="/child/<person>/schedule")
LATER = {"later30": 30, "later60": 60}
# A refusal -> the field of the form that it is about.
_FIELDS = {
    "window-zero-length": "end",
    "window-out-of-range": "end",
    "unknown-day-type": "days",
}
# What a template of this area needs beyond what all have.
_WORDS: Json = {"words": windows, "swatch": weekpicture.swatch, "own": view.is_own}


@area.get("")
@role(PARENT | CARER)
def schedule(person: str) -> Response:
    """Show the windows in words, tonight, and the week as a picture."""
    child = _child(person)
    now = pages.overview()["now"]
    night = view.tonight(child, now)
    rows, hours = _rows(child, now)
    return pages.page(
        "schedule/schedule.html",
        child=child,
        groups=view.groups(child),
        night=night,
        others=view.other_exceptions(child, night),
        stretches=view.stretches(child["day"]),
        rows=rows,
        picture=weekpicture.picture(
            rows,
            hours,
            gettext("%(name)s's week", name=child["name"]),
            gettext("The same is in the table below."),
        ),
        kinds=view.KINDS,
        titles=_titles(child["windows"]),
        edits=pages.editable(),
        **_WORDS,
    )


@area.route("/window", methods=["GET", "POST"])
@role(PARENT)
def window(person: str) -> Response:
    """Add or change a window; look at what it would do before it is saved."""
    child = _child(person)
    if request.method == "GET":
        return _form_page(child, _asked_form(child))
    try:
        form = view.form_from(
            request.form, request.form.getlist("days"), request.form.getlist("blocks")
        )
    except KeyError:
        abort(400)
    wrong = {key: windows.problem(code) for key, code in form.errors().items()}
    if wrong:
        return _form_page(child, form, wrong, status=422)
    if request.form.get("do") == "preview":
        return _previewed(child, form)
    return _save(child, form)


@area.post("/drop")
@role(PARENT)
def drop(person: str) -> Response:
    """Take a window out of the week."""
    child, back = _child(person), url_for(".schedule", person=person)
    try:
        result = pages.change(
            "window-drop", person=person, id=request.form["id"], **_etag()
        )
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(
        back, gettext("Removed from %(name)s's week.", name=child["name"]), result
    )


@area.post("/default")
@role(PARENT)
def default(person: str) -> Response:
    """Take a window back to the one of the age's template."""
    child, back = _child(person), url_for(".schedule", person=person)
    try:
        result = pages.change("window-default", person=person, id=request.form["id"])
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(
        back,
        gettext(
            "%(name)s has the %(band)s template's time again.",
            name=child["name"],
            band=windows.template_name(child["band"]),
        ),
        result,
    )


@area.post("/tonight")
@role(PARENT | CARER)
def tonight(person: str) -> Response:
    """Change this night's bedtime alone; the week stays as it is."""
    child, back = _child(person), url_for(".schedule", person=person)
    night = view.tonight(child, pages.overview()["now"])
    asked = _tonight_asked(night)
    if isinstance(asked, str):
        return pages.failed(back, asked)
    try:
        result = pages.change(
            "exception", person=person, on=night["on"], kind="bedtime", **asked
        )
    except ControlError as error:
        return pages.failed(back, error)
    return pages.done(back, _tonight_done(child, asked), result)


def _tonight_asked(night: Json) -> Json | str:
    """Return what the verb takes, or what to tell a person instead."""
    change = request.form.get("change", "")
    if night["usual"] is None:
        return gettext("There is no bedtime tonight. Nothing was changed.")
    if change == "off":
        return {"off": True}
    if change == "usual":
        start, end = (
            f"{at % view.DAY // 60:02d}:{at % 60:02d}" for at in night["usual"]
        )
        return {"start": start, "end": end}
    if change in LATER:
        later = view.later(night, LATER[change])
        return {"start": later} if later else {"off": True}
    times_asked = {
        key: view.clock_text(request.form.get(key, "")) for key in ("start", "end")
    }
    for key, found in times_asked.items():
        if found is None:
            return windows.problem(f"{key}-missing")
    if times_asked["start"] == times_asked["end"]:
        return windows.problem("window-zero-length")
    return times_asked


def _tonight_done(child: Json, asked: Json) -> str:
    if asked.get("off"):
        return gettext("No bedtime for %(name)s tonight.", name=child["name"])
    if "end" in asked:
        return gettext(
            "Tonight %(name)s's bedtime is %(start)s to %(end)s.",
            name=child["name"],
            start=times.minutes_clock(windows.minute(asked["start"])),
            end=times.minutes_clock(windows.minute(asked["end"])),
        )
    return gettext(
        "Tonight %(name)s's bedtime starts at %(time)s.",
        name=child["name"],
        time=times.minutes_clock(windows.minute(asked["start"])),
    )


def _save(child: Json, form: view.Form) -> Response:
    """Save a window; where somebody changed the same meanwhile, show both."""
    for last in (False, True):
        try:
            result = pages.change(
                "window-set", person=child["id"], etag=form.etag, **form.asked()
            )
        except ControlError as error:
            if error.code != "save-conflict":
                wrong = {_FIELDS.get(error.code, "form"): errors.sentence(error)}
                return _form_page(child, form, wrong, status=409)
            child = _child(child["id"])
            now_is = view.renewed(form, child)
            if last or now_is.was != form.was:
                return _conflict(child, form, now_is, error)
            # What changed was something else of this child: nothing to choose.
            form = now_is
        else:
            break
    # Where it was merged with another, what stands is longer than what was sent.
    said = windows.window(result.get("window") or form.asked())
    text = gettext("Saved: %(window)s.", window=said)
    if result.get("merged"):
        text = gettext(
            "Saved: %(window)s. It overlapped with another of its kind; both are one "
            "now.",
            window=said,
        )
    return pages.done(url_for(".schedule", person=child["id"]), text, result)


def _conflict(
    child: Json, mine: view.Form, renewed: view.Form, error: ControlError
) -> Response:
    who, _, when = error.detail.partition(" ")
    theirs = view.built_on(child["windows"], mine.kind, mine.id)
    if not theirs:
        # It was removed: mine can only be saved as a new one.
        renewed = replace(renewed, id="")
    try:
        at = times.ago(when, pages.overview()["now"])
    except ValueError:
        at = ""
    return pages.page(
        "schedule/conflict.html",
        status=409,
        child=child,
        mine=renewed,
        mine_asked=mine.asked(),
        theirs=theirs,
        who=name_of(pages.overview(), who) or who or gettext("Somebody"),
        at=at,
        titles=_titles([mine.asked(), *child["windows"]]),
        **_WORDS,
    )


def _previewed(child: Json, form: view.Form) -> Response:
    now = pages.overview()["now"]
    at = view.preview_at(child, form, now)
    try:
        found = pages.daemon().read(
            "preview", person=child["id"], **form.asked(), **({"at": at} if at else {})
        )
    except ControlError as error:
        wrong = {_FIELDS.get(error.code, "form"): errors.sentence(error)}
        return _form_page(child, form, wrong, status=409)
    return _form_page(child, form, preview=view.stretches(found["day"]))


def _form_page(
    child: Json,
    form: view.Form,
    wrong: dict[str, str] | None = None,
    preview: list[Json] | None = None,
    status: int = 200,
) -> Response:
    kinds: list[Json] = []
    singles: list[Json] = []
    if form.kind == "sites":
        kinds, singles = view.blockable(
            _named("categories"), _named("services"), form.blocks
        )
    return pages.page(
        "schedule/window.html",
        status=status,
        child=child,
        form=form,
        errors=wrong or {},
        preview=preview,
        types=_types(child, form),
        categories=kinds,
        singles=singles,
        picked=any(group["open"] for group in singles),
        **_WORDS,
    )


def _asked_form(child: Json) -> view.Form:
    window_id = request.args.get("id", "")
    if window_id:
        found = view.window_of(child, window_id)
        if found is None:
            abort(404)
        return view.form_of(child, found)
    kind = request.args.get("kind", "bedtime")
    if kind not in view.KINDS:
        abort(404)
    return view.new_form(child, kind)


def _types(child: Json, form: view.Form) -> list[str]:
    known = {*child["day_types"], *form.days, *windows.USUAL}
    return [*windows.USUAL, *sorted(known - {*windows.USUAL})]


def _rows(child: Json, now: str) -> tuple[list[weekpicture.Row], dict[int, str]]:
    at = times.instant(now)
    rows = []
    for entry in child["week"]:
        on = times.instant(f"{entry['date']}T00:00:00+00:00").date()
        rows.append(
            weekpicture.Row(
                name=times.weekday(on, short=True),
                bars=tuple(
                    weekpicture.Bar(
                        kind=span["kind"],
                        start=span["start_min"],
                        end=span["end_min"],
                        text=gettext(
                            "%(what)s, %(start)s until %(end)s",
                            what=windows.kind(span["kind"]),
                            start=times.minutes_clock(span["start_min"]),
                            end=times.minutes_clock(span["end_min"]),
                        ),
                    )
                    for span in entry["spans"]
                ),
                now=at.hour * 60 + at.minute if on == at.date() else None,
            )
        )
    return rows, {hour * 60: times.hour(hour) for hour in range(0, 49, 6)}


def _titles(found: list[Json]) -> dict[str, str]:
    """Return what categories and services are called, where a window names some."""
    if not any(one.get("blocks") for one in found):
        return {}
    return {
        one["id"]: one["title"]
        for kind in ("categories", "services")
        for one in _named(kind)
    }


def _named(kind: str) -> list[Json]:
    """Return entries of the catalogue with their titles in the reader's language."""
    return [
        {**one, "title": gettext(one["title"])}
        for one in pages.daemon().read("catalogue", kind=kind)
    ]


def _child(person: str) -> Json:
    """Return a child; whoever is none has no schedule."""
    try:
        found: Json = pages.daemon().read("person", person=person)
    except ControlError as error:
        if error.code in ABSENT:
            raise
        abort(404)
    if found["role"] != "child":
        abort(404)
    return found


def _etag() -> Json:
    etag = request.form.get("etag", "")
    return {"etag": etag} if etag else {}
