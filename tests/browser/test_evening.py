"""A parent's first evening on a phone, from the code of the box to a child in bed.

One walk, by taps alone, before the daemon's own verbs and store: after each step the
kernel's sets are looked at, and a picture is left in build/evening.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from guardian.core.model import Household
from guardian.store.data import load_bands
from guardian.verbs.accounts import prepare
from tests.browser import looks
from tests.browser.chromium import PHONE
from tests.browser.served import Served
from tests.build import at, mac
from tests.fakes.desk import DeskDaemon
from tests.steering import sighting

PICTURES = Path(__file__).resolve().parents[2] / "build" / "evening"
PARENT_AT, CHILD_AT = "192.168.1.21", "192.168.1.20"
TABLET, PHONE_MAC, TV = mac(20), mac(21), mac(22)
PASSWORD = "three words together"
SITE = "example.org"
# Promised for one child with one device.
TAPS_MAX = 12


@pytest.fixture
def daemon(tmp_path: Path) -> DeskDaemon:
    """Return a box that nobody has claimed, in a house with three devices."""
    made = DeskDaemon(tmp_path, Household(claimed=False, bands=load_bands()))
    world = made.desk.world
    world.lan = [
        sighting(address, hostname=name, first_seen=1, last_seen=2, addresses=[there])
        for address, name, there in (
            (TABLET, "mias-tablet", CHILD_AT),
            (PHONE_MAC, "annas-phone", PARENT_AT),
            (TV, "tv", "192.168.1.22"),
        )
    ]
    world.owners = {CHILD_AT: TABLET, PARENT_AT: PHONE_MAC}
    prepare(world.accounts, made.desk.moment.wall)
    return made


@pytest.fixture
def home(tmp_path: Path, daemon: DeskDaemon) -> Iterator[Served]:
    (tmp_path / "web").mkdir()
    made = Served(tmp_path / "web", daemon)
    yield made
    made.close()


class Evening:
    """A phone in a hand: counts taps, and keeps a picture of each step."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self._pictures = 0

    def tap(self, selector: str) -> None:
        """Touch something once."""
        self.taps += 1
        self.page.locator(selector).tap()

    def write(self, selector: str, text: str) -> None:
        """Fill in a field; one that waits for it already needs no tap."""
        field = self.page.locator(selector)
        if not field.evaluate("one => one === document.activeElement"):
            self.tap(selector)
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def shows(self, text: str) -> None:
        """Wait for words on the page."""
        expect(self.page.locator("main")).to_contain_text(text)

    def picture(self, step: str) -> None:
        """Keep the page as it is, which must fit the phone."""
        self._pictures += 1
        width = self.page.evaluate("document.scrollingElement.scrollWidth")
        assert width == PHONE["width"], step
        name = f"{self._pictures:02d}-{step}.png"
        self.page.screenshot(path=PICTURES / name, full_page=True)


def said(daemon: DeskDaemon, verb: str, **args: Any) -> Any:
    """Run a verb; not in this thread, in which the browser's loop runs."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(daemon.call, verb, **args).result()


def test_a_whole_evening(browser: Browser, home: Served, daemon: DeskDaemon) -> None:
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    desk = daemon.desk
    with ThreadPoolExecutor(1) as other:
        code = other.submit(desk.ask, "claim-code").result()["code"]
    context = browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        ignore_https_errors=True,
        has_touch=True,
        timezone_id="Europe/Berlin",
        locale="en-DE",
    )
    try:
        page = context.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        anna = Evening(page)
        page.goto(home.url(PARENT_AT, "/"))
        set_up(anna, code, daemon)
        assert anna.taps <= TAPS_MAX, anna.taps
        first_rules(anna, daemon)
        the_night(anna, daemon)
        child = context.new_page()
        child.goto(home.url(CHILD_AT, "/me"))
        mia = Evening(child)
        mia.shows("bedtime until 06:30")
        mia.shows("Nobody sees which sites you open.")
        expect(child.locator("main")).not_to_contain_text("something else")
        mia._pictures = anna._pictures
        mia.picture("the-childs-own-page")
        assert looks.violations(child) == [] and wrong == []
    finally:
        context.close()


def set_up(anna: Evening, code: str, daemon: DeskDaemon) -> None:
    """Claim the box, add Mia of seven, give her the tablet, try it."""
    desk, page = daemon.desk, anna.page
    anna.shows("Your home")
    expect(page.locator("#timezone")).to_have_value("Europe/Berlin")
    anna.picture("your-home")
    anna.tap("main form button")
    anna.shows("Code of the box")
    anna.write("#code", code)
    anna.write("#name", "Anna")
    anna.write("#password", PASSWORD)
    anna.picture("claim")
    anna.tap("main form button")
    anna.shows("Who lives here?")
    assert said(daemon, "accounts")["claimed"]
    # Nothing has stopped: what was in the house goes on.
    assert all(desk.routed(one) for one in (TABLET, PHONE_MAC, TV))
    anna.write("#name", "Mia")
    anna.tap(".chip:has(input[value='6-9'])")
    anna.picture("add-a-child")
    anna.tap("button[value=devices]")
    anna.shows("Whose is it?")
    anna.tap("section:has-text('mias-tablet') .chip:has-text('Mia')")
    anna.picture("whose-is-it")
    anna.tap("main form button.primary")
    anna.shows("Internet is off from 20:00 to 06:45")
    assert desk.leases().keys() == {TABLET}
    assert desk.routed(PHONE_MAC) and desk.routed(TV)
    anna.picture("rules-to-begin-with")
    anna.tap("main form button.primary")
    anna.shows("See it work")
    assert desk.routed(TABLET)
    anna.tap("button:has-text('Stop Mia')")
    anna.shows("internet is stopped until")
    assert not desk.routed(TABLET) and desk.routed(PHONE_MAC)
    anna.picture("trial")
    desk.later(121)
    assert desk.routed(TABLET)
    anna.tap("a:has-text('Done: to Home')")
    expect(page.locator("#name-mia")).to_be_visible()
    anna.picture("home")


def first_rules(anna: Evening, daemon: DeskDaemon) -> None:
    """Choose another band and a bedtime; pause and resume; allow a site."""
    desk, page = daemon.desk, anna.page
    page.goto(page.url.partition("/?")[0].rstrip("/") + "/settings/people/mia")
    anna.tap(".chip:has(input[value='10-12'])")
    anna.picture("choose-a-band")
    anna.tap("main form:has(.chip) button.primary")
    anna.shows("Saved for Mia.")
    person = desk.service.household.person("mia")
    assert person is not None and person.band == "10-12"
    anna.tap(".bottom a[href='/']")
    anna.tap("a.who[href='/child/mia']")
    anna.tap(".tabs a[href='/child/mia/schedule']")
    anna.tap("a[href*='id=bedtime-school']")
    page.fill("#start", "20:30")
    anna.picture("set-bedtime")
    anna.tap("button[value=save]")
    anna.shows("Saved: School nights 20:30 to 06:30.")
    anna.picture("bedtime-is-set")
    anna.tap(".bottom a[href='/']")
    anna.tap("button[aria-label='Pause for Mia until morning']")
    anna.shows("Paused for Mia until")
    assert not desk.routed(TABLET)
    anna.picture("paused")
    anna.tap("button[aria-label='Resume for Mia']")
    anna.shows("The pause has ended for Mia.")
    assert desk.routed(TABLET)
    allow_a_site(anna, daemon)


def allow_a_site(anna: Evening, daemon: DeskDaemon) -> None:
    """Let only chosen sites work, choose one, and open all the others again."""
    desk = daemon.desk

    def reaches() -> tuple[str, str]:
        found = said(daemon, "explain", device=tablet, name=SITE)["name"]
        return found["verdict"], found["reason"]

    anna.tap("a.who[href='/child/mia']")
    anna.tap(".tabs a[href='/child/mia/sites']")
    tablet = next(d.id for d in desk.service.household.devices if d.person == "mia")
    anna.tap("button[aria-label='Turn on: only chosen sites for Mia']")
    anna.shows("On: only starter packs and allowed sites work for Mia.")
    # Without a lease the kernel lets through what a chosen name led to.
    assert desk.leases() == {}
    assert reaches() == ("refuse", "NOT_ON_ALLOWLIST")
    anna.write("#name", SITE)
    anna.picture("allow-a-site")
    anna.tap("button[aria-label='Allow this site for Mia']")
    anna.shows(f"{SITE} is allowed")
    assert reaches()[0] == "allow"
    anna.write("#ask", SITE)
    anna.tap("main form:has(#ask) button.primary")
    expect(anna.page.locator("#answer")).to_be_visible()
    anna.picture("would-mia-reach-it")
    anna.tap("button[aria-label='Turn off: only chosen sites for Mia']")
    anna.shows("Off: all works that isn't blocked.")
    assert desk.leases().keys() == {TABLET}


def the_night(anna: Evening, daemon: DeskDaemon) -> None:
    """At the minute that was set, the tablet's lease ends, and Home says so."""
    desk = daemon.desk
    asked = desk.leases()[TABLET]
    left = (at("2026-03-04 20:30") - desk.moment.wall).total_seconds()
    # Leases are shorter than an evening and renewed on the way.
    assert 0 < asked <= left
    desk.later(left - 1)
    assert desk.routed(TABLET)
    desk.later(1)
    assert not desk.routed(TABLET)
    assert desk.routed(PHONE_MAC) and desk.routed(TV)
    anna.tap(".bottom a[href='/']")
    anna.shows("Bedtime until 06:30")
    anna.picture("bedtime")
