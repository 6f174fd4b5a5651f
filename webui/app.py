"""The application: one blueprint for each area, behind one gate.

`create_app` wires; it decides nothing. A route without a role ends the start.
"""

from __future__ import annotations

import hashlib
import logging

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from guardian.core.errors import ControlError
from webui import i18n, packing, pages, security
from webui.areas import (
    activity,
    api,
    backup,
    blocked,
    calendar,
    child,
    devices,
    entry,
    help,
    home,
    log,
    me,
    people,
    programs,
    pwa,
    requests,
    schedule,
    settings,
    setup,
    sites,
    tech,
)
from webui.compiled import Compiled
from webui.daemon import ABSENT, Daemon
from webui.secretfile import load_key
from webui.settings import Settings
from webui.views.api import BASE
from webui.words import health, states, times

logger = logging.getLogger(__name__)

AREAS = (
    activity.area,
    api.area,
    backup.area,
    blocked.area,
    calendar.area,
    child.area,
    devices.area,
    entry.area,
    help.area,
    home.area,
    log.area,
    me.area,
    people.area,
    programs.area,
    pwa.area,
    requests.area,
    schedule.area,
    settings.area,
    setup.area,
    sites.area,
    tech.area,
)


def create_app(settings: Settings, daemon: Daemon) -> Flask:
    """Return the WSGI application for one box."""
    app = Flask("webui", static_folder="static", static_url_path="/static")
    app.extensions["daemon"] = daemon
    app.extensions["settings"] = settings
    security.install(app, settings, daemon)
    app.secret_key = load_key(settings.state_dir / "notice.key")
    # A parent's page of a large family is some 30 kB; white space adds a third.
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = Compiled(
        settings.compiled or settings.state_dir / "compiled"
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: i18n.catalogue(i18n.language()).gettext(text),
        lambda one, many, n: i18n.catalogue(i18n.language()).ngettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        clock=times.clock,
        day=times.day,
        until=times.until,
        span=times.span,
        ago=times.ago,
        weekday=times.short_weekday,
        minutes_clock=times.minutes_clock,
        parent_state=states.parent_state,
        child_state=states.child_state,
        state_icon=states.icon,
        tone=states.tone,
        trouble_text=health.trouble,
        direction=i18n.direction,
        language=i18n.language,
        take_notice=pages.take_notice,
    )
    app.jinja_env.filters["sum_of"] = lambda text: sum(map(ord, text))
    app.before_request(_speak)
    for blueprint in AREAS:
        app.register_blueprint(blueprint)
    # The last comes first.
    app.after_request(packing.pack)
    app.after_request(pages.drop_notice)
    app.after_request(_tag)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ControlError, _control_error)
    app.register_error_handler(Exception, _fault)
    security.check_routes(app)
    return app


def _speak() -> None:
    """Set the language and the form of times for this request."""
    home: dict[str, object] = {}
    if request.endpoint != "static":
        try:
            home = pages.overview()
        except ControlError:
            pass
    g.language = i18n.choose(
        str(home.get("language", "")), request.headers.get("Accept-Language", "")
    )
    g.clock24 = home.get("clock24", True)


def _tag(response: Response) -> Response:
    """Let a page that is polled be told unchanged (RFC 9110 8.8.3)."""
    if (
        request.method == "GET"
        and response.status_code == 200
        and response.mimetype == "text/html"
        and not g.get("drop_notice")
    ):
        # The form token looks different each time, and an older one is as good.
        _, token = g.get("form_token", ("", ""))
        said = response.get_data().replace(token.encode() or b"\0", b"")
        digest = hashlib.sha256(said).hexdigest()[:16]
        response.set_etag(digest, weak=True)
        response.make_conditional(request)
    return response


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if request.path.startswith(f"{BASE}/"):
        # A program reads no page; the description is a code of the gate's, or Flask's.
        response = api.problem(code, f"http-{code}", error.name)
    else:
        response = pages.plain("errors/error.html", status=code, code=code)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "location"):
            response.headers[name] = value
    return response


def _control_error(error: ControlError) -> Response:
    absent = error.code in ABSENT
    return pages.plain(
        "errors/error.html", status=503 if absent else 409, code=503, reason=error
    )


def _fault(error: Exception) -> Response:
    # Not the message: it may hold what somebody typed.
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    logger.error(
        "fault: %s at %s:%s",
        type(error).__name__,
        where.tb_frame.f_code.co_filename.rpartition("/")[2] if where else "?",
        where.tb_lineno if where else 0,
    )
    return pages.plain("errors/error.html", status=500, code=500)
