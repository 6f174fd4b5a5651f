"""The page of requests: what is open, one tap, a no with words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import (
    ACCOUNTS,
    ANSWERED,
    BEDTIME,
    MORNING,
    NOW,
    PAUSED,
    REQUEST,
)
from tests.webui.areas.kit import family, visit, words
from tests.webui.browser import words_of
from webui.daemon import Away

Json = dict[str, Any]
SITE = {**REQUEST, "kind": "site", "minutes": None, "site": "example.org"}


def answers(daemon: FakeDaemon, state: str, **answer: Any) -> None:
    """Let the daemon take the answer to the first request."""
    given = {"by": "anna", "at": NOW, "words": "", "until": None, "minutes": None}
    request = {**daemon.answers["requests"][0], "state": state}
    daemon.accepts["answer"] = {
        "revision": 89,
        "enforced": True,
        "request": {**request, "answer": {**given, **answer}},
    }


def test_open_first_then_what_was_answered(tmp_path: Path) -> None:
    text = words(visit(tmp_path, "/requests"))
    assert "Mia asks for 30 minutes. 4 min ago “homework video”" in text
    assert "15 min 30 min Until bedtime Not now" in text
    assert "Mia asked for scratch.mit.edu. for school Tom allowed" in text
    assert text.index("asks for") < text.index("Answered lately")


def test_nothing_asked(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    daemon.answers["requests"] = []
    text = words(visit(tmp_path, "/requests", daemon))
    assert "No requests Children ask from their My-time page." in text
    assert "Nothing in the last day." in text


def test_one_tap_gives_time(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    answers(daemon, "given", until=BEDTIME, minutes=30)
    browser = visit(tmp_path, "/requests", daemon)
    text = words_of(browser.send("/requests/r1", give="30"))
    assert "Mia has extra time until 21:00." in text and "Undo" in text
    assert daemon.changed == [("answer", "anna", {"id": "r1", "give": 30})]
    assert 'aria-label="15 min for Mia"' in browser.text


def test_a_site_is_opened_or_allowed(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    daemon.answers["requests"] = [SITE]
    answers(daemon, "given")
    browser = visit(tmp_path, "/requests", daemon)
    text = browser.send("/requests/r1", give="always")
    assert "example.org is allowed for Mia." in text
    assert daemon.changed[-1][2] == {"id": "r1", "give": "always"}


def test_a_no_has_words(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    answers(daemon, "declined", words="After homework.")
    browser = visit(tmp_path, "/requests", daemon)
    text = words_of(browser.send("/requests/r1", words="  After   homework. "))
    assert "You said not now. Mia sees your words." in text
    assert "Undo" not in text
    assert daemon.changed[-1][2] == {"id": "r1", "words": "After homework."}


@pytest.mark.parametrize("typed, says", [(" ", "a no needs"), ("x" * 81, "at most 80")])
def test_words_are_kept_and_named(tmp_path: Path, typed: str, says: str) -> None:
    daemon = FakeDaemon()
    browser = visit(tmp_path, "/requests", daemon)
    html = browser.send("/requests/r1", 422, words=typed)
    assert 'href="#words-r1"' in html and says in html
    assert 'aria-describedby="words-r1-error"' in html and "<details open>" in html
    assert not typed.strip() or f'value="{typed}"' in html
    assert not daemon.changed


def test_the_other_parent_was_first(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    browser = visit(tmp_path, "/requests", daemon)
    daemon.refuses["answer"] = ControlError("already-answered", "tom")
    text = browser.send("/requests/r1", give="15")
    assert "Already answered by Tom. Nothing was changed." in text


@pytest.mark.parametrize(
    "error, says",
    [
        (ControlError("pause-holds", MORNING), "A pause is on until 06:30"),
        (ControlError("pause-holds", "?"), "A pause is on, and extra time lifts none."),
        (ControlError("request-ended"), "has ended with its day"),
        (ControlError("no-such-request", "r1"), "isn't there any more"),
    ],
)
def test_refusals(tmp_path: Path, error: ControlError, says: str) -> None:
    daemon = FakeDaemon()
    browser = visit(tmp_path, "/requests", daemon)
    daemon.refuses["answer"] = error
    assert says in words_of(browser.send("/requests/r1", give="15"))


def test_what_no_button_gives_is_refused(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    visit(tmp_path, "/requests", daemon).send("/requests/r1", 400, give="forever")
    assert not daemon.changed


def test_a_paused_child_is_resumed_first(tmp_path: Path) -> None:
    daemon = family({"decision": PAUSED, "pauses": [{"id": "p", "until": MORNING}]})
    text = words(visit(tmp_path, "/requests", daemon))
    assert "A pause is on for Mia. Extra time doesn't lift it." in text
    assert "Resume" in text and "15 min" not in text


def test_a_carer_gives_time_and_changes_no_rules(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    carer = {**ACCOUNTS["accounts"][0], "id": "oma", "person": None, "role": "carer"}
    daemon.answers["accounts"] = {
        **ACCOUNTS,
        "accounts": [*ACCOUNTS["accounts"], carer],
    }
    daemon.answers["requests"] = [SITE, ANSWERED]
    browser = visit(tmp_path, "/requests", daemon, who="oma")
    assert "1 hour Tonight Not now" in words(browser)
    browser.send("/requests/r1", 400, give="always")
    assert not daemon.changed


def test_away(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    daemon.away = Away(0.0)
    assert (
        '<fieldset class="held" disabled>' in visit(tmp_path, "/requests", daemon).text
    )


def test_words_of_children_are_no_marks(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    daemon.answers["requests"] = [{**REQUEST, "text": "<script>alert(1)</script>"}]
    html = visit(tmp_path, "/requests", daemon).text
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html
