"""Backup: the household as one file to keep, and back, with a look at what differs.

The file holds rules, people and devices; never a password, never what somebody did.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import PARENT, UPLOAD_MAX, role
from webui.i18n import gettext
from webui.views import settings as view
from webui.words import errors

area = Blueprint("backup", __name__, url_prefix="/settings/backup")
Json = dict[str, Any]


@area.get("")
@role(PARENT, secure=True)
def backup() -> Response:
    """Show both ways."""
    return _page({})


@area.get("/household.json")
@role(PARENT, secure=True)
def download() -> Response:
    """Give the household as a file."""
    document = pages.daemon().call("household-export")
    text = json.dumps(document, ensure_ascii=False, indent=2)
    response = make_response(text + "\n")
    on = datetime.fromisoformat(pages.overview()["now"])
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = (
        f'attachment; filename="guardian-{on:%Y-%m-%d}.json"'
    )
    return response


@area.post("/preview")
@role(PARENT, secure=True, body=UPLOAD_MAX)
def preview() -> Response:
    """Show what a file would change, before anything is changed."""
    upload = request.files.get("file")
    data = upload.read(UPLOAD_MAX) if upload else b""
    then = view.read_document(data)
    if then is None:
        return _page({"file": gettext("Choose a file that was saved here.")})
    now = pages.daemon().call("household-export")
    return pages.page(
        "settings/restore.html",
        differences=view.differences(now, then),
        parts=view.PARTS,
        text=json.dumps(then, ensure_ascii=False, separators=(",", ":")),
        people=[p.get("name") for p in then.get("people", []) if isinstance(p, dict)],
    )


@area.post("/restore")
@role(PARENT, secure=True, body=UPLOAD_MAX)
def restore() -> Response:
    """Put a household in force that was looked at; Undo takes it back."""
    text = request.form.get("text", "")
    try:
        result = pages.change("household-import", text=text)
    except ControlError as error:
        said = errors.sentence(error)
        places = ", ".join(problem.place for problem in error.problems[:3])
        if places:
            said = gettext(
                "The file can't be used: %(places)s. Nothing was changed.",
                places=places,
            )
        return pages.failed(url_for("backup.backup"), said)
    return pages.done(
        url_for("backup.backup"), gettext("The saved household is in force."), result
    )


def _page(wrong: dict[str, str]) -> Response:
    return pages.page("settings/backup.html", wrong=wrong)
