"""Foreign JSON text: one problem with line and column, or a value; never more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.errors import Problem
from guardian.store.jsontext import DEPTH_MAX, SIZE_MAX, Object, loads


def test_reads_text_and_bytes_with_or_without_a_mark() -> None:
    text = '{"name": "Zoë", "list": [1, 2.5, true, null]}'
    value = json.loads(text)
    assert loads(text) == value
    assert loads(text.encode()) == value
    assert loads(b"\xef\xbb\xbf" + text.encode()) == value
    assert loads("\ufeff" + text) == value


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("", "line 1, column 1", "invalid-json"),
        ('{"a": 1,\n "b": }', "line 2, column 7", "invalid-json"),
        ('{"a": 1} x', "line 1, column 10", "invalid-json"),
        ('{"a": NaN}', "line 1, column 7", "number-not-finite"),
        ("[\n-Infinity]", "line 2, column 1", "number-not-finite"),
        ("[1e999]", "line 1, column 2", "number-not-finite"),
        ("[" + "9" * 5000 + "]", "line 1, column 2", "number-too-large"),
        ("[" * 100_000, f"line 1, column {DEPTH_MAX + 1}", "nested-too-deep"),
        ('{"a":' * 500, f"line 1, column {DEPTH_MAX * 5 + 1}", "nested-too-deep"),
        (b'{"a": "\xff"}', "byte 7", "not-utf-8"),
        ('"' + "x" * SIZE_MAX + '"', "household", "too-large"),
        (b" " * (SIZE_MAX + 1), "household", "too-large"),
    ],
)
def test_unreadable(text: bytes | str, place: str, code: str) -> None:
    problem = loads(text)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.code) == (place, code)
    assert len(problem.detail) <= 80


def test_brackets_inside_strings_are_no_nesting() -> None:
    inner = "[" * 200 + '\\"' + "{" * 200
    assert loads(f'["{inner}"]') == ["[" * 200 + '"' + "{" * 200]


def test_many_names_that_occur_twice() -> None:
    names = [f'"k{n}": 1' for n in range(20_000)]
    value = loads("{" + ", ".join(names * 2) + "}")
    assert isinstance(value, Object)
    assert len(value.twice) == 20_000


def test_as_deep_as_allowed() -> None:
    text = "[" * DEPTH_MAX + "]" * DEPTH_MAX
    assert loads(text) == json.loads(text)


def test_names_that_occur_twice_are_remembered() -> None:
    value = loads('{"a": 1, "b": {"c": 1}, "a": 2}')
    assert isinstance(value, Object)
    assert value.twice == {"a"}
    inner = value["b"]
    assert isinstance(inner, Object)
    assert inner.twice == frozenset()


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_takes_anything(text: bytes | str) -> None:
    try:
        expected = json.loads(text)
    except (ValueError, RecursionError):
        expected = None
    value = loads(text)
    assert isinstance(value, Problem) or value == expected


@given(st.text(alphabet='[]{}":,\\ \n1eNa', max_size=60))
def test_takes_almost_json(text: str) -> None:
    value = loads(text)
    if not isinstance(value, Problem):
        assert value == json.loads(text)
