"""What becomes of a child's request, by itself and by a parent's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.errors import GuardianError
from guardian.core.model import Opened
from guardian.core.requests import (
    EVERY,
    KEEP_ANSWERED,
    KEEP_MAX,
    OPEN_MAX,
    TEXT_MAX,
    Answer,
    Kind,
    Request,
    Requests,
    State,
    answered,
    ask,
    clean_text,
    day_end,
    find,
    listed,
    parse_site,
    put,
    reopened,
    settle,
    waiting,
)
from tests import build
from tests.build import MIA, at, home

NOW = at("2026-03-27 20:00")
HOUR = timedelta(hours=1)


def wish(name: str = "ask-1", when: datetime = NOW, **fields: Any) -> Request:
    """Return Mia's request for half an hour, or for what is said."""
    kind = Kind.SITE if "site" in fields else Kind.TIME
    usual: dict[str, Any] = {"person": "mia", "device": "tablet", "kind": kind}
    if kind is Kind.TIME:
        usual["minutes"] = 30
    return Request(id=name, at=when, **usual | fields)


def said(request: Request, state: State, when: datetime = NOW) -> Request:
    return replace(request, state=state, answer=Answer(by="anna", at=when))


def code(call: Any, *args: Any) -> tuple[str, str]:
    with pytest.raises(GuardianError) as refused:
        call(*args)
    return refused.value.code, refused.value.detail


# Asking.


def test_the_first_request_is_open() -> None:
    requests, made = ask((), wish(text="homework"))
    assert requests == (made,) and made.state is State.OPEN and made.answer is None


def test_one_a_minute_and_three_at_a_time() -> None:
    requests: Requests = ()
    for minute in range(OPEN_MAX):
        when = NOW + minute * EVERY
        soon = when + timedelta(seconds=59.5)
        requests, _ = ask(requests, wish(f"ask-{minute}", when))
        if minute < OPEN_MAX - 1:
            assert code(ask, requests, wish("x", soon)) == ("ask-too-often", "1")
    later = wish("x", NOW + HOUR)
    assert code(ask, requests, later) == ("ask-too-often", "")
    assert ask(requests, replace(later, person="tom"))[1].person == "tom"
    given = put(requests, said(requests[0], State.GIVEN))
    assert len(ask(given, later)[0]) == OPEN_MAX + 1


def test_an_answer_gives_no_leave_to_ask_within_the_minute() -> None:
    requests = (said(wish(), State.DECLINED),)
    assert code(ask, requests, wish("x", NOW))[1] == "60"
    assert code(ask, requests, wish("x", NOW + timedelta(seconds=15)))[1] == "45"
    ask(requests, wish("x", NOW + EVERY))


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    requests = (wish(when=NOW + 365 * 24 * HOUR),)
    assert ask(requests, wish("x"))[1].id == "x"


def test_the_same_site_is_asked_for_once() -> None:
    first = wish(site="game.test")
    assert ask((first,), wish("x", site="game.test")) == ((first,), first)
    other = wish("x", NOW + EVERY, site="other.test")
    assert ask((first,), other)[0] == (first, other)
    declined = said(first, State.DECLINED)
    again = wish("x", NOW + EVERY, site="game.test")
    assert ask((declined,), again)[0] == (declined, again)


def test_the_oldest_answers_make_room_and_no_open_one_does() -> None:
    old = wish("open", NOW - HOUR, site="a.test")
    done = [
        said(wish(f"done-{n}", NOW - HOUR), State.GIVEN) for n in range(KEEP_MAX - 1)
    ]
    requests, made = ask((old, *done), wish("new"))
    assert len(requests) == KEEP_MAX and requests[0] is old and requests[-1] is made
    assert [one.id for one in requests[1:3]] == ["done-1", "done-2"]


# Time passing.


def test_a_request_for_time_ends_with_the_day_and_one_for_a_site_does_not() -> None:
    requests = (wish(), wish("ask-2", site="game.test"))
    ends = at("2026-03-28 04:00")
    assert day_end(home(), NOW) == ends
    assert settle(requests, home(), ends - timedelta(seconds=1)) == requests
    time, site = settle(requests, home(), ends)
    assert (time.state, site.state) == (State.ENDED, State.OPEN)
    month = settle(requests, home(), NOW + 30 * 24 * HOUR)
    assert month == (site,), "the ended one is forgotten, the open one waits"


def test_the_day_changes_when_the_household_says() -> None:
    early = replace(home(), day_change=21 * 60)
    (ended,) = settle((wish(),), early, at("2026-03-27 21:00"))
    assert ended.state is State.ENDED


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        # 02:30 does not exist on 2026-03-29, and comes twice on 2026-10-25.
        ("2026-03-28 20:00", "2026-03-29 03:30"),
        ("2026-10-24 20:00", "2026-10-25 02:30"),
    ],
)
def test_the_day_changes_on_the_days_the_clocks_do(asked: str, ends: str) -> None:
    household = replace(home(), day_change=150)
    assert day_end(household, at(asked)) <= at(ends)
    assert timedelta(0) < day_end(household, at(asked)) - at(asked) <= 24 * HOUR


def test_answers_stay_a_week_and_what_ended_too() -> None:
    requests = (said(wish(), State.DECLINED), wish("ask-2"))
    almost = NOW + KEEP_ANSWERED - timedelta(seconds=1)
    assert [r.id for r in settle(requests, home(), almost)] == ["ask-1", "ask-2"]
    later = settle(requests, home(), NOW + KEEP_ANSWERED)
    assert [(r.id, r.state) for r in later] == [("ask-2", State.ENDED)]


def test_what_a_child_asked_goes_with_the_child() -> None:
    grown = replace(home(), people=tuple(p for p in home().people if p is not MIA))
    assert settle((wish(), wish("x", person="tom")), grown, NOW) == (
        wish("x", person="tom"),
    )
    assert settle((wish(person="anna"),), home(), NOW) == ()


def test_a_yes_ends_where_nothing_is_held_for_it() -> None:
    answer = Answer(by="anna", at=NOW, until=NOW + HOUR, minutes=60, gave="grant-1")
    done = answered(wish(), answer, given=True)
    held = home(grants=(build.grant(NOW, NOW + HOUR),))
    ended = replace(done, state=State.ENDED)
    assert settle((done,), held, NOW) == (done,)
    assert settle((done,), home(), NOW) == (ended,)
    assert settle((done,), home(), NOW + HOUR) == (done,), "what has ended was given"
    site = wish(site="game.test")
    row = Opened(id="grant-1", person="mia", name="game.test", until=NOW + HOUR)
    given = answered(site, answer, given=True)
    assert settle((given,), home(opened=(row,)), NOW) == (given,)
    assert settle((given,), home(), NOW)[0].state is State.ENDED
    always = answered(site, replace(answer, until=None, gave=""), given=True)
    assert settle((always,), home(), NOW) == (always,)


def test_an_answer_that_is_undone_leaves_the_question_open() -> None:
    answer = Answer(by="anna", at=NOW, minutes=30, revision=7)
    done = answered(wish(), answer, given=True)
    other = answered(wish("x"), replace(answer, revision=8), given=True)
    declined = answered(wish("y"), Answer(by="anna", at=NOW), given=False)
    every = (done, other, declined, wish("z"))
    assert reopened(every, 7) == (wish(), *every[1:])
    assert reopened(every, 0) == every == reopened(every, 9)


# Answering.


def test_an_answer_is_final() -> None:
    request = wish()
    answer = Answer(by="anna", at=NOW, words="Enjoy.", minutes=30)
    done = answered(request, answer, given=True)
    assert (done.state, done.answer) == (State.GIVEN, answer)
    assert find((request,), "ask-1") is request
    assert code(find, (done,), "ask-1") == ("already-answered", "anna")
    assert code(find, (), "ask-1") == ("no-such-request", "ask-1")
    over = replace(request, state=State.ENDED)
    assert code(find, (over,), "ask-1") == ("request-ended", "")


@pytest.mark.parametrize(
    ("asked", "got", "state"),
    [
        (30, 30, State.GIVEN),
        (30, 15, State.LESS),
        (30, 60, State.GIVEN),
        (None, 60, State.GIVEN),
        (None, None, State.GIVEN),
    ],
)
def test_less_is_said_where_less_was_given(
    asked: int | None, got: int | None, state: State
) -> None:
    request = wish() if asked else wish(site="game.test")
    answer = Answer(by="anna", at=NOW, minutes=got)
    assert answered(request, answer, given=True).state is state
    assert answered(request, answer, given=False).state is State.DECLINED


def test_lists_for_a_page() -> None:
    requests = (
        said(wish("a", NOW - 3 * HOUR), State.GIVEN),
        wish("b", NOW - 2 * HOUR),
        said(wish("c", NOW - HOUR), State.DECLINED),
        wish("d", NOW, person="tom"),
    )
    assert [one.id for one in listed(requests)] == ["d", "b", "c", "a"]
    assert waiting(requests) == {"mia": 1, "tom": 1}


# Values.


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Kind.TIME, "minutes": None},
        {"kind": Kind.TIME, "minutes": 0},
        {"kind": Kind.TIME, "minutes": 1441},
        {"kind": Kind.TIME, "minutes": 30, "site": "a.test"},
        {"kind": Kind.SITE, "site": None},
        {"kind": Kind.SITE, "site": "A.test"},
        {"kind": Kind.TIME, "minutes": 30, "state": State.GIVEN},
        {"kind": Kind.TIME, "minutes": 30, "answer": Answer(by="a", at=NOW)},
        {"kind": Kind.TIME, "minutes": 30, "id": "No Id"},
    ],
)
def test_what_no_request_can_be(fields: dict[str, Any]) -> None:
    base = {"id": "x", "person": "mia", "device": None, "at": NOW}
    with pytest.raises(ValueError):
        Request(**base | fields)


def test_texts_become_one_line_that_can_be_shown() -> None:
    assert clean_text("  home\r\nwork\t video ") == "home work video"
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert clean_text(f"for {family}!") == f"for {family}!"
    assert clean_text("abc\u202edef\x00\ud800") == "abcdef"
    assert clean_text("<b>'\"&") == "<b>'\"&", "escaping is the page's business"
    with pytest.raises(ValueError, match="text-too-long"):
        clean_text("x" * (TEXT_MAX + 1))


@given(st.text())
def test_any_text_is_one_short_line_or_refused(text: str) -> None:
    try:
        line = clean_text(text)
    except ValueError:
        return
    assert len(line) <= TEXT_MAX and "\n" not in line
    line.encode()


@pytest.mark.parametrize(
    "typed",
    [
        "game.test",
        " Game.Test. ",
        "https://game.test",
        "https://game.test/play?level=1",
        "http://me:secret@game.test:8080/x",
        "game.test/play",
        "game.test?x",
        "game.test:443",
    ],
)
def test_a_pasted_address_is_its_site(typed: str) -> None:
    assert parse_site(typed) == "game.test"


@pytest.mark.parametrize("typed", ["", "game", "https://", "a b.test", "game.test:x"])
def test_what_is_no_site(typed: str) -> None:
    with pytest.raises(ValueError, match="bad-hostname"):
        parse_site(typed)


# The machine as a whole.

SPANS = st.integers(-2, 40).map(lambda hours: timedelta(hours=hours))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask-site", "give", "decline", "wait"]),
        st.sampled_from(["mia", "tom"]),
        st.one_of(SPANS, st.integers(0, 90).map(lambda s: timedelta(seconds=s))),
    ),
    max_size=40,
)


@given(STEPS)
def test_whatever_happens_requests_stay_few_and_answers_stay(
    steps: list[tuple[str, str, timedelta]],
) -> None:
    now, requests = NOW, ()
    finals: dict[str, Request] = {}
    for number, (step, person, span) in enumerate(steps):
        now += span
        requests = settle(requests, home(), now)
        assert settle(requests, home(), now) == requests
        try:
            if step.startswith("ask"):
                what: dict[str, Any] = {"person": person}
                if step == "ask-site":
                    what["site"] = f"x{number % 3}.test"
                requests, _ = ask(requests, wish(f"r{number}", now, **what))
            elif step != "wait" and requests:
                one = find(requests, requests[number % len(requests)].id)
                answer = Answer(by="anna", at=now, minutes=15)
                done = answered(one, answer, given=step == "give")
                requests = put(requests, done)
        except GuardianError as error:
            known = {"ask-too-often", "already-answered", "request-ended"}
            assert error.code in known
        for one in requests:
            if one.id in finals:
                assert one == finals[one.id]
            if one.state is not State.OPEN:
                finals[one.id] = one
        assert all(count <= OPEN_MAX for count in waiting(requests).values())
        ids = [one.id for one in requests]
        assert len(set(ids)) == len(ids)
        assert now.tzinfo is timezone.utc
