"""TCP relays from this machine into the lab: its browser becomes a device of the home.

The listening socket is made here and inherited by a process in the device's namespace:
a socket stays in the network in which it was made, whoever accepts from it. What comes
in here thus goes on from the device, with the device's address.

Run as a script with one JSON argument; it imports nothing of the project.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .host import Host

Address = tuple[str, int]


def relay(host: Host, ways: Mapping[Address, Address]) -> subprocess.Popen[Any]:
    """Lead connections to an address of this machine on to one that `host` reaches.

    ways: here -> there. It ends with the lab at the latest. Raises OSError when an
    address here is taken.
    """
    sockets = [socket.create_server(here) for here in ways]
    try:
        pairs = [[s.fileno(), *there] for s, there in zip(sockets, ways.values())]
        return host.python(
            Path(__file__), pairs, pass_fds=[sock.fileno() for sock in sockets]
        )
    finally:
        for sock in sockets:
            sock.close()


def is_free(here: Address) -> bool:
    """Say whether somebody could listen at an address of this machine."""
    try:
        socket.create_server(here).close()
    except OSError:
        return False
    return True


async def _serve(pairs: list[tuple[int, str, int]]) -> None:
    servers = []
    for number, address, port in pairs:

        async def lead(
            reader: asyncio.StreamReader,
            writer: asyncio.StreamWriter,
            there: Address = (address, port),
        ) -> None:
            try:
                other = await asyncio.open_connection(*there)
            except OSError:
                writer.close()
                return
            await asyncio.gather(_copy(reader, other[1]), _copy(other[0], writer))

        sock = socket.socket(fileno=number)
        servers.append(await asyncio.start_server(lead, sock=sock))
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.close()


if __name__ == "__main__":
    asyncio.run(_serve([tuple(pair) for pair in json.loads(sys.argv[1])]))
