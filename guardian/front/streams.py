"""TCP of clients: questions and answers with their lengths before them. RFC 7766.

Everything is bounded: connections of all and of one device, octets that wait to be
read by a client, and the time without a question. A client that does not keep to it
loses its connection, nobody else notices.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections import OrderedDict

from guardian.wire.dns.codes import DnsCodecError
from guardian.wire.dns.framing import Frames, frame

from .front import Front, Port
from .limits import Limits

# No question is longer, and answers for a client that does not read end here.
_QUESTION_MAX = 4096
_UNREAD_MAX = 128 * 1024
_READ = 8192
_BACKLOG = 64


def open_listener(number: int, *, ipv6: bool) -> socket.socket:
    """Return a listening socket on every address of the router. Raises OSError."""
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ipv6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        opened.bind(("", number))
        opened.listen(_BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened


class Connection:
    """One client. idle_since: of the steady clock."""

    __slots__ = ("frames", "idle_since", "port", "sock", "unsent", "wants_write")

    def __init__(self, sock: socket.socket, port: Port, now: float) -> None:
        self.sock = sock
        self.port = port
        self.frames = Frames(_QUESTION_MAX)
        self.unsent = bytearray()
        self.idle_since = now
        self.wants_write = False


class Streams:
    """All clients' connections, on the loop's epoll object."""

    def __init__(self, poll: select.epoll, front: Front, limits: Limits) -> None:
        self._poll = poll
        self._front = front
        self._limits = limits
        # Oldest activity first.
        self._open: OrderedDict[int, Connection] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def holds(self, fd: int) -> bool:
        """Say whether a descriptor is one of these."""
        return fd in self._open

    def accept(self, listener: socket.socket, port: Port) -> None:
        """Take new connections, at most a batch; beyond the bounds they are closed."""
        for _ in range(self._limits.batch):
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            own = sum(each.port is port for each in self._open.values())
            full = len(self._open) >= self._limits.connections
            if full or own >= self._limits.connections_port:
                sock.close()
                continue
            sock.setblocking(False)
            fd = sock.fileno()
            self._open[fd] = Connection(sock, port, self._front.now)
            self._poll.register(fd, select.EPOLLIN)

    def ready(self, fd: int, events: int) -> None:
        """Read and write what a connection is ready for."""
        connection = self._open[fd]
        if events & select.EPOLLOUT and not self._write(connection):
            return
        if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
            self._read(connection)

    def send(self, connection: Connection, octets: bytes) -> None:
        """Answer; nothing if the client is gone."""
        if connection.sock.fileno() < 0:
            return
        connection.unsent += frame(octets)
        if len(connection.unsent) > _UNREAD_MAX:
            self._close(connection)
        else:
            self._write(connection)

    def sweep(self) -> None:
        """Close what has been idle for too long."""
        oldest = self._front.now - self._limits.idle_s
        for connection in list(self._open.values()):
            if connection.idle_since > oldest:
                return
            self._close(connection)

    def close_port(self, port: Port | None = None) -> None:
        """Close a port's connections; without a port, all."""
        for connection in list(self._open.values()):
            if port is None or connection.port is port:
                self._close(connection)

    def _read(self, connection: Connection) -> None:
        try:
            octets = connection.sock.recv(_READ)
            packets = connection.frames.feed(octets) if octets else []
        except BlockingIOError:
            return
        except (OSError, DnsCodecError):
            octets, packets = b"", []
        if not octets:
            self._close(connection)
            return
        port, front = connection.port, self._front
        if packets:
            connection.idle_since = front.now
            self._open.move_to_end(connection.sock.fileno())
        passed = port.bucket.take(len(packets), front.now)
        port.dropped += len(packets) - passed
        for packet in packets[:passed]:
            port.asked += 1
            answer = front.ask(port, packet, connection, tcp=True)
            if answer is not None:
                self.send(connection, answer)
            if connection.sock.fileno() < 0:
                return

    def _write(self, connection: Connection) -> bool:
        """Write what the client takes now; False if it is gone."""
        sock, unsent = connection.sock, connection.unsent
        if unsent:
            try:
                del unsent[: sock.send(unsent)]
            except BlockingIOError:
                pass
            except OSError:
                self._close(connection)
                return False
        if bool(unsent) != connection.wants_write:
            connection.wants_write = bool(unsent)
            events = select.EPOLLIN | (select.EPOLLOUT if unsent else 0)
            self._poll.modify(sock.fileno(), events)
        return True

    def _close(self, connection: Connection) -> None:
        fd = connection.sock.fileno()
        if self._open.pop(fd, None) is not None:
            with contextlib.suppress(OSError):
                self._poll.unregister(fd)
            connection.sock.close()
