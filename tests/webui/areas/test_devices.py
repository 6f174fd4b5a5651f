"""Devices: whose, the same or another, named, forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import STRANGER
from tests.webui.browser import Browser, application, words_of

NEW = STRANGER["mac"]


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


def test_those_to_be_asked_about_come_first(anna: Browser) -> None:
    said = words_of(anna.get("/devices"))
    order = ["iPhone", "old-laptop", "Mia's tablet", "Oma's phone", "Doorbell"]
    assert sorted(order, key=said.index) == order
    assert "New-device rules" not in said and "Whose is it?" in said


def test_no_address_outside_of_details(anna: Browser) -> None:
    assert NEW not in words_of(anna.get("/devices"))
    said = anna.get(f"/devices/{NEW}")
    assert said.index("<details") < said.index(f"<code>{NEW}</code>")
    assert "This is a private address" in said


def test_no_device_yet(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["devices"] = []
    daemon.answers["overview"]["unassigned"] = []
    assert "No devices seen yet." in words_of(anna.get("/devices"))


def test_a_rotated_address_is_a_question_with_two_answers(
    anna: Browser, daemon: FakeDaemon
) -> None:
    said = words_of(anna.get("/devices"))
    assert "Looks like Mia's phone with a new private address. Same device?" in said
    said = words_of(anna.send(f"/devices/{NEW}/same"))
    assert "Mia's phone is known by its new address too." in said
    change = {"device": NEW, "same_as": "phone-mia"}
    assert daemon.changed == [("assign", "anna", change)]
    said = anna.get(f"/devices/{NEW}?other=1")
    assert "Same device?" not in said and f"/devices/{NEW}/owner" in said


@pytest.mark.parametrize(
    "who, whose, said",
    [
        ("mia", {"person": "mia"}, "iPhone is Mia's now."),
        ("always", {"exempt": True}, "iPhone always works now."),
        ("guest", {}, "iPhone is a guest's now: it has the rules for new devices."),
    ],
)
def test_one_tap_says_whose(
    anna: Browser, daemon: FakeDaemon, who: str, whose: dict[str, object], said: str
) -> None:
    anna.get(f"/devices/{NEW}?other=1")
    daemon.accepts["assign"] = {"revision": 9, "enforced": True, "device": "tablet"}
    assert said in words_of(anna.send(f"/devices/{NEW}/owner", who=who))
    assert daemon.changed == [
        ("assign", "anna", {"device": NEW, "name": "iPhone", **whose})
    ]


def test_an_owner_that_is_none_changes_nothing(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get("/devices")
    said = words_of(anna.send("/devices/device-old/owner", who="nobody"))
    assert "Choose whose it is. Nothing was changed." in said and not daemon.changed


def test_every_button_says_for_which_device(anna: Browser) -> None:
    said = anna.get("/devices")
    assert 'aria-label="old-laptop is Mia\'s"' in said
    assert 'aria-label="old-laptop always works"' in said


def test_a_new_name_and_kind(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/devices/bell")
    said = words_of(anna.send("/devices/bell", name="Front door", kind="thing"))
    assert "Saved: Front door." in said
    change = {"device": "bell", "name": "Front door", "kind": "thing"}
    assert daemon.changed == [("device-set", "anna", change)]


def test_a_name_twice_is_told_and_allowed(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/devices/console")
    said = anna.send("/devices/console", name="Mia's tablet", kind="personal")
    assert "Another device is called Mia's tablet too." in words_of(said)
    assert len(daemon.changed) == 1


def test_a_name_that_is_none_is_kept_at_its_field(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get("/devices/bell")
    said = anna.send("/devices/bell", name="x" * 61)
    assert 'id="name-error"' in said and "x" * 61 in said and not daemon.changed


def test_a_device_is_forgotten(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/devices/bell")
    said = words_of(anna.send("/devices/bell/drop"))
    assert "Doorbell is forgotten." in said
    assert daemon.changed == [("device-drop", "anna", {"device": "bell"})]


def test_a_refusal_is_told(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.refuses["assign"] = ControlError("on-trial")
    anna.get("/devices")
    said = words_of(anna.send("/devices/device-old/owner", who="mia"))
    assert "Other rules are on trial right now." in said


def test_a_device_that_is_none(anna: Browser) -> None:
    anna.get("/devices/nothing", 404)


def test_a_name_a_device_chose_is_text(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["overview"]["unassigned"][0].update(
        name='"><img src=x onerror=alert(1)>', may_belong_to=[]
    )
    for path in ("/devices", f"/devices/{NEW}"):
        assert "<img" not in anna.get(path)
