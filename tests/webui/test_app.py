"""The application as a whole: wiring, languages, tags for polls, errors in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import Browser, application, words_of
from webui.app import create_app
from webui.daemon import Away
from webui.settings import Settings


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


def test_an_unchanged_page_is_told_so(anna: Browser) -> None:
    anna.get("/")
    assert anna.last is not None
    tag = anna.last.headers["ETag"]
    anna.get("/", 304, headers={"If-None-Match": tag})
    assert anna.text == ""


def test_language_and_direction_stand_on_the_page(anna: Browser) -> None:
    assert '<html lang="en" dir="ltr">' in anna.get("/")


def test_no_such_page(anna: Browser) -> None:
    said = words_of(anna.get("/nowhere", 404))
    assert "There is no such page." in said and "Nothing was changed" in said


def test_a_refusal_of_the_daemon_is_no_stack_trace(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["overview"] = ControlError("odd", "secret")
    said = anna.get("/", 409)
    assert "Traceback" not in said and "secret" not in said


def test_without_a_daemon_and_without_memory(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.refuses["overview"] = ControlError("not-running")
    assert "doesn't answer right now" in words_of(anna.get("/", 503))


def test_while_the_daemon_is_away_pages_stay_readable(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.away = Away(0.0)
    said = anna.get("/")
    assert "The router service stopped." in said and "Mia" in words_of(said)


def test_a_fault_shows_nothing_and_logs_a_place_only(
    tmp_path: Path, daemon: FakeDaemon, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Settings(state_dir=tmp_path), daemon)
    anna = Browser(app)

    def broken(args: object) -> object:
        raise ZeroDivisionError("mia looked at example.org")

    daemon.answers["overview"] = broken
    # The gate asks nothing of it; the page does.
    said = anna.get("/", 500)
    assert "Something went wrong" in said and "ZeroDivision" not in said
    assert "ZeroDivisionError at " in caplog.text
    assert "example.org" not in caplog.text
