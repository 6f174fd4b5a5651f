"""The verbs that hand over all of a page in one answer: they change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from guardian.core import changes
from guardian.core.decide import decide_new
from guardian.core.errors import GuardianError
from guardian.core.model import Decision
from guardian.pages.overview import overview_view, seen_view
from guardian.pages.people import child_view
from guardian.store.catalogue import load_catalogue
from guardian.verbs.desk import Desk, Json
from guardian.views import catalogue_view, problems_view

CATALOGUES = ("categories", "services", "packs")


class Pages:
    """Home, and a child's own page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "overview": self._overview,
            "person": self._person,
            "catalogue": self._catalogue,
        }

    def _overview(self, args: Json, by: str) -> Json:
        service = self.desk.service
        return overview_view(
            self.desk.scene(),
            health=self.desk.outside.health(),
            unassigned=self._unassigned(),
            revision=service.revision,
            enforced=service.enforced(),
            failsafe=service.failsafe(),
            problems=problems_view(service.problems),
            trial=service.trial is not None,
        )

    def _person(self, args: Json, by: str) -> Json:
        person = changes.find_child(self.desk.household, args["person"])
        return child_view(self.desk.scene(), person)

    def _catalogue(self, args: Json, by: str) -> list[Json]:
        kind = args.get("kind", CATALOGUES[0])
        if kind not in CATALOGUES:
            raise GuardianError("bad-argument", f"kind: {', '.join(CATALOGUES)}")
        return _catalogue_of(kind)

    def _unassigned(self) -> Iterator[Json]:
        """Yield what nobody has assigned: known devices, then new ones."""
        household, outside = self.desk.household, self.desk.outside
        engine, moment = self.desk.service.engine, self.desk.service.now()
        found = engine.plan
        unknown = (
            found.unknown
            if found is not None
            else decide_new(household, engine.facts(moment), moment.wall)
        )
        decided: dict[str, Decision] = dict(found.macs) if found is not None else {}
        for device in household.devices:
            if device.person is None and not device.exempt:
                mac = device.macs[0]
                seen = outside.seen(mac) or {"mac": mac}
                yield seen_view(
                    household,
                    seen,
                    decided.get(mac, unknown),
                    outside.likely(mac),
                    (device.id, device.name),
                )
        known = {mac for device in household.devices for mac in device.macs}
        for seen in outside.sightings():
            mac = seen["mac"]
            if mac not in known:
                decision = decided.get(mac, unknown)
                yield seen_view(household, seen, decision, outside.likely(mac))


@cache
def _catalogue_of(kind: str) -> list[Json]:
    # Data of the program: reading it takes a tenth of a second, what is shown little.
    return catalogue_view(load_catalogue(), kind)
