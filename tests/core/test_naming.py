"""One name judged: each row beats the rows below it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from itertools import combinations

import pytest

from guardian.core.catalogue import Catalogue, Category, Engine, Pack, Service, Tiers
from guardian.core.model import Decision, Reason, Verdict
from guardian.core.naming import (
    Access,
    Judge,
    NameDecision,
    NameRules,
    YouTube,
    longest,
    shared_names,
    wire_name,
    wire_names,
)

UNTIL = datetime(2026, 3, 28, 6, 0, tzinfo=timezone.utc)
OPEN = Decision(Verdict.ALLOW, Reason.DEFAULT)
BEDTIME = Decision(Verdict.REFUSE, Reason.BEDTIME, UNTIL, (("window", "bedtime"),))
PAUSED = Decision(Verdict.REFUSE, Reason.PAUSED, UNTIL)
OFF = Decision(Verdict.ALLOW, Reason.PROTECTION_OFF, UNTIL, (("by", "anna"),))
HOMEWORK = Decision(Verdict.LIMIT, Reason.HOMEWORK, UNTIL)

CATALOGUE = Catalogue(
    categories=(
        Category(id="adult", title="Adult", contains="", harm=True),
        Category(id="games", title="Games", contains=""),
        Category(id="unsafe_search", title="", contains="", harm=True),
    ),
    services=(
        Service(id="play", title="Play", group="games", domains=(), source="own"),
    ),
    packs=(
        Pack(id="school", title="", why="", names=("school.test",), learning=True),
        Pack(id="tales", title="", why="", names=("tales.test",)),
    ),
    tiers=Tiers(
        technical=("probe.test",),
        system=("push.test",),
        soft=("advice.test",),
        guard=("chess.test",),
    ),
    engines=(
        Engine(
            id="find",
            title="Find",
            names=("www.find.test",),
            targets=("safe.find.test",),
            refused=("lite.find.test",),
        ),
    ),
    youtube=(
        ("strict", Engine(id="yt", title="", names=("www.tube.test",))),
        ("moderate", Engine(id="ytm", title="", names=("www.tube.test",))),
    ),
)
SHARED = shared_names(CATALOGUE, ["help.test"])
LABELS = ("adult", "games", "play", "unsafe_search")
LISTED = {
    "porn.test": {"adult"},
    "advice.test": {"adult"},
    "push.test": {"adult"},
    "help.test": {"adult"},
    "probe.test": {"adult"},
    "chess.test": {"games", "adult"},
    "play.test": {"games", "play"},
    "puzzle.test": {"games"},
    "school.test": {"games"},
    "play.school.test": {"play"},
}


class Lists:
    """The index, by plain sets."""

    def mask(self, wire: bytes) -> int:
        found = 0
        for name, labels in LISTED.items():
            if longest(wire, wire_names([name])):
                found |= self.mask_of(labels)
        return found

    def mask_of(self, labels: Iterable[str]) -> int:
        return sum(1 << LABELS.index(label) for label in set(labels))

    def labels_of(self, mask: int) -> tuple[str, ...]:
        return tuple(x for n, x in enumerate(LABELS) if mask >> n & 1)


def access(**said: str) -> tuple[tuple[str, Access], ...]:
    return tuple(sorted((label, Access(value)) for label, value in said.items()))


def judge(name: str, rules: NameRules) -> NameDecision:
    return Judge(rules, SHARED, Lists()).judge(wire_name(name))


def reason(name: str, rules: NameRules) -> tuple[str, str]:
    decision = judge(name, rules)
    return decision.verdict.value, decision.reason.value


ALL = access(adult="block", games="block", play="block", unsafe_search="block")


def test_what_nobody_names_is_open_without_reach() -> None:
    assert judge("x.test", NameRules(state=OPEN, access=ALL)) == NameDecision(
        Verdict.ALLOW, Reason.DEFAULT
    )


@pytest.mark.parametrize("state", [OPEN, BEDTIME, PAUSED, HOMEWORK])
def test_help_is_open_in_every_state_and_silent(state: Decision) -> None:
    rules = NameRules(
        state=state, access=ALL, block=frozenset({"help.test"}), only=True
    )
    decision = judge("help.test", rules)
    assert decision.verdict is Verdict.ALLOW and decision.reason is Reason.FLOOR
    assert decision.silent and decision.reach
    # Exact: what is below may be another's.
    assert judge("x.help.test", rules).reason is not Reason.FLOOR


def test_help_and_what_always_works_are_reached_beyond_the_lease() -> None:
    rules = NameRules(state=OPEN, always=frozenset({"porn.test"}), access=ALL)
    assert judge("help.test", rules).reach
    assert judge("porn.test", rules) == NameDecision(
        Verdict.ALLOW, Reason.ALWAYS_WORKS, matched="porn.test", reach=True
    )


@pytest.mark.parametrize("state", [OPEN, BEDTIME, PAUSED, HOMEWORK])
def test_technical_names_are_answered_and_open_no_address(state: Decision) -> None:
    decision = judge("a.probe.test", NameRules(state=state, access=ALL))
    assert decision.verdict is Verdict.ALLOW and decision.silent
    assert not decision.reach


def test_time_refuses_with_its_reason_and_end() -> None:
    rules = NameRules(state=BEDTIME, allow=frozenset({"x.test"}))
    assert judge("x.test", rules) == NameDecision(
        Verdict.REFUSE, Reason.BEDTIME, (("window", "bedtime"),), UNTIL
    )


def test_what_always_works_passes_bedtime_and_homework_but_no_pause() -> None:
    for state in (BEDTIME, HOMEWORK):
        rules = NameRules(state=state, always=frozenset({"music.test"}))
        decision = judge("a.music.test", rules)
        assert decision.verdict is Verdict.ALLOW and decision.reach
        assert decision.reason is Reason.ALWAYS_WORKS
    rules = NameRules(
        state=BEDTIME,
        always=frozenset({"music.test"}),
        block=frozenset({"chat.music.test"}),
    )
    assert reason("chat.music.test", rules) == ("refuse", "BEDTIME")
    rules = NameRules(state=PAUSED, always=frozenset({"music.test"}))
    assert reason("music.test", rules) == ("refuse", "PAUSED")


def test_homework_opens_learning_and_reaches_for_it() -> None:
    rules = NameRules(state=HOMEWORK)
    decision = judge("www.school.test", rules)
    assert decision.verdict is Verdict.ALLOW and decision.reach
    assert reason("tales.test", rules) == ("refuse", "HOMEWORK")
    assert reason("x.test", rules) == ("refuse", "HOMEWORK")


def test_the_rows_below_hold_during_homework_too() -> None:
    rules = NameRules(state=HOMEWORK, block=frozenset({"school.test"}))
    assert reason("school.test", rules) == ("refuse", "BLOCKED_SITE")
    rules = NameRules(state=HOMEWORK, access=access(play="block"))
    assert judge("play.school.test", rules).args == (("service", "play"),)


def test_homework_opens_learning_whatever_kind_of_site_it_is_beside() -> None:
    games = access(games="block")
    assert reason("school.test", NameRules(state=HOMEWORK, access=games))[0] == "allow"
    assert reason("school.test", NameRules(state=OPEN, access=games))[0] == "refuse"


def test_the_longer_rule_of_a_parent_wins_and_the_stricter_at_a_tie() -> None:
    rules = NameRules(
        state=OPEN,
        allow=frozenset({"a.b.test", "c.test"}),
        block=frozenset({"b.test", "x.a.b.test", "c.test"}),
    )
    assert reason("a.b.test", rules) == ("allow", "ALLOWED_SITE")
    assert reason("b.test", rules) == ("refuse", "BLOCKED_SITE")
    assert reason("x.a.b.test", rules) == ("refuse", "BLOCKED_SITE")
    assert reason("c.test", rules) == ("refuse", "BLOCKED_SITE")
    # A label is whole or not at all.
    assert reason("ab.test", rules) == ("allow", "DEFAULT")


def test_a_parents_allow_opens_a_category_and_a_block_the_soft_floor() -> None:
    rules = NameRules(
        state=OPEN,
        access=ALL,
        allow=frozenset({"porn.test"}),
        block=frozenset({"advice.test"}),
    )
    assert reason("porn.test", rules) == ("allow", "ALLOWED_SITE")
    assert reason("advice.test", rules) == ("refuse", "BLOCKED_SITE")


def test_allow_list_mode_opens_packs_and_own_names_by_reach() -> None:
    rules = NameRules(
        state=OPEN, only=True, packs=frozenset({"tales"}), allow=frozenset({"o.test"})
    )
    for name in ("tales.test", "www.o.test"):
        decision = judge(name, rules)
        assert decision.verdict is Verdict.ALLOW and decision.reach, name
    for name in ("school.test", "advice.test", "x.test"):
        assert reason(name, rules) == ("refuse", "NOT_ON_ALLOWLIST")


def test_no_list_takes_what_children_have_a_right_to() -> None:
    rules = NameRules(state=OPEN, access=ALL)
    assert reason("advice.test", rules) == ("allow", "SOFT_FLOOR")
    assert reason("a.push.test", rules) == ("allow", "SOFT_FLOOR")


def test_categories_and_services_say_which() -> None:
    decision = judge("a.porn.test", NameRules(state=OPEN, access=ALL))
    assert decision.args == (("category", "adult"),)
    rules = NameRules(state=OPEN, access=access(play="block"))
    assert judge("play.test", rules).args == (("service", "play"),)
    assert reason("puzzle.test", rules) == ("allow", "DEFAULT")


def test_a_service_said_to_be_open_passes_its_blocked_category() -> None:
    for word in ("allow", "limit"):
        rules = NameRules(state=OPEN, access=access(games="block", play=word))
        assert reason("play.test", rules) == ("allow", "DEFAULT")
        assert reason("puzzle.test", rules) == ("refuse", "BLOCKED_CATEGORY")


def test_school_tools_are_immune_to_harm_and_not_to_taste() -> None:
    harm = NameRules(state=OPEN, access=access(adult="block"))
    assert reason("chess.test", harm) == ("allow", "DEFAULT")
    taste = NameRules(state=OPEN, access=access(games="block"))
    assert judge("chess.test", taste).args == (("category", "games"),)


def test_safe_search_stands_in_and_refuses_what_has_no_safe_mode() -> None:
    safe = NameRules(state=OPEN, safe_search=True)
    assert reason("lite.find.test", safe) == ("refuse", "BLOCKED_CATEGORY")
    engine = Judge(safe, SHARED, Lists()).engine(wire_name("www.find.test"))
    assert engine is not None and engine.targets == ("safe.find.test",)
    plain = Judge(NameRules(state=OPEN), SHARED, Lists())
    assert plain.engine(wire_name("www.find.test")) is None
    assert reason("lite.find.test", NameRules(state=OPEN)) == ("allow", "DEFAULT")
    let = NameRules(state=OPEN, safe_search=True, access=access(unsafe_search="allow"))
    assert reason("lite.find.test", let) == ("allow", "DEFAULT")


def test_youtube_has_a_mode_of_its_own() -> None:
    for mode, expected in (("strict", "yt"), ("moderate", "ytm")):
        rules = NameRules(state=OPEN, youtube=YouTube(mode))
        engine = Judge(rules, SHARED, Lists()).engine(wire_name("www.tube.test"))
        assert engine is not None and engine.id == expected
    off = Judge(NameRules(state=OPEN), SHARED, Lists())
    assert off.engine(wire_name("www.tube.test")) is None


# Each row's own way of deciding about one name, from the top of the table down.
_ROWS: list[tuple[str, dict[str, object]]] = [
    ("PROTECTION_OFF", {"state": OFF}),
    ("PAUSED", {"state": PAUSED}),
    ("BEDTIME", {"state": BEDTIME}),
    ("BLOCKED_SITE", {"block": frozenset({"porn.test"})}),
    ("NOT_ON_ALLOWLIST", {"only": True}),
    ("BLOCKED_CATEGORY", {"access": ALL}),
]


@pytest.mark.parametrize("upper, lower", list(combinations(range(len(_ROWS)), 2)))
def test_of_two_rows_the_upper_decides(upper: int, lower: int) -> None:
    fields = {"state": OPEN} | _ROWS[lower][1] | _ROWS[upper][1]
    rules = NameRules(**fields)  # type: ignore[arg-type]
    assert judge("porn.test", rules).reason.value == _ROWS[upper][0]


def test_while_protection_is_off_no_list_holds_and_help_is_help() -> None:
    rules = NameRules(state=OFF, access=ALL, only=True)
    found = judge("porn.test", rules)
    assert found.verdict is Verdict.ALLOW and found.until == UNTIL
    assert dict(found.args) == {"by": "anna"} and not found.reach
    assert reason("probe.test", rules) == ("allow", "FLOOR")


def test_longest_never_matches_inside_a_label() -> None:
    names = wire_names(["test", "b.test"])
    assert longest(wire_name("a.b.test"), names) == "b.test"
    assert longest(wire_name("ab.test"), names) == "test"
    assert longest(wire_name("other"), names) == ""
    assert longest(b"\0", names) == ""
