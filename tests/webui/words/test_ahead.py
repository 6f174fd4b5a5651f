"""What comes next, in words."""

from __future__ import annotations

import pytest

from tests.fakes.family import ASLEEP, BEDTIME, MORNING, NOW, ON, decision
from webui.words.ahead import next_change, still


@pytest.mark.parametrize(
    "reason, verdict, at, text",
    [
        ("BEDTIME", "refuse", BEDTIME, "Bedtime begins at 21:00, in 1 h 30 min."),
        ("HOMEWORK", "limit", BEDTIME, "Homework time begins at 21:00, in 1 h 30 min."),
        ("DEFAULT", "allow", MORNING, "Internet is back at 06:30, in 11 h."),
        ("SOMETHING", "refuse", MORNING, "The next change is at 06:30, in 11 h."),
        ("CLOCK_UNKNOWN", "refuse", MORNING, "Waiting for the right time."),
    ],
)
def test_next_change(reason: str, verdict: str, at: str, text: str) -> None:
    assert next_change({"at": at, "reason": reason, "verdict": verdict}, NOW) == text


def test_nothing_ahead() -> None:
    assert next_change(None, NOW) == "Nothing changes in the coming day."


def test_what_still_holds() -> None:
    assert still(ASLEEP, NOW) == "Bedtime is still on until 06:30."
    assert still(ON, NOW) is None
    assert still(decision("refuse", "BEDTIME", None), NOW) is None
