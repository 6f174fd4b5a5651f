"""Help lines without a daemon: of a country, of all, and stale numbers."""

from __future__ import annotations

from datetime import date

from webui.helplines import elsewhere, helplines

DAY = date(2026, 12, 1)


def test_the_help_of_a_country_and_of_all() -> None:
    names = [line["name"] for line in helplines("AT", "en", DAY)]
    assert "147 Rat auf Draht" in names and "Missing children" in names
    assert [line["name"] for line in helplines("", "en", DAY)] == [
        "INHOPE",
        "Missing children",
    ]


def test_a_line_is_shown_as_the_daemon_shows_it() -> None:
    line = helplines("AT", "en", DAY)[0]
    assert line["phone"] == ["147"] and line["url"] == "https://www.rataufdraht.at"
    assert line["hours"] == ""


def test_numbers_that_nobody_checked_for_long_are_left_out_and_sites_stay() -> None:
    line = helplines("AT", "en", date(2031, 1, 1))[0]
    assert line["phone"] == [] and line["url"]


def test_every_country_says_which_it_is() -> None:
    countries = {line["country"] for line in elsewhere("de", DAY)}
    assert {"DE", "GB", "US"} <= countries and "EU" not in countries
