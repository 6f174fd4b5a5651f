"""The real verbs, service and store, without a kernel, as the pages reach them.

For tests that need to see a change come back: what is written here is what a router
would hold. Values go through JSON, as on the socket.
"""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

from guardian.core.errors import ControlError, GuardianError
from guardian.core.model import Household
from guardian.verbs import WEB_VERBS
from tests.steering import NOON, Desk
from webui.daemon import Away

Json = dict[str, Any]


class DeskDaemon:
    """A daemon's verbs for the pages. `desk` turns its clock, its home, its kernel.

    fixed: verb -> an answer in place of the verb's own, e.g. accounts to sign in with.
    """

    def __init__(
        self,
        folder: Path,
        household: Household | None = None,
        *,
        now: str = NOON,
        fixed: dict[str, Any] | None = None,
    ) -> None:
        self.desk = Desk(folder, household, now=now)
        self.fixed = fixed or {}
        self.away: Away | None = None
        self._lock = threading.Lock()

    def call(self, verb: str, /, **args: Any) -> Any:
        """Run a verb as the socket of the pages would."""
        if verb in self.fixed:
            return json.loads(json.dumps(self.fixed[verb]))
        if verb not in WEB_VERBS:
            raise ControlError("unknown-verb", verb)
        by = str(args.pop("by", ""))
        try:
            with self._lock:
                answer = asyncio.run(self.desk.verbs.handle(verb, args, by))
        except GuardianError as error:
            raise ControlError(error.code, error.detail, error.problems) from None
        return json.loads(json.dumps(answer))

    def read(self, verb: str, /, **args: Any) -> Any:
        """Run a reading verb."""
        return self.call(verb, **args)

    def change(self, verb: str, /, *, by: str, **args: Any) -> Any:
        """Run a changing verb in somebody's name."""
        return self.call(verb, **args, by=by)
