"""Help's addresses, from a real DNS server on loopback; nothing of a name is logged."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from guardian.core.events import FloorResolved, Moment
from guardian.core.refresh import KEEP_S, TTL_MIN_S
from guardian.shell.floor import WRITE_S, FloorKeeper
from tests.build import at

HELP, CHAT = "help.example", "chat.help.example"
ADDRESSES = {
    HELP: {"A": ["198.51.100.1", "198.51.100.2"], "AAAA": ["2001:db8::1"]},
    CHAT: {"A": ["198.51.100.3"], "AAAA": []},
}


class Server(asyncio.DatagramProtocol):
    """Answers from a table; counts what it was asked. rcode: of every answer."""

    def __init__(self) -> None:
        self.table = {name: dict(answers) for name, answers in ADDRESSES.items()}
        self.rcode = dns.rcode.NOERROR
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True)
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append(name)
        answer = dns.message.make_response(query)
        answer.set_rcode(self.rcode)
        texts = self.table[name][kind]
        if texts and self.rcode == dns.rcode.NOERROR:
            answer.answer.append(
                dns.rrset.from_text(f"{name}.", 30, "IN", kind, *texts)
            )
        self._transport.sendto(answer.to_wire(), addr)


class Desk:
    """The clock and the engine's side of a keeper.

    skips: seconds by which the clock jumps after each telling, so that what is due in a
    minute is due within a second.
    """

    def __init__(self, *skips: float) -> None:
        self.mono = 5000.0
        self.told: list[FloorResolved] = []
        self._skips = list(skips)
        self._at = self.mono
        self._news = asyncio.Event()

    def now(self) -> Moment:
        return Moment(at("2026-03-04 12:00"), self.mono)

    def tell(self, found: FloorResolved) -> None:
        self.told.append(found)
        self._at = self.mono
        self.mono += self._skips.pop(0) if self._skips else 0.0
        self._news.set()

    async def next(self) -> dict[str, float]:
        """Wait until something is told; return address -> seconds kept from then."""
        await asyncio.wait_for(self._news.wait(), 30)
        self._news.clear()
        return {a: round(end - self._at) for a, end in self.told[-1].addresses}


@asynccontextmanager
async def server() -> AsyncIterator[tuple[Server, str]]:
    """Yield a server and its address, as a keeper takes it."""
    loop = asyncio.get_running_loop()
    transport, made = await loop.create_datagram_endpoint(
        Server, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    try:
        yield made, f"127.0.0.1#{port}"
    finally:
        transport.close()


@asynccontextmanager
async def running(keeper: FloorKeeper) -> AsyncIterator[asyncio.Task[None]]:
    """Let a keeper run; fail if it has ended by itself."""
    task = asyncio.ensure_future(keeper.run())
    try:
        yield task
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "floor.json"


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Hold after each test that no name of help was logged, nor an address of it."""
    with caplog.at_level(logging.DEBUG):
        yield
    assert "help" not in caplog.text and "198.51.100" not in caplog.text


def keeper(desk: Desk, path: Path, *servers: str) -> FloorKeeper:
    return FloorKeeper((HELP, CHAT), path, servers, desk.now, desk.tell)


EVERY = ("198.51.100.1", "198.51.100.2", "198.51.100.3", "2001:db8::1")


def test_addresses_are_told_and_kept_for_a_day(path: Path) -> None:
    async def story() -> None:
        desk = Desk()
        async with server() as (_, where):
            kept = keeper(desk, path, where)
            assert kept.addresses() == FloorResolved(())
            async with running(kept):
                assert await desk.next() == {address: KEEP_S for address in EVERY}
                assert kept.addresses() == desk.told[-1]

    asyncio.run(story())


def test_a_name_is_asked_again_when_its_ttl_ends(path: Path) -> None:
    async def story() -> None:
        desk = Desk(TTL_MIN_S + 1)
        async with server() as (dns_server, where):
            async with running(keeper(desk, path, where)):
                await desk.next()
                assert sorted(set(dns_server.asked)) == [CHAT, HELP]
                first = len(dns_server.asked)
                dns_server.table[HELP]["A"] = ["198.51.100.9"]
                kept = await desk.next()
                assert len(dns_server.asked) == 2 * first
        # The new one is there at once, the old one has its day.
        assert kept["198.51.100.9"] == kept["198.51.100.3"] == KEEP_S
        assert kept["198.51.100.1"] == KEEP_S - TTL_MIN_S - 1

    asyncio.run(story())


@pytest.mark.parametrize("failure", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_failing_server_takes_nothing_away(path: Path, failure: int) -> None:
    async def story() -> None:
        desk = Desk(TTL_MIN_S + 1, TTL_MIN_S + 1)
        async with server() as (dns_server, where):
            async with running(keeper(desk, path, where)):
                await desk.next()
                dns_server.rcode = dns.rcode.Rcode(failure)
                assert set(await desk.next()) == set(EVERY)
                dns_server.rcode = dns.rcode.NOERROR
                assert await desk.next() == {address: KEEP_S for address in EVERY}

    asyncio.run(story())


def test_a_dead_server_is_survived_and_its_return_noticed(path: Path) -> None:
    async def story() -> None:
        desk = Desk(400.0)
        async with server() as (_, where):
            pass
        port = int(where.partition("#")[2])
        async with running(keeper(desk, path, where)):
            assert await desk.next() == {}
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(
                Server, local_addr=("127.0.0.1", port)
            )
            assert set(await desk.next()) == set(EVERY)
            transport.close()

    asyncio.run(story())


def test_one_dead_server_of_two(path: Path) -> None:
    async def story() -> None:
        desk = Desk()
        async with server() as (_, where):
            async with running(keeper(desk, path, "127.0.0.1#1", where)):
                assert set(await desk.next()) == set(EVERY)

    asyncio.run(story())


def test_a_server_nobody_can_ask(path: Path) -> None:
    async def story() -> None:
        desk = Desk()
        async with running(keeper(desk, path, "127.0.0.1#dns")):
            assert await desk.next() == {}

    asyncio.run(story())


def test_the_file_is_read_at_the_start(path: Path) -> None:
    async def story() -> None:
        desk = Desk()
        async with server() as (_, where):
            async with running(keeper(desk, path, where)):
                await desk.next()
        assert path.stat().st_mode & 0o777 == 0o600
        later = Desk()
        later.mono = 7.0
        kept = keeper(later, path, where).addresses().addresses
        assert dict(kept) == {address: 7.0 + KEEP_S for address in EVERY}
        # It is told while nobody answers, too.
        async with running(keeper(later, path, where)):
            assert set(await later.next()) == set(EVERY)

    asyncio.run(story())


def test_flash_is_spared(path: Path) -> None:
    async def story() -> None:
        desk = Desk(TTL_MIN_S + 1, WRITE_S - 10, 20.0)
        async with server() as (dns_server, where):
            async with running(keeper(desk, path, where)):
                await desk.next()
                before = path.read_bytes()
                dns_server.table[HELP]["A"] = ["198.51.100.9"]
                await desk.next()
                assert path.read_bytes() == before
                await desk.next()
        assert "198.51.100.9" in json.loads(path.read_text())["names"][HELP]["latest"]

    asyncio.run(story())


@pytest.mark.parametrize(
    "damaged", [b"", b"\xff", b"[]", b"7", b'{"names": 7}', b"[" * 100_000]
)
def test_a_damaged_file_is_no_file(path: Path, damaged: bytes) -> None:
    path.write_bytes(damaged)
    assert keeper_alone(path).addresses() == FloorResolved(())


def keeper_alone(path: Path) -> FloorKeeper:
    """Return a keeper outside any loop."""
    moment = Moment(at("2026-03-04 12:00"), 1.0)
    return FloorKeeper((HELP,), path, (), lambda: moment, lambda found: None)


def test_a_disk_that_is_full_does_not_end_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        desk = Desk(TTL_MIN_S + 1)
        async with server() as (_, where):
            async with running(keeper(desk, tmp_path / "gone" / "floor.json", where)):
                await desk.next()
                assert set(await desk.next()) == set(EVERY)

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    assert "unwritten: No such file" in caplog.text
