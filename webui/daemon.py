"""The pages' side of the control socket: read, change, and what was last known.

A reading that fails because nobody answers is served from the last good answer, so that
a parent can still read a page while the daemon is away; what is shown then says so.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from guardian.client import call
from guardian.core.errors import ControlError

# A page waits this long at most, and then says that it does not know yet.
WAIT_S = 5.0
# Answers kept for a time without daemon: some pages of each person of a large family.
KEPT_MAX = 64
# What "nobody is there" looks like, as opposed to a refusal.
ABSENT = frozenset({"not-running", "no-answer", "bad-answer"})


@dataclass(frozen=True, slots=True)
class Away:
    """The daemon does not answer; `since` is a reading of the monotonic clock."""

    since: float


class Daemon(Protocol):
    """What the pages ask; answers are the verbs' JSON values."""

    @property
    def away(self) -> Away | None:
        """Return since when nobody answers, or None."""

    def call(self, verb: str, /, **args: Any) -> Any:
        """Return a verb's answer as it is now. Raises ControlError."""

    def read(self, verb: str, /, **args: Any) -> Any:
        """Return a reading verb's answer, or the last good one while it is away."""

    def change(self, verb: str, /, *, by: str, **args: Any) -> Any:
        """Run a changing verb in somebody's name. Raises ControlError."""


class SocketDaemon:
    """Speaks to the daemon over its socket for the pages; safe for several threads."""

    def __init__(self, path: Path, mono: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._mono = mono
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._away: Away | None = None
        self._lock = threading.Lock()

    @property
    def away(self) -> Away | None:
        """Return since when nobody answers, or None."""
        return self._away

    def read(self, verb: str, /, **args: Any) -> Any:
        """Return a reading verb's answer, or the last good one while it is away.

        Raises ControlError: a refusal as it is, absence when nothing is known.
        """
        key = json.dumps([verb, args], sort_keys=True)
        try:
            answer = self.call(verb, **args)
        except ControlError as error:
            with self._lock:
                if error.code in ABSENT and key in self._kept:
                    return self._kept[key]
            raise
        with self._lock:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return answer

    def change(self, verb: str, /, *, by: str, **args: Any) -> Any:
        """Run a changing verb in somebody's name. Raises ControlError."""
        return self.call(verb, **args, by=by)

    def call(self, verb: str, /, **args: Any) -> Any:
        """Return a verb's answer as it is now. Raises ControlError."""
        try:
            answer = call(self._path, verb, wait_s=WAIT_S, **args)
        except ControlError as error:
            if error.code in ABSENT and self._away is None:
                self._away = Away(self._mono())
            raise
        self._away = None
        return answer
