"""Render a household as its JSON document, schema 1: what `parse` reads back exactly.

Fields that say nothing beyond a default of their item are left out; the order of keys
is that of the form's description, the order of items the household's.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from guardian.core.model import (
    WEEKDAYS,
    Calendar,
    Device,
    DeviceKind,
    Grant,
    Household,
    NameSettings,
    Opened,
    Overrides,
    Pause,
    Person,
    ProtectionOff,
    Role,
    Window,
    WindowException,
)
from guardian.store.minutes import render_clock, render_end

Json = dict[str, object]
# The form that is written; what reads it says which it accepts.
SCHEMA = 1


def render(household: Household) -> Json:
    """Return the document of a household. Its age bands are not part of it.

    Instants are in the household's zone, with their offset.
    """
    zone = household.zone
    names = household.names
    return {
        "schema": SCHEMA,
        "name": household.name,
        "timezone": household.timezone,
        "country": household.country,
        **_manners(household),
        "claimed": household.claimed,
        **({"protection_off": _off(household.off, zone)} if household.off else {}),
        "network": {
            "lan": list(household.network.lan),
            "mode": household.network.mode.value,
        },
        "new_devices": {
            "policy": household.new_devices.policy.value,
            "band": household.new_devices.band,
        },
        # Left out while nothing is set, so that an older program reads it whole.
        **({"names": _names(names)} if names != NameSettings() else {}),
        "calendar": _calendar(household.calendar),
        "people": [render_person(person) for person in household.people],
        "devices": [_device(device) for device in household.devices],
        "exceptions": [_exception(e) for e in household.exceptions],
        "pauses": [_pause(pause, zone) for pause in household.pauses],
        "grants": [_grant(grant, zone) for grant in household.grants],
        **_opened_sites(household.opened, zone),
    }


def _manners(household: Household) -> Json:
    """Return how the home is spoken to, as far as it differs from what is usual."""
    usual = Household()
    found: Json = {}
    if household.language != usual.language:
        found["language"] = household.language
    if household.clock24 != usual.clock24:
        found["clock24"] = household.clock24
    if household.day_change != usual.day_change:
        found["day_change"] = render_clock(household.day_change)
    return found


def _off(off: ProtectionOff, zone: ZoneInfo) -> Json:
    return {**_span(off, zone), **({"by": off.by} if off.by else {})}


def _names(names: NameSettings) -> Json:
    found: Json = {"refusal": names.refusal.value}
    if names.resolvers:
        found["resolvers"] = list(names.resolvers)
    return found


def _calendar(calendar: Calendar) -> Json:
    return {
        "week": dict(zip(WEEKDAYS, calendar.week, strict=True)),
        "days": [
            {
                "from": day.first.isoformat(),
                "to": day.last.isoformat(),
                "type": day.day_type,
                **({"name": day.name} if day.name else {}),
            }
            for day in calendar.days
        ],
    }


def render_person(person: Person) -> Json:
    """Return one person of the document."""
    found: Json = {"id": person.id, "name": person.name, "role": person.role.value}
    if person.birth is not None:
        found["birth"] = f"{person.birth[0]:04}-{person.birth[1]:02}"
    if person.role is not Role.CHILD:
        return found
    found["band"] = person.band
    says = person.overrides
    if says.fail_mode is not None:
        found["fail_mode"] = says.fail_mode.value
    if says.windows:
        found["windows"] = [_window(window) for window in says.windows]
    if says.dropped:
        found["dropped"] = list(says.dropped)
    return {**found, **_person_names(says)}


def _person_names(says: Overrides) -> Json:
    found: Json = {}
    if says.only is not None:
        found["only"] = says.only
    if says.packs is not None:
        found["packs"] = list(says.packs)
    if says.safe_search is not None:
        found["safe_search"] = says.safe_search
    if says.youtube is not None:
        found["youtube"] = says.youtube.value
    if says.access:
        found["access"] = {label: access.value for label, access in says.access}
    lists = {"allow": says.allow, "block": says.block, "always": says.always}
    found |= {kind: list(hosts) for kind, hosts in lists.items() if hosts}
    return found


def _window(window: Window) -> Json:
    return {
        "id": window.id,
        "kind": window.kind.value,
        "days": list(window.days),
        "from": render_clock(window.start),
        "to": render_end(window.start, window.end),
        **({"blocks": list(window.blocks)} if window.blocks else {}),
    }


def _device(device: Device) -> Json:
    found: Json = {"id": device.id, "name": device.name, "macs": list(device.macs)}
    if device.person is not None:
        found["person"] = device.person
    if device.exempt:
        found["exempt"] = True
    if device.kind is not DeviceKind.PERSONAL:
        found["kind"] = device.kind.value
    return found


def _exception(item: WindowException) -> Json:
    found: Json = {
        "id": item.id,
        "person": item.person,
        "date": item.on.isoformat(),
        "kind": item.kind.value,
    }
    if item.off:
        found["off"] = True
    if item.start is not None:
        found["from"] = render_clock(item.start)
    if item.end is not None and item.start is not None:
        found["to"] = render_end(item.start, item.end)
    elif item.end is not None:
        found["to"] = render_clock(item.end)
    return found


def _pause(pause: Pause, zone: ZoneInfo) -> Json:
    found: Json = {"id": pause.id, "person": pause.person, **_span(pause, zone)}
    if pause.by:
        found["by"] = pause.by
    return found


def _grant(grant: Grant, zone: ZoneInfo) -> Json:
    found: Json = {"id": grant.id, "person": grant.person, **_span(grant, zone)}
    found["lifts"] = list(grant.lifts)
    if grant.why:
        found["why"] = grant.why
    if grant.by:
        found["by"] = grant.by
    return found


def _opened_sites(opened: tuple[Opened, ...], zone: ZoneInfo) -> Json:
    # Left out while there are none, so that an older program reads the rest whole.
    return {"opened": [_opened(one, zone) for one in opened]} if opened else {}


def _opened(opened: Opened, zone: ZoneInfo) -> Json:
    return {
        "id": opened.id,
        "person": opened.person,
        "name": opened.name,
        "until": opened.until.astimezone(zone).isoformat(),
        **({"by": opened.by} if opened.by else {}),
    }


def _span(spell: Pause | Grant | ProtectionOff, zone: ZoneInfo) -> Json:
    return {
        "from": spell.start.astimezone(zone).isoformat(),
        "until": spell.until.astimezone(zone).isoformat(),
    }
