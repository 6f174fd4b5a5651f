"""What an attacker has to work with: every route, every form, and a household of texts.

The application is the real one; the daemon behind it notes whatever it is asked, knows
the invented family, and takes any change, so that only the pages themselves can refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

from guardian.core.errors import ControlError
from guardian.verbs.web import NAMELESS, WEB_VERBS
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import MORNING
from webui.access import CARER, CHILD, PARENT, PUBLIC, TECH, Role, access_of, role
from webui.app import create_app
from webui.settings import Settings
from webui.visitors import gate, sign_in, token

Json = dict[str, Any]
HOST = "guardian.home.arpa"
HTTPS, HTTP = f"https://{HOST}:8443", f"http://{HOST}:8080"
SAFE = ("GET", "HEAD", "OPTIONS")
# Verbs that show something; whatever else the pages may ask changes something.
READS = NAMELESS - {"ask", "claim", "invite-take"}
CHANGES = WEB_VERBS - READS
# Who signs in, by role; a child's device does not.
ACCOUNT = {PARENT: "anna", CARER: "oma", TECH: "tina"}
SAMPLES = {"device": "tablet", "token": "some-token", "filename": "guardian.css"}
# Texts that end up in pages: typed by a child, a guest's device or another parent.
TEXTS = frozenset("""
    detail first_name hours label name person_name question says site summary text
    title vendor why words
    """.split())


def account(id_: str, role: str) -> Json:
    """Return an account as the daemon shows it."""
    found = {"id": id_, "person": id_, "name": id_.title(), "role": role}
    until = "2090-01-01T00:00:00+00:00" if role == "technician" else None
    return {**found, "hash": "", "generation": 1, "until": until}


class Watched(FakeDaemon):
    """The family's daemon; `asked` holds every verb, `changed` those that change."""

    def __init__(self) -> None:
        super().__init__()
        roles = {"anna": "parent", "tom": "parent", "oma": "carer"}
        roles["tina"] = "technician"
        self.answers["accounts"] = {
            "claimed": True,
            "accounts": [account(*pair) for pair in roles.items()],
            "keys": [],
        }
        self.asked: list[tuple[str, Json]] = []

    def forget(self) -> None:
        """Forget what was asked."""
        self.asked.clear()
        self.changed.clear()

    def change(self, verb: str, /, *, by: str, **args: Any) -> Any:
        """Note a change, and take it."""
        self.changed.append((verb, by, args))
        return self._answer({}, verb, args)

    def call(self, verb: str, /, **args: Any) -> Any:
        """Answer a reading, or take a change that names nobody."""
        if verb in CHANGES:
            return self.change(verb, by="", **args)
        return self._answer(self.answers, verb, args)

    def _answer(self, table: dict[str, Any], verb: str, args: Json) -> Any:
        self.asked.append((verb, args))
        if verb in self.refuses:
            raise self.refuses[verb]
        if verb in CHANGES:
            done: Json = {"revision": 89, "enforced": True, "until": MORNING, "id": "x"}
            done.update(
                token="t", person="mia", ended=1, merged=[], days=[], skipped=[]
            )
            if verb in ("claim", "invite-take"):
                done["id"] = "anna"
            if callable(known := self.accepts.get(verb)):
                return known(args)
            return {**done, **(known or {})}
        if verb not in self.answers:
            raise ControlError("no-such-thing", verb)
        found = self.answers[verb]
        return found(args) if callable(found) else deepcopy(found)


class Site:
    """The application with its daemon."""

    def __init__(self, **settings: Any) -> None:
        folder = Path(mkdtemp(prefix="guardian-hostile-"))
        (folder / "scrypt-p").write_text("1\n")
        self.daemon = Watched()
        self.app = create_app(Settings(state_dir=folder, **settings), self.daemon)

    def visitor(
        self, who: Role | str | None, at: str = "192.168.1.13", http: bool = False
    ) -> FlaskClient:
        """Return a browser: signed in by role or account name, or nobody (None)."""
        name = ACCOUNT.get(who) if isinstance(who, Role) else who
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = at
        if name is not None:
            base, environ = HTTP if http else HTTPS, {"REMOTE_ADDR": at}
            with self.app.test_request_context(
                "/", base_url=base, environ_base=environ
            ):
                sign_in(gate().accounts.book().accounts[name])
                answer = self.app.process_response(self.app.make_response(""))
            for cookie in answer.headers.getlist("Set-Cookie"):
                key, _, value = cookie.partition(";")[0].partition("=")
                client.set_cookie(key, value, domain=HOST, secure=not http)
        self.daemon.forget()
        return client

    def token(self, client: FlaskClient, base: str = HTTPS) -> str:
        """Return the form token of this browser, as a page would show it to it."""
        answer = client.get("/token-of-the-test", base_url=base)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)


class Route:
    """One rule with one method."""

    def __init__(self, app: Flask, rule: Rule, method: str) -> None:
        access = access_of(app, rule.endpoint)
        assert access is not None
        self.rule, self.method, self.access = rule, method, access
        self.arguments = {
            name: (
                "88"
                if isinstance(rule._converters[name], IntegerConverter)
                else SAMPLES.get(name, "mia")
            )
            for name in sorted(rule.arguments)
        }

    def __repr__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    def path(self, **arguments: str) -> str:
        """Return an address of the rule; arguments go in as they are."""
        text = self.rule.rule
        for name, value in {**self.arguments, **arguments}.items():
            before, _, rest = text.partition("<")
            inside, _, after = rest.partition(">")
            assert inside.rpartition(":")[2] == name
            text = before + value + after
        return text

    @property
    def open(self) -> bool:
        """Say whether nobody has to sign in."""
        return bool(self.access.roles & (PUBLIC | CHILD))

    @property
    def allowed(self) -> Role | None:
        """Return a role that may open it; None where nobody has to sign in."""
        if self.open:
            return None
        return next(one for one in ACCOUNT if one & self.access.roles)

    def send(
        self, client: FlaskClient, base: str = HTTPS, path: str = "", **args: Any
    ) -> TestResponse:
        """Send it."""
        return client.open(
            path or self.path(), method=self.method, base_url=base, **args
        )


def token_page(app: Flask) -> None:
    """Add a page that shows nothing but the form token, for the tests themselves."""
    view = role(PUBLIC)(lambda: token())
    app.add_url_rule("/token-of-the-test", endpoint="token-of-the-test", view_func=view)


@cache
def site() -> Site:
    """Return the application, the same for all tests of one process."""
    made = Site()
    token_page(made.app)
    return made


@cache
def plain_site() -> Site:
    """Return the application of a box whose parents chose plain HTTP."""
    made = Site(plain_http=True)
    token_page(made.app)
    return made


@cache
def routes() -> tuple[Route, ...]:
    """Return every rule with each of its methods, sorted."""
    app = Site().app
    found = [
        Route(app, rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"})
    ]
    return tuple(sorted(found, key=repr))


def reading() -> list[Route]:
    """Return the routes that show something."""
    return [route for route in routes() if route.method in SAFE]


def changing() -> list[Route]:
    """Return the routes that change something."""
    return [route for route in routes() if route.method not in SAFE]


class Audit(HTMLParser):
    """Finds what a page must not hold: script, style and targets that are not ours."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is wrong with a tag."""
        of = {key: value or "" for key, value in attrs}
        source = of.get("src", "")
        if tag == "script" and not source.startswith("/static/"):
            self.found.append("script")
        if tag in ("style", "iframe", "object", "embed", "base", "applet"):
            self.found.append(tag)
        if tag == "meta" and "http-equiv" in of:
            self.found.append("http-equiv")
        self.found += [f"{tag} {key}" for key in of if key.startswith("on")]
        self.found += [f"{tag} style" for key in of if key == "style"]
        for key in ("src", "action", "formaction", "poster", "data"):
            if key in of and not _ours(of[key]):
                self.found.append(f"{tag} {key}={of[key][:40]}")
        href = of.get("href", "")
        if tag == "link" and not _ours(href):
            self.found.append(f"link href={href[:40]}")
        elif not (_ours(href) or href.startswith(("https://", "http://", "tel:", "#"))):
            self.found.append(f"{tag} href={href[:40]}")

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.words.append(data)


def _ours(target: str) -> bool:
    return target == "" or (
        target.startswith(("/", "#")) and target[1:2] not in ("/", "\\")
    )


def poisoned(value: Any, text: str, key: str = "") -> Any:
    """Return an answer of the daemon in which every free text is `text`."""
    if isinstance(value, dict):
        return {k: poisoned(v, text, k) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, text, key) for v in value]
    return text if isinstance(value, str) and key in TEXTS else value


def hrefs(html: str) -> Iterator[str]:
    """Yield the targets of links on a page."""

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
            found.extend(value or "" for key, value in attrs if key == "href")

    found: list[str] = []
    Links().feed(html)
    yield from found
