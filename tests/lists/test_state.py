"""The state's JSON form: round trip, and what does not read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.lists.state import (
    FeedState,
    IndexState,
    Refusal,
    State,
    Version,
    instant,
)

AT = "2026-03-02T12:00:00+00:00"
VERSION = Version(fingerprint="ab" * 32, entries=7, since=AT)
STATE = State(
    next=AT,
    ran=AT,
    problem="feeds-failed",
    detail="sw-adult",
    back=True,
    added=("ut1-vpn",),
    dropped=("sw-ai",),
    feeds={
        "sw-adult": FeedState(
            next=AT,
            checked=AT,
            failures=2,
            problem="feed-offline",
            detail="x",
            spec="ff",
            etag='"1"',
            modified="Mon",
            waiting="cd" * 32,
            taken=VERSION,
            refused=Refusal(
                fingerprint="ef" * 32,
                guard="size",
                at=AT,
                value=1,
                limit=2,
                names=("a.com",),
            ),
            held=("b.com",),
        ),
        "sw-ai": FeedState(),
    },
    index=IndexState(
        digest="01" * 32,
        names=3,
        size=99,
        since=AT,
        job="02" * 16,
        curated="03" * 16,
        feeds={"sw-adult": VERSION},
    ),
    previous=None,
)


def through_json(state: State) -> State:
    return State.from_json(json.loads(json.dumps(state.to_json())))


def test_round_trip() -> None:
    assert through_json(STATE) == STATE
    assert through_json(State()) == State()


def test_fingerprints_are_all_texts_in_use_or_waiting() -> None:
    assert set(STATE.fingerprints()) == {
        ("sw-adult", "ab" * 32),
        ("sw-adult", "cd" * 32),
        ("sw-ai", ""),
    }


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("feeds", "sw-adult", "failures"), "many"),
        (("feeds", "sw-adult", "waiting"), "../../etc"),
        (("feeds", "sw-adult", "taken", "fingerprint"), "zz"),
        (("feeds", "sw-adult", "refused"), 7),
        (("feeds", "sw-adult"), []),
    ],
)
def test_a_list_that_does_not_read_is_forgotten(
    path: tuple[str, ...], value: object
) -> None:
    raw = json.loads(json.dumps(STATE.to_json()))
    inner: Any = raw
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    found = State.from_json(raw)
    assert "sw-adult" not in found.feeds and "sw-ai" in found.feeds
    assert found.index == STATE.index


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("next", "tomorrow", ""),
        ("next", "2026-03-02T12:00:00", ""),
        ("index", {"digest": "xx"}, None),
        ("index", [1], None),
        ("feeds", [], {}),
        ("added", "sw-ai", ()),
        ("back", "yes", False),
    ],
)
def test_a_field_that_does_not_read_is_unknown(
    key: str, value: object, expected: object
) -> None:
    assert getattr(State.from_json({**STATE.to_json(), key: value}), key) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_raises(value: Any) -> None:
    for key in ("feeds", "index", "next", "added"):
        State.from_json({key: value})
    State.from_json({"feeds": {"a": value}})


def test_instant() -> None:
    assert instant("") is None
    when = instant(AT)
    assert when is not None and when.isoformat() == AT
