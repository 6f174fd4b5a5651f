"""Events and effects are values: comparable, frozen, and all of them are named."""

from __future__ import annotations

import dataclasses
import typing

import pytest

from guardian.core import events
from guardian.core.events import Effect, Event, FloorResolved, Moment, SetElements
from tests.build import at

KINDS = (*typing.get_args(Event), *typing.get_args(Effect))


def test_every_value_of_the_module_is_an_event_an_effect_or_a_moment() -> None:
    made = {
        value
        for value in vars(events).values()
        if dataclasses.is_dataclass(value) and value.__module__ == events.__name__
    }
    assert made == {*KINDS, Moment}
    assert len(KINDS) == len(set(KINDS))


@pytest.mark.parametrize("kind", [*KINDS, Moment])
def test_values_are_frozen_and_hold_no_more_than_they_say(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__dict__" not in kind.__dict__
    assert set(kind.__slots__) == {  # type: ignore[attr-defined]
        field.name for field in dataclasses.fields(kind)
    }


def test_equal_effects_compare_equal() -> None:
    key = ("permit", ("02:00:5e:00:00:01",))
    assert SetElements(((key, 1.5),), ()) == SetElements(((key, 1.5),), ())
    assert SetElements(((key, 1.5),), ()) != SetElements(((key, None),), ())
    assert FloorResolved(()) == FloorResolved(())
    assert Moment(at("2026-03-27 12:00"), 1.0).mono == 1.0
