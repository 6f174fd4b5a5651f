"""The guard of the pages: every request is checked before a view runs.

The checks are a table, walked in order; the first that objects answers. After the
view, every response gets the headers that keep it from being framed, cached or read by
others. No Flask extension does this here: the usual set costs 8 MB, and these rules are
ours. Errors leave as HTTP errors whose description is a code (`form-token`, `role`,
...), so that the application says it in words.
"""

import time
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Request, Response, abort, current_app, g, redirect, request
from flask import url_for
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from webui.access import (
    BODY_MAX,
    CARER,
    CHILD,
    PARENT,
    PUBLIC,
    TECH,
    Access,
    Role,
    access_of,
    role,
    unmarked,
)
from webui.daemon import Daemon
from webui.links import safe_next
from webui.moments import Moment
from webui.visitors import (
    FIELD,
    SAFE,
    Gate,
    Policy,
    form_field,
    gate,
    is_poll,
    is_secure,
    listener,
    principal,
    send_cookies,
    session_left,
    signed_in,
    token_is_right,
)

__all__ = ["CARER", "CHILD", "PARENT", "PUBLIC", "TECH", "Role", "install", "role"]

# connect-src and manifest-src fall back to default-src 'none' (MDN), so they are named.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    # frame-ancestors, for browsers that do not know it (OWASP Clickjacking Defense).
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it a browser sends "Origin: null" with our own forms (Fetch
    # Standard, "append a request `Origin` header", step 3), as a stranger's sandboxed
    # frame does. With this one, too, no other site learns an address of ours.
    "Referrer-Policy": "same-origin",
    # A stranger's page that opens ours gets no handle on it, and embeds nothing of it
    # (OWASP HTTP Security Response Headers Cheat Sheet).
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Only with a certificate of a public CA: else it would lock parents out when the box's
# own CA changes. A year, as MDN's example and the preload list have it.
HSTS = "max-age=31536000"
# The same address gives a page or the fragment that our script swaps.
VARY = ("Cookie", "Accept-Language", "X-Requested-With")
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
TOKEN_HEADER = "X-Form-Token"
# Tells our script when to warn (WCAG 2.2, 2.2.1); not on the page, which would then be
# another one at every poll.
LEFT_HEADER = "Session-Left"
# What plain HTTP shows: the child's own page and what helps to get to TLS.
PLAIN = frozenset(
    {"/me", "/blocked", "/healthz", "/open", "/help", "/offline"}
    | {"/manifest.webmanifest", "/sw.js"}
)
PLAIN_BELOW = ("/me/", "/help/", "/static/", "/.well-known/")


class Misdirected(HTTPException):
    """421 (RFC 9110, 15.5.20): the request names a host that we are not."""

    code = HTTPStatus.MISDIRECTED_REQUEST
    description = "host"


def install(
    app: Flask,
    policy: Policy,
    daemon: Daemon,
    *,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], Moment] = Moment.now,
) -> Gate:
    """Put the guard before and behind whatever was registered until now.

    Adds to templates ``form_token()`` (the hidden field), ``signed_in()`` (Principal or
    None) and ``session_left()`` (seconds until it ends, or None). Raises OSError when
    the state directory cannot be written.
    """
    if app.has_static_folder:
        role(PUBLIC, cache=True)(app.view_functions["static"])
    made = Gate(policy, daemon, clock, now)
    app.extensions["guardian"] = made
    app.session_interface = _NoSessions()
    app.before_request_funcs.setdefault(None, [])[:0] = CHECKS
    # Those registered first run last: nothing is added behind the guard's back.
    app.after_request_funcs.setdefault(None, []).insert(0, _finish)
    app.jinja_env.globals.update(
        form_token=form_field, signed_in=signed_in, session_left=session_left
    )
    return made


def check_routes(app: Flask) -> None:
    """Refuse an application with a route that says not who may open it.

    Raises RuntimeError naming them; to be called when all blueprints are registered.
    """
    if missing := unmarked(app):
        raise RuntimeError(f"routes without @role: {', '.join(missing)}")


class _NoSessions(SessionInterface):
    """Flask's own sessions, switched off: their cookie passes no check of ours."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Open none; Flask then refuses writes to `flask.session`."""

    def save_session(
        self, app: Flask, session: SessionMixin, response: Response
    ) -> None:
        """Save none."""


def _access() -> Access | None:
    return access_of(current_app, request.endpoint)


def _check_listener() -> None:
    # What answers for blocked names never hands on to the pages.
    if listener() not in ("http", "https"):
        raise Misdirected


def _check_host() -> None:
    # DNS rebinding: the stranger's page has the stranger's name in Host, and Origin
    # equals it, so this is the only check that can tell.
    host = request.environ.get("HTTP_HOST", "").lower()
    if host not in gate().policy.hosts(listener()):
        raise Misdirected


def _check_length() -> None:
    access = _access()
    length = request.content_length
    if length is None and "HTTP_TRANSFER_ENCODING" in request.environ:
        abort(411)
    if (length or 0) > (access.body if access else BODY_MAX):
        abort(413)


def _check_type() -> None:
    # text/plain is what a stranger's form can send without asking first.
    if request.method in SAFE or not request.content_length:
        return
    access = _access()
    taken = FORMS | ({"application/json"} if access and access.scope else set())
    if request.mimetype not in taken:
        abort(415)


def _check_plain() -> BaseResponse | None:
    if is_secure():
        return None
    path = request.path
    if path in PLAIN or path.startswith(PLAIN_BELOW):
        return None
    access = _access()
    if gate().policy.plain_http and not (access and access.secure):
        return None
    if request.method in SAFE:
        return redirect("/open", HTTPStatus.SEE_OTHER)
    abort(403, "plain-http")


def _check_role() -> BaseResponse | None:
    if request.url_rule is None:
        return None  # nothing of ours: Flask answers 404 or 405
    access = _access()
    if access is None:
        abort(403, "role")
    if access.roles & (PUBLIC | CHILD):
        signed_in()
        return None
    who = principal()
    if who.key and access.scope in who.key.scopes:
        return None
    if who.role & access.roles:
        return None
    if who.account is not None or who.key is not None:
        abort(403, "role")
    return _to_sign_in(access)


def _to_sign_in(access: Access) -> BaseResponse:
    """Answer somebody who is not signed in: a person's page leads to the form."""
    if access.scope or "X-Requested-With" in request.headers:
        challenge = Response(status=HTTPStatus.UNAUTHORIZED)
        challenge.headers["WWW-Authenticate"] = "Bearer"
        return challenge
    asked = request.full_path.rstrip("?") if request.method in SAFE else request.path
    back = safe_next(asked, "") or None
    return redirect(url_for("entry.login", next=back), HTTPStatus.SEE_OTHER)


def _check_token() -> None:
    if request.method in SAFE or request.url_rule is None:
        return
    if "Cookie" not in request.headers and principal().key is not None:
        return  # no browser sends an Authorization header by itself for a stranger
    sent = request.headers.get(TOKEN_HEADER) or request.form.get(FIELD, "")
    if not token_is_right(sent):
        abort(403, "form-token")


def _check_origin() -> None:
    # OWASP CSRF Prevention Cheat Sheet, "Verifying Origin With Standard Headers".
    if request.method in SAFE:
        return
    host = request.environ.get("HTTP_HOST", "").lower()
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != f"{listener()}://{host}":
        abort(403, "origin")


def _check_fetch_site() -> None:
    # Not sent over plain HTTP (W3C Fetch Metadata Request Headers): never the guard.
    if request.method in SAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403, "origin")


CHECKS = (
    _check_listener,
    _check_host,
    _check_length,
    _check_type,
    _check_plain,
    _check_role,
    _check_token,
    _check_origin,
    _check_fetch_site,
)


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    if is_secure() and gate().policy.hsts:
        response.headers["Strict-Transport-Security"] = HSTS
    if is_poll() and "principal" in g and (left := session_left()) is not None:
        response.headers[LEFT_HEADER] = str(left)
    access = _access()
    if not (access and access.cache and response.status_code < 400):
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(VARY)
    send_cookies(response)
    return response
