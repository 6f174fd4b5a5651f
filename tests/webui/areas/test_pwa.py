"""The app on a phone: for everybody, kept, and with nothing of anybody in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import HTTP, HTTPS, Browser, application, forms_of, words_of

PATHS = ("/manifest.webmanifest", "/sw.js", "/offline")


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def stranger(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon), None, at="203.0.113.9")


def fetched(browser: Browser, path: str, base: str = HTTPS) -> TestResponse:
    return browser.client.get(path, base_url=base)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("base", [HTTP, HTTPS])
def test_everybody_gets_it_and_may_keep_it(
    stranger: Browser, path: str, base: str
) -> None:
    answer = fetched(stranger, path, base)
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_without_a_daemon_it_is_there_too(
    stranger: Browser, daemon: FakeDaemon, path: str
) -> None:
    daemon.refuses["overview"] = ControlError("not-running")
    assert fetched(stranger, path).status_code == 200


def test_the_manifest_names_icons_that_exist(stranger: Browser) -> None:
    answer = fetched(stranger, "/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    made = answer.get_json(force=True)
    assert {icon["purpose"] for icon in made["icons"]} == {"any", "maskable"}
    for icon in made["icons"]:
        drawn = fetched(stranger, icon["src"])
        assert drawn.status_code == 200 and drawn.mimetype == icon["type"]


def test_from_plain_http_the_app_is_the_childs_page(stranger: Browser) -> None:
    for base, start in ((HTTP, "/me"), (HTTPS, "/")):
        made = fetched(stranger, "/manifest.webmanifest", base).get_json(force=True)
        assert made["start_url"] == start


def test_the_worker_keeps_what_exists_and_no_page_of_a_persons(
    stranger: Browser,
) -> None:
    answer = fetched(stranger, "/sw.js")
    assert answer.mimetype == "text/javascript"
    line = next(x for x in answer.text.splitlines() if x.startswith("const SHELL"))
    paths = line.split('"')[1::2]
    assert paths[0] == "/offline" and len(paths) == 5
    assert all(p == "/offline" or p.startswith("/static/") for p in paths)
    assert all(fetched(stranger, path).status_code == 200 for path in paths)


def test_the_worker_is_asked_for_anew_and_stays_while_nothing_changes(
    stranger: Browser,
) -> None:
    assert fetched(stranger, "/sw.js").text == fetched(stranger, "/sw.js").text
    assert fetched(stranger, "/sw.js").headers["Cache-Control"] == "no-cache"


def test_the_page_for_no_network_holds_nothing_of_a_signed_in_parent(
    tmp_path: Path, daemon: FakeDaemon
) -> None:
    anna = Browser(application(tmp_path, daemon))
    anna.get("/")
    anna.client.post(
        "/pause/mia",
        base_url=HTTPS,
        data=_form(anna, "/pause/mia"),
    )
    kept = fetched(anna, "/offline")
    assert "Can't reach your router. Are you on your home Wi-Fi?" in words_of(kept.text)
    assert "Mia" not in kept.text and "Paused" not in kept.text
    # What was to be told once is still to be told.
    assert "Paused for Mia" in words_of(anna.get("/"))


def _form(anna: Browser, action: str) -> dict[str, str]:
    found = next(form for form in forms_of(anna.text) if form["action"] == action)
    return dict(found["fields"])
