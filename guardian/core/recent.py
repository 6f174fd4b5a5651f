"""What each device was refused lately, for its own page. In memory only, and little.

No name of help comes here (it is never refused), nor what a safety list stands
against: of that there is no trace. A device that changes hands starts anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from guardian.core.model import Args, Reason

# As many as stand on a child's page.
KEPT = 10
# What says something of the name. Other reasons hold for all names alike: of the many
# that a sleeping phone asks for in the night one tells as much as all.
_OF_NAMES = {Reason.BLOCKED_SITE, Reason.BLOCKED_CATEGORY, Reason.NOT_ON_ALLOWLIST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One refusal. until: when that reason ends, None if nothing in sight ends it."""

    at: datetime
    name: str
    reason: Reason
    args: Args = ()
    until: datetime | None = None


class Recent:
    """The last refusals of each device, by MAC, one for each name and each night."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Refused]] = {}
        self._owners: dict[str, str | None] = {}

    def note(self, mac: str, refused: Refused) -> None:
        """Remember a refusal in the place of the one that it repeats."""
        if refused.reason is Reason.SAFETY_LIST:
            return
        about = _about(refused)
        kept = [one for one in self._kept.get(mac, ()) if _about(one) != about]
        self._kept[mac] = [*kept, refused][-KEPT:]

    def of(self, mac: str) -> tuple[Refused, ...]:
        """Return what a device was refused, the newest first."""
        return tuple(reversed(self._kept.get(mac, ())))

    def forget(self, mac: str) -> None:
        """Know nothing of a device any more."""
        self._kept.pop(mac, None)

    def belong(self, owners: Mapping[str, str | None]) -> None:
        """Take whose each device is; what one of them did is not told to the next."""
        for mac in list(self._kept):
            if owners.get(mac) != self._owners.get(mac):
                self.forget(mac)
        self._owners = dict(owners)


def _about(refused: Refused) -> tuple[object, ...]:
    if refused.reason in _OF_NAMES:
        return (refused.name,)
    return refused.reason, refused.until
