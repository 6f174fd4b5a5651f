"""Flows between the devices of the guest's home and its internet, measured both ways.

One thread keeps all flows going, a packet each 100 ms in each direction, and notes when
 each side last received something. A flow that ends is not begun again.
"""

import contextlib
import errno
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from .guest import Namespace

TICK_S = 0.1


@dataclass(slots=True, kw_only=True)
class Flow:
    """One flow and when each end last received data (time.monotonic, 0 for never).

    up: the client sends; down: the server does, to where the client's first packet came
    from. A TCP flow has a server only once its listener has accepted.
    """

    name: str
    client: socket.socket
    server: socket.socket | None
    listener: socket.socket | None = None
    up: bool = True
    down: bool = True
    peer: tuple[object, ...] | None = None
    last_up: float = 0.0
    last_down: float = 0.0
    count_up: int = 0
    count_down: int = 0
    error: str = ""
    sockets: list[socket.socket] = field(default_factory=list)

    def ended(self) -> float:
        """Return when the last data arrived, in whichever direction."""
        return max(self.last_up if self.up else 0.0, self.last_down)

    def runs(self, since: float) -> bool:
        """Say whether every direction it has delivered data after `since`."""
        return (not self.up or self.last_up > since) and (
            not self.down or self.last_down > since
        )


class Traffic:
    """Keeps flows going in a thread of its own until `stop`."""

    def __init__(self) -> None:
        self.flows: list[Flow] = []
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()
        self._port = 20000
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def udp(
        self,
        name: str,
        device: Namespace,
        internet: Namespace,
        address: str,
        port: int = 0,
        *,
        up: bool = True,
    ) -> Flow:
        """Begin a UDP flow; without `up` the client sends once and then listens."""
        family = _family(address)
        port = port or self._next()
        with internet.inside():
            server = socket.socket(family, socket.SOCK_DGRAM)
            server.bind((address, port))
        with device.inside():
            client = socket.socket(family, socket.SOCK_DGRAM)
            client.connect((address, port))
            with contextlib.suppress(OSError):
                client.send(b"open")
        flow = Flow(name=name, client=client, server=server, up=up)
        return self._add(flow)

    def tcp(
        self,
        name: str,
        device: Namespace,
        internet: Namespace,
        address: str,
        port: int = 0,
    ) -> Flow:
        """Begin a TCP connection on which both ends send."""
        family = _family(address)
        port = port or self._next()
        with internet.inside():
            listener = socket.create_server((address, port), family=family)
        with device.inside():
            client = socket.socket(family, socket.SOCK_STREAM)
            client.setblocking(False)
            client.connect_ex((address, port))
        flow = Flow(name=name, client=client, server=None, listener=listener)
        return self._add(flow)

    def end(self, flows: list[Flow]) -> None:
        """Close flows and forget them."""
        with self._lock:
            for flow in flows:
                self.flows.remove(flow)
                for sock in (flow.client, flow.server, flow.listener):
                    if sock is not None:
                        self._forget(sock)
                        sock.close()

    def stop(self) -> None:
        """End the thread and every flow."""
        self._stop.set()
        self._thread.join()
        self.end(list(self.flows))

    def _next(self) -> int:
        """Return a server's port that no flow has had, so that each can be told."""
        self._port += 1
        return self._port

    def _add(self, flow: Flow) -> Flow:
        with self._lock:
            for sock in (flow.client, flow.server, flow.listener):
                if sock is not None:
                    sock.setblocking(False)
                    self._selector.register(sock, selectors.EVENT_READ, flow)
            self.flows.append(flow)
        return flow

    def _forget(self, sock: socket.socket) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(sock)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            ready = self._selector.select(max(0.0, due - time.monotonic()))
            with self._lock:
                for key, _ in ready:
                    if key.data in self.flows:
                        self._receive(key.data, key.fileobj)
                if time.monotonic() >= due:
                    due = time.monotonic() + TICK_S
                    for flow in self.flows:
                        self._send(flow)

    def _receive(self, flow: Flow, sock: object) -> None:
        now = time.monotonic()
        if flow.listener is not None and sock is flow.listener:
            flow.server, _ = flow.listener.accept()
            flow.server.setblocking(False)
            self._selector.register(flow.server, selectors.EVENT_READ, flow)
            return
        assert isinstance(sock, socket.socket)
        try:
            data, sender = sock.recvfrom(65536)
        except BlockingIOError:
            return
        except OSError as error:
            self._failed(flow, sock, error)
            return
        if not data:
            self._forget(sock)
            flow.error = flow.error or "closed"
        elif sock is flow.client:
            flow.last_down, flow.count_down = now, flow.count_down + 1
        else:
            flow.peer = flow.peer or sender
            flow.last_up, flow.count_up = now, flow.count_up + 1

    def _send(self, flow: Flow) -> None:
        stream = flow.client.type == socket.SOCK_STREAM
        if flow.up:
            with self._sending(flow, flow.client):
                flow.client.send(b"u" * 100)
        if flow.down and flow.server is not None:
            with self._sending(flow, flow.server):
                if stream:
                    flow.server.send(b"d" * 100)
                elif flow.peer is not None:
                    flow.server.sendto(b"d" * 100, flow.peer)

    @contextlib.contextmanager
    def _sending(self, flow: Flow, sock: socket.socket) -> Iterator[None]:
        try:
            yield
        except (BlockingIOError, BrokenPipeError, InterruptedError):
            pass
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EINPROGRESS):
                self._failed(flow, sock, error)

    def _failed(self, flow: Flow, sock: socket.socket, error: OSError) -> None:
        flow.error = errno.errorcode.get(error.errno or 0, str(error))
        if sock.type == socket.SOCK_STREAM:
            self._forget(sock)


def attempt(
    device: Namespace, address: str, port: int, *, kind: str, limit_s: float = 3.0
) -> tuple[str, float]:
    """Try to reach a server; returns ("ok", "timeout" or an errno's name, seconds).

    kind: "tcp" connects; "udp" sends one datagram and waits for the echo.
    """
    stream = kind == "tcp"
    with device.inside():
        sock = socket.socket(
            _family(address), socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
        )
    sock.settimeout(limit_s)
    started = time.monotonic()
    try:
        sock.connect((address, port))
        if not stream:
            sock.send(b"ping")
            sock.recv(100)
        found = "ok"
    except TimeoutError:
        found = "timeout"
    except OSError as error:
        found = errno.errorcode.get(error.errno or 0, str(error))
    finally:
        sock.close()
    return found, time.monotonic() - started


class Echo:
    """Servers that answer `attempt` on one port of several addresses."""

    def __init__(self, where: Namespace, addresses: tuple[str, ...], port: int) -> None:
        self._sockets: list[socket.socket] = []
        with where.inside():
            for address in addresses:
                family = _family(address)
                self._sockets.append(
                    socket.create_server((address, port), family=family)
                )
                udp = socket.socket(family, socket.SOCK_DGRAM)
                udp.bind((address, port))
                self._sockets.append(udp)
                threading.Thread(target=self._echo, args=(udp,), daemon=True).start()

    def _echo(self, udp: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, sender = udp.recvfrom(2048)
                udp.sendto(data, sender)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
