"""Sockets towards the router's resolvers: a few connected ones, often replaced.

A connected UDP socket hears its peer only, and the kernel gives each a port by chance
(RFC 5452 9.2; RFC 6056). A socket is used for a few questions, then another takes its
place, and it is kept for late answers only.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable

from guardian.wire.dns.codes import DnsCodecError
from guardian.wire.dns.framing import Frames, frame

from .servers import Server
from .upstream import Resolver

# Sockets in use for one resolver; a guess must hit port, id and case together.
_POOL = 8
_USES = 32
# Longer than any question waits.
_LINGER_S = 5.0
_STREAM_S = 4.0
# Above what we ask for; some resolvers take the size as a hint.
_DATAGRAM = 4096
_READS = 32


class _Link:
    __slots__ = ("fd", "frames", "number", "server", "sock", "unsent", "until", "uses")

    def __init__(
        self, number: int, server: Server, sock: socket.socket, until: float
    ) -> None:
        self.number = number
        self.server = server
        self.sock = sock
        self.fd = sock.fileno()
        self.until = until
        self.uses = 0
        self.unsent = b""
        self.frames: Frames | None = None


class Sockets:
    """The carrier of `Resolver`, on the loop's epoll object."""

    def __init__(
        self, poll: select.epoll, chance: Callable[[int], int], *, streams: int
    ) -> None:
        self.now = 0.0
        self.resolver: Resolver | None = None
        self._poll = poll
        self._chance = chance
        self._streams = streams
        self._number = 0
        self._links: dict[int, _Link] = {}
        self._by_fd: dict[int, _Link] = {}
        self._pools: dict[int, list[_Link]] = {}

    def holds(self, fd: int) -> bool:
        """Say whether a descriptor is one of these."""
        return fd in self._by_fd

    def choose(
        self, server: Server, taken: Callable[[int, int], bool]
    ) -> tuple[int, int]:
        """Choose a socket and an id that are free together; return (link, id).

        Raises OSError if no socket can be had.
        """
        pool = self._pools.setdefault(id(server), [])
        if len(pool) < _POOL:
            pool.append(self._open(server, socket.SOCK_DGRAM))
        place = self._chance(16) % len(pool)
        link = pool[place]
        if link.uses >= _USES:
            fresh = self._open(server, socket.SOCK_DGRAM)
            link.until = self.now + _LINGER_S
            link = pool[place] = fresh
        link.uses += 1
        ident = self._chance(16)
        # At most _USES ids of a socket wait: this ends soon.
        while taken(link.number, ident):
            ident = self._chance(16)
        return link.number, ident

    def write(self, link: int, octets: bytes) -> bool:
        """Send on a link; False: refused at once."""
        try:
            self._links[link].sock.send(octets)
        except BlockingIOError:
            return True
        except (OSError, KeyError):
            return False
        return True

    def stream(self, server: Server, octets: bytes) -> int:
        """Ask by TCP; return the link. Raises OSError."""
        if sum(each.frames is not None for each in self._links.values()) >= (
            self._streams
        ):
            raise OSError("too many streams")
        link = self._open(server, socket.SOCK_STREAM)
        link.frames = Frames()
        link.unsent = frame(octets)
        return link.number

    def ready(self, fd: int, events: int) -> None:
        """Read and write what a socket is ready for."""
        link = self._by_fd[fd]
        if link.frames is None:
            self._receive(link)
        else:
            self._continue(link, link.frames, events)

    def sweep(self) -> None:
        """Close what has been kept for late answers long enough."""
        for link in [each for each in self._links.values() if each.until < self.now]:
            self._close(link)

    def close(self) -> None:
        """Close all: the resolvers have changed."""
        self._pools.clear()
        for link in list(self._links.values()):
            self._close(link)

    def _open(self, server: Server, kind: socket.SocketKind) -> _Link:
        family = socket.AF_INET6 if server.is_ipv6 else socket.AF_INET
        sock = socket.socket(family, kind | socket.SOCK_NONBLOCK)
        try:
            with contextlib.suppress(BlockingIOError):
                sock.connect((server.host, server.port))
        except OSError:
            sock.close()
            raise
        self._number += 1
        is_stream = kind == socket.SOCK_STREAM
        until = self.now + _STREAM_S if is_stream else float("inf")
        link = _Link(self._number, server, sock, until)
        self._links[link.number] = link
        self._by_fd[link.fd] = link
        events = select.EPOLLIN | (select.EPOLLOUT if is_stream else 0)
        self._poll.register(link.fd, events)
        return link

    def _receive(self, link: _Link) -> None:
        assert self.resolver is not None
        for _ in range(_READS):
            try:
                octets = link.sock.recv(_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                # ICMP: nobody listens there.
                self.resolver.refused(link.number, self.now)
                return
            self.resolver.received(link.number, octets, self.now)

    def _continue(self, link: _Link, frames: Frames, events: int) -> None:
        assert self.resolver is not None
        try:
            if link.unsent and events & select.EPOLLOUT:
                link.unsent = link.unsent[link.sock.send(link.unsent) :]
                if not link.unsent:
                    self._poll.modify(link.fd, select.EPOLLIN)
            octets = link.sock.recv(65536)
            answers = frames.feed(octets) if octets else []
        except BlockingIOError:
            return
        except (OSError, DnsCodecError):
            octets, answers = b"", []
        for answer in answers:
            self.resolver.received(link.number, answer, self.now)
        if not octets or answers:
            self._close(link)
            self.resolver.refused(link.number, self.now)

    def _close(self, link: _Link) -> None:
        if self._links.pop(link.number, None) is None:
            return
        del self._by_fd[link.fd]
        with contextlib.suppress(OSError):
            self._poll.unregister(link.fd)
        link.sock.close()
