"""What stands on the page of a device's own: plain JSON values. Pure.

The page tells a child the same as its parent is told, from the same values
(`guardian.views`), and nothing of anybody else. Instants are ISO 8601 with the
household's offset.
"""

from __future__ import annotations

from guardian.core.decide import is_exempt
from guardian.core.model import Device, Household
from guardian.views import Json


def visitor_view(household: Household, mac: str | None, device: Device | None) -> Json:
    """Return who a device is: its MAC, device and person; None for what is not known.

    name: the person's, else what the device is called.
    """
    person = household.person(device.person) if device and device.person else None
    named = person or device
    return {
        "mac": mac,
        "device": device.id if device else None,
        "name": named.name if named else None,
        "person": person.id if person else None,
        "band": person.band if person else None,
        "exempt": device is not None and is_exempt(household, device),
        "language": household.language,
        "zone": household.timezone,
        "claimed": household.claimed,
    }
