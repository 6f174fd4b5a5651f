from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.model import Decision, Reason, Verdict
from guardian.core.naming import Access, Judge, NameRules, wire_name
from guardian.front.policy import RuleSet

from .kit import HELP, OPEN, Lists, shared

BEDTIME = Decision(
    Verdict.REFUSE, Reason.BEDTIME, datetime(2026, 3, 29, 7, tzinfo=timezone.utc)
)
HOMEWORK = Decision(Verdict.LIMIT, Reason.HOMEWORK)
PAUSED = Decision(Verdict.REFUSE, Reason.PAUSED)
SHARED = shared()


def rule_set(rules: NameRules, **more: Any) -> RuleSet:
    return RuleSet(rules, SHARED, Lists(), verdicts=16, **more)


BLOCKING = NameRules(
    state=OPEN, access=(("adult", Access.BLOCK), ("games", Access.BLOCK))
)
NAMES = st.lists(
    st.sampled_from(
        [
            "www",
            "bad",
            "play",
            "learn",
            "wiki",
            "tool",
            "push",
            "probe",
            "help",
            "x",
            "seek",
            "raw",
            "tube",
            "mine",
            "theirs",
            "test",
            "lan",
            "onion",
            "org",
        ]
    ),
    min_size=1,
    max_size=5,
).map(".".join)


@given(
    NAMES,
    st.sampled_from([OPEN, BEDTIME, HOMEWORK, PAUSED]),
    st.booleans(),
    st.sets(st.sampled_from(["adult", "games"])),
    st.booleans(),
)
def test_the_fast_way_says_what_the_judge_says(
    name: str, state: Decision, only: bool, labels: set[str], safe: bool
) -> None:
    rules = NameRules(
        state=state,
        allow=frozenset({"mine.test"}),
        block=frozenset({"theirs.test", "x.mine.test"}),
        always=frozenset({"play.test"}),
        only=only,
        packs=frozenset({"school"}),
        access=tuple((label, Access.BLOCK) for label in sorted(labels)),
        safe_search=safe,
    )
    fast, wire = rule_set(rules), wire_name(name)
    expected = Judge(rules, SHARED, Lists()).judge(wire)
    assert fast.decide(wire) == expected
    # Again, from memory; and another name of the same kind before it.
    fast.decide(wire_name("other.test"))
    assert fast.decide(wire) == expected


def test_the_lists_are_not_asked_when_time_decides() -> None:
    lists = Lists()
    closed = RuleSet(replace(BLOCKING, state=BEDTIME), SHARED, lists, verdicts=4)
    assert closed.decide(wire_name("www.bad.test")).reason is Reason.BEDTIME
    assert lists.asked == 0


def test_a_shared_ruling_for_names_that_only_lists_know() -> None:
    rules = rule_set(BLOCKING)
    first = rules.quick(wire_name("a.bad.test"))
    assert first is not None and first.refused
    assert rules.quick(wire_name("b.bad.test")) is first
    assert rules.quick(wire_name("www.wiki.test")) is None
    assert rules.quick(wire_name("printer")) is None
    assert rules.quick(b"\0") is None


def test_own_names_take_the_slow_way() -> None:
    rules = rule_set(BLOCKING, own=frozenset({wire_name("box.test")}))
    assert rules.quick(wire_name("www.box.test")) is None


@pytest.mark.parametrize(
    "asked, target, reason",
    [
        ("www.test", "cdn.bad.test", Reason.BLOCKED_CATEGORY),
        ("www.test", "cdn.theirs.test", Reason.BLOCKED_SITE),
        ("www.test", "cdn.test", None),
        # A parent's word, the floor, and for lists the soft floor go through.
        ("a.mine.test", "cdn.bad.test", None),
        ("a.mine.test", "cdn.theirs.test", None),
        (HELP, "cdn.bad.test", None),
        ("probe.test", "cdn.bad.test", None),
        ("wiki.test", "cdn.bad.test", None),
        ("wiki.test", "cdn.theirs.test", Reason.BLOCKED_SITE),
    ],
)
def test_aliases(asked: str, target: str, reason: Reason | None) -> None:
    rules = rule_set(
        replace(
            BLOCKING, allow=frozenset({"mine.test"}), block=frozenset({"theirs.test"})
        )
    )
    found = rules.refused_alias(
        rules.decide(wire_name(asked)), (wire_name("x.test"), wire_name(target))
    )
    assert (found and found.reason) == reason


def test_aliases_of_open_names_are_not_refused_by_time_or_mode() -> None:
    for rules in (
        NameRules(state=BEDTIME, always=frozenset({"music.test"})),
        NameRules(state=HOMEWORK),
        NameRules(state=OPEN, only=True, packs=frozenset({"school"})),
    ):
        known = rule_set(rules)
        for name in ("music.test", "learn.test"):
            decision = known.decide(wire_name(name))
            if decision.verdict is Verdict.ALLOW:
                assert known.refused_alias(decision, (wire_name("cdn.test"),)) is None


def test_a_learning_name_leads_to_nothing_that_is_blocked() -> None:
    known = rule_set(replace(BLOCKING, state=HOMEWORK))
    decision = known.decide(wire_name("learn.test"))
    assert decision.verdict is Verdict.ALLOW
    refused = known.refused_alias(decision, (wire_name("www.bad.test"),))
    assert refused is not None and refused.reason is Reason.BLOCKED_CATEGORY


def test_clear() -> None:
    rules = rule_set(BLOCKING)
    first = rules.quick(wire_name("a.bad.test"))
    rules.packets.put(b"x", (1.0, b"y", 0, None))
    rules.clear()
    assert len(rules.packets) == 0 and rules.quick(wire_name("a.bad.test")) is not first
