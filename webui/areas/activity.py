"""Activity: minutes by day, once something is counted; now what is not, and why."""

from __future__ import annotations

from flask import Blueprint, Response

from webui import pages
from webui.access import PARENT, role
from webui.views import activity as view

area = Blueprint("activity", __name__, url_prefix="/activity")


@area.get("")
@role(PARENT)
def activity() -> Response:
    """Say that nothing is counted, and what could be at most."""
    return pages.page("activity/activity.html", view=view.activity(pages.overview()))
