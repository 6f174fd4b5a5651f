"""Documents in TinyDB's tables and back, whatever they hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tinydb import TinyDB
from tinydb.storages import MemoryStorage

from guardian.store.tables import KINDS, read_document, write_document, write_rows

from .support import document


@pytest.fixture
def db() -> TinyDB:
    return TinyDB(storage=MemoryStorage)


def test_nothing_stored(db: TinyDB) -> None:
    assert read_document(db) is None


def test_a_table_a_kind(db: TinyDB) -> None:
    doc = document()
    write_document(db, doc)
    assert [row["id"] for row in db.table("people").all()] == ["mia", "ben", "anna"]
    assert read_document(db) == {**{kind: [] for kind in KINDS}, **doc}


def test_order_holds_beyond_ten(db: TinyDB) -> None:
    people: list[object] = [{"id": f"p{n}"} for n in range(25)]
    write_document(db, {"people": people})
    read = read_document(db)
    assert read is not None and read["people"] == people


def test_rows_that_are_the_same_are_left_alone(db: TinyDB) -> None:
    rows: list[dict[str, object]] = [{"a": 1}, {"a": 2}]
    write_rows(db, "x", rows)
    before = [row.doc_id for row in db.table("x").all()]
    db.table("x").update_multiple([])
    write_rows(db, "x", [{"a": 1}, {"a": 2}])
    assert [row.doc_id for row in db.table("x").all()] == before
    write_rows(db, "x", [])
    assert db.table("x").all() == []


entries = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["verbatim", "id", "x"]), inner, max_size=2),
    max_leaves=5,
)


@given(st.lists(st.lists(entries, max_size=4) | entries, min_size=1, max_size=3))
def test_whatever_it_holds(values: list[Any]) -> None:
    db = TinyDB(storage=MemoryStorage)
    for value in values:
        doc = {"schema": 1, "people": value, "x": value}
        write_document(db, doc)
        read = read_document(db)
        assert read is not None
        assert {key: read[key] for key in doc} == doc
