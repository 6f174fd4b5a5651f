"""What the tests of the engine share: its devices, and how its effects are read."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from guardian.core.changes import pause
from guardian.core.events import AddressSeen, Effect
from guardian.core.model import Household
from tests.build import mac
from tests.tape import LAN, Tape

T = TypeVar("T")
EVENING, NIGHT = "2026-03-27 20:00", "2026-03-27 22:00"
TABLET, CONSOLE, PHONE, TV, NEW = (mac(n) for n in (1, 2, 3, 4, 9))


def only(effects: list[Effect], kind: type[T]) -> list[T]:
    return [effect for effect in effects if isinstance(effect, kind)]


def seen(last: int, address: str) -> AddressSeen:
    return AddressSeen(mac(last), address, LAN)


def paused(tape: Tape, household: Household, minutes: int = 60) -> Household:
    now = tape.moment.wall
    until = now + timedelta(minutes=minutes)
    return pause(household, household.people[0], until=until, by="", now=now)[0]
