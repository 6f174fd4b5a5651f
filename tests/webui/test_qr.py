"""A code holds its text and is drawn by attributes alone."""

from __future__ import annotations

import re

import pytest
import segno

from webui import qr

ADDRESS = "http://guardian.home.arpa:8080/me"


def modules(svg: str) -> set[tuple[int, int]]:
    """Return the dark modules of a code, as its one path draws them."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg)
    return {(int(x) + i, int(y)) for x, y, n in runs for i in range(int(n))}


def test_it_draws_the_code_of_the_text() -> None:
    matrix = segno.make(ADDRESS, error="m", micro=False, boost_error=False).matrix
    wanted = {
        (x + qr.QUIET, y + qr.QUIET)
        for y, line in enumerate(matrix)
        for x, dark in enumerate(line)
        if dark
    }
    assert modules(qr.svg(ADDRESS, "x")) == wanted


def test_nothing_of_it_needs_an_exception_of_the_csp() -> None:
    svg = qr.svg(ADDRESS, "x")
    assert "style" not in svg and "<script" not in svg and "href" not in svg


def test_a_title_is_text() -> None:
    assert "<title>&lt;b&gt;</title>" in qr.svg(ADDRESS, "<b>")


def test_a_text_too_long_is_refused() -> None:
    with pytest.raises(ValueError):
        qr.svg("x" * 5000, "x")
