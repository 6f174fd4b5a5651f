"""Home: what a parent sees and can do, in each state."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from guardian.core.errors import ControlError
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import MIA, MORNING, OVERVIEW, PAUSED, decision
from tests.webui.kit import after, client, words
from webui.daemon import Away

Json = dict[str, Any]


def family(mia: Json | None = None, **fields: Any) -> FakeDaemon:
    """Return a daemon whose overview differs in these fields, and Mia in hers."""
    daemon = FakeDaemon()
    home = {**deepcopy(OVERVIEW), **fields}
    if mia:
        home["people"] = [{**MIA, **mia}, *home["people"][1:]]
    daemon.answers["overview"] = home
    return daemon


def shown(daemon: FakeDaemon) -> str:
    response = client(daemon).get("/")
    assert response.status_code == 200
    return words(response)


def test_the_usual_evening() -> None:
    text = shown(FakeDaemon())
    assert "1 of 2 children online · everything works · 1 new device" in text
    assert "Online · 1 h 30 min left Internet is on until 21:00" in text
    assert "Offline Bedtime until 06:30" in text
    assert "14 connections closed at 19:00 (IPv6: 5), 0 left." in text
    assert "Mia asks for something" in text
    assert "This box is the router" in text
    assert "Is it Mia's?" in text


def test_controls_say_for_whom() -> None:
    html = client().get("/").get_data(as_text=True)
    for label in (
        "Pause for Mia until morning",
        "+15 min for Ben",
        "Pause for Ben until this time",
        "Pause everyone until morning",
    ):
        assert f'aria-label="{label}"' in html


def test_nobody_yet() -> None:
    text = shown(family(people=[], unassigned=[]))
    assert "Who lives here?" in text and "Until then nothing is stopped." in text
    assert "Pause everyone" not in text


@pytest.mark.parametrize(
    "fields, text",
    [
        ({"clock_known": False}, "The router doesn't know the time yet."),
        ({"failsafe": True}, "Safe rules are on: bedtimes yes"),
        ({"trial": True}, "New rules are on trial."),
        ({"enforced": False}, "The last change wasn't applied."),
        ({"mode": "one-armed"}, "stands beside another router"),
        ({"mode": "access-point"}, "is an access point"),
    ],
)
def test_what_is_not_as_usual(fields: Json, text: str) -> None:
    assert text in shown(family(**fields))


def test_all_is_well_only_when_it_is() -> None:
    assert "everything works" not in shown(family(clock_known=False))
    off = {"off_until": MORNING, "by": "anna"}
    assert "everything works" not in shown(family(protection=off))


def test_away_is_said_and_controls_are_off() -> None:
    daemon = FakeDaemon()
    daemon.away = Away(0.0)
    response = client(daemon).get("/")
    html = response.get_data(as_text=True)
    assert "Last update" in words(response) and "The router service stopped." in html
    assert html.count("<fieldset") == html.count("disabled>") == 3


def test_pause_until_morning_is_one_tap() -> None:
    daemon = FakeDaemon()
    assert "Paused for Mia until 06:30." in after(client(daemon), "/pause/mia")
    assert daemon.changed == [("pause", "anna", {"person": "mia"})]


def test_pause_chips_and_time() -> None:
    daemon = FakeDaemon()
    browser = client(daemon)
    after(browser, "/pause/mia", **{"for": "2h"})
    after(browser, "/pause/mia", until="20:15")
    assert "Everyone is paused until 06:30." in after(browser, "/pause/all")
    assert [args for _, _, args in daemon.changed] == [
        {"person": "mia", "span": "2h"},
        {"person": "mia", "until": "20:15"},
        {"person": "all"},
    ]
    assert browser.post("/pause/mia", data={"for": "9d"}).status_code == 400


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "<b>"])
def test_a_time_that_is_none_is_kept_and_named(typed: str) -> None:
    daemon = FakeDaemon()
    response = client(daemon).post("/pause/mia", data={"until": typed})
    assert response.status_code == 400 and not daemon.changed
    html = response.get_data(as_text=True)
    assert 'href="#until">Write a time, such as 18:30.' in html
    assert 'aria-describedby="until-error"' in html and "<b>" not in html
    if typed == "25:00":
        assert 'value="25:00"' in html


def test_a_time_the_daemon_refuses_is_named_too() -> None:
    daemon = FakeDaemon()
    daemon.refuses["pause"] = ControlError("not-ahead-within-7-days", "20:00")
    response = client(daemon).post("/pause/mia", data={"until": "20:00"})
    assert response.status_code == 400
    assert "within the coming seven days" in words(response)


def test_the_page_to_choose_how_long() -> None:
    text = words(client().get("/pause/mia"))
    assert "Pause for Mia" in text and "Every pause ends by itself." in text
    assert "Pause for everyone" in words(client().get("/pause/all"))
    assert client().get("/pause/anna").status_code == 404


def test_resume_says_what_still_holds() -> None:
    daemon = family({"decision": decision("refuse", "BEDTIME", MORNING)})
    assert (
        "The pause has ended for Mia. Bedtime is still on until 06:30. "
        "You can give extra time."
    ) in after(client(daemon), "/resume/mia")
    assert "The pause has ended for Mia." in after(client(), "/resume/mia")
    assert "ended for everyone" in after(client(), "/resume/all")


def test_a_paused_child_can_be_resumed_and_not_granted() -> None:
    daemon = family({"decision": PAUSED, "pauses": [{"id": "p", "until": MORNING}]})
    html = client(daemon).get("/").get_data(as_text=True)
    assert 'aria-label="Resume for Mia"' in html
    assert 'aria-label="+15 min for Mia"' not in html


def test_extra_time_and_its_end() -> None:
    until = "2026-03-04T21:15:00+01:00"
    daemon = family(
        {"decision": decision("allow", "GRANT", until), "grants": [{"until": until}]}
    )
    browser = client(daemon)
    assert "Extra time until 21:15" in words(browser.get("/"))
    assert "Mia has extra time until 21:15." in after(
        browser, "/grant/mia", minutes="15"
    )
    daemon.accepts["grant"] = {"revision": 90, "enforced": True, "ended": 1}
    assert "Extra time has ended for Mia." in after(browser, "/grant/mia/end")
    assert [args for _, _, args in daemon.changed] == [
        {"person": "mia", "span": "15m"},
        {"person": "mia", "off": True},
    ]


@pytest.mark.parametrize("minutes", ["0", "999", "x", "-5"])
def test_odd_grants_are_refused(minutes: str) -> None:
    daemon = FakeDaemon()
    response = client(daemon).post("/grant/mia", data={"minutes": minutes})
    assert response.status_code == 400 and not daemon.changed


def test_only_children_get_time() -> None:
    assert client().post("/grant/anna", data={"minutes": "15"}).status_code == 404
    assert client().post("/grant/nobody/end").status_code == 404


@pytest.mark.parametrize(
    "verb, path",
    [
        ("pause", "/pause/mia"),
        ("resume", "/resume/mia"),
        ("grant", "/grant/mia"),
        ("grant", "/grant/mia/end"),
        ("undo", "/undo/88"),
    ],
)
def test_a_refusal_is_said_where_the_tap_was(verb: str, path: str) -> None:
    daemon = FakeDaemon()
    daemon.refuses[verb] = ControlError("on-trial")
    assert "Other rules are on trial right now." in after(client(daemon), path)


@pytest.mark.parametrize(
    "verb, path", [("pause", "/pause/mia"), ("grant", "/grant/mia")]
)
def test_what_the_kernel_refused_is_not_called_done(verb: str, path: str) -> None:
    daemon = FakeDaemon()
    daemon.accepts[verb] = {"revision": 89, "enforced": False, "until": MORNING}
    assert "The change wasn't applied." in after(client(daemon), path)


def test_undo_and_the_way_back() -> None:
    daemon = FakeDaemon()
    browser = client(daemon)
    first = browser.post("/pause/mia", data={"back": "/child/mia"})
    assert first.location == "/child/mia"
    assert browser.post("/resume/mia", data={"back": "//evil"}).location == "/"
    assert "Undone. It is as it was before." in after(browser, "/undo/88")
    assert daemon.changed[-1] == ("undo", "anna", {"revision": 88})
