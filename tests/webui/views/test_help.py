"""Help lines as values."""

from __future__ import annotations

import pytest

from tests.fakes.family import HELPLINES
from webui.views import help as view


@pytest.mark.parametrize(
    "written, dialled",
    [
        ("116 111", "116111"),
        ("+43 (1) 147", "+431147"),
        ("0800-1111", "08001111"),
        ("١١٢", ""),
    ],
)
def test_numbers_are_dialled_as_digits(written: str, dialled: str) -> None:
    assert view.dialled(written) == dialled


def test_lines() -> None:
    first, second = view.lines(HELPLINES)
    assert first["calls"] == [("116 111", "116111")]
    assert first["url"] == "https://www.nummergegenkummer.de"
    assert second == {
        "name": "Emergency",
        "hours": "",
        "url": None,
        "calls": [("112", "112")],
    }


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://a.example", None, ""])
def test_only_https_is_a_link(url: str | None) -> None:
    (line,) = view.lines([{**HELPLINES[0], "url": url}])
    assert line["url"] is None
