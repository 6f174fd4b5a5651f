"""The pages in a test: the application, a family behind it, and somebody signed in.

The guard has tests of its own. Here it lets in whom a test names, so that what is seen
is the page's doing alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from unittest import mock

from flask import Flask, g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fakes.daemon import FakeDaemon
from webui import app as pages_app
from webui.settings import Settings

ANNA = {"id": "anna", "person": "anna", "name": "Anna", "role": "parent"}
CARER = {"id": "oma", "person": None, "name": "Oma", "role": "carer"}
_SPACE = re.compile(r"\s+")
_TAG = re.compile(r"<[^>]*>")


class Doorman:
    """Stands in for the guard: whoever is named is signed in."""

    def __init__(self, account: dict[str, Any] | None) -> None:
        self.account = account

    def install(self, app: Flask, *_: object) -> None:
        """Sign in the named account at each request."""
        app.secret_key = b"of this test"
        app.jinja_env.globals["form_token"] = lambda: "token"
        app.before_request(self._sign_in)

    def _sign_in(self) -> None:
        g.account = self.account


def client(
    daemon: FakeDaemon | None = None,
    account: dict[str, Any] | None = ANNA,
    prepare: Callable[[Flask], None] | None = None,
) -> FlaskClient:
    """Return a browser before the pages of a family; `prepare` may change the app."""
    with mock.patch.object(pages_app, "security", Doorman(account)):
        app = pages_app.create_app(
            Settings(state_dir=Path("/nonexistent")), daemon or FakeDaemon()
        )
    app.testing = True
    if prepare is not None:
        prepare(app)
    return app.test_client()


def words(response: TestResponse) -> str:
    """Return the text of a page's main part in one line, without its marks."""
    html = response.get_data(as_text=True)
    main = html[html.index("<main") : html.index("</main>")]
    return _SPACE.sub(" ", unescape(_TAG.sub(" ", main))).strip()


def after(browser: FlaskClient, path: str, **fields: str) -> str:
    """Return the words of the page to which a sent form leads."""
    response = browser.post(path, data={"token": "token", **fields})
    assert response.status_code == 303, words(response)
    return words(browser.get(response.location))
