"""Sockets to a resolver, on an epoll object driven by hand."""

from __future__ import annotations

import random
import select
import socket
import time
from collections.abc import Iterator

import dns.message
import pytest

from guardian.front.carrier import Sockets
from guardian.front.servers import Server
from guardian.front.upstream import Failure, Resolver
from guardian.wire.dns.question import read_question

from .kit import Upstream, addresses, free_ports, question, reply, upstream


def zone(query: dns.message.Message) -> bytes:
    return reply(query.to_wire(), f"{query.question[0].name} 60 IN A 192.0.2.9")


class Side:
    """A resolver and its sockets."""

    def __init__(self, port: int, *, streams: int = 4) -> None:
        self.poll = select.epoll()
        chance = random.Random(6).getrandbits
        self.sockets = Sockets(self.poll, chance, streams=streams)
        self.resolver = Resolver([Server(0, "127.0.0.1", port)], self.sockets, chance)
        self.sockets.resolver = self.resolver
        self.results: list[bytes | Failure] = []

    def ask(self, name: str) -> None:
        self.sockets.now = time.monotonic()
        key = read_question(question(name))[0]
        self.resolver.ask(key, self.results.append, self.sockets.now)

    def turn(self, until: int, limit_s: float = 5.0) -> None:
        end = time.monotonic() + limit_s
        while len(self.results) < until and time.monotonic() < end:
            for fd, events in self.poll.poll(0.05):
                self.sockets.now = time.monotonic()
                if self.sockets.holds(fd):
                    self.sockets.ready(fd, events)
            self.resolver.tick(time.monotonic())


@pytest.fixture
def resolver() -> Iterator[Upstream]:
    with upstream(zone) as served:
        yield served


def test_answers_come_from_connected_sockets_that_change(resolver: Upstream) -> None:
    side = Side(resolver.port)
    for number in range(300):
        side.ask(f"n{number}.test")
        side.turn(number + 1)
    assert all(isinstance(each, bytes) for each in side.results)
    # Eight in use, and as many again as have served their questions.
    assert side.sockets._number > 8
    before = len(side.sockets._links)
    side.sockets.now += 6
    side.sockets.sweep()
    assert len(side.sockets._links) == 8 < before
    side.sockets.close()
    assert not side.sockets._links and not side.sockets._by_fd


def test_a_closed_port_is_noticed_at_once() -> None:
    side = Side(free_ports(1)[0])
    side.ask("a.test")
    begun = time.monotonic()
    while not side.resolver.servers[0].failures and time.monotonic() < begun + 2:
        for fd, events in side.poll.poll(0.05):
            side.sockets.ready(fd, events)
    assert side.resolver.servers[0].failures >= 1
    assert not side.sockets.write(999, b"x")


def test_a_cut_answer_comes_by_tcp(resolver: Upstream) -> None:
    def cut(query: dns.message.Message) -> bytes:
        octets = bytearray(zone(query))
        if resolver.asked[-1][0] == "udp":
            octets[2] |= 2
        return bytes(octets)

    resolver.zone = cut
    side = Side(resolver.port)
    side.ask("big.test")
    side.turn(1)
    (octets,) = side.results
    assert isinstance(octets, bytes)
    assert addresses(dns.message.from_wire(octets)) == ["192.0.2.9"]
    assert [how for how, _, _ in resolver.asked] == ["udp", "tcp"]
    assert all(link.frames is None for link in side.sockets._links.values())


def test_streams_are_bounded(resolver: Upstream) -> None:
    side = Side(resolver.port, streams=1)
    server = side.resolver.servers[0]
    side.sockets.stream(server, question("a.test"))
    with pytest.raises(OSError):
        side.sockets.stream(server, question("b.test"))
    # One that nothing comes on is given up.
    side.sockets.now += 5
    side.sockets.sweep()
    assert not side.sockets._links


def test_a_stream_that_says_nonsense_ends(resolver: Upstream) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        side = Side(listener.getsockname()[1])
        link = side.sockets.stream(side.resolver.servers[0], question("a.test"))
        sock, _ = listener.accept()
        sock.sendall(b"\0\3abc")
        for _ in range(5):
            for fd, events in side.poll.poll(0.1):
                side.sockets.ready(fd, events)
        sock.close()
        assert link not in side.sockets._links and side.resolver.ignored == 1


def test_no_route_is_no_socket() -> None:
    side = Side(1)
    with pytest.raises(OSError):
        side.sockets.choose(Server(1, "255.255.255.255", 53), lambda *_: False)
