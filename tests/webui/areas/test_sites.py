"""The page of a child's apps and sites: what it shows and what its forms do."""

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
from tests.fakes.family import ACCOUNTS, MIA, OVERVIEW
from tests.fakes.rules import EXACTLY, SITES, setting
from tests.webui.browser import Browser, application, words_of
from webui.daemon import Away

PAGE = "/child/mia/sites"


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
    return words_of(anna.send(f"{PAGE}/{action}", **fields))


def test_it_says_what_differs_from_the_template(anna: Browser) -> None:
    said = words_of(anna.get(PAGE))
    assert "The 10–12 template, and this: Roblox is blocked" in said
    assert "scratch.mit.edu is allowed" in said
    assert "This works at home only." in said


def test_without_a_difference_it_is_exactly_the_template(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["sites"] = EXACTLY
    said = words_of(anna.get(PAGE))
    assert "Exactly the 10–12 template." in said and "No single sites yet." in said


def test_nobody_without_rules_has_apps(anna: Browser) -> None:
    anna.get("/child/anna/sites", 404)
    anna.get("/child/nobody/sites", 404)


def test_a_tile_shows_what_holds_and_limit_only_where_it_is_set(anna: Browser) -> None:
    html = anna.get(PAGE)
    assert 'value="tiktok:block" aria-pressed="true"' in html
    assert 'value="minecraft:allow" aria-pressed="true"' in html
    assert 'value="youtube:limit" aria-pressed="true"' in html
    assert 'value="minecraft:limit"' not in html
    assert 'aria-label="Blocked: TikTok for Mia"' in html


def test_a_search_shows_what_it_finds(anna: Browser) -> None:
    html = anna.get(f"{PAGE}?q=roblox")
    assert 'value="roblox:block"' in html and 'value="tiktok:block"' not in html
    assert 'value="roblox"' in html and "Show all again" in html
    assert "No app of that name." in words_of(anna.get(f"{PAGE}?q=zzz"))


def test_an_app_is_blocked_in_one_tap(anna: Browser, daemon: FakeDaemon) -> None:
    said = tap(anna, "access", set="tiktok:block")
    assert "TikTok is blocked for Mia." in said
    said = tap(anna, "access", set="roblox:default")
    assert "Roblox is as in the template for Mia." in said
    assert [args for _, _, args in daemon.changed] == [
        {"person": "mia", "label": "tiktok", "access": "block"},
        {"person": "mia", "label": "roblox", "access": "default"},
    ]
    anna.get(PAGE)
    anna.send(f"{PAGE}/access", 400, set="tiktok:party")
    anna.get(PAGE)
    anna.send(f"{PAGE}/access", 400, set="tiktok")


def test_what_is_not_enforced_is_not_told_as_done(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.accepts["access"] = {"revision": 89, "enforced": False}
    said = tap(anna, "access", set="tiktok:block")
    assert "The change wasn't applied." in said
    daemon.refuses["access"] = ControlError("on-trial")
    assert "Nothing was changed" in tap(anna, "access", set="tiktok:block")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("allow", "Allowed for Mia: example.org."),
        ("block", "Blocked for Mia: example.org."),
        ("always", "Always works for Mia: example.org."),
        ("forget", "Taken off Mia's lists: example.org."),
    ],
)
def test_a_site_is_put_on_a_list(
    anna: Browser, daemon: FakeDaemon, action: str, said: str
) -> None:
    url = "https://www.example.org/x"
    assert said in tap(anna, "site", list=action, name=url)
    assert daemon.changed == [
        ("site", "anna", {"person": "mia", "action": action, "names": ["example.org"]})
    ]


def test_help_cannot_be_blocked_and_that_is_told_kindly(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["site"] = ControlError("floor-cannot-be-blocked", "childline.org.uk")
    anna.get(PAGE)
    html = anna.send(f"{PAGE}/site", 422, list="block", name="childline.org.uk")
    assert "Help for children always works and can't be turned off." in words_of(html)
    assert 'value="childline.org.uk"' in html and 'href="#name"' in html


def test_a_site_that_cannot_be_taken_off_is_told(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["site"] = ControlError("not-running")
    assert "Nothing was changed." in tap(anna, "site", list="allow", name="a.org")
    anna.get(PAGE)
    anna.send(f"{PAGE}/site", 400, list="party", name="a.org")


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ({"only": "on"}, {"only": "on"}),
        ({"safe_search": "default"}, {"safe_search": "default"}),
        ({"youtube": "moderate"}, {"youtube": "moderate"}),
        ({"packs": ["", "maths", "coding"]}, {"packs": "maths,coding"}),
        ({"packs": [""]}, {"packs": "none"}),
        ({"packs": "default"}, {"packs": "default"}),
    ],
)
def test_settings_are_saved(
    anna: Browser, daemon: FakeDaemon, sent: dict[str, Any], asked: dict[str, str]
) -> None:
    assert "Saved for Mia." in tap(anna, "set", **sent)
    assert daemon.changed == [("sites-set", "anna", {"person": "mia", **asked})]


def test_settings_that_make_no_sense_are_refused(
    anna: Browser, daemon: FakeDaemon
) -> None:
    anna.get(PAGE)
    anna.send(f"{PAGE}/set", 400, only="perhaps")
    daemon.refuses["sites-set"] = ControlError("on-trial")
    assert "on trial" in tap(anna, "set", only="on")


def test_settings_show_their_value_and_where_it_comes_from(
    anna: Browser, daemon: FakeDaemon
) -> None:
    said = words_of(anna.get(PAGE))
    assert "From the 10–12 template: School sends children all over" in said
    daemon.answers["sites"] = {
        **SITES,
        "only": setting("person:mia", value=True),
        "packs": setting("person:mia", value=["coding"]),
        "opened": [
            {"name": "a.org", "until": "2026-03-04T20:30:00+01:00", "by": "tom"}
        ],
    }
    html = anna.get(PAGE)
    said = words_of(html)
    assert "On: only starter packs and allowed sites work for Mia." in said
    assert "Set for Mia by a parent." in said
    assert "a.org is open until 20:30" in said
    assert "Back to the template for Mia: only chosen sites" in html
    assert 'value="coding" checked' in html


def test_the_test_box_answers_with_the_rule_and_the_lists(anna: Browser) -> None:
    said = words_of(anna.get(f"{PAGE}?ask=https://www.tiktok.com/@x&device=phone-mia"))
    assert "No, Mia would not reach tiktok.com." in said
    assert "It is among what is blocked: Social networks." in said
    assert "On these lists: TikTok" in said and "For today, 19:30." in said
    assert "Allow for 1 h" in said and "Tonight" in said and "Always" in said
    said = words_of(anna.get(f"{PAGE}?ask=scratch.mit.edu&device=elsewhere"))
    assert "Yes, Mia would reach scratch.mit.edu." in said
    assert "It is on no list: allowed." in said and "Allow for 1 h" not in said


def test_the_test_box_asks_about_another_time(
    anna: Browser, daemon: FakeDaemon
) -> None:
    html = anna.get(f"{PAGE}?ask=a.org&at=2026-03-06T22:00:00%2B01:00")
    assert "For Friday, 22:00." in words_of(html)
    daemon.refuses["explain"] = ControlError("bad-time", "soon")
    html = anna.get(f"{PAGE}?ask=a.org&at=soon")
    assert 'href="#at"' in html and 'value="soon"' in html


def test_what_is_no_name_is_told_at_the_field(anna: Browser) -> None:
    html = anna.get(f"{PAGE}?ask=tiktok")
    assert "That is no name of a site." in words_of(html)
    assert 'href="#ask"' in html and 'value="tiktok"' in html


def test_a_child_without_a_device_cannot_be_tested(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.answers["overview"] = {**OVERVIEW, "people": [{**MIA, "devices": []}]}
    said = words_of(anna.get(f"{PAGE}?ask=a.org"))
    assert "Mia has no device yet." in said and "would" not in said.split("Would")[1]


@pytest.mark.parametrize(
    ("span", "verb", "asked", "said"),
    [
        (
            "1h",
            "open",
            {"name": "tiktok.com", "until": "2026-03-04T20:30:00+01:00"},
            "tiktok.com is open for Mia until 20:30.",
        ),
        (
            "tonight",
            "open",
            {"name": "tiktok.com", "until": "tonight"},
            "tiktok.com is open for Mia until 20:30.",
        ),
        (
            "always",
            "site",
            {"action": "allow", "names": ["tiktok.com"]},
            "Allowed for Mia: tiktok.com.",
        ),
    ],
)
def test_the_answer_offers_a_way(
    anna: Browser,
    daemon: FakeDaemon,
    span: str,
    verb: str,
    asked: dict[str, Any],
    said: str,
) -> None:
    anna.get(f"{PAGE}?ask=tiktok.com")
    page = words_of(anna.send(f"{PAGE}/open", span=span))
    assert said in page
    assert daemon.changed == [(verb, "anna", {"person": "mia", **asked})]


def test_a_site_that_cannot_be_opened_is_told(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.refuses["open"] = ControlError("not-running")
    anna.get(f"{PAGE}?ask=tiktok.com")
    said = words_of(anna.send(f"{PAGE}/open", span="1h"))
    assert "Nothing was changed." in said
    anna.get(f"{PAGE}?ask=tiktok.com")
    anna.send(f"{PAGE}/open", 400, span="ever")


def test_while_the_service_is_away_nothing_can_be_changed(
    anna: Browser, daemon: FakeDaemon
) -> None:
    daemon.away = Away(0.0)
    html = anna.get(PAGE)
    assert html.count("<fieldset disabled>") == 4 and "Roblox is blocked" in html
    assert "Take back" not in html


def test_a_carer_reads_and_opens_for_a_while(anna: Browser) -> None:
    html = Browser(anna.app, "gran").get(f"{PAGE}?ask=tiktok.com")
    said = words_of(html)
    assert "Allow for 1 h" in said and "Tonight" in said
    assert ">Always<" not in html and "Take back" not in html


def test_the_page_stays_small(anna: Browser) -> None:
    assert len(anna.get(PAGE)) < 120_000


def test_with_the_real_verbs_a_site_is_blocked_and_opened(tmp_path: Path) -> None:
    people = (replace(build.MIA, band="10-12"), build.TOM, build.ANNA)
    daemon = DeskDaemon(
        tmp_path,
        build.home(*people, bands=load_bands()),
        now="2026-03-04 19:30",
        fixed={"accounts": ACCOUNTS},
    )
    anna = Browser(application(tmp_path, daemon))
    assert "Exactly the 10–12 template." in words_of(anna.get(PAGE))
    said = words_of(anna.send(f"{PAGE}/access", set="roblox:block"))
    assert "this: Roblox is blocked Take back" in said
    said = words_of(anna.send(f"{PAGE}/site", list="block", name="www.example.com"))
    assert "example.com is blocked Take back" in said
    html = anna.send(f"{PAGE}/site", 422, list="block", name="childline.org.uk")
    assert "Help for children always works" in words_of(html)
    daemon.change("open", by="anna", person="mia", name="example.com", until="tonight")
    said = tap(anna, "set", only="on")
    assert "example.com is open until 04:00" in said
    assert "On: only starter packs and allowed sites work for Mia." in said
