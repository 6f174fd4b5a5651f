"""When names of the floor are asked again, and how long their addresses are kept."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.refresh import (
    ADDRESSES_MAX,
    KEEP_S,
    LATEST_MAX,
    RETRY_MAX_S,
    STALE_MAX_S,
    TTL_MAX_S,
    TTL_MIN_S,
    FloorBook,
)

HELP = "help.example"
LINE = "line.example"
A1, A2, A3 = "198.51.100.1", "198.51.100.2", "2001:db8::1"


def test_a_new_book_asks_everything_at_once() -> None:
    book = FloorBook([LINE, HELP, HELP], 100.0)
    assert book.due(100.0) == [HELP, LINE]
    assert book.next_due() == 100.0
    assert book.addresses() == {}


def test_a_book_without_names_is_never_due() -> None:
    assert FloorBook([], 0.0).next_due() == math.inf


@pytest.mark.parametrize(
    "ttl, wait", [(0, TTL_MIN_S), (300, 300), (86400, TTL_MAX_S), (-5, TTL_MIN_S)]
)
def test_a_name_is_asked_again_by_its_ttl(ttl: int, wait: float) -> None:
    book = FloorBook([HELP], 0.0)
    book.answered(HELP, [A1], ttl, 10.0)
    assert book.next_due() == 10.0 + wait
    assert book.due(10.0 + wait - 0.001) == []
    assert book.due(10.0 + wait) == [HELP]


def test_an_address_stays_a_day_after_it_was_last_seen() -> None:
    book = FloorBook([HELP], 0.0)
    book.answered(HELP, [A1, A3], 60, 0.0)
    book.answered(HELP, [A2], 60, 60.0)
    assert book.addresses() == {A1: KEEP_S, A3: KEEP_S, A2: KEEP_S + 60}
    book.answered(HELP, [A2], 60, KEEP_S)
    assert book.addresses() == {A2: 2 * KEEP_S}


def test_an_address_of_two_names_is_kept_for_the_longer() -> None:
    book = FloorBook([HELP, LINE], 0.0)
    book.answered(HELP, [A1], 60, 0.0)
    book.answered(LINE, [A1], 60, 50.0)
    assert book.addresses() == {A1: 50.0 + KEEP_S}


def test_failures_are_retried_later_and_later() -> None:
    book = FloorBook([HELP], 0.0)
    waits = []
    for _ in range(2000):
        book.failed(HELP, 0.0, 0.5)
        waits.append(book.next_due())
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == RETRY_MAX_S
    book.answered(HELP, [A1], 60, 0.0)
    book.failed(HELP, 0.0, 0.5)
    assert book.next_due() == 2


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 40))
def test_retries_are_spread_by_a_quarter(chance: float, earlier: int) -> None:
    middle, spread = FloorBook([HELP], 0.0), FloorBook([HELP], 0.0)
    for _ in range(earlier + 1):
        middle.failed(HELP, 0.0, 0.5)
        spread.failed(HELP, 0.0, chance)
    ratio = spread.next_due() / middle.next_due()
    assert 0.75 <= ratio <= 1.25


def test_the_last_answer_outlives_an_outage_but_not_for_ever() -> None:
    book = FloorBook([HELP], 0.0)
    book.answered(HELP, [A2], 60, 0.0)
    book.answered(HELP, [A1], 60, 60.0)
    now = 60.0
    while now < 60 + STALE_MAX_S - 1:
        now += 3600.0
        book.failed(HELP, now, 0.5)
        # The older answer's address had its day; the last one's goes on.
        assert (A2 in book.addresses()) == (now < KEEP_S)
        assert A1 in book.addresses() or now >= 60 + STALE_MAX_S
    book.failed(HELP, 60 + STALE_MAX_S, 0.5)
    assert book.addresses() == {}


def test_an_answer_without_addresses_takes_nothing_away() -> None:
    book = FloorBook([HELP], 0.0)
    book.answered(HELP, [A1], 60, 0.0)
    book.answered(HELP, [], 300, KEEP_S - 1)
    assert book.addresses() == {A1: 2 * KEEP_S - 1}
    assert book.next_due() == KEEP_S + 299


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "169.254.1.1"]
    + ["fe80::1", "fe80::1%eth0", "255.255.255.255", "::ffff:1.2.3.4", "nonsense", ""]
    + ["2001:db8::1%eth0"],
)
def test_addresses_that_no_server_can_have_are_ignored(address: str) -> None:
    book = FloorBook([HELP], 0.0)
    book.answered(HELP, [address, A1], 60, 0.0)
    assert list(book.addresses()) == [A1]


def test_an_unknown_name_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        FloorBook([HELP], 0.0).answered("other.example", [A1], 60, 0.0)


def test_after_a_reboot_the_addresses_are_there_at_once() -> None:
    book = FloorBook([HELP, LINE], 0.0)
    book.answered(HELP, [A2], 60, 0.0)
    book.answered(HELP, [A1, A3], 60, 7200.0)
    record = json.loads(json.dumps(book.to_record(9000.0)))
    again = FloorBook.from_record(record, [HELP, LINE], 5.0)
    assert again.addresses() == {
        A1: 5.0 + KEEP_S,
        A3: 5.0 + KEEP_S,
        A2: 5.0 + KEEP_S - 9000.0,
    }
    assert again.due(5.0) == [HELP, LINE]


def test_a_name_that_left_the_floor_is_forgotten() -> None:
    book = FloorBook([HELP], 0.0)
    book.answered(HELP, [A1], 60, 0.0)
    assert FloorBook.from_record(book.to_record(0.0), [LINE], 0.0).addresses() == {}


def test_reboots_do_not_keep_an_address_that_was_replaced() -> None:
    book = FloorBook([HELP], 0.0)
    book.answered(HELP, [A2], 60, 0.0)
    book.answered(HELP, [A1], 60, 60.0)
    for _ in range(30):
        book = FloorBook.from_record(book.to_record(3600.0), [HELP], 0.0)
    assert list(book.addresses()) == [A1]


def test_what_is_kept_of_a_name_is_bounded() -> None:
    book = FloorBook([HELP], 0.0)
    for turn in range(100):
        many = [f"198.51.{turn}.{n}" for n in range(200)]
        book.answered(HELP, many, 60, float(turn))
    kept = book.addresses()
    assert len(kept) == ADDRESSES_MAX
    assert set(many[:LATEST_MAX]) <= set(kept)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([A1, A3, 10**400]),
    lambda v: st.lists(v, max_size=3)
    | st.dictionaries(
        st.sampled_from(["names", HELP, "latest", "older", "age_s", A1, "x"]),
        v,
        max_size=4,
    ),
    max_leaves=12,
)


@given(
    json_values
    | st.fixed_dictionaries(
        {
            "names": st.fixed_dictionaries(
                {
                    HELP: st.fixed_dictionaries(
                        {
                            "latest": json_values,
                            "age_s": json_values,
                            "older": json_values,
                        }
                    )
                }
            )
        }
    )
)
def test_a_damaged_record_is_taken_as_far_as_it_makes_sense(record: Any) -> None:
    book = FloorBook.from_record(record, [HELP], 100.0)
    assert book.due(100.0) == [HELP]
    assert all(100.0 < end <= 100.0 + KEEP_S for end in book.addresses().values())
    book.failed(HELP, 101.0, 0.5)
    json.dumps(book.to_record(101.0))


steps = st.lists(
    st.tuples(
        st.sampled_from(["answer", "fail", "reboot"]),
        st.lists(st.integers(1, 6), max_size=3),
        st.floats(0, 90000),
    ),
    max_size=25,
)


@settings(max_examples=60)
@given(steps)
def test_every_address_answered_within_a_day_is_kept(
    history: list[tuple[str, list[int], float]],
) -> None:
    """Whatever happens, overlap holds, and the next question is never an hour away."""
    book, now = FloorBook([HELP], 0.0), 0.0
    last: dict[str, float] = {}
    for what, numbers, wait in history:
        now += wait
        if what == "answer":
            addresses = [f"198.51.100.{n}" for n in numbers]
            book.answered(HELP, addresses, wait, now)
            last |= dict.fromkeys(addresses, now)
        elif what == "fail":
            book.failed(HELP, now, 0.3)
        else:
            record = json.loads(json.dumps(book.to_record(now)))
            book = FloorBook.from_record(record, [HELP], now)
        kept = book.addresses()
        for address, when in last.items():
            # Whole seconds in the record: one lost at each reboot.
            if now - when < KEEP_S - len(history):
                assert address in kept
                assert kept[address] >= when + KEEP_S - len(history)
        assert set(kept) <= set(last)
        assert book.next_due() <= now + TTL_MAX_S


def test_an_old_record_starts_no_new_week() -> None:
    record = {"names": {HELP: {"latest": [A1], "age_s": int(STALE_MAX_S), "older": {}}}}
    assert FloorBook.from_record(record, [HELP], 0.0).addresses() == {}


def test_what_is_no_address_in_a_record_is_left_out() -> None:
    record = {"names": {HELP: {"latest": [7, None, A1], "age_s": 0, "older": {A2: -1}}}}
    assert list(FloorBook.from_record(record, [HELP], 0.0).addresses()) == [A1]


def test_a_failure_before_the_first_answer_holds_nothing() -> None:
    book = FloorBook([HELP], 0.0)
    book.failed(HELP, 0.0, 0.5)
    assert book.addresses() == {} and book.to_record(0.0) == {"names": {}}
