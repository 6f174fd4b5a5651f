"""What pages share: notices shown once, Undo with them, and failures in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import Browser, application, words_of


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


def test_a_notice_is_shown_once_with_its_undo(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get("/")
    said = anna.send("/pause/mia")
    assert "Paused for Mia until 06:30." in words_of(said) and "/undo/89" in said
    assert daemon.changed == [("pause", "anna", {"person": "mia"})]
    said = anna.send("/undo/89")
    assert "Undone." in words_of(said) and "/undo/" not in said
    assert "Undone." not in anna.get("/")


def test_what_is_not_enforced_is_never_told_as_done(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.accepts["pause"] = {"revision": 89, "enforced": False, "until": "x"}
    daemon.accepts["pause"]["until"] = "2026-03-05T06:30:00+01:00"
    anna.get("/")
    said = words_of(anna.send("/pause/mia"))
    assert "The change wasn't applied. Earlier rules are on." in said
    assert "Paused for" not in said


def test_earlier_rules_are_told_of_only_where_they_are_on(
    anna: Browser, daemon: FakeDaemon
) -> None:
    until = "2026-03-05T06:30:00+01:00"
    daemon.accepts["pause"] = {"revision": 89, "enforced": False, "until": until}
    lost = {"code": "rules-missing", "detail": "", "severity": "bad"}
    daemon.answers["overview"].update(enforced=False, health=[lost])
    anna.get("/")
    said = words_of(anna.send("/pause/mia"))
    assert "wasn't applied, and no rules are on right now." in said
    assert "Earlier rules are on" not in said
    assert "No rules are on right now" in said
    assert "Not confirmed: this may not be in force." in said


def test_a_refusal_is_told_in_words(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.refuses["pause"] = ControlError("no-such-person", "mia")
    anna.get("/")
    said = words_of(anna.send("/pause/mia"))
    assert "That person isn't there any more." in said and daemon.changed == []


@pytest.mark.parametrize("cookie", ["", "x", "e30.AAAA", '"a.b.c"', "é" * 40])
def test_a_forged_notice_is_none(anna: Browser, cookie: str) -> None:
    anna.client.set_cookie("notice", cookie, domain="guardian.home.arpa")
    assert 'class="notice' not in anna.get("/")


def test_a_way_back_is_one_of_ours(anna: Browser) -> None:
    anna.get("/")
    anna.send("/pause/mia", back="https://evil.example/")
    assert anna.last is not None and anna.last.request.path == "/"
