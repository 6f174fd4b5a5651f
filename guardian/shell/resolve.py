"""Resolve a name to its addresses: one small stub resolver for the floor's names.

Not getaddrinfo: that hides the TTL and blocks a thread. Each question leaves from a
fresh socket (the kernel picks the port by chance) with a random id, and only the answer
to that very question, from the server asked, is taken (RFC 5452). Truncated answers are
asked for again by TCP (RFC 7766). Names are never logged.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from guardian.core.errors import GuardianError
from guardian.wire.dns.codes import AAAA, NOERROR, NXDOMAIN, A, DnsCodecError
from guardian.wire.dns.name import encode_name
from guardian.wire.dns.stub import Response, encode_question, parse_response

RESOLV_CONF = Path("/etc/resolv.conf")
PORT = 53
# resolv.conf(5): MAXNS is 3; the same bound for servers given.
SERVERS_MAX = 3
# One attempt; a resolver that has to ask the world answers within 2 s or not at all.
ATTEMPT_S = 2.0
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """addresses: IPv4 first, then IPv6, as text; ttl: seconds, the least of all."""

    addresses: tuple[str, ...]
    ttl: int


async def resolve(
    name: str, servers: Sequence[str] = (), timeout: float = 5.0
) -> Answer:
    """Return the IPv4 and IPv6 addresses of a name.

    servers: addresses, or address#port; empty: those of /etc/resolv.conf.
    timeout: seconds for everything. One family is enough.
    Raises GuardianError: "name-without-address" (the servers say so), "name-unresolved"
    (no usable answer in time), "bad-name".
    """
    chosen = [_server(text) for text in servers or system_servers()][:SERVERS_MAX]
    try:
        encode_name(name)
    except DnsCodecError as error:
        raise GuardianError("bad-name", str(error)) from None
    tasks = [asyncio.ensure_future(_ask(name, qtype, chosen)) for qtype in (A, AAAA)]
    try:
        await asyncio.wait(tasks, timeout=timeout)
    finally:
        for task in tasks:
            task.cancel()
        # Awaited, so that no socket outlives the call.
        await asyncio.gather(*tasks, return_exceptions=True)
    found = [t.result() for t in tasks if not t.cancelled() and t.exception() is None]
    answers = [r for r in found if r is not None]
    addresses = tuple(a for r in answers for a in r.addresses)
    if addresses:
        return Answer(addresses, min(r.ttl for r in answers if r.ttl is not None))
    # Only both families together say that there is none.
    empty = len(answers) == len(tasks)
    raise GuardianError("name-without-address" if empty else "name-unresolved")


def system_servers(path: Path = RESOLV_CONF) -> tuple[str, ...]:
    """Return the name servers of resolv.conf, at most three; the local one if none.

    Source: resolv.conf(5): without a nameserver line, the local machine's.
    """
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    words = [line.split() for line in lines]
    found = [w[1] for w in words if len(w) > 1 and w[0] == "nameserver"]
    return tuple(found[:SERVERS_MAX]) or ("127.0.0.1",)


def _server(text: str) -> tuple[str, int]:
    """Split address#port, dnsmasq's way of writing a server."""
    address, _, port = text.partition("#")
    try:
        return address, int(port) if port else PORT
    except ValueError:
        raise GuardianError("bad-server", text[:60]) from None


async def _ask(
    name: str, qtype: int, servers: Sequence[tuple[str, int]]
) -> Response | None:
    """Ask the servers in turn, twice; None if none of them gave a usable answer."""
    for _ in range(ROUNDS):
        for server in servers:
            try:
                async with asyncio.timeout(ATTEMPT_S):
                    response = await _exchange(name, qtype, server)
            except (OSError, TimeoutError, DnsCodecError, EOFError):
                continue
            # SERVFAIL, REFUSED and the like are the server's trouble: the next one.
            if response.rcode in (NOERROR, NXDOMAIN):
                return response
    return None


async def _exchange(name: str, qtype: int, server: tuple[str, int]) -> Response:
    ident = secrets.randbelow(1 << 16)
    query = encode_question(name, qtype, ident)
    loop = asyncio.get_running_loop()
    transport, asked = await loop.create_datagram_endpoint(
        lambda: _Question(name, qtype, ident), remote_addr=server
    )
    try:
        transport.sendto(query)
        response = await asked.response
    finally:
        transport.close()
    if not response.truncated:
        return response
    return await _by_tcp(name, qtype, server)


class _Question(asyncio.DatagramProtocol):
    """One question on a connected socket; what does not answer it is ignored."""

    def __init__(self, name: str, qtype: int, ident: int) -> None:
        self._question = name, qtype, ident
        self.response: asyncio.Future[Response] = (
            asyncio.get_running_loop().create_future()
        )

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Take the first datagram that answers the question."""
        try:
            response = parse_response(data, *self._question)
        except DnsCodecError:
            return
        if not self.response.done():
            self.response.set_result(response)

    def error_received(self, exc: Exception) -> None:
        """Give up at an ICMP error: nobody listens there."""
        if not self.response.done():
            self.response.set_exception(exc)


async def _by_tcp(name: str, qtype: int, server: tuple[str, int]) -> Response:
    ident = secrets.randbelow(1 << 16)
    query = encode_question(name, qtype, ident)
    reader, writer = await asyncio.open_connection(*server)
    try:
        writer.write(len(query).to_bytes(2, "big") + query)
        size = int.from_bytes(await reader.readexactly(2), "big")
        message = await reader.readexactly(size)
    finally:
        writer.close()
    response = parse_response(message, name, qtype, ident)
    if response.truncated:
        raise DnsCodecError("truncated-by-tcp")
    return response
