"""Signing in and out, invitations, and the pages that anybody may see."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ANNA_AT, MIA_AT, STRANGER_AT
from tests.webui.browser import Browser, application, forms_of, words_of
from webui import passwords
from webui.throttle import FREE
from webui.visitors import gate

SECRET = "correct horse battery"
HASH = passwords.make_hash(SECRET, p=1)
SESSION, KNOWN = "__Host-guardian-session", "__Host-guardian-known"
WRONG = "That name or password isn't right."


def row(id_: str, role: str = "parent", **more: Any) -> dict[str, Any]:
    """Return an account as the daemon shows it."""
    found = {"id": id_, "person": id_, "name": id_.title(), "role": role, "hash": HASH}
    return {**found, "generation": 1, "until": None, **more}


@pytest.fixture
def daemon() -> FakeDaemon:
    """Return a household with a parent, a carer and two technicians."""
    made = FakeDaemon()
    made.answers["accounts"] = {
        "claimed": True,
        "accounts": [
            row("anna"),
            row("tom"),
            row("oma", "carer"),
            row("tina", "technician", until="2090-01-01T00:00:00+00:00"),
            row("tino", "technician", until="2020-01-01T00:00:00+00:00"),
        ],
        "keys": [],
    }
    return made


@pytest.fixture
def app(tmp_path: Path, daemon: FakeDaemon) -> Flask:
    """Return the application, its hashes as cheap as the tests' own."""
    (tmp_path / "scrypt-p").write_text("1")
    made = application(tmp_path, daemon)
    # Guesses at one moment: a slow machine must not make them look patient.
    made.extensions["guardian"].clock = lambda: 1000.0
    return made


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Return a browser in which nobody is signed in."""
    return Browser(app, None)


def test_signing_in_leads_to_where_one_wanted_to_go(stranger: Browser) -> None:
    said = stranger.get("/", 303)
    assert stranger.last is not None
    stranger.get(stranger.last.headers["Location"])
    stranger.post("/login", 200, **filled(stranger, name=" ANNA ", password=SECRET))
    assert stranger.last.request.path == "/"
    assert said != stranger.text and "Mia" in stranger.text


def filled(browser: Browser, **fields: str) -> dict[str, str]:
    """Return what the one form of the last page sends with these fields filled in."""
    (form,) = forms_of(browser.text)
    return {**form["fields"], **fields}


def attempt(
    browser: Browser, name: str, password: str, target: str = "", **more: str
) -> int:
    """Try to sign in; return the status of the answer, redirects not followed."""
    browser.get("/login")
    fields = filled(browser, name=name, password=password, next=target, **more)
    browser.last = browser.client.post("/login", base_url=browser.base, data=fields)
    return browser.last.status_code


@pytest.mark.parametrize(
    "name, password",
    [("anna", "wr0ng!"), ("nobody", SECRET), ("", ""), ("tino", SECRET)],
)
def test_one_message_for_name_and_password(
    stranger: Browser, name: str, password: str
) -> None:
    assert attempt(stranger, name, password) == 200
    assert WRONG in words_of(stranger.text)
    assert stranger.client.get_cookie(SESSION, "guardian.home.arpa") is None
    assert password == "" or password not in stranger.text
    for other in ("Tom", "Oma", "Tina"):
        assert other not in stranger.text


def test_a_name_nobody_has_costs_as_much_as_one_that_is_there(
    stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    scrypt = passwords._scrypt

    def counted(password: str, *rest: Any) -> bytes:
        made.append(password)
        return scrypt(password, *rest)

    passwords.spend("", 1)
    monkeypatch.setattr(passwords, "_scrypt", counted)
    attempt(stranger, "nobody", "wrong1")
    attempt(stranger, "anna", "wrong2")
    assert made == ["wrong1", "wrong2"]


@pytest.mark.parametrize(
    "name, target", [("anna", "/"), ("oma", "/"), ("tina", "/tech")]
)
def test_each_role_has_its_first_page(
    stranger: Browser, name: str, target: str
) -> None:
    assert attempt(stranger, name, SECRET) == 303
    assert stranger.last is not None
    assert stranger.last.headers["Location"] == target
    stranger.get("/login", 303)
    assert stranger.last.headers["Location"] == target


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/nope"]
)
def test_no_target_leads_to_another_site(stranger: Browser, target: str) -> None:
    stranger.get(f"/login?next={target}")
    assert attempt(stranger, "anna", SECRET, target) == 303
    assert stranger.last is not None and stranger.last.headers["Location"] == "/"


def test_staying_signed_in_is_chosen_and_never_over_plain_http(
    tmp_path: Path, daemon: FakeDaemon
) -> None:
    (tmp_path / "scrypt-p").write_text("1")
    app = application(tmp_path, daemon, plain_http=True)
    secure, plain = Browser(app, None), Browser(app, None, http=True)
    assert attempt(secure, "anna", SECRET, stay="1") == 303
    found = secure.client.get_cookie(SESSION, "guardian.home.arpa")
    assert found is not None and found.max_age == 30 * 86400
    assert "30 days" not in plain.get("/login")
    assert attempt(plain, "anna", SECRET, stay="1") == 303
    found = plain.client.get_cookie("guardian-session", "guardian.home.arpa")
    assert found is not None and found.max_age is None


def guesses(browser: Browser, count: int, name: str = "anna") -> list[int]:
    """Return the statuses of so many wrong guesses at once."""
    return [attempt(browser, name, f"guess {n}") for n in range(count)]


def test_guesses_are_told_to_wait_before_anything_is_hashed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Browser(app, None, at=MIA_AT)
    assert guesses(child, FREE + 1) == [200] * (FREE + 1)

    def never(*_: object) -> bytes:
        raise AssertionError("hashed")

    monkeypatch.setattr(passwords, "_scrypt", never)
    assert attempt(child, "anna", "guess") == 429
    assert child.last is not None and child.last.headers["Retry-After"] == "1"
    said = words_of(child.text)
    assert "Try again in 1 second." in said
    assert "name" in filled(child) and filled(child)["name"] == "anna"


def test_a_child_keeps_no_parent_out(app: Flask) -> None:
    phone = Browser(app, None, at=ANNA_AT)
    assert attempt(phone, "anna", SECRET) == 303
    assert phone.client.get_cookie(KNOWN, "guardian.home.arpa") is not None
    phone.client.delete_cookie(SESSION, domain="guardian.home.arpa")
    for number in range(30):
        guesses(Browser(app, None, at=f"192.168.1.{100 + number}"), 2)
    guesses(Browser(app, None, at=MIA_AT), FREE + 3)
    assert attempt(Browser(app, None, at="192.168.1.77"), "anna", SECRET) == 429
    assert attempt(phone, "anna", SECRET) == 303


def test_a_known_device_is_known_for_its_own_account_only(app: Flask) -> None:
    phone = Browser(app, None)
    assert attempt(phone, "anna", SECRET) == 303
    phone.client.delete_cookie(SESSION, domain="guardian.home.arpa")
    guesses(phone, FREE + 1, "tom")
    assert attempt(phone, "tom", SECRET) == 429
    assert attempt(phone, "anna", SECRET) == 303


def test_another_address_of_the_same_device_is_the_same_device(
    app: Flask, daemon: FakeDaemon
) -> None:
    daemon.answers["visitor"] = {"mac": "02:00:00:00:00:09"}
    guesses(Browser(app, None, at="192.168.1.50"), FREE + 1)
    assert attempt(Browser(app, None, at="fd00::50"), "anna", SECRET) == 429


def test_a_dated_hash_is_made_anew(
    app: Flask, daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = cast(Any, daemon.answers["accounts"])["accounts"]
    accounts[0]["hash"] = passwords.make_hash(SECRET, p=2)

    def kept(args: dict[str, Any]) -> dict[str, Any]:
        accounts[0].update(hash=args["hash"], generation=2)
        return {}

    daemon.accepts["account-set"] = kept
    phone = Browser(app, None)
    assert attempt(phone, "anna", SECRET) == 303
    ((verb, by, args),) = daemon.changed
    assert (verb, by, args["id"]) == ("account-set", "anna", "anna")
    assert passwords.matches(SECRET, args["hash"])
    assert "Mia" in phone.get("/"), "the new generation is this session's"
    daemon.refuses["account-set"] = ControlError("store-unwritable")
    accounts[1]["hash"] = passwords.make_hash(SECRET, p=2)
    assert attempt(Browser(app, None, at=STRANGER_AT), "tom", SECRET) == 303


def test_signing_out(app: Flask) -> None:
    anna = Browser(app)
    copy = anna.client.get_cookie(SESSION, "guardian.home.arpa")
    assert copy is not None
    anna.get("/")
    token = forms_of(anna.text)[0]["fields"]["form_token"]
    anna.post("/logout", form_token=token)
    assert anna.last is not None and anna.last.request.path == "/login"
    anna.get("/", 303)
    thief = Browser(app, None)
    thief.client.set_cookie(
        SESSION, copy.value, domain="guardian.home.arpa", secure=True
    )
    thief.get("/", 303)


def test_staying(app: Flask) -> None:
    anna = Browser(app)
    anna.get("/")
    token = forms_of(anna.text)[0]["fields"]["form_token"]
    anna.last = anna.client.post(
        "/stay", base_url=anna.base, data={"form_token": token, "back": "/?a=b"}
    )
    assert anna.last.status_code == 303
    assert anna.last.headers["Location"] == "/?a=b"
    assert SESSION in anna.last.headers["Set-Cookie"]


def test_taking_an_invitation_signs_in(
    app: Flask, daemon: FakeDaemon, stranger: Browser
) -> None:
    def taken(args: dict[str, Any]) -> dict[str, Any]:
        made = row("eva", name=args["name"], hash=args["hash"])
        cast(Any, daemon.answers["accounts"])["accounts"].append(made)
        return {"id": "eva"}

    daemon.accepts["invite-take"] = taken
    with app.test_request_context():
        gate().accounts.book()
    stranger.get("/join/some-token")
    stranger.send("/join/some-token", name="Eva  Maria", password="drei Worte reichen")
    ((verb, by, args),) = daemon.changed
    assert (verb, by, args["token"]) == ("invite-take", "", "some-token")
    assert args["name"] == "Eva Maria"
    assert passwords.matches("drei Worte reichen", args["hash"])
    assert "Mia" in stranger.text


@pytest.mark.parametrize(
    "name, password, said",
    [
        ("", "drei Worte reichen", "Write your name"),
        ("x" * 61, "drei Worte reichen", "Write your name"),
        ("Eva", "short", "at least 8 signs"),
        ("Eva", "password1", "among the first"),
        ("Eva", "eva-2019-", "among the first"),
    ],
)
def test_an_invitation_wants_a_name_and_a_password(
    stranger: Browser, daemon: FakeDaemon, name: str, password: str, said: str
) -> None:
    stranger.get("/join/some-token")
    stranger.send("/join/some-token", name=name, password=password)
    assert said in words_of(stranger.text) and daemon.changed == []
    assert password not in stranger.text


def test_a_stale_invitation_is_refused_in_words(
    stranger: Browser, daemon: FakeDaemon
) -> None:
    daemon.accepts["invite-take"] = {}
    daemon.refuses["invite-take"] = ControlError("invite-gone", "secret")
    stranger.get("/join/x")
    stranger.send("/join/x", name="Eva", password="drei Worte reichen")
    assert "Nothing was changed" in words_of(stranger.text)
    for _ in range(FREE):
        stranger.send("/join/x", name="Eva", password="drei Worte reichen")
    stranger.send("/join/x", 429, name="Eva", password="drei Worte reichen")
    assert stranger.last is not None and stranger.last.headers["Retry-After"] == "1"


def test_an_invitation_is_never_taken_over_plain_http(
    tmp_path: Path, daemon: FakeDaemon
) -> None:
    app = application(tmp_path, daemon, plain_http=True)
    plain = Browser(app, None, http=True)
    plain.get("/join/x", 303)
    assert plain.last is not None and plain.last.headers["Location"] == "/open"


@pytest.mark.parametrize(
    "host, address",
    [
        ("guardian.home.arpa", "https://guardian.home.arpa:8443/"),
        ("192.168.1.1", "https://192.168.1.1:8443/"),
        ("[fd00::1]", "https://[fd00::1]:8443/"),
    ],
)
def test_the_way_to_tls(
    tmp_path: Path, daemon: FakeDaemon, host: str, address: str
) -> None:
    names = frozenset({"guardian.home.arpa", "192.168.1.1", "fd00::1"})
    app = application(
        tmp_path,
        daemon,
        names=lambda: names,
        words=lambda: ("oak", "sun", "tea", "web"),
    )
    answer = app.test_client().get("/open", base_url=f"http://{host}:8080")
    assert answer.status_code == 200
    assert "oak sun tea web" in words_of(answer.text)
    assert f'href="{address}"' in answer.text
    assert "Compare them there" in words_of(answer.text)


def test_the_way_to_tls_before_there_are_words_and_on_the_usual_port(
    tmp_path: Path, daemon: FakeDaemon
) -> None:
    app = application(tmp_path, daemon, http_port=80, https_port=443)
    answer = app.test_client().get("/open", base_url="http://guardian.home.arpa")
    assert "aren't known yet" in words_of(answer.text)
    assert 'href="https://guardian.home.arpa/"' in answer.text


def test_the_authority_is_given_over_tls_only(
    tmp_path: Path, daemon: FakeDaemon
) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("-----BEGIN CERTIFICATE-----\n")
    app = application(tmp_path, daemon, authority=path)
    visitor = Browser(app, None)
    assert visitor.get("/authority.crt").startswith("-----BEGIN")
    assert visitor.last is not None
    assert visitor.last.mimetype == "application/x-x509-ca-cert"
    Browser(app, None, http=True).get("/authority.crt", 303)
    Browser(application(tmp_path, daemon), None).get("/authority.crt", 404)


def test_health_says_nothing_of_the_household(stranger: Browser) -> None:
    assert stranger.get("/healthz") == "ok\n"


def test_where_to_report(tmp_path: Path, daemon: FakeDaemon) -> None:
    contact = "https://vendor.example/report"
    app = application(tmp_path, daemon, security_contact=contact)
    text = Browser(app, None, http=True).get("/.well-known/security.txt")
    first, second = text.splitlines()
    assert first == f"Contact: {contact}" and second.startswith("Expires: 20")
    Browser(application(tmp_path, daemon), None).get("/.well-known/security.txt", 404)


def test_without_the_daemon_the_form_says_so(
    stranger: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["accounts"] = ControlError("not-running")
    stranger.get("/login")
    fields = filled(stranger, name="anna", password=SECRET)
    stranger.post("/login", 503, **fields)
    assert "doesn't answer" in words_of(stranger.text)
