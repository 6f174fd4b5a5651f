"""Activity: its place, what is not counted, and the week's chart above its table."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from flask import render_template_string

from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ANNA
from tests.webui.areas.kit import family, visit, words
from tests.webui.browser import application, words_of
from webui.charts import Bar, week_bars
from webui.daemon import Away
from webui.views import activity as view
from webui.words import times

WEEK = """{% from "activity/week.html" import week %}{{ week(chart, bars, "Mia") }}"""


def test_nothing_is_counted_and_it_says_so(tmp_path: Path) -> None:
    text = words(visit(tmp_path, "/activity"))
    assert "Nothing yet" in text
    assert "so nothing is counted and nothing is recorded." in text
    assert "Mia minutes of each app and kind of site" in text


def test_without_children(tmp_path: Path) -> None:
    text = words(visit(tmp_path, "/activity", family(people=[ANNA])))
    assert "Nothing yet" in text and "at most" not in text


def test_away(tmp_path: Path) -> None:
    daemon = FakeDaemon()
    daemon.away = Away(0.0)
    browser = visit(tmp_path, "/activity", daemon)
    assert "The router service stopped." in browser.text
    assert "Nothing yet" in words(browser)


def test_the_week_is_a_chart_above_the_same_numbers(tmp_path: Path) -> None:
    days = view.week({date(2026, 3, 4): 95, date(2026, 3, 2): 30}, date(2026, 3, 4))
    bars = [
        Bar(times.weekday(day, short=True), minutes, times.span(60 * minutes))
        for day, minutes in days
    ]
    with application(tmp_path).test_request_context("/activity"):
        chart = week_bars(bars, ident="week", title="Mia's week", desc="By day")
        html = render_template_string(WEEK, chart=chart, bars=bars)
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", html)
    table = words_of(html[html.index("<table") :])
    for bar in bars:
        assert bar.said in drawn and bar.label in drawn
        assert f"{bar.label} {bar.said}" in table
    assert html.count("<rect") == 2 and "style=" not in html
