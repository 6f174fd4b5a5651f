"""Nobody keeps another out by connecting and waiting."""

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from webui.serve.crowd import Crowd


@dataclass(eq=False)
class One:
    """A connection."""

    visitor: str
    silent: bool = True


def fill(crowd: Crowd, visitor: str, count: int, silent: bool = True) -> list[One]:
    """Let `count` connections of a visitor in."""
    made = [One(visitor, silent) for _ in range(count)]
    for one in made:
        assert crowd.enter(one)[0]
    return made


def test_whoever_comes_to_room_stays() -> None:
    crowd = Crowd(per_visitor=3, overall=5)
    assert crowd.enter(One("a")) == (True, None)


def test_a_visitors_own_oldest_silent_one_yields() -> None:
    crowd = Crowd(per_visitor=3, overall=9)
    busy, oldest, _ = fill(crowd, "a", 3)
    busy.silent = False
    assert crowd.enter(One("a")) == (True, oldest)
    assert len(crowd.guests) == 3


def test_a_visitor_with_only_busy_ones_gets_no_more() -> None:
    crowd = Crowd(per_visitor=2, overall=9)
    fill(crowd, "a", 2, silent=False)
    assert crowd.enter(One("a")) == (False, None)
    assert crowd.enter(One("b")) == (True, None)


def test_when_full_who_has_the_most_silent_ones_yields() -> None:
    crowd = Crowd(per_visitor=9, overall=4)
    fill(crowd, "parent", 1)
    child = fill(crowd, "child", 3)
    assert crowd.enter(One("other")) == (True, child[0])


def test_many_addresses_of_one_device_yield_as_well() -> None:
    crowd = Crowd(per_visitor=9, overall=4)
    first = fill(crowd, "fd00::1", 1)
    for number in (2, 3, 4):
        fill(crowd, f"fd00::{number}", 1)
    assert crowd.enter(One("parent")) == (True, first[0])


def test_when_all_are_busy_nobody_is_thrown_out() -> None:
    crowd = Crowd(per_visitor=9, overall=2)
    fill(crowd, "a", 2, silent=False)
    assert crowd.enter(One("b")) == (False, None)
    assert len(crowd.guests) == 2


def test_leaving_makes_room_and_may_be_said_twice() -> None:
    crowd = Crowd(per_visitor=1, overall=1)
    (one,) = fill(crowd, "a", 1, silent=False)
    crowd.leave(one)
    crowd.leave(one)
    assert crowd.enter(One("a")) == (True, None)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60))
def test_the_caps_hold_whatever_comes(coming: list[tuple[str, bool]]) -> None:
    crowd = Crowd(per_visitor=3, overall=7)
    for visitor, silent in coming:
        before = len(crowd.guests)
        stays, yields = crowd.enter(One(visitor, silent))
        assert len(crowd.guests) == before + stays - (yields is not None)
        assert len(crowd.guests) <= 7
        assert max(Counter(g.visitor for g in crowd.guests).values()) <= 3
        assert yields is None or yields.silent
