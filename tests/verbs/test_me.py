"""What a device is told of itself, and that it is told of nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steering import STRANGER, Desk
from tests.verbs.kit import MIA, PARENT, THING, TOM, refused

HOME = {"zone": "Europe/Berlin", "claimed": True, "language": "en"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.world.owners = {
        "192.168.1.21": MIA,
        "fe80::21": MIA,
        "192.168.1.22": TOM,
        "192.168.1.23": PARENT,
        "192.168.1.24": THING,
        "192.168.1.9": STRANGER,
    }
    return made


@pytest.mark.parametrize("address", ["192.168.1.21", "fe80::21%br-lan"])
def test_a_childs_device(desk: Desk, address: str) -> None:
    assert desk.ask("visitor", address=address) == {
        "mac": MIA,
        "device": "tablet",
        "name": "Mia",
        "person": "mia",
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
    nobody = {"device": None, "name": None, "person": None, "band": None}
    assert desk.ask("visitor", address="192.168.1.9") == {
        "mac": STRANGER,
        **nobody,
        "exempt": False,
        **HOME,
    }
    assert desk.ask("visitor", address="8.8.8.8")["mac"] is None


def test_an_address_is_whose_it_is_now(desk: Desk) -> None:
    desk.world.owners["192.168.1.21"] = TOM
    assert desk.ask("visitor", address="192.168.1.21")["person"] == "tom"


@pytest.mark.parametrize("address", ["", "mia", "1.2.3", MIA, "192.168.1.21\n"])
def test_what_is_no_address_is_refused(desk: Desk, address: str) -> None:
    assert refused(desk, "visitor", address=address) == "bad-argument"
