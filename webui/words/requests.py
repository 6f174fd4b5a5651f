"""What a child asked for and what became of it, as parents read it."""

from __future__ import annotations

from typing import Any

from webui.i18n import gettext, mark, ngettext
from webui.words import times

Json = dict[str, Any]

_ENDED = mark("Nobody answered. It ended with the day.")


def asks(request: Json, name: str) -> str:
    """Return what a child asks for: "Mia asks for 30 minutes."."""
    if request["kind"] == "site":
        return gettext("%(name)s asks for %(site)s.", name=name, site=request["site"])
    return ngettext(
        "%(name)s asks for %(num)s minute.",
        "%(name)s asks for %(num)s minutes.",
        request["minutes"],
        name=name,
    )


def asked(request: Json, name: str) -> str:
    """Return what a child asked for, once it is answered."""
    if request["kind"] == "site":
        return gettext("%(name)s asked for %(site)s.", name=name, site=request["site"])
    return ngettext(
        "%(name)s asked for %(num)s minute.",
        "%(name)s asked for %(num)s minutes.",
        request["minutes"],
        name=name,
    )


def answered(request: Json, name: str, by: str, now: str) -> str:
    """Return what became of a request that is not open any more.

    name: the child's; by: of whoever answered.
    """
    answer = request["answer"]
    if answer is None:
        return gettext(_ENDED)
    said = {"by": by, "name": name}
    if request["state"] == "declined":
        return gettext("%(by)s said not now.", **said)
    if answer["until"]:
        said["time"] = times.until(answer["until"], now)
    if request["kind"] == "site":
        said["site"] = request["site"]
        if answer["until"]:
            return gettext("%(by)s opened %(site)s until %(time)s.", **said)
        return gettext("%(by)s allowed %(site)s.", **said)
    if answer["minutes"] is None or not answer["until"]:
        return gettext("%(by)s gave %(name)s time.", **said)
    return ngettext(
        "%(by)s gave %(num)s minute, until %(time)s.",
        "%(by)s gave %(num)s minutes, until %(time)s.",
        answer["minutes"],
        **said,
    )


def done(request: Json, name: str, now: str) -> str:
    """Return what a parent has just answered, as the notice says it to them."""
    answer = request["answer"]
    if request["state"] == "declined":
        return gettext("You said not now. %(name)s sees your words.", name=name)
    until = times.until(answer["until"], now) if answer["until"] else ""
    if request["kind"] == "site":
        said = {"name": name, "site": request["site"], "time": until}
        if until:
            return gettext("%(site)s is open for %(name)s until %(time)s.", **said)
        return gettext("%(site)s is allowed for %(name)s.", **said)
    return gettext("%(name)s has extra time until %(time)s.", name=name, time=until)
