"""A daemon for the pages' tests: a family's answers, and every change written down.

It answers what it was told to and nothing else: a verb that a test did not announce
fails it. The shapes are those of the real verbs; a contract test holds them together.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from guardian.core.errors import ControlError
from tests.fakes.family import ANSWERS, CHANGES
from webui.daemon import Away

Json = dict[str, Any]
Answer = Any | Callable[[Json], Any]


class FakeDaemon:
    """Answers readings from `answers`, takes changes of `accepts`, and notes them.

    answers: verb -> value, or a function of the arguments. accepts: verb -> what a
    change answers, likewise. changed: (verb, by, arguments) of each change, in order.
    refuses: verb -> the error it answers with instead.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = deepcopy(ANSWERS)
        self.accepts: dict[str, Answer] = deepcopy(CHANGES)
        self.refuses: dict[str, ControlError] = {}
        self.changed: list[tuple[str, str, Json]] = []
        self.away: Away | None = None

    def read(self, verb: str, /, **args: Any) -> Any:
        """Answer a reading."""
        return self._answer(self.answers, verb, args)

    def change(self, verb: str, /, *, by: str, **args: Any) -> Any:
        """Note a change and answer it."""
        answer = self._answer(self.accepts, verb, args)
        self.changed.append((verb, by, args))
        return answer

    def call(self, verb: str, /, **args: Any) -> Any:
        """Answer a reading, or note a change that names nobody."""
        if verb in self.answers:
            return self.read(verb, **args)
        return self.change(verb, by="", **args)

    def _answer(self, table: dict[str, Answer], verb: str, args: Json) -> Any:
        if verb in self.refuses:
            raise self.refuses[verb]
        assert verb in table, f"nobody announced {verb}({args})"
        found = table[verb]
        return found(args) if callable(found) else deepcopy(found)
