"""The page about a closed name: what, why, until when; asking; names that are none."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes import family
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ANNA_AT, BEN_AT, MIA_AT, MORNING, STRANGER_AT
from tests.webui.areas.kid import device, words
from webui.daemon import Away

PAGE = "/blocked?site=pokerstars.com"


def because(reason: str, until: str | None = None, **more: Any) -> FakeDaemon:
    """Return a daemon that gives this reason for every name."""
    daemon = FakeDaemon()
    verdict = "allow" if reason in ("DEFAULT", "FLOOR") else "refuse"
    daemon.answers["why"] = lambda args: {
        "name": args["name"],
        "decision": family.decision(verdict, reason, until),
        "args": [],
        "lists": [],
        **more,
    }
    return daemon


@pytest.mark.parametrize(
    ("reason", "until", "says", "asks"),
    [
        ("BLOCKED_SITE", None, "A parent turned this site off. You can ask.", "site"),
        ("BLOCKED_CATEGORY", None, "This is off for you. Ask a parent if", "site"),
        (
            "BLOCKED_CATEGORY",
            MORNING,
            "if you think that's wrong. Until 06:30.",
            "site",
        ),
        ("NOT_ON_ALLOWLIST", None, "Only chosen sites work here.", "site"),
        ("BEDTIME", MORNING, "It's bedtime until 06:30. Good night! 11 h to", "time"),
        ("PAUSED", MORNING, "Internet is paused until 06:30.", "time"),
        ("HOMEWORK", MORNING, "Homework time until 06:30.", "time"),
        ("SAFETY_LIST", None, "This page can't be opened. If something worries", ""),
        ("CLOCK_UNKNOWN", None, "doesn't know the time yet. It's not your limit.", ""),
        ("DEFAULT", None, "Your rules let this site open.", ""),
        ("FLOOR", None, "Your rules let this site open.", ""),
    ],
)
def test_each_reason_in_its_own_sentence_and_what_can_be_asked(
    reason: str, until: str | None, says: str, asks: str
) -> None:
    shown = device(because(reason, until)).get(PAGE)
    assert shown.status_code == 200 and says in words(shown)
    assert ("Ask for this site" in words(shown)) == (asks == "site")
    assert ("Ask for time" in words(shown)) == (asks == "time")
    assert "116 111" in words(shown) and 'href="/me"' in shown.text


def test_the_kind_of_site_and_who_makes_the_list() -> None:
    daemon = because(
        "BLOCKED_CATEGORY",
        args=[["category", "gambling"], ["category", "short_video"]],
        lists=[{"label": "gambling", "list": "a-list"}],
    )
    said = words(device(daemon).get(PAGE))
    assert "It belongs to: Gambling, short video" in said
    assert "those who make the list can take it off: a-list" in said


def test_of_a_safety_list_nothing_more_is_told() -> None:
    said = words(device(because("SAFETY_LIST")).get(PAGE))
    assert "Is something wrong here?" not in said and "make the list" not in said


def test_the_youngest_see_a_picture() -> None:
    shown = device(because("BLOCKED_SITE"), BEN_AT).get(PAGE)
    assert "Not for you yet." in words(shown) and 'class="picture"' in shown.text


def test_the_request_is_filled_in_and_sent() -> None:
    daemon = because("BLOCKED_SITE")
    daemon.accepts["ask"] = {"id": "r2"}
    sent = device(daemon).post(
        PAGE, {"kind": "site", "site": "pokerstars.com", "text": "for school"}
    )
    assert (sent.status_code, sent.location) == (303, "/me")
    asked = {"address": MIA_AT, "kind": "site", "text": "for school"}
    assert daemon.changed == [("ask", "mia", {**asked, "site": "pokerstars.com"})]


def test_a_refused_request_keeps_page_and_words() -> None:
    daemon = because("BEDTIME", MORNING)
    daemon.refuses["ask"] = ControlError("ask-too-often", "30")
    shown = device(daemon).post(
        PAGE,
        {"kind": "time", "minutes": "15", "text": "one more", "site": "pokerstars.com"},
    )
    assert shown.status_code == 422
    assert words(shown).startswith("There is a problem One moment: you can ask again")
    assert "pokerstars.com didn't open" in words(shown)
    assert 'value="one more"' in shown.text


@pytest.mark.parametrize(
    "site", ["", "org", "%3Cscript%3Ealert(1)%3C/script%3E", "a" * 400, "..", "%00.org"]
)
def test_what_is_no_name_is_neither_asked_about_nor_shown(site: str) -> None:
    # `why` is not announced: to ask for it would fail the test.
    shown = device(FakeDaemon()).get(f"/blocked?site={site}")
    assert shown.status_code == 200
    assert "The name of the site is missing" in words(shown)
    assert "<script>alert" not in shown.text and "a" * 300 not in shown.text


def test_a_port_and_case_are_no_part_of_the_name() -> None:
    shown = device(because("BLOCKED_SITE")).get("/blocked?site=PokerStars.com:80")
    assert "pokerstars.com didn't open" in words(shown)


def test_a_reason_that_nobody_knows_is_told_so() -> None:
    daemon = FakeDaemon()
    daemon.answers["why"] = {"name": "", "decision": None, "args": [], "lists": []}
    assert "can't say why this site didn't open" in words(device(daemon).get(PAGE))
    daemon.refuses["why"] = ControlError("no-answer")
    assert "can't say why this site didn't open" in words(device(daemon).get(PAGE))


def test_with_the_daemon_away() -> None:
    daemon = FakeDaemon()
    daemon.away = Away(1.0)
    shown = device(daemon).get(PAGE)
    assert shown.status_code == 503
    assert "It's not your limit." in words(shown) and "116 111" in words(shown)
    assert "Mia" not in shown.text


def test_an_unassigned_and_an_adults_device() -> None:
    new = words(device(because("NEW_DEVICE"), STRANGER_AT).get(PAGE))
    assert "This device isn't set up yet. Ask a parent." in new
    assert "Ask for" not in new
    adult = words(device(because("DEFAULT"), ANNA_AT).get(PAGE))
    assert "Your rules let this site open." in adult and "Ask for" not in adult
