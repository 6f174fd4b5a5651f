"""Both ways of serving UDP keep the same promises."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import dns.message
import pytest

from guardian.core.model import Reason, Verdict
from guardian.core.naming import NameDecision, NameRules, wire_name
from guardian.front import datagrams as module
from guardian.front.batches import Batches
from guardian.front.datagrams import Datagrams, OneByOne, datagrams, open_socket
from guardian.front.limits import Bucket

from .kit import HELP, OPEN, addresses, question
from .test_front import House

RULES = NameRules(state=OPEN, block=frozenset({"theirs.test"}))
BATCH = 8
REFUSED = NameDecision(Verdict.REFUSE, Reason.BLOCKED_SITE)


class Served:
    """A bound socket, a front behind it, and clients."""

    def __init__(self, way: Datagrams, *, ipv6: bool) -> None:
        self.way = way
        self.house = House(RULES)
        self.port = self.house.ports[0]
        self.sock = open_socket(0, ipv6=ipv6)
        self.where = self.sock.getsockname()[1]

    def serve(self) -> int:
        """Serve one batch, then send what came late."""
        count = self.way.serve(self.sock, self.port, self.house.front)
        self.house.settle()
        for token, octets in self.house.delivered:
            self.way.send(token, octets)
        self.house.delivered.clear()
        return count

    def client(self, host: str = "127.0.0.1") -> socket.socket:
        """Return a socket that is connected to the port."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.settimeout(2)
        sock.connect((host, self.where))
        return sock


@pytest.fixture(params=["batches", "one by one"])
def fast(request: pytest.FixtureRequest) -> bool:
    return str(request.param) == "batches"


@pytest.fixture(params=[True, False], ids=["both families", "IPv4 only"])
def served(request: pytest.FixtureRequest, fast: bool) -> Iterator[Served]:
    ipv6 = bool(request.param)
    at = Served(Batches(BATCH, ipv6=ipv6) if fast else OneByOne(BATCH), ipv6=ipv6)
    with at.sock:
        yield at


def test_each_client_gets_its_own_answer(served: Served) -> None:
    with served.client() as one, served.client() as other:
        one.send(question("a.theirs.test", ident=1))
        other.send(question("www.good.test", ident=2))
        one.send(question("www.good.test", ident=3))
        one.send(question("b.theirs.test", ident=4))
        assert served.serve() == 4
        got = [dns.message.from_wire(one.recv(512)) for _ in range(3)]
        assert sorted((m.id, m.rcode()) for m in got) == [(1, 3), (3, 0), (4, 3)]
        message = dns.message.from_wire(other.recv(512))
        assert (message.id, addresses(message)) == (2, ["192.0.2.9"])
    assert served.serve() == 0


def test_both_families_where_both_are_served(fast: bool) -> None:
    way = Batches(BATCH, ipv6=True) if fast else OneByOne(BATCH)
    at = Served(way, ipv6=True)
    with at.sock, at.client("::1") as six, at.client("127.0.0.5") as four:
        for sock in (six, four):
            sock.send(question("a.theirs.test"))
            sock.send(question("www.good.test"))
        assert at.serve() == 4
        # A connected socket hears only the address that it asked.
        for sock in (six, four):
            codes = {dns.message.from_wire(sock.recv(512)).rcode() for _ in range(2)}
            assert codes == {0, 3}


def test_kept_packets_are_answered_and_counted(served: Served) -> None:
    with served.client() as sock:
        for number in range(5):
            for name in ("a.theirs.test", "www.good.test", HELP):
                sock.send(question(name, ident=number))
            served.serve()
            assert len({sock.recv(512)[2:] for _ in range(3)}) == 3
    # The floor is not counted.
    assert (served.port.asked, served.port.refused) == (10, 5)
    assert len(served.house.queries) == 2
    assert len(served.house.events) == 5


def test_one_round_is_one_batch(served: Served) -> None:
    with served.client() as sock:
        for number in range(BATCH + 3):
            sock.send(question("a.theirs.test", ident=number))
        assert [served.serve() for _ in range(3)] == [BATCH, 3, 0]
        assert {sock.recv(512)[1] for _ in range(BATCH + 3)} == set(range(BATCH + 3))


def test_above_the_limit_nothing_is_answered(served: Served) -> None:
    served.port.bucket = Bucket(1, 2)
    with served.client() as sock:
        for number in range(5):
            sock.send(question("a.theirs.test", ident=number))
        assert served.serve() == 5
        assert [sock.recv(512)[1] for _ in range(2)] == [0, 1]
    assert (served.port.asked, served.port.dropped) == (2, 3)


def test_nonsense_does_not_hold_up_the_rest(served: Served) -> None:
    with served.client() as sock:
        for packet in (b"", b"x", bytes(12), bytes(60_000), b"\xff" * 400):
            sock.send(packet)
        sock.send(question("a.theirs.test", ident=9))
        assert served.serve() == 6
        answers = [sock.recv(512)]
        while answers[-1][:2] != b"\0\x09":
            answers.append(sock.recv(512))
        assert len(answers) <= 4


def test_a_client_that_is_gone_is_nobodys_problem(served: Served) -> None:
    with served.client() as sock:
        sock.send(question("a.theirs.test"))
        sock.send(question("www.good.test"))
    assert served.way.serve(served.sock, served.port, served.house.front) == 2
    served.house.settle()
    ((token, octets),) = served.house.delivered
    served.way.send(token, octets)
    served.sock.close()
    served.way.send(token, octets)


def test_what_a_kept_answer_is_worth_ends_with_its_time(served: Served) -> None:
    rules = served.port.rules
    packet = question("a.theirs.test")
    tail = b"\x81\x83" + packet[4:]
    now = served.house.front.now
    with served.client() as sock:
        for until, rcode in ((now + 1, 3), (now, 3)):
            rules.packets.put(packet[2:], (until, tail, 1, REFUSED))
            sock.send(packet)
            served.serve()
            assert dns.message.from_wire(sock.recv(512)).rcode() == rcode
    assert rules.decide(wire_name("a.theirs.test")).reason is Reason.BLOCKED_SITE


def test_the_fast_way_is_taken_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(datagrams(4, ipv6=False), Batches)
    monkeypatch.setattr(Batches, "echoes", lambda self, probe: False)
    assert isinstance(datagrams(4, ipv6=False), OneByOne)
    monkeypatch.setattr(module, "Batches", None)
    assert isinstance(datagrams(4, ipv6=False), OneByOne)


def test_a_port_in_use_is_an_error() -> None:
    with open_socket(0, ipv6=False) as held:
        with pytest.raises(OSError):
            open_socket(held.getsockname()[1], ipv6=True)
