"""What a device is told of itself, and that it is told of nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guardian.core.model import Reason
from guardian.core.recent import Refused
from guardian.store.storage import File, encode
from tests.build import home, pause
from tests.steering import STRANGER, Desk, sighting
from tests.verbs.kit import MIA, PARENT, THING, TOM, refused

HOME = {
    "zone": "Europe/Berlin",
    "claimed": True,
    "language": "en",
    "clock24": True,
}
OWNERS = {
    "192.168.1.21": MIA,
    "fe80::21": MIA,
    "192.168.1.22": TOM,
    "192.168.1.23": PARENT,
    "192.168.1.24": THING,
    "192.168.1.9": STRANGER,
}


def lived_in(folder: Path, **fields: Any) -> Desk:
    made = Desk(folder, replace(home(), **fields))
    made.world.owners = dict(OWNERS)
    return made


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return lived_in(tmp_path)


def me(desk: Desk, address: str = "192.168.1.21") -> Any:
    """Return a page as it travels."""
    return json.loads(json.dumps(desk.ask("me", by="", address=address)))


@pytest.mark.parametrize("address", ["192.168.1.21", "fe80::21%br-lan"])
def test_a_childs_device(desk: Desk, address: str) -> None:
    assert desk.ask("visitor", address=address) == {
        "mac": MIA,
        "device": "tablet",
        "name": "Tablet",
        "person": "mia",
        "person_name": "Mia",
        "band": "10-12",
        "exempt": False,
        **HOME,
    }


def test_a_parents_device_and_a_thing(desk: Desk) -> None:
    phone = desk.ask("visitor", address="192.168.1.23")
    assert (phone["person"], phone["band"], phone["exempt"]) == ("anna", None, True)
    thing = desk.ask("visitor", address="192.168.1.24")
    assert (thing["name"], thing["person"], thing["exempt"]) == ("Tv", None, True)


def test_a_device_that_nobody_has_assigned(desk: Desk) -> None:
    desk.world.lan = [sighting(hostname="iPhone")]
    nobody = dict.fromkeys(("device", "person", "person_name", "band"))
    assert desk.ask("visitor", address="192.168.1.9") == {
        "mac": STRANGER,
        "name": "iPhone",
        **nobody,
        "exempt": False,
        **HOME,
    }
    assert desk.ask("visitor", address="8.8.8.8")["mac"] is None


def test_an_address_is_whose_it_is_now(desk: Desk) -> None:
    desk.world.owners["192.168.1.21"] = TOM
    assert desk.ask("visitor", address="192.168.1.21")["person"] == "tom"
    assert me(desk)["person"] == "tom"


@pytest.mark.parametrize("verb", ["visitor", "me", "ask"])
@pytest.mark.parametrize("address", ["", "mia", "1.2.3", MIA, "192.168.1.21\n"])
def test_what_is_no_address_is_refused(desk: Desk, verb: str, address: str) -> None:
    what = {"kind": "time", "minutes": 5}
    assert refused(desk, verb, address=address, **what) == "bad-argument"


def test_nobody_may_say_whose_page_it_wants(desk: Desk) -> None:
    asked = {"address": "192.168.1.22", "person": "mia", "device": "tablet"}
    assert desk.ask("me", **asked)["person"] == "tom"


# The page.


def test_a_child_by_day(desk: Desk) -> None:
    page = me(desk)
    shown = desk.ask("person", person="mia")
    for key in ("decision", "next", "day"):
        assert page[key] == shown[key], "the parent's page tells the same"
    assert page["rules"]["windows"] == shown["windows"]
    assert page["daemon"] == {"known_until": "2026-03-04T21:00:00+01:00"}
    assert page["requests"] == page["refused"] == []
    assert page["sees"][0] == {"who": "nobody", "what": "nothing", "kept": 0}


def test_a_paused_child_and_its_open_sibling(tmp_path: Path) -> None:
    desk = lived_in(tmp_path)
    desk.ask("pause", person="mia", span="1h")
    page, other = me(desk), me(desk, "192.168.1.22")
    assert (page["decision"]["reason"], page["decision"]["args"]["by"]) == (
        "PAUSED",
        "anna",
    )
    assert page["daemon"] == {"known_until": None}
    assert other["decision"]["verdict"] == "allow"


def test_requests_of_the_child_on_all_its_devices_and_of_no_other(desk: Desk) -> None:
    what = {"kind": "time", "minutes": 30}
    mine = desk.ask("ask", address="192.168.1.21", **what)
    desk.ask("ask", address="192.168.1.22", **what, text="tom wants")
    assert me(desk)["requests"] == [mine]
    desk.ask("answer", id=mine["id"], words="After homework.")
    (answered,) = me(desk)["requests"]
    assert answered["answer"]["words"] == "After homework."
    overview = desk.ask("overview")
    assert overview["requests"] == 1
    assert {p["id"]: p["requests"] for p in overview["people"]} == {
        "mia": 0,
        "tom": 1,
        "anna": 0,
    }


def test_what_this_device_was_refused(desk: Desk) -> None:
    wall = desk.moment.wall
    for mac, name in [(MIA, "a.test"), (TOM, "b.test"), (PARENT, "c.test")]:
        one = Refused(at=wall, name=name, reason=Reason.BLOCKED_SITE)
        desk.world.recent.note(mac, one)
    assert [one["name"] for one in me(desk)["refused"]] == ["a.test"]
    assert me(desk, "192.168.1.23")["refused"] == [], "adults are not observed"


def test_a_device_of_nobody_is_told_what_holds_for_it(desk: Desk) -> None:
    page = me(desk, "192.168.1.9")
    shown = {d["macs"][0]: d for d in desk.ask("devices")}
    assert page["decision"]["reason"] == "NEW_DEVICE"
    assert (page["person"], page["next"], page["day"]) == (None, None, [])
    assert page["requests"] == [] and page["rules"]["windows"] == []
    assert [row["kind"] for row in page["helplines"]][-1] == "emergency"
    assert STRANGER not in shown


def test_adults_things_and_the_router_have_no_limits(desk: Desk) -> None:
    for address in ("192.168.1.23", "192.168.1.24", "127.0.0.1"):
        page = me(desk, address)
        assert page["decision"]["reason"] == "EXEMPT"
        assert page["next"] is None and page["rules"]["blocked"] == []


def test_help_of_the_households_country(tmp_path: Path) -> None:
    page = me(lived_in(tmp_path, country="AT"))
    assert page["helplines"][0]["name"] == "147 Rat auf Draht"
    assert page["helplines"][0]["phone"] == ["147"]


def test_help_is_told_whatever_became_of_the_requests(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "requests.db").write_bytes(encode(File(9, 1, b"{}")))
    page = me(desk)
    assert page["requests"] == [] and page["helplines"]
    assert desk.ask("overview")["requests"] == 0
    assert refused(desk, "requests") == "schema-newer"


def test_a_pause_told_to_a_child_names_no_sibling(tmp_path: Path) -> None:
    desk = lived_in(tmp_path)
    now = desk.moment.wall
    desk.service.change(
        replace(home(), pauses=(pause(now, now.replace(hour=20), "tom"),)),
        by="anna",
        verb="pause",
    )
    assert "tom" not in json.dumps(me(desk))
