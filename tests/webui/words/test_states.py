"""Every reason has its sentence for parents, and for children of each age."""

from __future__ import annotations

import pytest

from guardian.core.model import Reason
from tests.fakes.family import MORNING, NOW, decision
from webui.words import states

# What a person as a whole can be in; the others are about single names.
OF_PEOPLE = (
    "PROTECTION_OFF PAUSED GRANT BEDTIME OFFLINE HOMEWORK BUDGET_USED CLOCK_UNKNOWN "
    "NEW_DEVICE EXEMPT DEFAULT"
).split()
BANDS = ("0-5", "6-9", "10-12", "13-15", "16-17", None)


@pytest.mark.parametrize("reason", OF_PEOPLE)
def test_a_parent_reads_what_and_until_when(reason: str) -> None:
    ends = states.parent_state(decision("refuse", reason, MORNING), NOW)
    never = states.parent_state(decision("refuse", reason, None), NOW)
    assert "%" not in ends + never and ends and never
    untimed = {"CLOCK_UNKNOWN", "NEW_DEVICE", "EXEMPT"}
    assert ("06:30" in ends) == (reason not in untimed)
    assert "06:30" not in never


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("reason", [r.value for r in Reason])
def test_a_child_reads_a_sentence_of_its_age(reason: str, band: str | None) -> None:
    for until in (MORNING, None):
        said = states.child_state(decision("refuse", reason, until), band, NOW)
        assert said and "%" not in said
        # Never blame, never "denied", never an error's tone.
        assert not any(w in said.lower() for w in ("denied", "forbidden", "violat"))


def test_the_youngest_read_the_fewest_words() -> None:
    for reason in ("PAUSED", "BEDTIME", "HOMEWORK", "BLOCKED_CATEGORY"):
        small, tall = (
            states.child_state(decision("refuse", reason, MORNING), band, NOW)
            for band in ("6-9", "13-15")
        )
        assert len(small) < len(tall)


def test_a_state_is_never_colour_alone() -> None:
    icons = {r: states.icon(decision("refuse", r, None)) for r in OF_PEOPLE}
    assert icons["PAUSED"] != icons["BEDTIME"] != icons["DEFAULT"]
    tones = [states.tone(decision(v, "DEFAULT", None)) for v in ("allow", "limit", "x")]
    assert tones == ["on", "part", "off"]
