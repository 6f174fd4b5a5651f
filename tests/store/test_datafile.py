"""One data file, read whole or refused with every fault."""

import json
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import StoreError
from guardian.store.datafile import (
    SENTENCE_MAX,
    DataFile,
    as_exact_host,
    as_sentence,
    read_names,
    read_reasons,
)

from .support import pairs

WHOLE = {"schema": 1, "sources": ["written by hand"], "things": []}


def opened(folder: Path, doc: Any) -> DataFile:
    (folder / "x.json").write_text(json.dumps(doc))
    return DataFile(folder, "x.json", "things")


def test_a_whole_file_closes_without_a_word(tmp_path: Path) -> None:
    opened(tmp_path, WHOLE).close()


def test_missing_file_and_no_json(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="profiles-invalid.*No such file"):
        DataFile(tmp_path, "x.json", "")
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(StoreError) as found:
        DataFile(tmp_path, "x.json", "")
    assert [p.code for p in found.value.problems] == ["invalid-json"]


@pytest.mark.parametrize(
    ("doc", "place", "code"),
    [
        ({**WHOLE, "schema": 2}, "schema", "bad-schema"),
        ({"sources": ["x"]}, "schema", "missing"),
        ({"schema": 1}, "sources", "missing"),
        ({**WHOLE, "sources": [""]}, "sources[0]", "not-text"),
        ({**WHOLE, "extra": 1}, "household", "unknown-field"),
        ([], "household", "not-an-object"),
    ],
)
def test_faults_of_the_frame(tmp_path: Path, doc: Any, place: str, code: str) -> None:
    with pytest.raises(StoreError) as found:
        opened(tmp_path, doc).close()
    assert (place, code) in pairs(found.value.problems)
    assert found.value.detail == "x.json"


def test_names_keep_their_order_and_stand_once(tmp_path: Path) -> None:
    names = ["b.example", "a.example", "b.example", "*.c.example", "D.example", 5]
    file = opened(tmp_path, {**WHOLE, "things": names})
    assert read_names(file.root, "things") == ("b.example", "a.example")
    assert pairs(file.findings.problems) == [
        ("things[2]", "duplicate-name"),
        ("things[3]", "bad-hostname"),
        ("things[4]", "bad-hostname"),
        ("things[5]", "bad-hostname"),
    ]
    assert read_names(file.root, "nothing") == ()


def test_reasons_come_with_their_names(tmp_path: Path) -> None:
    things = [
        {"name": "a.example", "why": "x"},
        {"name": "a.example", "why": "y"},
        {"name": "b.example"},
    ]
    file = opened(tmp_path, {**WHOLE, "things": things})
    assert read_reasons(file.root, "things") == ("a.example", "b.example")
    assert sorted(code for _, code in pairs(file.findings.problems)) == [
        "duplicate-name",
        "missing",
    ]


@pytest.mark.parametrize(
    "value", ["com", "a.example.", ".a.example", "münchen.example", "a b.example", None]
)
def test_a_name_is_written_as_it_is_used(value: object) -> None:
    with pytest.raises(ValueError, match="bad-hostname"):
        as_exact_host(value)


def test_sentences_have_an_end() -> None:
    assert as_sentence("x" * SENTENCE_MAX) == "x" * SENTENCE_MAX
    for bad in (" ", 5, "x" * (SENTENCE_MAX + 1), "a\nb"):
        with pytest.raises(ValueError, match="text"):
            as_sentence(bad)
