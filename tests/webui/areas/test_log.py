"""The family log: whole sentences, undo where it can be, why not where it can't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ACCOUNTS
from tests.webui.areas.kit import visit, words
from webui.daemon import Away

Json = dict[str, Any]


def entry(by: str, verb: str, undoable: bool, *changes: Json, **more: Any) -> Json:
    return {
        **{"at": "2026-03-04T19:12:00+01:00", "by": by, "verb": verb},
        **{"revision": 88, "undoable": undoable, "changes": list(changes)},
        **more,
    }


BLOCKED = {"place": "people/mia/block/example.net", "what": "added"}
ROBLOX = {"place": "people/mia/access/roblox", "what": "added", "after": '"block"'}
RENAMED = {"place": "devices/tablet/exempt", "what": "added", "after": "true"}
ENTRIES = [
    entry("anna", "site", True, BLOCKED, ROBLOX),
    entry("guardiand", "x", False, RENAMED),
    entry("root", "password-reset", False),
]


@pytest.fixture(name="daemon")
def _daemon() -> FakeDaemon:
    daemon = FakeDaemon()
    daemon.answers["log"] = ENTRIES
    daemon.answers["devices"] = [
        {"id": "tablet", "name": "Mia's tablet"},
        {"id": None, "name": "new"},
    ]
    daemon.answers["catalogue"] = [{"id": "roblox", "title": "Roblox"}]
    return daemon


def test_who_changed_what(tmp_path: Path, daemon: FakeDaemon) -> None:
    text = words(visit(tmp_path, "/log", daemon))
    assert "Today Anna 19:12" in text
    assert "example.net was blocked for Mia. Roblox is off for Mia now." in text
    assert "The router itself 19:12 Mia's tablet has no limits now." in text
    assert "By hand, at the router" in text
    assert "Can't be undone: it was changed again" in text
    assert "Can't be undone: who signs in is changed in Settings." in text


def test_undo_from_the_log(tmp_path: Path, daemon: FakeDaemon) -> None:
    browser = visit(tmp_path, "/log", daemon)
    assert 'aria-label="Undo: example.net was blocked for Mia."' in browser.text
    assert "Undone. It is as it was before." in browser.send("/undo/88")
    assert browser.last and browser.last.request.path == "/log"
    assert daemon.changed == [("undo", "anna", {"revision": 88})]


@pytest.mark.parametrize(
    "code, says",
    [
        ("undo-conflict", "This can't be undone: it was changed again since."),
        ("undo-gone", "This can't be undone any more"),
    ],
)
def test_undo_that_cannot_be(
    tmp_path: Path, daemon: FakeDaemon, code: str, says: str
) -> None:
    browser = visit(tmp_path, "/log", daemon)
    daemon.refuses["undo"] = ControlError(code, "people/mia")
    browser.send("/undo/88")
    assert says in words(browser)


def test_nothing_yet(tmp_path: Path, daemon: FakeDaemon) -> None:
    daemon.answers["log"] = []
    assert "No changes yet" in words(visit(tmp_path, "/log", daemon))


def test_older_changes(tmp_path: Path, daemon: FakeDaemon) -> None:
    asked = []

    def log(args: Json) -> list[Json]:
        asked.append(args["limit"])
        return ENTRIES[:1] * args["limit"]

    daemon.answers["log"] = log
    browser = visit(tmp_path, "/log", daemon)
    assert 'href="?all"' in browser.text
    assert 'href="?all"' not in browser.get("/log?all")
    assert asked == [50, 200]


def test_ids_do_where_names_are_not_known(tmp_path: Path, daemon: FakeDaemon) -> None:
    for verb in ("devices", "catalogue"):
        daemon.refuses[verb] = ControlError("no-answer")
    text = words(visit(tmp_path, "/log", daemon))
    assert "Tablet has no limits now." in text and "Roblox is off for Mia" in text


def test_both_parents_and_nobody_else(tmp_path: Path, daemon: FakeDaemon) -> None:
    carer = {**ACCOUNTS["accounts"][0], "id": "oma", "person": None, "role": "carer"}
    both = [*ACCOUNTS["accounts"], carer]
    daemon.answers["accounts"] = {**ACCOUNTS, "accounts": both}
    assert "example.net" in words(visit(tmp_path, "/log", daemon, who="tom"))
    visit(tmp_path, "/log", daemon, who="oma", status=403)


def test_away(tmp_path: Path, daemon: FakeDaemon) -> None:
    daemon.away = Away(0.0)
    html = visit(tmp_path, "/log", daemon).text
    assert '<fieldset class="held" disabled>' in html
