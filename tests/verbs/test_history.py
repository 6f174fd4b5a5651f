"""The family log, and one change taken back: untouched, touched since, gone."""

from __future__ import annotations

import pytest

from guardian.core.errors import GuardianError
from guardian.service import HISTORY_MAX
from tests.build import home
from tests.steering import Desk
from tests.verbs.kit import MIA, document, refused


def test_a_pause_is_taken_back_at_once(desk: Desk) -> None:
    done = desk.ask("pause", person="mia", span="1h")
    assert not desk.routed(MIA)
    back = desk.ask("undo", by="tom", revision=done["revision"])
    assert back == {"undone": 2, "revision": 3, "enforced": True}
    assert desk.routed(MIA) and desk.service.household == home()
    newest = desk.ask("log", limit=1)[0]
    assert (newest["by"], newest["verb"]) == ("tom", "undo")


def test_an_undo_can_be_undone(desk: Desk) -> None:
    desk.ask("site", person="mia", action="block", names=["a.org"])
    held = desk.service.household
    desk.ask("undo", revision=2)
    assert desk.ask("undo", revision=3)["revision"] == 4
    assert desk.service.household == held


def test_only_that_change_goes(desk: Desk) -> None:
    desk.ask("site", person="mia", action="block", names=["a.org"])
    desk.ask("site", person="mia", action="block", names=["b.org"])
    desk.ask("pause", person="tom", span="1h")
    desk.ask("undo", revision=2)
    household = desk.service.household
    assert household.people[0].overrides.block == ("b.org",)
    assert len(household.pauses) == 1


def test_touched_since_is_refused_with_the_place(desk: Desk) -> None:
    desk.ask("home-set", name="Nest")
    desk.ask("home-set", name="Castle")
    assert refused(desk, "undo", revision=2) == "undo-conflict"
    with pytest.raises(GuardianError, match="undo-conflict: name"):
        desk.ask("undo", revision=2)
    assert desk.ask("undo", revision=3)["revision"] == 4
    assert desk.service.household.name == "Nest"


def test_whom_it_was_about_has_gone(desk: Desk) -> None:
    desk.ask("pause", person="tom", span="1h")
    desk.ask("resume", person="tom")
    desk.ask("person-drop", person="tom")
    assert refused(desk, "undo", revision=3) == "undo-conflict"


def test_what_the_daemon_does_not_know_any_more(desk: Desk) -> None:
    for revision in (0, 1, -5, 99):
        assert refused(desk, "undo", revision=revision) == "undo-gone"
    for number in range(HISTORY_MAX + 1):
        desk.ask("home-set", name=f"Home {number}")
    assert len(desk.service.history) == HISTORY_MAX
    assert refused(desk, "undo", revision=2) == "undo-gone"
    assert refused(desk, "undo") == "needs-arguments"


def test_what_is_as_before_already_changes_nothing(desk: Desk) -> None:
    desk.ask("pause", person="mia", span="1h")
    desk.ask("resume", person="mia")
    assert desk.ask("undo", revision=2)["revision"] == 3


def test_an_import_is_taken_back_as_a_whole(desk: Desk) -> None:
    desk.ask("household-import", text=document(home(people=[]), people=[], devices=[]))
    assert desk.service.household.people == ()
    desk.ask("undo", revision=2)
    assert desk.service.household == home()


def test_on_trial_nothing_is_taken_back(desk: Desk) -> None:
    desk.ask("pause", person="mia", span="1h")
    desk.ask("try", text=document(home(), name="Tried"))
    assert refused(desk, "undo", revision=2) in ("on-trial", "undo-conflict")


def test_the_log_says_what_can_be_taken_back(desk: Desk) -> None:
    desk.ask("home-set", name="Nest")
    desk.ask("home-set", name="Castle")
    desk.ask("pause", by="tom", person="mia", span="1h")
    entries = desk.ask("log")
    assert [(e["revision"], e["undoable"]) for e in entries] == [
        (4, True),
        (3, True),
        (2, False),
        (1, False),
    ]
    assert entries[0]["at"] == "2026-03-04T12:00:00+01:00"
    assert (entries[0]["by"], entries[0]["verb"]) == ("tom", "pause")
    assert entries[0]["changes"]
    assert len(desk.ask("log", limit=2)) == 2


def test_what_changed_nothing_is_no_entry(desk: Desk) -> None:
    desk.ask("home-set", name="Home")
    assert desk.service.history == {} and desk.service.revision == 1
