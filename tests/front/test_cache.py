from hypothesis import given
from hypothesis import strategies as st

from guardian.front.cache import Generations


def test_what_is_used_stays_and_the_rest_goes() -> None:
    kept: Generations[int, str] = Generations(4)
    for number in range(40):
        kept.put(number, str(number))
        assert kept.get(0) == "0"
    assert kept.get(1) is None and kept.get(39) == "39"


def test_a_dropped_key_is_gone_from_both_generations() -> None:
    kept: Generations[str, int] = Generations(1)
    kept.put("a", 1)
    kept.put("b", 2)
    kept.drop("a")
    kept.drop("b")
    assert (kept.get("a"), kept.get("b"), len(kept)) == (None, None, 0)


def test_clear() -> None:
    kept: Generations[str, int] = Generations(2)
    kept.put("a", 1)
    kept.clear()
    assert kept.get("a") is None and len(kept) == 0


@given(
    st.integers(1, 8),
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 30), st.integers(0, 60)), max_size=200
    ),
)
def test_bounded_in_entries_and_octets(
    most: int, steps: list[tuple[bool, int, int]]
) -> None:
    kept: Generations[int, int] = Generations(most, 100, lambda size: size)
    for put, key, size in steps:
        if put:
            kept.put(key, size)
        else:
            found = kept.get(key)
            assert found is None or found <= 60
        assert len(kept) <= 2 * most
        assert sum(kept.young.values()) <= 160 and sum(kept.old.values()) <= 160
