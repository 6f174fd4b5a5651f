"""The verbs that show: they change nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardian.core import changes
from guardian.core.errors import GuardianError
from guardian.core.events import Moment
from guardian.core.hostnames import parse_host
from guardian.store.document import render
from guardian.verbs.desk import Desk, Json
from guardian.verbs.why import name_answer
from guardian.views import (
    decision_view,
    device_view,
    explain_view,
    people_view,
    plan_view,
    problems_view,
)


class Reading:
    """Status, people, devices, and why each stands as it does."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "status": self._status,
            "devices": self._devices,
            "people": self._people,
            "explain": self._explain,
            "plan": self._plan,
            "print": self._print,
            "check": self._check,
            "audit": self._audit,
            "household-export": self._export,
        }

    def _status(self, args: Json, by: str) -> Json:
        service, engine = self.desk.service, self.desk.service.engine
        layout, moment = engine.layout, service.now()
        return {
            "version": self.desk.outside.version,
            "household": self.desk.household.name,
            "revision": service.revision,
            "enforced": service.enforced(),
            "failsafe": service.failsafe(),
            "problems": problems_view(service.problems),
            "store": service.store_state,
            "trial": service.trial is not None,
            "mode": self.desk.household.network.mode.value,
            "interfaces": {
                name: "hooked" if name in layout.hooked else "missing"
                for name in layout.lan
            },
            "ports": list(layout.ports),
            "hooks": {"ingress": layout.ingress, "egress": layout.egress},
            "clock": {
                "now": moment.wall.astimezone(self.desk.household.zone).isoformat(),
                "known": engine.clock_known,
            },
            "leases": sum(
                1
                for (name, _), ends in engine.applied.items()
                if name == "permit" and ends is not None
            ),
            "floor": {"addresses": len(engine.floor)},
            "names": self.desk.outside.names(),
            "health": [
                {"code": code, "detail": detail}
                for code, detail in sorted(self.desk.outside.health().items())
            ],
        }

    def _people(self, args: Json, by: str) -> list[Json]:
        engine, moment = self.desk.service.engine, self.desk.service.now()
        return people_view(
            self.desk.household, engine.facts(moment), self.desk.at(args)
        )

    def _devices(self, args: Json, by: str) -> list[Json]:
        engine, moment, at = (
            self.desk.service.engine,
            self.desk.service.now(),
            self.desk.at(args),
        )
        household, facts = self.desk.household, engine.facts(moment)
        known = [device_view(household, d, facts, at) for d in household.devices]
        assigned = {mac for d in household.devices for mac in d.macs}
        for view in known:
            seen = [self.desk.outside.seen(mac) for mac in view["macs"]]
            view["seen"] = [s for s in seen if s is not None]
            view["enforced"] = {
                mac: self._left(mac, moment.mono) for mac in view["macs"]
            }
        for seen_view in self.desk.outside.sightings():
            if seen_view["mac"] not in assigned:
                known.append(self._unassigned(seen_view, moment.mono))
        return known

    def _unassigned(self, seen: Json, mono: float) -> Json:
        plan = self.desk.service.engine.plan
        assert plan is not None
        mac = seen["mac"]
        return {
            "id": None,
            "name": seen.get("hostname") or seen.get("vendor"),
            "macs": [mac],
            "kind": None,
            "person": None,
            "exempt": False,
            "decision": decision_view(
                plan.macs.get(mac, plan.unknown), self.desk.household
            ),
            "seen": [seen],
            "may_belong_to": list(self.desk.service.engine.candidates.get(mac, ())),
            "enforced": {mac: self._left(mac, mono)},
        }

    def _left(self, mac: str, mono: float) -> Json:
        """Return what the kernel was told of a MAC: exempt, or its lease in seconds."""
        applied = self.desk.service.engine.applied
        if ("exempt", (mac,)) in applied:
            return {"exempt": True, "lease_s": None}
        ends = applied.get(("permit", (mac,)))
        left = max(0, int(ends - mono)) if ends is not None else 0
        return {"exempt": False, "lease_s": left}

    def _explain(self, args: Json, by: str) -> Json:
        household = self.desk.household
        device = changes.find_device(household, args["device"])
        if device is None and self.desk.outside.seen(args["device"].lower()) is None:
            raise GuardianError("no-such-device", args["device"][:80])
        engine, moment, at = (
            self.desk.service.engine,
            self.desk.service.now(),
            self.desk.at(args),
        )
        view = explain_view(household, device, engine.facts(moment), at)
        if args.get("name"):
            mac = device.macs[0] if device else args["device"].lower()
            view["name"] = name_answer(self.desk, mac, parse_host(args["name"]), at)
        return view

    def _plan(self, args: Json, by: str) -> Json:
        engine, moment = self.desk.service.engine, self.desk.service.now()
        view = plan_view(self.desk.household, engine.facts(moment), self.desk.at(args))
        if not args.get("at"):
            view["leases"] = [
                {
                    "set": name,
                    "key": list(key),
                    "seconds": None if ends is None else int(ends - moment.mono),
                }
                for (name, key), ends in sorted(engine.applied.items())
                # The exempt have no lease: `exempt` tells of them.
                if name != "permit" or ends is not None
            ]
        return view

    def _print(self, args: Json, by: str) -> Json:
        moment = Moment(self.desk.at(args), self.desk.service.now().mono)
        return {"text": self.desk.service.engine.text(moment)}

    def _check(self, args: Json, by: str) -> Json:
        self.desk.outside.check(self.desk.service.engine.text(self.desk.service.now()))
        return {"loads": True}

    def _audit(self, args: Json, by: str) -> list[Json]:
        return self.desk.outside.audit(args.get("limit", 50))

    def _export(self, args: Json, by: str) -> Json:
        return render(self.desk.household)
