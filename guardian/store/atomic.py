"""Replace a small file so that a pulled plug leaves the old one or the new one whole.

Temp file in the same folder (0600), fsync, rename over the target, fsync of the folder:
rename(2) replaces atomically, but only fsync(2) of the directory makes the new name
durable (its manual page says so). One writer a path: the temp file's name is fixed, so
that crashes leave at most one behind, which the next write removes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MODE = 0o600
# Less than this and a household cannot be stored: its journal takes as much again.
ROOM = 64 * 1024
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class Syscalls:
    """The calls that a write makes, in one place so that each can be made to fail."""

    open: Callable[[str, int, int], int] = os.open
    write: Callable[[int, bytes], int] = os.write
    fsync: Callable[[int], None] = os.fsync
    close: Callable[[int], None] = os.close
    link: Callable[[str, str], None] = os.link
    replace: Callable[[str, str], None] = os.replace
    unlink: Callable[[str], None] = os.unlink


SYSTEM = Syscalls()


def write_atomic(path: Path, data: bytes, syscalls: Syscalls = SYSTEM) -> None:
    """Make `path` hold `data`, durably, or leave it as it was.

    Raises OSError; the temp file is then gone, unless the process itself was killed.
    """
    temp = write_temp(path, data, syscalls)
    try:
        syscalls.replace(str(temp), str(path))
    except OSError:
        _remove(temp, syscalls)
        raise
    sync_folder(path.parent, syscalls)


def unwritable(folder: Path, free: int = ROOM) -> str:
    """Return why nothing can be written in a folder now, "" where something can.

    free: octets that must be left. Nothing is written to find out: flash wears.
    """
    try:
        found = os.statvfs(folder)
    except OSError as error:
        return error.strerror or "unreadable"
    if found.f_flag & os.ST_RDONLY:
        return "read-only"
    # Some file systems keep a part for root alone, others count no files.
    left = found.f_bfree if os.geteuid() == 0 else found.f_bavail
    if left * found.f_frsize < free or (found.f_files and not found.f_ffree):
        return "full"
    return ""


def write_temp(path: Path, data: bytes, syscalls: Syscalls = SYSTEM) -> Path:
    """Write `data` durably beside `path` and return where; see `temp_path`."""
    temp = temp_path(path)
    _remove(temp, syscalls)
    handle = syscalls.open(str(temp), _CREATE, MODE)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[syscalls.write(handle, bytes(view)) :]
            syscalls.fsync(handle)
        finally:
            syscalls.close(handle)
    except OSError:
        _remove(temp, syscalls)
        raise
    return temp


def temp_path(path: Path) -> Path:
    """Return the one name under which a write of `path` begins."""
    return path.with_name(f".{path.name}.new")


def sync_folder(folder: Path, syscalls: Syscalls = SYSTEM) -> None:
    """Make the names in `folder` durable."""
    handle = syscalls.open(str(folder), _FOLDER, 0)
    try:
        syscalls.fsync(handle)
    finally:
        syscalls.close(handle)


def _remove(path: Path, syscalls: Syscalls) -> None:
    with suppress(FileNotFoundError):
        syscalls.unlink(str(path))
