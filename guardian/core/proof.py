"""What was ended when a child's internet last was: counts, kept in memory only.

A parent is shown that bedtime ended what was open, by family of addresses. No address
and no name is kept, and nothing is counted while the internet is on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from guardian.core.model import Decision, Verdict


@dataclass(frozen=True, slots=True)
class Cut:
    """Connections of one device that were closed, by family, and those still there."""

    closed4: int = 0
    closed6: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """closed: of both families; closed6: of these, over IPv6.

    at: when the verdict turned to "no". left: still open; None while the kernel has
    refused to end them, so that it is not known.
    """

    at: datetime
    closed: int = 0
    closed6: int = 0
    left: int | None = 0


@dataclass
class Proofs:
    """The last turn to "no" of each child."""

    found: dict[str, Proof] = field(default_factory=dict)
    _open: dict[str, bool] = field(default_factory=dict)

    def decided(self, people: Mapping[str, Decision], at: datetime) -> None:
        """Take what holds for every child now; who loses the internet begins anew.

        A child that had none when this was asked first has had no turn.
        """
        now_open = {p: d.verdict is Verdict.ALLOW for p, d in people.items()}
        for person, is_open in now_open.items():
            if self._open.get(person) and not is_open:
                self.found[person] = Proof(at=at)
        self._open = now_open
        self.found = {p: proof for p, proof in self.found.items() if p in now_open}

    def cut(self, owners: Mapping[str, str], cuts: Mapping[str, Cut]) -> None:
        """Add what was closed. owners: MAC -> child; cuts: MAC -> counts."""
        left: dict[str, int] = {}
        for mac, done in cuts.items():
            person = owners.get(mac, "")
            proof = self.found.get(person)
            if proof is None or self._open.get(person):
                continue
            left[person] = left.get(person, 0) + done.left
            self.found[person] = replace(
                proof,
                closed=proof.closed + done.closed4 + done.closed6,
                closed6=proof.closed6 + done.closed6,
                left=left[person],
            )

    def refused(self, owners: Mapping[str, str], macs: Iterable[str]) -> None:
        """Note that what these devices had open could not be ended."""
        for mac in macs:
            person = owners.get(mac, "")
            if person in self.found and not self._open.get(person):
                self.found[person] = replace(self.found[person], left=None)
