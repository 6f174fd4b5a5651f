"""Runs of days in words, and why a line of a calendar file was left out."""

from __future__ import annotations

import pytest

from guardian.core.errors import ControlError
from webui.words import days

NOW = "2026-03-04T19:30:00+01:00"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-04", "2026-03-04", "today"),
        ("2026-03-30", "2026-04-11", "30 March to 11 April"),
        ("2026-12-23", "2027-01-06", "23 December to 6 January 2027"),
    ],
)
def test_a_run_of_days(first: str, last: str, said: str) -> None:
    assert days.run({"first": first, "last": last}, NOW) == said


def test_what_was_left_out_names_its_line() -> None:
    known = days.skipped({"line": 14, "why": "not-whole-days"})
    assert known == "Line 14 was left out: it is not for whole days."
    assert days.skipped({"line": 2, "why": "new"}) == "Line 2 was left out (new)."


def test_problems_have_words() -> None:
    assert days.problem("first-missing") == "Choose the first day."


def test_refusals_say_what_is_still_in_force() -> None:
    said = days.refusal(ControlError("day-type-in-use", "camp"))
    assert "Nothing was changed; change that schedule first." in said
    assert "camp" not in said
    assert "Nothing was changed" in days.refusal(ControlError("on-trial"))
