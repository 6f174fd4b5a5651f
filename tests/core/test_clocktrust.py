"""Pulling the WAN and the power must buy nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.clocktrust import (
    INTERVAL_S,
    KEYS_MAX,
    Carry,
    from_record,
    overstates,
    plausible,
    precharge,
    read_record,
    to_record,
    write_record,
)
from guardian.core.model import LEASE_MAX_S

keys = st.sampled_from(["mia", "ben", "tablet-1", "console"])
lefts = st.dictionaries(keys, st.floats(0, 100_000), max_size=4)


def reread(record: dict[str, object]) -> dict[str, float]:
    return dict(read_record(json.loads(json.dumps(record))))


def test_the_record_says_what_is_left_when_the_interval_ends() -> None:
    record = write_record({"mia": 3600.9, "ben": 299.0, "zoe": 300.5})
    assert reread(record) == {"mia": 3300.0}


def test_nobody_carries_more_than_a_day() -> None:
    record = write_record({"mia": float("inf")}, 0.0)
    assert reread(record) == {"mia": float(LEASE_MAX_S)}


def test_a_record_says_when_and_in_which_boot() -> None:
    record = write_record({}, written="2026-01-01T00:00:00+00:00", boot="b-1")
    assert from_record(record) == Carry(written="2026-01-01T00:00:00+00:00", boot="b-1")


@given(lefts, st.floats(1, 3600))
def test_records_round_trip(left: dict[str, float], interval: float) -> None:
    carry = precharge(left, interval)
    assert from_record(json.loads(json.dumps(to_record(carry)))) == carry
    for key, rest in carry.left_s:
        assert 0 < rest <= max(left[key] - interval, 0)


@given(st.floats(1, 90_000), st.lists(st.floats(0, 4 * INTERVAL_S), max_size=40))
def test_power_cuts_buy_nothing(left: float, cuts: list[float]) -> None:
    """Granted over any power cuts <= left at the first; each costs <= an interval.

    cuts: seconds from each start to the next power cut. The daemon writes at each start
    before it opens anything, and then at every interval.
    """
    left = min(left, LEASE_MAX_S)
    record = write_record({"mia": left})
    granted, starts = 0.0, 0
    for runs in cuts:
        may = reread(record).get("mia", 0.0)
        record = write_record({"mia": may})
        used = min(runs, may)
        starts += 1
        for turn in range(1, int(used // INTERVAL_S) + 1):
            record = write_record({"mia": may - turn * INTERVAL_S})
        granted += used
        assert granted <= left
        # Not only no gain: the loss is bounded, or the box would punish a power cut.
        rest = reread(record).get("mia", 0.0)
        assert granted + rest >= left - (starts + 1) * (INTERVAL_S + 1)


@given(
    st.floats(0, LEASE_MAX_S),
    st.lists(st.tuples(st.floats(0, INTERVAL_S), st.floats(0, 7200)), max_size=20),
    st.floats(0, INTERVAL_S),
)
def test_writing_when_overstated_is_enough(
    left: float, changes: list[tuple[float, float]], cut: float
) -> None:
    """After any changes of what is left, a cut never finds more than was left."""
    recorded: dict[str, float] = {}
    for passed, becomes in [(0.0, left), *changes]:
        left = max(left - passed, 0.0)
        left = becomes if becomes < left else left
        if overstates(recorded, {"mia": left}):
            recorded = reread(write_record({"mia": left}))
        assert recorded.get("mia", 0.0) <= left
    assert left - recorded.get("mia", 0.0) <= 2 * INTERVAL_S + 1


def test_what_is_due_to_be_written() -> None:
    fresh = reread(write_record({"mia": 3600.0}))
    assert not overstates(fresh, {"mia": 3600.0})
    assert not overstates(fresh, {"mia": 3300.0})
    # The interval is over; a parent closed early; a grant; somebody new; nobody left.
    assert overstates(fresh, {"mia": 3299.0})
    assert overstates(fresh, {"mia": 10.0})
    assert overstates(fresh, {"mia": 7200.0})
    assert overstates(fresh, {"mia": 3600.0, "ben": 3600.0})
    assert overstates(fresh, {})
    assert not overstates({}, {})
    # More than a day is a day: no write at each look.
    assert not overstates(reread(write_record({"mia": 9e9})), {"mia": 9e9})


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": True},
        {"left_s": {"mia": 33_068}},
        {"left_s": {"mia": 3300, "ben": 100}},
        {"left_s": {"mia": "3300"}},
        {"left_s": {"mia": -1}},
        {"left_s": {"mia": 10**30}},
        {"left_s": [["mia", 3300]]},
        {"left_s": {}},
        {"boot": "other"},
        {"boot": 7},
        {"written": None},
        {"crc32": 0},
        {"crc32": None},
        {"more": 1},
    ],
)
def test_a_changed_record_leaves_nothing(change: dict[str, object]) -> None:
    record = write_record({"mia": 3600.0})
    assert read_record({**record, **change}) == {}


@pytest.mark.parametrize("name", ["version", "left_s", "written", "boot", "crc32"])
def test_a_record_that_lacks_something_leaves_nothing(name: str) -> None:
    record = write_record({"mia": 3600.0})
    del record[name]
    assert read_record(record) == {}


@given(st.data())
def test_a_flipped_or_cut_file_never_gives_more(data: st.DataObject) -> None:
    good = {"mia": 3300.0, "ben": 600.0}
    text = bytearray(json.dumps(write_record({"mia": 3600.0, "ben": 900.0})).encode())
    at = data.draw(st.integers(0, len(text) - 1))
    if data.draw(st.booleans()):
        text[at] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del text[at:]
    try:
        record = json.loads(bytes(text))
    except ValueError:
        return
    found = read_record(record)
    assert found == {} or found == good


values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=4), v),
    max_leaves=8,
)
record_like = st.dictionaries(
    st.sampled_from(["version", "left_s", "written", "boot", "crc32"]), values
)


@given(values | record_like)
def test_anything_else_leaves_nothing(record: Any) -> None:
    assert read_record(record) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"left_s": (("b", 1), ("a", 1))},
        {"left_s": (("a", 1), ("a", 1))},
        {"left_s": (("", 1),)},
        {"left_s": (("a" * 65, 1),)},
        {"left_s": (("a", 0),)},
        {"left_s": (("a", 1.5),)},
        {"left_s": tuple((f"{n:04}", 1) for n in range(KEYS_MAX + 1))},
        {"written": "x" * 65},
        {"boot": b"x"},
    ],
)
def test_an_invalid_carry_cannot_be_made(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Carry(**fields)


def test_too_many_keys_are_closed_not_refused() -> None:
    many = {f"{n:04}": 3600.0 for n in range(KEYS_MAX + 10)}
    assert len(reread(write_record(many))) == KEYS_MAX


def test_a_plausible_time_is_neither_past_nor_nonsense() -> None:
    known = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert plausible(known, known)
    assert plausible(known + timedelta(days=3650), known)
    assert not plausible(known - timedelta(seconds=1), known)
    assert not plausible(datetime(1970, 1, 1, tzinfo=timezone.utc), known)
    assert not plausible(datetime(2106, 2, 7, tzinfo=timezone.utc), known)
