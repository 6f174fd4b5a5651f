"""The real application on loopback, over TLS, as one device of the home sees it.

Which device asks is a matter of the port: each port pretends one address of the home,
since a browser cannot choose the address it comes from.
"""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Flask

from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import COMPILED
from webui.app import create_app
from webui.settings import Settings
from webui.visitors import gate, sign_in

HOST = "127.0.0.1"
WORDS = ("otter", "maple", "violin", "harbour")


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of browsers that hang up."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of requests."""


@cache
def certificate() -> ssl.SSLContext:
    """Return a server's context with a certificate made for this process."""
    with TemporaryDirectory(prefix="guardian-cert-") as folder:
        return _certificate(Path(folder))


def _certificate(folder: Path) -> ssl.SSLContext:
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    command += f" -days 2 -subj /CN=test -keyout {key} -out {cert}"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


class Served:
    """One household's pages; `daemon` may be turned while they are served."""

    def __init__(self, folder: Path, daemon: Any = None) -> None:
        self.daemon = FakeDaemon() if daemon is None else daemon
        self._context = certificate()
        self._servers: dict[str, _Server] = {}
        self.settings = Settings(
            state_dir=folder,
            compiled=COMPILED,
            names=lambda: frozenset({HOST}),
            words=lambda: WORDS,
        )
        self.app: Flask = create_app(self.settings, self.daemon)
        # Each device has a port of its own here; on a router there is one.
        with self.app.app_context():
            gate().policy = _AnyPort(self.settings)

    def url(self, address: str, path: str = "/") -> str:
        """Return where a device of this address finds a page."""
        if address not in self._servers:
            self._servers[address] = self._serve(address)
        return f"https://{HOST}:{self._servers[address].server_port}{path}"

    def cookies(self, who: str) -> list[dict[str, Any]]:
        """Return the cookies of somebody who has signed in, for Playwright."""
        with self.app.test_request_context("/", base_url=f"https://{HOST}:8443"):
            sign_in(gate().accounts.book().accounts[who])
            response = self.app.process_response(self.app.make_response(""))
        found = []
        for line in response.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if value:
                cookie = {"name": name, "value": value, "url": f"https://{HOST}/"}
                found.append({**cookie, "secure": True, "httpOnly": True})
        return found

    def close(self) -> None:
        """Stop serving."""
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def _serve(self, address: str) -> _Server:
        inner = self.app.wsgi_app

        def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            environ["REMOTE_ADDR"] = address
            environ["wsgi.url_scheme"] = environ["guardian.listener"] = "https"
            return inner(environ, start)

        server = make_server(HOST, 0, app, _Server, _Quiet)
        server.socket = self._context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server


class _AnyPort:
    """The settings, with every port of loopback a name of ours."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settings, name)

    def hosts(self, listener: str) -> Any:
        """Return something that holds every port."""
        return _Ports()


class _Ports:
    def __contains__(self, host: object) -> bool:
        return str(host).partition(":")[0] == HOST
