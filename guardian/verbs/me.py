"""The verbs of whoever looks at a page without an account: known by the device alone.

Nobody names a person or a device here: an address comes in, and the kernel says at that
moment whose it is. So no device can ask for another child's page.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from guardian.childview import me_view, visitor_view
from guardian.core import requests
from guardian.core.changes import find_device
from guardian.core.decide import decide
from guardian.core.errors import GuardianError, StoreError
from guardian.core.floor import Floor
from guardian.core.model import Decision, Device, Reason, Verdict
from guardian.core.requests import Request
from guardian.store.data import load_floor
from guardian.store.known import load_known
from guardian.verbs.desk import Desk, Json, request_view


class Me:
    """What a device may know of itself."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {"visitor": self._visitor, "me": self._me}

    def _visitor(self, args: Json, by: str) -> Json:
        return self._who(*whose(self.desk, args["address"]))

    def _who(self, mac: str | None, device: Device | None) -> Json:
        seen = self.desk.outside.seen(mac) if mac and device is None else None
        return visitor_view(self.desk.household, mac, device, seen)

    def _me(self, args: Json, by: str) -> Json:
        mac, device = whose(self.desk, args["address"])
        who, household = self._who(mac, device), self.desk.household
        own: list[Request] = []
        with suppress(StoreError):
            # Help is on this page: it must not fail for a damaged file.
            own = [one for one in self.desk.requests() if one.person == who["person"]]
        judged = mac is not None and not who["exempt"]
        return me_view(
            self.desk.scene(),
            who,
            self._decision(mac, device),
            titles=load_known().titles,
            refused=self.desk.outside.refusals(mac) if mac and judged else (),
            requests=[request_view(one, household) for one in requests.listed(own)],
            floor=_floor(),
            known_until=self._lease_end(mac) if mac else None,
        )

    def _decision(self, mac: str | None, device: Device | None) -> Decision:
        """Return what holds for whoever asks; the router itself has no limits."""
        household, moment = self.desk.household, self.desk.service.now()
        engine = self.desk.service.engine
        if mac is None:
            return Decision(Verdict.ALLOW, Reason.EXEMPT)
        if engine.plan is not None and (device is None or device.person is None):
            # A device that may be a child's is held to the strictest of what may apply.
            if device is None or not device.exempt:
                return engine.plan.macs.get(mac, engine.plan.unknown)
        return decide(household, device, engine.facts(moment), moment.wall)

    def _lease_end(self, mac: str) -> datetime | None:
        """Return up to when the kernel lets a MAC through by itself, UTC."""
        service, moment = self.desk.service, self.desk.service.now()
        ends = service.engine.applied.get(("permit", (mac,)))
        if ends is None or ends <= moment.mono:
            return None
        return moment.wall + timedelta(seconds=int(ends - moment.mono))


def whose(desk: Desk, address: str) -> tuple[str | None, Device | None]:
    """Return the MAC that has an address now, and its device if it is a known one."""
    try:
        mac = desk.outside.owner(address)
    except ValueError:
        raise GuardianError("bad-argument", "address") from None
    return mac, find_device(desk.household, mac) if mac else None


@cache
def _floor() -> Floor:
    return load_floor()
