"""App passwords: shown once, with what they may do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import Browser, application, words_of
from webui import passwords


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


def test_a_password_is_shown_once(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/programs")
    said = anna.send("/settings/programs", name="Home automation", scope="read")
    found = re.search(r"<code>home-automation\.(\S+)</code>", said)
    assert found is not None
    verb, by, args = daemon.changed[0]
    assert (verb, by) == ("key-set", "anna") and found[1] not in str(args)
    assert passwords.matches(found[1], args.pop("hash"))
    assert args == {"name": "Home automation", "scopes": ["read"]}
    assert found[1] not in anna.get("/settings/programs")


def test_a_program_without_name_or_scope(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/programs")
    said = anna.send("/settings/programs", name="", scope="everything")
    assert 'href="#name"' in said and 'href="#scope"' in said
    assert daemon.changed == []


def test_a_password_is_ended(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["accounts"]["keys"] = [
        {"id": "k1", "name": "Lights", "scopes": ["read"], "hash": ""}
    ]
    said = anna.get("/settings/programs")
    assert "Lights See who is online" in words_of(said)
    assert 'aria-label="End the password of Lights"' in said
    anna.send("/settings/programs/k1/drop")
    assert daemon.changed == [("key-drop", "anna", {"id": "k1"})]
