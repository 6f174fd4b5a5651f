"""The floor's values: exact names, verified numbers, help for every country."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from guardian.core.floor import (
    Domain,
    Floor,
    Grade,
    HelpEntry,
    HelpKind,
    Phone,
    emergency_number,
)

DAY = date(2026, 11, 24)
LINE = HelpEntry(
    id="line",
    country="GB",
    kind=HelpKind.CHILD_HELPLINE,
    name=(("en", "Line"),),
    expires=date(2027, 5, 1),
    phones=(Phone("0800 1111", Grade.A),),
    domains=(Domain("line.example", Grade.B, www=True),),
    chat_hosts=(Domain("chat.example", Grade.C),),
)
INHOPE = replace(
    LINE,
    id="inhope",
    country="EU",
    kind=HelpKind.CSAM_HOTLINE,
    domains=(Domain("inhope.example", Grade.B),),
)
MISSING = replace(INHOPE, id="missing", kind=HelpKind.MISSING_CHILD)
REPORT = replace(INHOPE, id="report", country="GB")


def floor(*entries: HelpEntry) -> Floor:
    ordered = tuple(sorted(entries, key=lambda e: (e.country, e.id)))
    return Floor(released=DAY, entries=ordered)


def test_names_are_exact_sorted_and_once_each() -> None:
    assert floor(LINE, INHOPE, MISSING).names() == (
        "chat.example",
        "inhope.example",
        "line.example",
        "www.line.example",
    )


def test_stale_number_is_hidden_and_the_site_kept() -> None:
    assert LINE.phones_on(date(2027, 4, 30)) == LINE.phones
    assert LINE.phones_on(date(2027, 5, 1)) == ()
    assert LINE.domains


@pytest.mark.parametrize(
    ("country", "ids"),
    [
        ("GB", ["line", "report", "missing"]),
        ("FR", ["inhope", "missing"]),
        ("", ["inhope", "missing"]),
        ("EU", ["inhope", "missing"]),
    ],
)
def test_help_for_every_country(country: str, ids: list[str]) -> None:
    found = floor(LINE, REPORT, INHOPE, MISSING).for_country(country)
    assert [entry.id for entry in found] == ids


def test_hotline_network_stays_where_nobody_takes_reports() -> None:
    found = floor(LINE, INHOPE).for_country("GB")
    assert [entry.id for entry in found] == ["line", "inhope"]


@pytest.mark.parametrize(
    "name", ["*.example.org", "example", "Example.org", "a..b", "-a.org", "a.org.", ""]
)
def test_no_wildcard_and_no_odd_name(name: str) -> None:
    with pytest.raises(ValueError, match="bad-domain"):
        Domain(name, Grade.A)


def test_overlong_name() -> None:
    with pytest.raises(ValueError, match="bad-domain"):
        Domain(".".join(["a" * 60] * 5), Grade.A)


@pytest.mark.parametrize(
    ("display", "grade", "code"),
    [
        ("116 111", Grade.B, "phone-not-verified"),
        ("116 111", Grade.C, "phone-not-verified"),
        ("call us", Grade.A, "bad-phone"),
    ],
)
def test_no_unverified_number(display: str, grade: Grade, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        Phone(display, grade)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"id": "A"}, "bad-id"),
        ({"country": "UKX"}, "bad-country"),
        ({"name": ()}, "name-empty"),
        ({"name": (("en", " "),)}, "name-empty"),
        ({"domains": ()}, "help-without-site"),
    ],
)
def test_entry_cannot_be_invalid(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(ValueError, match=code):
        replace(LINE, **fields)


def test_floor_is_sorted_and_ids_are_unique() -> None:
    with pytest.raises(ValueError, match="floor-unsorted"):
        Floor(released=DAY, entries=(LINE, INHOPE))
    with pytest.raises(ValueError, match="duplicate-id"):
        Floor(released=DAY, entries=(INHOPE, replace(INHOPE, country="GB")))


@pytest.mark.parametrize(
    ("country", "number"),
    [("", "112"), ("DE", "112"), ("GB", "112"), ("US", "911"), ("JP", None)],
)
def test_a_number_of_emergency_is_known_or_not_said(
    country: str, number: str | None
) -> None:
    assert emergency_number(country) == number
