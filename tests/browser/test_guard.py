"""The guard before a real browser: forms pass, and the end is announced."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.served import Served
from tests.fakes.family import ANNA_AT
from webui.moments import Moment
from webui.sessions import IDLE_S


def opened(browser: Browser, served: Served, script: bool) -> Page:
    """Return Home in a browser in which Anna is signed in."""
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=script)
    context.add_cookies(served.cookies("anna"))
    page = context.new_page()
    page.clock.install()
    page.goto(served.url(ANNA_AT, "/"))
    return page


@pytest.mark.parametrize("script", [False, True])
def test_a_form_is_taken_with_what_a_browser_sends_along(
    browser: Browser, served: Served, script: bool
) -> None:
    """With Referrer-Policy: no-referrer, Chromium would send Origin: null here."""
    page = opened(browser, served, script)
    sent: list[tuple[int, str, str]] = []

    def note(answer: Response) -> None:
        if answer.request.method == "POST":
            headers = answer.request.all_headers()
            sent.append((answer.status, headers["origin"], headers["sec-fetch-site"]))

    page.on("response", note)
    page.locator('form[action="/pause/mia"] button').first.click()
    expect(page.get_by_text("Paused for Mia until")).to_be_visible()
    origin = served.url(ANNA_AT, "")
    assert sent == [(303, origin, "same-origin")]
    assert [verb for verb, _, _ in served.daemon.changed] == ["pause"]


def test_the_end_of_a_session_is_announced_and_put_off(
    browser: Browser, served: Served
) -> None:
    page = opened(browser, served, script=True)
    banner = page.locator("#ending")
    expect(banner).to_be_hidden()
    sessions = served.app.extensions["guardian"].sessions
    page.clock.run_for(15_000)
    expect(banner).to_be_hidden()

    def later() -> Moment:
        now = Moment.now()
        return replace(now, up=now.up + IDLE_S - 60, wall=now.wall + IDLE_S - 60)

    sessions._now = later
    page.clock.run_for(15_000)
    expect(banner).to_be_visible()
    banner.get_by_role("button").click()
    expect(banner).to_be_hidden()
    page.clock.run_for(15_000)
    expect(banner).to_be_hidden()
    assert page.context.cookies()[0]["name"] == "__Host-guardian-session"
