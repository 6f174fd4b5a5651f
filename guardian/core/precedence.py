"""The one table of precedence: the first row that applies decides.

Data only. `guardian.core.decide` walks the rows that concern a device as a whole, the
name-level rows are walked by whoever knows a name; `guardianctl precedence` prints it.
The order is a promise to children and parents: time never overrides help, a parent's
allow never opens bedtime, a grant never lifts a pause. Only switching the whole system
off, with an end, opens everything but what an authority's list refuses.
"""

from dataclasses import dataclass
from enum import StrEnum

from guardian.core.model import Reason, Verdict


class Scope(StrEnum):
    """What a row needs to know: a remote address, only the device, or a name."""

    ADDRESS = "address"
    DEVICE = "device"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule of the order.

    level: 1-8, the coarse order; rows of one level stand in their own order here.
    verdict: None where the row gives what a parent set.
    """

    id: str
    level: int
    scope: Scope
    verdict: Verdict | None
    reasons: tuple[Reason, ...]
    says: str


ROWS: tuple[Row, ...] = (
    Row(
        id="floor",
        level=1,
        scope=Scope.ADDRESS,
        verdict=Verdict.ALLOW,
        reasons=(Reason.FLOOR,),
        says="help and what the home itself needs: always, never counted or logged",
    ),
    Row(
        id="safety-list",
        level=2,
        scope=Scope.NAME,
        verdict=Verdict.REFUSE,
        reasons=(Reason.SAFETY_LIST,),
        says="a signed authority list: refused without a record, no override",
    ),
    Row(
        id="protection-off",
        level=3,
        scope=Scope.DEVICE,
        verdict=Verdict.ALLOW,
        reasons=(Reason.PROTECTION_OFF,),
        says="a parent has switched protection off, until its end",
    ),
    Row(
        id="pause",
        level=3,
        scope=Scope.DEVICE,
        verdict=Verdict.REFUSE,
        reasons=(Reason.PAUSED,),
        says="a parent's pause, until its end",
    ),
    Row(
        id="grant",
        level=3,
        scope=Scope.DEVICE,
        verdict=Verdict.ALLOW,
        reasons=(Reason.GRANT,),
        says="time given on top: opens what it states, never a pause",
    ),
    Row(
        id="always-works",
        level=3,
        scope=Scope.NAME,
        verdict=Verdict.ALLOW,
        reasons=(Reason.ALWAYS_WORKS,),
        says="the child's always-works list: passes all but a pause",
    ),
    Row(
        id="bedtime",
        level=3,
        scope=Scope.DEVICE,
        verdict=Verdict.REFUSE,
        reasons=(Reason.BEDTIME,),
        says="a bedtime window",
    ),
    Row(
        id="offline",
        level=3,
        scope=Scope.DEVICE,
        verdict=Verdict.REFUSE,
        reasons=(Reason.OFFLINE,),
        says="a window without internet",
    ),
    Row(
        id="homework",
        level=3,
        scope=Scope.DEVICE,
        verdict=Verdict.LIMIT,
        reasons=(Reason.HOMEWORK,),
        says="a homework window: only what belongs to learning",
    ),
    Row(
        id="budget",
        level=3,
        scope=Scope.DEVICE,
        verdict=Verdict.REFUSE,
        reasons=(Reason.BUDGET_USED,),
        says="the time of the day or week is used up",
    ),
    Row(
        id="parent-rule",
        level=4,
        scope=Scope.NAME,
        verdict=None,
        reasons=(Reason.BLOCKED_SITE, Reason.ALLOWED_SITE),
        says="a parent's own rule for one name",
    ),
    Row(
        id="allow-list",
        level=5,
        scope=Scope.NAME,
        verdict=Verdict.REFUSE,
        reasons=(Reason.NOT_ON_ALLOWLIST,),
        says="allow-list mode: only names on the list",
    ),
    Row(
        id="soft-floor",
        level=6,
        scope=Scope.NAME,
        verdict=Verdict.ALLOW,
        reasons=(Reason.SOFT_FLOOR,),
        says="information children have a right to: no list blocks it",
    ),
    Row(
        id="category",
        level=7,
        scope=Scope.NAME,
        verdict=None,
        reasons=(Reason.BLOCKED_CATEGORY,),
        says="categories and services, as the profile says",
    ),
    Row(
        id="default",
        level=8,
        scope=Scope.DEVICE,
        verdict=Verdict.ALLOW,
        reasons=(Reason.DEFAULT,),
        says="nothing stands against it",
    ),
)
BY_ID = {row.id: row for row in ROWS}
DEVICE_ROWS = tuple(row for row in ROWS if row.scope is Scope.DEVICE)


def rank(row_id: str) -> int:
    """Return the place of a row in the order, from 1; KeyError for no such row."""
    return ROWS.index(BY_ID[row_id]) + 1
