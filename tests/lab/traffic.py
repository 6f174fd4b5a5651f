"""One end of a measured flow, run as a script inside a host's namespace.

Both ends of a flow run this, with a JSON argument each.  What arrives and what is
sent is written to memory-mapped files (see Record) that the test reads while the
flow runs.  Times are CLOCK_MONOTONIC, which all namespaces share; arrival times are
the kernel's (SO_TIMESTAMPNS), so a busy machine that reads late does not make a
packet late.  "ready" on standard output: the server listens, the client began.

It imports nothing of the project; ssl only when a flow wants TLS.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import select
import socket
import struct
import sys
import time
from pathlib import Path

# Linux <asm-generic/socket.h>: option and control message have the same number.
SO_TIMESTAMPNS = 35
HEADER = 64
UDP = struct.Struct("!4sIQ")
MAGIC = b"GLAB"
HELLO_AGAIN = 0.2
# A sender that was held up catches up in bursts of at most this many packets.
BURST = 64


class Record:
    """Times and numbers of packets in a file that two processes map.

    Layout, native 8-byte words: 0 count, 1 errors, 2 last errno, 3 time of the last
    error, 4 last time, 5 last number, 6 time of the end, 7 spare; then pairs (time
    float64, number uint64) up to the capacity; later ones only move count and last.
    number: sequence number of a datagram, or bytes so far of a stream.
    """

    def __init__(self, path: str | Path, capacity: int = 0) -> None:
        if capacity:
            with open(path, "wb") as fresh:
                fresh.truncate(HEADER + 16 * capacity)
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self.capacity = (len(self._map) - HEADER) // 16
        self._words = memoryview(self._map).cast("Q")
        self._times: memoryview[float] = memoryview(self._map).cast("d")

    @property
    def count(self) -> int:
        """Number of packets (or reads) so far."""
        return self._words[0]

    @property
    def errors(self) -> int:
        """Number of errors the socket reported so far."""
        return self._words[1]

    @property
    def error(self) -> str:
        """Name of the last error, as ECONNRESET; "" without one."""
        return errno.errorcode.get(self._words[2], "") if self._words[1] else ""

    @property
    def error_time(self) -> float:
        """Time of the last error; 0 without one."""
        return self._times[3]

    @property
    def last(self) -> float:
        """Time of the last packet; 0 before the first."""
        return self._times[4]

    @property
    def number(self) -> int:
        """Number of the last packet; for a stream the bytes in all."""
        return self._words[5]

    @property
    def ended(self) -> float:
        """Time when this side of the flow ended for good; 0 while it lives."""
        return self._times[6]

    def add(self, when: float, number: int) -> None:
        """Record one packet.  The count goes last: readers trust what it covers."""
        count = self._words[0]
        if count < self.capacity:
            at = 8 + 2 * count
            self._times[at] = when
            self._words[at + 1] = number
        self._times[4] = when
        self._words[5] = number
        self._words[0] = count + 1

    def fail(self, code: int) -> None:
        """Record an error number of the socket."""
        self._words[2] = code
        self._times[3] = time.monotonic()
        self._words[1] += 1

    def end(self) -> None:
        """Record that this side ended."""
        self._times[6] = time.monotonic()

    def _covered(self) -> int:
        if self._words[0] > self.capacity:
            raise OverflowError(f"{self._words[0]} packets, room for {self.capacity}")
        return self._words[0]

    def times(self, start: int = 0) -> list[float]:
        """Return the times of the packets from the `start`-th on."""
        stop = self._covered()
        return list(self._times[8 + 2 * start : 8 + 2 * stop : 2])

    def numbers(self, start: int = 0) -> list[int]:
        """Return the numbers of the packets from the `start`-th on."""
        stop = self._covered()
        return self._words[9 + 2 * start : 9 + 2 * stop : 2].tolist()

    def close(self) -> None:
        """Unmap the file."""
        self._words.release()
        self._times.release()
        self._map.close()


class End:
    """One end: a socket, its two records, and whether and how fast it sends."""

    def __init__(self, spec: dict) -> None:  # type: ignore[type-arg]
        self.spec = spec
        self.flow: int = spec["flow"]
        self.rate: float = spec["rate"]
        self.sends: bool = spec["sends"]
        self.datagrams: bool = spec["protocol"] == "udp"
        self.client: bool = spec["role"] == "client"
        self.family = socket.AF_INET6 if spec["family"] == 6 else socket.AF_INET
        self.received = Record(spec["received"])
        self.sent = Record(spec["sent"])
        self.peer: tuple | None = None  # type: ignore[type-arg]
        # A client that only listens says hello until something comes back.
        self.greet: bool = spec["greets"] and self.client
        self.payload = bytes(max(spec["size"], UDP.size))

    def open(self) -> socket.socket:
        """Return the socket, connected, or (a UDP server's) bound."""
        kind = socket.SOCK_DGRAM if self.datagrams else socket.SOCK_STREAM
        sock = socket.socket(self.family, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not self.datagrams:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if not self.client or self.spec["local_port"]:
            here = "" if self.client else self.spec["address"]
            port = self.spec["local_port"] if self.client else self.spec["port"]
            sock.bind((here, port))
        there = (self.spec["address"], self.spec["port"])
        if self.client:
            self.peer = there
        if self.datagrams:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
            if self.client and self.spec["connected"]:
                sock.connect(there)
            elif self.spec["peer"]:
                self.peer = tuple(self.spec["peer"])
            print("ready", flush=True)
        elif self.client:
            print("ready", flush=True)
            sock.settimeout(self.spec["connect_timeout"])
            sock.connect(there)
        else:
            sock.listen(1)
            print("ready", flush=True)
            listener, (sock, self.peer) = sock, sock.accept()
            # Later connections to this address and port meet the web server.
            listener.close()
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        if not self.datagrams:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.spec["tls"]:
                sock = self._wrap(sock)
        sock.setblocking(False)
        return sock

    def _wrap(self, sock: socket.socket) -> socket.socket:
        import ssl

        tls = self.spec["tls"]
        sock.settimeout(self.spec["connect_timeout"])
        if self.client:
            context = ssl.create_default_context(cafile=tls["ca"])
            return context.wrap_socket(sock, server_hostname=tls["name"])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls["certificate"], tls["key"])
        return context.wrap_socket(sock, server_side=True)

    def work(self, sock: socket.socket) -> None:
        """Send and receive until a stream ends; a datagram flow never ends."""
        due = time.monotonic()
        full = False
        while True:
            now = time.monotonic()
            sending = (self.sends or self.greet) and self.peer is not None
            if sending and not full and now >= due:
                due, full = self._send(sock, due, now)
            wait = None if not sending or full else max(0.0, due - now)
            readable, writable, _ = select.select(
                [sock], [sock] if full else [], [], wait
            )
            if writable:
                full = False
            if readable and not self._receive(sock):
                return

    def _send(self, sock: socket.socket, due: float, now: float) -> tuple[float, bool]:
        """Send what is due; return when the next is, and if the socket is full."""
        if not self.sends:
            self._send_one(sock, hello=True)
            return now + HELLO_AGAIN, False
        if not self.rate:
            return now, not self._send_one(sock)
        for _ in range(BURST):
            if due > now:
                return due, False
            due += 1 / self.rate
            if not self._send_one(sock):
                return max(due, now), not self.datagrams
        return max(due, now), False

    def _send_one(self, sock: socket.socket, hello: bool = False) -> bool:
        """Send one packet or chunk; False if the socket cannot take it now."""
        number = 0 if hello else self.sent.number + 1
        try:
            if not self.datagrams:
                done = sock.send(self.payload)
                self.sent.add(time.monotonic(), self.sent.number + done)
                return True
            data = UDP.pack(MAGIC, self.flow, number) + self.payload[UDP.size :]
            if self.client and self.spec["connected"]:
                sock.send(data)
            else:
                sock.sendto(data, self.peer)  # type: ignore[arg-type]
            self.sent.add(time.monotonic(), number)
            return True
        except OSError as problem:
            if _later(problem):
                return False
            self.sent.fail(_code(problem))
            if not self.datagrams:
                raise
            return True

    def _receive(self, sock: socket.socket) -> bool:
        """Take everything that waits; False when the stream has ended."""
        # One clock to the other; both tick alike, so now is as good as any time.
        offset = time.monotonic() - time.time()
        while True:
            try:
                if self.spec["tls"]:
                    data, when, peer = sock.recv(65536), time.monotonic(), None
                else:
                    data, info, _flags, peer = sock.recvmsg(65536, 64)
                    when = _stamp(info, offset)
            except OSError as problem:
                if _later(problem):
                    return True
                self.received.fail(_code(problem))
                if not self.datagrams:
                    raise
                continue
            if not self.datagrams:
                if not data:
                    return False
                self.received.add(when, self.received.number + len(data))
                continue
            if len(data) < UDP.size:
                continue
            magic, flow, number = UDP.unpack_from(data)
            if magic != MAGIC or flow != self.flow:
                continue
            self.greet = False
            if not self.client and not self.spec["peer"]:
                self.peer = peer
            if number:
                self.received.add(when, number)


def _later(problem: OSError) -> bool:
    # ssl.SSLWantReadError and SSLWantWriteError carry 2 and 3, not an errno.
    if type(problem).__name__ in ("SSLWantReadError", "SSLWantWriteError"):
        return True
    return isinstance(problem, BlockingIOError)


def _code(problem: OSError) -> int:
    # A time-out of settimeout() has no number; those of ssl are no errno.
    if isinstance(problem, TimeoutError):
        return errno.ETIMEDOUT
    if type(problem).__module__ == "ssl":
        return errno.EPROTO
    return problem.errno or errno.EPROTO


def _stamp(info: list[tuple[int, int, bytes]], offset: float) -> float:
    for level, kind, value in info:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@ll", value[:16])
            return float(seconds + nanoseconds / 1e9 + offset)
    return time.monotonic()


def main() -> None:
    """Run one end as the JSON argument says; its end and errors are recorded."""
    end = End(json.loads(sys.argv[1]))
    try:
        end.work(end.open())
    except OSError as problem:
        if not end.sent.errors and not end.received.errors:
            end.received.fail(_code(problem))
    end.received.end()
    end.sent.end()
    os._exit(0)


if __name__ == "__main__":
    main()
