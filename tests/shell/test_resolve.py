"""The stub resolver, against servers on loopback that answer well and badly."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from guardian.core.errors import GuardianError
from guardian.shell import resolve as module
from guardian.shell.resolve import Answer, resolve, system_servers

NAME = "help.example"
RECORDS = {"A": ("198.51.100.1", 300), "AAAA": ("2001:db8::1", 120)}
Reply = Callable[[dns.message.Message], list[bytes]]


def good(query: dns.message.Message, **records: tuple[str, int]) -> bytes:
    """Answer as a resolver does. records: type -> (address, TTL)."""
    made = dns.message.make_response(query)
    kind = dns.rdatatype.to_text(query.question[0].rdtype)
    if kind in records:
        address, ttl = records[kind]
        made.answer.append(
            dns.rrset.from_text(query.question[0].name, ttl, "IN", kind, address)
        )
    return made.to_wire()


def both(query: dns.message.Message) -> list[bytes]:
    return [good(query, **RECORDS)]


class Server:
    """A name server on loopback; `asked` holds (port, id, type) of each question."""

    def __init__(self, udp: Reply, tcp: Reply | None = None) -> None:
        self.udp, self.tcp = udp, tcp
        self.asked: list[tuple[int, int, str]] = []
        self.by_tcp = 0

    async def __aenter__(self) -> Server:
        loop = asyncio.get_running_loop()
        server = self

        class Protocol(asyncio.DatagramProtocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                self.transport = transport

            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                query = dns.message.from_wire(data)
                kind = dns.rdatatype.to_text(query.question[0].rdtype)
                server.asked.append((addr[1], query.id, kind))
                for reply in server.udp(query):
                    self.transport.sendto(reply, addr)  # type: ignore[attr-defined]

        self.transport, _ = await loop.create_datagram_endpoint(
            Protocol, local_addr=("127.0.0.1", 0)
        )
        self.port = self.transport.get_extra_info("sockname")[1]
        self.stream = await asyncio.start_server(self._stream, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.transport.close()
        self.stream.close()
        await self.stream.wait_closed()

    async def _stream(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        size = int.from_bytes(await reader.readexactly(2), "big")
        query = dns.message.from_wire(await reader.readexactly(size))
        self.by_tcp += 1
        assert self.tcp is not None
        for reply in self.tcp(query):
            # In two pieces: a stream has no borders.
            framed = len(reply).to_bytes(2, "big") + reply
            writer.write(framed[:3])
            await writer.drain()
            writer.write(framed[3:])
        writer.close()

    def __str__(self) -> str:
        return f"127.0.0.1#{self.port}"


def ask(
    *servers: Server, timeout: float = 5.0, name: str = NAME, first: str = ""
) -> Answer:
    async def run() -> Answer:
        async with asyncio.timeout(60):
            for server in servers:
                await server.__aenter__()
            try:
                named = [*([first] if first else []), *map(str, servers)]
                return await resolve(name, named, timeout)
            finally:
                for server in servers:
                    await server.__aexit__()

    return asyncio.run(run())


def refusal(*servers: Server, timeout: float = 5.0) -> str:
    with pytest.raises(GuardianError) as raised:
        ask(*servers, timeout=timeout)
    return raised.value.code


@contextmanager
def deaf() -> Iterator[str]:
    """Yield a server that takes questions and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"127.0.0.1#{sock.getsockname()[1]}"


def test_both_families_and_the_least_ttl() -> None:
    assert ask(Server(both)) == Answer(("198.51.100.1", "2001:db8::1"), 120)


def test_one_family_is_enough() -> None:
    server = Server(lambda q: [good(q, A=RECORDS["A"])])
    assert ask(server) == Answer(("198.51.100.1",), 300)


def test_each_question_has_a_port_and_an_id_of_its_own() -> None:
    server = Server(lambda q: [])

    async def run() -> None:
        async with server:
            for _ in range(6):
                with pytest.raises(GuardianError):
                    await resolve(NAME, [str(server)], timeout=0.05)

    asyncio.run(run())
    assert len({port for port, _, _ in server.asked}) > 6
    assert len({ident for _, ident, _ in server.asked}) > 6
    assert {kind for _, _, kind in server.asked} == {"A", "AAAA"}


def test_forged_answers_before_the_right_one_are_ignored() -> None:
    def forge(query: dns.message.Message) -> list[bytes]:
        right = good(query, **RECORDS)
        wrong_id = bytes([right[0] ^ 1]) + right[1:]
        other = dns.message.make_query("evil.example", query.question[0].rdtype)
        other.id = query.id
        wrong_name = good(other, A=("203.0.113.66", 60), AAAA=("2001:db8::66", 60))
        return [b"", b"x", wrong_id, wrong_name, query.to_wire(), right]

    assert ask(Server(forge)).addresses == ("198.51.100.1", "2001:db8::1")


def test_a_truncated_answer_is_asked_for_by_tcp() -> None:
    def cut(query: dns.message.Message) -> list[bytes]:
        made = dns.message.make_response(query)
        made.flags |= dns.flags.TC
        return [made.to_wire()]

    server = Server(cut, both)
    assert ask(server) == Answer(("198.51.100.1", "2001:db8::1"), 120)
    assert server.by_tcp == 2


def test_a_stream_that_ends_early_is_no_answer() -> None:
    def cut(query: dns.message.Message) -> list[bytes]:
        made = dns.message.make_response(query)
        made.flags |= dns.flags.TC
        return [made.to_wire()]

    assert refusal(Server(cut, lambda q: []), timeout=3.0) == "name-unresolved"


def test_a_server_in_trouble_is_passed_over() -> None:
    def trouble(query: dns.message.Message) -> list[bytes]:
        made = dns.message.make_response(query)
        made.set_rcode(dns.rcode.SERVFAIL)
        return [made.to_wire()]

    first, second = Server(trouble), Server(both)
    assert ask(first, second).ttl == 120
    assert first.asked and second.asked


def test_a_server_that_is_not_there_is_passed_over_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        gone = f"127.0.0.1#{sock.getsockname()[1]}"
    assert ask(Server(both), first=gone).ttl == 120


def test_a_deaf_server_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPT_S", 0.05)
    with deaf() as silent:
        assert ask(Server(both), first=silent).ttl == 120


def test_a_name_that_does_not_exist_is_told_from_a_silence() -> None:
    def no(query: dns.message.Message) -> list[bytes]:
        made = dns.message.make_response(query)
        made.set_rcode(dns.rcode.NXDOMAIN)
        return [made.to_wire()]

    assert refusal(Server(no)) == "name-without-address"
    assert refusal(Server(lambda q: [good(q)])) == "name-without-address"
    assert refusal(Server(lambda q: []), timeout=0.1) == "name-unresolved"


def test_no_socket_outlives_the_call() -> None:
    async def run() -> list[asyncio.Task[object]]:
        with deaf() as silent:
            with pytest.raises(GuardianError):
                await resolve(NAME, [silent], timeout=0.05)
        current = asyncio.current_task()
        return [task for task in asyncio.all_tasks() if task is not current]

    assert asyncio.run(run()) == []


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64, "two words"])
def test_a_name_that_cannot_be_asked_is_refused(name: str) -> None:
    with pytest.raises(GuardianError) as raised:
        ask(Server(both), name=name)
    assert raised.value.code == "bad-name"
    assert not name or name not in str(raised.value)


def test_a_server_that_is_none_is_refused() -> None:
    with pytest.raises(GuardianError) as raised:
        asyncio.run(resolve(NAME, ["127.0.0.1#dns"]))
    assert raised.value.code == "bad-server"


def test_name_servers_of_the_system(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    assert system_servers(file) == ("127.0.0.1",)
    file.write_text(
        "# nameserver 9.9.9.9\nsearch lan\nnameserver 192.168.1.1\nnameserver\n"
        "nameserver fe80::1%eth0\noptions edns0\nnameserver 10.0.0.1\n"
        "nameserver 10.0.0.2\n"
    )
    assert system_servers(file) == ("192.168.1.1", "fe80::1%eth0", "10.0.0.1")
