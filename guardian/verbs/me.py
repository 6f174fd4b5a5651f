"""The verbs of whoever looks at a page without an account: known by the device alone.

Nobody names a person or a device here: an address comes in, and the kernel says at that
moment whose it is. So no device can ask for another child's page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardian.childview import visitor_view
from guardian.core.changes import find_device
from guardian.core.errors import GuardianError
from guardian.core.model import Device
from guardian.verbs.desk import Desk, Json


class Me:
    """What a device may know of itself."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {"visitor": self._visitor}

    def _visitor(self, args: Json, by: str) -> Json:
        mac, device = whose(self.desk, args["address"])
        return visitor_view(self.desk.household, mac, device)


def whose(desk: Desk, address: str) -> tuple[str | None, Device | None]:
    """Return the MAC that has an address now, and its device if it is a known one."""
    try:
        mac = desk.outside.owner(address)
    except ValueError:
        raise GuardianError("bad-argument", "address") from None
    return mac, find_device(desk.household, mac) if mac else None
