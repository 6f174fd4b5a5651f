"""Listening sockets handed over by whoever holds them while we sleep.

sd_listen_fds(3): LISTEN_FDS descriptors from 3 on, for the process LISTEN_PID, named
by LISTEN_FDNAMES. Written here for the same reason as the notifications: the libraries
that speak it are not in the feeds of router distributions.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

FIRST = 3
NAMES = ("http", "https", "blocked")


def taken_over(environ: Mapping[str, str]) -> dict[str, list[socket.socket]]:
    """Return the sockets given to this process, name -> sockets; {} if none.

    Names other than ours, and what is no listening stream socket, are closed. Raises
    ValueError when the variables make no sense.
    """
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return {}
    count = int(environ.get("LISTEN_FDS", "0"))
    names = environ.get("LISTEN_FDNAMES", "").split(":")
    if not 0 <= count <= 64 or len(names) != count:
        raise ValueError("LISTEN_FDS and LISTEN_FDNAMES differ")
    found: dict[str, list[socket.socket]] = {}
    for number, name in enumerate(names, FIRST):
        sock = _listening(number) if name in NAMES else None
        if sock is None:
            os.close(number)
        else:
            found.setdefault(name, []).append(sock)
    return found


def _listening(number: int) -> socket.socket | None:
    try:
        sock = socket.socket(fileno=number)
    except OSError:
        return None
    stream = sock.type == socket.SOCK_STREAM
    inet = sock.family in (socket.AF_INET, socket.AF_INET6)
    if stream and inet and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        sock.setblocking(False)
        sock.set_inheritable(False)
        return sock
    sock.detach()
    return None
