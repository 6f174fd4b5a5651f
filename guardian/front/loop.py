"""The front's loop: one thread, one epoll object, a batch of each socket in turn.

Every ready socket gets one batch a round, so that a flood on one port cannot keep the
others waiting longer than its batch takes.
"""

from __future__ import annotations

import logging
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from .carrier import Sockets
from .datagrams import Datagrams, OneByOne, datagrams, open_socket
from .front import Front, Port
from .limits import Limits
from .streams import Connection, Streams, open_listener

log = logging.getLogger(__name__)

_SWEEP_S = 1.0
_EVENTS = 256


class Loop:
    """Sockets of ports and resolvers, served until the control socket's other end goes.

    on_control: called when there is something to read; returns False to end.
    on_second: called about once a second.
    """

    def __init__(
        self,
        poll: select.epoll,
        control: socket.socket,
        on_control: Callable[[], bool],
        limits: Limits,
        on_second: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ipv6 = _has_ipv6()
        self.clock = clock
        self._poll = poll
        self._control = control
        self._on_control = on_control
        self._on_second = on_second
        self._datagrams: Datagrams = datagrams(limits.batch, ipv6=self.ipv6)
        self._limits = limits
        self._udp: dict[int, tuple[socket.socket, Port]] = {}
        self._tcp: dict[int, tuple[socket.socket, Port]] = {}
        self._front: Front
        self._sockets: Sockets
        self._streams: Streams

    def attach(self, front: Front, sockets: Sockets) -> None:
        """Take the front and its way to the resolvers, before anything is served."""
        self._front = front
        self._sockets = sockets
        self._streams = Streams(self._poll, front, self._limits)
        front.now = sockets.now = self.clock()
        self._poll.register(self._control.fileno(), select.EPOLLIN)

    def open_port(self, port: Port) -> bool:
        """Listen on a port by UDP and TCP; False if either is not to be had."""
        try:
            udp = open_socket(port.number, ipv6=self.ipv6)
        except OSError as error:
            log.warning("port %d: %s", port.number, error.strerror)
            return False
        try:
            tcp = open_listener(port.number, ipv6=self.ipv6)
        except OSError as error:
            udp.close()
            log.warning("port %d: %s", port.number, error.strerror)
            return False
        self._udp[udp.fileno()] = udp, port
        self._tcp[tcp.fileno()] = tcp, port
        self._poll.register(udp.fileno(), select.EPOLLIN)
        self._poll.register(tcp.fileno(), select.EPOLLIN)
        return True

    def close_port(self, port: Port) -> None:
        """Stop listening; questions that wait are forgotten."""
        port.open = False
        self._streams.close_port(port)
        for table in (self._udp, self._tcp):
            for fd, (sock, owner) in list(table.items()):
                if owner is port:
                    self._poll.unregister(fd)
                    sock.close()
                    del table[fd]

    def deliver(self, token: Any, octets: bytes) -> None:
        """Send an answer that comes later."""
        if isinstance(token, Connection):
            self._streams.send(token, octets)
        else:
            self._datagrams.send(token, octets)

    def run(self) -> None:
        """Serve until the control socket ends."""
        front, sockets, clock = self._front, self._sockets, self.clock
        udp, serve = self._udp, self._datagrams.serve
        swept = front.now
        while True:
            due = front.resolver.next_time()
            wait = _SWEEP_S if due is None else min(max(due - clock(), 0), _SWEEP_S)
            events = self._poll.poll(wait, _EVENTS)
            now = front.now = sockets.now = clock()
            for fd, what in events:
                at = udp.get(fd)
                if at is not None:
                    serve(at[0], at[1], front)
                elif not self._rare(fd, what):
                    return
            if due is not None:
                front.resolver.tick(now)
            if now - swept >= _SWEEP_S:
                swept = now
                self._streams.sweep()
                sockets.sweep()
                self._on_second()

    def close(self) -> None:
        """Close every socket but the control socket."""
        for table in (self._udp, self._tcp):
            for sock, _ in table.values():
                sock.close()
            table.clear()
        self._streams.close_port()
        self._sockets.close()

    def connections(self) -> int:
        """Return how many clients are connected by TCP."""
        return len(self._streams)

    def one_by_one(self) -> None:
        """Serve without batches, for machines without ctypes and for tests."""
        self._datagrams = OneByOne(self._limits.batch)

    def _rare(self, fd: int, what: int) -> bool:
        """Serve what is no UDP of a client; False at the end."""
        if self._sockets.holds(fd):
            self._sockets.ready(fd, what)
        elif self._streams.holds(fd):
            self._streams.ready(fd, what)
        elif fd in self._tcp:
            self._streams.accept(*self._tcp[fd])
        elif fd == self._control.fileno():
            return self._on_control()
        return True


def _has_ipv6() -> bool:
    """Say whether sockets for both families can be had (ipv6.disable=1: not)."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            probe.bind(("", 0))
    except OSError:
        return False
    return True
