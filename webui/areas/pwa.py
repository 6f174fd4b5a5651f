"""The app on a phone: manifest, worker, and the page for when no router is near."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, json, make_response, render_template

from webui import pages
from webui.access import PUBLIC, role
from webui.views import pwa as view
from webui.visitors import is_secure

area = Blueprint("pwa", __name__)
KEEP_S = 3600


@area.get("/manifest.webmanifest")
@role(PUBLIC, cache=True)
def manifest() -> Response:
    """Name the app, its icons, and where it begins.

    Parents' pages need TLS; what plain HTTP puts on a home screen is the child's.
    """
    text = json.dumps(view.manifest("/" if is_secure() else "/me"))
    return _kept(Response(text, mimetype="application/manifest+json"))


@area.get("/sw.js")
@role(PUBLIC, cache=True)
def worker() -> Response:
    """Serve the worker, whose text changes whenever something that it keeps does."""
    folder = Path(current_app.static_folder or "")
    page = render_template("pwa/offline.html")
    text = render_template(
        "pwa/sw.js", shell=view.shell(), version=_version(folder, page)
    )
    response = make_response(text)
    response.mimetype = "text/javascript"
    # A worker kept for an hour would show the sheet of before an update that long.
    response.headers["Cache-Control"] = "no-cache"
    return response


@area.get("/offline")
@role(PUBLIC, cache=True)
def offline() -> Response:
    """Say that the router is out of reach; kept on phones, nothing personal in it."""
    return _kept(pages.plain("pwa/offline.html"))


@lru_cache(maxsize=8)
def _version(folder: Path, page: str) -> str:
    files = [(folder / name).read_bytes() for name in view.STATIC]
    return view.version([page.encode(), *files])


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={KEEP_S}"
    return response
