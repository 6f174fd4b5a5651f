import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.lists import siphash


@given(st.integers(0, 2**siphash.KEY_BITS - 1), st.binary(max_size=300))
def test_the_interpreter_and_we_agree(key: int, data: bytes) -> None:
    assert siphash.keyed_hash(key, data) == siphash.siphash13(key, data)


def test_cpython_gives_its_own() -> None:
    # Not so: the index would be correct, and ten times slower.
    assert siphash.keyed_hash is not siphash.siphash13


@pytest.mark.parametrize("answer", [None, lambda key, data: b"12345678"])
def test_another_function_is_not_used(
    answer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("foreign_hash")
    if answer:
        module.source_hash = answer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "foreign_hash", module)
    assert siphash.fastest("foreign_hash") is siphash.siphash13


def test_without_the_module() -> None:
    assert siphash.fastest("no_such_module_at_all") is siphash.siphash13


def test_keys_matter() -> None:
    assert siphash.siphash13(1, b"a") != siphash.siphash13(2, b"a")
