"""The guard: each check by itself, their order, and the headers of every answer."""

from pathlib import Path

import pytest
from flask import Flask, Response, g, session
from flask.testing import FlaskClient

from webui.access import PUBLIC, role
from webui.security import CHECKS, CSP, check_routes, install

from .doors import HTTP, HTTPS, KEY, Accounts, Clock, Doors, House, open_doors

ORIGIN = {"Origin": HTTPS}
KEYED = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    """Return the application, nobody signed in."""
    return open_doors(tmp_path)


def signed_in(
    doors: Doors, name: str = "anna", base: str = HTTPS
) -> tuple[FlaskClient, str]:
    """Return a browser that signed in, and its form token."""
    browser = doors.browser()
    before = browser.get("/login", base_url=base).text
    answer = browser.post(f"/login/{name}", base_url=base, data={"form_token": before})
    assert answer.status_code == 200, answer.text
    return browser, answer.text


def test_the_order_of_the_checks_is_the_documented_one() -> None:
    names = [check.__name__.removeprefix("_check_") for check in CHECKS]
    order = "listener host length type plain role token origin fetch_site"
    assert names == order.split()


@pytest.mark.parametrize(
    "host",
    ["evil.example", "guardian.home.arpa", "guardian.home.arpa:8080", "192.168.77.1"]
    + ["guardian.home.arpa:8443.evil.example", "guardian.home.arpa.:8443", ""]
    + ["192.168.77.1:8443, evil.example", "user@guardian.home.arpa:8443"],
)
def test_a_foreign_host_is_misdirected(doors: Doors, host: str) -> None:
    browser, token = signed_in(doors)
    for path in ("/parent", "/me", "/healthz", "/nothing", "/open"):
        answer = browser.get(path, base_url=HTTPS, headers={"Host": host})
        assert answer.status_code == 421, path
    answer = browser.post(
        "/parent", base_url=HTTPS, headers={"Host": host}, data={"form_token": token}
    )
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "host", ["guardian.home.arpa:8443", "GUARDIAN.home.arpa:8443", "192.168.77.1:8443"]
)
def test_our_own_names_are_served(doors: Doors, host: str) -> None:
    browser = doors.browser()
    answer = browser.get("/healthz", base_url=HTTPS, headers={"Host": host})
    assert answer.status_code == 200
    v6 = {"Host": "[fd00::1]:8443"}
    assert browser.get("/healthz", base_url=HTTPS, headers=v6).status_code == 200


@pytest.mark.parametrize("path", ["/", "/me", "/healthz", "/login"])
def test_what_answers_for_blocked_names_never_reaches_a_page(
    doors: Doors, path: str
) -> None:
    environ = {"guardian.listener": "blocked"}
    answer = doors.browser().get(path, base_url=HTTP, environ_overrides=environ)
    assert answer.status_code == 421


def test_a_body_too_long_is_refused_unread(doors: Doors) -> None:
    browser, token = signed_in(doors)
    fat = {"form_token": token, "x": "y" * 70_000}
    assert browser.post("/parent", base_url=HTTPS, data=fat).status_code == 413
    assert browser.post("/restore", base_url=HTTPS, data=fat).status_code == 200
    fat["x"] *= 3
    assert browser.post("/restore", base_url=HTTPS, data=fat).status_code == 413
    chunked = {"Transfer-Encoding": "chunked"}
    answer = browser.post("/parent", base_url=HTTPS, headers=chunked)
    assert answer.status_code == 411


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "", "text/html"])
def test_a_type_no_form_of_ours_sends_is_refused(doors: Doors, kind: str) -> None:
    browser, token = signed_in(doors)
    answer = browser.post(
        "/parent",
        base_url=HTTPS,
        data=f"form_token={token}",
        content_type=kind,
        headers={"X-Form-Token": token},
    )
    assert answer.status_code == 415


def test_json_is_taken_by_the_api_alone(doors: Doors) -> None:
    browser, token = signed_in(doors)
    headers = {"X-Form-Token": token}
    answer = browser.post(
        "/api/v1/people", base_url=HTTPS, json={"a": 1}, headers=headers
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "/parent", "/login", "/api/v1/people", "/nix"])
def test_plain_http_leads_to_the_explainer(doors: Doors, path: str) -> None:
    browser = doors.browser()
    answer = browser.get(path, base_url=HTTP)
    assert (answer.status_code, answer.location) == (303, "/open")
    assert browser.post(path, base_url=HTTP).status_code == 403


@pytest.mark.parametrize("path", ["/me", "/healthz", "/open"])
def test_plain_http_shows_the_child_its_page(doors: Doors, path: str) -> None:
    assert doors.browser().get(path, base_url=HTTP).status_code == 200


@pytest.mark.parametrize("path", ["/me/../parent", "/static/../parent", "//parent"])
def test_plain_http_is_not_talked_out_of_it(doors: Doors, path: str) -> None:
    answer = doors.browser().get(path, base_url=HTTP)
    assert answer.status_code in (303, 308, 404), path
    assert "by" not in answer.text


def test_plain_http_takes_no_session_and_no_key(doors: Doors) -> None:
    browser, _ = signed_in(doors)
    sealed = browser.get_cookie("__Host-guardian-session", "guardian.home.arpa")
    assert sealed is not None
    for name in ("guardian-session", "__Host-guardian-session"):
        cookie = {"Cookie": f"{name}={sealed.value}"}
        answer = doors.bare().get("/me", base_url=HTTP, headers=cookie)
        assert answer.text == "GET by None"
        doors.house.plain_http = True
        answer = doors.bare().get("/parent", base_url=HTTP, headers=cookie)
        assert answer.status_code == 303
        doors.house.plain_http = False
    answer = doors.browser().get("/me", base_url=HTTP, headers=KEYED)
    assert answer.text == "GET by None"


def test_plain_http_where_a_parent_chose_it(doors: Doors) -> None:
    doors.house.plain_http = True
    browser, token = signed_in(doors, base=HTTP)
    assert browser.get("/parent", base_url=HTTP).text == "GET by anna"
    answer = browser.get("/backup", base_url=HTTP)
    assert (answer.status_code, answer.location) == (303, "/open")
    doors.house.plain_http = False
    assert browser.get("/parent", base_url=HTTP).status_code == 303


@pytest.mark.parametrize(
    "name, opens",
    [
        ("anna", {"/parent", "/parents"}),
        ("gran", {"/parents"}),
        ("tina", {"/tech"}),
    ],
)
def test_roles_open_what_names_them(doors: Doors, name: str, opens: set[str]) -> None:
    browser, token = signed_in(doors, name)
    for path in ("/parent", "/parents", "/tech", "/bare"):
        wanted = 200 if path in opens else 403
        assert browser.get(path, base_url=HTTPS).status_code == wanted, path
        answer = browser.post(path, base_url=HTTPS, data={"form_token": token})
        assert answer.status_code == (405 if path == "/bare" else wanted)
    assert browser.get("/me", base_url=HTTPS).status_code == 200


def test_who_is_not_signed_in_is_led_to_the_form(doors: Doors) -> None:
    browser = doors.browser()
    answer = browser.get("/parent?tab=2", base_url=HTTPS)
    assert answer.status_code == 303
    assert answer.location == "/login?next=/parent?tab%3D2"
    answer = browser.post("/parent", base_url=HTTPS, data={"x": "y"})
    assert answer.location == "/login?next=/parent"
    asked = {"X-Requested-With": "guardian"}
    answer = browser.get("/parent", base_url=HTTPS, headers=asked)
    assert (answer.status_code, answer.text) == (401, "")
    answer = browser.get("/api/v1/people", base_url=HTTPS)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_route_without_a_role_is_refused_at_start(tmp_path: Path) -> None:
    app = Flask(__name__, static_folder=None)
    install(app, House(tmp_path), Accounts())
    app.add_url_rule("/bare", view_func=str)
    with pytest.raises(RuntimeError, match="without @role: /bare$"):
        check_routes(app)


def test_static_files_are_public(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "guardian.css").write_text("p{}")
    app = Flask("x", root_path=str(tmp_path))
    install(app, House(tmp_path), Accounts(), clock=Clock(), now=Clock().now)
    answer = app.test_client().get("/static/guardian.css", base_url=HTTP)
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == CSP
    assert "no-store" not in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("sent", [None, "", "x", "ü", "a" * 43])
def test_a_form_without_its_token_is_refused(doors: Doors, sent: str | None) -> None:
    browser, _ = signed_in(doors)
    data = {} if sent is None else {"form_token": sent}
    for path in ("/parent", "/me", "/healthz"):
        answer = browser.post(path, base_url=HTTPS, data=data, headers=ORIGIN)
        assert answer.status_code == 403, path
        assert "form-token" in answer.text


def test_a_token_is_good_for_its_own_browser_only(doors: Doors) -> None:
    anna, hers = signed_in(doors)
    gran, other = signed_in(doors, "gran")
    nobody = doors.browser().get("/login", base_url=HTTPS).text
    for token in (other, nobody):
        answer = anna.post("/parent", base_url=HTTPS, data={"form_token": token})
        assert answer.status_code == 403
    answer = anna.post("/parent", base_url=HTTPS, data={"form_token": hers})
    assert answer.status_code == 200
    answer = doors.browser().post("/me", base_url=HTTPS, data={"form_token": nobody})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "origin",
    ["null", "https://evil.example", "http://guardian.home.arpa:8443", "", HTTP]
    + [
        "https://guardian.home.arpa",
        f"{HTTPS}.evil.example",
        "https://192.168.77.1:8443",
    ],
)
def test_another_origin_is_refused_in_spite_of_the_token(
    doors: Doors, origin: str
) -> None:
    browser, token = signed_in(doors)
    answer = browser.post(
        "/parent",
        base_url=HTTPS,
        data={"form_token": token},
        headers={"Origin": origin},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "x"])
def test_another_site_is_refused_in_spite_of_the_token(doors: Doors, site: str) -> None:
    browser, token = signed_in(doors)
    headers = {"Sec-Fetch-Site": site}
    data = {"form_token": token}
    answer = browser.post("/parent", base_url=HTTPS, data=data, headers=headers)
    assert answer.status_code == 403
    headers = {"Sec-Fetch-Site": "same-origin", **ORIGIN}
    answer = browser.post("/parent", base_url=HTTPS, data=data, headers=headers)
    assert answer.status_code == 200


def test_a_program_with_a_key_needs_no_token(doors: Doors) -> None:
    program = doors.browser()
    for send in (program.get, program.post):
        answer = send("/api/v1/people", base_url=HTTPS, headers=KEYED)
        assert answer.text == "people for k1"
    answer = program.get("/parent", base_url=HTTPS, headers=KEYED)
    assert answer.status_code == 403


def test_a_key_beside_a_cookie_needs_a_token(doors: Doors) -> None:
    # Else a stranger's page that made the browser send both would pass for a program.
    browser, token = signed_in(doors)
    answer = browser.post("/api/v1/people", base_url=HTTPS, headers=KEYED)
    assert answer.status_code == 403
    with_token = {**KEYED, "X-Form-Token": token}
    answer = browser.post("/api/v1/people", base_url=HTTPS, headers=with_token)
    assert answer.text == "people for anna"


@pytest.mark.parametrize("sent", ["k1.wrong", "k2.a-long-random-secret", "k1", "."])
def test_a_wrong_key_is_nobody(doors: Doors, sent: str) -> None:
    headers = {"Authorization": f"Bearer {sent}"}
    program = doors.browser()
    answer = program.get("/api/v1/people", base_url=HTTPS, headers=headers)
    assert answer.status_code == 401


def test_a_key_without_the_scope_is_refused(doors: Doors) -> None:
    doors.daemon.keys[0]["scopes"] = ["write"]
    program = doors.browser()
    answer = program.get("/api/v1/people", base_url=HTTPS, headers=KEYED)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path, status",
    [("/me", 200), ("/nothing", 404), ("/parent", 303), ("/healthz", 200)]
    + [("/open", 200), ("/login", 200)],
)
def test_every_answer_carries_the_headers(doors: Doors, path: str, status: int) -> None:
    answer = doors.browser().get(path, base_url=HTTPS)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in answer.headers
    kept = path == "/open"
    assert (answer.headers.get("Cache-Control") == "no-store") is not kept
    assert ("Cookie" in answer.headers.get("Vary", "")) is not kept


def test_the_policy_allows_nothing_inline_and_nobody_else() -> None:
    directives = dict(part.split(" ", 1) for part in CSP.split("; "))
    assert directives.pop("default-src") == "'none'"
    assert directives.pop("frame-ancestors") == directives.pop("base-uri") == "'none'"
    assert set(directives.values()) == {"'self'"}
    assert set(directives) == {
        *("script-src", "style-src", "img-src", "connect-src", "manifest-src"),
        *("worker-src", "form-action"),
    }


def test_hsts_only_with_a_public_certificate(doors: Doors) -> None:
    doors.house.hsts = True
    headers = doors.browser().get("/me", base_url=HTTPS).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    headers = doors.browser().get("/me", base_url=HTTP).headers
    assert "Strict-Transport-Security" not in headers


def test_without_the_daemon_nobody_gets_in_and_nothing_breaks(doors: Doors) -> None:
    browser, token = signed_in(doors)
    doors.daemon.down = True
    doors.clock.wait(60)
    # Nobody can have changed an account meanwhile.
    assert browser.get("/parent", base_url=HTTPS).status_code == 200
    again = open_doors(doors.house.state_dir)
    again.daemon.down = True
    cookie = browser.get_cookie("__Host-guardian-session", "guardian.home.arpa")
    assert cookie is not None
    headers = {"Cookie": f"__Host-guardian-session={cookie.value}"}
    answer = again.bare().get("/parent", base_url=HTTPS, headers=headers)
    assert (answer.status_code, answer.text) == (503, "not-running")
    answer = again.bare().get("/login", base_url=HTTPS, headers=headers)
    assert answer.status_code == 200


def test_the_guard_stands_before_what_was_registered_before(tmp_path: Path) -> None:
    app = Flask(__name__, static_folder=None)
    seen: list[str] = []

    def noted() -> None:
        seen.append("before")

    def planted(answer: Response) -> Response:
        seen.append("after")
        answer.set_cookie("theirs", "x", domain="arpa", samesite="None")
        answer.headers["Content-Security-Policy"] = "default-src *"
        return answer

    app.before_request(noted)
    app.after_request(planted)
    app.add_url_rule("/healthz", view_func=role(PUBLIC)(lambda: "ok"))
    install(app, House(tmp_path), Accounts())
    answer = app.test_client().get("/healthz", base_url="https://evil.example")
    assert (answer.status_code, seen) == (421, ["after"])
    answer = app.test_client().get("/healthz", base_url=HTTPS)
    assert (answer.text, seen) == ("ok", ["after", "before", "after"])
    assert answer.headers["Content-Security-Policy"] == CSP
    cookie = "theirs=x; Path=/; HttpOnly; Secure; SameSite=Strict"
    assert answer.headers["Set-Cookie"] == cookie


def test_flasks_own_session_is_off(tmp_path: Path) -> None:
    app = Flask(__name__, static_folder=None)
    app.testing = True
    put = role(PUBLIC)(lambda: session.update(a="b") or "done")
    app.add_url_rule("/healthz", view_func=put)
    install(app, House(tmp_path), Accounts())
    with pytest.raises(RuntimeError, match="session is unavailable"):
        app.test_client().get("/healthz", base_url=HTTPS)


def test_views_are_told_who_it_is(doors: Doors) -> None:
    browser, _ = signed_in(doors, "tina")
    tina = {"id": "tina", "person": None, "name": "Tina", "role": "technician"}
    with browser:
        browser.get("/tech", base_url=HTTPS)
        assert g.account == tina
    with doors.browser() as program:
        program.get("/api/v1/people", base_url=HTTPS, headers=KEYED)
        assert (g.account["id"], g.account["role"]) == ("k1", "program")
    with doors.browser() as nobody:
        nobody.get("/me", base_url=HTTPS)
        assert g.account is None
