"""Home: what a parent sees and can do, in each state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import MORNING, PAUSED, decision
from tests.webui.areas.kit import family, visit, words
from tests.webui.browser import words_of
from webui.daemon import Away

Json = dict[str, Any]


def test_the_usual_evening(tmp_path: Path) -> None:
    text = words(visit(tmp_path, "/"))
    assert "1 of 2 children online · everything works · 1 new device" in text
    assert "Online · 1 h 30 min left Internet is on until 21:00" in text
    assert "Offline Bedtime until 06:30" in text
    assert "14 connections closed at 19:00 (IPv6: 5), 0 left." in text
    assert "Mia asks for something" in text
    assert "This box is the router" in text
    assert "Is it Mia's?" in text


def test_controls_say_for_whom(tmp_path: Path) -> None:
    html = visit(tmp_path, "/").text
    for label in (
        "Pause for Mia until morning",
        "+15 min for Ben",
        "Pause for Ben until this time",
        "Pause everyone until morning",
    ):
        assert f'aria-label="{label}"' in html


def test_nobody_yet(tmp_path: Path) -> None:
    text = words(visit(tmp_path, "/", family(people=[], unassigned=[])))
    assert "Who lives here?" in text and "Until then nothing is stopped." in text
    assert "Pause everyone" not in text


@pytest.mark.parametrize(
    "fields, text",
    [
        ({"clock_known": False}, "The router doesn't know the time yet."),
        ({"failsafe": True}, "Safe rules are on: bedtimes yes"),
        ({"trial": True}, "New rules are on trial."),
        ({"enforced": False}, "The last change wasn't applied."),
        ({"mode": "one-armed"}, "stands beside another router"),
        ({"mode": "access-point"}, "is an access point"),
    ],
)
def test_what_is_not_as_usual(tmp_path: Path, fields: Json, text: str) -> None:
    assert text in words(visit(tmp_path, "/", family(**fields)))


def test_all_is_well_only_when_it_is(tmp_path: Path) -> None:
    off = {"off_until": MORNING, "by": "anna"}
    for daemon in (family(clock_known=False), family(protection=off)):
        assert "everything works" not in words(visit(tmp_path, "/", daemon))


def test_away_is_said_and_controls_are_off(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    daemon.away = Away(0.0)
    browser = visit(tmp_path, "/", daemon)
    assert "Last update" in words(browser)
    assert "The router service stopped." in browser.text
    assert browser.text.count("<fieldset") == browser.text.count("disabled>") == 3


def test_pause_until_morning_is_one_tap(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    text = visit(tmp_path, "/", daemon).send("/pause/mia")
    assert "Paused for Mia until 06:30." in words_of(text)
    assert daemon.changed == [("pause", "anna", {"person": "mia"})]


def test_pause_chips_and_time(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    browser = visit(tmp_path, "/", daemon)
    browser.send("/pause/mia", **{"for": "2h"})
    browser.send("/pause/mia", until="20:15")
    assert "Everyone is paused until 06:30." in browser.send("/pause/all")
    assert [args for _, _, args in daemon.changed] == [
        {"person": "mia", "span": "2h"},
        {"person": "mia", "until": "20:15"},
        {"person": "all"},
    ]
    browser.send("/pause/mia", 400, **{"for": "9d"})


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "<b>"])
def test_a_time_that_is_none_is_kept_and_named(tmp_path: Path, typed: str) -> None:
    daemon = FakeDaemon()
    html = visit(tmp_path, "/", daemon).send("/pause/mia", 422, until=typed)
    assert 'href="#until">Write a time, such as 18:30.' in html
    assert 'aria-describedby="until-error"' in html and "<b>" not in html
    assert typed != "25:00" or 'value="25:00"' in html
    assert not daemon.changed


def test_a_time_the_daemon_refuses_is_named_too(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    daemon.refuses["pause"] = ControlError("not-ahead-within-7-days", "20:00")
    html = visit(tmp_path, "/", daemon).send("/pause/mia", 422, until="20:00")
    assert "within the coming seven days" in words_of(html)


def test_the_page_to_choose_how_long(tmp_path: Path) -> None:
    browser = visit(tmp_path, "/pause/mia")
    assert "Pause for Mia" in words(browser)
    assert "Every pause ends by itself." in words(browser)
    assert "Pause for everyone" in browser.get("/pause/all")
    browser.get("/pause/anna", 404)


def test_resume_says_what_still_holds(tmp_path: Path) -> None:
    pauses = [{"id": "p", "until": MORNING}]
    daemon = family({"decision": PAUSED, "pauses": pauses})
    browser = visit(tmp_path, "/", daemon)
    asleep = {"decision": decision("refuse", "BEDTIME", MORNING)}
    daemon.answers["overview"] = family(asleep).answers["overview"]
    assert (
        "The pause has ended for Mia. Bedtime is still on until 06:30. "
        "You can give extra time."
    ) in browser.send("/resume/mia")


def test_resume_of_everyone(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    for person in daemon.answers["overview"]["people"]:
        person |= {"decision": PAUSED, "pauses": [{"id": "p", "until": MORNING}]}
    browser = visit(tmp_path, "/", daemon)
    assert 'aria-label="Resume for Mia"' in browser.text
    assert 'aria-label="+15 min for Mia"' not in browser.text
    assert "The pause has ended for everyone." in browser.send("/resume/all")
    assert daemon.changed == [("resume", "anna", {"person": "all"})]


def test_extra_time_and_its_end(tmp_path: Path) -> None:
    until = "2026-03-04T21:15:00+01:00"
    daemon = family(
        {"decision": decision("allow", "GRANT", until), "grants": [{"until": until}]}
    )
    browser = visit(tmp_path, "/", daemon)
    assert "Extra time until 21:15" in words(browser)
    assert "Mia has extra time until 21:15." in browser.send("/grant/mia")
    daemon.accepts["grant"] = {"revision": 90, "enforced": True, "ended": 1}
    assert "Extra time has ended for Mia." in browser.send("/grant/mia/end")
    assert [args for _, _, args in daemon.changed] == [
        {"person": "mia", "span": "15m"},
        {"person": "mia", "off": True},
    ]


@pytest.mark.parametrize("minutes", ["0", "999", "x", "-5", "²"])
def test_odd_grants_are_refused(tmp_path: Path, minutes: str) -> None:
    daemon = FakeDaemon()
    visit(tmp_path, "/", daemon).send("/grant/mia", 400, minutes=minutes)
    assert not daemon.changed


@pytest.mark.parametrize(
    "verb, path",
    [("pause", "/pause/mia"), ("pause", "/pause/all"), ("grant", "/grant/ben")],
)
def test_a_refusal_is_said_where_the_tap_was(
    tmp_path: Path, verb: str, path: str
) -> None:
    daemon = FakeDaemon()
    browser = visit(tmp_path, "/", daemon)
    daemon.refuses[verb] = ControlError("on-trial")
    assert "Other rules are on trial right now." in browser.send(path)


@pytest.mark.parametrize(
    "verb, path", [("pause", "/pause/mia"), ("grant", "/grant/mia")]
)
def test_what_the_kernel_refused_is_not_called_done(
    tmp_path: Path, verb: str, path: str
) -> None:
    daemon = FakeDaemon()
    daemon.accepts[verb] = {"revision": 89, "enforced": False, "until": MORNING}
    text = words_of(visit(tmp_path, "/", daemon).send(path))
    assert "The change wasn't applied." in text


def test_undo_and_the_way_back(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    browser = visit(tmp_path, "/", daemon)
    browser.send("/pause/mia", back="//evil.example")
    assert browser.last and browser.last.request.path == "/"
    assert "Undone. It is as it was before." in browser.send("/undo/89")
    assert daemon.changed[-1] == ("undo", "anna", {"revision": 89})
