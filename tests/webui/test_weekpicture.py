"""The picture of a week: what stands in it, and that it carries no style of its own."""

from __future__ import annotations

from xml.etree import ElementTree

from webui.weekpicture import LEFT, WIDTH, Bar, Row, picture, swatch

NIGHT = Bar("bedtime", 21 * 60, 30 * 60 + 30, "Bedtime, 21:00 until 06:30")


def drawn(*rows: Row) -> ElementTree.Element:
    """Return the picture as a tree."""
    text = picture(rows, {0: "0", 1440: "0"}, "Mia's week", "As the table.")
    assert "style=" not in text
    return ElementTree.fromstring(text)


def test_a_night_is_one_bar_over_midnight() -> None:
    bars = drawn(Row("Mon", (NIGHT,))).findall("rect")
    assert len(bars) == 1
    start, wide = float(bars[0].attrib["x"]), float(bars[0].attrib["width"])
    # 36 hours are shown: 21:00 is at 21/36, and nine and a half hours are 9.5/36.
    assert abs(start - (LEFT + (WIDTH - LEFT - 2) * 21 / 36)) < 0.1
    assert abs(wide - (WIDTH - LEFT - 2) * 9.5 / 36) < 0.1
    assert bars[0].findtext("title") == NIGHT.text


def test_a_window_that_ends_late_the_next_day_widens_the_picture() -> None:
    late = Bar("offline", 23 * 60, 45 * 60, "No internet")
    bars = drawn(Row("Mon", (late,))).findall("rect")
    assert float(bars[0].attrib["x"]) + float(bars[0].attrib["width"]) < WIDTH
    assert len(drawn(Row("Mon", (late,))).findall("line")) == 9


def test_kinds_differ_in_height_and_not_in_colour_alone() -> None:
    bars = drawn(
        Row(
            "Mon",
            tuple(
                Bar(kind, 600, 700, kind)
                for kind in ("bedtime", "offline", "homework", "sites")
            ),
        )
    ).findall("rect")
    assert len({bar.attrib["height"] for bar in bars}) == 4


def test_only_the_present_date_has_the_line_of_now() -> None:
    tree = drawn(Row("Mon"), Row("Tue", now=720))
    lines = [e for e in tree.findall("line") if e.attrib["class"] == "fill-now"]
    assert len(lines) == 1
    assert float(lines[0].attrib["x1"]) > LEFT


def test_it_says_what_it_shows_and_escapes_names() -> None:
    text = picture([Row("<b>")], {}, "A & B", "C < D")
    assert "&lt;b&gt;" in text and "A &amp; B" in text and "C &lt; D" in text
    assert 'role="img"' in text and "<title" in text and "<desc" in text


def test_a_kind_of_a_newer_daemon_is_drawn_all_the_same() -> None:
    assert len(drawn(Row("Mon", (Bar("budget", 1, 2, "?"),))).findall("rect")) == 1
    assert "style=" not in swatch("budget")
