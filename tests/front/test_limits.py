from hypothesis import given
from hypothesis import strategies as st

from guardian.front.limits import Bucket


def test_a_burst_then_the_rate() -> None:
    bucket = Bucket(10, 5)
    assert bucket.take(8, 100.0) == 5
    assert bucket.take(1, 100.0) == 0
    assert bucket.take(9, 100.5) == 5
    assert bucket.take(3, 100.75) == 2


def test_no_rate_is_no_limit() -> None:
    assert Bucket(0, 0).take(1_000_000, 1.0) == 1_000_000


@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.lists(st.tuples(st.floats(0, 2), st.integers(0, 40)), max_size=40),
)
def test_never_more_than_rate_and_burst_allow(
    rate: int, burst: int, steps: list[tuple[float, int]]
) -> None:
    bucket = Bucket(rate, burst)
    now, passed = 5.0, 0
    for wait, count in steps:
        now += wait
        taken = bucket.take(count, now)
        assert 0 <= taken <= count
        passed += taken
    assert passed <= burst + rate * (now - 5.0) + 1e-6
