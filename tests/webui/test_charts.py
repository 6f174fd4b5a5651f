"""Charts: the numbers that go in are the lengths that come out, and nothing else."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webui.charts import WIDTH, Bar, Stretch, Tick, day_strip, week_bars

TEXTS = {"ident": "day", "title": "The coming day", "desc": "Off at night"}
DAY = (Stretch(0, 0.25, "on"), Stretch(0.25, 0.5, "off"), Stretch(0.5, 1, "part"))


def rects(svg: str) -> list[tuple[str, float, float, float]]:
    """Return class, x, width and height of each rectangle."""
    return [
        (
            one.attrib["class"],
            *(float(one.attrib[key]) for key in ("x", "width", "height")),
        )  # type: ignore[misc]  # mypy cannot count a generator's values
        for one in ET.fromstring(svg).iter("rect")
    ]


def test_a_strip_is_as_long_as_its_parts() -> None:
    found = rects(day_strip(DAY, (), **TEXTS))
    assert [(x, width) for _, x, width, _ in found] == [(0, 80), (80, 80), (160, 160)]


def test_a_look_is_a_height_as_well_as_a_colour() -> None:
    found = rects(day_strip(DAY, (), **TEXTS))
    assert [name for name, *_ in found] == ["fill-open", "fill-off", "fill-part"]
    assert len({height for *_, height in found}) == 3


def test_ticks_stay_inside() -> None:
    svg = day_strip(DAY, (Tick(0, "20:00"), Tick(1, "20:00")), **TEXTS)
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)"', svg)]
    assert places == [16, WIDTH - 16]


@pytest.mark.parametrize("start, end", [(-0.1, 0.5), (0.5, 0.5), (0.5, 1.1)])
def test_nothing_is_drawn_outside(start: float, end: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        day_strip((Stretch(start, end, "on"),), (), **TEXTS)


def test_title_and_description_name_the_picture() -> None:
    root = ET.fromstring(day_strip(DAY, (), **TEXTS))
    ids = [child.attrib["id"] for child in root if child.tag in ("title", "desc")]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == ids == ["day-title", "day-desc"]


def test_bars_are_in_proportion() -> None:
    bars = (Bar("Mon", 60, "1 h"), Bar("Tue", 0, "0"), Bar("Wed", 30, "30 min"))
    found = rects(week_bars(bars, **TEXTS))
    assert [height for *_, height in found] == [80, 40]


def test_a_small_number_is_seen_and_none_is_not() -> None:
    found = rects(week_bars((Bar("a", 1000, ""), Bar("b", 1, "")), **TEXTS))
    assert found[1][3] == 2
    assert rects(week_bars((Bar("a", 0, ""),), **TEXTS)) == []
    assert rects(week_bars((), **TEXTS)) == []


def test_a_number_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        week_bars((Bar("a", -1, ""),), **TEXTS)


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_text_becomes_a_mark(label: str, title: str) -> None:
    clean = {"ident": "a", "desc": "d"}
    # XML knows no control characters (XML 1.0, 2.2); the pages' texts have none.
    label, title = ("".join(c for c in t if c.isprintable()) for t in (label, title))
    svg = week_bars((Bar(label, 1, label),), title=title, **clean)
    root = ET.fromstring(svg)
    assert [one.text or "" for one in root.iter("text")] == [label, label]
    assert root[0].tag == "title" and (root[0].text or "") == title


def test_nothing_that_the_security_policy_forbids() -> None:
    svg = day_strip(DAY, (Tick(0.5, "<b>"),), **TEXTS) + week_bars(
        (Bar("<script>", 1, "<style>"),), **TEXTS
    )
    assert not re.search(r"style=|<script|<style|\son\w+=|href", svg)
