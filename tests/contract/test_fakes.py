"""What the pages' invented family answers is what the real verbs would answer.

Every field that a page may read in its tests is there in a real answer, of the same
kind. The real ones may say more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardian.core.events import AddressSeen
from guardian.core.proof import Cut
from tests.build import mac
from tests.fakes.daemon import FakeDaemon
from tests.fakes.desk import DeskDaemon
from tests.steering import STRANGER, sighting

WINDOW = {"kind": "offline", "days": ["school"], "start": "20:00", "end": "21:00"}
READINGS: dict[str, dict[str, Any]] = {
    "overview": {},
    "person": {"person": "mia"},
    "calendar": {},
    "preview": {"person": "mia", **WINDOW},
    "sites": {"person": "mia"},
    "catalogue": {"kind": "services"},
    "requests": {},
}
CHANGES: dict[str, dict[str, Any]] = {
    "access": {"person": "mia", "label": "games", "access": "block"},
    "assign": {"device": STRANGER, "person": "mia"},
    "calendar-add": {"first": "2026-06-01", "day_type": "holiday"},
    "calendar-week": {"week": ["school"] * 7},
    "exception": {"person": "mia", "start": "22:00"},
    "grant": {"person": "mia", "span": "1h"},
    "home-set": {"name": "Nest"},
    "pause": {"person": "mia", "span": "1h"},
    "person-set": {"name": "Zoe", "role": "child", "band": "10-12"},
    "resume": {"person": "mia"},
    "site": {"person": "mia", "action": "block", "names": ["example.org"]},
    "window-drop": {"person": "mia", "id": "bedtime"},
    "window-set": {"person": "mia", **WINDOW},
}
# Objects whose fields are names of things and not of a shape.
OPEN = ("args", "enforced")


@pytest.fixture
def real(tmp_path: Path) -> DeskDaemon:
    """Return a home where something of everything is there to be told."""
    made = DeskDaemon(tmp_path)
    made.desk.service.post(AddressSeen(mac(1), "192.168.1.20", "br-lan"))
    made.desk.kernel.cuts = {mac(1): Cut(1, 1, 0)}
    made.desk.world.lan = [sighting(first_seen=1, last_seen=2)]
    likely = {"person": "mia", "device": "tablet", "why": ["hostname"]}
    made.desk.world.proposals = {STRANGER: [likely]}
    for verb in ("pause", "grant", "exception", "site", "calendar-add"):
        made.change(verb, by="anna", **CHANGES[verb])
    return made


def shape(value: Any) -> Any:
    """Return the kinds that a value is made of; a list's entries as one."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        found: Any = None
        for entry in value:
            found = joined(found, shape(entry))
        return [found]
    return None if value is None else type(value).__name__


def joined(one: Any, other: Any) -> Any:
    """Return what two shapes are together; None is any."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = {**one, **other}
        return {key: joined(one.get(key), other.get(key)) for key in keys}
    if isinstance(one, list) and isinstance(other, list):
        return [joined(one[0], other[0])]
    return other if one is None else one


def beyond(place: str, fake: Any, found: Any) -> list[str]:
    """Return where a fake's shape is not that of what was found."""
    if fake is None or found is None or place.endswith(OPEN):
        return []
    if isinstance(fake, dict) and isinstance(found, dict):
        alone = [f"{place}/{key}: not there" for key in fake if key not in found]
        return alone + [
            line
            for key in fake
            if key in found
            for line in beyond(f"{place}/{key}", fake[key], found[key])
        ]
    if isinstance(fake, list) and isinstance(found, list):
        return beyond(f"{place}[]", fake[0], found[0])
    return [] if fake == found else [f"{place}: {fake}, really {found}"]


@pytest.mark.parametrize("verb", READINGS)
def test_readings_have_their_shape(real: DeskDaemon, verb: str) -> None:
    args = READINGS[verb]
    fake, found = FakeDaemon().read(verb, **args), real.read(verb, **args)
    assert beyond(verb, shape(fake), shape(found)) == []


@pytest.mark.parametrize("verb", CHANGES)
def test_changes_have_their_shape(real: DeskDaemon, verb: str) -> None:
    args = CHANGES[verb]
    fake = FakeDaemon().change(verb, by="anna", **args)
    found = real.change(verb, by="anna", **args)
    assert beyond(verb, shape(fake), shape(found)) == []


def test_the_check_finds() -> None:
    fake = shape({"a": 1, "b": [{"c": "x"}, {"d": None}], "e": True, "args": {"x": 1}})
    real = shape({"a": "1", "b": [{"c": None, "d": 2}], "args": {}})
    assert beyond("v", fake, real) == ["v/e: not there", "v/a: int, really str"]
    assert beyond("v", shape({"b": [{"z": 1}]}), real) == ["v/b[]/z: not there"]
