"""The real web process as a child of a test: started, asked, ended."""

from __future__ import annotations

import json
import os
import re
import select
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
# As the unit file has it.
AS_INSTALLED = {"PYTHONNODEBUGRANGES": "1"}
TINY = "tests.webui.serve.tiny"


class Web:
    """guardian-web on loopback and free ports. A context manager.

    module: what to run; main's options follow the usual ones.
    """

    def __init__(self, folder: Path, *options: str, module: str = TINY) -> None:
        self.state = folder / "web"
        self.log = folder / "web.log"
        self._argv = [sys.executable, "-m", module, "--state-dir", str(self.state)]
        self._argv += ["--loopback", "--lan", "none0", "--http", "0", "--https", "0"]
        self._argv += ["--blocked", "0", *options]
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Web:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._argv, cwd=ROOT, stderr=log, env={**os.environ, **AS_INSTALLED}
            )
        self.ports = self.wait_for(r"serving http=(\d+) https=(\d+) blocked=(\d+)")
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)

    def wait_for(self, line: str, timeout: float = 15) -> dict[str, int]:
        """Wait for a log line with three ports; returns them by door."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if found := re.search(line, self.said()):
                names = ("http", "https", "blocked")
                return dict(zip(names, map(int, found.groups())))
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise TimeoutError(self.said())

    def said(self) -> str:
        """Return the log."""
        return self.log.read_text()

    def end(self) -> int:
        """Ask it to end; returns its exit code."""
        self.process.terminate()
        return self.process.wait(10)

    def connect(
        self, door: str = "http", address: str = "127.0.0.1", source: str = ""
    ) -> socket.socket:
        """Open a connection, with TLS for https."""
        where = (address, self.ports[door])
        sock = socket.create_connection(where, 10, (source, 0) if source else None)
        if door == "https":
            sock = self.trusting().wrap_socket(
                sock, server_hostname="guardian.home.arpa"
            )
        return sock

    def trusting(self) -> ssl.SSLContext:
        """Return a client's context that trusts this box's authority only."""
        return ssl.create_default_context(cafile=str(self.state / "tls" / "ca.pem"))

    def ask(
        self, path: str = "/", door: str = "http", headers: str = "", **how: str
    ) -> Any:
        """GET a path of the small application; returns what it was told."""
        with self.connect(door, **how) as sock:
            sock.sendall(
                f"GET {path} HTTP/1.1\r\nHost: guardian.home.arpa\r\n"
                f"Connection: close\r\n{headers}\r\n".encode()
            )
            status, body = answer(sock)
        assert status == 200, (status, body)
        return json.loads(body)


def answer(sock: socket.socket) -> tuple[int, bytes]:
    """Read one answer to the end of the connection; returns status and body."""
    data = everything(sock)
    if not data:
        return 0, b""
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


def everything(sock: socket.socket, timeout: float = 15) -> bytes:
    """Read until the other side closes, or resets."""
    sock.settimeout(timeout)
    data = b""
    try:
        while chunk := sock.recv(65536):
            data += chunk
    except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return data
    return data


def is_closed(sock: socket.socket, timeout: float) -> bool:
    """Say whether the other side closes within the time, without a word."""
    readable, _, _ = select.select([sock], [], [], timeout)
    if not readable:
        return False
    try:
        return sock.recv(1) == b""
    except OSError:
        return True
