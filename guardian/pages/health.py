"""The registry of troubles: how bad each is, and which root cause explains it.

One table for every banner: a trouble whose cause is present too is not shown, so that a
parent reads of one thing to mend and not of its five consequences. Words are made by
the pages out of the codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Severity(StrEnum):
    """bad: a rule may not hold; warn: something is missing; info: as it is here."""

    BAD = "bad"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Trouble:
    """follows: codes of what explains it where both are there."""

    severity: Severity
    follows: tuple[str, ...] = ()


# The first is shown first among equals. Codes are those of `Service.health`, of who
# answers questions, of the lists' keeper, and of the daemon itself.
TROUBLES: dict[str, Trouble] = {
    "interface-missing": Trouble(Severity.BAD),
    "rules-missing": Trouble(Severity.BAD),
    "enforcement-refused": Trouble(Severity.BAD, ("rules-missing",)),
    "effect-refused": Trouble(Severity.BAD, ("enforcement-refused",)),
    "flows-not-cut": Trouble(Severity.BAD, ("enforcement-refused",)),
    "clock-unknown": Trouble(Severity.BAD),
    "store": Trouble(Severity.BAD),
    "household-problems": Trouble(Severity.BAD, ("store",)),
    "home-unreadable": Trouble(Severity.BAD),
    # Without a resolver no name is answered, and none of the lists can be fetched.
    "resolver-unknown": Trouble(Severity.BAD),
    "names-unanswered": Trouble(Severity.BAD, ("enforcement-refused",)),
    "too-many-devices": Trouble(Severity.WARN, ("names-unanswered",)),
    "help-unresolved": Trouble(Severity.BAD, ("resolver-unknown",)),
    "monitor-failed": Trouble(Severity.WARN, ("home-unreadable",)),
    "discovery-failed": Trouble(Severity.WARN, ("home-unreadable",)),
    # Nobody can sign in; rules hold.
    "accounts-unreadable": Trouble(Severity.WARN, ("state-unwritable",)),
    # Files of one folder.
    "state-unwritable": Trouble(Severity.BAD),
    "boot-rules-unwritten": Trouble(Severity.WARN, ("state-unwritable",)),
    "carry-unwritten": Trouble(
        Severity.WARN, ("state-unwritable", "boot-rules-unwritten")
    ),
    # A certificate cannot be checked by an unknown clock.
    "lists-missing": Trouble(Severity.WARN, ("clock-unknown", "resolver-unknown")),
    "lists-stale": Trouble(
        Severity.WARN, ("clock-unknown", "resolver-unknown", "lists-missing")
    ),
    "lists-unkept": Trouble(Severity.WARN, ("lists-missing", "lists-stale")),
    "no-egress-hook": Trouble(Severity.INFO),
    "partly-enforced": Trouble(Severity.INFO),
}
_UNKNOWN = Trouble(Severity.WARN)


def health_view(found: Mapping[str, str]) -> list[Json]:
    """Return the root causes among troubles (code -> detail), the worst first."""
    order = list(TROUBLES)
    rank = {severity: place for place, severity in enumerate(Severity)}

    def key(code: str) -> tuple[int, int, str]:
        place = order.index(code) if code in TROUBLES else len(order)
        return rank[TROUBLES.get(code, _UNKNOWN).severity], place, code

    roots = [
        code
        for code in found
        if not any(cause in found for cause in TROUBLES.get(code, _UNKNOWN).follows)
    ]
    return [
        {
            "code": code,
            "detail": found[code],
            "severity": TROUBLES.get(code, _UNKNOWN).severity.value,
        }
        for code in sorted(roots, key=key)
    ]
