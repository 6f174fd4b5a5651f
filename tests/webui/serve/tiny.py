"""The web process with a small application that says what it was told.

Run as a script with the options of guardian-web; a child of the tests.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webui.serve.main import main
from webui.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

TOLD = (
    *("REMOTE_ADDR", "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT", "REQUEST_METHOD"),
    *("HTTP_HOST", "HTTP_X_FORWARDED_FOR", "wsgi.url_scheme", "guardian.listener"),
)


class Tiny:
    """Answers /count with the number of requests so far, /big with 1 MB, /fault not."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._count = 0

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        self._count += 1
        path = environ["PATH_INFO"]
        if path == "/fault":
            raise RuntimeError("mia typed this")
        if path == "/slow":
            time.sleep(1)
        body = environ["wsgi.input"].read()
        told = {name: environ.get(name) for name in TOLD}
        told |= {"path": path, "body": len(body), "count": self._count}
        told |= {"hosts": sorted(self._settings.names())}
        told |= {"words": self._settings.words()}
        answer = bytes(1 << 20) if path == "/big" else json.dumps(told).encode()
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]


def load(settings: Settings, daemon_socket: Path) -> WSGIApplication:
    """Return the application."""
    return Tiny(settings)


if __name__ == "__main__":
    sys.exit(main(load=load))
