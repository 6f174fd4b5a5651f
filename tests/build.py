"""Small households for tests, in a few words.

Times of day are written as a parent would say them ("21:00-07:00"), instants as local
readings of the household's zone ("2026-03-28 20:59"), MACs as their last octet.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from guardian.core.model import (
    DAY,
    Band,
    Device,
    FailMode,
    Grant,
    Household,
    Overrides,
    Pause,
    Person,
    ProtectionOff,
    Role,
    Window,
    WindowKind,
)

BERLIN = "Europe/Berlin"
ALL_DAYS = ("holiday", "school", "weekend")
BAND = "10-12"


def mac(last: int) -> str:
    """Return a MAC out of RFC 7042's documentation range, locally administered."""
    return f"02:00:5e:00:{last >> 8:02x}:{last & 255:02x}"


def minutes(clock: str) -> int:
    hours, _, rest = clock.partition(":")
    return int(hours) * 60 + int(rest)


def window(
    span: str,
    kind: str = "bedtime",
    days: tuple[str, ...] = ALL_DAYS,
    name: str = "",
    blocks: tuple[str, ...] = (),
) -> Window:
    """Return a window of "21:00-07:00"; an end not after the start is next morning.

    One of kind "sites" refuses games unless it is said what it refuses.
    """
    first, _, last = span.partition("-")
    start, end = minutes(first), minutes(last)
    return Window(
        id=name or kind,
        kind=WindowKind(kind),
        days=days,
        start=start,
        end=end if end > start else end + DAY,
        blocks=blocks or (("games",) if kind == "sites" else ()),
    )


def band(*windows: Window, name: str = BAND, fail_mode: FailMode | None = None) -> Band:
    return Band(
        id=name,
        ages=(10, 12),
        title="a band",
        defaults=Overrides(windows=windows, fail_mode=fail_mode),
    )


def child(
    name: str, *windows: Window, fail_mode: FailMode | None = None, age: str = BAND
) -> Person:
    overrides = Overrides(windows=windows, fail_mode=fail_mode)
    return Person(
        id=name, name=name.title(), role=Role.CHILD, band=age, overrides=overrides
    )


def adult(name: str, role: Role = Role.PARENT) -> Person:
    return Person(id=name, name=name.title(), role=role)


def device(
    name: str, last: int, person: str | None = None, exempt: bool = False
) -> Device:
    return Device(
        id=name, name=name.title(), macs=(mac(last),), person=person, exempt=exempt
    )


MIA = child("mia")
TOM = child("tom")
ANNA = adult("anna")
TABLET = device("tablet", 1, "mia")
CONSOLE = device("console", 2, "tom")
PHONE = device("phone", 3, "anna")
TV = device("tv", 4, exempt=True)
BEDTIME = window("21:00-07:00")


def home(*people: Person, zone: str = BERLIN, **fields: object) -> Household:
    """Return a household in Berlin: Mia, Tom and Anna with a device each, and a TV.

    Children go to bed at 21:00 every day. Given people, they take the three's place.
    """
    given: dict[str, object] = {
        "people": people or (MIA, TOM, ANNA),
        "devices": (TABLET, CONSOLE, PHONE, TV),
        "bands": (band(BEDTIME),),
        "timezone": zone,
    }
    return replace(Household(), **(given | fields))  # type: ignore[arg-type]


def at(reading: str, zone: str = BERLIN, fold: int = 0) -> datetime:
    """Return the instant of a local reading "2026-03-28 20:59", in UTC."""
    local = datetime.fromisoformat(reading).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return local.astimezone(timezone.utc)


def pause(
    start: datetime, until: datetime, person: str | None = None, name: str = "pause-1"
) -> Pause:
    return Pause(id=name, person=person, start=start, until=until, by="anna")


def off(start: datetime, until: datetime) -> ProtectionOff:
    return ProtectionOff(start=start, until=until, by="anna")


def grant(
    start: datetime,
    until: datetime,
    person: str = "mia",
    name: str = "grant-1",
    lifts: tuple[str, ...] = ("bedtime", "budget", "homework", "offline"),
) -> Grant:
    return Grant(
        id=name,
        person=person,
        start=start,
        until=until,
        lifts=lifts,
        why="a film",
        by="anna",
    )
