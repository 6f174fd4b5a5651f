from guardian.core.memo import Memo


def test_one_object_is_made_once_and_equal_ones_apart() -> None:
    made: list[tuple[int, ...]] = []
    memo: Memo[tuple[int, ...], int] = Memo(lambda k: made.append(k) or len(made), 8)
    first = tuple([1, 2])
    assert memo(first) == memo(first) == 1
    assert memo(tuple([1, 2])) == 2


def test_it_forgets_rather_than_grows() -> None:
    memo: Memo[tuple[int, ...], object] = Memo(lambda _: object(), 2)
    keys = [tuple([n, n]) for n in range(3)]
    first = memo(keys[0])
    memo(keys[1])
    memo(keys[2])
    assert memo(keys[0]) is not first
    assert len(memo._entries) <= 2
