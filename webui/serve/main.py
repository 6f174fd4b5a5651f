"""`guardian-web`: the process that serves the pages, without rights and on demand.

Visitors meet the terminator; behind it, on a loopback port, waitress runs the
application in four threads. Nothing here knows what the pages say: the application is
a WSGI callable. Log lines hold no visitor's address, name or path.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from guardian.shell.notify import Notifier
from webui.serve import activation
from webui.serve.addresses import Lan
from webui.serve.authority import NAMES, Authority
from webui.serve.crowd import OVERALL
from webui.serve.doors import Doors
from webui.serve.front import LOOPBACK, Front, Table
from webui.serve.gate import BODY_BYTES, HEAD_BYTES, LARGE_BODY_BYTES
from webui.serve.memory import keep_small
from webui.serve.relay import Shared
from webui.serve.terminator import Terminator
from webui.serve.tls import Certificate
from webui.settings import Settings

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

log = logging.getLogger("webui.serve.main")

THREADS = 4
IDLE_EXIT_S = 600

Load = Callable[[Settings, Path], "WSGIApplication"]


def main(argv: list[str] | None = None, load: Load | None = None) -> int:
    """Serve until SIGTERM or until nobody comes; returns 0, or 1 without a start.

    load: makes the application from the settings and the daemon's socket.
    """
    args = _parser().parse_args(argv)
    _log()
    keep_small()
    stop = _Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        _serve(args, load or _load, stop)
    except SystemExit:
        return 0
    except (OSError, ValueError) as error:
        log.error("cannot start: %s", error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="guardian-web", description=__doc__)
    parser.add_argument(
        "--socket", type=Path, default=Path("/run/guardian/web.sock"), metavar="PATH"
    )
    parser.add_argument(
        "--state-dir", type=Path, default=Path("/var/lib/guardian-web"), metavar="DIR"
    )
    parser.add_argument(
        "--lan",
        action="append",
        default=[],
        metavar="IFACE",
        help="a LAN interface; default: what looks like one",
    )
    parser.add_argument(
        "--loopback", action="store_true", help="serve this machine as well"
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a further name or address by which visitors may call this box",
    )
    parser.add_argument("--http", type=int, default=8080, metavar="PORT")
    parser.add_argument("--https", type=int, default=8443, metavar="PORT")
    parser.add_argument(
        "--blocked",
        type=int,
        default=8081,
        metavar="PORT",
        help="where requests for blocked names are led",
    )
    parser.add_argument(
        "--idle-exit",
        type=float,
        metavar="SECONDS",
        help="end when nobody has come for so long; 0 never; "
        f"default: {IDLE_EXIT_S} with sockets taken over, else never",
    )
    return parser


class _Stop:
    """What a signal does: the first lets the last answers out, the second ends."""

    def __init__(self) -> None:
        self.terminator: Terminator | None = None
        self._asked = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._asked or self.terminator is None:
            raise SystemExit
        self._asked = True
        self.terminator.drain(then=wake)


def wake() -> None:
    """Signal the main thread, which sleeps in the HTTP server's loop."""
    main_thread = threading.main_thread().ident
    if main_thread is not None:
        signal.pthread_kill(main_thread, signal.SIGTERM)


def _serve(args: argparse.Namespace, load: Load, stop: _Stop) -> None:
    from waitress.server import create_server

    os.umask(0o077)
    args.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = activation.taken_over(os.environ)
    lan = Lan(args.lan, args.loopback, args.name)
    doors = Doors(
        lan, {"http": args.http, "https": args.https, "blocked": args.blocked}, held
    )
    doors.refresh()
    authority = Authority(args.state_dir / "tls")
    settings = Settings(
        state_dir=args.state_dir,
        names=lambda: frozenset(NAMES) | lan.called,
        http_port=doors.port("http"),
        https_port=doors.port("https"),
        words=authority.words,
        authority=authority.certificate,
    )
    table = Table()
    front = Front(load(settings, args.socket), table)
    behind = socket.create_server((LOOPBACK, 0), backlog=OVERALL)
    server = create_server(
        front,
        sockets=[behind],
        threads=THREADS,
        ident=None,
        connection_limit=OVERALL + 16,
        channel_timeout=120,
        max_request_header_size=2 * HEAD_BYTES,
        max_request_body_size=LARGE_BODY_BYTES + 1,
        # A large body waits in a file.
        inbuf_overflow=2 * BODY_BYTES,
        asyncore_use_poll=True,
        # The default only since version 3.
        clear_untrusted_proxy_headers=True,
        log_socket_errors=False,
    )
    terminator = Terminator(
        shared=Shared(table, behind.getsockname()),
        front=front,
        lan=lan,
        doors=doors,
        certificate=Certificate(authority),
        idle_s=_idle_exit(args.idle_exit, bool(held)),
        on_idle=wake,
    )
    notifier = Notifier()
    stop.terminator = terminator
    try:
        terminator.start()
        log.info(
            "serving http=%d https=%d blocked=%d",
            *(doors.port("http"), doors.port("https"), doors.port("blocked")),
        )
        notifier.ready()
        server.run()
    finally:
        notifier.stopping()
        terminator.stop()
    log.info("stopped")


def _idle_exit(given: float | None, held: bool) -> float | None:
    """Return after how long to end, None for never: nobody would start us again."""
    if given is None:
        return IDLE_EXIT_S if held else None
    return given or None


def _load(settings: Settings, daemon_socket: Path) -> WSGIApplication:
    from webui.app import create_app
    from webui.daemon import SocketDaemon

    return create_app(settings, SocketDaemon(daemon_socket))


def _log() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s"
    )
    # It names the path of a request that failed or whose visitor has gone; what matters
    # of that the front says.
    logging.getLogger("waitress").setLevel(logging.CRITICAL)


if __name__ == "__main__":
    sys.exit(main())
