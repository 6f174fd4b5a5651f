"""Help: for everybody, in every state, with lines to call."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import MIA_AT
from tests.webui.areas.kit import visit, words
from tests.webui.browser import Browser, application
from webui.views import home


def test_a_parent_keeps_the_frame(tmp_path: Path) -> None:
    browser = visit(tmp_path, "/help")
    assert 'class="bottom"' in browser.text
    assert "Your box is the router." in words(browser)


@pytest.mark.parametrize("http", [True, False])
def test_a_child_learns_nothing_of_the_household(tmp_path: Path, http: bool) -> None:
    browser = Browser(application(tmp_path), None, at=MIA_AT, http=http)
    browser.get("/help")
    assert "How it works" in words(browser) and "My page" in words(browser)
    for secret in ("Anna", "Ben", "Example family", 'class="bottom"', "Your box"):
        assert secret not in browser.text


def test_honest_limits(tmp_path: Path) -> None:
    text = words(visit(tmp_path, "/help", who=None))
    assert "Mobile data is outside" in text
    assert "Filters guarantee nothing." in text
    assert "Bedtimes and pauses hold all the same." in text
    assert not re.search(r"\b(spy|monitor|deny|offender|violation)\b", text, re.I)


def test_lines_can_be_called(tmp_path: Path) -> None:
    browser = visit(tmp_path, "/help", who=None)
    assert 'href="tel:116111"' in browser.text and 'href="tel:112"' in browser.text
    assert "the router doesn't note that you took it" in words(browser)


def test_it_is_there_when_the_daemon_is_not(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    app = application(tmp_path, daemon)
    parent, child = Browser(app), Browser(app, None, at=MIA_AT)
    for verb in ("overview", "me", "visitor"):
        daemon.refuses[verb] = ControlError("not-running")
    for browser in (parent, child):
        browser.get("/help")
        assert "If something worries you" in words(browser)
        assert 'class="call"' in browser.text
        assert "Turn the router off and on." in words(browser)


def test_what_banners_lead_to_is_there(tmp_path: Path) -> None:
    html = visit(tmp_path, "/help").text
    ids = set(re.findall(r'id="([a-z-]+)"', html))
    assert {*home._TOLD.values(), "trouble", "mode", "stopped"} <= ids
    assert set(re.findall(r'href="#([a-z-]+)"', html)) <= ids
