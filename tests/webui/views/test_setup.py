"""Where a set-up stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.family import BEN, DEVICES, MIA, NOW, OVERVIEW
from webui.views import people, setup


@pytest.mark.parametrize(
    "changes, devices, wanted",
    [
        ({"people": []}, [], "people"),
        ({}, [], "devices"),
        ({}, DEVICES, "rules"),
    ],
)
def test_the_next_step(
    changes: dict[str, Any], devices: list[Any], wanted: str
) -> None:
    assert setup.next_step({**OVERVIEW, **changes}, devices) == wanted


def test_the_way_back() -> None:
    assert [setup.before(step) for step in setup.STEPS[:3]] == [None, "home", "parent"]


def test_a_step_has_a_title_and_every_band_a_card() -> None:
    assert set(setup.TITLES) == set(setup.STEPS)
    assert set(setup.TALK) == set(people.BANDS)
    assert all(len(points) >= 2 for points in setup.TALK.values())


def test_the_trial_is_for_children_with_devices() -> None:
    without = {**BEN, "devices": []}
    found = setup.triable({**OVERVIEW, "people": [MIA, without]})
    assert [person["id"] for person in found] == ["mia"]


def test_a_running_trial_says_until_when() -> None:
    assert setup.on_trial(OVERVIEW) is None
    paused = {**MIA, "pauses": [{"until": NOW}]}
    found = setup.on_trial({**OVERVIEW, "people": [paused]})
    assert found is not None and found["until"] == NOW
