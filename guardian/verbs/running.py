"""The verbs of the whole: whose a device is, a household given whole, a trial."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guardian.core import changes
from guardian.core.errors import GuardianError
from guardian.core.events import ClockKnown, TablesLost
from guardian.core.model import check_name, parse_mac
from guardian.verbs.desk import Desk, Json

TRIAL_MAX_S = 3600


class Running:
    """What puts a household in force."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "assign": self._assign,
            "household-import": self._import,
            "apply": self._apply,
            "try": self._try,
            "try-confirm": lambda args, by: self._end_trial(True, by),
            "try-rollback": lambda args, by: self._end_trial(False, by),
            "clock": self._clock,
        }

    def _assign(self, args: Json, by: str) -> Json:
        household = self.desk.household
        if args.get("same_as"):
            known = changes.find_device(household, args["same_as"])
            if known is None:
                raise GuardianError("no-such-device", str(args["same_as"])[:80])
            changed, device = changes.join(household, known, parse_mac(args["device"]))
        else:
            person = args.get("person")
            changed, device = changes.assign(
                household,
                args["device"],
                person=changes.find_person(household, person) if person else None,
                exempt=bool(args.get("exempt")),
                name=check_name(args["name"]) if args.get("name") else "",
            )
        return self.desk.done(changed, args, by, "assign", {"device": device.id})

    def _import(self, args: Json, by: str) -> Json:
        household = self.desk.parse(args["text"])
        return self.desk.done(household, args, by, "household-import", {}, whole=True)

    def _apply(self, args: Json, by: str) -> Json:
        enforced = self.desk.service.post(TablesLost())
        return {"enforced": enforced}

    def _try(self, args: Json, by: str) -> Json:
        seconds = args.get("timeout", 120)
        if not 1 <= seconds <= TRIAL_MAX_S:
            raise GuardianError("bad-duration", f"{seconds} s")
        wanted = self.desk.claimed(self.desk.parse(args["text"]))
        enforced = self.desk.service.start_trial(wanted)
        self.desk.outside.trial_ends_in(seconds)
        return {"enforced": enforced, "rollback_in": seconds}

    def _end_trial(self, keep: bool, by: str) -> Json:
        enforced = self.desk.service.end_trial(keep=keep, by=by)
        return {"enforced": enforced, "kept": keep}

    def _clock(self, args: Json, by: str) -> Json:
        self.desk.outside.trust_clock()
        enforced = self.desk.service.post(ClockKnown(True))
        return {"enforced": enforced, "known": True}
