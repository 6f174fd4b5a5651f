"""Who lives here and with which devices: people and devices come, change and go.

Pure functions from one household to the next. Nobody's going makes a device freer than
a new one, and the last parent stays.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

from guardian.core.errors import GuardianError
from guardian.core.model import (
    Device,
    DeviceKind,
    Household,
    Overrides,
    Person,
    Role,
    check_name,
)

# What a name without a single Latin letter or digit becomes.
NAMELESS = "person"


def add_person(
    household: Household,
    name: str,
    role: Role,
    band: str | None = None,
    birth: tuple[int, int] | None = None,
) -> tuple[Household, Person]:
    """Add somebody; the id is made from the name, and stays when that changes.

    Raises GuardianError: "needs-arguments" for a child without an age band, and
    "unknown-band".
    """
    taken = {person.id for person in household.people}
    person = Person(
        id=_unique(slug(name), taken),
        name=check_name(name),
        role=role,
        band=_band(household, role, band),
        birth=birth,
    )
    return replace(household, people=(*household.people, person)), person


def set_person(
    household: Household,
    person: Person,
    *,
    name: str | None = None,
    role: Role | None = None,
    band: str | None = None,
    birth: tuple[int, int] | None,
) -> tuple[Household, Person]:
    """Change who somebody is; of what may be None, all but the birth stays then.

    A child that becomes an adult loses the rules, with all that was given for a while.
    Raises GuardianError as `add_person`, and "last-parent".
    """
    role = role or person.role
    if role is not Role.PARENT:
        _spare_a_parent(household, person)
    changed = replace(
        person,
        name=check_name(name) if name is not None else person.name,
        role=role,
        band=_band(household, role, band or person.band),
        overrides=person.overrides if role is Role.CHILD else Overrides(),
        birth=birth,
    )
    people = tuple(changed if p.id == person.id else p for p in household.people)
    made = replace(household, people=people)
    return made if role is Role.CHILD else _without_rules(made, person.id), changed


def drop_person(household: Household, person: Person) -> Household:
    """Let somebody go; their devices are nobody's then, and count as new ones.

    Raises GuardianError("last-parent").
    """
    _spare_a_parent(household, person)
    devices = tuple(
        replace(d, person=None) if d.person == person.id else d
        for d in household.devices
    )
    people = tuple(p for p in household.people if p.id != person.id)
    return _without_rules(replace(household, people=people, devices=devices), person.id)


def set_device(
    household: Household,
    device: Device,
    *,
    name: str | None = None,
    kind: DeviceKind | None = None,
) -> tuple[Household, Device]:
    """Rename a device or say what it is; whose it is stays."""
    changed = replace(
        device,
        name=check_name(name) if name is not None else device.name,
        kind=kind or device.kind,
    )
    devices = tuple(changed if d.id == device.id else d for d in household.devices)
    return replace(household, devices=devices), changed


def drop_device(household: Household, device: Device) -> Household:
    """Forget a device; if the home shows it again it is a new one."""
    devices = tuple(d for d in household.devices if d.id != device.id)
    return replace(household, devices=devices)


def band_of_age(household: Household, birth: tuple[int, int], today: date) -> str:
    """Return the age band of somebody born then; the nearest where none has the age.

    Raises GuardianError("unknown-band") where there are none at all.
    """
    year, month = birth
    age = today.year - year - (today.month < month)
    nearest = min(
        household.bands,
        key=lambda b: (max(b.ages[0] - age, age - b.ages[1], 0), b.ages),
        default=None,
    )
    if nearest is None:
        raise GuardianError("unknown-band")
    return nearest.id


def slug(name: str) -> str:
    """Return the id that a name suggests: "Zoë Ann" gives "zoe-ann"."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    text = re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if c.isascii()))
    return text.strip("-")[:40].strip("-") or NAMELESS


def _band(household: Household, role: Role, band: str | None) -> str | None:
    if role is not Role.CHILD:
        return None
    if not band:
        raise GuardianError("needs-arguments", "band")
    if household.band(band) is None:
        raise GuardianError("unknown-band", band[:80])
    return band


def _spare_a_parent(household: Household, person: Person) -> None:
    parents = [p for p in household.people if p.role is Role.PARENT]
    if parents == [person]:
        raise GuardianError("last-parent", person.id)


def _without_rules(household: Household, person_id: str) -> Household:
    """Return the household without what was decided for somebody for a while."""
    kinds: dict[str, Any] = {
        kind: tuple(e for e in getattr(household, kind) if e.person != person_id)
        for kind in ("exceptions", "pauses", "grants", "opened")
    }
    return replace(household, **kinds)


def _unique(wanted: str, taken: set[str]) -> str:
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found
