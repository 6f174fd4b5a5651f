"""The router's resolvers: which to ask next, and what each can do. Pure.

The first is the router's own; others are asked when it is silent. One that is silent
for long is asked last, and now and then, so that its return is noticed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

# Three lost questions may be chance; in two seconds a resolver restarts.
_FAILURES = 3
_SILENCE_S = 2.0
# A server that is known to be away costs one question in so many seconds.
_PROBE_S = 5.0
# A wrong belief about what a server can do is given up after an hour.
_BELIEF_S = 3600.0


@dataclass(slots=True, eq=False)
class Server:
    """One resolver. number: its place; host, port: where it listens.

    folds_until, plain_until: till when it is taken for one that changes letters' case,
    or knows no EDNS.
    """

    number: int
    host: str
    port: int = 53
    failures: int = 0
    failing_since: float = 0.0
    probed: float = 0.0
    folds_until: float = 0.0
    plain_until: float = 0.0

    @property
    def is_ipv6(self) -> bool:
        """Say which family its address has."""
        return ":" in self.host

    def answered(self) -> None:
        """Note that it lives."""
        self.failures = 0

    def failed(self, now: float) -> None:
        """Note that a question got no answer."""
        if not self.failures:
            self.failing_since = now
        self.failures += 1

    def is_failing(self, now: float) -> bool:
        """Say whether it is away."""
        silence = now - self.failing_since
        return self.failures >= _FAILURES and silence >= _SILENCE_S

    def folds(self, now: float) -> None:
        """Believe that it changes the case of letters."""
        self.folds_until = now + _BELIEF_S

    def knows_no_edns(self, now: float) -> None:
        """Believe that it cannot read OPT."""
        self.plain_until = now + _BELIEF_S


def parse_server(text: str, number: int = 0) -> Server:
    """Return the resolver of "ADDRESS" or "ADDRESS#PORT", as dnsmasq writes them.

    ADDRESS may have a zone ("fe80::1%eth0"). Raises ValueError.
    """
    host, _, port = text.partition("#")
    ipaddress.ip_address(host)
    where = int(port) if port else 53
    if not 0 < where < 65536:
        raise ValueError(f"bad-port: {port[:20]}")
    return Server(number, host, where)


def order(servers: Sequence[Server], now: float) -> list[Server]:
    """Return whom to ask, in turn: those that live, then the others.

    A server that is away and was not asked for a while comes first for one question.
    """
    alive = [server for server in servers if not server.is_failing(now)]
    away = [server for server in servers if server.is_failing(now)]
    if alive and away:
        longest = min(away, key=lambda server: server.probed)
        if now - longest.probed >= _PROBE_S:
            longest.probed = now
            away.remove(longest)
            return [longest, *alive, *away]
    return alive + away
