"""What a page is made of at one moment: the household, and what the shell knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guardian.core.decide import Facts
from guardian.core.model import Household

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """now: aware.

    online: MACs that the home shows now. proofs: person -> what was ended when the
    internet last was. requests: person -> how many wait for an answer.
    """

    household: Household
    facts: Facts
    now: datetime
    online: frozenset[str] = frozenset()
    proofs: Mapping[str, Json] = field(default_factory=dict)
    requests: Mapping[str, int] = field(default_factory=dict)

    def local(self, at: datetime) -> str:
        """Return an instant as the home's clock reads it, ISO 8601 with offset."""
        return at.astimezone(self.household.zone).isoformat()
