"""Attacks on every route there is; a new route is covered the day it is written.

Who attacks: a page of a stranger's in a parent's browser, a child's device, another
child's, a guest's device with a name of its own choosing, and whoever listens to plain
HTTP. Parsers of HTTP and TLS have tests of their own.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fakes.family import BEN_AT, MIA_AT
from tests.webui.browser import forms_of
from webui import passwords
from webui.access import CARER, CHILD, PARENT, PUBLIC, TECH, Role
from webui.areas.entry import KNOWN_S
from webui.security import CSP

from . import hostile
from .hostile import (
    ACCOUNT,
    HOST,
    HTTP,
    HTTPS,
    SAFE,
    Audit,
    Route,
    Site,
    changing,
    poisoned,
    reading,
    routes,
)

SESSION = "__Host-guardian-session"
# What stands on pages of this family and on no other.
FAMILY = ("Mia", "Ben", "homework video", "Example family")
each = pytest.mark.parametrize("route", routes(), ids=repr)
each_change = pytest.mark.parametrize("route", changing(), ids=repr)
each_reading = pytest.mark.parametrize("route", reading(), ids=repr)


@pytest.fixture
def site() -> Iterator[Site]:
    """Return the application; answers that a test changed are taken back."""
    made = hostile.site()
    before = dict(made.daemon.answers)
    made.daemon.forget()
    yield made
    made.daemon.answers = before
    made.daemon.refuses.clear()


KEY = "k1.a-long-random-secret"
KEY_HASH = passwords.make_hash("a-long-random-secret", p=1)


@pytest.fixture
def keyed(site: Site) -> Iterator[Site]:
    """Return the application of a household that gave a program a key."""
    accounts = cast(dict[str, Any], site.daemon.answers["accounts"])
    scopes = sorted({route.access.scope for route in routes() if route.access.scope})
    made = {"id": "k1", "name": "Home", "scopes": scopes, "hash": KEY_HASH}
    site.daemon.answers["accounts"] = {**accounts, "keys": [made]}
    site.app.extensions["guardian"].accounts.forget()
    yield site
    site.app.extensions["guardian"].accounts.forget()


def leaks(answer: TestResponse) -> list[str]:
    """Return what of the family an answer tells."""
    text = answer.get_data(as_text=True)
    return [word for word in FAMILY if word in text]


def turned_away(answer: TestResponse) -> bool:
    """Say whether an answer is one for who is not signed in."""
    if answer.status_code == 303:
        return urlsplit(answer.headers["Location"]).path in ("/login", "/open")
    return answer.status_code in (401, 403)


def test_there_is_something_to_attack() -> None:
    assert len(routes()) > 15 and changing() and reading()


# A stranger's page in a parent's browser.


@each_change
@pytest.mark.parametrize("kind", ["none", "wrong", "empty", "another session's"])
def test_a_forged_request_changes_nothing(site: Site, route: Route, kind: str) -> None:
    client = site.visitor(route.allowed)
    other = site.token(site.visitor("tom"))
    sent = {"wrong": "x" * 43, "empty": "", "another session's": other}
    data = {"form_token": sent[kind]} if kind in sent else {}
    site.daemon.forget()
    answer = route.send(client, data=data)
    assert answer.status_code == 403 and site.daemon.changed == []
    # As a header, where our own script would send it.
    headers = {"X-Form-Token": sent[kind]} if kind in sent else {}
    answer = route.send(client, headers=headers)
    assert answer.status_code == 403 and site.daemon.changed == []


@each_change
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": HTTP},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": HTTPS},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
def test_a_strangers_page_is_refused_even_with_the_token(
    site: Site, route: Route, headers: dict[str, str]
) -> None:
    client = site.visitor(route.allowed)
    data = {"form_token": site.token(client)}
    site.daemon.forget()
    answer = route.send(client, data=data, headers=headers)
    assert answer.status_code == 403 and site.daemon.changed == []


@each_change
def test_what_a_strangers_form_can_send_is_no_type_of_ours(
    site: Site, route: Route
) -> None:
    client = site.visitor(route.allowed)
    token = site.token(client)
    site.daemon.forget()
    for kind in ("text/plain", "text/xml", "application/x-www-form-urlencodedx"):
        answer = route.send(client, data=f"form_token={token}", content_type=kind)
        assert answer.status_code == 415 and site.daemon.changed == []


@each
@pytest.mark.parametrize(
    "host", ["evil.example", f"{HOST}.evil.example:8443", "127.0.0.1:8443", "8443", ""]
)
def test_a_rebound_name_meets_nothing_of_the_family(
    site: Site, route: Route, host: str
) -> None:
    client = site.visitor(route.allowed)
    token = site.token(client)
    site.daemon.forget()
    # Host and Origin agree: that is what rebinding makes of them.
    headers = {"Host": host, "Origin": f"https://{host}", "X-Form-Token": token}
    answer = route.send(client, headers=headers)
    assert answer.status_code == 421
    assert site.daemon.asked == [] and leaks(answer) == []


@each
def test_no_answer_may_be_framed_sniffed_or_kept(site: Site, route: Route) -> None:
    for who in (None, PARENT):
        for base in (HTTPS, HTTP):
            answer = route.send(site.visitor(who), base)
            headers = answer.headers
            assert headers["Content-Security-Policy"] == CSP
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
            assert "Access-Control-Allow-Origin" not in headers
            if not route.access.cache or answer.status_code >= 400:
                assert headers["Cache-Control"] == "no-store"
                assert "Cookie" in headers["Vary"]
            for cookie in headers.getlist("Set-Cookie"):
                assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
                assert ("Secure" in cookie) is (base == HTTPS)
                assert "Domain" not in cookie


TARGETS = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "/%2f/evil.example",
    "https:evil.example",
    "/login?next=//evil.example",
)


@each
@pytest.mark.parametrize("target", TARGETS)
def test_no_redirect_leads_to_another_site(
    site: Site, route: Route, target: str
) -> None:
    client = site.visitor(route.allowed)
    given = dict.fromkeys(("next", "back", "url", "return", "to", "redirect"), target)
    if route.method in SAFE:
        answer = route.send(client, query_string=given)
    else:
        token = {"form_token": site.token(client)}
        answer = route.send(client, data={**given, **token}, query_string=given)
    location = answer.headers.get("Location", "/")
    parts = urlsplit(location)
    assert not parts.netloc and not parts.scheme and parts.path.startswith("/")
    assert location[1:2] not in ("/", "\\") and location.isprintable()
    refused = Audit(answer.get_data(as_text=True)).found
    assert [one for one in refused if "evil" in one or "javascript" in one] == []


# Somebody in the house who may not.


@each
@pytest.mark.parametrize("who", [None, *ACCOUNT], ids=lambda who: str(who))
def test_a_role_opens_what_names_it_and_nothing_else(
    site: Site, route: Route, who: Role | None
) -> None:
    client = site.visitor(who, at=MIA_AT if who is None else "192.168.1.13")
    token = site.token(client)
    site.daemon.forget()
    data = {} if route.method in SAFE else {"form_token": token}
    answer = route.send(client, data=data)
    if route.open or (who is not None and who & route.access.roles):
        if not (route.open or answer.status_code == 403):
            assert not turned_away(answer)
        return
    assert turned_away(answer)
    if who is not None:
        assert answer.status_code == 403
    assert site.daemon.changed == [] and leaks(answer) == []
    told = {verb for verb, _ in site.daemon.asked} - {"accounts", "overview"}
    assert told == set(), "nothing is even read for them"


CLAIMS = {
    "X-Forwarded-For": MIA_AT,
    "X-Real-IP": MIA_AT,
    "Forwarded": f"for={MIA_AT}",
    "Client-IP": MIA_AT,
}


@each
def test_a_child_is_nobody_but_itself(site: Site, route: Route) -> None:
    if not route.open:
        return
    client = site.visitor(None, at=BEN_AT)
    claims = {"address": MIA_AT, "person": "mia", "device": "tablet", "id": "r1"}
    data = {} if route.method in SAFE else {**claims, "form_token": site.token(client)}
    site.daemon.forget()
    answer = route.send(client, data=data, query_string=claims, headers=CLAIMS)
    assert "Mia" not in answer.get_data(as_text=True)
    for verb, args in site.daemon.asked:
        if "address" in args:
            assert args["address"] == BEN_AT, verb
        assert args.get("person") != "mia", verb


@each
def test_a_box_that_nobody_owns_yet_is_nobodys(site: Site, route: Route) -> None:
    if route.open:
        return
    site.daemon.answers["overview"] = {
        **cast(dict[str, Any], site.daemon.answers["overview"]),
        "claimed": False,
    }
    client = site.visitor(None, at=MIA_AT)
    data = {} if route.method in SAFE else {"form_token": site.token(client)}
    site.daemon.forget()
    answer = route.send(client, data=data)
    led = urlsplit(answer.headers.get("Location", "")).path
    assert turned_away(answer) or led.startswith("/setup"), led
    assert site.daemon.changed == [] and leaks(answer) == []


SCOPES = sorted({route.access.scope for route in routes() if route.access.scope})


@each
@pytest.mark.parametrize("scope", [None, "", *SCOPES])
def test_a_key_opens_what_its_scope_names(
    keyed: Site, route: Route, scope: str | None
) -> None:
    if route.open:
        return
    rows = cast(dict[str, Any], keyed.daemon.answers["accounts"])["keys"]
    rows[0]["scopes"] = [] if scope is None else [scope]
    keyed.app.extensions["guardian"].accounts.forget()
    program = keyed.visitor(None)
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = route.send(program, headers=headers)
    if scope and route.access.scope == scope:
        assert answer.status_code not in (401, 403)
        return
    assert turned_away(answer) and leaks(answer) == []
    assert keyed.daemon.changed == []


@each_change
def test_a_key_that_a_browser_would_send_is_no_key(keyed: Site, route: Route) -> None:
    """Beside a cookie it frees nobody from the token."""
    client = keyed.visitor(route.allowed)
    client.set_cookie("other", "x", domain=HOST)
    keyed.daemon.forget()
    answer = route.send(client, headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 403 and keyed.daemon.changed == []


def test_what_needs_no_account_takes_no_name_of_anybody() -> None:
    # A child's page is found by the device; with an argument it could be another's.
    taken = {
        (route.rule.rule, name)
        for route in routes()
        if route.open
        for name in route.arguments
    }
    known = {("/join/<token>", "token"), ("/static/<path:filename>", "filename")}
    assert sorted(taken - known) == []


@each
def test_only_the_written_methods_do_anything(site: Site, route: Route) -> None:
    client = site.visitor(route.allowed)
    token = site.token(client)
    site.daemon.forget()
    written = {r.method for r in routes() if r.rule.rule == route.rule.rule}
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"}
    for method in sorted(methods - written):
        answer = client.open(
            route.path(),
            method=method,
            base_url=HTTPS,
            headers={"X-Form-Token": token},
        )
        assert answer.status_code in (403, 404, 405), method
        assert site.daemon.changed == []
    if route.method == "GET":
        answer = client.get(
            route.path(),
            base_url=HTTPS,
            query_string={"_method": "POST", "form_token": token},
            headers={"X-HTTP-Method-Override": "POST", "X-Form-Token": token},
        )
        assert site.daemon.changed == []


@each_reading
def test_reading_never_changes(site: Site, route: Route) -> None:
    roles = [None] if route.open else [r for r in ACCOUNT if r & route.access.roles]
    for who in roles:
        client = site.visitor(who)
        for method in SAFE:
            answer = client.open(
                route.path(),
                method=method,
                base_url=HTTPS,
                query_string={"minutes": "15", "give": "15", "save": "1", "off": "1"},
            )
            assert answer.status_code < 500
    assert site.daemon.changed == []


@each_change
def test_a_body_too_long_is_not_read(site: Site, route: Route) -> None:
    client = site.visitor(route.allowed)
    token = site.token(client)
    site.daemon.forget()
    data = {"form_token": token, "text": "x" * route.access.body}
    answer = route.send(client, data=data)
    assert answer.status_code == 413 and site.daemon.changed == []
    answer = route.send(client, headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411 and site.daemon.changed == []


# Whoever listens to plain HTTP.

PLAIN = {"/me", "/blocked", "/healthz", "/open", "/help", "/offline", "/sw.js"}
PLAIN |= {"/manifest.webmanifest"}
PLAIN_BELOW = ("/me/", "/help/", "/static/", "/.well-known/")


@each
@pytest.mark.parametrize("who", [None, PARENT], ids=str)
def test_plain_http_shows_the_childs_page_and_the_way_to_tls(
    site: Site, route: Route, who: Role | None
) -> None:
    client = site.visitor(who)
    value = cookie_of(client, SESSION) if who else ""
    client.set_cookie("guardian-session", value, domain=HOST)
    answer = route.send(client, HTTP)
    if route.rule.rule in PLAIN or route.rule.rule.startswith(PLAIN_BELOW):
        assert route.open and answer.headers.get("Location") != "/open"
        return
    assert answer.status_code == (303 if route.method in SAFE else 403)
    assert answer.headers.get("Location") in ("/open", None)
    assert site.daemon.asked == [] and leaks(answer) == []


# Stolen and forged cookies.


def cookie_of(client: FlaskClient, name: str) -> str:
    """Return the value of a cookie that the browser holds."""
    found = client.get_cookie(name, HOST)
    assert found is not None
    return found.value


@each
@pytest.mark.parametrize("thief", ["another MAC", "another address", "no MAC"])
def test_over_plain_http_a_stolen_cookie_is_of_no_use(
    route: Route, thief: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if route.open:
        return
    site = hostile.plain_site()
    at = "192.168.1.13"
    parent = site.visitor(route.allowed, at=at, http=True)
    token = site.token(parent, HTTP)
    known: dict[str, str | None] = {"mac": "02:00:5e:00:10:03"}
    if thief == "another address":
        parent.environ_base["REMOTE_ADDR"] = BEN_AT
    else:
        known = {"mac": None if thief == "no MAC" else "02:00:5e:00:10:05"}
    monkeypatch.setitem(site.daemon.answers, "visitor", known)
    site.daemon.forget()
    data = {} if route.method in SAFE else {"form_token": token}
    answer = route.send(parent, HTTP, data=data)
    assert turned_away(answer) and leaks(answer) == []
    assert site.daemon.changed == []


@each
def test_a_cookie_of_one_way_in_does_not_open_the_other(route: Route) -> None:
    if route.open:
        return
    site = hostile.plain_site()
    for http, base, name in ((False, HTTP, SESSION), (True, HTTPS, "guardian-session")):
        value = cookie_of(site.visitor(route.allowed, http=http), name)
        for carried in (SESSION, "guardian-session"):
            thief = site.app.test_client(use_cookies=False)
            thief.environ_base["REMOTE_ADDR"] = "192.168.1.13"
            headers = {"Cookie": f"{carried}={value}"}
            answer = route.send(thief, base, headers=headers)
            assert turned_away(answer) and leaks(answer) == []


def forged(value: str) -> Iterator[str]:
    """Yield what somebody might make of a cookie."""
    body, _, mark = value.rpartition(".")
    yield from ("", ".", "x", "null", "W10.x", "e30.e30.e30", "%00", '"', "é" * 20)
    yield from (body, f".{mark}", f"{body}.", f"{body}.{mark[:-2]}AA", value[1:])
    yield from (value[:-1], value + "A", value.swapcase(), value + "." + mark)
    yield "A" * 4000


@each
def test_a_forged_cookie_is_no_cookie(site: Site, route: Route) -> None:
    value = cookie_of(site.visitor(PARENT), SESSION)
    for text in forged(value):
        client = site.app.test_client(use_cookies=False)
        client.environ_base["REMOTE_ADDR"] = BEN_AT
        names = (SESSION, "__Host-guardian-visit", "__Host-guardian-known", "notice")
        site.daemon.forget()
        cookies = "; ".join(f"{name}={text}" for name in names)
        answer = route.send(client, headers={"Cookie": cookies})
        assert answer.status_code < 500
        if not route.open:
            assert turned_away(answer), text
        assert site.daemon.changed == [] and "Mia" not in answer.get_data(as_text=True)


# Texts that somebody else wrote.

MARKS = (
    '"><script>alert(1)</script>',
    "' onmouseover=alert(1) x='",
    "</title></textarea></svg><img src=x onerror=alert(1)>",
    "javascript:alert(1)//",
    "{{ 7*191 }}${7*191}{% raw %}",
)


def assert_harmless(answer: TestResponse, mark: str) -> None:
    """Fail if a text of somebody else's is more than text on a page."""
    text = answer.get_data(as_text=True)
    assert "1337" not in text, "evaluated"
    if answer.mimetype != "text/html":
        return
    assert Audit(text).found == []
    if "<" in mark:
        assert mark not in text


def poison(site: Site, verb: str, mark: str) -> None:
    """Put the mark in the place of every free text that a verb answers."""
    known = site.daemon.answers[verb]
    if callable(known):
        site.daemon.answers[verb] = lambda args: poisoned(known(args), mark)
    else:
        site.daemon.answers[verb] = poisoned(known, mark)


@each_reading
@pytest.mark.parametrize("mark", MARKS)
def test_names_and_texts_of_others_stay_text(
    site: Site, route: Route, mark: str
) -> None:
    """Host names, DHCP names, requests' texts, names of people and sites."""
    for verb in set(site.daemon.answers) - {"accounts"}:
        poison(site, verb, mark)
    for at in (MIA_AT, BEN_AT, "192.168.1.99"):
        answer = route.send(site.visitor(route.allowed, at=at))
        assert answer.status_code < 500
        assert_harmless(answer, mark)


def test_the_marks_do_arrive(site: Site) -> None:
    """Else the test above would look at pages that show none of them."""
    mark = MARKS[0]
    poison(site, "overview", mark)
    answer = site.visitor(PARENT).get("/", base_url=HTTPS)
    assert html.escape(mark, quote=False) in answer.text.replace("&#34;", '"')


ARGUMENTS = (
    *MARKS,
    "../../../etc/passwd",
    "..%2f..%2fapp.py",
    "%2e%2e/%2e%2e/app.py",
    "..\\..\\app.py",
    "%00",
    "a%0d%0aSet-Cookie:%20a=b",
    "-1",
    "99999999999999999999999",
    "\u202emia",
    "x" * 3000,
    "%ff%fe",
    "mia%00.html",
    "__class__",
    "0x1F",
)


@each
def test_an_argument_is_a_name_and_nothing_more(site: Site, route: Route) -> None:
    client = site.visitor(route.allowed)
    token = site.token(client)
    for name in route.arguments:
        for value in ARGUMENTS:
            path = route.path(**{name: quote(value, safe="%/\\")})
            data = {} if route.method in SAFE else {"form_token": token}
            answer = route.send(client, path=path, data=data)
            assert answer.status_code < 500, value
            assert_harmless(answer, value)
            text = answer.get_data(as_text=True)
            assert "root:" not in text and "import annotations" not in text
            assert "a=b" not in str(answer.headers.getlist("Set-Cookie"))
            assert "\n" not in answer.headers.get("Location", "")


def forms() -> dict[tuple[str, Role | None], dict[str, str]]:
    """Return the forms of all pages: where they go and who sees them, with fields."""
    site = hostile.site()
    found: dict[tuple[str, Role | None], dict[str, str]] = {}
    for route in reading():
        roles = [None] if route.open else [r for r in ACCOUNT if r & route.access.roles]
        for who in roles:
            answer = route.send(site.visitor(who, at=MIA_AT))
            if answer.mimetype != "text/html":
                continue
            for form in forms_of(answer.get_data(as_text=True)):
                if form["method"] != "post":
                    continue
                fields = dict.fromkeys(form["names"], "") | form["fields"]
                found.setdefault((form["action"] or route.path(), who), fields)
    return found


def test_every_text_in_every_form_stays_text(site: Site) -> None:
    seen = forms()
    assert len(seen) > 3
    for (action, who), fields in seen.items():
        client = site.visitor(who, at=MIA_AT)
        token = site.token(client)
        for name in sorted(set(fields) - {"form_token"}):
            for value in ARGUMENTS:
                data = {**fields, name: value, "form_token": token}
                answer = client.post(action, base_url=HTTPS, data=data)
                assert answer.status_code < 500, (action, name, value)
                assert_harmless(answer, value)
                if answer.status_code == 303:
                    location = answer.headers["Location"]
                    shown = client.get(location, base_url=HTTPS)
                    assert shown.status_code < 500, (action, name, value)
                    assert_harmless(shown, value)


def test_every_form_carries_the_token() -> None:
    bare = [key for key, fields in forms().items() if "form_token" not in fields]
    assert bare == []


# Guessing.


class Clock:
    """Monotonic seconds, moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


def test_a_childs_guesses_do_not_lock_a_parent_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site()
    hostile.token_page(site.app)
    clock = Clock()
    gate = site.app.extensions["guardian"]
    monkeypatch.setattr(gate, "clock", clock)
    rows: Any = site.daemon.answers["accounts"]
    rows["accounts"][0]["hash"] = passwords.make_hash("correct horse battery", p=1)

    def attempt(client: FlaskClient, password: str) -> TestResponse:
        data = {"name": "Anna", "password": password}
        data["form_token"] = site.token(client)
        return client.post("/login", base_url=HTTPS, data=data)

    right = "correct horse battery"
    phone = site.visitor(None)
    assert attempt(phone, right).status_code == 303
    known = cookie_of(phone, "__Host-guardian-known")
    child = site.visitor(None, at=MIA_AT)
    for number in range(60):
        # Each from another address and with a cookie jar of its own.
        child = site.visitor(None, at=f"fd00::{number:x}")
        child.set_cookie("__Host-guardian-known", known[:-2] + "AA", domain=HOST)
        attempt(child, f"guess {number}")
    assert attempt(child, "guess").status_code == 429
    for form in ("/join/x", "/login"):
        data = {"form_token": site.token(child), "name": "Eva", "password": "a b c d e"}
        answer = child.post(form, base_url=HTTPS, data=data)
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 30
    phone.delete_cookie(SESSION, domain=HOST)
    assert attempt(phone, right).status_code == 303, "a known device does not wait"
    stranger = site.visitor(None, at="192.168.1.14")
    wait = int(attempt(stranger, right).headers["Retry-After"])
    clock.now += wait
    assert wait <= 30 and attempt(stranger, right).status_code == 303


def test_nothing_in_the_source_gets_round_the_guard() -> None:
    """Markup that is not escaped, evaluated strings, and other ways to be clever."""
    folder = Path(passwords.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for word in ("render_template_string", "from_string(", "eval(", "exec("):
            assert word not in text, f"{word} in {path.name}"
    for path in sorted(folder.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        for word in ("autoescape", "<style", "style=", "javascript:", "onclick"):
            assert word not in text, f"{word} in {path.name}"
        unescaped = [line for line in text.splitlines() if "|safe" in line]
        # Drawings of our own, looked up by a name that stands in a template.
        drawings = ("icons.html", "pictures.html")
        assert not unescaped or path.name in drawings, path.name


def test_every_role_is_tried() -> None:
    assert set(ACCOUNT) == {PARENT, CARER, TECH}
    assert {PUBLIC, CHILD, *ACCOUNT} == set(Role)
    assert KNOWN_S <= 400 * 86400
