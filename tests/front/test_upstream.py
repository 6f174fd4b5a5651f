"""A resolver's life as events: what is sent, what comes back, when it is given up."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.front.servers import Server
from guardian.front.upstream import WAITERS_MAX, Failure, Resolver
from guardian.wire.dns.question import read_question

from .kit import question, reply

KEY = read_question(question("www.example.test"))[0]
OTHER = read_question(question("other.test"))[0]


@dataclass
class Wire:
    """A carrier that keeps what is sent. refuse: hosts where nobody listens."""

    sent: list[tuple[int, Server, bytes]] = field(default_factory=list)
    streams: list[tuple[int, Server, bytes]] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    no_sockets: bool = False
    no_streams: bool = False
    _links: dict[int, Server] = field(default_factory=dict)

    def choose(
        self, server: Server, taken: Callable[[int, int], bool]
    ) -> tuple[int, int]:
        if self.no_sockets:
            raise OSError("no more files")
        link = len(self._links) + 1
        self._links[link] = server
        ident = 4000 + link
        assert not taken(link, ident)
        return link, ident

    def write(self, link: int, octets: bytes) -> bool:
        server = self._links[link]
        self.sent.append((link, server, octets))
        return server.host not in self.refuse

    def stream(self, server: Server, octets: bytes) -> int:
        if self.no_streams:
            raise OSError("too many streams")
        link = 1000 + len(self.streams)
        self.streams.append((link, server, octets))
        return link


class Play:
    """A resolver with its carrier, and the results it gave."""

    def __init__(self, *hosts: str, pending: int = 8) -> None:
        self.wire = Wire()
        servers = [Server(i, host) for i, host in enumerate(hosts or ("192.0.2.1",))]
        chance = random.Random(3)
        self.resolver = Resolver(
            servers, self.wire, chance.getrandbits, pending=pending
        )
        self.results: list[bytes | Failure] = []

    def ask(self, key: bytes = KEY, now: float = 0.0) -> None:
        self.resolver.ask(key, self.results.append, now)

    def answer(self, number: int = -1, now: float = 0.1, rcode: int = 0) -> bytes:
        link, _, query = self.wire.sent[number]
        octets = reply(query, rcode=rcode)
        self.resolver.received(link, octets, now)
        return octets

    def run_until(self, end: float) -> None:
        while (due := self.resolver.next_time()) is not None and due <= end:
            self.resolver.tick(due)


def test_an_answer_reaches_whoever_asked() -> None:
    play = Play()
    play.ask()
    octets = play.answer()
    assert play.results == [octets]
    assert len(play.resolver) == 0
    play.run_until(60.0)
    assert len(play.wire.sent) == 1 and play.results == [octets]


def test_the_question_is_our_own() -> None:
    play = Play()
    play.ask()
    query = dns.message.from_wire(play.wire.sent[0][2])
    assert query.question[0].name.to_text().lower() == "www.example.test."
    assert query.question[0].name.to_text() != "www.example.test."
    assert query.payload == 1232 and not query.options
    assert dns.flags.RD & query.flags


def test_equal_questions_wait_for_one_answer() -> None:
    play = Play()
    for _ in range(3):
        play.ask()
    assert len(play.wire.sent) == 1
    octets = play.answer()
    assert play.results == [octets] * 3


def test_too_many_are_told_at_once() -> None:
    play = Play(pending=1)
    for _ in range(WAITERS_MAX + 1):
        play.ask()
    play.ask(OTHER)
    assert play.results == [Failure.BUSY, Failure.BUSY]


def test_a_lost_question_is_repeated_with_another_id_and_case() -> None:
    play = Play()
    play.ask()
    play.run_until(1.0)
    (_, _, first), (_, _, second) = play.wire.sent
    assert first[:2] != second[:2] and first[12:] != second[12:]
    # The late answer to the first is as good.
    octets = play.answer(0, now=1.1)
    assert play.results == [octets]


def test_silence_ends_before_clients_repeat() -> None:
    play = Play()
    play.ask()
    play.run_until(4.1)
    assert play.results == []
    play.run_until(4.3)
    assert play.results == [Failure.SILENT]
    assert len(play.wire.sent) == 3
    assert play.resolver.next_time() is None


def test_the_next_resolver_is_asked_when_the_first_is_silent() -> None:
    play = Play("192.0.2.1", "192.0.2.2")
    play.ask()
    play.run_until(1.0)
    assert [server.number for _, server, _ in play.wire.sent] == [0, 1]


def test_a_failing_resolver_is_no_reason_to_fail() -> None:
    play = Play("192.0.2.1", "192.0.2.2")
    play.ask()
    play.answer(rcode=2)
    assert play.results == [] and play.wire.sent[-1][1].number == 1
    octets = play.answer()
    assert play.results == [octets]


def test_the_last_failure_is_passed_on() -> None:
    play = Play()
    play.ask()
    octets = play.answer(rcode=2)
    assert play.results == [octets]


def test_nobody_there_is_told_when_it_lasts() -> None:
    play = Play()
    play.wire.refuse.add("192.0.2.1")
    play.ask()
    assert play.results == []
    play.run_until(3.0)
    assert play.results == [Failure.UNSENT]
    # Now it is known, and nobody waits.
    play.ask(OTHER, now=3.0)
    assert play.results == [Failure.UNSENT] * 2


def test_a_restart_is_ridden_out() -> None:
    play = Play()
    play.wire.refuse.add("192.0.2.1")
    play.ask()
    play.run_until(1.0)
    play.wire.refuse.clear()
    play.run_until(1.4)
    octets = play.answer(now=1.5)
    assert play.results == [octets]
    assert not play.resolver.servers[0].is_failing(9.0)


def test_a_refusal_by_icmp_turns_to_the_next() -> None:
    play = Play("192.0.2.1", "192.0.2.2")
    play.ask()
    play.resolver.refused(play.wire.sent[0][0], 0.01)
    assert [server.number for _, server, _ in play.wire.sent] == [0, 1]


def test_known_to_be_away_it_takes_a_second_and_comes_back_by_an_answer() -> None:
    play = Play()
    play.ask()
    play.run_until(10.0)
    play.ask(now=10.0)
    play.run_until(10.9)
    assert play.results == [Failure.SILENT]
    play.run_until(11.1)
    assert play.results == [Failure.SILENT] * 2
    play.ask(now=12.0)
    octets = play.answer(now=12.1)
    assert play.results[-1] == octets
    assert not play.resolver.servers[0].is_failing(99.0)


def test_no_resolver_and_no_socket() -> None:
    play = Play()
    play.resolver.servers = []
    play.ask()
    assert play.results == [Failure.UNSENT]
    other = Play()
    other.wire.no_sockets = True
    other.ask()
    other.run_until(10.0)
    assert len(other.results) == 1 and isinstance(other.results[0], Failure)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda octets: bytes((octets[0] ^ 1,)) + octets[1:],
        lambda octets: octets[:2] + b"\1" + octets[3:],
        lambda octets: octets.replace(b"\4test", b"\4best"),
        lambda octets: octets[:12],
        lambda octets: octets[:1],
        lambda octets: b"",
    ],
)
def test_guesses_are_ignored(spoil: Callable[[bytes], bytes]) -> None:
    play = Play()
    play.ask()
    link, _, query = play.wire.sent[0]
    forged = spoil(reply(query.lower()))
    play.resolver.received(link, forged, 0.1)
    assert play.results == [] and not play.wire.streams
    play.resolver.received(link + 1, reply(query), 0.1)
    assert play.results == [] and play.resolver.ignored == 2
    assert play.results == [] and play.answer() == play.results[0]


def folded(query: bytes) -> bytes:
    end = query.index(b"\0", 12)
    return reply(query[:12] + query[12:end].lower() + query[end:])


def test_changed_case_is_asked_again_by_tcp_and_not_believed() -> None:
    play = Play()
    play.ask()
    link, server, query = play.wire.sent[0]
    play.resolver.received(link, folded(query), 0.1)
    assert play.results == []
    stream, _, again = play.wire.streams[0]
    octets = reply(again)
    play.resolver.received(stream, octets, 0.2)
    assert play.results == [octets]
    # TCP kept the case: it was a guess.
    assert server.folds_until == 0.0


def test_a_resolver_that_folds_is_known_by_tcp() -> None:
    play = Play()
    play.ask()
    link, server, query = play.wire.sent[0]
    play.resolver.received(link, folded(query), 0.1)
    stream, _, again = play.wire.streams[0]
    octets = folded(again)
    play.resolver.received(stream, octets, 0.2)
    assert play.results == [octets] and server.folds_until > 3000.0
    play.ask(OTHER, now=1.0)
    link, _, query = play.wire.sent[-1]
    octets = folded(query)
    play.resolver.received(link, octets, 1.1)
    assert play.results[-1] == octets and len(play.wire.streams) == 1


def test_truncated_is_asked_again_by_tcp() -> None:
    play = Play()
    play.ask()
    link, _, query = play.wire.sent[0]
    cut = bytearray(reply(query))
    cut[2] |= 2
    play.resolver.received(link, bytes(cut), 0.1)
    play.resolver.received(link, bytes(cut), 0.1)
    assert play.results == [] and len(play.wire.streams) == 1
    stream, _, again = play.wire.streams[0]
    octets = reply(again, "www.example.test. 60 IN A 192.0.2.1")
    play.resolver.received(stream, octets, 0.2)
    assert play.results == [octets]


def test_a_stream_that_breaks_ends_in_time() -> None:
    play = Play()
    play.ask()
    for _ in range(40):
        if not play.wire.sent:
            break
        link, _, query = play.wire.sent[-1]
        cut = bytearray(reply(query))
        cut[2] |= 2
        now = play.resolver.next_time() or 0.0
        play.resolver.received(link, bytes(cut), now)
        if play.wire.streams:
            play.resolver.refused(play.wire.streams[-1][0], now)
        play.run_until(now)
        if play.results:
            break
    play.run_until(20.0)
    assert len(play.results) == 1 and isinstance(play.results[0], Failure)


def test_no_room_for_a_stream() -> None:
    play = Play()
    play.wire.no_streams = True
    play.ask()
    link, _, query = play.wire.sent[0]
    cut = bytearray(reply(query))
    cut[2] |= 2
    play.resolver.received(link, bytes(cut), 0.1)
    assert play.results == [Failure.SILENT]


def test_a_resolver_without_edns() -> None:
    play = Play()
    play.ask()
    play.answer(rcode=1)
    again = dns.message.from_wire(play.wire.sent[1][2])
    assert again.edns == -1 and play.results == []
    octets = play.answer(now=0.2)
    assert play.results == [octets]
    play.ask(OTHER, now=1.0)
    assert dns.message.from_wire(play.wire.sent[-1][2]).edns == -1


def test_a_question_that_no_resolver_reads_says_nothing_about_edns() -> None:
    play = Play()
    play.ask()
    play.answer(rcode=1)
    octets = play.answer(rcode=1)
    assert play.results == [octets]
    play.ask(OTHER, now=1.0)
    assert dns.message.from_wire(play.wire.sent[-1][2]).edns == 0


def test_an_old_servers_formerr_without_question() -> None:
    play = Play()
    play.ask()
    link, _, query = play.wire.sent[0]
    play.resolver.received(link, query[:2] + b"\x81\x81" + bytes(8), 0.1)
    assert dns.message.from_wire(play.wire.sent[1][2]).edns == -1


def test_abandon_answers_everybody() -> None:
    play = Play()
    play.ask()
    play.ask(OTHER)
    play.resolver.abandon()
    assert play.results == [Failure.SILENT] * 2 and len(play.resolver) == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=40)), max_size=60))
def test_whatever_comes_each_question_gets_one_result(
    events: list[tuple[int, bytes]],
) -> None:
    play = Play("192.0.2.1", "192.0.2.2")
    play.ask()
    play.ask(OTHER)
    now = 0.0
    for kind, octets in events:
        now += 0.05
        sent = play.wire.sent + play.wire.streams
        link, _, query = sent[len(octets) % len(sent)]
        if kind == 0:
            play.resolver.received(link, octets, now)
        elif kind == 1:
            play.resolver.received(link, query[:2] + octets, now)
        elif kind == 2:
            play.resolver.refused(link, now)
        else:
            play.resolver.received(link, query[:2] + b"\x82\0" + query[4:], now)
        play.run_until(now)
    play.run_until(now + 30)
    assert len(play.results) == 2 and len(play.resolver) == 0
    assert not play.resolver._sent and len(play.wire.sent) <= 40
