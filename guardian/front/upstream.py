"""Questions at the router's resolver: sent, repeated, matched, given up. Sans-IO.

Against forged answers each question has an id, a port and letters' case by chance
(RFC 5452, draft-vixie-dnsext-dns0x20), and only a connected socket's peer is heard.
Equal questions wait for one answer. What a client sent beside its question (EDNS
options) never goes on. Sockets are the `Carrier`'s, chance and time come in.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Protocol, TypeAlias

from guardian.wire.dns.codes import (
    DO,
    FORMERR,
    NOTIMP,
    REFUSED,
    SERVFAIL,
    UDP_SIZE,
    DnsCodecError,
)
from guardian.wire.dns.query import check_answer, encode_query, mix_case
from guardian.wire.dns.question import split_key

from .servers import Server, order

# Stub resolvers repeat after 5 s (glibc, musl) and have then had our answer.
DEADLINE_S = 4.2
# The second wait is longer: a resolver may itself be waiting for somebody.
_WAITS_S = (0.8, 1.4, 2.0)
# After a port unreachable: a resolver that is restarted is away for a second or two.
_REFUSED_WAIT_S = 0.3
# With all of them known to be away nobody is kept waiting.
_AWAY_DEADLINE_S = 1.0
_STREAM_S = 2.5
_SENDS_MAX = 16
WAITERS_MAX = 32


class Failure(Enum):
    """Why there is no answer: nobody answered; nobody is there; no room to ask."""

    SILENT = "silent"
    UNSENT = "unsent"
    BUSY = "busy"


Done: TypeAlias = Callable[[bytes | Failure], None]


class Carrier(Protocol):
    """What sends for the resolver; answers come back by its methods."""

    def choose(
        self, server: Server, taken: Callable[[int, int], bool]
    ) -> tuple[int, int]:
        """Choose a socket and an id that are free together; return (link, id).

        Raises OSError if none can be had.
        """

    def write(self, link: int, octets: bytes) -> bool:
        """Send on a link; False: refused at once."""

    def stream(self, server: Server, octets: bytes) -> int:
        """Ask by TCP; return the link. Raises OSError."""


class _Pending:
    __slots__ = (
        "begun",
        "deadline",
        "done",
        "key",
        "plain",
        "queries",
        "refused",
        "sends",
        "server",
        "servers",
        "turn",
    )

    def __init__(self, key: bytes, servers: list[Server], now: float) -> None:
        self.key = key
        self.servers = servers
        self.server = servers[0]
        self.begun = now
        self.deadline = now + DEADLINE_S
        self.done: list[Done] = []
        # (link, id) -> server, query, whether by TCP; of every time it was sent.
        self.queries: dict[tuple[int, int], tuple[Server, bytes, bool]] = {}
        self.sends = 0
        self.refused = 0
        self.turn = 0
        # Without OPT: it was FORMERR with it.
        self.plain = False


class Resolver:
    """All questions that wait. counters: asked, answered, failed, ignored."""

    def __init__(
        self,
        servers: Iterable[Server],
        carrier: Carrier,
        chance: Callable[[int], int],
        *,
        pending: int = 1024,
    ) -> None:
        self.servers = list(servers)
        self.asked = self.answered = self.failed = self.ignored = 0
        self._carrier = carrier
        self._chance = chance
        self._most = pending
        self._waiting: dict[bytes, _Pending] = {}
        self._sent: dict[tuple[int, int], _Pending] = {}
        self._timers: list[tuple[float, int, _Pending, int]] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def next_time(self) -> float | None:
        """Return when `tick` has something to do."""
        return self._timers[0][0] if self._timers else None

    def ask(self, key: bytes, done: Done, now: float) -> None:
        """Ask a question (key: of `read_question`); `done` is called once, maybe now.

        A later equal question waits for the same answer.
        """
        waiting = self._waiting.get(key)
        if waiting is not None:
            if len(waiting.done) < WAITERS_MAX:
                waiting.done.append(done)
            else:
                done(Failure.BUSY)
            return
        if len(self._waiting) >= self._most:
            done(Failure.BUSY)
            return
        if not self.servers:
            done(Failure.UNSENT)
            return
        servers = order(self.servers, now)
        pending = _Pending(key, servers, now)
        if servers[0].is_failing(now):
            pending.deadline = now + _AWAY_DEADLINE_S
        pending.done.append(done)
        self._waiting[key] = pending
        self.asked += 1
        self._send(pending, now)

    def received(self, link: int, octets: bytes, now: float) -> None:
        """Take a datagram, or a whole message of a stream, that came on a link."""
        if len(octets) < 2:
            self.ignored += 1
            return
        sent = link, octets[0] << 8 | octets[1]
        pending = self._sent.get(sent)
        if pending is None:
            self.ignored += 1
            return
        server, query, _ = pending.queries[sent]
        try:
            truncated = check_answer(octets, query, exact=server.folds_until <= now)
        except DnsCodecError as error:
            self._odd(pending, sent, error.code, octets, now)
            return
        self._right(pending, sent, truncated, octets, now)

    def _right(
        self,
        pending: _Pending,
        sent: tuple[int, int],
        truncated: bool,
        octets: bytes,
        now: float,
    ) -> None:
        """Take the answer to a question of ours."""
        server, _, streamed = pending.queries[sent]
        server.answered()
        if truncated:
            if streamed:
                self._finish(pending, Failure.SILENT)
            else:
                self._stream(pending, server, now)
            return
        rcode = octets[3] & 15
        if rcode in (SERVFAIL, REFUSED, NOTIMP, FORMERR):
            if rcode == FORMERR and not pending.plain:
                pending.plain = True
                self._send(pending, now)
                return
            if self._next_server(pending):
                self._send(pending, now)
                return
        elif pending.plain:
            # It read the same question without OPT: that was it.
            server.knows_no_edns(now)
        self.answered += 1
        self._finish(pending, octets)

    def refused(self, link: int, now: float) -> None:
        """Take the news that nobody listens at the other end of a link."""
        hit = {id(p): p for s, p in self._sent.items() if s[0] == link}
        for pending in hit.values():
            if self._waiting.get(pending.key) is not pending:
                continue
            for sent in [s for s in pending.queries if s[0] == link]:
                pending.queries[sent][0].failed(now)
                self._forget(pending, sent)
            self._refused(pending, now)

    def tick(self, now: float) -> None:
        """Repeat and give up what is due."""
        while self._timers and self._timers[0][0] <= now:
            _, _, pending, turn = heapq.heappop(self._timers)
            if pending.turn != turn or self._waiting.get(pending.key) is not pending:
                continue
            if pending.queries:
                pending.server.failed(now)
            if now >= pending.deadline or pending.sends >= _SENDS_MAX:
                nobody = pending.refused and not pending.queries
                self._finish(pending, Failure.UNSENT if nobody else Failure.SILENT)
                continue
            self._next_server(pending, again=True)
            self._send(pending, now)

    def abandon(self) -> None:
        """Give up every question: the resolvers have changed."""
        for pending in list(self._waiting.values()):
            self._finish(pending, Failure.SILENT)

    def _send(self, pending: _Pending, now: float) -> None:
        server = pending.server
        try:
            link, ident = self._carrier.choose(server, self._is_taken)
        except OSError:
            self._refused(pending, now)
            return
        pending.sends += 1
        query = self._query(pending, server, ident, now)
        self._remember(pending, (server, query, False), (link, ident))
        wait = _WAITS_S[min(pending.sends, len(_WAITS_S)) - 1]
        self._wait(pending, min(now + wait, pending.deadline))
        if not self._carrier.write(link, query):
            server.failed(now)
            self._forget(pending, (link, ident))
            self._refused(pending, now)

    def _stream(self, pending: _Pending, server: Server, now: float) -> None:
        """Ask again by TCP, where nobody off the path can answer."""
        if any(streamed for _, _, streamed in pending.queries.values()):
            return
        ident = self._chance(16)
        query = self._query(pending, server, ident, now)
        try:
            link = self._carrier.stream(server, query)
        except OSError:
            self._finish(pending, Failure.SILENT)
            return
        self._remember(pending, (server, query, True), (link, ident))
        pending.deadline = pending.begun + DEADLINE_S + _STREAM_S
        self._wait(pending, now + _STREAM_S)

    def _odd(
        self,
        pending: _Pending,
        sent: tuple[int, int],
        code: str,
        octets: bytes,
        now: float,
    ) -> None:
        """Take an answer with our id that is not as it should be."""
        server, _, streamed = pending.queries[sent]
        if code == "case-changed" and streamed:
            # Nobody off the path can be at the other end: this resolver folds.
            server.folds(now)
            self._right(pending, sent, bool(octets[2] & 2), octets, now)
        elif code == "case-changed":
            # A guess, or a resolver that folds: TCP tells.
            self._stream(pending, server, now)
        elif code == "no-question" and octets[3] & 15 in (FORMERR, NOTIMP):
            if not pending.plain and not streamed:
                pending.plain = True
                self._send(pending, now)
        else:
            self.ignored += 1

    def _refused(self, pending: _Pending, now: float) -> None:
        pending.refused += 1
        if self._next_server(pending):
            self._send(pending, now)
            return
        if all(server.is_failing(now) for server in self.servers):
            self._finish(pending, Failure.UNSENT)
            return
        pending.servers = order(self.servers, now)
        pending.server = pending.servers[0]
        self._wait(pending, min(now + _REFUSED_WAIT_S, pending.deadline))

    def _next_server(self, pending: _Pending, *, again: bool = False) -> bool:
        """Turn to the next; False if there is none, unless it begins again."""
        at = pending.servers.index(pending.server) + 1
        if at == len(pending.servers):
            if not again:
                return False
            at = 0
        pending.server = pending.servers[at]
        return True

    def _query(
        self, pending: _Pending, server: Server, ident: int, now: float
    ) -> bytes:
        qname, qtype, qclass, bits = split_key(pending.key)
        plain = pending.plain or server.plain_until > now
        return encode_query(
            mix_case(qname, self._chance(256)),
            qtype,
            ident=ident,
            bits=bits & ~DO if plain else bits,
            qclass=qclass,
            size=0 if plain else UDP_SIZE,
        )

    def _remember(
        self,
        pending: _Pending,
        query: tuple[Server, bytes, bool],
        sent: tuple[int, int],
    ) -> None:
        self._sent[sent] = pending
        pending.queries[sent] = query

    def _forget(self, pending: _Pending, sent: tuple[int, int]) -> None:
        self._sent.pop(sent, None)
        pending.queries.pop(sent, None)

    def _wait(self, pending: _Pending, until: float) -> None:
        self._number += 1
        pending.turn = self._number
        heapq.heappush(self._timers, (until, self._number, pending, self._number))

    def _is_taken(self, link: int, ident: int) -> bool:
        return (link, ident) in self._sent

    def _finish(self, pending: _Pending, result: bytes | Failure) -> None:
        if self._waiting.pop(pending.key, None) is None:
            return
        for sent in list(pending.queries):
            self._forget(pending, sent)
        if isinstance(result, Failure):
            self.failed += 1
        pending.turn = 0
        for done in pending.done:
            done(result)
