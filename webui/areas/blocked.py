"""The page about a name that didn't open: what, why, until when, and a way to ask.

Plain-HTTP requests of refused names are led here; over HTTPS a browser shows an error
of its own, and the child's page lists the name with a link to this one.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import CHILD, role
from webui.areas import me
from webui.daemon import ABSENT
from webui.i18n import gettext
from webui.views import blocked as view
from webui.views import me as my_view

Json = dict[str, Any]
area = Blueprint("blocked", __name__)


@area.get("/blocked")
@role(CHILD)
def blocked() -> Response:
    """Say why a name is closed on this device."""
    return _show(view.host(request.args.get("site", "")))


@area.post("/blocked")
@role(CHILD)
def ask() -> Response:
    """Ask for the site, or for time, from its own page."""
    kind = "time" if request.form.get("kind") == "time" else "site"
    errors = me.send(kind)
    if errors:
        return _show(view.host(request.form.get("site", "")), {kind: errors}, 422)
    return pages.done(url_for("me.me"), gettext("Sent. You'll see the answer here."))


def _show(
    site: str, errors: dict[str, dict[str, str]] | None = None, status: int = 200
) -> Response:
    mine = me.visitor()
    shown = view.page(site, _why(site) if site and mine else None, mine)
    who = my_view.whose(mine) if mine else ""
    return pages.plain(
        "blocked/blocked.html",
        status=503 if mine is None else status,
        view=shown,
        who=who,
        errors=errors or {},
        summary=me.summary(errors or {}),
        form=request.form,
        minutes=me.MINUTES,
        text_max=me.TEXT_MAX,
        **me.lines(mine),
    )


def _why(site: str) -> Json | None:
    address = request.remote_addr or ""
    try:
        # Now, not as it was: whose the address is changes, and so do rules.
        found: Json = pages.daemon().call("why", address=address, name=site)
    except ControlError as error:
        if error.code in ABSENT:
            return None
        raise
    return found
