"""Set-up: from an unclaimed box to a child's page, each step in each of its states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ANNA_AT, MIA, NOW, STRANGER
from tests.webui.browser import Browser, application, words_of
from webui import passwords

PASSWORD = "three words together"
FIRST = {"language": "en", "timezone": "Europe/Vienna"}


@pytest.fixture
def daemon() -> FakeDaemon:
    return FakeDaemon()


@pytest.fixture
def anna(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon))


@pytest.fixture
def nobody(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    """Somebody at a box that nobody has claimed; the claim makes it Anna's."""
    home = daemon.answers["overview"]
    home.update(claimed=False, people=[], zone="UTC", clock_known=False)
    daemon.answers["accounts"]["claimed"] = False

    def claim(args: dict[str, Any]) -> dict[str, Any]:
        daemon.answers["accounts"]["claimed"] = True
        return {"revision": 1, "enforced": True, "id": "anna", "person": "anna"}

    daemon.accepts["claim"] = claim
    return Browser(application(tmp_path, daemon), None)


def test_a_parents_page_leads_here_until_the_box_is_claimed(nobody: Browser) -> None:
    for path in ("/login", "/setup/"):
        nobody.get(path, 303)
        assert nobody.last is not None
    assert nobody.last.headers["Location"] == "/setup/home"


def test_the_first_step_guesses(nobody: Browser) -> None:
    said = nobody.get("/setup/home", headers={"Accept-Language": "de-AT"})
    assert '<option value="Europe/Vienna" selected>' in said
    assert '<html lang="de"' in said
    said = nobody.get("/setup/home", headers={"Accept-Language": "en-AT"})
    assert '<option value="Europe/Vienna" selected>' in said
    assert "Is that right?" in said and "18:30" not in said


def test_a_known_clock_is_shown_and_not_asked_about(
    nobody: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["overview"]["clock_known"] = True
    said = words_of(nobody.get("/setup/home"))
    assert "The router's clock says" in said and "Is that right?" not in said


def test_a_zone_that_is_none_keeps_the_rest(nobody: Browser) -> None:
    nobody.get("/setup/home")
    said = nobody.send("/setup/home", language="en", timezone="Mars/Olympus")
    assert 'role="alert"' in said and "#timezone" in said


def test_the_claim_makes_a_parent_and_signs_in(
    nobody: Browser, daemon: FakeDaemon
) -> None:
    nobody.get("/setup/home")
    nobody.send("/setup/home", **FIRST, clock="right")
    said = nobody.send("/setup/parent", code="ABCD2345", name="Anna", password=PASSWORD)
    assert "Who lives here?" in words_of(said)
    verb, by, args = daemon.changed[0]
    assert (verb, by) == ("claim", "") and PASSWORD not in str(args)
    assert passwords.matches(PASSWORD, args.pop("hash"))
    at = {"address": ANNA_AT}
    assert args == {"code": "ABCD2345", "name": "Anna", **FIRST, **at}
    assert daemon.changed[1:] == [
        ("home-set", "anna", {"country": "AT"}),
        ("clock", "anna", {}),
    ]


def test_a_wrong_code_keeps_what_was_written(
    nobody: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["claim"] = ControlError("claim-wrong")
    nobody.get("/setup/parent")
    said = nobody.send("/setup/parent", code="XXXX", name="Anna", password=PASSWORD)
    assert "That isn't the code." in words_of(said)
    assert 'value="XXXX"' in said and 'value="Anna"' in said and PASSWORD not in said


def test_a_guess_too_fast_is_told_how_long_to_wait(
    nobody: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["claim"] = ControlError("claim-wait", "8")
    nobody.get("/setup/parent")
    said = nobody.send("/setup/parent", code="XXXX", name="Anna", password=PASSWORD)
    assert "Wait 8 seconds, then try again." in words_of(said)


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"code": ""}, "code"),
        ({"name": ""}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "anna1234"}, "password"),
    ],
)
def test_each_mistake_of_the_second_step_is_at_its_field(
    nobody: Browser, daemon: FakeDaemon, fields: dict[str, str], field: str
) -> None:
    usual = {"code": "ABCD2345", "name": "Anna", "password": PASSWORD}
    nobody.get("/setup/parent")
    said = nobody.send("/setup/parent", **{**usual, **fields})
    assert f'href="#{field}"' in said and f'id="{field}-error"' in said
    assert daemon.changed == []


def test_the_first_steps_are_over_after_the_claim(anna: Browser) -> None:
    for path in ("/setup/home", "/setup/parent", "/setup/"):
        anna.get(path, 303)
        assert anna.last is not None
        assert anna.last.headers["Location"] in ("/setup/", "/setup/rules")


def test_the_later_steps_are_a_parents(nobody: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["accounts"]["claimed"] = True
    for step in ("people", "devices", "rules", "trial"):
        with nobody.app.test_request_context():
            assert (
                nobody.client.get(f"/setup/{step}", base_url=nobody.base)
                .headers["Location"]
                .startswith("/login")
            )


def test_several_people_one_after_the_other(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/setup/people")
    said = anna.send("/setup/people", name="Lea", who="13-15", next="people")
    assert "Lea is added." in words_of(said) and "Who lives here?" in said
    said = anna.send("/setup/people", name="Oma", who="adult", next="devices")
    assert "Whose is it?" in said
    assert [args for _, _, args in daemon.changed] == [
        {"name": "Lea", "role": "child", "band": "13-15"},
        {"name": "Oma", "role": "adult"},
    ]


def test_going_on_without_another_child(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/setup/people")
    assert "Whose is it?" in anna.send("/setup/people", name="", next="devices")
    assert daemon.changed == []


def test_somebody_without_name_or_age(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["overview"]["people"] = []
    anna.get("/setup/people")
    said = anna.send("/setup/people", name="", next="devices")
    assert 'href="#name"' in said and 'href="#who"' in said and daemon.changed == []


def test_whose_each_device_is(anna: Browser, daemon: FakeDaemon) -> None:
    said = anna.get("/setup/devices")
    assert "the device in your hand" in said
    assert words_of(said).index("iPhone") < words_of(said).index("old-laptop")
    anna.send(
        "/setup/devices",
        **{"who-02:00:5e:00:10:99": "mia", "who-device-old": "always"},
    )
    assert daemon.changed == [
        (
            "assign",
            "anna",
            {"device": STRANGER["mac"], "person": "mia", "name": "iPhone"},
        ),
        ("assign", "anna", {"device": "device-old", "exempt": True}),
    ]
    assert "2 devices have their person now." in words_of(anna.text)


def test_not_sure_changes_nothing(anna: Browser, daemon: FakeDaemon) -> None:
    anna.get("/setup/devices")
    assert "The rules to begin with" in anna.send("/setup/devices")
    assert daemon.changed == []


def test_no_device_yet(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["devices"] = []
    daemon.answers["overview"]["unassigned"] = []
    assert "Turn on a child's phone" in words_of(anna.get("/setup/devices"))


def test_thirty_devices_go_on_until_somebody_says_whose(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["overview"]["unassigned"] = [
        {**STRANGER, "mac": f"02:00:5e:00:20:{n:02x}", "name": None} for n in range(30)
    ]
    assert anna.get("/setup/devices").count("Not sure") == 31
    anna.send("/setup/devices", **{"who-02:00:5e:00:20:07": "ben"})
    assert [args["device"] for _, _, args in daemon.changed] == ["02:00:5e:00:20:07"]


def test_a_name_a_device_chose_is_text(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["overview"]["unassigned"][0]["name"] = "<script>alert(1)</script>"
    said = anna.get("/setup/devices")
    assert "<script>alert" not in said and "&lt;script&gt;" in said


def test_rules_in_three_sentences_and_honest_limits(anna: Browser) -> None:
    said = words_of(anna.get("/setup/rules"))
    assert "21:00 to 06:30 on school nights" in said
    assert "No filter catches everything." in said and "mobile data" in said
    assert "Talk about it with Mia" in said
    assert "Try it for two minutes" in words_of(anna.send("/setup/rules"))


def test_without_the_time_the_rules_wait(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["overview"]["clock_known"] = False
    said = words_of(anna.get("/setup/rules"))
    assert "The router doesn't know the time yet." in said and "That fits" not in said
    assert "The rules to begin with" in anna.send("/setup/rules")
    assert daemon.changed == []
    assert "Try it" in anna.send("/setup/rules", clock="right")
    assert daemon.changed == [("clock", "anna", {})]


def test_the_trial_ends_by_itself(anna: Browser, daemon: FakeDaemon) -> None:
    said = anna.get("/setup/trial")
    assert "http://guardian.home.arpa:8080/me" in said and "<svg" in said
    said = words_of(anna.send("/setup/trial", person="mia"))
    assert daemon.changed == [("pause", "anna", {"person": "mia", "span": "2m"})]
    assert "Mia's internet is stopped for two minutes." in said


def test_the_trial_counts_down_in_text_and_can_be_ended(
    anna: Browser, daemon: FakeDaemon
) -> None:
    ends = NOW.replace("19:30:00", "19:31:40")
    paused = {**MIA, "pauses": [{"id": "p1", "from": NOW, "until": ends, "by": "anna"}]}
    daemon.answers["overview"]["people"] = [paused]
    said = words_of(anna.get("/setup/trial"))
    assert "1 min 40 s left. Then it comes back by itself." in said
    anna.send("/setup/trial", person="mia", end="1")
    assert daemon.changed == [("resume", "anna", {"person": "mia"})]


def test_a_trial_that_the_kernel_refused(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.accepts["pause"] = {"revision": 9, "enforced": False, "until": NOW}
    anna.get("/setup/trial")
    said = words_of(anna.send("/setup/trial", person="mia"))
    assert "The change wasn't applied." in said and "is stopped for" not in said


def test_no_child_with_a_device(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.answers["overview"]["people"] = [{**MIA, "devices": []}]
    assert "Nothing to try yet" in words_of(anna.get("/setup/trial"))


def test_a_step_without_the_daemon(anna: Browser, daemon: FakeDaemon) -> None:
    daemon.refuses["person-set"] = ControlError("no-answer")
    anna.get("/setup/people")
    said = anna.send("/setup/people", name="Lea", who="6-9")
    assert "doesn't answer" in words_of(said) and 'value="Lea"' in said
