"""The calendar's page: what it shows, and what its forms do."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ACCOUNTS
from tests.fakes.rules import CALENDAR
from tests.webui.browser import Browser, application, words_of
from webui.daemon import Away

PAGE = "/calendar"
FILE = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def daemon() -> FakeDaemon:
    """Return the family's daemon, with a carer's account."""
    found = FakeDaemon()
    gran = {**ACCOUNTS["accounts"][0], "id": "gran", "person": None, "role": "carer"}
    found.answers["accounts"] = {
        **ACCOUNTS,
        "accounts": [*ACCOUNTS["accounts"], gran],
    }
    return found


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    """Return a parent before the pages."""
    return Browser(application(tmp_path, daemon))


def tap(anna: Browser, action: str, **fields: Any) -> str:
    """Send a form of the page; return the words of the page it leads to."""
    anna.get(PAGE)
    return words_of(anna.send(action, **fields))


def upload(anna: Browser, data: bytes, status: int = 200, **fields: str) -> str:
    """Send a file; return the page that answers."""
    anna.get(PAGE)
    return anna.send(
        f"{PAGE}/import", status, file=(BytesIO(data), "term.ics"), **fields
    )


def test_days_and_weekdays_are_shown(anna: Browser) -> None:
    said = words_of(anna.get(PAGE))
    assert "30 March to 11 April Holiday · Easter holidays" in said
    assert "21 March School day" in said
    assert "1 entry is over 16 February" in said
    assert "Sick day today" in said


def test_an_empty_calendar_says_what_holds(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["calendar"] = {**CALENDAR, "days": []}
    assert "Every weekday is a school day." in words_of(anna.get(PAGE))
    daemon.answers["calendar"] = {**CALENDAR, "days": [], "week": ["holiday"] * 7}
    said = words_of(anna.get(PAGE))
    assert "Nothing differs from the week below." in said
    assert "Sick day today" not in said


def test_a_sick_day_is_one_tap(anna: Browser, daemon: FakeDaemon) -> None:
    said = tap(anna, f"{PAGE}/sick")
    assert "Today is a free day. Tomorrow is as usual." in said and "Undo" in said
    verb, by, args = daemon.changed[0]
    assert (verb, by) == ("calendar-add", "anna")
    assert args == {
        "first": "2026-03-04",
        "last": "2026-03-04",
        "day_type": "holiday",
        "name": "Sick day",
    }


def test_days_are_added(anna: Browser, daemon: FakeDaemon) -> None:
    sent = {"first": "2026-07-30", "last": "2026-09-09", "name": "Summer"}
    said = tap(anna, f"{PAGE}/add", **sent, day_type="holiday")
    assert "Added: 30 July to 9 September." in said
    assert daemon.changed == [("calendar-add", "anna", {**sent, "day_type": "holiday"})]


def test_days_of_a_kind_of_ones_own(anna: Browser, daemon: FakeDaemon) -> None:
    tap(anna, f"{PAGE}/add", first="2026-07-30", own="Scout camp")
    assert daemon.changed[0][2]["day_type"] == "scout-camp"


def test_a_wrong_field_is_named_and_the_rest_is_kept(
    anna: Browser, daemon: FakeDaemon
) -> None:
    sent = {"first": "2026-05-02", "last": "2026-05-01", "name": "Trip", "own": "!"}
    anna.get(PAGE)
    html = anna.send(f"{PAGE}/add", 422, **sent)
    assert not daemon.changed
    assert 'href="#last"' in html and 'href="#own"' in html
    assert 'value="2026-05-02"' in html and 'value="Trip"' in html
    daemon.refuses["calendar-add"] = ControlError("name-too-long")
    html = anna.send(f"{PAGE}/add", 409, first="2026-05-02", last="", own="")
    assert "That name is too long." in words_of(html)


def test_days_are_removed(anna: Browser, daemon: FakeDaemon) -> None:
    run = {"first": "2026-03-21", "last": "2026-03-21", "day_type": "school"}
    said = tap(anna, f"{PAGE}/drop", **run)
    assert "These days are as usual again." in said
    assert daemon.changed == [("calendar-drop", "anna", run)]
    daemon.refuses["calendar-drop"] = ControlError("not-running")
    assert "Nothing was changed." in tap(anna, f"{PAGE}/drop", **run)


def test_weekdays_are_saved_together(anna: Browser, daemon: FakeDaemon) -> None:
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), "school")
    said = tap(anna, f"{PAGE}/week", **week, sun="weekend")
    assert "The weekdays are saved." in said
    assert daemon.changed[0][2] == {"week": ["school"] * 6 + ["weekend"]}
    said = tap(anna, f"{PAGE}/week", **week, sun="party")
    assert "Choose what each of these days is." in said and len(daemon.changed) == 1


def test_a_file_shows_what_it_would_add_and_is_saved_then(
    anna: Browser, daemon: FakeDaemon
) -> None:
    html = upload(anna, FILE, do="preview")
    said = words_of(html)
    assert "30 March to 11 April Holiday · Osterferien" in said
    assert "Line 14 was left out: it is not for whole days." in said
    assert "Nothing is saved yet." in said
    assert daemon.changed[0][2] == {
        "text": FILE.decode(),
        "day_type": "holiday",
        "save": False,
    }
    assert "BEGIN:VCALENDAR" in html
    said = words_of(anna.send(f"{PAGE}/import", text=FILE.decode(), do="save"))
    assert "The days of the file are added." in said
    assert daemon.changed[1][2]["save"] is True


def test_a_file_that_adds_nothing_offers_no_saving(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.accepts["calendar-import"] = {"days": [], "skipped": []}
    said = words_of(upload(anna, FILE, do="preview"))
    assert "Nothing to add" in said and "Back without saving" in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\x00", "That file is no calendar."),
        (b"<html>", "That file is no calendar."),
        (b"BEGIN:VCALENDAR" + b" " * 300_000, "That file is too large"),
    ],
)
def test_what_is_no_calendar_is_told(
    anna: Browser, daemon: FakeDaemon, data: bytes, said: str
) -> None:
    assert said in words_of(upload(anna, data, 422))
    assert not daemon.changed


def test_without_a_file_it_asks_for_one(anna: Browser) -> None:
    anna.get(PAGE)
    html = anna.send(f"{PAGE}/import", 422, do="preview")
    assert "Choose a file that ends in .ics." in words_of(html)


def test_a_file_that_the_daemon_refuses_is_told(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["calendar-import"] = ControlError("not-running")
    assert "Nothing was changed." in words_of(upload(anna, FILE, 409))
    daemon.refuses["calendar-import"] = ControlError("calendar-unreadable")
    assert "That file is no calendar." in words_of(upload(anna, FILE, 409))


def test_while_the_service_is_away_nothing_can_be_changed(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.away = Away(0.0)
    html = anna.get(PAGE)
    assert html.count("<fieldset disabled>") == 2 and "Add days" not in html
    assert "Easter holidays" in html


def test_a_carer_reads_it_and_may_say_that_a_child_is_sick(anna: Browser) -> None:
    html = Browser(anna.app, "gran").get(PAGE)
    assert "Sick day today" in html and "Add days" not in html
