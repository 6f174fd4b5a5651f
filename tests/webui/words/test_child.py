"""A child's sentences: next, left, still, days, requests, and why asking failed."""

from __future__ import annotations

import pytest

from guardian.childview import sees_view
from tests.fakes import family
from webui.words import child

NOW = family.NOW


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("BEDTIME", "Bedtime starts at 21:00."),
        ("DEFAULT", "Internet is back at 21:00."),
        ("SOMETHING_NEW", "Your rules change at 21:00."),
    ],
)
def test_what_comes_next(reason: str, says: str) -> None:
    assert child.next_change({"at": family.BEDTIME, "reason": reason}, NOW) == says


def test_nothing_in_sight_is_no_sentence() -> None:
    assert child.next_change(None, NOW) == ""
    assert child.left(family.NO_LIMITS, NOW) == ""
    assert child.left(family.decision("allow", "DEFAULT", NOW), NOW) == ""


def test_what_works_is_told_once_and_in_words() -> None:
    always = [{"code": "always", "names": ["a.org", "b.org"]}]
    assert child.still(always) == [("check", "Sites that always work: a.org, b.org")]
    assert child.still([{"code": "always", "names": []}]) == []
    codes = [{"code": c} for c in ("help", "school", "learning", "never-heard-of")]
    assert child.still(codes) == [("heart", "Help lines"), ("book", "Sites for school")]


def test_days_of_windows() -> None:
    assert child.days(["school", "camp"], nights=True) == "Nights before school, camp"
    assert child.days(["holiday", "mon"], nights=False) == "Holidays, Mon"


TONIGHT = "2026-03-04T20:00:00+01:00"


@pytest.mark.parametrize(
    ("state", "site", "until", "says"),
    [
        ("open", None, None, "Sent. You'll see the answer here."),
        ("given", None, TONIGHT, "Yes! You have extra time until 20:00."),
        ("given", None, None, "Yes!"),
        ("given", "a.org", TONIGHT, "Yes! a.org works until 20:00."),
        ("given", "a.org", None, "Yes! a.org works for you."),
        ("given", None, "2026-03-04T19:00:00+01:00", "Yes, it was given until 19:00."),
        ("less", None, TONIGHT, "A bit less: extra time until 20:00."),
        ("less", "a.org", TONIGHT, "Yes, for a shorter time: until 20:00."),
        ("declined", None, None, "Not now."),
        ("ended", None, None, "The day is over, so this request has ended."),
    ],
)
def test_how_a_request_stands(
    state: str, site: str | None, until: str | None, says: str
) -> None:
    answer = None if state in ("open", "ended") else {"until": until}
    request = {"state": state, "site": site, "answer": answer}
    assert child.request_state(request, NOW).startswith(says)


def test_asking_too_often() -> None:
    assert "again in 1 min." in child.asking("ask-too-often", "12")
    assert "wait for an answer" in child.asking("ask-too-often", "mia")


def test_nothing_blames_or_threatens() -> None:
    said = " ".join(
        str(value)
        for table in (child._CLOSED, child._ASKING, child._STILL, child._SEES)
        for value in table.values()
    ).lower()
    for word in ("denied", "violation", "forbidden", "spy", "inappropriate", "offend"):
        assert word not in said


def test_a_greeting_for_each_age() -> None:
    assert child.greeting("Mia", "10-12") == "Hello Mia!"
    assert child.greeting("Mia", "16-17") == "Mia's rules"
    assert child.greeting("", None) == "Hello!"


@pytest.mark.parametrize("exempt", [True, False])
@pytest.mark.parametrize("is_child", [True, False])
def test_what_the_daemon_says_is_seen_has_words(is_child: bool, exempt: bool) -> None:
    """A sight without words would stand on top of the page as a warning."""
    for entry in sees_view(is_child, exempt):
        assert not child.observed(entry), entry
        assert "something else" not in child.sees(entry)
