"""TCP of clients, on an epoll object driven by hand."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from typing import Any

import dns.message
import pytest

from guardian.core.naming import NameRules
from guardian.front.limits import Bucket, Limits
from guardian.front.streams import Connection, Streams, open_listener
from guardian.wire.dns.framing import frame

from .kit import OPEN, addresses, question
from .test_front import House

RULES = NameRules(state=OPEN, block=frozenset({"theirs.test"}))
LIMITS = Limits(connections=4, connections_port=3, idle_s=10)


class Served:
    """A listener, the streams, and a front behind them."""

    def __init__(self) -> None:
        self.poll = select.epoll()
        self.house = House(RULES, RULES)
        self.streams = Streams(self.poll, self.house.front, LIMITS)
        self.listener = open_listener(0, ipv6=False)
        self.clients: list[socket.socket] = []

    def client(self, port: int = 0) -> socket.socket:
        """Return a connection that has been accepted or closed."""
        sock = socket.create_connection(("127.0.0.1", self.listener.getsockname()[1]))
        sock.settimeout(2)
        self.clients.append(sock)
        self.streams.accept(self.listener, self.house.ports[port])
        return sock

    def turn(self, rounds: int = 3) -> None:
        """Serve what is ready, and let the resolver answer."""
        for _ in range(rounds):
            for fd, events in self.poll.poll(0.05):
                if self.streams.holds(fd):
                    self.streams.ready(fd, events)
            self.house.settle()
            late, self.house.delivered = list(self.house.delivered), []
            for token, octets in late:
                assert isinstance(token, Connection)
                self.streams.send(token, octets)


@pytest.fixture
def served() -> Iterator[Served]:
    at = Served()
    yield at
    at.streams.close_port()
    at.listener.close()
    at.poll.close()
    for sock in at.clients:
        sock.close()


def messages(sock: socket.socket, count: int) -> list[dns.message.Message]:
    found, held = [], b""
    while len(found) < count:
        held += sock.recv(65535)
        while len(held) >= 2 and len(held) >= 2 + (held[0] << 8 | held[1]):
            length = held[0] << 8 | held[1]
            found.append(dns.message.from_wire(held[2 : 2 + length]))
            held = held[2 + length :]
    return found


def closed(sock: socket.socket) -> bool:
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True


def test_many_questions_on_one_connection(served: Served) -> None:
    sock = served.client()
    octets = frame(question("a.theirs.test", ident=1))
    octets += frame(question("www.good.test", ident=2))
    # Cut in the middle of a question: the rest comes later.
    sock.sendall(octets[:40])
    served.turn()
    sock.sendall(octets[40:])
    served.turn()
    first, second = messages(sock, 2)
    assert (first.id, first.rcode()) == (1, 3)
    assert (second.id, addresses(second)) == (2, ["192.0.2.9"])
    assert served.house.ports[0].asked == 2


def test_connections_are_bounded_for_each_device_and_for_all(served: Served) -> None:
    own = [served.client() for _ in range(4)]
    assert closed(own[3]) and len(served.streams) == 3
    served.client(port=1)
    assert closed(served.client(port=1)) and len(served.streams) == 4


def test_idle_connections_are_closed(served: Served) -> None:
    old = served.client()
    served.house.front.now += 6
    used = served.client()
    used.sendall(frame(question("a.theirs.test")))
    served.turn()
    messages(used, 1)
    served.house.front.now += 6
    served.streams.sweep()
    assert closed(old) and len(served.streams) == 1
    # A half question does not keep it open.
    used.sendall(b"\0")
    served.turn()
    served.house.front.now += 5
    served.streams.sweep()
    assert closed(used)


@pytest.mark.parametrize("octets", [b"\xff\xff", b"\x20\0" + bytes(10)])
def test_too_long_a_question_ends_it(served: Served, octets: bytes) -> None:
    sock = served.client()
    sock.sendall(octets)
    served.turn()
    assert closed(sock) and len(served.streams) == 0


def test_no_question_gets_no_answer_and_no_harm(served: Served) -> None:
    sock = served.client()
    sock.sendall(frame(b"") + frame(b"abc") + frame(question("a.theirs.test")))
    served.turn()
    assert messages(sock, 1)[0].rcode() == 3


def test_the_limit_of_questions_holds_for_tcp(served: Served) -> None:
    served.house.ports[0].bucket = Bucket(1, 2)
    sock = served.client()
    sock.sendall(frame(question("a.theirs.test")) * 5)
    served.turn()
    assert len(messages(sock, 2)) == 2 and served.house.ports[0].dropped == 3


def test_a_client_that_does_not_read_loses_its_connection(served: Served) -> None:
    def large(query: bytes) -> Any:
        from .kit import reply

        lines = [f"big.test. 60 IN TXT {'x' * 200}{n}" for n in range(100)]
        return reply(query, *lines)

    served.house.zone = large
    sock = served.client()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    for _ in range(60):
        try:
            sock.sendall(frame(question("big.test", "TXT")) * 10)
        except ConnectionError:
            break
        served.turn(1)
        if not len(served.streams):
            break
    assert len(served.streams) == 0


def test_what_could_not_be_written_is_written_later(served: Served) -> None:
    sock = served.client()
    (connection,) = served.streams._open.values()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    served.streams.send(connection, bytes(60_000))
    assert connection.wants_write
    got = 0
    while got < 60_002:
        got += len(sock.recv(8192))
        served.turn(1)
    assert not connection.wants_write


def test_a_late_answer_to_who_is_gone(served: Served) -> None:
    sock = served.client()
    sock.sendall(frame(question("www.good.test")))
    for fd, events in served.poll.poll(1):
        served.streams.ready(fd, events)
    served.streams.close_port(served.house.ports[0])
    served.turn()
    assert closed(sock)
