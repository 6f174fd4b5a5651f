"""The verbs of the family log: who changed what, and taking one change back."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from guardian.core.errors import GuardianError, StoreError
from guardian.core.requests import reopened
from guardian.store.takeback import Conflict, take_back
from guardian.verbs.desk import Desk, Json


class History:
    """What was changed lately, and back."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {"log": self._log, "undo": self._undo}

    def _log(self, args: Json, by: str) -> list[Json]:
        zone = self.desk.household.zone
        return [
            {
                **entry,
                "at": datetime.fromisoformat(entry["at"]).astimezone(zone).isoformat(),
                "undoable": self._undoable(entry["revision"]),
            }
            for entry in self.desk.outside.audit(args.get("limit", 50))
        ]

    def _undoable(self, revision: int) -> bool:
        try:
            return self._taken_back(revision) is not None
        except GuardianError:
            return False

    def _undo(self, args: Json, by: str) -> Json:
        revision = args["revision"]
        document = self._taken_back(revision)
        household = self.desk.household
        if document is not None:
            try:
                household = self.desk.parse(json.dumps(document))
            except StoreError as error:
                # Whom it was about has gone since.
                place = error.problems[0].place if error.problems else ""
                raise GuardianError("undo-conflict", place[:200]) from None
        # The revision says what is to go, and not which is the present one.
        done = self.desk.done(household, {}, by, "undo", {"undone": revision})
        with suppress(StoreError):
            # A child whose answer was taken back waits for one again. What cannot be
            # written is told as ended, which is true as well.
            store = self.desk.outside.requests
            store.save(reopened(store.load(), revision))
        return done

    def _taken_back(self, revision: int) -> Json | None:
        """Return the document without that change; None if it is as before already."""
        known = self.desk.service.history.get(revision)
        if known is None:
            raise GuardianError("undo-gone", str(revision))
        try:
            return take_back(*known, self.desk.household)
        except Conflict as conflict:
            raise GuardianError("undo-conflict", conflict.place[:200]) from None
