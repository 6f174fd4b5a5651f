"""Signing in and out, extending, and the cookies that leave with the answer."""

from pathlib import Path

import pytest
from flask import Blueprint
from flask.testing import FlaskClient

from webui.access import PARENT, PUBLIC, role
from webui.sessions import ABSOLUTE_S, IDLE_S, STAY_S
from webui.visitors import extend, session_left, sign_out

from .doors import HTTP, HTTPS, Doors, open_doors

NAME = "__Host-guardian-session"
POLL = {"X-Requested-With": "guardian"}


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    """Return the application with a page that says how long the session lasts."""
    made = open_doors(tmp_path)
    pages = Blueprint("more", __name__)

    @pages.get("/left")
    @role(PARENT)
    def left() -> str:
        return str(session_left())

    @pages.post("/out")
    @role(PUBLIC)
    def out() -> str:
        sign_out()
        return "bye"

    @pages.post("/stay")
    @role(PARENT)
    def stay() -> str:
        extend()
        return str(session_left())

    made.app.register_blueprint(pages)
    return made


def enter(doors: Doors, base: str = HTTPS, **form: str) -> tuple[FlaskClient, str]:
    """Return a browser that signed in, and its form token."""
    browser = doors.browser()
    form["form_token"] = browser.get("/login", base_url=base).text
    answer = browser.post("/login/anna", base_url=base, data=form)
    assert answer.status_code == 200
    return browser, answer.text


def left(browser: FlaskClient, poll: bool = False, base: str = HTTPS) -> str:
    """Return what the page says of the session's end; "" when it is over."""
    headers = POLL if poll else {}
    answer = browser.get("/left", base_url=base, headers=headers)
    return answer.text if answer.status_code == 200 else ""


def test_a_session_begins_with_the_answer(doors: Doors) -> None:
    browser = doors.browser()
    token = browser.get("/login", base_url=HTTPS).text
    answer = browser.post("/login/anna", base_url=HTTPS, data={"form_token": token})
    session, visit = answer.headers.getlist("Set-Cookie")
    for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in session.split("; ")
    assert session.startswith(f"{NAME}=") and "Max-Age" not in session
    assert visit.startswith("__Host-guardian-visit=;") and "Max-Age=0" in visit
    assert left(browser) == str(IDLE_S)


def test_reading_keeps_it_and_polling_does_not(doors: Doors) -> None:
    browser, _ = enter(doors)
    for _ in range(3):
        doors.clock.wait(IDLE_S - 60)
        assert left(browser) == str(IDLE_S)
    for _ in range(29):
        doors.clock.wait(60)
        assert int(left(browser, poll=True)) > 0
    doors.clock.wait(60)
    assert left(browser, poll=True) == ""


def test_a_poll_is_told_how_long_it_lasts(doors: Doors) -> None:
    browser, _ = enter(doors)
    doors.clock.wait(IDLE_S - 100)
    answer = browser.get("/left", base_url=HTTPS, headers=POLL)
    assert answer.headers["Session-Left"] == "100" == answer.text
    assert "Session-Left" not in browser.get("/left", base_url=HTTPS).headers
    answer = doors.browser().get("/me", base_url=HTTPS, headers=POLL)
    assert "Session-Left" not in answer.headers


def test_a_reader_gets_a_cookie_a_minute_at_most(doors: Doors) -> None:
    browser, _ = enter(doors)
    doors.clock.wait(30)
    assert "Set-Cookie" not in browser.get("/left", base_url=HTTPS).headers
    doors.clock.wait(30)
    assert NAME in browser.get("/left", base_url=HTTPS).headers["Set-Cookie"]


def test_extending_counts_at_once_and_not_beyond_the_day(doors: Doors) -> None:
    browser, token = enter(doors)
    doors.clock.wait(20)
    answer = browser.post("/stay", base_url=HTTPS, data={"form_token": token})
    assert answer.text == str(IDLE_S) and NAME in answer.headers["Set-Cookie"]
    for _ in range(ABSOLUTE_S // 1200 - 1):
        doors.clock.wait(1200)
        answer = browser.post("/stay", base_url=HTTPS, data={"form_token": token})
    assert answer.text == "1180"
    doors.clock.wait(1200)
    answer = browser.post("/stay", base_url=HTTPS, data={"form_token": token})
    assert (answer.status_code, answer.location) == (303, "/login")


def test_staying_signed_in_outlives_the_browser_not_the_month(doors: Doors) -> None:
    browser, _ = enter(doors, stay="1")
    cookie = browser.get_cookie(NAME, "guardian.home.arpa")
    assert cookie is not None and cookie.max_age == STAY_S
    doors.clock.wait(20 * 86400)
    answer = browser.get("/left", base_url=HTTPS)
    assert answer.text == str(10 * 86400)
    assert f"Max-Age={10 * 86400}" in answer.headers["Set-Cookie"]
    doors.clock.wait(10 * 86400)
    assert left(browser) == ""


def test_signing_out_ends_every_copy(doors: Doors) -> None:
    browser, token = enter(doors)
    cookie = browser.get_cookie(NAME, "guardian.home.arpa")
    assert cookie is not None
    answer = browser.post("/out", base_url=HTTPS, data={"form_token": token})
    assert f"{NAME}=;" in answer.headers["Set-Cookie"]
    thief = {"Cookie": f"{NAME}={cookie.value}"}
    assert doors.bare().get("/left", base_url=HTTPS, headers=thief).status_code == 303


@pytest.mark.parametrize("moved", ["mac", "address", "unknown"])
def test_over_plain_http_it_belongs_to_the_device(doors: Doors, moved: str) -> None:
    doors.house.plain_http = True
    browser, token = enter(doors, base=HTTP)
    assert left(browser, base=HTTP) == str(15 * 60)
    address = "192.168.77.20"
    if moved == "mac":
        doors.daemon.macs[address] = "02:00:00:00:00:66"
    elif moved == "unknown":
        del doors.daemon.macs[address]
    else:
        browser.environ_base["REMOTE_ADDR"] = "192.168.77.66"
        doors.daemon.macs["192.168.77.66"] = doors.daemon.macs[address]
    assert left(browser, base=HTTP) == ""


def test_over_plain_http_a_device_without_a_mac_does_not_sign_in(doors: Doors) -> None:
    doors.house.plain_http = True
    browser = doors.browser("192.168.77.99")
    token = browser.get("/login", base_url=HTTP).text
    answer = browser.post("/login/anna", base_url=HTTP, data={"form_token": token})
    assert answer.status_code == 403
    assert left(browser, base=HTTP) == ""
