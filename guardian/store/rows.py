"""A small crash-safe file of rows of one kind, read and written whole.

It is opened when first used, so that a damaged one harms nothing but its own verbs.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from guardian.store.atomic import SYSTEM, Syscalls
from guardian.store.storage import CrashSafeStorage

SCHEMA = 1
_TABLE = "rows"
Row = dict[str, Any]


class RowFile:
    """Rows of one file, in their order.

    Raises StoreError from each call: "schema-newer", "store-unreadable",
    "store-unwritable", "store-too-large".
    """

    def __init__(self, path: Path, syscalls: Syscalls = SYSTEM) -> None:
        self._path = path
        self._syscalls = syscalls

    @cached_property
    def _storage(self) -> CrashSafeStorage:
        return CrashSafeStorage(self._path, SCHEMA, self._syscalls)

    @property
    def state(self) -> str:
        """Return "ok", "recovered" or "lost"; see `CrashSafeStorage`."""
        return self._storage.state

    def load(self) -> list[Row]:
        """Return the rows; none where there is no file, or none that can be read."""
        table = (self._storage.read() or {}).get(_TABLE, {})
        rows = [table[key] for key in sorted(table, key=str)]
        return [row for row in rows if isinstance(row, dict)]

    def save(self, rows: list[Row]) -> None:
        """Make the rows durable; the same ones are not written again."""
        width = len(str(len(rows)))
        table = {f"{at:0{width}}": row for at, row in enumerate(rows)}
        self._storage.write({_TABLE: table})
