"""Guesses are slowed down; no child's device ever keeps a parent out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webui.throttle import (
    CAP_S,
    DEVICES_MAX,
    FORGET_S,
    FREE,
    FREE_ALL,
    PROMISES_MAX,
    Throttle,
    wait_after,
)


def test_waits_grow_to_the_cap() -> None:
    waits = [wait_after(tries) for tries in range(FREE, FREE + 9)]
    assert waits == [0, 1, 2, 4, 8, 16, 30, 30, 30]
    assert wait_after(10**6) == CAP_S


def tried(
    throttle: Throttle, times: int, device: str = "child", now: float = 0
) -> float:
    """Return when a device has made so many tries, each as soon as it may."""
    for _ in range(times):
        while wait := throttle.ask(device, now):
            now += wait
    return now


def test_a_guess_too_early_is_told_how_long() -> None:
    throttle = Throttle()
    now = tried(throttle, FREE + 1)
    assert now == 0
    assert throttle.ask("child", 0) == 1
    assert throttle.ask("child", 0.25) == 0.75
    assert throttle.ask("child", 1) == 0
    assert throttle.ask("child", 1) == 2


def test_asking_too_early_costs_nothing_more() -> None:
    throttle = Throttle()
    tried(throttle, FREE + 1)
    assert [throttle.ask("child", 0) for _ in range(100)] == [1.0] * 100


def test_the_right_password_clears_the_count() -> None:
    throttle = Throttle()
    tried(throttle, FREE + 1)
    throttle.succeeded("child")
    assert throttle.ask("child", 0) == 0


def test_a_quiet_quarter_of_an_hour_clears_it() -> None:
    throttle = Throttle()
    now = tried(throttle, FREE + 10)
    assert throttle.ask("child", now + 29) > 0
    assert tried(throttle, FREE + 1, now=now + FORGET_S + 1) == now + FORGET_S + 1


def test_many_devices_share_a_count() -> None:
    throttle = Throttle()
    for number in range(FREE_ALL + 1):
        assert throttle.ask(f"made up {number}", 0) == 0
    assert throttle.ask("one more", 0) == 1


def test_a_day_of_guessing_with_made_up_addresses() -> None:
    throttle, now, made = Throttle(), 0.0, 0
    number = 0
    while now < 86400:
        # A new address for every try: no own count ever grows.
        number += 1
        wait = throttle.ask(f"made up {number}", now)
        made += not wait
        now += wait
    per_cap = 1 + PROMISES_MAX
    assert made <= 86400 / CAP_S * per_cap + FREE_ALL + 10


def test_memory_is_bounded() -> None:
    throttle = Throttle()
    throttle.ask("parent", 0, known="anna 1")
    for number in range(DEVICES_MAX * 3):
        throttle.ask(f"made up {number}", number * 31.0)
    assert len(throttle._own) <= DEVICES_MAX
    assert len(throttle._promises) <= PROMISES_MAX


# What happens in a home: (seconds since the last, which made-up device, what it does).
CHILDREN = st.lists(
    st.tuples(st.floats(0, 60), st.integers(0, 400), st.booleans()), max_size=120
)


def played(throttle: Throttle, acts: list[tuple[float, int, bool]]) -> float:
    """Let children's devices do all that; return the time after it."""
    now = 0.0
    for seconds, device, patient in acts:
        now += seconds
        wait = throttle.ask(f"child {device}", now)
        if wait and patient:
            now += wait
            throttle.ask(f"child {device}", now)
    return now


@given(CHILDREN, st.integers(0, 40))
def test_a_known_device_never_waits_longer_than_the_cap(
    acts: list[tuple[float, int, bool]], mistyped: int
) -> None:
    throttle = Throttle()
    for _ in range(mistyped):
        throttle.ask("parent", 0, known="anna 1")
    now = played(throttle, acts)
    wait = throttle.ask("parent", now, known="anna 1")
    assert wait <= CAP_S
    played(throttle, acts)
    assert wait == 0 or throttle.ask("parent", now + wait, known="anna 1") == 0


@given(CHILDREN)
def test_a_known_device_that_did_nothing_wrong_does_not_wait_at_all(
    acts: list[tuple[float, int, bool]],
) -> None:
    throttle = Throttle()
    now = played(throttle, acts)
    assert throttle.ask("parent", now, known="anna 1") == 0


@given(st.floats(0, 30), st.integers(1, 200))
def test_one_child_cannot_take_a_new_phones_turn(start: float, hurry: int) -> None:
    """A child's device takes every turn as it comes; a new phone gets its own."""
    throttle = Throttle()
    now = tried(throttle, FREE_ALL + 8) + start
    wait = throttle.ask("a parent's new phone", now)
    assert wait <= CAP_S
    if not wait:
        return
    for step in range(hurry + 1):
        throttle.ask("child", now + wait * step / hurry)
    assert throttle.ask("a parent's new phone", now + wait) == 0


def test_a_promised_turn_is_good_once() -> None:
    throttle = Throttle()
    now = tried(throttle, FREE_ALL + 8)
    wait = throttle.ask("phone", now)
    assert throttle.ask("phone", now + wait / 2) == pytest.approx(wait / 2)
    assert throttle.ask("phone", now + wait) == 0
    assert throttle.ask("phone", now + wait) > 0


def test_a_turn_nobody_takes_makes_room() -> None:
    throttle = Throttle()
    now = tried(throttle, FREE_ALL + 8)
    for number in range(PROMISES_MAX):
        throttle.ask(f"made up {number}", now)
    now += 3 * CAP_S
    tried(throttle, 1, "other", now)
    wait = throttle.ask("phone", now)
    throttle.ask("child", now + wait)
    assert throttle.ask("phone", now + wait) == 0
