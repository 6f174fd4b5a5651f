"""Errors and problems: what went wrong, as values with stable codes.

A configuration problem is a value (`Problem`) and is collected, never raised; an
operation that cannot be done raises `GuardianError` with a code. Sentences for people
are made from the code and the arguments at the edge, in `guardian.phrases`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document that a person wrote.

    place: where, in the document's own words, e.g. ``people[0] (Mia) / windows[2]``.
    code: stable, kebab-case, e.g. ``window-zero-length``.
    detail: the offending value or the limit, shortened to at most 80 characters.
    """

    place: str
    code: str
    detail: str = ""

    def __str__(self) -> str:
        tail = f": {self.detail}" if self.detail else ""
        return f"{self.place}: {self.code}{tail}"


class GuardianError(Exception):
    """Base of what Guardian raises on purpose.

    code: stable, kebab-case; the CLI and the control socket pass it on.
    problems: for a refused document, every problem found.
    """

    def __init__(
        self, code: str, detail: str = "", problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.problems = problems


class EnforcementError(GuardianError):
    """The kernel refused a change; what was in force before is still in force."""


class StoreError(GuardianError):
    """The store could not be read or written."""


class ControlError(GuardianError):
    """A request over the control socket was refused or could not be sent."""


class PlatformError(GuardianError):
    """This machine lacks something that was asked of it."""
