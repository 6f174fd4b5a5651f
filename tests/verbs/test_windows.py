"""A child's schedule over the socket: saved, merged, previewed, never overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.errors import GuardianError
from tests.steering import Desk
from tests.verbs.kit import MIA, TOM, refused

LUNCH = {
    "person": "mia",
    "kind": "offline",
    "days": ["weekend", "school"],
    "start": "11:30",
    "end": "13:00",
}


def test_a_window_is_set_and_enforced_at_once(desk: Desk) -> None:
    before = desk.ask("person", person="mia")
    done = desk.ask("window-set", **LUNCH, etag=before["etag"])
    assert (done["id"], done["merged"]) == ("offline-1", [])
    assert done["revision"] == 2 and done["enforced"]
    assert done["window"] == {
        "id": "offline-1",
        "kind": "offline",
        "days": ["school", "weekend"],
        "start": "11:30",
        "end": "13:00",
        "blocks": [],
    }
    assert not desk.routed(MIA) and desk.routed(TOM)
    after = desk.ask("person", person="mia")
    assert after["etag"] == done["etag"] != before["etag"]
    assert {w["id"]: w["layer"] for w in after["windows"]} == {
        "bedtime": "band:10-12",
        "offline-1": "person:mia",
    }


def test_a_window_is_edited_dropped_and_taken_back(desk: Desk) -> None:
    bedtime = {
        "person": "mia",
        "id": "bedtime",
        "kind": "bedtime",
        "days": ["holiday", "school", "weekend"],
        "start": "20:00",
        "end": "06:00",
    }
    assert desk.ask("window-set", **bedtime)["id"] == "bedtime"
    assert desk.leases()[MIA] == 8 * 3600
    dropped = desk.ask("window-drop", person="mia", id="bedtime")
    assert dropped["id"] == "bedtime"
    assert desk.leases()[MIA] == 24 * 3600
    assert desk.ask("person", person="mia")["dropped"] == ["bedtime"]
    back = desk.ask("window-default", person="mia", id="bedtime")
    assert desk.leases()[MIA] == 9 * 3600
    assert back["etag"] == desk.ask("person", person="tom")["etag"]


def test_what_overlaps_is_merged_and_told(desk: Desk) -> None:
    desk.ask("window-set", **LUNCH)
    done = desk.ask("window-set", **{**LUNCH, "start": "12:30", "end": "14:00"})
    assert (done["id"], done["merged"]) == ("offline-1", ["offline-1"])
    assert (done["window"]["start"], done["window"]["end"]) == ("11:30", "14:00")


def test_windows_about_sites(desk: Desk) -> None:
    sites = {**LUNCH, "kind": "sites"}
    done = desk.ask("window-set", **sites, blocks=["games", "tiktok"])
    assert done["id"] == "sites-1" and done["window"]["blocks"] == ["games", "tiktok"]
    assert desk.routed(MIA)
    assert refused(desk, "window-set", **sites) == "blocks-are-for-sites"
    assert refused(desk, "window-set", **LUNCH, blocks=["games"]) == (
        "blocks-are-for-sites"
    )
    assert refused(desk, "window-set", **sites, blocks=["golf"]) == "unknown-category"
    assert refused(desk, "window-set", **sites, blocks=[7]) == "bad-argument"


def test_a_save_over_somebody_elses_is_refused_with_who_and_when(desk: Desk) -> None:
    etag = desk.ask("person", person="mia")["etag"]
    desk.ask("window-set", by="tom", **LUNCH)
    desk.later(60)
    # Neither of these touches Mia's rules.
    desk.ask("site", person="tom", action="block", names=["example.org"])
    desk.ask("pause", person="mia", span="1h")
    held = desk.service.household
    for verb, args in (
        ("window-set", {**LUNCH, "start": "09:00"}),
        ("window-drop", {"person": "mia", "id": "bedtime"}),
    ):
        with pytest.raises(GuardianError) as error:
            desk.ask(verb, **args, etag=etag)
        assert error.value.code == "save-conflict"
        assert error.value.detail == "tom 2026-03-04T12:00:00+01:00"
    assert desk.service.household == held
    fresh = desk.ask("person", person="mia")["etag"]
    assert desk.ask("window-set", **LUNCH, etag=fresh)["merged"] == ["offline-1"]


def test_a_preview_saves_nothing(desk: Desk) -> None:
    held = desk.service.household, desk.service.revision
    shown = desk.ask("preview", **LUNCH)
    assert shown["decision"]["reason"] == "OFFLINE"
    assert shown["day"][0]["kinds"] == ["offline"]
    assert shown["at"] == "2026-03-04T12:00:00+01:00"
    evening = desk.ask("preview", **LUNCH, at="2026-03-04T20:30")
    assert evening["decision"]["verdict"] == "allow"
    assert evening["day"][1]["decision"]["reason"] == "BEDTIME"
    plain = desk.ask("preview", person="mia", at="2026-03-04T22:00")
    assert plain["decision"]["reason"] == "BEDTIME"
    assert (desk.service.household, desk.service.revision) == held


def test_a_preview_of_an_edit(desk: Desk) -> None:
    later = {"id": "bedtime", "kind": "bedtime", "start": "22:00", "end": "07:00"}
    shown = desk.ask(
        "preview", person="mia", days=["school"], at="2026-03-04T21:30", **later
    )
    assert shown["decision"]["verdict"] == "allow"


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"person": "anna"}, "not-a-child"),
        ({"kind": "party"}, "bad-argument"),
        ({"days": []}, "window-without-days"),
        ({"days": [["school"]]}, "bad-argument"),
        ({"days": "school"}, "bad-argument"),
        ({"days": ["feast"]}, "unknown-day-type"),
        ({"start": "25:00"}, "bad-time"),
        ({"start": "24:00"}, "bad-time"),
        ({"end": "11:30"}, "window-zero-length"),
        ({"id": "nosuch"}, "no-such-window"),
        ({"id": "../etc"}, "no-such-window"),
        ({"start": None}, "needs-arguments"),
        ({"revision": 9}, "revision-conflict"),
    ],
)
def test_refusals(desk: Desk, changes: dict[str, Any], code: str) -> None:
    assert refused(desk, "window-set", **{**LUNCH, **changes}) == code


def test_refusals_of_the_others(desk: Desk) -> None:
    for verb in ("window-drop", "window-default"):
        assert refused(desk, verb, person="mia", id="nosuch") == "no-such-window"
        assert refused(desk, verb, person="mia") == "needs-arguments"
    assert refused(desk, "preview", **{**LUNCH, "at": "then"}) == "bad-time"
    assert refused(desk, "preview", person="mia", kind="offline") == "needs-arguments"


def test_a_window_to_midnight(desk: Desk) -> None:
    done = desk.ask("window-set", **{**LUNCH, "end": "24:00"})
    assert done["window"]["end"] == "24:00"
    done = desk.ask("window-set", **{**LUNCH, "start": "22:00", "end": "00:00"})
    assert done["merged"] == ["offline-1"] and done["window"]["end"] == "24:00"
