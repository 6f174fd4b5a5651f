"""A browser of the family's, without a browser: the real application, a fake daemon.

Forms are sent as they stand on the page, token and hidden fields with them, so a page
whose form lacks something fails as it would for a person.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ANNA_AT
from webui.app import create_app
from webui.settings import Settings
from webui.visitors import gate, sign_in

# Compiling templates anew for each test would take most of its time.
COMPILED = Path(__file__).resolve().parents[2] / "build" / "compiled"
HTTPS, HTTP = "https://guardian.home.arpa:8443", "http://guardian.home.arpa:8080"


def application(
    folder: Path, daemon: FakeDaemon | None = None, **changes: Any
) -> Flask:
    """Return the real application over a fake daemon."""
    settings = Settings(state_dir=folder, compiled=COMPILED, **changes)
    app = create_app(settings, daemon or FakeDaemon())
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.error_handler_spec[None][None].pop(Exception, None)
    return app


class Browser:
    """One visitor: an address, and an account where `who` names one."""

    def __init__(
        self,
        app: Flask,
        who: str | None = "anna",
        *,
        at: str = ANNA_AT,
        http: bool = False,
    ) -> None:
        self.app = app
        self.base = HTTP if http else HTTPS
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = at
        self.last: TestResponse | None = None
        if who is not None:
            self._sign_in(who)

    def _sign_in(self, who: str) -> None:
        with self.app.test_request_context("/", base_url=self.base):
            sign_in(gate().accounts.book().accounts[who])
            response = self.app.process_response(self.app.make_response(""))
        for cookie in response.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            if value:
                self.client.set_cookie(
                    name, value, domain="guardian.home.arpa", secure=self.base == HTTPS
                )

    def get(self, path: str, status: int = 200, **args: Any) -> str:
        """Return a page's HTML; fails on another status."""
        self.last = self.client.get(path, base_url=self.base, **args)
        assert self.last.status_code == status, (path, self.last.status, self.text)
        return self.text

    @property
    def text(self) -> str:
        """Return the last page."""
        assert self.last is not None
        return self.last.get_data(as_text=True)

    def send(self, action: str, status: int = 200, **fields: Any) -> str:
        """Send the form of the last page with this action; return the page it leads to.

        fields: what the visitor enters, over what the form holds.
        """
        forms = [form for form in forms_of(self.text) if form["action"] == action]
        assert forms, (action, [form["action"] for form in forms_of(self.text)])
        wanted = [form for form in forms if fields.keys() <= form["names"]] or forms
        return self.post(action, status, **{**wanted[0]["fields"], **fields})

    def post(self, path: str, status: int = 200, **fields: Any) -> str:
        """Send fields as they are; follows one redirect."""
        self.last = self.client.post(path, base_url=self.base, data=fields)
        if self.last.status_code == 303:
            return self.get(self.last.headers["Location"], status)
        assert self.last.status_code == status, (path, self.last.status, self.text)
        return self.text


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._open: dict[str, Any] | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._open = {"action": of.get("action", ""), "fields": {}, "names": set()}
            self._open["method"] = of.get("method", "get").lower()
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag in ("input", "textarea", "select", "button") and "name" in of:
            self._open["names"].add(of["name"])
            kind = of.get("type", "text")
            if tag == "select":
                self._select = of["name"]
            elif tag == "input" and (
                kind not in ("checkbox", "radio") or "checked" in of
            ):
                self._open["fields"].setdefault(of["name"], of.get("value", ""))
        elif tag == "option" and self._select:
            fields = self._open["fields"]
            if "selected" in of or self._select not in fields:
                fields[self._select] = of.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""


def forms_of(html: str) -> list[dict[str, Any]]:
    """Return the forms of a page: action, fields as they stand, names of controls."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


def words_of(html: str) -> str:
    """Return what a person reads of a page's main part, spaces made one."""
    main = re.search(r"<main.*?</main>", html, re.S)
    text = re.sub(r"<[^>]+>", " ", main.group(0) if main else html)
    return re.sub(r"\s+", " ", text.replace("&#39;", "'").replace("&amp;", "&"))
