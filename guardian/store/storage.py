"""A TinyDB storage that a pulled plug cannot break, and that writes rarely.

The file is one header line, then the JSON body:
``guardian-store schema=1 generation=7 length=123 sha256=<hex>``. The sum covers the
numbers too. That line keeps its form in every future schema, so that an older program
can tell "newer" from "damaged". Each write is a new file renamed over the old one; the
generation before stays beside it as ``.prev``.

Must not: delete a file it cannot read (it is moved aside), touch one of a newer schema,
write when nothing changed (flash wears out). One process writes; TinyDB has no lock.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from guardian.core.errors import StoreError
from guardian.store.atomic import (
    SYSTEM,
    Syscalls,
    sync_folder,
    temp_path,
    write_atomic,
    write_temp,
)

Tables = dict[str, dict[str, Any]]
SIZE_MAX = 16 << 20
# Unreadable files that are kept; then the oldest makes room, as flash is small.
ASIDE_MAX = 8
_HEADER = re.compile(
    rb"guardian-store schema=([0-9]{1,9}) generation=([0-9]{1,18})"
    rb" length=([0-9]{1,9}) sha256=([0-9a-f]{64})\n"
)
# vfat and some overlays have no hard links.
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@dataclass(frozen=True, slots=True)
class File:
    """A file whose sum is right."""

    schema: int
    generation: int
    body: bytes


def encode(file: File) -> bytes:
    """Return the bytes of a store file."""
    numbers = _numbers(file.schema, file.generation, len(file.body))
    digest = hashlib.sha256(numbers + b"\n" + file.body).hexdigest()
    return b"guardian-store %s sha256=%s\n%s" % (numbers, digest.encode(), file.body)


def decode(data: bytes) -> File:
    """Return the file that `data` is; ValueError when a single bit of it is wrong."""
    match = _HEADER.match(data)
    if match is None:
        raise ValueError("header")
    schema, generation, length = (int(match[i]) for i in (1, 2, 3))
    body = data[match.end() :]
    numbers = _numbers(schema, generation, length)
    digest = hashlib.sha256(numbers + b"\n" + body).hexdigest()
    if len(body) != length or digest.encode() != match[4]:
        raise ValueError("sum")
    return File(schema, generation, body)


def _numbers(schema: int, generation: int, length: int) -> bytes:
    return b"schema=%d generation=%d length=%d" % (schema, generation, length)


class CrashSafeStorage(Storage):
    """The storage TinyDB writes through.

    state: "ok"; "recovered" when the newest file was unreadable or missing and the
    generation before it is in use; "lost" when that was unreadable too. The next write
    makes it "ok".
    schema, generation: those of the file that was read; `schema` is what is written.
    Raises StoreError: "schema-newer", "store-unreadable", "store-unwritable".
    """

    def __init__(self, path: Path, schema: int, syscalls: Syscalls = SYSTEM) -> None:
        self.path = path
        self.previous = path.with_name(f"{path.name}.prev")
        self._schema = schema
        self._syscalls = syscalls
        self._buffer: Tables | None = None
        self._in_transaction = False
        self._pending: list[Path] = []
        self.state = "ok"
        self._file = self._open()

    @property
    def schema(self) -> int:
        """Return the schema of what is on disk; that of a new store is the present."""
        return self._file.schema

    @property
    def generation(self) -> int:
        """Return how many times this store has been written."""
        return self._file.generation

    def read(self) -> Tables | None:
        """Return the tables, a copy of their own, or None when there are none yet."""
        if self._buffer is not None:
            return self._buffer
        tables: Tables | None = json.loads(self._file.body)
        return tables

    def write(self, data: Tables) -> None:
        """Make `data` durable, or keep it for the end of the transaction."""
        if self._in_transaction:
            self._buffer = data
        else:
            self._commit(data)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one file of all that is written inside; of nothing if that raises."""
        if self._in_transaction:
            raise RuntimeError("transactions do not nest")
        self._in_transaction, self._buffer = True, self.read()
        try:
            yield
            if self._buffer is not None:
                self._commit(self._buffer)
        finally:
            self._in_transaction, self._buffer = False, None

    def keep_copy(self, suffix: str) -> Path:
        """Keep what is on disk under a name of its own, for good."""
        path = self.path.with_name(f"{self.path.name}.{suffix}")
        with _writing():
            write_atomic(path, encode(self._file), self._syscalls)
        return path

    def _commit(self, data: Tables) -> None:
        body = json.dumps(
            data, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()
        if body == self._file.body and self._schema == self._file.schema:
            return
        if len(body) > SIZE_MAX:
            raise StoreError("store-too-large", f"at most {SIZE_MAX} bytes")
        file = File(self._schema, self.generation + 1, body)
        self._move_pending()
        with _writing():
            temp = write_temp(self.path, encode(file), self._syscalls)
            self._keep_previous()
            self._syscalls.replace(str(temp), str(self.path))
            # From here the new file is what a restart finds, synced or not.
            self._file, self.state = file, "ok"
            sync_folder(self.path.parent, self._syscalls)

    def _keep_previous(self) -> None:
        """Give the newest file its second name, so that one name always exists."""
        if self.state != "ok":
            # The generation before is the one in use; the newest was moved aside.
            return
        spare = temp_path(self.previous)
        with suppress(FileNotFoundError):
            self._syscalls.unlink(str(spare))
        try:
            self._syscalls.link(str(self.path), str(spare))
            self._syscalls.replace(str(spare), str(self.previous))
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            with suppress(FileNotFoundError):
                self._syscalls.replace(str(self.path), str(self.previous))

    def _open(self) -> File:
        for leftover in (temp_path(self.path), temp_path(self.previous)):
            with suppress(OSError):
                self._syscalls.unlink(str(leftover))
        newest, bad = self._examine(self.path)
        if newest is not None:
            return newest
        before, bad_before = self._examine(self.previous)
        for path, damaged in ((self.path, bad), (self.previous, bad_before)):
            if damaged:
                self._pending.append(path)
        # A file system gone read-only must not keep the home from running.
        with suppress(StoreError):
            self._move_pending()
        if before is not None:
            self.state = "recovered"
            return before
        if self._pending or any(name.exists() for name in self._aside_names()):
            self.state = "lost"
        return File(self._schema, 0, b"null")

    def _examine(self, path: Path) -> tuple[File | None, bool]:
        """Return (file, False) or (None, damaged); StoreError: not to be touched."""
        try:
            with path.open("rb") as stream:
                data = stream.read(SIZE_MAX + 512)
        except FileNotFoundError:
            return None, False
        except OSError as error:
            if error.errno == errno.EIO:
                return None, True
            detail = f"{path.name}: {error.strerror}"
            raise StoreError("store-unreadable", detail) from None
        try:
            file = decode(data)
        except ValueError:
            return None, True
        if file.schema > self._schema:
            detail = f"{path.name} has schema {file.schema}, known is {self._schema}"
            raise StoreError("schema-newer", detail)
        return (file, False) if _is_tables(file.body) else (None, True)

    def _aside_names(self) -> list[Path]:
        name = self.path.name
        return [
            self.path.with_name(f"{name}.unreadable-{number}")
            for number in range(1, ASIDE_MAX + 1)
        ]

    def _move_pending(self) -> None:
        while self._pending:
            self._move_aside(self._pending[0])
            self._pending.pop(0)

    def _move_aside(self, path: Path) -> None:
        taken = [name for name in self._aside_names() if name.exists()]
        free = [name for name in self._aside_names() if not name.exists()]
        target = free[0] if free else min(taken, key=lambda p: p.stat().st_mtime_ns)
        with _writing():
            self._syscalls.replace(str(path), str(target))
            sync_folder(path.parent, self._syscalls)


def _is_tables(body: bytes) -> bool:
    try:
        tables = json.loads(body)
    except ValueError:
        return False
    return tables is None or (
        isinstance(tables, dict) and all(isinstance(t, dict) for t in tables.values())
    )


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError("store-unwritable", error.strerror or "") from error
