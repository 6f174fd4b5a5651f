"""What the tests of deciding share: asking at a reading of the clock."""

from __future__ import annotations

from guardian.core.decide import Facts, decide
from guardian.core.model import Decision, Device, Household
from tests.build import TABLET, at

KNOWN = Facts()
UNKNOWN = Facts(clock_known=False)


def holds(
    household: Household,
    reading: str,
    device: Device | None = TABLET,
    fold: int = 0,
    facts: Facts = KNOWN,
) -> Decision:
    return decide(household, device, facts, at(reading, household.timezone, fold))
