"""The one secret of the web process, and the list of sessions ended before their time.

Both live in its state directory (0700). The key makes the signatures on cookies; with
it alone anyone could sign in as anybody, so it never leaves its file.
"""

import contextlib
import secrets
import threading
from pathlib import Path

from guardian.store.atomic import write_atomic

# As long as the output of the HMAC it keys (RFC 2104, 3: shorter weakens it).
KEY_BYTES = 32
# Who signs out more often than this in a month has older ones forgotten: those cookies
# were deleted in the browser all the same.
ENDED_MAX = 2000


def load_key(path: Path) -> bytes:
    """Return the key in `path`, made at first; raises OSError.

    A key that others may read, or of another length, is replaced: every session ends.
    """
    with contextlib.suppress(FileNotFoundError):
        mode = path.stat().st_mode
        key = path.read_bytes()
        if len(key) == KEY_BYTES and not mode & 0o077:
            return key
    key = secrets.token_bytes(KEY_BYTES)
    write_whole(path, key)
    return key


def write_whole(path: Path, data: bytes) -> None:
    """Write a file of this user alone, and its folder at first; raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomic(path, data)


class Ended:
    """Names of sessions that were signed out, until they would have ended anyway.

    A signed cookie is valid wherever a copy of it lies; signing out has to end the
    copies too (OWASP Session Management Cheat Sheet, "Manual Session Expiration").
    One name a line; the oldest is dropped beyond ENDED_MAX.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._names: dict[str, None] = {}
        with contextlib.suppress(FileNotFoundError):
            text = path.read_text(encoding="ascii", errors="replace")
            self._names = dict.fromkeys(text.split())

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, name: str) -> None:
        """Remember one; raises OSError when the disk does not take it."""
        with self._lock:
            self._names[name] = None
            for old in list(self._names)[: max(0, len(self._names) - ENDED_MAX)]:
                del self._names[old]
            write_whole(self._path, "".join(f"{n}\n" for n in self._names).encode())
