"""The calendar: which days are school days, holidays, or days of a family's own."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import CARER, PARENT, UPLOAD_MAX, role
from webui.i18n import gettext
from webui.views import calendar as view
from webui.words import days, times, windows

Json = dict[str, Any]
area = Blueprint("calendar", __name__, url_prefix="/calendar")
# Ten years of a school's holidays are below 20 KiB; Flask takes fields up to 500 kB.
FILE_MAX = 256 * 1024
# A refusal -> the field of the form that it is about.
_FIELDS = {"calendar-ends-before-start": "last", "bad-id": "own"}
_WORDS: Json = {"words": windows, "days": days}


@area.get("")
@role(PARENT | CARER)
def calendar() -> Response:
    """Show what each weekday is, and the runs of days that differ."""
    return _page(view.Form())


@area.post("/week")
@role(PARENT)
def week() -> Response:
    """Say what each weekday is."""
    types = view.types_of(pages.daemon().read("calendar"))
    chosen = [request.form.get(day, "") for day in times.DAYS]
    back = url_for(".calendar")
    if not set(chosen) <= {*types}:
        return pages.failed(back, days.problem("type-missing"))
    try:
        result = pages.change("calendar-week", week=chosen)
    except ControlError as error:
        return pages.failed(back, days.refusal(error))
    return pages.done(back, gettext("The weekdays are saved."), result)


@area.post("/sick")
@role(PARENT | CARER)
def sick() -> Response:
    """Make today a free day: nobody has to be up early, nobody has homework."""
    today = pages.overview()["now"][:10]
    back = url_for(".calendar")
    try:
        result = pages.change(
            "calendar-add",
            first=today,
            last=today,
            day_type="holiday",
            name=gettext("Sick day"),
        )
    except ControlError as error:
        return pages.failed(back, days.refusal(error))
    return pages.done(
        back, gettext("Today is a free day. Tomorrow is as usual."), result
    )


@area.post("/add")
@role(PARENT)
def add() -> Response:
    """Add a run of days; one day when no last day is given."""
    types = view.types_of(pages.daemon().read("calendar"))
    form = view.form_from(request.form, types)
    wrong = {key: days.problem(code) for key, code in form.errors().items()}
    if wrong:
        return _page(form, wrong, status=422)
    try:
        result = pages.change("calendar-add", **form.asked())
    except ControlError as error:
        return _page(
            form, {_FIELDS.get(error.code, "first"): days.refusal(error)}, status=409
        )
    said = days.run(form.asked(), pages.overview()["now"])
    return pages.done(
        url_for(".calendar"), gettext("Added: %(days)s.", days=said), result
    )


@area.post("/drop")
@role(PARENT)
def drop() -> Response:
    """Take a run of days out; its weekdays hold again."""
    run = {key: request.form.get(key, "") for key in ("first", "last", "day_type")}
    back = url_for(".calendar")
    try:
        result = pages.change("calendar-drop", **run)
    except ControlError as error:
        return pages.failed(back, days.refusal(error))
    return pages.done(back, gettext("Removed. These days are as usual again."), result)


@area.post("/import")
@role(PARENT, body=UPLOAD_MAX)
def import_() -> Response:
    """Read a calendar file: first what it would add, and only then it is saved."""
    types = view.types_of(pages.daemon().read("calendar"))
    day_type = request.form.get("day_type", "holiday")
    day_type = day_type if day_type in types else "holiday"
    text, code = _file_text()
    if code:
        return _page(view.Form(), {"file": days.problem(code)}, status=422)
    save = request.form.get("do") == "save"
    try:
        result = pages.change(
            "calendar-import", text=text, day_type=day_type, save=save
        )
    except ControlError as error:
        return _page(view.Form(), {"file": days.refusal(error)}, status=409)
    if not save:
        return pages.page(
            "calendar/import.html",
            found=result,
            text=text,
            day_type=day_type,
            **_WORDS,
        )
    return pages.done(
        url_for(".calendar"), gettext("The days of the file are added."), result
    )


def _file_text() -> tuple[str, str]:
    """Return the text of the file, or of the page that showed it, and what is wrong."""
    file = request.files.get("file")
    if file is None or not file.filename:
        text = request.form.get("text", "")
        return text, "" if text else "file-missing"
    data = file.stream.read(FILE_MAX + 1)
    if len(data) > FILE_MAX:
        return "", "file-too-large"
    try:
        # RFC 5545, 3.1.4: UTF-8. Some programs put a mark before it.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "", "file-not-text"
    return (text, "") if "BEGIN:VCALENDAR" in text else ("", "file-not-text")


def _page(
    form: view.Form, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    found = pages.daemon().read("calendar")
    now = pages.overview()["now"]
    return pages.page(
        "calendar/calendar.html",
        status=status,
        view=view.calendar(found, now),
        week=found["week"],
        weekdays=times.DAYS,
        form=form,
        errors=wrong or {},
        edits=pages.editable(),
        **_WORDS,
    )
