"""Backup: a file to keep, and back only after a look at what differs."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest

from guardian.core.errors import ControlError, Problem
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import DOCUMENT
from tests.webui.browser import Browser, application, words_of

PREVIEW, RESTORE = "/settings/backup/preview", "/settings/backup/restore"


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


def test_the_file_is_the_household(anna: Browser) -> None:
    text = anna.get("/settings/backup/household.json")
    assert json.loads(text) == DOCUMENT
    assert anna.last is not None
    assert (
        'filename="guardian-2026-03-04.json"'
        in anna.last.headers["Content-Disposition"]
    )


def test_a_look_before_anything_is_changed(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/backup")
    then = {**DOCUMENT, "people": DOCUMENT["people"][:1]}
    file = (BytesIO(json.dumps(then).encode()), "guardian.json")
    said = words_of(anna.send(PREVIEW, file=file))
    assert "People and their rules Anna goes" in said and daemon.changed == []
    text = json.dumps(then)
    said = words_of(anna.send(RESTORE, text=text))
    assert "The saved household is in force." in said
    assert daemon.changed == [("household-import", "anna", {"text": text})]


def test_a_copy_of_now_has_nothing_to_restore(anna: Browser) -> None:
    anna.get("/settings/backup")
    file = (BytesIO(json.dumps(DOCUMENT).encode()), "guardian.json")
    said = words_of(anna.send(PREVIEW, file=file))
    assert "Nothing: the copy says what is in force." in said


def test_another_file_is_told_at_its_field(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/backup")
    said = anna.send(PREVIEW, file=(BytesIO(b"holiday.jpg"), "holiday.jpg"))
    assert 'id="file-error"' in said and daemon.changed == []


def test_a_file_the_daemon_refuses(anna: Browser, daemon: FakeDaemon) -> None:
    problems = (Problem("people / mia", "bad-name", ""),)
    daemon.refuses["household-import"] = ControlError("invalid", "", problems)
    anna.get("/settings/backup")
    file = (BytesIO(b'{"schema": 1}'), "guardian.json")
    anna.send(PREVIEW, file=file)
    said = words_of(anna.send(RESTORE, text="{}"))
    assert "The file can't be used: people / mia. Nothing was changed." in said


def test_what_a_file_calls_somebody_is_text(anna: Browser) -> None:
    anna.get("/settings/backup")
    evil = {"schema": 1, "people": [{"id": "x", "name": "</textarea><script>x()"}]}
    file = (BytesIO(json.dumps(evil).encode()), "x.json")
    assert "<script>x()" not in anna.send(PREVIEW, file=file)
