"""Between the HTTP server and the application: who is really asking, and by which door.

The server sees the terminator's loopback connections. A table says which visitor each
stands for; a connection that is not in it was made by somebody on this box and is
refused, so that nobody can claim to be another device.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from webui.serve.gate import REASONS

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

log = logging.getLogger(__name__)

Door = Literal["http", "https", "blocked"]
LOOPBACK = "127.0.0.1"


@dataclass(slots=True, kw_only=True)
class Visitor:
    """One visitor's connection.

    address, port: the visitor's. local, local_port: where it arrived.
    served: requests answered so far.
    """

    address: str
    port: int
    local: str
    local_port: int
    door: Door
    served: int = 0


class Table:
    """Which loopback connection stands for which visitor; read by several threads."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Visitor] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, source_port: int, visitor: Visitor) -> None:
        """Enter a connection before it is made."""
        self._rows[LOOPBACK, source_port] = visitor

    def drop(self, source_port: int) -> None:
        """Take a connection out when it has ended."""
        self._rows.pop((LOOPBACK, source_port), None)

    def find(self, address: str, port: str) -> Visitor | None:
        """Return the visitor for a connection as the server sees it.

        The address counts as well: somebody on this box may have another of
        127.0.0.0/8 with the same port.
        """
        return self._rows.get((address, int(port))) if port.isdecimal() else None


class Front:
    """The application as the HTTP server sees it."""

    def __init__(
        self,
        app: WSGIApplication,
        table: Table,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._table = table
        self._mono = mono
        self._lock = threading.Lock()
        self.active = 0
        self.last = mono()

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request for the visitor that the table names."""
        visitor = self._table.find(
            str(environ.get("REMOTE_ADDR", "")), str(environ.get("REMOTE_PORT", ""))
        )
        if visitor is None:
            log.warning("a connection from this box itself was refused")
            return self._bare(403, start_response)
        environ.update(
            {
                "REMOTE_ADDR": visitor.address,
                "REMOTE_HOST": visitor.address,
                "REMOTE_PORT": str(visitor.port),
                "SERVER_NAME": visitor.local,
                "SERVER_PORT": str(visitor.local_port),
                "wsgi.url_scheme": "https" if visitor.door == "https" else "http",
                "guardian.listener": visitor.door,
            }
        )
        return self._answer(visitor, environ, start_response)

    def _answer(
        self, visitor: Visitor, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterator[bytes]:
        """Yield the application's answer; a fault is ours, and is told without names.

        The server's own log of a fault holds the path that was asked for.
        """
        answer: Iterable[bytes] = ()
        begun = False
        with self._lock:
            self.active += 1
        try:
            answer = self._app(environ, start_response)
            for chunk in answer:
                begun = True
                yield chunk
        except Exception as error:
            log.error("fault=%s %s", type(error).__name__, _place(error))
            if begun:
                raise
            yield from self._bare(500, start_response)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
            with self._lock:
                self.active -= 1
                self.last = self._mono()
                visitor.served += 1

    @staticmethod
    def _bare(status: int, start_response: StartResponse) -> list[bytes]:
        headers = [("Content-Length", "0")]
        # In a fault it takes back headers that were not sent yet.
        start_response(f"{status} {REASONS[status]}", headers, sys.exc_info())
        return []


def _place(error: Exception) -> str:
    """Return file and line of a fault; the message may hold what a visitor sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "at=unknown"
    name = trace.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"at={name}:{trace.tb_lineno}"
