"""Tell the service supervisor how we are: ready, alive, stopping.

The protocol of sd_notify(3) is one datagram; written here because the libraries that
speak it (python-systemd, sdnotify) are not in the feeds of router distributions.
Without a supervisor nothing is sent, and a supervisor that does not listen changes
nothing: enforcement never depends on it.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

# sd_watchdog_enabled(3) recommends half the time; a quarter leaves room for a bad disk.
ALIVE_PART = 4


class Notifier:
    """The socket that NOTIFY_SOCKET names, if any.

    watchdog_s: seconds within which `alive` must be called; None if nobody watches.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        given = os.environ if environ is None else environ
        self._address = _address(given.get("NOTIFY_SOCKET", ""))
        self._monotonic = monotonic
        self._sent = float("-inf")
        self.watchdog_s = _watchdog(given)

    def ready(self, status: str = "") -> None:
        """Say that start-up is done, and rules are in force."""
        self._send("READY=1", status)

    def alive(self) -> None:
        """Feed the watchdog; call as often as you like, most calls send nothing."""
        if self.watchdog_s is None:
            return
        now = self._monotonic()
        if now - self._sent >= self.watchdog_s / ALIVE_PART:
            self._sent = now
            self._send("WATCHDOG=1")

    def stopping(self, status: str = "") -> None:
        """Say that a clean stop has begun."""
        self._send("STOPPING=1", status)

    def status(self, text: str) -> None:
        """Show a line to whoever asks the supervisor; nobody's name belongs there."""
        self._send("", text)

    def _send(self, state: str, status: str = "") -> None:
        if self._address is None:
            return
        # A newline would begin a variable of its own.
        line = f"STATUS={' '.join(status.split())}" if status else ""
        message = "\n".join(part for part in (state, line) if part).encode()
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        with suppress(OSError), socket.socket(socket.AF_UNIX, kind) as sock:
            sock.sendto(message, self._address)


def _address(text: str) -> str | None:
    """Return the address for sendto: a path, or an abstract name ("@" is its NUL)."""
    if text.startswith("@"):
        return "\0" + text[1:]
    return text if text.startswith("/") else None


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """Return the watchdog's time; None if unset, or meant for another process."""
    pid = environ.get("WATCHDOG_PID", "")
    if pid and pid != str(os.getpid()):
        return None
    try:
        microseconds = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 1e6 if microseconds > 0 else None
