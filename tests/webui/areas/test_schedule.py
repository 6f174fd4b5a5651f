"""The page of a child's schedule: what it shows and what its forms do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from guardian.store.data import load_bands
from tests import build
from tests.fakes.daemon import FakeDaemon
from tests.fakes.desk import DeskDaemon
from tests.fakes.family import ACCOUNTS, WINDOWS, of_person
from tests.webui.browser import Browser, application, words_of
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


def write(anna: Browser, status: int, **fields: Any) -> str:
    """Send the form of a window; return the page that answers."""
    address = f"{PAGE}/window?kind={fields['kind']}"
    anna.get(address)
    return anna.send(address, status, **fields)


def save(anna: Browser, **fields: Any) -> str:
    """Save a window; return the words of the page it leads to."""
    return words_of(write(anna, 200, **fields))


def person(**changes: Any) -> Any:
    """Return an answer of `person` with changes."""
    return lambda args: {**of_person(args), **changes}


def test_windows_stand_in_words_with_where_they_come_from(anna: Browser) -> None:
    said = words_of(anna.get(PAGE))
    assert "School nights 21:00 to 06:30" in said
    assert "Nights before free days 22:00 to 07:30" in said
    assert "From the 10–12 template: Children of this age need nine" in said
    assert "School days 14:00 to 17:00" in said
    assert "Off then: Games, Video and streaming" in said
    assert "Set for Mia by a parent." in said
    assert "Bedtime 21:00 until 06:30" in said


def test_the_week_is_a_picture_and_a_table(anna: Browser) -> None:
    html = anna.get(PAGE)
    assert html.count("<rect") >= 7 and "<table>" in html and "style=" not in html
    assert "Bedtime, 21:00 until 06:30" in words_of(anna.get(PAGE))


def test_without_a_bedtime_it_says_what_that_means(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["person"] = person(windows=[])
    said = words_of(anna.get(PAGE))
    assert "No bedtime set. Internet is on all night." in said
    assert "Add a bedtime" in said and "30 min later" not in said


def test_a_time_of_ones_own_can_go_back_to_the_template(
    anna: Browser, daemon: FakeDaemon
) -> None:
    assert "Back to the template" not in anna.get(PAGE)
    own = {**WINDOWS[0], "layer": "person:mia", "why": None}
    daemon.answers["person"] = person(windows=[own, WINDOWS[2]])
    html = anna.get(PAGE)
    assert html.count("Back to the template for Mia:") == 1
    anna.send(f"{PAGE}/default")
    assert daemon.changed[0][2] == {"person": "mia", "id": "bedtime"}


def test_what_the_template_lost_can_come_back(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["person"] = person(dropped=["bedtime-weekend"])
    assert "Bring back “Bedtime weekend”" in words_of(anna.get(PAGE))
    said = tap(anna, f"{PAGE}/default", id="bedtime-weekend")
    assert "Mia has the 10–12 template's time again." in said
    assert daemon.changed == [
        ("window-default", "anna", {"person": "mia", "id": "bedtime-weekend"})
    ]


def test_nobody_without_rules_has_a_schedule(anna: Browser) -> None:
    anna.get("/child/anna/schedule", 404)
    anna.get("/child/nobody/schedule", 404)
    anna.get(f"{PAGE}/window?kind=party", 404)
    anna.get(f"{PAGE}/window?id=gone", 404)
    anna.get(f"{PAGE}/window?kind=bedtime")
    anna.send(f"{PAGE}/window?kind=bedtime", 400, kind="x")


def test_a_new_window_is_saved_as_written(anna: Browser, daemon: FakeDaemon) -> None:
    html = anna.get(f"{PAGE}/window?kind=homework")
    assert 'value="15:00"' in html and "School days" in html
    form = {"kind": "homework", "days": ["school"], "start": "15:00", "end": "16:30"}
    said = save(anna, **form, etag="etag-mia", do="save")
    assert "Saved: School days 15:00 to 16:30." in said and "Undo" in said
    assert daemon.changed == [
        ("window-set", "anna", {"person": "mia", "etag": "etag-mia", **form})
    ]


def test_a_window_that_is_changed_opens_with_its_values(anna: Browser) -> None:
    html = anna.get(f"{PAGE}/window?id=no-play")
    assert 'value="no-play"' in html and 'value="14:00"' in html
    assert 'value="games" checked' in html and 'value="social" checked' not in html
    # Link shorteners and harmful kinds are no matter of an afternoon.
    assert 'value="shortener"' not in html and 'value="adult"' not in html


def test_a_merged_overlap_is_told(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.accepts["window-set"] = {
        "revision": 89,
        "enforced": True,
        "merged": ["bedtime-2"],
        "window": {**WINDOWS[0], "end": "08:00"},
    }
    said = save(anna, **BEDTIME)
    assert "Saved: School nights 21:00 to 08:00." in said
    assert "It overlapped with another of its kind; both are one now." in said


def test_what_is_not_enforced_is_not_told_as_saved(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.accepts["window-set"] = {"revision": 89, "enforced": False, "merged": []}
    said = save(anna, **BEDTIME)
    assert "The change wasn't applied." in said and "Saved" not in said


def test_a_wrong_field_is_named_and_the_rest_is_kept(
    anna: Browser, daemon: FakeDaemon
) -> None:
    html = write(anna, 422, **{**BEDTIME, "days": [], "start": "22:15", "end": "x"})
    assert not daemon.changed
    assert 'href="#days"' in html and 'href="#end"' in html
    assert 'value="22:15"' in html and 'value="x"' in html
    assert "Choose at least one kind of day." in words_of(html)


def test_a_refusal_of_the_daemon_stands_at_its_field(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["window-set"] = ControlError("window-zero-length")
    assert 'href="#end"' in write(anna, 409, **BEDTIME)
    daemon.refuses["window-set"] = ControlError("not-running")
    html = write(anna, 409, **BEDTIME)
    assert 'href="#form"' in html and "Nothing was changed." in words_of(html)


def test_a_preview_saves_nothing(anna: Browser, daemon: FakeDaemon) -> None:
    html = write(anna, 200, **{**BEDTIME, "do": "preview"})
    said = words_of(html)
    assert "Tonight: Bedtime, 20:30 until 06:30" in said
    assert "Nothing is saved yet." in said and not daemon.changed
    assert 'value="20:30"' in html


def test_a_preview_of_the_weekend_asks_about_the_weekend(
    anna: Browser, daemon: FakeDaemon
) -> None:
    asked: list[dict[str, Any]] = []

    def answer(args: dict[str, Any]) -> dict[str, Any]:
        asked.append(args)
        return {"day": []}

    daemon.answers["preview"] = answer
    html = write(anna, 200, **{**BEDTIME, "days": ["weekend"], "do": "preview"})
    assert asked[0]["at"] == "2026-03-06T12:00"
    assert "In the next 24 hours nothing of it is on." in words_of(html)


def test_two_parents_see_both_versions_and_nothing_is_lost(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["window-set"] = CONFLICT
    moved = {**WINDOWS[0], "start": "21:30"}
    daemon.answers["person"] = person(windows=[moved], etag="etag-2")
    html = write(anna, 409, **BEDTIME)
    said = words_of(html)
    assert "Tom changed this 10 min ago." in said
    assert "School nights 21:30 to 06:30" in said
    assert "School nights 20:30 to 06:30" in said
    assert 'value="etag-2"' in html
    # "Use mine" is the same form, built on what is there now.
    del daemon.refuses["window-set"]
    said = words_of(anna.send(f"{PAGE}/window", do="save"))
    assert "Saved: School nights 20:30 to 06:30." in said
    assert daemon.changed[0][2]["etag"] == "etag-2"


def test_a_window_that_was_removed_meanwhile_is_told(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["window-set"] = ControlError("save-conflict", "tom")
    daemon.answers["person"] = person(windows=[])
    said = words_of(write(anna, 409, **BEDTIME))
    assert "Tom changed this meanwhile." in said and "Removed" in said
    del daemon.refuses["window-set"]
    anna.send(f"{PAGE}/window", do="save")
    assert "id" not in daemon.changed[0][2]


def test_a_conflict_that_nobody_is_known_for(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.refuses["window-set"] = ControlError("save-conflict", "")
    moved = {**WINDOWS[0], "start": "21:30"}
    daemon.answers["person"] = person(windows=[moved], etag="etag-2")
    said = words_of(write(anna, 409, **BEDTIME))
    assert "Somebody changed this meanwhile." in said


def test_a_change_of_something_else_is_no_conflict(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["person"] = person(etag="etag-2")

    def answer(args: dict[str, Any]) -> dict[str, Any]:
        if args["etag"] != "etag-2":
            raise CONFLICT
        return {"revision": 90, "enforced": True, "merged": []}

    daemon.accepts["window-set"] = answer
    said = save(anna, **BEDTIME)
    assert "Saved: School nights 20:30 to 06:30." in said


def test_a_window_is_removed_unless_somebody_changed_it(
    anna: Browser, daemon: FakeDaemon
) -> None:
    said = tap(anna, f"{PAGE}/drop", id="no-play", etag="etag-mia")
    assert "Removed from Mia's week." in said and "Undo" in said
    assert daemon.changed[0][2] == {
        "person": "mia",
        "id": "no-play",
        "etag": "etag-mia",
    }
    daemon.refuses["window-drop"] = CONFLICT
    said = tap(anna, f"{PAGE}/drop", id="no-play")
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
    anna: Browser,
    daemon: FakeDaemon,
    sent: dict[str, str],
    asked: dict[str, Any],
    said: str,
) -> None:
    assert said in tap(anna, f"{PAGE}/tonight", **sent)
    verb, by, args = daemon.changed[0]
    assert (verb, by) == ("exception", "anna")
    assert args == {"person": "mia", "on": "2026-03-04", "kind": "bedtime", **asked}


def test_an_evening_with_wrong_times_is_told(anna: Browser, daemon: FakeDaemon) -> None:
    said = tap(anna, f"{PAGE}/tonight", change="own", start="", end="07:00")
    assert "Write when it starts" in said
    said = tap(anna, f"{PAGE}/tonight", change="own", start="7:00", end="07:00")
    assert "Start and end are the same." in said and not daemon.changed
    anna.get(PAGE)
    daemon.answers["person"] = person(windows=[])
    said = words_of(anna.send(f"{PAGE}/tonight", change="off"))
    assert "There is no bedtime tonight." in said


def test_a_changed_evening_shows_and_can_go_back(
    anna: Browser, daemon: FakeDaemon
) -> None:
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
    said = words_of(anna.get(PAGE))
    assert "No bedtime tonight. Tomorrow is as usual." in said and "As usual" in said
    assert "Friday: Homework starts at 16:00" in said


def test_while_the_service_is_away_the_page_is_read_only(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.away = Away(0.0)
    html = anna.get(PAGE)
    assert html.count("<fieldset disabled>") == 2 and "School nights" in html
    assert "Change for Mia" not in html


def test_a_carer_changes_tonight_and_not_the_week(anna: Browser) -> None:
    html = Browser(anna.app, "gran").get(PAGE)
    assert "30 min later" in html and "Add to the week" not in html
    assert html.count("<fieldset disabled>") == 1


@pytest.fixture
def home(tmp_path: Path) -> tuple[Browser, DeskDaemon]:
    """Return a parent before the pages of a daemon with the real verbs."""
    people = (replace(build.MIA, band="10-12"), build.TOM, build.ANNA)
    daemon = DeskDaemon(
        tmp_path,
        build.home(*people, bands=load_bands()),
        now="2026-03-04 19:30",
        fixed={"accounts": ACCOUNTS},
    )
    return Browser(application(tmp_path, daemon)), daemon


def test_with_the_real_verbs_two_parents_meet(
    home: tuple[Browser, DeskDaemon],
) -> None:
    anna, daemon = home
    anna.get(f"{PAGE}/window?id=bedtime-school")
    address = f"{PAGE}/window?id=bedtime-school"
    said = words_of(anna.send(address, start="20:30", do="preview"))
    assert "Tonight: Bedtime, 20:30 until 06:30" in said
    daemon.change(
        "window-set",
        by="tom",
        person="mia",
        id="bedtime-school",
        kind="bedtime",
        days=["school"],
        start="21:15",
        end="06:30",
    )
    said = words_of(anna.send(address, 409, start="20:30", do="save"))
    assert "Tom changed this just now." in said
    assert "School nights 21:15 to 06:30" in said
    assert "Saved: School nights 20:30 to 06:30." in words_of(
        anna.send(f"{PAGE}/window", do="save")
    )
    assert "Back to the template" in anna.text
    said = words_of(anna.send(f"{PAGE}/default"))
    assert "School nights 21:00 to 06:30 From the 10–12 template: School" in said


def test_with_the_real_verbs_tonight_differs_and_tomorrow_does_not(
    home: tuple[Browser, DeskDaemon],
) -> None:
    anna, _ = home
    for change, said in (
        ("later60", "Bedtime 22:00 until 06:30 · only tonight"),
        ("later30", "Bedtime 22:30 until 06:30 · only tonight"),
        ("off", "No bedtime tonight. Tomorrow is as usual."),
        ("usual", "Bedtime 21:00 until 06:30 30 min later"),
    ):
        assert said in tap(anna, f"{PAGE}/tonight", change=change)


def test_with_the_real_verbs_what_was_dropped_comes_back(
    home: tuple[Browser, DeskDaemon],
) -> None:
    anna, _ = home
    said = tap(anna, f"{PAGE}/drop", id="bedtime-weekend")
    assert "Nights before free days" not in said
    said = words_of(anna.send(f"{PAGE}/default", id="bedtime-weekend"))
    assert "Nights before free days 22:00 to 06:30" in said


def test_with_the_real_verbs_apps_wait_and_overlaps_are_one(
    home: tuple[Browser, DeskDaemon],
) -> None:
    anna, _ = home
    sent = {"kind": "sites", "days": ["school"], "blocks": ["games", "roblox"]}
    said = save(anna, **sent, start="14:00", end="16:00", do="save")
    assert "Off then: Games, Roblox" in said
    said = save(anna, **sent, start="15:00", end="17:00", do="save")
    assert "Saved: School days 14:00 to 17:00. It overlapped with another" in said
