"""What every page shares: the household's state, the frame around it, and notices.

A page is sent whole. A form is answered by a redirect and a notice that is shown once;
a script may fetch the same form and put the new page's main part in place.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template
from flask import request
from itsdangerous import BadSignature, URLSafeSerializer

from guardian.core.errors import ControlError
from webui.access import PARENT
from webui.daemon import Daemon
from webui.i18n import gettext
from webui.visitors import principal
from webui.words import errors

Json = dict[str, Any]
NOTICE = "notice"
NOTICE_MAX = 600


def daemon() -> Daemon:
    """Return the way to the daemon."""
    found: Daemon = current_app.extensions["daemon"]
    return found


def overview() -> Json:
    """Return the household's state now, read once a request."""
    if "overview" not in g:
        g.overview = daemon().read("overview")
    found: Json = g.overview
    return found


def page(template: str, /, status: int = 200, **context: Any) -> Response:
    """Return a page of a parent's: its frame needs the household's state."""
    return make_response(
        render_template(template, overview=overview(), away=daemon().away, **context),
        status,
    )


def plain(template: str, /, status: int = 200, **context: Any) -> Response:
    """Return a page that knows nothing of the household."""
    return make_response(render_template(template, **context), status)


def editable() -> bool:
    """Return whether this visitor may change rules now: a parent, somebody to ask."""
    return daemon().away is None and PARENT in principal().role


def change(verb: str, /, **args: Any) -> Json:
    """Run a changing verb in the name of who is signed in. Raises ControlError."""
    found: Json = daemon().change(verb, by=principal().by or "", **args)
    return found


def done(back: str, text: str, result: Json | None = None) -> Response:
    """Return to a page with a notice: what was done, and a way to take it back.

    back: a path of ours, from `url_for`. result: the verb's answer.
    """
    if result is not None and not result.get("enforced", True):
        return failed(back, _not_applied())
    notice: Json = {"text": text, "kind": "done"}
    if result is not None and result.get("revision"):
        notice["undo"] = result["revision"]
    return _noted(back, notice)


def _not_applied() -> str:
    health = daemon().read("overview")["health"]
    if any(one["code"] == "rules-missing" for one in health):
        return gettext("The change wasn't applied, and no rules are on right now.")
    return gettext("The change wasn't applied. Earlier rules are on.")


def failed(back: str, error: ControlError | str) -> Response:
    """Return to a page with what happened, what is still in force, and what to do."""
    text = error if isinstance(error, str) else errors.sentence(error)
    return _noted(back, {"text": text, "kind": "failed"})


def _noted(back: str, notice: Json) -> Response:
    response = make_response(redirect(back, 303))
    notice["text"] = notice["text"][:NOTICE_MAX]
    response.set_cookie(
        NOTICE,
        _signer().dumps(notice),
        max_age=60,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


def take_notice() -> Json | None:
    """Return the notice for this visitor, once."""
    text = request.cookies.get(NOTICE, "")
    if not text:
        return None
    g.drop_notice = True
    try:
        found = _signer().loads(text)
    except (BadSignature, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None


def drop_notice(response: Response) -> Response:
    """Forget a notice that was shown."""
    if g.get("drop_notice") and response.status_code < 300:
        response.delete_cookie(
            NOTICE, httponly=True, samesite="Strict", secure=request.is_secure
        )
    return response


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or b"", salt=NOTICE)
