"""Typed fields: the safe default, a problem with its place, and what was skipped."""

from datetime import datetime, timezone
from enum import StrEnum
from typing import Any

import pytest

from guardian.store.fields import (
    PROBLEMS_MAX,
    Findings,
    Item,
    Node,
    as_bool,
    as_country,
    as_day_change,
    as_language,
    as_date,
    as_host,
    as_id,
    as_instant,
    as_list,
    as_month,
    as_name,
    as_object,
    as_text,
    as_timezone,
    one_of,
)
from guardian.store.jsontext import loads

from .support import pairs

KNOWN = frozenset({"name", "on", "list"})


class Colour(StrEnum):
    RED = "red"


def node(raw: object, place: str = "people[0] (Mia)") -> tuple[Node, Findings]:
    findings = Findings()
    return Node(findings, Item(raw, place, ("people", 0)), KNOWN), findings


def codes(findings: Findings) -> list[tuple[str, str]]:
    return pairs(tuple(findings.problems))


def test_absent_is_the_default_without_a_problem() -> None:
    made, findings = node({})
    assert made.take("on", as_bool, True) is True
    assert made.items("list", 3) == []
    assert findings.problems == []


def test_unreadable_is_the_default_with_a_problem() -> None:
    made, findings = node({"on": "yes"})
    assert made.take("on", as_bool, True) is True
    assert made.take("on", as_bool, False) is False
    assert codes(findings) == [("people[0] (Mia) / on", "not-true-or-false")]
    assert made.bad == {"on"}


def test_needed_and_missing() -> None:
    made, findings = node({})
    assert made.need("name", as_name) is None
    assert codes(findings) == [("people[0] (Mia) / name", "missing")]


def test_no_object() -> None:
    made, findings = node([1], place="")
    assert (made.readable, made.has("name")) == (False, False)
    assert codes(findings) == [("household", "not-an-object")]


def test_unknown_and_doubled_fields_are_told_and_the_doubled_is_not_believed() -> None:
    made, findings = node(loads('{"nmae": 1, "on": true, "on": true}'), place="")
    assert made.take("on", as_bool, False) is False
    assert made.node("on", KNOWN).readable
    assert codes(findings) == [
        ("household", "unknown-field"),
        ("on", "duplicate-field"),
    ]


def test_list_is_cut_and_the_rest_is_skipped() -> None:
    made, findings = node({"list": [{"name": "a"}, 2, 3]})
    items = made.items("list", 2)
    assert [item.place for item in items] == [
        "people[0] (Mia) / list[0] (a)",
        "people[0] (Mia) / list[1]",
    ]
    assert codes(findings) == [("people[0] (Mia) / list", "too-many")]
    assert findings.skipped == {("people", 0, "list", 2)}


def test_no_list() -> None:
    made, findings = node({"list": "a"})
    assert list(made.each("list", 9, as_id)) == []
    assert codes(findings) == [("people[0] (Mia) / list", "not-a-list")]


def test_unreadable_entries_are_skipped() -> None:
    made, findings = node({"list": ["a", 5, "c"]})
    assert [value for _, value in made.each("list", 9, as_id)] == ["a", "c"]
    assert codes(findings) == [("people[0] (Mia) / list[1]", "bad-id")]
    assert findings.skipped == {("people", 0, "list", 1)}


def test_problems_are_bounded_and_still_counted() -> None:
    made, findings = node({f"x{n}": n for n in range(PROBLEMS_MAX + 50)}, place="")
    assert made.readable
    assert findings.count == PROBLEMS_MAX + 50
    assert len(findings.problems) == PROBLEMS_MAX + 1
    assert codes(findings)[-1] == ("household", "more-problems")


def test_places_are_short_and_printable() -> None:
    made, findings = node({"list": [{"name": "x\n" * 500}], "\u202e" * 900: 1})
    (item,) = made.items("list", 1)
    assert item.place.isprintable() and len(item.place) < 150
    (problem,) = findings.problems
    assert problem.detail.isprintable() and len(problem.detail) <= 80


@pytest.mark.parametrize(
    ("read", "value", "result"),
    [
        (as_list, [1], [1]),
        (as_bool, False, False),
        (as_id, "mia-2", "mia-2"),
        (as_name, "Zoë", "Zoë"),
        (as_text, "", ""),
        (as_date, "2026-02-28", datetime(2026, 2, 28).date()),
        (as_month, "2014-05", (2014, 5)),
        (as_country, "DE", "DE"),
        (as_country, "", ""),
        (as_language, "pt-BR", "pt-BR"),
        (as_day_change, "4:30", 270),
        (as_day_change, "00:00", 0),
        (as_timezone, "Europe/Berlin", "Europe/Berlin"),
        (one_of(Colour, "no-colour"), "red", Colour.RED),
    ],
)
def test_readers(read: Any, value: object, result: object) -> None:
    assert read(value) == result


@pytest.mark.parametrize(
    ("read", "value", "code"),
    [
        (as_list, "x", "not-a-list"),
        (as_bool, 0, "not-true-or-false"),
        (as_id, 5, "bad-id"),
        (as_id, "Mia", "bad-id"),
        (as_id, "a\n", "bad-id"),
        (as_name, 5, "not-text"),
        (as_name, " ", "name-empty"),
        (as_name, "x" * 1_000_000, "name-too-long"),
        (as_name, "\ud800", "name-unprintable"),
        (as_text, None, "not-text"),
        (as_text, "x" * 201, "text-too-long"),
        (as_text, "a\tb", "text-unprintable"),
        (as_date, "2026-02-30", "bad-date"),
        (as_date, "20260201", "bad-date"),
        (as_date, 5, "bad-date"),
        (as_month, "2014-13", "bad-birth"),
        (as_month, 2014, "bad-birth"),
        (as_country, "de", "bad-country"),
        (as_country, None, "bad-country"),
        (as_language, "Deutsch", "bad-language"),
        (as_language, ["de"], "bad-language"),
        (as_day_change, "24:00", "bad-day-change"),
        (as_day_change, 240, "bad-time"),
        (as_timezone, "Mars/Base", "unknown-timezone"),
        (as_timezone, "Europe", "unknown-timezone"),
        (as_timezone, "../etc/passwd", "unknown-timezone"),
        (as_timezone, "", "unknown-timezone"),
        (as_timezone, "\ud800", "unknown-timezone"),
        (as_timezone, "x" * 65, "unknown-timezone"),
        (as_timezone, None, "unknown-timezone"),
        (one_of(Colour, "no-colour"), "blue", "no-colour"),
        (one_of(Colour, "no-colour"), ["red"], "no-colour"),
    ],
)
def test_readers_refuse(read: Any, value: object, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}") as refused:
        read(value)
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize(
    "text", ["2026-03-29T02:30:00+01:00", "2026-03-29T01:30Z", "2026-03-29T01:30:00Z"]
)
def test_instants_are_utc(text: str) -> None:
    assert as_instant(text) == datetime(2026, 3, 29, 1, 30, tzinfo=timezone.utc)
    assert as_instant(text).tzinfo is timezone.utc


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-29T02:30:00",
        "2026-03-29",
        "2026-02-30T02:30:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:00-14:00",
        "2000-01-01T00:00:00+01:00",
        "2026-03-29T02:30:00+99:00",
        12,
    ],
)
def test_instants_need_offset_and_sense(text: object) -> None:
    with pytest.raises(ValueError, match="^bad-instant"):
        as_instant(text)


def test_fields_of_an_object_by_id() -> None:
    raw = loads('{"on": {"b": true, "a": false, "B!": true, "c": 1, "d": 1, "d": 2}}')
    made, findings = node(raw)
    assert list(made.fields("on", 9, as_bool)) == [
        ("people[0] (Mia) / on / a", "a", False),
        ("people[0] (Mia) / on / b", "b", True),
    ]
    assert codes(findings) == [
        ("people[0] (Mia) / on / B!", "bad-id"),
        ("people[0] (Mia) / on / c", "not-true-or-false"),
        ("people[0] (Mia) / on / d", "duplicate-field"),
    ]
    assert made.bad == {"on"}


def test_fields_of_an_object_have_an_end() -> None:
    made, findings = node({"on": {f"a{i}": True for i in range(9)}})
    assert [name for _, name, _ in made.fields("on", 2, as_bool)] == ["a0", "a1"]
    assert codes(findings) == [("people[0] (Mia) / on", "too-many")]
    made, findings = node({"on": []})
    assert list(made.fields("on", 2, as_bool)) == [] and made.bad == {"on"}
    assert list(node({})[0].fields("on", 2, as_bool)) == []


def test_hosts_and_objects() -> None:
    assert as_host("*.Example.org.") == "example.org"
    assert as_object({"a": 1}) == {"a": 1}
    for bad in (None, 5, "org", ["example.org"], b"example.org"):
        with pytest.raises(ValueError, match="bad-hostname: "):
            as_host(bad)
    for bad in (None, [], "x"):
        with pytest.raises(ValueError, match="not-an-object: "):
            as_object(bad)
