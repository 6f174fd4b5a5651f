"""People and passwords: add, change, remove, invite, and one's own password."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import Browser, application, forms_of, words_of
from webui import passwords

OLD, NEW = "correct horse battery", "another three words"
OLD_HASH = passwords.make_hash(OLD, p=1)


@pytest.fixture
def daemon() -> FakeDaemon:
    made = FakeDaemon()
    made.answers["accounts"]["accounts"][0]["hash"] = OLD_HASH
    return made


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


def test_who_lives_here_and_who_may_sign_in(anna: Browser) -> None:
    said = words_of(anna.get("/settings/people"))
    assert "Mia 10 to 12 years · 2 devices" in said and "Tom Parent End" in said
    assert "Anna Parent My password" in said


def test_a_child_is_added_and_its_device_is_next(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get("/settings/people")
    said = words_of(anna.send("/settings/people", name="Lea", who="6-9"))
    assert "Lea is added. Now say which device is theirs." in said
    assert "Devices" in said
    change = {"name": "Lea", "role": "child", "band": "6-9"}
    assert daemon.changed == [("person-set", "anna", change)]


def test_somebody_without_an_age(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/people")
    said = anna.send("/settings/people", name="Lea")
    assert 'href="#who"' in said and 'value="Lea"' in said and not daemon.changed


def test_age_and_month_of_birth(anna: Browser, daemon: FakeDaemon) -> None:
    said = anna.get("/settings/people/mia")
    assert 'value="2015-03"' in said and 'value="10-12" checked' in said
    anna.send("/settings/people/mia", name="Mia", who="13-15", birth="")
    change = {"name": "Mia", "role": "child", "band": "13-15", "birth": ""}
    assert daemon.changed == [("person-set", "anna", {"person": "mia", **change})]


def test_a_month_that_is_none(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/people/mia")
    said = anna.send("/settings/people/mia", birth="May 2015")
    assert 'id="birth-error"' in said and "May 2015" in said and not daemon.changed


def test_an_adult_has_a_name_only(anna: Browser, daemon: FakeDaemon) -> None:
    assert "nobody sees what they do" in words_of(anna.get("/settings/people/tom"))
    anna.send("/settings/people/tom", name="Thomas", birth="1980-01")
    assert daemon.changed == [
        ("person-set", "anna", {"person": "tom", "name": "Thomas"})
    ]


def test_removing_is_asked_about_first(anna: Browser, daemon: FakeDaemon) -> None:
    said = words_of(anna.get("/settings/people/tom/remove"))
    assert "Remove Tom?" in said and daemon.changed == []
    said = words_of(anna.send("/settings/people/tom/remove"))
    assert "Tom is removed." in said
    assert [verb for verb, _, _ in daemon.changed] == ["account-drop", "person-drop"]


def test_the_only_parent_stays(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.refuses["account-drop"] = ControlError("last-parent")
    anna.get("/settings/people/anna/remove")
    said = words_of(anna.send("/settings/people/anna/remove"))
    assert "That's the only parent." in said and daemon.changed == []


def test_nobody_is_there(anna: Browser) -> None:
    anna.get("/settings/people/nobody", 404)


@pytest.mark.parametrize("role", ["parent", "carer", "technician"])
def test_an_invitation_is_shown_once(
    anna: Browser, daemon: FakeDaemon, role: str
) -> None:
    anna.get("/settings/people")
    said = anna.send("/settings/invite", role=role)
    assert "https://guardian.home.arpa:8443/join/t0ken" in said and "<svg" in said
    assert daemon.changed == [("invite", "anna", {"role": role})]
    assert "t0ken" not in anna.get("/settings/invite")


def test_a_role_that_nobody_is_invited_to(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/people")
    anna.send("/settings/invite", 400, role="child")
    assert daemon.changed == []


def test_a_sign_in_is_ended(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/settings/people")
    said = words_of(anna.send("/settings/accounts/tom/drop"))
    assert "That sign-in has ended, on every device." in said
    assert daemon.changed == [("account-drop", "anna", {"id": "tom"})]


def test_one_s_own_password(anna: Browser, daemon: FakeDaemon) -> None:
    def change(args: dict[str, str]) -> dict[str, object]:
        row = daemon.answers["accounts"]["accounts"][0]
        row.update(hash=args["hash"], generation=2)
        return {"revision": 89, "enforced": True, "id": "anna", "generation": 2}

    daemon.accepts["account-set"] = change
    anna.get("/settings/password")
    said = words_of(anna.send("/settings/password", old=OLD, password=NEW))
    # Who changed it stays signed in; the notice is on a parent's page.
    assert "Your password is changed." in said and "Who lives here" in said
    verb, by, args = daemon.changed[0]
    assert (verb, by, args["id"]) == ("account-set", "anna", "anna")
    assert passwords.matches(NEW, args["hash"])


def test_a_wrong_or_weak_password_changes_nothing(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get("/settings/password")
    said = words_of(anna.send("/settings/password", old="guess", password=NEW))
    assert "That isn't your password." in said
    anna.get("/settings/password")
    said = anna.send("/settings/password", old=OLD, password="short")
    assert 'id="password-error"' in said and daemon.changed == []


def test_guesses_of_the_old_one_have_to_wait(anna: Browser) -> None:
    for _ in range(20):
        anna.get("/settings/password")
        form = {"old": "guess", "password": NEW}
        anna.last = anna.client.post(
            "/settings/password",
            base_url=anna.base,
            data={**forms_token(anna), **form},
        )
        if anna.last.status_code == 429:
            break
    assert anna.last is not None and anna.last.status_code == 429
    assert int(anna.last.headers["Retry-After"]) >= 1
    assert "Try again in" in words_of(anna.text)


def forms_token(anna: Browser) -> dict[str, str]:
    """Return the token of the form on the page."""
    found = [f for f in forms_of(anna.text) if f["action"] == "/settings/password"]
    return {"form_token": found[0]["fields"]["form_token"]}
