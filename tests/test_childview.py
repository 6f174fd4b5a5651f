"""What stands on a device's own page, as values."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from guardian.childview import (
    helplines_view,
    me_view,
    rules_view,
    sees_view,
    still_view,
    visitor_view,
)
from guardian.core.decide import Facts, decide
from guardian.core.floor import Domain, Floor, Grade, HelpEntry, HelpKind, Phone
from guardian.core.model import (
    Access,
    Decision,
    Household,
    Opened,
    Overrides,
    Reason,
    Verdict,
)
from guardian.core.recent import Refused
from guardian.pages.people import windows_view
from guardian.pages.scene import Scene
from tests import build
from tests.build import MIA, TABLET, TOM, TV, at, device, home, mac

NIGHT = at("2026-03-27 22:00")
HOUR = timedelta(hours=1)
LINE = HelpEntry(
    id="line",
    country="DE",
    kind=HelpKind.CHILD_HELPLINE,
    name=(("de", "Hilfe"), ("en", "Help")),
    expires=date(2026, 6, 1),
    hours="14-20",
    phones=(Phone("116 111", Grade.A),),
    domains=(Domain("help.test", Grade.A, www=True),),
)
WIDE = replace(LINE, id="inhope", country="EU", name=(("fr", "Aide"),), phones=())
FLOOR = Floor(released=date(2026, 1, 1), entries=(LINE, WIDE))


def scene(household: Household | None = None) -> Scene:
    return Scene(household=household or home(), facts=Facts(), now=NIGHT)


def page(household: Household | None = None, **given: Any) -> dict[str, Any]:
    """Return Mia's page as it arrives over the socket."""
    shown = scene(household)
    made = shown.household
    usual: dict[str, Any] = {
        "titles": {},
        "refused": (),
        "requests": (),
        "floor": FLOOR,
        "known_until": None,
    }
    found: dict[str, Any] = json.loads(
        json.dumps(
            me_view(
                shown,
                visitor_view(made, mac(1), made.device("tablet")),
                decide(made, TABLET, Facts(), NIGHT),
                **usual | given,
            )
        )
    )
    return found


# Who it is.


def test_a_visitor_is_a_device_and_perhaps_a_person() -> None:
    made = home()
    mine = visitor_view(made, mac(1), made.device("tablet"))
    assert (mine["name"], mine["person_name"]) == ("Tablet", "Mia")
    assert visitor_view(made, mac(4), TV)["person_name"] is None
    seen = visitor_view(made, mac(9), None, {"hostname": "iPhone"})
    assert (seen["name"], seen["device"]) == ("iPhone", None)
    assert visitor_view(made, None, None)["name"] is None


def test_a_device_of_nobody_is_not_exempt() -> None:
    loose = device("pad", 7)
    assert visitor_view(home(), mac(7), loose)["exempt"] is False


def test_a_home_says_how_it_is_spoken_to() -> None:
    made = replace(home(), language="de", clock24=False)
    who = visitor_view(made, None, None)
    assert (who["language"], who["clock24"], who["zone"]) == (
        "de",
        False,
        "Europe/Berlin",
    )


# What holds.


def test_the_page_of_a_child_at_night() -> None:
    lease = NIGHT + HOUR
    found = page(known_until=lease, requests=[{"id": "ask-1"}])
    assert found["now"] == "2026-03-27T22:00:00+01:00"
    assert found["decision"]["reason"] == "BEDTIME"
    assert found["next"] == {
        "at": "2026-03-28T07:00:00+01:00",
        "reason": "DEFAULT",
        "verdict": "allow",
    }
    assert [part["kinds"] for part in found["day"]] == [["bedtime"], [], ["bedtime"]]
    assert found["requests"] == [{"id": "ask-1"}]
    assert found["daemon"] == {"known_until": "2026-03-27T23:00:00+01:00"}
    assert found["protection"] == {"off_until": None, "by": None}
    assert page()["daemon"] == {"known_until": None}


def test_help_stands_first_in_every_state() -> None:
    states = [
        Decision(verdict, reason)
        for verdict, reason in [
            (Verdict.ALLOW, Reason.DEFAULT),
            (Verdict.LIMIT, Reason.HOMEWORK),
            (Verdict.REFUSE, Reason.BEDTIME),
            (Verdict.REFUSE, Reason.PAUSED),
            (Verdict.REFUSE, Reason.CLOCK_UNKNOWN),
            (Verdict.REFUSE, Reason.NEW_DEVICE),
        ]
    ]
    mia = replace(MIA, overrides=Overrides(always=("music.test",)))
    for state in states:
        for child in (mia, None):
            codes = [one["code"] for one in still_view(home(mia), child, state)]
            assert codes[:3] == ["help", "emergency", "home"]
            assert ("learning" in codes) == (state.verdict is Verdict.LIMIT)
            names = child is mia and state.verdict is not Verdict.ALLOW
            assert ("always" in codes) == (names and state.reason is not Reason.PAUSED)


def test_rules_are_those_of_the_parents_page() -> None:
    says = Overrides(
        access=(("games", Access.LIMIT), ("tiktok", Access.BLOCK)),
        allow=("a.test",),
        block=("b.test",),
        always=("c.test",),
        only=True,
        safe_search=True,
    )
    mia = replace(MIA, overrides=says)
    rows = [("mia", 1), ("mia", -1), ("tom", 1)]
    opened = tuple(
        Opened(id=f"o{n}", person=who, name=f"{n}.test", until=NIGHT + hours * HOUR)
        for n, (who, hours) in enumerate(rows)
    )
    shown = scene(home(mia, TOM, opened=opened))
    found = rules_view(shown, mia, {"tiktok": "TikTok"})
    assert found["windows"] == windows_view(shown.household, mia) != []
    assert found["blocked"] == [{"id": "tiktok", "title": "TikTok"}]
    assert found["limited"] == [{"id": "games", "title": "games"}]
    assert (found["only"], found["safe_search"], found["youtube"]) == (
        True,
        True,
        "off",
    )
    names = [found[kind] for kind in ("allow", "block", "always")]
    assert names == [["a.test"], ["b.test"], ["c.test"]]
    assert found["opened"] == [{"name": "0.test", "until": "2026-03-27T23:00:00+01:00"}]


def test_who_is_no_child_has_the_same_keys_and_no_rules() -> None:
    nobody = rules_view(scene(), None, {})
    assert nobody.keys() == rules_view(scene(), MIA, {}).keys()
    assert not any(value for key, value in nobody.items() if key != "youtube")


def test_it_is_said_that_nothing_is_recorded() -> None:
    for child, exempt in [(True, False), (False, False), (False, True)]:
        found = sees_view(child, exempt)
        assert found[0] == {"who": "nobody", "what": "nothing", "kept": 0}
        # Of a child nothing for long; the log tells of parents.
        kept = [row["kept"] for row in found if row["what"] != "log"]
        assert max(kept) <= 7 * 86400
    assert sees_view(False, True) == [found[0]], "an adult is not observed"
    kinds = [row["what"] for row in sees_view(True, False)]
    assert kinds == ["nothing", "rules", "online", "requests", "log", "refused"]


def test_what_was_refused_with_reason_and_end() -> None:
    one = Refused(at=NIGHT, name="b.test", reason=Reason.BLOCKED_SITE)
    two = replace(one, name="c.test", reason=Reason.BEDTIME, until=NIGHT + HOUR)
    first, second = page(refused=(one, two))["refused"]
    assert first == {
        "at": "2026-03-27T22:00:00+01:00",
        "name": "b.test",
        "reason": "BLOCKED_SITE",
        "says": "A parent has blocked this site.",
        "until": None,
        "args": [],
    }
    assert second["until"] == "2026-03-27T23:00:00+01:00"


def test_a_sibling_is_nowhere_on_the_page() -> None:
    tom = replace(TOM, name="Thomas", overrides=Overrides(block=("tomonly.test",)))
    held = build.pause(NIGHT - HOUR, NIGHT + HOUR, "tom", "toms-pause")
    text = json.dumps(page(home(MIA, tom, pauses=(held,))))
    for word in ("tom", "Thomas", "tomonly", "console", mac(2)):
        assert word not in text, word


# Who helps.


def lines(country: str, language: str = "en", now: str = "2026-03-27 22:00") -> Any:
    household = replace(home(), country=country, language=language)
    return [
        (row["name"], row["phone"], row["url"])
        for row in helplines_view(FLOOR, household, at(now))
    ]


@pytest.mark.parametrize(
    ("country", "language", "names"),
    [
        ("DE", "en", ["Help", "Aide", "112"]),
        ("DE", "de", ["Hilfe", "Aide", "112"]),
        ("DE", "de-AT", ["Hilfe", "Aide", "112"]),
        ("DE", "fr", ["Help", "Aide", "112"]),
        ("", "en", ["Aide", "112"]),
        ("US", "en", ["Aide", "911"]),
        ("JP", "en", ["Aide"]),
    ],
)
def test_help_of_the_country_in_a_language_that_there_is(
    country: str, language: str, names: list[str]
) -> None:
    assert [name for name, _, _ in lines(country, language)] == names


def test_a_number_that_may_have_changed_is_hidden_and_the_site_stays() -> None:
    assert lines("DE")[0] == ("Help", ["116 111"], "https://www.help.test")
    assert lines("DE", now="2026-06-01 08:00")[0] == (
        "Help",
        [],
        "https://www.help.test",
    )
    assert lines("DE")[-1] == ("112", ["112"], None)
