"""The servers of the lab's internet, one process in a namespace.

HTTP on 80 and HTTPS on 443 (/, /bytes/N, /stream: endless), UDP echo on 7, an
endless TCP stream on 19.  All bind the wildcard, so a new address needs nothing;
SIGHUP reads the certificate again.  "ready" on standard output means listening.

Run as a script with one JSON argument; it imports nothing of the project.
"""

from __future__ import annotations

import http.server
import json
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

# Linux <netinet/in.h>; Python names only some of them.
IP_PKTINFO = 8
CHUNK = bytes(1400)
TICK = 0.005


class Page(http.server.BaseHTTPRequestHandler):
    """Answers with the name asked for and the client's address, as text."""

    protocol_version = "HTTP/1.1"
    server_version = "lab"

    def do_GET(self) -> None:
        if self.path == "/stream":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            pour(self.wfile.write)
            return
        if self.path.startswith("/bytes/"):
            body = bytes(min(int(self.path[7:] or 0), 1 << 28))
        else:
            asked = self.headers.get("Host", "")
            client = str(self.client_address[0]).removeprefix("::ffff:")
            body = f"host={asked} path={self.path} client={client}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        return


class Server(http.server.ThreadingHTTPServer):
    """IPv4 and IPv6 on one wildcard socket, with or without TLS.

    SO_REUSEPORT lets a measured flow listen on 443 of one address beside it.
    """

    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.context = context
        super().__init__(("::", port), Page)

    def server_bind(self) -> None:
        # Not HTTPServer's: it looks up the host's own name, which may ask DNS.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.socket.bind(self.server_address)
        self.server_name = "lab"
        self.server_port = self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        # The handshake belongs to the connection's own thread.
        if self.context is not None:
            request.settimeout(10)
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except OSError:
                return
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


def pour(write: Callable[[bytes], Any]) -> None:
    """Write for ever, paced (about 280 kB/s), until the peer goes."""
    while True:
        try:
            write(CHUNK)
        except OSError:
            return
        time.sleep(TICK)


def echo(port: int) -> None:
    """Echo UDP datagrams for ever, from the address they were sent to."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    sock.bind(("::", port))

    def loop() -> None:
        while True:
            try:
                data, info, _flags, peer = sock.recvmsg(65535, 256)
                # Sent back as it came, the packet information sets the source.
                keep = [m for m in info if m[0] == socket.IPPROTO_IPV6]
                sock.sendmsg([data], keep, 0, peer)
            except OSError:
                continue

    threading.Thread(target=loop, daemon=True).start()


def stream(port: int) -> None:
    """Send an endless stream to every TCP client."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(("::", port))
    sock.listen(64)

    def loop() -> None:
        while True:
            client, _ = sock.accept()
            threading.Thread(target=pour, args=(client.sendall,), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()


def main() -> None:
    """Serve what the argument names: http, https, echo, stream (ports or null)."""
    wanted = json.loads(sys.argv[1])
    if wanted.get("http"):
        server = Server(wanted["http"])
        threading.Thread(target=server.serve_forever, daemon=True).start()
    if wanted.get("https"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(wanted["certificate"], wanted["key"])
        signal.signal(
            signal.SIGHUP,
            lambda *_: context.load_cert_chain(wanted["certificate"], wanted["key"]),
        )
        server = Server(wanted["https"], context)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    if wanted.get("echo"):
        echo(wanted["echo"])
    if wanted.get("stream"):
        stream(wanted["stream"])
    print("ready", flush=True)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
