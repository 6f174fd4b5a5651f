"""The pages on the router, the phone in the parent's hand, the tablet in the child's.

Real browsers in the devices' namespaces, the real web process and daemon, real traffic
beside them; once with script and once without.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PHONE
from webui import passwords

from .ask import ask
from .chromium import browsing
from .moment import (
    AFTERNOON,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    assert_stopped,
    example,
    flows,
    guarding,
    how,
    leases,
    mono_of,
    wait_until,
)
from .guard import Guard
from .home import Home
from .namespaces import wait_for
from .web import Web, web_user_options

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

PASSWORD = "four words of hers"
# A page that a child opened; the name leads to a server of the lab.
SITE = "school.lab.test"
# A name of an app's, which nobody answers for in the lab.
APP = "www.roblox.com"


def family() -> dict[str, Any]:
    """Return the example with the laptop given to Ben."""
    document = example()
    for device in document["devices"]:
        if device["id"] == "laptop":
            device["person"] = "ben"
    return document


@contextmanager
def household(home: Home, now: str) -> Iterator[tuple[Guard, Web]]:
    """Run daemon and pages; Anna has taken the box."""
    with guarding(home, now, family(), options=web_user_options()) as guard:
        code = guard.call("claim-code")["code"]
        guard.call(
            "claim", code=code, name="Anna", hash=passwords.make_hash(PASSWORD, p=1)
        )
        with Web(home, guard) as web:
            yield guard, web


@contextmanager
def paged(browser: Browser, script: bool) -> Iterator[Page]:
    """Open a tab of a phone."""
    context = browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        ignore_https_errors=True,
        java_script_enabled=script,
    )
    try:
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield page
    finally:
        context.close()


def sign_in(page: Page, web: Web) -> None:
    """Sign Anna in as she would."""
    page.goto(f"{web.https}/login")
    page.fill("#name", "Anna")
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_selector("#name-mia")


def main(page: Page) -> str:
    """Return what a person reads, spaces made one."""
    return re.sub(r"\s+", " ", page.inner_text("main"))


@pytest.mark.parametrize("script", [True, False], ids=["script", "bare"])
def test_a_pause_from_the_page_stops_a_live_stream(
    make_home: MakeHome, script: bool
) -> None:
    home = make_home(macs=MACS)
    with household(home, AFTERNOON) as (_, web):
        with browsing(home, "phone") as (browser,):
            with paged(browser, script) as anna:
                sign_in(anna, web)
                child = flows(home, "tablet")
                others = flows(home, "laptop")
                assert_alive(child)
                at = time.monotonic()
                anna.click("button[aria-label='Pause for Mia until morning']")
                anna.wait_for_selector("button[aria-label='Resume for Mia']")
                tapped = time.monotonic()
                assert_stopped(child, tapped, lived=False)
                assert tapped - at < 10
                assert_alive(others)
                assert "Paused until 06:30" in main(anna)
                anna.click("button[aria-label='Resume for Mia']")
                anna.wait_for_selector(
                    "button[aria-label='Pause for Mia until morning']"
                )
                assert how(home, "tablet") == ["ok", "ok"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "bare"])
def test_a_request_goes_from_the_childs_page_to_the_parents_and_back(
    make_home: MakeHome, script: bool
) -> None:
    home = make_home(macs=MACS)
    with household(home, NIGHT) as (guard, web):
        with (
            browsing(home, "tablet", "phone") as (childs, parents),
            paged(childs, script) as mia,
            paged(parents, script) as anna,
        ):
            assert how(home, "tablet") == ["refused", "refused"]
            mia.goto(f"{web.http}/me")
            assert "bedtime" in main(mia).lower() and "06:30" in main(mia)
            mia.check("input[name=minutes][value='15']")
            mia.fill("#text", "homework video")
            mia.click("form:has(input[name=minutes]) button")
            mia.wait_for_load_state()
            sign_in(anna, web)
            anna.goto(f"{web.https}/requests")
            assert "homework video" in main(anna)
            given = time.monotonic()
            if script:
                anna.click("button[name=give][value='15']")
            else:
                # A minute, which no button gives: its end is waited for below.
                asked = guard.call("requests")[0]
                guard.call("answer", id=asked["id"], give=1)
            while MACS["tablet"] not in leases(guard, "inet"):
                assert time.monotonic() - given < 1.0
            assert how(home, "tablet") == ["ok", "ok"]
            said = guard.call("explain", device="tablet")["decision"]
            assert said["reason"] == "GRANT"
            stream = flows(home, "tablet")
            mia.goto(f"{web.http}/me")
            assert "extra time" in main(mia).lower()
            assert_alive(stream)
            if script:
                return
            ends = mono_of(guard, said["until"])
            wait_until(ends)
            assert_stopped(stream, ends)
            assert how(home, "tablet") == ["refused", "refused"]


def test_a_site_blocked_on_the_page_is_closed_and_the_child_is_told(
    make_home: MakeHome,
) -> None:
    home = make_home(macs=MACS)
    with household(home, AFTERNOON) as (guard, web):
        with (
            browsing(home, "tablet", "phone") as (childs, parents),
            paged(childs, True) as mia,
            paged(parents, True) as anna,
        ):
            sign_in(anna, web)
            anna.goto(f"{web.https}/child/mia/sites")
            anna.fill("#name", SITE)
            anna.click("button[name=list][value=block]")
            anna.wait_for_selector(".notice")
            assert ask(home["tablet"], SITE).status == "NXDOMAIN"
            assert ask(home["laptop"], SITE).status == "NOERROR"
            # An app by its tile; its names are in the index, made at the first start.
            assert ask(home["tablet"], APP).ede == []
            wait_for(
                lambda: guard.call("status")["names"]["stats"].get("index_names"),
                "the names of apps",
                60,
            )
            anna.goto(f"{web.https}/child/mia/sites?q=roblox")
            anna.click("button[name=set][value='roblox:block']")
            anna.wait_for_selector(".notice")
            assert [code for code, _ in ask(home["tablet"], APP).ede] == [17]
            assert ask(home["laptop"], SITE).ede == []
            mia.goto(f"{web.http}/me")
            assert SITE in main(mia) and "A parent" in main(mia)
            assert APP in main(mia)


def test_every_device_sees_its_own_child_and_no_other(make_home: MakeHome) -> None:
    home = make_home(macs=MACS)
    with household(home, AFTERNOON) as (_, web):
        said = {}
        names = ("tablet", "laptop", "phone")
        with browsing(home, *names) as browsers:
            for name, browser in zip(names, browsers):
                with paged(browser, True) as page:
                    page.goto(f"{web.http}/me")
                    said[name] = main(page)
                    page.goto(f"{web.https}/")
                    assert page.url.startswith(f"{web.https}/login"), page.url
        assert "Mia" in said["tablet"] and "Ben" not in said["tablet"]
        assert "Ben" in said["laptop"] and "Mia" not in said["laptop"]
        assert "Mia" not in said["phone"] and "Ben" not in said["phone"]
