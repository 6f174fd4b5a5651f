"""A first evening over the daemon's own verbs: thirty devices, one child, one parent.

What the pages send is what the verbs take, and nothing stops until it is assigned.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from guardian.core.errors import ControlError, GuardianError
from guardian.core.model import Household
from guardian.store.data import load_bands
from guardian.verbs.accounts import prepare
from tests.build import mac
from tests.steering import Desk, sighting
from tests.webui.browser import Browser, words_of
from webui.app import create_app
from webui.daemon import Away
from webui.settings import Settings

PASSWORD = "three words together"
TABLET, PHONE = mac(20), mac(21)


class Near:
    """The daemon's verbs without a socket between, as the pages see them."""

    away: Away | None = None

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def call(self, verb: str, /, **args: Any) -> Any:
        """Run a verb; by: as over the pages' own socket."""
        by = args.pop("by", "")
        try:
            return json.loads(json.dumps(self.desk.ask(verb, by=by, **args)))
        except GuardianError as error:
            problems = getattr(error, "problems", ())
            raise ControlError(error.code, error.detail, problems) from None

    def read(self, verb: str, /, **args: Any) -> Any:
        """Run a reading verb."""
        return self.call(verb, **args)

    def change(self, verb: str, /, *, by: str, **args: Any) -> Any:
        """Run a changing verb in somebody's name."""
        return self.call(verb, by=by, **args)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path, Household(claimed=False, bands=load_bands()))
    made.world.lan = [
        sighting(mac(20 + n), hostname=f"device-{n}", first_seen=1, last_seen=2)
        for n in range(30)
    ]
    prepare(made.world.accounts, made.moment.wall)
    lists = {"index": None, "feeds": [], "next": None, "problem": None}
    status = {"answering": True, "lists": lists}
    monkeypatch.setattr(made.world, "names", lambda: status)
    return made


@pytest.fixture
def app(tmp_path: Path, desk: Desk) -> Flask:
    (tmp_path / "web").mkdir()
    app = create_app(Settings(state_dir=tmp_path / "web"), Near(desk))
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.error_handler_spec[None][None].pop(Exception, None)
    return app


@pytest.fixture
def anna(app: Flask, desk: Desk) -> Browser:
    """Anna after the claim, with Mia of eleven."""
    anna = Browser(app, None)
    anna.get("/setup/home")
    anna.send("/setup/home", language="en", timezone="Europe/Berlin", clock="right")
    code = desk.ask("claim-code")["code"]
    anna.send("/setup/parent", code=code.lower(), name="Anna", password=PASSWORD)
    anna.send("/setup/people", name="Mia", who="10-12", next="devices")
    return anna


def exempt(desk: Desk) -> set[str]:
    return {m for d in desk.service.household.devices if d.exempt for m in d.macs}


def test_a_first_evening(anna: Browser, desk: Desk) -> None:
    household = desk.service.household
    assert (household.timezone, household.country) == ("Europe/Berlin", "DE")
    assert len(exempt(desk)) == 30
    assert words_of(anna.get("/setup/devices")).count("Not sure") == 30
    tablet = next(d.id for d in household.devices if TABLET in d.macs)
    said = anna.send("/setup/devices", **{f"who-{tablet}": "mia"})
    # One is Mia's; the others go on.
    assert len(exempt(desk)) == 29 and TABLET not in exempt(desk)
    assert "Internet is off from 21:00 to 06:30 on school nights" in words_of(said)
    anna.send("/setup/rules")
    said = words_of(anna.send("/setup/trial", person="mia"))
    assert "left. Then it comes back by itself." in said
    decision = desk.ask("overview")["people"][1]["decision"]
    assert decision["reason"] == "PAUSED"
    desk.later(121)
    said = words_of(anna.get("/setup/trial"))
    assert "See it work" in said
    assert desk.ask("overview")["people"][1]["decision"]["reason"] != "PAUSED"
    assert "Mia" in words_of(anna.get("/"))


def test_a_wrong_code_and_then_a_wait(app: Flask) -> None:
    guess = Browser(app, None)
    guess.get("/setup/parent")
    form = {"code": "AAAAAAAA", "name": "Eve", "password": PASSWORD}
    assert "That isn't the code." in words_of(guess.send("/setup/parent", **form))
    assert "Wait 1 seconds" in words_of(guess.send("/setup/parent", **form))


def test_devices_over_the_verbs(anna: Browser, desk: Desk) -> None:
    key = next(d.id for d in desk.service.household.devices if PHONE in d.macs)
    anna.get(f"/devices/{key}")
    anna.send(f"/devices/{key}/owner", who="guest")
    anna.send(f"/devices/{key}", name="Oma's phone", kind="personal")
    said = words_of(anna.get("/devices"))
    assert "Guests: rules for new devices Oma's phone" in said
    assert "Oma's phone" not in words_of(anna.get("/"))
    anna.get(f"/devices/{key}")
    anna.send(f"/devices/{key}/owner", who="always")
    assert "Always allowed Oma's phone" in words_of(anna.get("/devices"))
    anna.get(f"/devices/{key}")
    anna.send(f"/devices/{key}/drop")
    # It is in the Wi-Fi still: asked about like a new one, under its own name.
    said = words_of(anna.get(f"/devices/{PHONE}"))
    assert "device-1" in said and "Whose is it?" in said
    said = anna.send(f"/devices/{PHONE}/owner", who="mia")
    assert "device-1 is Mia's now." in words_of(said)


def test_settings_over_the_verbs(anna: Browser, desk: Desk) -> None:
    anna.get("/settings/home")
    anna.send("/settings/home", name="Ours", clock24="12", day_change="05:00")
    household = desk.service.household
    assert (household.name, household.day_change) == ("Ours", 300)
    assert "am" in words_of(anna.get("/settings")) or "pm" in anna.text
    anna.get("/settings/new-devices")
    anna.send("/settings/new-devices", policy="block")
    assert "New devices Keep it out" in words_of(anna.get("/settings"))
    anna.get("/settings/protection")
    said = words_of(anna.send("/settings/protection", until="2h"))
    assert "Protection is off until" in said
    assert "Protection is on again." in words_of(anna.send("/settings/protection"))
    assert desk.service.household.off is None


def test_people_and_passwords_over_the_verbs(anna: Browser, app: Flask) -> None:
    anna.get("/settings/people/mia")
    anna.send("/settings/people/mia", name="Mia", who="13-15", birth="2012-04")
    assert 'value="2012-04"' in anna.get("/settings/people/mia")
    anna.send("/settings/people/mia", name="Mia", who="13-15", birth="")
    anna.get("/settings/people")
    said = anna.send("/settings/invite", role="parent")
    token = said.partition("/join/")[2].partition("<")[0]
    tom = Browser(app, None)
    tom.get(f"/join/{token}")
    tom.send(f"/join/{token}", name="Tom", password="four quite other words")
    assert "Tom Parent" in words_of(anna.get("/settings/people"))
    anna.get("/settings/password")
    said = anna.send("/settings/password", old=PASSWORD, password="entirely new words")
    assert "Your password is changed." in words_of(said)
    anna.get("/settings/people/tom/remove")
    anna.send("/settings/people/tom/remove")
    assert "Tom" not in words_of(anna.get("/settings/people")).replace("Tom is", "")
    anna.get("/settings/people/anna/remove")
    said = words_of(anna.send("/settings/people/anna/remove"))
    assert "That's the only parent." in said


def test_programs_and_backup_over_the_verbs(anna: Browser, desk: Desk) -> None:
    anna.get("/settings/programs")
    said = anna.send("/settings/programs", name="Lights", scope="change")
    assert "<code>lights." in said
    text = anna.get("/settings/backup/household.json")
    anna.get("/settings/people/mia/remove")
    anna.send("/settings/people/mia/remove")
    assert desk.service.household.person("mia") is None
    anna.get("/settings/backup")
    file = (BytesIO(text.encode()), "guardian.json")
    said = words_of(anna.send("/settings/backup/preview", file=file))
    assert "Mia comes back" in said
    anna.send("/settings/backup/restore", text=text)
    assert desk.service.household.person("mia") is not None
