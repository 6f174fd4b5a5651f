import pytest

from guardian.lists import origins
from guardian.lists.grammar import Claim
from guardian.lists.layout import IndexFileError
from guardian.lists.lines import ListError
from guardian.lists.origins import (
    SetTable,
    origin_of,
    parse_sets,
    parse_sources,
    parts_of,
)

from .build import source

SOURCES = [source("a", "adult"), source("b", "adult"), source("c", "games")]


@pytest.mark.parametrize("claim", list(Claim)[1:])
def test_an_origin_comes_back(claim: Claim) -> None:
    assert parts_of(origin_of(7, claim)) == (7, claim)


def test_equal_sets_share_an_id() -> None:
    table = SetTable(SOURCES)
    assert [table.id_of(x) for x in ([0], [0, 4], [0], [8])] == [0, 1, 0, 2]
    assert table.to_json() == [[0], [0, 4], [8]]
    assert len(table) == 3


def test_a_full_table_keeps_labels_and_lets_go_of_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(origins, "FULL_SETS_MAX", 1)
    monkeypatch.setattr(origins, "SETS_MAX", 3)
    table = SetTable(SOURCES)
    assert table.id_of([0]) == 0
    # Both lists of "adult" are the first one now; an exception keeps its own list.
    assert table.id_of([0, 4]) == 0
    assert table.id_of([4]) == 0
    assert table.id_of([0, 8]) == 1
    assert table.id_of([4, 6]) == 2
    with pytest.raises(ListError) as error:
        table.id_of([8])
    assert error.value.code == "too-many-sets"


@pytest.mark.parametrize("value", [None, 5, [[]], [[12]], [[-1]], [["x"]], [None]])
def test_a_damaged_table_is_refused(value: object) -> None:
    with pytest.raises(IndexFileError):
        parse_sets(value, 3)


@pytest.mark.parametrize("value", [None, [1], [{}], [{"id": "a", "kind": "x"}]])
def test_damaged_sources_are_refused(value: object) -> None:
    with pytest.raises(IndexFileError):
        parse_sources(value)
