"""How much one device, and all together, may ask of the front. Pure.

Every table of the front is bounded here, and each device has a share of the common
ones, so that a flood from one leaves the others served.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All bounds. Defaults are for a home with tens of devices on a small router.

    rate, burst: questions a second and at once, a device; rate 0: no limit.
    pending, pending_port: questions at the resolver, of all and of one device.
    answers, answer_bytes: kept answers of the resolver, common to all.
    verdicts: kept for one set of rules, twice so many at most.
    connections, connections_port, idle_s: TCP of clients. streams: TCP to resolvers.
    ttl_max: seconds a client may keep any answer, so that a changed rule reaches it.
    batch: packets of one socket in one round.
    """

    rate: int = 200
    burst: int = 400
    pending: int = 1024
    pending_port: int = 256
    answers: int = 8192
    answer_bytes: int = 4 << 20
    verdicts: int = 4096
    connections: int = 256
    connections_port: int = 16
    idle_s: float = 10.0
    streams: int = 32
    ttl_max: int = 300
    batch: int = 32


class Bucket:
    """A token bucket. rate: a second; 0: no limit. burst: tokens at most."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: int, burst: int) -> None:
        self._rate = rate
        self._burst = self._left = float(burst)
        self._at = 0.0

    def take(self, count: int, now: float) -> int:
        """Return how many of `count` may pass; now: seconds of a steady clock."""
        if not self._rate:
            return count
        left = self._left + (now - self._at) * self._rate
        if left > self._burst:
            left = self._burst
        self._at = now
        passed = count if left >= count else int(left)
        self._left = left - passed
        return passed
