"""Templates compiled once a version, and kept on disk for the next start.

Compiling costs ten times what rendering does: 75 ms for Home on a desktop processor, a
second on a router, at each start of a process that starts often. Entries carry a
checksum of their template; one that is old, cut or another Python's is made anew.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class Compiled(FileSystemBytecodeCache):
    """Jinja's cache in a folder of ours, made 0700; a full disk costs time, no page."""

    def __init__(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load an entry if it is there and can be read."""
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep an entry if there is room for it."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)
