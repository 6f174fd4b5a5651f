"""The verbs of the home: people, devices, how it is spoken to, protection off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from guardian.core import changes, family
from guardian.core.errors import GuardianError
from guardian.core.model import (
    Device,
    DeviceKind,
    NewDevicePolicy,
    ProtectionOff,
    Refusal,
    Role,
    check_name,
)
from guardian.pages.people import etag
from guardian.store.fields import (
    as_country,
    as_day_change,
    as_language,
    as_month,
    as_timezone,
)
from guardian.verbs.desk import Desk, Json

E = TypeVar("E", bound=StrEnum)


class Family:
    """Who lives here, with what, and what holds for the whole home."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "person-set": self._person_set,
            "person-drop": self._person_drop,
            "device-set": self._device_set,
            "device-drop": self._device_drop,
            "home-set": self._home_set,
            "protection": self._protection,
        }

    def _person_set(self, args: Json, by: str) -> Json:
        household = self.desk.household
        role = _one_of(Role, args, "role")
        birth = as_month(args["birth"]) if args.get("birth") else None
        band = args.get("band")
        if args.get("person"):
            person = changes.find_person(household, args["person"])
            changed, made = family.set_person(
                household,
                person,
                name=args.get("name"),
                role=role,
                band=band,
                birth=birth if "birth" in args else person.birth,
            )
        else:
            if role is None:
                raise KeyError("role")
            if role is Role.CHILD and birth and not band:
                today = self.desk.service.now().wall.astimezone(household.zone).date()
                band = family.band_of_age(household, birth, today)
            changed, made = family.add_person(
                household, args["name"], role, band, birth
            )
        result = {"person": made.id, "etag": etag(made)}
        return self.desk.done(changed, args, by, "person-set", result)

    def _person_drop(self, args: Json, by: str) -> Json:
        household = self.desk.household
        person = changes.find_person(household, args["person"])
        changed = family.drop_person(household, person)
        return self.desk.done(changed, args, by, "person-drop", {"person": person.id})

    def _device_set(self, args: Json, by: str) -> Json:
        changed, device = family.set_device(
            self.desk.household,
            self._device(args),
            name=args.get("name"),
            kind=_one_of(DeviceKind, args, "kind"),
        )
        return self.desk.done(changed, args, by, "device-set", {"device": device.id})

    def _device_drop(self, args: Json, by: str) -> Json:
        device = self._device(args)
        changed = family.drop_device(self.desk.household, device)
        return self.desk.done(changed, args, by, "device-drop", {"device": device.id})

    def _device(self, args: Json) -> Device:
        device = changes.find_device(self.desk.household, args["device"])
        if device is None:
            raise GuardianError("no-such-device", args["device"][:80])
        return device

    def _home_set(self, args: Json, by: str) -> Json:
        household = self.desk.household
        readers: dict[str, Callable[[Any], Any]] = {
            "name": check_name,
            "timezone": as_timezone,
            "country": as_country,
            "language": as_language,
            "clock24": bool,
            "day_change": as_day_change,
        }
        given = {key: read(args[key]) for key, read in readers.items() if key in args}
        policy = _one_of(NewDevicePolicy, args, "new_devices")
        refusal = _one_of(Refusal, args, "refusal")
        if policy:
            given["new_devices"] = replace(household.new_devices, policy=policy)
        if refusal:
            given["names"] = replace(household.names, refusal=refusal)
        if not given:
            words = ", ".join((*readers, "new_devices", "refusal"))
            raise GuardianError("needs-arguments", words)
        return self.desk.done(replace(household, **given), args, by, "home-set", {})

    def _protection(self, args: Json, by: str) -> Json:
        """Switch everything off until an end, or, without one, on again."""
        household, now = self.desk.household, self.desk.service.now().wall
        until = self.desk.until(args, None)
        off = None
        if until is not None:
            off = ProtectionOff(start=now, until=until, by=by)
        told = until.astimezone(household.zone).isoformat() if until else None
        return self.desk.done(
            replace(household, off=off), args, by, "protection", {"off_until": told}
        )


def _one_of(choices: type[E], args: Json, key: str) -> E | None:
    """Return what an argument names, None if it is not given."""
    if key not in args:
        return None
    try:
        return choices(args[key])
    except ValueError:
        words = ", ".join(choice.value for choice in choices)
        raise GuardianError("bad-argument", f"{key}: {words}") from None
