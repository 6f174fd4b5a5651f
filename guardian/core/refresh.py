"""The addresses behind names that must work before they are needed: the floor's. Pure.

A name is asked again when its answer's TTL ends; every address stays for a day after an
answer last held it, because a browser keeps what it has resolved and providers rotate.
While a name cannot be resolved, the addresses of its last answer stay for up to a week:
help must not go with the resolver. Times are monotonic seconds given by the caller; the
record holds seconds left and survives a reboot.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

TTL_MIN_S = 60.0
TTL_MAX_S = 3600.0
KEEP_S = 24 * 3600.0
# RFC 8767 5 suggests one to three days for stale answers; a helpline's address that has
# moved meanwhile costs a hole to one address, one dropped too early costs the help.
STALE_MAX_S = 7 * 24 * 3600.0
# After a boot the WAN comes up within seconds to minutes.
RETRY_FIRST_S = 2.0
RETRY_MAX_S = 300.0
# Big providers answer with 1 to 16 addresses and rotate through a few dozen.
LATEST_MAX = 32
ADDRESSES_MAX = 96


@dataclass(slots=True)
class _Name:
    """latest: the newest answer; ends: address -> second up to which it is kept."""

    due: float
    latest: tuple[str, ...] = ()
    ends: dict[str, float] = field(default_factory=dict)
    answered: float | None = None
    failures: int = 0


class FloorBook:
    """What is known of each name, and when to ask again.

    names: unknown ones are due at once. now: the second of construction.
    """

    def __init__(self, names: Iterable[str], now: float) -> None:
        self._names = {name: _Name(due=now) for name in sorted(set(names))}

    @classmethod
    def from_record(cls, record: object, names: Iterable[str], now: float) -> FloorBook:
        """Make a book of what `to_record` kept; whatever is malformed is left out.

        The addresses of each last answer get a whole day from now, since nobody knows
        how long the box was off; older ones keep what they had left. All names are due.
        """
        book = cls(names, now)
        kept = record.get("names") if isinstance(record, dict) else None
        for name, value in kept.items() if isinstance(kept, dict) else ():
            state = book._names.get(name) if isinstance(name, str) else None
            if state is None or not isinstance(value, dict):
                continue
            older = value.get("older")
            for address, left in older.items() if isinstance(older, dict) else ():
                good = _usable([address])
                if good and type(left) is int and 0 < left:
                    state.ends[good[0]] = now + min(left, int(KEEP_S))
            age, latest = value.get("age_s"), value.get("latest")
            if type(age) is not int or not isinstance(latest, list):
                age, latest = 0, []
            if 0 <= age < STALE_MAX_S and latest:
                state.latest = _usable(latest)
                state.answered = now - age
                state.ends.update((a, now + KEEP_S) for a in state.latest)
            _bound(state)
        return book

    def to_record(self, now: float) -> dict[str, object]:
        """Return the book as JSON-able values: whole seconds, sorted."""
        names: dict[str, object] = {}
        for name, state in self._names.items():
            if state.answered is None:
                continue
            older = {a: e for a, e in state.ends.items() if a not in state.latest}
            names[name] = {
                "latest": list(state.latest),
                "age_s": int(now - state.answered),
                "older": {a: int(e - now) for a, e in sorted(older.items()) if e > now},
            }
        return {"names": names}

    def due(self, now: float) -> list[str]:
        """Return the names to ask now, sorted."""
        return [name for name, state in self._names.items() if state.due <= now]

    def next_due(self) -> float:
        """Return the second at which the next name is due; infinity without names."""
        return min((s.due for s in self._names.values()), default=float("inf"))

    def answered(
        self, name: str, addresses: Iterable[str], ttl: float, now: float
    ) -> None:
        """Note an answer. ttl: seconds, held between a minute and an hour.

        Addresses that no server can have are ignored; an answer without a usable one
        takes nothing away: it counts as none, and is asked again by its TTL.
        Raises KeyError for a name that is not in the book.
        """
        state = self._names[name]
        state.due = now + min(max(ttl, TTL_MIN_S), TTL_MAX_S)
        state.failures = 0
        latest = _usable(addresses)
        if latest:
            state.latest, state.answered = latest, now
            state.ends.update((a, now + KEEP_S) for a in latest)
            _bound(state)
        else:
            _hold(state, now)
        _prune(state, now)

    def failed(self, name: str, now: float, chance: float) -> None:
        """Note that a name could not be resolved; it is asked again later and later.

        chance: in [0, 1), spreads retries by a quarter either way.
        Raises KeyError for a name that is not in the book.
        """
        state = self._names[name]
        # 2**8 * 2 s is past the limit; without the bound an outage of weeks overflows.
        delay = min(RETRY_FIRST_S * 2 ** min(state.failures, 8), RETRY_MAX_S)
        state.failures += 1
        state.due = now + delay * (0.75 + chance / 2)
        _hold(state, now)
        _prune(state, now)

    def addresses(self) -> Mapping[str, float]:
        """Return every address kept -> the second up to which it is."""
        ends: dict[str, float] = {}
        for state in self._names.values():
            for address, end in state.ends.items():
                ends[address] = max(end, ends.get(address, end))
        return ends


def _hold(state: _Name, now: float) -> None:
    """Keep the last answer on while there is no newer one, up to a week after it."""
    if state.answered is None:
        return
    end = min(now + KEEP_S, state.answered + STALE_MAX_S)
    for address in state.latest:
        state.ends[address] = max(end, state.ends.get(address, end))


def _prune(state: _Name, now: float) -> None:
    state.ends = {a: e for a, e in state.ends.items() if e > now}
    state.latest = tuple(a for a in state.latest if a in state.ends)


def _bound(state: _Name) -> None:
    """Drop what ends first; the latest answer ends last."""
    while len(state.ends) > ADDRESSES_MAX:
        del state.ends[min(state.ends, key=lambda a: (state.ends[a], a))]


def _usable(addresses: Iterable[object]) -> tuple[str, ...]:
    """Return the addresses a server can have, in canonical text, each once.

    Private ones stay: a home may reach help through a proxy, and tests use them.
    """
    found: dict[str, None] = {}
    for text in addresses:
        if len(found) == LATEST_MAX:
            break
        if not isinstance(text, str):
            continue
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address.is_multicast or address.is_loopback or address.is_link_local:
            continue
        if address.is_unspecified or str(address) == "255.255.255.255":
            continue
        if isinstance(address, ipaddress.IPv6Address):
            # A mapped address is an IPv4 one in disguise; a scope has no route.
            if address.scope_id or address.ipv4_mapped:
                continue
        found[str(address)] = None
    return tuple(found)
