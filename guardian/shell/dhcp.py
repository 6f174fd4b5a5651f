"""Read DHCP events and leases: the file of our dhcp-script, and dnsmasq's lease file.

The event file is taken away by renaming, so that it cannot grow while it is read, and
the script needs no lock: a line written to the taken file between our reading and the
script's close is fetched by the next `read`. Foreign lines that make no sense are
skipped; what they said never reaches the log.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from pathlib import Path

from guardian.wire.dhcp_event import (
    LINE_MAX,
    DhcpEvent,
    DhcpEventError,
    parse_event,
    parse_lease,
)

log = logging.getLogger(__name__)

# The script stops at 256 KiB; twice that, as its check and its write are two steps.
FILE_MAX = 512 * 1024
# dnsmasq's own limit is 1000 leases (dhcp-lease-max) of under 400 bytes.
LEASES_MAX = 1024 * 1024
_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class DhcpEvents:
    """Events since the last `read`, each line once, in order.

    path: where the script appends; its folder must be ours to rename in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._taken = path.with_name(f".{path.name}.taken")
        self._file: int | None = None
        self._tail = b""

    def read(self) -> list[DhcpEvent]:
        """Return the new events; raises OSError when the folder cannot be read."""
        data = self._rest()
        # Left by a daemon that died between renaming and reading.
        data += self._take(self._taken)
        with contextlib.suppress(FileNotFoundError):
            os.rename(self._path, self._taken)
            data += self._take(self._taken)
        lines = data.split(b"\n")
        # The last piece is a line only once its newline has come.
        self._tail = lines.pop()[: LINE_MAX + 1]
        return [event for line in lines if (event := _event(line))]

    def close(self) -> None:
        """Let go of the file; nothing is lost that `read` has not returned twice."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _take(self, path: Path) -> bytes:
        """Open and unlink a file, return what it holds, keep it open for stragglers."""
        try:
            file = os.open(path, _OPEN)
        except FileNotFoundError:
            return b""
        except OSError:
            # A link or worse in our folder: out of the way with it.
            os.unlink(path)
            return b""
        os.unlink(path)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            return b""
        rest = self._rest()
        self.close()
        self._file = file
        return rest + _read(file, FILE_MAX)

    def _rest(self) -> bytes:
        data, self._tail = self._tail, b""
        if self._file is not None:
            data += _read(self._file, FILE_MAX)
        return data


def read_leases(path: Path) -> list[DhcpEvent]:
    """Return the leases of a dnsmasq lease file, in its order; none if there is none.

    The events are `old`, without interface, vendor class and options.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return []
        data = _read(file, LEASES_MAX)
    finally:
        os.close(file)
    events: list[DhcpEvent] = []
    for line in data.split(b"\n"):
        # DHCPv6 leases and the server's DUID are lines of the same file, for nobody.
        with contextlib.suppress(DhcpEventError):
            events.append(parse_lease(line))
    return events


def _event(line: bytes) -> DhcpEvent | None:
    try:
        return parse_event(line)
    except DhcpEventError as error:
        log.info("dhcp event skipped: reason=%s", error)
        return None


def _read(file: int, limit: int) -> bytes:
    data = b""
    while len(data) < limit:
        piece = os.read(file, min(65536, limit - len(data)))
        if not piece:
            break
        data += piece
    return data
