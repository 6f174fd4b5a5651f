"""Who may stay when many come: a cap for each visitor, one over all, and who yields.

Nobody is turned away for the sake of connections that say nothing: when it is full,
a silent one of whoever has the most goes. So a device that opens connections and
waits, however many addresses it takes, keeps nobody else out. Pure bookkeeping.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

# A browser opens six to one origin; two browsers and both origins fit.
PER_VISITOR = 24
# Memory: some 50 KiB for a connection with TLS.
OVERALL = 96


class Guest(Protocol):
    """One connection, equal only to itself."""

    @property
    def visitor(self) -> str:
        """Return the visitor's address."""

    @property
    def silent(self) -> bool:
        """Say that nothing would be lost if it ended now."""


@dataclass(slots=True)
class Crowd:
    """The connections there are, oldest first."""

    per_visitor: int = PER_VISITOR
    overall: int = OVERALL
    guests: dict[Guest, None] = field(default_factory=dict)

    def enter(self, guest: Guest) -> tuple[bool, Guest | None]:
        """Let a connection in; returns whether it may stay, and who must go for it."""
        yields = None
        own = sum(1 for g in self.guests if g.visitor == guest.visitor)
        if own >= self.per_visitor:
            yields = self._oldest_silent(guest.visitor)
        elif len(self.guests) >= self.overall:
            counts = Counter(g.visitor for g in self.guests if g.silent)
            if counts:
                yields = self._oldest_silent(counts.most_common(1)[0][0])
        if yields is None and (
            own >= self.per_visitor or len(self.guests) >= self.overall
        ):
            return False, None
        if yields is not None:
            self.leave(yields)
        self.guests[guest] = None
        return True, yields

    def leave(self, guest: Guest) -> None:
        """Forget a connection; may be called twice."""
        self.guests.pop(guest, None)

    def _oldest_silent(self, visitor: str) -> Guest | None:
        return next((g for g in self.guests if g.visitor == visitor and g.silent), None)
