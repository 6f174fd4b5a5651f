"""What a parent and a child do, by keyboard alone, before the daemon's own verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from guardian.core.model import Household
from guardian.store.data import load_bands
from guardian.verbs.accounts import prepare
from tests.browser.chromium import PHONE
from tests.browser.keys import Keys
from tests.browser.served import Served
from tests.build import home, mac
from tests.fakes.desk import DeskDaemon
from tests.fakes.family import ACCOUNTS
from tests.steering import sighting

PARENT_AT, CHILD_AT = "192.168.1.21", "192.168.1.20"
TABLET = mac(1)
PASSWORD = "three words together"
SITE = "example.org"
MakeHome = Callable[..., tuple[Served, DeskDaemon]]


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[MakeHome]:
    """Return a maker of served pages before a household of the tests."""
    made: list[Served] = []

    def make(household: Household, **fixed: Any) -> tuple[Served, DeskDaemon]:
        daemon = DeskDaemon(tmp_path, household, fixed=fixed)
        daemon.desk.world.owners = {CHILD_AT: TABLET}
        (tmp_path / "web").mkdir()
        made.append(Served(tmp_path / "web", daemon))
        return made[0], daemon

    yield make
    for one in made:
        one.close()


@pytest.fixture
def family(make_home: MakeHome) -> tuple[Served, DeskDaemon]:
    """Return Anna's family at noon: Mia's tablet is online."""
    return make_home(home(bands=load_bands()), accounts=ACCOUNTS)


@contextmanager
def keyed(
    browser: Browser, served: Served, path: str, who: str | None, at: str = PARENT_AT
) -> Iterator[Keys]:
    """Open a page in a small window with a keyboard."""
    context = browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        ignore_https_errors=True,
        locale="en-DE",
    )
    try:
        if who is not None:
            context.add_cookies(served.cookies(who))  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(served.url(at, path))
        yield Keys(page)
    finally:
        context.close()


def asked(daemon: DeskDaemon, verb: str, **args: Any) -> Any:
    """Run a verb; not in this thread, in which the browser's loop runs."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(daemon.call, verb, **args).result()


def test_set_up(browser: Browser, make_home: MakeHome) -> None:
    served, daemon = make_home(Household(claimed=False, bands=load_bands()))
    desk = daemon.desk
    desk.world.lan = [sighting(TABLET, hostname="tab", first_seen=1, last_seen=2)]
    prepare(desk.world.accounts, desk.moment.wall)
    with ThreadPoolExecutor(1) as other:
        code = other.submit(desk.ask, "claim-code").result()["code"]
    with keyed(browser, served, "/setup/", None) as anna:
        anna.enter("main form button")
        anna.write("#code", code)
        anna.write("#name", "Anna")
        anna.write("#password", PASSWORD)
        anna.enter("main form button")
        anna.shows("Who lives here?")
        anna.write("#name", "Mia")
        anna.choose("who", "10-12")
        anna.enter("button[value=devices]")
        anna.shows("Whose is it?")
        [device] = [d.id for d in desk.service.household.devices]
        anna.choose(f"who-{device}", "mia")
        anna.enter("main form button.primary")
        anna.shows("from 21:00 to 06:30")
        assert desk.leases().keys() == {TABLET}
        anna.enter("main form button.primary")
        anna.enter("main form button[aria-label*='Mia'], main .row .act button")
        anna.shows("internet is stopped until")
        assert not desk.routed(TABLET)
        anna.enter("main p > a.primary")
        expect(anna.page.locator("#name-mia")).to_be_visible()


def test_pause_and_grant(browser: Browser, family: tuple[Served, DeskDaemon]) -> None:
    served, daemon = family
    with keyed(browser, served, "/", "anna") as anna:
        anna.to("button[aria-label='Pause for Mia until morning']")
        anna.press("Space")
        anna.shows("Paused for Mia until")
        assert not daemon.desk.routed(TABLET)
        anna.enter("button[aria-label='Resume for Mia']")
        anna.shows("The pause has ended for Mia.")
        assert daemon.desk.routed(TABLET)
        # The clock opens what lies behind it; a time of one's own is typed.
        anna.enter("summary[aria-label='Pause Mia for …']")
        anna.enter("button[aria-label='Pause for Mia for 1 hour']")
        anna.shows("Paused for Mia until 13:00.")
        anna.enter("#notice button")
        anna.shows("Undone.")
        anna.enter("button[aria-label='+15 min for Mia']")
        anna.shows("Mia has extra time until")
        assert len(daemon.desk.service.household.grants) == 1


def test_request_and_answer(
    browser: Browser, family: tuple[Served, DeskDaemon]
) -> None:
    served, daemon = family
    with keyed(browser, served, "/me", None, CHILD_AT) as mia:
        mia.choose("minutes", "60")
        mia.write("#text", "a film")
        mia.press("Enter")
        mia.shows("a film")
        expect(mia.page.locator("#requests")).to_contain_text("1 h")
    with keyed(browser, served, "/", "anna") as anna:
        anna.enter(".bottom a[href='/requests']")
        anna.shows("a film")
        anna.enter("summary[aria-label='Not now, to Mia']")
        anna.write("input[name=words]", "after homework")
        anna.enter("button[aria-label='Say not now to Mia']")
        anna.shows("after homework")
    [request] = asked(daemon, "requests", all=True)
    assert (request["minutes"], request["state"]) == (60, "declined")
    daemon.desk.later(61)
    with keyed(browser, served, "/me", None, CHILD_AT) as mia:
        mia.shows("after homework")
        mia.enter("main form[action='/me'] button")
        expect(mia.page.locator("#requests")).to_contain_text("30 min")
    with keyed(browser, served, "/requests", "anna") as anna:
        anna.enter("button[name=give][value='30']")
        anna.shows("No requests")
    assert len(daemon.desk.service.household.grants) == 1


def test_schedule(browser: Browser, family: tuple[Served, DeskDaemon]) -> None:
    served, daemon = family
    with keyed(browser, served, "/", "anna") as anna:
        anna.enter("a.who[href='/child/mia']")
        anna.enter(".tabs a[href='/child/mia/schedule']")
        anna.enter("a[href*='id=bedtime-school']")
        anna.to("#start")
        # A field of hours and minutes takes digits, one part after the other.
        anna.page.keyboard.type("0830P")
        expect(anna.page.locator("#start")).to_have_value("20:30")
        anna.enter("button[value=preview]")
        anna.shows("It would be like this.")
        anna.enter("button[value=save]")
        anna.shows("Saved: School nights 20:30 to 06:30.")
    person = asked(daemon, "person", person="mia")
    [window] = [w for w in person["windows"] if w["id"] == "bedtime-school"]
    assert (window["start"], window["end"]) == ("20:30", "06:30")


def test_block_and_allow(browser: Browser, family: tuple[Served, DeskDaemon]) -> None:
    served, daemon = family

    def verdict() -> str:
        found = asked(daemon, "explain", device="tablet", name=SITE)
        return str(found["name"]["verdict"])

    with keyed(browser, served, "/child/mia/sites", "anna") as anna:
        anna.write("#name", SITE)
        anna.enter("button[aria-label='Block this site for Mia']")
        anna.shows(f"{SITE} is blocked")
        assert verdict() == "refuse"
        anna.write("#name", SITE)
        anna.enter("button[aria-label='Allow this site for Mia']")
        anna.shows(f"{SITE} is allowed")
        assert verdict() == "allow"
        # A tile of an app, inside a group that opens by Enter.
        anna.enter("#apps ~ form summary")
        tile = anna.page.locator("#apps ~ form details[open] .tile button").last
        label = tile.get_attribute("aria-label")
        anna.to(f'button[aria-label="{label}"]')
        anna.press("Space")
        expect(anna.page.locator("#notice")).to_contain_text("for Mia")
        anna.write("#ask", SITE)
        anna.press("Enter")
        expect(anna.page.locator("#answer")).to_be_visible()
