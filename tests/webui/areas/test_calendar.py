"""The calendar's page: what it shows, and what its forms do."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.rules import CALENDAR
from tests.webui.kit import CARER, after, client, words
from webui.daemon import Away

PAGE = "/calendar"
FILE = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def upload(browser: FlaskClient, data: bytes, **fields: str) -> TestResponse:
    """Send a file."""
    return browser.post(
        f"{PAGE}/import",
        data={**fields, "token": "token", "file": (BytesIO(data), "term.ics")},
        content_type="multipart/form-data",
    )


def test_days_and_weekdays_are_shown() -> None:
    said = words(client().get(PAGE))
    assert "30 March to 11 April Holiday · Easter holidays" in said
    assert "21 March School day" in said
    assert "1 entry is over 16 February" in said
    assert "Sick day today" in said


def test_an_empty_calendar_says_what_holds() -> None:
    daemon = FakeDaemon()
    daemon.answers["calendar"] = {**CALENDAR, "days": []}
    assert "Every weekday is a school day." in words(client(daemon).get(PAGE))
    daemon.answers["calendar"] = {**CALENDAR, "days": [], "week": ["holiday"] * 7}
    said = words(client(daemon).get(PAGE))
    assert "Nothing differs from the week below." in said
    assert "Sick day today" not in said


def test_a_sick_day_is_one_tap() -> None:
    daemon = FakeDaemon()
    said = after(client(daemon), f"{PAGE}/sick")
    assert "Today is a free day. Tomorrow is as usual." in said and "Undo" in said
    verb, by, args = daemon.changed[0]
    assert (verb, by) == ("calendar-add", "anna")
    assert args == {
        "first": "2026-03-04",
        "last": "2026-03-04",
        "day_type": "holiday",
        "name": "Sick day",
    }


def test_days_are_added() -> None:
    daemon = FakeDaemon()
    sent = {"first": "2026-07-30", "last": "2026-09-09", "name": "Summer"}
    said = after(client(daemon), f"{PAGE}/add", **sent, day_type="holiday")
    assert "Added: 30 July to 9 September." in said
    assert daemon.changed == [("calendar-add", "anna", {**sent, "day_type": "holiday"})]


def test_days_of_a_kind_of_ones_own() -> None:
    daemon = FakeDaemon()
    after(client(daemon), f"{PAGE}/add", first="2026-07-30", own="Scout camp")
    assert daemon.changed[0][2]["day_type"] == "scout-camp"


def test_a_wrong_field_is_named_and_the_rest_is_kept() -> None:
    daemon = FakeDaemon()
    response = client(daemon).post(
        f"{PAGE}/add",
        data={"first": "2026-05-02", "last": "2026-05-01", "name": "Trip", "own": "!"},
    )
    html = response.get_data(as_text=True)
    assert response.status_code == 422 and not daemon.changed
    assert 'href="#last"' in html and 'href="#own"' in html
    assert 'value="2026-05-02"' in html and 'value="Trip"' in html
    daemon.refuses["calendar-add"] = ControlError("name-too-long")
    response = client(daemon).post(f"{PAGE}/add", data={"first": "2026-05-02"})
    assert response.status_code == 409
    assert "That name is too long." in words(response)


def test_days_are_removed() -> None:
    daemon = FakeDaemon()
    run = {"first": "2026-03-21", "last": "2026-03-21", "day_type": "school"}
    said = after(client(daemon), f"{PAGE}/drop", **run)
    assert "These days are as usual again." in said
    assert daemon.changed == [("calendar-drop", "anna", run)]
    daemon.refuses["calendar-drop"] = ControlError("not-running")
    assert "Nothing was changed." in after(client(daemon), f"{PAGE}/drop", **run)


def test_weekdays_are_saved_together() -> None:
    daemon = FakeDaemon()
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), "school")
    said = after(client(daemon), f"{PAGE}/week", **week, sun="weekend")
    assert "The weekdays are saved." in said
    assert daemon.changed[0][2] == {"week": ["school"] * 6 + ["weekend"]}
    said = after(client(daemon), f"{PAGE}/week", **week, sun="party")
    assert "Choose what each of these days is." in said and len(daemon.changed) == 1


def test_a_file_shows_what_it_would_add_and_is_saved_then() -> None:
    daemon = FakeDaemon()
    browser = client(daemon)
    response = upload(browser, FILE, day_type="holiday", do="preview")
    said, html = words(response), response.get_data(as_text=True)
    assert "30 March to 11 April Holiday · Osterferien" in said
    assert "Line 14 was left out: it has no date." in said
    assert "Nothing is saved yet." in said
    assert daemon.changed[0][2] == {
        "text": FILE.decode(),
        "day_type": "holiday",
        "save": False,
    }
    assert "BEGIN:VCALENDAR" in html
    said = after(
        browser,
        f"{PAGE}/import",
        text=FILE.decode(),
        day_type="holiday",
        do="save",
    )
    assert "The days of the file are added." in said
    assert daemon.changed[1][2]["save"] is True


def test_a_file_that_adds_nothing_offers_no_saving() -> None:
    daemon = FakeDaemon()
    daemon.accepts["calendar-import"] = {"days": [], "skipped": []}
    said = words(upload(client(daemon), FILE, do="preview"))
    assert "Nothing to add" in said and "Back without saving" in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\x00", "That file is no calendar."),
        (b"<html>", "That file is no calendar."),
        (b"BEGIN:VCALENDAR" + b" " * 300_000, "That file is too large"),
    ],
)
def test_what_is_no_calendar_is_told(data: bytes, said: str) -> None:
    daemon = FakeDaemon()
    response = upload(client(daemon), data)
    assert response.status_code == 422 and said in words(response)
    assert not daemon.changed


def test_without_a_file_it_asks_for_one() -> None:
    response = client().post(f"{PAGE}/import", data={"do": "preview"})
    assert "Choose a file that ends in .ics." in words(response)


def test_a_file_that_the_daemon_refuses_is_told() -> None:
    daemon = FakeDaemon()
    daemon.refuses["calendar-import"] = ControlError("not-running")
    response = upload(client(daemon), FILE)
    assert response.status_code == 409 and "Nothing was changed." in words(response)


def test_while_the_service_is_away_nothing_can_be_changed() -> None:
    daemon = FakeDaemon()
    daemon.away = Away(0.0)
    html = client(daemon).get(PAGE).get_data(as_text=True)
    assert html.count("<fieldset disabled>") == 2 and "Add days" not in html
    assert "Easter holidays" in html


def test_a_carer_reads_it_and_may_say_that_a_child_is_sick() -> None:
    html = client(account=CARER).get(PAGE).get_data(as_text=True)
    assert "Sick day today" in html and "Add days" not in html
