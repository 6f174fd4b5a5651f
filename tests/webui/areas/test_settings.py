"""Settings: each row states its value, and each change goes through the daemon."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import BEDTIME
from tests.webui.browser import Browser, application, words_of
from webui.areas.settings import PARTS, parts


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


def test_every_row_states_its_value(anna: Browser) -> None:
    said = words_of(anna.get("/settings"))
    for value in (
        "People and passwords Mia, Ben, Anna, Tom",
        "Devices 2 wait for an answer",
        "New devices Ask me",
        "Calendar: holidays and free days 1 entry",
        "Protection On",
        "English · Europe/Berlin · 19:30",
        "Connection Encrypted with the box's own key",
        "Lists of sites 512000 names · yesterday",
        "App passwords None",
        "Technician Nobody",
        "Version 0.1.0",
    ):
        assert value in said, value


def test_place_language_and_time(anna: Browser, daemon: FakeDaemon) -> None:
    said = anna.get("/settings/home")
    assert '<option value="DE" selected>' in said
    assert '<option value="Europe/Berlin" selected>' in said
    anna.send("/settings/home", timezone="Europe/Vienna", country="AT", clock24="12")
    assert daemon.changed == [
        (
            "home-set",
            "anna",
            {
                "name": "Example family",
                "timezone": "Europe/Vienna",
                "country": "AT",
                "language": "en",
                "clock24": False,
                "day_change": "04:00",
            },
        )
    ]


def test_a_mistake_keeps_the_rest_and_names_the_field(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get("/settings/home")
    said = anna.send("/settings/home", name="", timezone="Mars", language="xx")
    assert all(f'href="#{key}"' in said for key in ("name", "timezone", "language"))
    assert daemon.changed == []
    daemon.refuses["home-set"] = ControlError("bad-day-change", "25:00")
    anna.get("/settings/home")
    said = anna.send("/settings/home", day_change="23:59")
    assert 'href="#day_change"' in said and 'value="23:59"' in said


def test_new_devices_say_what_each_choice_means(
    anna: Browser, daemon: FakeDaemon
) -> None:
    said = words_of(anna.get("/settings/new-devices"))
    assert "Guests have to wait for you." in said and "Help lines work" in said
    said = words_of(anna.send("/settings/new-devices", policy="block"))
    assert "New devices: Keep it out." in said
    assert daemon.changed == [("home-set", "anna", {"new_devices": "block"})]


def test_a_policy_that_is_none(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/new-devices")
    said = words_of(anna.send("/settings/new-devices", policy="all"))
    assert "Choose one. Nothing was changed." in said and daemon.changed == []


def test_the_connection_says_which_step_is_on(
    tmp_path: Path, daemon: FakeDaemon
) -> None:
    words = ("amber", "birch", "cloud", "delta")
    app = application(tmp_path, daemon, words=lambda: words, authority=Path("/x"))
    said = Browser(app).get("/settings/connection")
    assert "amber · birch · cloud · delta" in words_of(said)
    assert "Step 1: the box's own key" in words_of(said) and "/authority.crt" in said
    app = application(tmp_path, daemon, hsts=True)
    said = words_of(Browser(app).get("/settings/connection"))
    assert "Step 2: your own domain" in said and "Step 2 needs" not in said


def test_plain_pages_carry_a_notice(tmp_path: Path, daemon: FakeDaemon) -> None:
    app = application(tmp_path, daemon, plain_http=True)
    said = words_of(Browser(app).get("/settings/connection"))
    assert "open without encryption" in said


def test_lists(anna: Browser, daemon: FakeDaemon) -> None:
    said = words_of(anna.get("/settings/lists"))
    assert "512000 names in force From yesterday, 02:06." in said
    assert "gambling 204000 yesterday" in said
    daemon.answers["status"]["names"]["lists"].update(index=None, problem="offline")
    said = words_of(anna.get("/settings/lists"))
    assert "No list yet" in said and "(offline)" in said


def test_every_part_has_a_licence(anna: Browser) -> None:
    found = parts()
    assert {name.lower() for name, _, _ in found} <= set(PARTS)
    assert len(found) > 8
    assert all(number and licence for _, number, licence in found)
    assert "segno" in words_of(anna.get("/settings/about"))


def test_contacts_stand_on_about(tmp_path: Path, daemon: FakeDaemon) -> None:
    app = application(tmp_path, daemon, child_safety_contact="Box Ltd, care@box.test")
    said = words_of(Browser(app).get("/settings/about"))
    assert "Child safety: Box Ltd, care@box.test" in said


@pytest.mark.parametrize(
    "until, told",
    [("30m", {"span": "30m"}), ("morning", {"until": "06:00"})],
)
def test_protection_goes_off_until_an_end(
    anna: Browser, daemon: FakeDaemon, until: str, told: dict[str, str]
) -> None:
    assert "Turn protection off for everyone?" in words_of(
        anna.get("/settings/protection")
    )
    said = words_of(anna.send("/settings/protection", until=until))
    assert "Protection is off until 21:00, then on by itself." in said
    assert daemon.changed == [("protection", "anna", told)]


def test_protection_never_goes_off_without_an_end(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get("/settings/protection")
    said = words_of(anna.send("/settings/protection", until="forever"))
    assert "Choose until when. Nothing was changed." in said and daemon.changed == []


def test_the_banner_of_every_page_turns_it_on(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["overview"]["protection"] = {"off_until": BEDTIME, "by": "anna"}
    anna.get("/")
    said = words_of(anna.send("/settings/protection"))
    assert "Protection is on again." in said
    assert daemon.changed == [("protection", "anna", {})]
    assert anna.last is not None and anna.last.request.path == "/"


def test_a_technician_ends_by_itself(anna: Browser, daemon: FakeDaemon) -> None:
    tina = {
        **daemon.answers["accounts"]["accounts"][0],
        "id": "tina",
        "person": None,
        "name": "Tina",
        "role": "technician",
        "until": BEDTIME,
    }
    daemon.answers["accounts"]["accounts"].append(tina)
    assert "Tina until 21:00" in words_of(anna.get("/settings/technician"))
    assert "Technician May sign in until 21:00" in words_of(anna.get("/settings"))
    anna.get("/settings/technician")
    anna.send("/settings/accounts/tina/drop")
    assert daemon.changed == [("account-drop", "anna", {"id": "tina"})]


def test_a_refusal_says_what_is_in_force(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.refuses["protection"] = ControlError("on-trial")
    anna.get("/settings/protection")
    said = words_of(anna.send("/settings/protection", until="30m"))
    assert "Nothing was changed" in said
