"""An https server of lists on the loopback, with a certificate authority of its own."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = Callable[[BaseHTTPRequestHandler], None]


def text(body: bytes, **headers: str) -> Answer:
    """Return an answer of status 200 with its length."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def tagged(body: bytes, etag: str) -> Answer:
    """Return an answer that is 304 to whoever has it."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.headers.get("If-None-Match") == etag:
            request.send_response(304)
            request.end_headers()
        else:
            text(body, ETag=etag)(request)

    return answer


def status(code: int, **headers: str) -> Answer:
    """Return an answer without a body."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def raw(octets: bytes) -> Answer:
    """Return an answer of exactly these octets, then the end."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(octets)
        request.close_connection = True

    return answer


@dataclass
class FeedServer:
    """A running server.

    answers: path -> what it says. asked: (path, headers) so far.
    """

    port: int
    answers: dict[str, Answer]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "localhost") -> str:
        """Return the address of a path."""
        return f"https://{host}:{self.port}{path}"


@contextmanager
def feed_server(folder: Path, name: str = "localhost") -> Iterator[FeedServer]:
    """Serve with a certificate for `name`; see `authority` for whom to trust."""
    certificate, key = _issued(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    found = FeedServer(0, {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.asked.append((self.path, dict(self.headers)))
            try:
                found.answers.get(self.path, status(404))(self)
            except OSError:
                # The client left, as it should.
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def get_request(self) -> tuple[ssl.SSLSocket, object]:
            sock, address = super().get_request()
            # The handshake belongs to the thread of the connection.
            wrapped = context.wrap_socket(
                sock, server_side=True, do_handshake_on_connect=False
            )
            return wrapped, address

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not trust us is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def authority(folder: Path) -> Path:
    """Return the certificate to trust, made once a folder."""
    certificate = folder / "ca.pem"
    if not certificate.exists():
        _openssl(
            *("req", "-x509", *_KEY, "-keyout", folder / "ca.key"),
            *("-out", certificate, "-subj", "/CN=lists test", "-days", "2"),
        )
    return certificate


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _issued(folder: Path, name: str) -> tuple[Path, Path]:
    ca, key = authority(folder), folder / f"{name}.key"
    certificate, asked = folder / f"{name}.pem", folder / f"{name}.csr"
    if not certificate.exists():
        _openssl(
            *("req", "-new", *_KEY, "-keyout", key, "-out", asked),
            *("-subj", f"/CN={name}"),
        )
        extensions = folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{name}\n")
        _openssl(
            *("x509", "-req", "-in", asked, "-CA", ca, "-CAkey", folder / "ca.key"),
            *("-CAcreateserial", "-out", certificate, "-days", "2"),
            *("-extfile", extensions),
        )
    return certificate, key


def _openssl(*args: object) -> None:
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)
