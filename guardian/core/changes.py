"""What a parent does, as pure functions from one household to the next.

Each returns the new household and the item made, or raises GuardianError with a stable
code; nothing is changed in place. Who did it and when come in as arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol

from guardian.core.errors import GuardianError
from guardian.core.hostnames import NAMES_MAX
from guardian.core.model import (
    DAY,
    LIFTS,
    Access,
    Device,
    DeviceKind,
    Grant,
    Household,
    Opened,
    Pause,
    Person,
    Role,
    WindowException,
    WindowKind,
    parse_mac,
)
from guardian.core.profile import effective

# A bedtime moved to before noon has been moved past midnight.
NOON = DAY // 2
# A person's lists of names, each with those that a name leaves when it is put there.
_LEAVES = {"allow": ("block",), "always": ("block",), "block": ("allow", "always")}


def find_person(household: Household, text: str) -> Person:
    """Return the person with that id or (unambiguous) name; GuardianError if none."""
    by_id = household.person(text)
    if by_id is not None:
        return by_id
    named = [p for p in household.people if p.name.casefold() == text.casefold()]
    if len(named) != 1:
        raise GuardianError("no-such-person", text[:80])
    return named[0]


def find_child(household: Household, text: str) -> Person:
    """Return a child; adults have no rules that could be changed."""
    person = find_person(household, text)
    if person.role is not Role.CHILD:
        raise GuardianError("not-a-child", person.id)
    return person


def find_device(household: Household, text: str) -> Device | None:
    """Return the device with that id, MAC or name, or None."""
    by_id = household.device(text)
    if by_id is not None:
        return by_id
    mac = text.strip().lower().replace("-", ":")
    for device in household.devices:
        if mac in device.macs or text.casefold() == device.name.casefold():
            return device
    return None


def pause(
    household: Household,
    person: Person | None,
    *,
    until: datetime,
    by: str,
    now: datetime,
) -> tuple[Household, Pause]:
    """Stop one child, or all children, until an end; a pause always has one.

    It takes the place of an earlier one for the same; ended ones are forgotten.
    """
    item = Pause(
        id=fresh_id("pause", now, household.pauses),
        person=person.id if person else None,
        start=now,
        until=until,
        by=by,
    )
    kept = (p for p in household.pauses if p.until > now and p.person != item.person)
    return replace(household, pauses=(*kept, item)), item


def resume(household: Household, person: Person | None) -> tuple[Household, int]:
    """End a child's own pauses and those for all; None: every pause. Returns how many.

    A pause for all is turned into one for each other child, so that resuming one
    child opens no sibling.
    """
    if person is None:
        return replace(household, pauses=()), len(household.pauses)
    others = [p for p in household.people if p.role is Role.CHILD and p.id != person.id]
    kept = [p for p in household.pauses if p.person not in (None, person.id)]
    ended = len(household.pauses) - len(kept)
    for item in household.pauses:
        if item.person is None:
            for child in others:
                item_id = _unique(item.id, {p.id for p in kept})
                kept.append(replace(item, id=item_id, person=child.id))
    return replace(household, pauses=tuple(kept)), ended


def grant(
    household: Household,
    person: Person,
    *,
    until: datetime,
    lifts: Iterable[str] | None = None,
    why: str = "",
    by: str,
    now: datetime,
) -> tuple[Household, Grant]:
    """Give a child time on top until an instant; it ends by itself.

    lifts: as in `Grant`, None for all that time rules say; ended ones are forgotten.
    """
    fields = {} if lifts is None else {"lifts": tuple(sorted(set(lifts)))}
    item = Grant(
        id=fresh_id("grant", now, household.grants),
        person=person.id,
        start=now,
        until=until,
        why=why,
        by=by,
        **fields,
    )
    kept = (g for g in household.grants if g.until > now)
    return replace(household, grants=(*kept, item)), item


def grant_end(
    household: Household,
    person: Person,
    minutes: timedelta,
    now: datetime,
    lifts: Iterable[str] | None = None,
) -> datetime:
    """Return where `minutes` more lead: added to a running grant, else to now, UTC.

    Only a grant that lifts no less than `lifts` (None: all) counts as running: fifteen
    minutes of bedtime must not be put after two hours of homework.
    """
    wanted = set(LIFTS if lifts is None else lifts)
    running = (
        g.until.astimezone(timezone.utc)
        for g in household.grants
        if g.person == person.id and g.start <= now < g.until and wanted <= {*g.lifts}
    )
    return max([now.astimezone(timezone.utc), *running]) + minutes


def end_grants(
    household: Household, person: Person, now: datetime
) -> tuple[Household, int]:
    """End a child's running grants before their time. Returns how many."""
    kept = tuple(g for g in household.grants if g.person != person.id and g.until > now)
    ended = sum(g.person == person.id and g.until > now for g in household.grants)
    return replace(household, grants=kept), ended


def open_site(
    household: Household,
    person: Person,
    name: str,
    *,
    until: datetime,
    by: str,
    now: datetime,
) -> tuple[Household, Opened]:
    """Open a site for a child until an instant; it ends by itself.

    name: as `guardian.core.hostnames.parse_host` returns. It takes the place of an
    earlier one for the same name; ended ones are forgotten.
    """
    item = Opened(
        id=fresh_id("open", now, household.opened),
        person=person.id,
        name=name,
        until=until,
        by=by,
    )
    kept = (
        o
        for o in household.opened
        if o.until > now and (o.person, o.name) != (person.id, name)
    )
    return replace(household, opened=(*kept, item)), item


def except_day(
    household: Household,
    person: Person,
    *,
    on: date,
    kind: WindowKind,
    start: int | None = None,
    end: int | None = None,
    off: bool = False,
    today: date | None = None,
) -> tuple[Household, WindowException]:
    """Change or call off a child's windows of one kind on one date.

    start, end: minutes as a clock shows them (0-1440). Where the windows run up to or
    over midnight, "until 00:30" and "up to 06:30" mean the morning after `on`; where
    they do not, an end before the start calls them off.
    today: exceptions that ended before it are forgotten; None forgets none.
    """
    windows = [w for w in effective(household, person).windows if w.kind is kind]
    begins = min((w.start for w in windows), default=0)
    if any(w.end >= DAY for w in windows):
        if start is not None and start < NOON <= begins:
            start += DAY
        if end is not None and end <= (begins if start is None else start):
            end += DAY
    kept = tuple(
        e
        for e in household.exceptions
        if (e.person, e.on, e.kind) != (person.id, on, kind)
        # A window that starts on a date may end on the next.
        and (today is None or e.on >= today - timedelta(days=1))
    )
    item = WindowException(
        id=_unique(f"{person.id[:24]}-{kind.value}-{on:%Y%m%d}", {e.id for e in kept}),
        person=person.id,
        on=on,
        kind=kind,
        start=start,
        end=end,
        off=off,
    )
    return replace(household, exceptions=(*kept, item)), item


def list_names(
    household: Household,
    person: Person,
    names: Iterable[str],
    where: str | None,
    floor: frozenset[str],
) -> Household:
    """Put names on a child's own list, out of those that say the opposite.

    names: as `guardian.core.hostnames.parse_host` returns. where: "allow", "block" or
    "always"; None takes them off every list. floor: names of help.
    Raises GuardianError: "floor-cannot-be-blocked", "too-many-names", and
    "site-not-listed" for a name to take off that is on none.
    """
    wanted, says = set(names), person.overrides
    lists = {kind: set(getattr(says, kind)) for kind in _LEAVES}
    if where is None:
        if missing := wanted - set().union(*lists.values()):
            raise GuardianError("site-not-listed", min(missing))
        lists = {kind: held - wanted for kind, held in lists.items()}
    else:
        if where == "block" and (help_names := wanted & floor):
            raise GuardianError("floor-cannot-be-blocked", min(help_names))
        lists[where] |= wanted
        for other in _LEAVES[where]:
            lists[other] -= wanted
        if len(lists[where]) > NAMES_MAX:
            raise GuardianError("too-many-names", f"at most {NAMES_MAX}")
    return set_names(
        household,
        person,
        {kind: tuple(sorted(held)) for kind, held in lists.items()},
    )


def set_access(
    household: Household,
    person: Person,
    label: str,
    access: Access | None,
    known: frozenset[str],
) -> Household:
    """Say what holds for a category or service; None: what the age band says.

    known: ids of all categories and services.
    Raises GuardianError("unknown-category"), but not for what is taken back.
    """
    said = dict(person.overrides.access)
    if access is None and label in said:
        del said[label]
    elif label not in known:
        raise GuardianError("unknown-category", label[:80])
    elif access is not None:
        said[label] = access
    return set_names(household, person, {"access": tuple(sorted(said.items()))})


def set_names(
    household: Household, person: Person, settings: dict[str, Any]
) -> Household:
    """Change what a child's own layer says of names; fields as in `Overrides`."""
    changed = replace(person, overrides=replace(person.overrides, **settings))
    people = tuple(changed if p.id == person.id else p for p in household.people)
    return replace(household, people=people)


def assign(
    household: Household,
    text: str,
    *,
    person: Person | None,
    exempt: bool = False,
    name: str = "",
) -> tuple[Household, Device]:
    """Give a device (id, name or MAC) to a person, exempt it, or take it back.

    A MAC that no device has yet becomes a new device.
    Raises GuardianError("no-such-device") for an unknown id or name.
    """
    known = find_device(household, text)
    if known is None:
        try:
            mac = parse_mac(text)
        except ValueError:
            raise GuardianError("no-such-device", text[:80]) from None
        known = _new_device(mac, name, household.devices)
    changed = replace(
        known,
        name=name or known.name,
        person=person.id if person else None,
        exempt=exempt,
        kind=known.kind if not exempt or person else DeviceKind.THING,
    )
    return _with_device(household, changed), changed


def claim(household: Household, seen: Iterable[tuple[str, str]]) -> Household:
    """Take the box: what was in the home already goes on, exempt until assigned.

    seen: (MAC, name) of what the LAN has shown. An alarm, a pump or a doorbell must not
    die on the first evening. A name that cannot be one is replaced, what has no unicast
    MAC is left out: both come from the devices themselves.
    """
    assigned = {mac for device in household.devices for mac in device.macs}
    devices = list(household.devices)
    for mac, name in sorted(dict(seen).items()):
        if mac not in assigned and _is_mac(mac):
            devices.append(replace(_new_device(mac, name, devices), exempt=True))
    return replace(household, claimed=True, devices=tuple(devices))


def join(household: Household, device: Device, mac: str) -> tuple[Household, Device]:
    """Say that `mac` is a new address of `device` (a randomised MAC has rotated)."""
    if any(mac in other.macs for other in household.devices if other.id != device.id):
        raise GuardianError("duplicate-mac", mac)
    # Old addresses stay: a device may return to one for a network it knows.
    macs = (mac, *(m for m in device.macs if m != mac))[:8]
    changed = replace(device, macs=macs)
    return _with_device(household, changed), changed


def _with_device(household: Household, device: Device) -> Household:
    devices = household.devices
    if all(known.id != device.id for known in devices):
        return replace(household, devices=(*devices, device))
    # In its place: a list that people look at does not jump.
    changed = tuple(device if known.id == device.id else known for known in devices)
    return replace(household, devices=changed)


def _new_device(mac: str, name: str, devices: Iterable[Device]) -> Device:
    device_id = _unique(f"device-{mac.replace(':', '')}", {d.id for d in devices})
    try:
        return Device(id=device_id, name=name, macs=(mac,))
    except ValueError:
        return Device(id=device_id, name=f"Device {mac}", macs=(mac,))


def _is_mac(text: str) -> bool:
    try:
        return parse_mac(text) == text
    except ValueError:
        return False


class HasId(Protocol):
    """Whatever has an id of its own."""

    @property
    def id(self) -> str:
        """Return the id."""


def fresh_id(kind: str, now: datetime, items: Iterable[HasId]) -> str:
    """Return an id that none of these has: the kind, and when it was made."""
    return _unique(f"{kind}-{int(now.timestamp()):x}", {item.id for item in items})


def _unique(wanted: str, taken: set[str]) -> str:
    """Return an id that is not taken: the one wanted, or it with a number."""
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted[:42]}-{number}"
    return found
