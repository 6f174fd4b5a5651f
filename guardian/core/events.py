"""Events the engine is told and effects it asks for: plain values, no behaviour.

The shell turns the world into events, hands them to the engine with the moment they
happened, and carries out the effects in order. An unknown effect is an error there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from guardian.core.model import Household

Key = tuple[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class Moment:
    """wall: aware, UTC; mono: seconds of CLOCK_BOOTTIME-like time, never steps."""

    wall: datetime
    mono: float


@dataclass(frozen=True, slots=True)
class HouseholdChanged:
    """The family decided something; also the first event of a run."""

    household: Household


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSeen:
    """What interfaces there are now.

    hooked: existing LAN interfaces; ports: bridge ports a flow table names;
    indexes, router_macs, prefixes: as in `guardian.compile.ruleset.Layout`.
    """

    hooked: tuple[str, ...] = ()
    indexes: tuple[int, ...] = ()
    ports: tuple[str, ...] = ()
    router_macs: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddressSeen:
    """A LAN neighbour has an address (rtnetlink)."""

    mac: str
    address: str
    ifname: str


@dataclass(frozen=True, slots=True)
class CandidatesFound:
    """An unassigned MAC may belong to these people (ids); empty takes it back."""

    mac: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FloorResolved:
    """Addresses of help and the monotonic second up to which each is kept."""

    addresses: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class FrontAnswers:
    """Where questions are answered now: (MAC, port), "" for unassigned devices' port.

    Empty: nobody answers, and the router's own resolver does. A port that is said again
    is known to live; what is not said again within a minute ends by itself.
    """

    ports: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ClockStepped:
    """The wall clock was set; leases are not lengthened by that."""


@dataclass(frozen=True, slots=True)
class ClockKnown:
    """Whether the wall clock is known to be right."""

    known: bool


@dataclass(frozen=True, slots=True)
class TablesLost:
    """Someone else removed a table of ours."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Nothing but time has passed."""


Event = (
    HouseholdChanged
    | HomeSeen
    | AddressSeen
    | CandidatesFound
    | FloorResolved
    | FrontAnswers
    | ClockStepped
    | ClockKnown
    | TablesLost
    | Tick
)


@dataclass(frozen=True, slots=True)
class LoadRules:
    """Replace our rules by one nft transaction.

    text: rules; elements: text of all elements, empty when the kernel's stay.
    keep: (family, chain) of device chains the text writes; any other is stale.
    """

    text: str
    elements: str
    keep: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SetElements:
    """Change elements in one transaction: (key, monotonic end or None), and drops."""

    renew: tuple[tuple[Key, float | None], ...]
    drop: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class CutFlows:
    """Delete the conntrack entries of these devices, except to `spare`.

    devices: (MAC, its addresses); what one may reach without a lease is spared too, for
    that one alone.
    """

    devices: tuple[tuple[str, tuple[str, ...]], ...]
    spare: frozenset[str]


@dataclass(frozen=True, slots=True)
class CutQuestions:
    """Forget the conntrack entries of these addresses' questions to port 53.

    An entry keeps the port it was once led to, for as long as a client uses its own.
    """

    addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class WriteBoot:
    """Keep this text for the unit that closes the home before the network comes up."""

    text: str


@dataclass(frozen=True, slots=True)
class WriteCarry:
    """Keep how long each person's open state may last (seconds)."""

    left: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Log:
    """Say something in the log: a stable code and counts, never a name."""

    code: str
    detail: str = ""


Effect = (
    LoadRules | SetElements | CutFlows | CutQuestions | WriteBoot | WriteCarry | Log
)
