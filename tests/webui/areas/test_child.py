"""One child's pages: today, devices, privacy, the agreement on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import MORNING, STRANGER, decision
from tests.webui.areas.kit import family, visit, words
from tests.webui.browser import words_of
from webui.daemon import Away

Json = dict[str, Any]
PATHS = ("", "/devices", "/privacy", "/agreement")


def device(key: str, name: str, person: str) -> Json:
    seen = [{"last_seen": 1772648940}] if key == "tablet" else []
    return {"id": key, "name": name, "person": person, "seen": seen}


@pytest.fixture(name="daemon")
def _daemon() -> FakeDaemon:
    daemon = FakeDaemon()
    daemon.answers["devices"] = [
        device("tablet", "Mia's tablet", "mia"),
        device("phone-mia", "Mia's phone", "mia"),
        device("console", "Ben's console", "ben"),
    ]
    daemon.answers["sites"] = {
        "only": {"value": False},
        "safe_search": {"value": True},
        "youtube": {"value": "strict"},
        "access": [{"id": "adult", "access": "block"}],
        "block": [{"name": "example.net"}],
        "always": [{"name": "example.org"}],
    }
    daemon.answers["catalogue"] = lambda args: [
        {"id": "adult" if args["kind"] == "categories" else "x", "title": "For adults"}
    ]
    daemon.accepts["assign"] = {"revision": 89, "enforced": True, "device": "x"}
    return daemon


def test_today(tmp_path: Path) -> None:
    browser = visit(tmp_path, "/child/mia")
    text = words(browser)
    assert "Online · 1 h 30 min left" in text
    assert "Bedtime begins at 21:00, in 1 h 30 min." in text
    assert "now 21:00 Internet is on 21:00 06:30 Bedtime" in text
    assert "06:30 tomorrow, 21:00 Internet is on" in text
    assert "Minutes aren't counted" in text
    assert '<svg class="strip"' in browser.text
    assert ' style="' not in browser.text


def test_who_gave_what(tmp_path: Path) -> None:
    daemon, until = FakeDaemon(), "2026-03-04T21:15:00+01:00"
    whole = daemon.answers["person"]

    def of_person(args: Json) -> Json:
        given = {"id": "g", "until": until, "by": "tom", "why": "a film"}
        return {**whole(args), "grants": [given], "pauses": []}

    daemon.answers["person"] = of_person
    text = words(visit(tmp_path, "/child/mia", daemon))
    assert "Tom gave extra time until 21:15. “a film”" in text


def test_a_tap_leads_back_to_the_child(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    browser = visit(tmp_path, "/child/mia", daemon)
    assert "Paused for Mia until 06:30." in words_of(browser.send("/pause/mia"))
    assert browser.last and browser.last.request.path == "/child/mia"
    browser.send("/grant/mia", minutes="60")
    assert daemon.changed[-1][2]["until"] == "2026-03-04T22:00:00+01:00"


def test_without_a_device(tmp_path: Path, daemon: FakeDaemon) -> None:
    whole = daemon.answers["person"]
    daemon.answers["person"] = lambda args: {**whole(args), "devices": []}
    daemon.answers["devices"] = []
    browser = visit(tmp_path, "/child/mia", daemon)
    assert "Mia has no device yet. Choose one" in words(browser)
    browser.get("/child/mia/devices")
    assert "Mia has no device yet. Choose one below" in words(browser)
    assert "It's Mia's" in words(browser)


def test_nothing_known_of_the_day(tmp_path: Path, daemon: FakeDaemon) -> None:
    whole = daemon.answers["person"]
    daemon.answers["person"] = lambda args: {**whole(args), "day": [], "next": None}
    text = words(visit(tmp_path, "/child/mia", daemon))
    assert "Not known yet. Look again in a minute." in text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("person", ["anna", "nobody"])
def test_only_children_have_these_pages(
    tmp_path: Path, daemon: FakeDaemon, person: str, path: str
) -> None:
    visit(tmp_path, f"/child/{person}{path}", daemon, status=404)


def test_devices(tmp_path: Path, daemon: FakeDaemon) -> None:
    text = words(visit(tmp_path, "/child/mia/devices", daemon))
    assert "Mia's tablet Last seen 1 min ago" in text
    assert "Mia's phone Not seen yet" in text and "Ben's console" not in text
    assert "“iPhone” looks like this device with a new private address." in text


def test_a_new_address_is_answered(tmp_path: Path, daemon: FakeDaemon) -> None:
    browser = visit(tmp_path, "/child/mia/devices", daemon)
    text = browser.send("/child/mia/devices", same_as="phone-mia")
    assert "It is one device now, with the rules for Mia." in text
    assert daemon.changed == [
        ("assign", "anna", {"device": STRANGER["mac"], "same_as": "phone-mia"})
    ]


def test_a_new_device_is_given(tmp_path: Path, daemon: FakeDaemon) -> None:
    browser = visit(tmp_path, "/child/ben/devices", daemon)
    assert "Rules for Ben hold on it now." in browser.send("/child/ben/devices")
    assert daemon.changed[-1][2] == {"device": STRANGER["mac"], "person": "ben"}
    daemon.refuses["assign"] = ControlError("no-such-device", "x")
    assert "isn't there any more" in words_of(browser.send("/child/ben/devices"))


def test_privacy(tmp_path: Path) -> None:
    text = words(visit(tmp_path, "/child/mia/privacy"))
    assert "What Mia does online isn't recorded." in text
    assert "Sites and apps that are opened Nobody Not recorded" in text
    assert "There is no hidden mode." in text
    assert "minutes of each app and kind of site" in text


def test_the_agreement_says_the_rules(tmp_path: Path, daemon: FakeDaemon) -> None:
    browser = visit(tmp_path, "/child/mia/agreement", daemon)
    text = words(browser)
    assert "As the rules stand on 4 March 2026." in text
    assert "Bedtime: School nights 21:00 to 06:30" in text
    assert "Off for now: For adults, example.net." in text
    assert "Works at bedtime too: example.org." in text
    assert "YouTube is in its strictest mode." in text
    assert "Help lines and emergency calls always work" in text
    assert "Sites and apps that are opened Nobody" in text
    assert "Mia Anna Tom Date" in text
    assert "data-print" in browser.text and "use your browser's own menu" in text


def test_the_agreement_of_a_child_without_rules(
    tmp_path: Path, daemon: FakeDaemon
) -> None:
    whole = daemon.answers["person"]
    daemon.answers["person"] = lambda args: {**whole(args), "windows": []}
    open_sites = {**daemon.answers["sites"], "access": [], "block": [], "always": []}
    open_sites |= {"only": {"value": True}, "youtube": {"value": "moderate"}}
    daemon.answers["sites"] = {**open_sites, "safe_search": {"value": False}}
    text = words(visit(tmp_path, "/child/mia/agreement", daemon))
    assert "No bedtime is set." in text and "Nothing is off." in text
    assert "Only chosen sites work" in text and "moderate mode" in text
    assert "Search engines" not in text


def test_away(tmp_path: Path, daemon: FakeDaemon) -> None:
    daemon.away = Away(0.0)
    for path in ("", "/devices"):
        html = visit(tmp_path, f"/child/mia{path}", daemon).text
        assert "The router service stopped." in html
        assert html.count("disabled>") == 1


def test_paused(tmp_path: Path) -> None:
    paused = decision("refuse", "PAUSED", MORNING)
    daemon = family()
    whole = daemon.answers["person"]
    pauses = [{"id": "p", "until": MORNING, "by": "tom"}]
    daemon.answers["person"] = lambda args: {
        **whole(args),
        "decision": paused,
        "pauses": pauses,
    }
    browser = visit(tmp_path, "/child/mia", daemon)
    assert "Paused until 06:30" in words(browser)
    assert "Tom paused until 06:30." in words(browser)
    assert 'aria-label="Resume for Mia"' in browser.text
