"""Help and guidance for everybody in the house: no sign-in, and always there."""

from __future__ import annotations

from flask import Blueprint, Response

from guardian.core.errors import ControlError
from webui import pages
from webui.access import CARER, PARENT, PUBLIC, role
from webui.areas import me
from webui.visitors import principal

area = Blueprint("help", __name__, url_prefix="/help")


@area.get("")
@role(PUBLIC)
def guide() -> Response:
    """Show how it works, what it cannot do, what to do, and where help is."""
    try:
        mine = me.visitor()
    except ControlError:
        mine = None
    lines = me.lines(mine)
    try:
        if principal().role & (PARENT | CARER):
            return pages.page("help/help.html", layout="base.html", **lines)
    except ControlError:
        # This page has to be there when nothing else is.
        pass
    return pages.plain("help/help.html", layout="frame.html", **lines)
