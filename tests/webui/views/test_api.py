"""The table of operations: what it takes, what it refuses, and the document of it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.verbs import WEB_VERBS
from webui.views import api

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=90),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["for", "give", "words", "limit", "x"]), inner),
    max_leaves=6,
)


def test_every_operation_is_a_verb_of_the_pages() -> None:
    assert {one.verb for one in api.OPERATIONS} <= WEB_VERBS
    assert len({one.id for one in api.OPERATIONS}) == len(api.OPERATIONS)


def test_reading_changes_nothing_and_changing_is_a_scope_of_its_own() -> None:
    for one in api.OPERATIONS:
        assert (one.method == "POST") == (one.scope == api.CHANGE)


@pytest.mark.parametrize("operation", api.OPERATIONS, ids=lambda one: one.id)
@given(value=JSON)
def test_what_is_taken_is_what_the_schema_says(
    operation: api.Operation, value: Any
) -> None:
    """The validator of a few lines against the library for all of JSON Schema."""
    ours = api.wrong(value, operation.takes)
    try:
        jsonschema.validate(value, operation.takes)
    except jsonschema.ValidationError:
        assert ours is not None
    else:
        # Ours also refuses what no field of a household may hold.
        assert ours is None or "printable" in ours or "too long" in ours


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"for": "15m"}, None),
        ({}, "for: missing"),
        ({"for": "15"}, "for: ^[0-9]{1,3}[mh]$"),
        ({"for": "15m\n"}, "for: ^[0-9]{1,3}[mh]$"),
        ({"for": 15}, "for: string"),
        ({"for": "1m", "x": 1}, "x: unknown"),
        ([], "body: object"),
    ],
)
def test_objections_name_the_field(value: Any, said: str | None) -> None:
    (grant,) = [one for one in api.OPERATIONS if one.verb == "grant"]
    assert api.wrong(value, grant.takes) == said


def test_booleans_are_no_numbers() -> None:
    (log,) = [one for one in api.OPERATIONS if one.verb == "log"]
    assert api.wrong({"limit": True}, log.takes) == "limit: integer"
    assert api.wrong({"limit": 501}, log.takes) == "limit: 1 to 500"


def test_statuses() -> None:
    absent = frozenset({"not-running"})
    said = ("not-running", "no-such-person", "bad-duration", "on-trial")
    assert [api.status_of(code, absent) for code in said] == [503, 404, 422, 409]


def test_the_document_has_every_operation() -> None:
    document = api.document()
    ids = {
        described["operationId"]
        for path in document["paths"].values()
        for described in path.values()
    }
    assert ids == {one.id for one in api.OPERATIONS}
