"""The terminator in this process, with short limits and a server behind it that tells.

The server answers every request it sees with its number, and keeps every byte.
"""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from guardian.shell.interfaces import Interface
from webui.serve.addresses import Lan
from webui.serve.authority import Authority
from webui.serve.doors import Doors
from webui.serve.front import Front, Table
from webui.serve.relay import Limits, Shared
from webui.serve.terminator import Terminator
from webui.serve.tls import Certificate

SHORT = Limits(
    handshake=0.5, first=0.5, head=0.5, body=0.5, answer=2, keep=0.5, write=0.5, close=1
)
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class Behind(socketserver.ThreadingTCPServer):
    """An HTTP server that believes what it is sent.

    answer: the body of every answer, None for the request's number. hold: answers wait
    until it is set.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, table: Table) -> None:
        self.table = table
        self.seen: list[bytes] = []
        self.answer: bytes | None = None
        self.hold = threading.Event()
        self.hold.set()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


class _Handler(socketserver.StreamRequestHandler):
    server: Behind

    def handle(self) -> None:
        while head := self._head():
            found = LENGTH.search(head)
            length = int(found[1]) if found else 0
            body = self.rfile.read(length)
            if len(body) < length:
                return
            self.server.seen.append(head + body)
            self.server.hold.wait(5)
            answer = self.server.answer or str(len(self.server.seen)).encode()
            size = f"Content-Length: {len(answer)}".encode()
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + size + b"\r\n\r\n" + answer)
            row = self.server.table.find("127.0.0.1", str(self.client_address[1]))
            assert row is not None
            row.served += 1

    def _head(self) -> bytes:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return b""
            head += line
        return head


class Box:
    """A terminator on loopback and free ports. A context manager.

    limits: of each step. stranger: nobody's address is of the home. Further options are
    the terminator's.
    """

    def __init__(
        self,
        folder: Path,
        *,
        limits: Limits = SHORT,
        stranger: bool = False,
        **options: Any,
    ) -> None:
        self.found = [Interface(name="lo", ip4=("192.168.1.1/24",))]
        self.lan = Lan(["lo"], look=lambda: (tuple(self.found), ()))
        if stranger:
            self.lan.admits = lambda visitor: False  # type: ignore[method-assign]
        self.table = Table()
        self.behind = Behind(self.table)
        self.doors = Doors(self.lan, {"http": 0, "https": 0, "blocked": 0}, {})
        self.doors.refresh()
        self.authority = Authority(folder / "tls")
        self.front = Front(lambda environ, start_response: [], self.table)
        self.shared = Shared(
            self.table, ("127.0.0.1", self.behind.server_address[1]), limits
        )
        self.terminator = Terminator(
            shared=self.shared,
            front=self.front,
            lan=self.lan,
            doors=self.doors,
            certificate=Certificate(self.authority),
            **options,
        )

    def __enter__(self) -> Box:
        self.terminator.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.terminator.stop()
        self.behind.hold.set()
        self.behind.shutdown()
        self.behind.server_close()

    def connect(self, door: Any = "http") -> socket.socket:
        """Open a TCP connection to a door."""
        where = ("127.0.0.1", self.doors.port(door))
        return socket.create_connection(where, 10)


def request(path: str = "/", *lines: str, method: str = "GET", body: str = "") -> bytes:
    """Return a request as a browser sends it."""
    head = [f"{method} {path} HTTP/1.1", "Host: guardian.local", *lines, "", body]
    return "\r\n".join(head).encode("latin-1")


def one_answer(sock: socket.socket) -> bytes:
    """Return the body of the next answer of a connection that stays open."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            raise EOFError(head)
        head += byte
    found = LENGTH.search(head)
    assert found is not None, head
    body = b""
    while len(body) < int(found[1]):
        body += sock.recv(int(found[1]) - len(body))
    return body
