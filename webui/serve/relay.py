"""One visitor's connection: TLS, the gate, and the bytes to and from the HTTP server.

Whole heads only are passed on, so that somebody slow holds no thread and no connection
of the server. Every wait has its end.
"""

from __future__ import annotations

import asyncio
import asyncio.sslproto
import socket
import ssl
from dataclasses import dataclass, field

from webui.serve.front import LOOPBACK, Table, Visitor
from webui.serve.gate import HEAD_BYTES, Head, Refused, read_head, refusal

CHUNK = 16 * 1024


def use_small_buffers() -> None:
    """Give each connection with TLS a buffer for one record and not for sixteen.

    asyncio zeroes 256 KiB for each (CPython 3.11 to 3.13): a hundred visitors would
    take 25 MB. The size is an attribute of a class that is not documented; where it
    gets another name, memory is what it was.
    """
    asyncio.sslproto.SSLProtocol.max_size = CHUNK


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each step may take, seconds; `rate` in bytes a second.

    handshake: TLS. first: until a request begins. head: from its first byte to the
    empty line. body: for any body, and more by its length at `rate`. answer: for the
    application. keep: between two requests; a page that is open asks every 15 s. write:
    for each chunk of an answer. close: for the last words.
    """

    handshake: float = 5
    first: float = 10
    head: float = 10
    body: float = 20
    rate: int = 64 * 1024
    answer: float = 60
    keep: float = 20
    write: float = 20
    close: float = 2


@dataclass(slots=True)
class Shared:
    """What all connections have in common.

    server: where the HTTP server listens. large: whether somebody sends a large body.
    """

    table: Table
    server: tuple[str, int]
    limits: Limits = field(default_factory=Limits)
    large: bool = False


class Relay:
    """A connection from its arrival to its end.

    visitor: the address, as the crowd counts it.
    """

    def __init__(self, shared: Shared, who: Visitor) -> None:
        self._shared = shared
        self._limits = shared.limits
        self._who = who
        self._sent = 0
        self._reading = True

    @property
    def visitor(self) -> str:
        """Return the visitor's address."""
        return self._who.address

    @property
    def silent(self) -> bool:
        """Say that no whole request waits for its answer."""
        return self._reading and not self._waiting

    @property
    def _waiting(self) -> bool:
        return self._who.served < self._sent

    async def run(self, sock: socket.socket, context: ssl.SSLContext | None) -> None:
        """Serve the connection. context: None for plain HTTP.

        Raises OSError and EOFError for whatever ends it early.
        """
        reader, writer = await opened(sock, context, self._limits)
        try:
            await self._serve(reader, writer)
        except Refused as refused:
            if not self._waiting:
                async with asyncio.timeout(self._limits.close):
                    await say_and_close(reader, writer, refusal(refused.status))
        finally:
            writer.transport.abort()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        first, data = await self._head(reader)
        async with asyncio.timeout(self._limits.handshake):
            port, inner, outer = await self._server()
        there = asyncio.create_task(self._forward(first, data, reader, outer))
        back = asyncio.create_task(self._back(inner, writer))
        try:
            done, _ = await asyncio.wait(
                {there, back}, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            if back in done:
                async with asyncio.timeout(self._limits.close):
                    writer.close()
                    await writer.wait_closed()
        finally:
            there.cancel()
            back.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
            outer.transport.abort()
            self._shared.table.drop(port)

    async def _head(self, reader: asyncio.StreamReader) -> tuple[Head, bytes]:
        """Return the next request's head and its bytes."""
        self._reading = True
        first = await self._first_byte(reader)
        try:
            async with asyncio.timeout(self._limits.head):
                data = first + await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            raise Refused(431) from None
        except TimeoutError:
            raise Refused(408) from None
        return read_head(data), data

    async def _first_byte(self, reader: asyncio.StreamReader) -> bytes:
        """Wait for a request to begin; an answer on its way prolongs the wait."""
        limit = self._limits.keep if self._sent else self._limits.first
        waited = 0.0
        while True:
            try:
                async with asyncio.timeout(limit):
                    byte = await reader.read(1)
            except TimeoutError:
                waited += limit
                if self._waiting and waited < self._limits.answer:
                    continue
                raise
            if not byte:
                raise EOFError
            return byte

    async def _server(
        self,
    ) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the HTTP server; the table knows of it before the server does."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            send_at_once(sock)
            sock.bind((LOOPBACK, 0))
            port = sock.getsockname()[1]
            self._shared.table.add(port, self._who)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(sock, self._shared.server)
            reader, writer = await asyncio.open_connection(sock=sock, limit=CHUNK)
        except BaseException:
            self._shared.table.drop(port)
            sock.close()
            raise
        return port, reader, writer

    async def _forward(
        self,
        head: Head,
        data: bytes,
        reader: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        """Pass on requests until the visitor has no more."""
        while True:
            if head.large and self._shared.large:
                # Memory: only one at a time may have a large one.
                raise Refused(503)
            self._shared.large |= head.large
            try:
                server.write(data)
                await self._body(head.length, reader, server)
            finally:
                self._shared.large &= not head.large
            self._sent += 1
            self._reading = False
            head, data = await self._head(reader)

    async def _body(
        self, length: int, reader: asyncio.StreamReader, server: asyncio.StreamWriter
    ) -> None:
        async with asyncio.timeout(self._limits.body + length / self._limits.rate):
            await server.drain()
            while length:
                chunk = await reader.read(min(length, CHUNK))
                if not chunk:
                    raise EOFError
                length -= len(chunk)
                server.write(chunk)
                await server.drain()

    async def _back(
        self, server: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while chunk := await server.read(CHUNK):
            writer.write(chunk)
            async with asyncio.timeout(self._limits.write):
                await writer.drain()


def send_at_once(sock: socket.socket) -> None:
    """Switch Nagle's algorithm off: head and body of an answer come in two pieces.

    The second would wait 40 ms for the other side's delayed acknowledgement. asyncio
    does it only for sockets that know their protocol's number; accepted ones do not.
    """
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def opened(
    sock: socket.socket, context: ssl.SSLContext | None, limits: Limits
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return the streams of an accepted connection, after its handshake."""
    send_at_once(sock)
    loop = asyncio.get_running_loop()
    # `readuntil` refuses a head that is longer than the limit.
    reader = asyncio.StreamReader(limit=HEAD_BYTES, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    if context is None:
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, sock)
    else:
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            sock,
            ssl=context,
            ssl_handshake_timeout=limits.handshake,
            ssl_shutdown_timeout=limits.close,
        )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def say_and_close(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes
) -> None:
    """Send the last words, and take in some of what still comes.

    Closed with bytes unread, TCP resets the connection and the words are lost with it.
    """
    writer.write(data)
    await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    for _ in range(16):
        if not await reader.read(CHUNK):
            break
    writer.close()
    await writer.wait_closed()
