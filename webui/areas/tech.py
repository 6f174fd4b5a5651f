"""The technician's pages: what the box does, with evidence and commands, and no names.

For technicians and parents alike. Nothing of the household's people goes into a
template that `webui.views.tech` did not let through; the frame knows no household.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for

from guardian.core.errors import ControlError
from webui import pages
from webui.access import PARENT, TECH, UPLOAD_MAX, role
from webui.areas.settings import PROGRAM, parts
from webui.i18n import gettext
from webui.visitors import principal
from webui.views import tech as view
from webui.words import tech as words
from webui.words import times

area = Blueprint("tech", __name__, url_prefix="/tech")
Json = dict[str, Any]
# Seconds that a trial may last, as the verb has it.
TRIAL_S, TRIAL_MAX_S = 120, 3600
_FIELD_MAX = 300


@dataclass
class Bench:
    """What this process knows besides the daemon, and forgets when it ends.

    ends: of the trial that was begun here; checked: the rules that nft took last.
    """

    ends: str | None = None
    checked: str | None = None


@area.get("")
@role(PARENT | TECH)
def tech() -> Response:
    """Show what is wrong, with evidence and fix, and the way to all else."""
    status, overview = _status(), pages.overview()
    return _page(
        "tech/tech.html",
        state=view.state(status),
        troubles=view.troubles(status["health"], overview["health"]),
        problems=view.problems(status),
        where=view.topology(status),
        names=view.names(status),
        lists=view.lists(status, overview["now"]),
        clock=status["clock"],
        version=status["version"],
        fix=words.fix,
        absent=[(gettext(a), gettext(b), c) for a, b, c in words.ABSENT],
    )


@area.get("/topology")
@role(PARENT | TECH)
def topology() -> Response:
    """Show mode, interfaces, ports, hooks and resolvers."""
    where = view.topology(_status())
    return _page(
        "tech/topology.html",
        where=where,
        limits=words.limits(where["mode"], where["ingress"], where["egress"]),
    )


@area.get("/enforced")
@role(PARENT | TECH)
def enforced() -> Response:
    """Show plan, leases and sets."""
    read = pages.daemon().read
    plan = read("plan")
    return _page(
        "tech/enforced.html",
        people=view.people(plan),
        devices=view.devices(read("devices"), plan),
        unknown=plan["unknown"],
        sets=view.sets(plan),
    )


@area.get("/rules")
@role(PARENT | TECH)
def rules() -> Response:
    """Show the rule text, and what differs from what nft took last."""
    return _rules()


@area.post("/rules/check")
@role(PARENT | TECH)
def check() -> Response:
    """Let nft check the rules; nothing is loaded."""
    daemon = pages.daemon()
    text = daemon.read("print")["text"]
    try:
        daemon.call("check")
    except ControlError as error:
        return _rules(error)
    _bench().checked = text
    return pages.done(
        url_for("tech.rules"),
        gettext(
            "nft -c: exit 0, %(lines)s lines. Loaded: nothing.", lines=_lines(text)
        ),
    )


@area.get("/explain")
@role(PARENT | TECH)
def explain() -> Response:
    """Ask which device, which name and when."""
    return _explain({"device": "", "name": "", "at": ""})


@area.post("/explain")
@role(PARENT | TECH)
def explained() -> Response:
    """Show the chain of rows; a name that is asked about stands in no address."""
    asked = {
        key: request.form.get(key, "").strip()[:_FIELD_MAX]
        for key in ("device", "name", "at")
    }
    given = {key: value for key, value in asked.items() if value}
    if "device" not in given:
        return _explain(asked, wrong={"device": gettext("Choose a device.")})
    try:
        answer = pages.daemon().call("explain", **given)
    except ControlError as error:
        field = {"no-such-device": "device", "bad-time": "at"}.get(error.code, "name")
        return _explain(asked, wrong={field: words.refusal(error)})
    return _explain(asked, answer=view.explained(answer))


@area.get("/lists")
@role(PARENT | TECH)
def lists() -> Response:
    """Show index and lists: ages, counts, errors."""
    return _page("tech/lists.html", lists=view.lists(_status(), _now()))


@area.get("/names")
@role(PARENT | TECH)
def names() -> Response:
    """Show upstreams and counters of the answering process."""
    return _page("tech/names.html", names=view.names(_status()))


@area.get("/clock")
@role(PARENT | TECH)
def clock() -> Response:
    """Show whether the clock is known, and what it reads."""
    return _page("tech/clock.html", clock=_status()["clock"])


@area.post("/clock")
@role(PARENT | TECH)
def trust_clock() -> Response:
    """Take the technician's word that the clock is right."""
    back = url_for("tech.clock")
    try:
        result = pages.change("clock")
    except ControlError as error:
        return pages.failed(back, words.refusal(error))
    return pages.done(back, gettext("Clock trusted; leases are renewed."), result)


@area.get("/try")
@role(PARENT | TECH, secure=True)
def trial() -> Response:
    """Show the trial that runs, or the form for one."""
    return _trial("", str(TRIAL_S), {})


@area.post("/try")
@role(PARENT | TECH, secure=True, body=UPLOAD_MAX)
def begin_trial() -> Response:
    """Put a household in force that rolls back by itself."""
    text, typed = request.form.get("text", ""), request.form.get("seconds", "")
    upload = request.files.get("file")
    if upload and (data := upload.read(UPLOAD_MAX)):
        text = data.decode("utf-8-sig", errors="replace")
    wrong = {}
    if not text.strip():
        wrong["text"] = gettext("Paste or choose a household document.")
    seconds = int(typed) if typed.isascii() and typed.isdecimal() else 0
    if not 1 <= seconds <= TRIAL_MAX_S:
        wrong["seconds"] = gettext("1 to %(most)s seconds.", most=TRIAL_MAX_S)
    if wrong:
        return _trial(text, typed, wrong)
    try:
        result = pages.change("try", text=text, timeout=seconds)
    except ControlError as error:
        found = [f"{p.place}: {p.code}" for p in error.problems]
        return _trial(text, typed, {"text": words.refusal(error)}, found)
    ends = datetime.fromisoformat(_now()) + timedelta(seconds=seconds)
    _bench().ends = ends.isoformat()
    back = url_for("tech.trial")
    if not result["enforced"]:
        return pages.failed(
            back, gettext("The kernel refused it; the rules before are in force.")
        )
    return pages.done(
        back, gettext("On trial; rolls back in %(span)s.", span=f"{seconds} s")
    )


@area.post("/try/confirm")
@role(PARENT, secure=True)
def confirm_trial() -> Response:
    """Keep what is on trial: a family's whole household, hence a parent's to keep."""
    return _end_trial("try-confirm", gettext("Kept: it is the household now."))


@area.post("/try/rollback")
@role(PARENT | TECH, secure=True)
def rollback_trial() -> Response:
    """Go back to what was in force before."""
    return _end_trial("try-rollback", gettext("Rolled back."))


@area.get("/versions")
@role(PARENT | TECH)
def versions() -> Response:
    """Show which versions run."""
    return _page(
        "tech/versions.html",
        daemon=_status()["version"],
        installed=_installed(),
        kernel=os.uname().release,
        machine=os.uname().machine,
        python=".".join(map(str, sys.version_info[:3])),
        parts=parts(),
    )


def _status() -> Json:
    found: Json = pages.daemon().read("status")
    return found


def _now() -> str:
    return str(pages.overview()["now"])


def _page(template: str, /, **context: Any) -> Response:
    return pages.plain(template, now=_now(), away=pages.daemon().away, **context)


def _bench() -> Bench:
    found: Bench = current_app.extensions.setdefault("tech", Bench())
    return found


def _lines(text: str) -> int:
    return len(text.splitlines())


def _installed() -> str | None:
    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return None


def _rules(refused: ControlError | None = None) -> Response:
    text, checked = pages.daemon().read("print")["text"], _bench().checked
    return _page(
        "tech/rules.html",
        text=view.numbered(text),
        lines=_lines(text),
        checked=checked is not None,
        difference=view.difference(checked, text) if checked is not None else [],
        refused=refused,
    )


def _explain(
    asked: Json, answer: Json | None = None, wrong: dict[str, str] | None = None
) -> Response:
    read = pages.daemon().read
    return _page(
        "tech/explain.html",
        asked=asked,
        answer=answer,
        wrong=wrong or {},
        devices=view.devices(read("devices"), read("plan")),
    )


def _trial(
    text: str, seconds: str, wrong: dict[str, str], problems: list[str] | None = None
) -> Response:
    running = bool(_status()["trial"])
    if not running:
        _bench().ends = None
    left = view.left(_bench().ends, _now())
    return _page(
        "tech/try.html",
        running=running,
        keeps=bool(principal().role & PARENT),
        left=times.left(_bench().ends or "", _now()) if left else None,
        ends=_bench().ends,
        text=text,
        seconds=seconds,
        most=TRIAL_MAX_S,
        wrong=wrong,
        problems=problems or [],
    )


def _end_trial(verb: str, said: str) -> Response:
    back = url_for("tech.trial")
    try:
        result = pages.change(verb)
    except ControlError as error:
        return pages.failed(back, words.refusal(error))
    _bench().ends = None
    return pages.done(back, said, result)
