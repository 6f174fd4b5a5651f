"""The page of a child's schedule: what it shows and what its forms do."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import WINDOWS, of_person
from tests.webui.kit import CARER, after, client, words
from webui.daemon import Away

PAGE = "/child/mia/schedule"
BEDTIME: dict[str, Any] = {
    "kind": "bedtime",
    "id": "bedtime",
    "days": ["school"],
    "start": "20:30",
    "end": "06:30",
    "etag": "etag-mia",
    "was": "bedtime school 21:00 06:30",
    "do": "save",
}
CONFLICT = ControlError("save-conflict", "tom 2026-03-04T19:20:00+01:00")


def person(**changes: Any) -> Any:
    """Return an answer of `person` with changes."""
    return lambda args: {**of_person(args), **changes}


def test_windows_stand_in_words_with_where_they_come_from() -> None:
    said = words(client().get(PAGE))
    assert "School nights 21:00 to 06:30" in said
    assert "Nights before free days 22:00 to 07:30" in said
    assert "From the 10–12 template: Children of this age need nine" in said
    assert "School days 14:00 to 17:00" in said
    assert "Off then: Games, Video and streaming" in said
    assert "Set for Mia by a parent." in said
    assert "Bedtime 21:00 until 06:30" in said


def test_the_week_is_a_picture_and_a_table() -> None:
    html = client().get(PAGE).get_data(as_text=True)
    assert html.count("<rect") >= 7 and "<table>" in html and "style=" not in html
    assert "Bedtime, 21:00 until 06:30" in words(client().get(PAGE))


def test_without_a_bedtime_it_says_what_that_means() -> None:
    daemon = FakeDaemon()
    daemon.answers["person"] = person(windows=[])
    said = words(client(daemon).get(PAGE))
    assert "No bedtime set. Internet is on all night." in said
    assert "Add a bedtime" in said and "30 min later" not in said


def test_what_the_template_lost_can_come_back() -> None:
    daemon = FakeDaemon()
    daemon.answers["person"] = person(dropped=["bedtime-weekend"])
    browser = client(daemon)
    assert "Bring back “Bedtime weekend”" in words(browser.get(PAGE))
    said = after(browser, f"{PAGE}/default", id="bedtime-weekend")
    assert "Mia has the 10–12 template's time again." in said
    assert daemon.changed == [
        ("window-default", "anna", {"person": "mia", "id": "bedtime-weekend"})
    ]


def test_nobody_without_rules_has_a_schedule() -> None:
    assert client().get("/child/anna/schedule").status_code == 404
    assert client().get("/child/nobody/schedule").status_code == 404
    assert client().get(f"{PAGE}/window?kind=party").status_code == 404
    assert client().get(f"{PAGE}/window?id=gone").status_code == 404
    assert client().post(f"{PAGE}/window", data={"kind": "x"}).status_code == 400


def test_a_new_window_is_saved_as_written() -> None:
    daemon = FakeDaemon()
    browser = client(daemon)
    html = browser.get(f"{PAGE}/window?kind=homework").get_data(as_text=True)
    assert 'value="15:00"' in html and "School days" in html
    form = {"kind": "homework", "days": ["school"], "start": "15:00", "end": "16:30"}
    said = after(browser, f"{PAGE}/window", **form, etag="etag-mia", do="save")
    assert "Saved: School days 15:00 to 16:30." in said and "Undo" in said
    assert daemon.changed == [
        ("window-set", "anna", {"person": "mia", "etag": "etag-mia", **form})
    ]


def test_a_window_that_is_changed_opens_with_its_values() -> None:
    html = client().get(f"{PAGE}/window?id=no-play").get_data(as_text=True)
    assert 'value="no-play"' in html and 'value="14:00"' in html
    assert 'value="games" checked' in html and 'value="social" checked' not in html
    # Link shorteners and harmful kinds are no matter of an afternoon.
    assert 'value="shortener"' not in html and 'value="adult"' not in html


def test_a_merged_overlap_is_told() -> None:
    daemon = FakeDaemon()
    daemon.accepts["window-set"] = {
        "revision": 89,
        "enforced": True,
        "merged": ["bedtime-2"],
    }
    said = after(client(daemon), f"{PAGE}/window", **BEDTIME)
    assert "It overlapped with another of its kind; both are one now." in said


def test_what_is_not_enforced_is_not_told_as_saved() -> None:
    daemon = FakeDaemon()
    daemon.accepts["window-set"] = {"revision": 89, "enforced": False, "merged": []}
    said = after(client(daemon), f"{PAGE}/window", **BEDTIME)
    assert "The change wasn't applied." in said and "Saved" not in said


def test_a_wrong_field_is_named_and_the_rest_is_kept() -> None:
    daemon = FakeDaemon()
    response = client(daemon).post(
        f"{PAGE}/window", data={**BEDTIME, "days": [], "start": "22:15", "end": "later"}
    )
    html = response.get_data(as_text=True)
    assert response.status_code == 422 and not daemon.changed
    assert 'href="#days"' in html and 'href="#end"' in html
    assert 'value="22:15"' in html and 'value="later"' in html
    assert "Choose at least one kind of day." in words(response)


def test_a_refusal_of_the_daemon_stands_at_its_field() -> None:
    daemon = FakeDaemon()
    daemon.refuses["window-set"] = ControlError("window-zero-length")
    response = client(daemon).post(f"{PAGE}/window", data=BEDTIME)
    assert response.status_code == 409
    assert 'href="#end"' in response.get_data(as_text=True)
    daemon.refuses["window-set"] = ControlError("not-running")
    response = client(daemon).post(f"{PAGE}/window", data=BEDTIME)
    assert 'href="#form"' in response.get_data(as_text=True)
    assert "Nothing was changed." in words(response)


def test_a_preview_saves_nothing() -> None:
    daemon = FakeDaemon()
    response = client(daemon).post(f"{PAGE}/window", data={**BEDTIME, "do": "preview"})
    said = words(response)
    assert "Tonight: Bedtime, 20:30 until 06:30" in said
    assert "Nothing is saved yet." in said and not daemon.changed
    assert 'value="20:30"' in response.get_data(as_text=True)


def test_a_preview_of_the_weekend_asks_about_the_weekend() -> None:
    asked: list[dict[str, Any]] = []
    daemon = FakeDaemon()
    daemon.answers["preview"] = lambda args: asked.append(args) or {"day": []}
    response = client(daemon).post(
        f"{PAGE}/window", data={**BEDTIME, "days": ["weekend"], "do": "preview"}
    )
    assert asked[0]["at"] == "2026-03-06T12:00"
    assert "In the next 24 hours nothing of it is on." in words(response)


def test_two_parents_see_both_versions_and_nothing_is_lost() -> None:
    daemon = FakeDaemon()
    daemon.refuses["window-set"] = CONFLICT
    moved = {**WINDOWS[0], "start": "21:30"}
    daemon.answers["person"] = person(windows=[moved], etag="etag-2")
    response = client(daemon).post(f"{PAGE}/window", data=BEDTIME)
    said, html = words(response), response.get_data(as_text=True)
    assert response.status_code == 409
    assert "Tom changed this 10 min ago." in said
    assert "School nights 21:30 to 06:30" in said
    assert "School nights 20:30 to 06:30" in said
    assert 'value="etag-2"' in html
    # "Use mine" is the same form, built on what is there now.
    del daemon.refuses["window-set"]
    said = after(
        client(daemon),
        f"{PAGE}/window",
        **{**BEDTIME, "etag": "etag-2", "was": "bedtime school 21:30 06:30"},
    )
    assert "Saved: School nights 20:30 to 06:30." in said


def test_a_window_that_was_removed_meanwhile_is_told() -> None:
    daemon = FakeDaemon()
    daemon.refuses["window-set"] = ControlError("save-conflict", "tom")
    daemon.answers["person"] = person(windows=[])
    said = words(client(daemon).post(f"{PAGE}/window", data=BEDTIME))
    assert "Tom changed this meanwhile." in said and "Removed" in said


def test_a_change_of_something_else_is_no_conflict() -> None:
    daemon = FakeDaemon()
    daemon.answers["person"] = person(etag="etag-2")

    def save(args: dict[str, Any]) -> dict[str, Any]:
        if args["etag"] != "etag-2":
            raise CONFLICT
        return {"revision": 90, "enforced": True, "merged": []}

    daemon.accepts["window-set"] = save
    said = after(client(daemon), f"{PAGE}/window", **BEDTIME)
    assert "Saved: School nights 20:30 to 06:30." in said


def test_a_window_is_removed_unless_somebody_changed_it() -> None:
    daemon = FakeDaemon()
    said = after(client(daemon), f"{PAGE}/drop", id="no-play", etag="etag-mia")
    assert "Removed from Mia's week." in said and "Undo" in said
    assert daemon.changed[0][2] == {
        "person": "mia",
        "id": "no-play",
        "etag": "etag-mia",
    }
    daemon.refuses["window-drop"] = CONFLICT
    said = after(client(daemon), f"{PAGE}/drop", id="no-play")
    assert "Somebody else changed this meanwhile." in said


@pytest.mark.parametrize(
    ("sent", "asked", "said"),
    [
        ({"change": "later30"}, {"start": "21:30"}, "bedtime starts at 21:30"),
        ({"change": "later60"}, {"start": "22:00"}, "bedtime starts at 22:00"),
        ({"change": "off"}, {"off": True}, "No bedtime for Mia tonight"),
        (
            {"change": "own", "start": "23:00", "end": "08:00"},
            {"start": "23:00", "end": "08:00"},
            "bedtime is 23:00 to 08:00",
        ),
        (
            {"change": "usual"},
            {"start": "21:00", "end": "06:30"},
            "bedtime is 21:00 to 06:30",
        ),
    ],
)
def test_one_evening_that_differs(
    sent: dict[str, str], asked: dict[str, Any], said: str
) -> None:
    daemon = FakeDaemon()
    assert said in after(client(daemon), f"{PAGE}/tonight", **sent)
    verb, by, args = daemon.changed[0]
    assert (verb, by) == ("exception", "anna")
    assert args == {"person": "mia", "on": "2026-03-04", "kind": "bedtime", **asked}


def test_an_evening_with_wrong_times_is_told() -> None:
    daemon = FakeDaemon()
    browser = client(daemon)
    said = after(browser, f"{PAGE}/tonight", change="own", start="", end="07:00")
    assert "Write when it starts" in said
    said = after(browser, f"{PAGE}/tonight", change="own", start="7:00", end="07:00")
    assert "Start and end are the same." in said and not daemon.changed
    daemon.answers["person"] = person(windows=[])
    said = after(browser, f"{PAGE}/tonight", change="off")
    assert "There is no bedtime tonight." in said


def test_a_changed_evening_shows_and_can_go_back() -> None:
    daemon = FakeDaemon()
    off = {"id": "x", "on": "2026-03-04", "kind": "bedtime", "off": True}
    daemon.answers["person"] = person(
        exceptions=[
            {**off, "start": None, "end": None},
            {
                "id": "y",
                "on": "2026-03-06",
                "kind": "homework",
                "start": "16:00",
                "end": None,
                "off": False,
            },
        ]
    )
    said = words(client(daemon).get(PAGE))
    assert "No bedtime tonight. Tomorrow is as usual." in said and "As usual" in said
    assert "Friday: Homework starts at 16:00" in said


def test_while_the_service_is_away_the_page_is_read_only() -> None:
    daemon = FakeDaemon()
    daemon.away = Away(0.0)
    response = client(daemon).get(PAGE)
    html = response.get_data(as_text=True)
    assert html.count("<fieldset disabled>") == 2 and "School nights" in html
    assert "Change for Mia" not in html


def test_a_carer_changes_tonight_and_not_the_week() -> None:
    html = client(account=CARER).get(PAGE).get_data(as_text=True)
    assert "30 min later" in html and "Add to the week" not in html
    assert html.count("<fieldset disabled>") == 1
