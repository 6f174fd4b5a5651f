"""The table of verbs: what is refused, and that no argument breaks one."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardian.core.errors import ControlError, GuardianError
from guardian.verbs import WEB_ONLY
from guardian.verbs.dispatch import GROUPS, KINDS
from tests.steering import STRANGER, Desk
from tests.verbs.kit import MIA, refused

VERBS = sorted(v for group in GROUPS for v in group(cast(Any, None)).table())
# Whatever a client sends, every verb answers or refuses with a code.
WORDS = st.sampled_from(
    ["mia", "all", "anna", "tablet", "", "1h", "22:00", "bedtime", "morning", MIA,
     "allow", "block", "forget", "games", "default", "off", "none", "example.org",
     STRANGER, "2026-03-04", "2026-03-04T22:00", "0001-01-01", "9999-12-31T23:59+14:00",
     "{}", "homework", "\ud800", "99h9999m", "٣"]
)  # fmt: skip
VALUES = (
    WORDS
    | st.text(max_size=12)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.lists(st.integers() | WORDS, max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


def test_no_verb_is_in_two_groups() -> None:
    assert len(VERBS) == len(set(VERBS)) > 20


def test_verbs_of_the_pages_exist() -> None:
    assert WEB_ONLY <= set(VERBS)


def test_a_verb_nobody_knows(desk: Desk) -> None:
    for verb in ("sing", "_status", "x" * 999):
        with pytest.raises(ControlError, match="unknown-verb"):
            desk.ask(verb)


def test_an_argument_of_another_kind_is_refused(desk: Desk) -> None:
    assert refused(desk, "pause", person=7) == "bad-argument"
    assert refused(desk, "try", text="{}", timeout=True) == "bad-argument"
    assert refused(desk, "pause", person=None) == "needs-arguments"


def test_an_argument_nobody_knows_is_ignored(desk: Desk) -> None:
    assert desk.ask("people", of_tomorrow=7) == desk.ask("people")


@pytest.mark.parametrize("verb", VERBS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(args=st.dictionaries(st.sampled_from(sorted(KINDS)), VALUES, max_size=6))
def test_no_argument_breaks_a_verb(desk: Desk, verb: str, args: dict[str, Any]) -> None:
    if desk.service.trial is not None:
        desk.service.end_trial(keep=False, by="test")
    try:
        answer = asyncio.run(desk.verbs.handle(verb, args, "anna"))
    except GuardianError as error:
        assert error.code.replace("-", "").isalnum() and len(error.detail) <= 300
    else:
        json.dumps(answer)
