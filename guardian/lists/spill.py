"""Entries on their way into an index: 8 octets each, in files by the hash's first bits.

A compilation that is killed goes on from its last checkpoint. The journal is written
only after the parts are on the disk, and says how long each was; what lies beyond is
cut off. A journal of another job, or a damaged one, means a fresh start.
"""

from __future__ import annotations

import fcntl
import json
import os
from array import array
from pathlib import Path
from typing import Any, BinaryIO

from guardian.lists.lines import ListError

PARTS_BITS = 6
PARTS = 1 << PARTS_BITS
PART_SHIFT = 64 - PARTS_BITS
# 0.5 MB of entries in memory before they are written.
BUFFERED_MAX = 1 << 16
WORD = 8
_JOURNAL = "journal"


class Spill:
    """The parts and the journal of one job in a folder of its own.

    buffers: one array of 64-bit words a part; the caller appends, then calls `flush`
    before they hold BUFFERED_MAX words together.
    """

    def __init__(self, folder: Path, job: str) -> None:
        """Open the folder; `state` is the last checkpoint's, or None at a fresh start.

        Raises OSError; ListError ``compile-running`` where another holds the folder.
        """
        self.folder = folder
        self.buffers = [array("Q") for _ in range(PARTS)]
        self.state: dict[str, Any] | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Held until `close`; the kernel lets go of it when the process dies.
        self._lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise ListError("compile-running", folder.name) from None
        sizes = self._recall(job)
        self._files: list[BinaryIO] = []
        for number in range(PARTS):
            file = self.part(number).open("ab", buffering=0)
            self._files.append(file)
            file.truncate(sizes[number] if sizes else 0)
        if not sizes:
            self._journal = (folder / _JOURNAL).open("wb")
            self._write({"job": job})
        else:
            self._journal = (folder / _JOURNAL).open("ab")

    def part(self, number: int) -> Path:
        """Return the file of a part."""
        return self.folder / f"part-{number:02d}"

    def flush(self) -> None:
        """Write what is buffered; durable only after `checkpoint`."""
        for file, buffer in zip(self._files, self.buffers, strict=True):
            if buffer:
                octets = memoryview(buffer.tobytes())
                while octets:
                    octets = octets[file.write(octets) or 0 :]
                del buffer[:]

    def checkpoint(self, state: dict[str, Any]) -> None:
        """Make all that was appended so far durable, together with `state` (JSON)."""
        self.flush()
        for file in self._files:
            os.fsync(file.fileno())
        sizes = [os.fstat(file.fileno()).st_size for file in self._files]
        self._write({"sizes": sizes, "state": state})
        self.state = state

    def words(self, number: int) -> list[int]:
        """Return the words of a part, sorted; call after the last `flush`."""
        words = array("Q")
        words.frombytes(self.part(number).read_bytes())
        return sorted(words)

    def close(self) -> None:
        """Close all files and keep them."""
        for file in (*self._files, self._journal):
            file.close()
        os.close(self._lock)

    def remove(self) -> None:
        """Delete the parts and the journal, the journal first, and close."""
        (self.folder / _JOURNAL).unlink(missing_ok=True)
        for number in range(PARTS):
            self.part(number).unlink(missing_ok=True)
        self.close()

    def _write(self, record: dict[str, Any]) -> None:
        self._journal.write(json.dumps(record, sort_keys=True).encode() + b"\n")
        self._journal.flush()
        os.fsync(self._journal.fileno())

    def _recall(self, job: str) -> list[int] | None:
        """Return the sizes at the last whole checkpoint of this very job, or None."""
        try:
            lines = (self.folder / _JOURNAL).read_bytes().split(b"\n")
        except FileNotFoundError:
            return None
        if len(lines) < 2 or _record(lines[0]).get("job") != job:
            return None
        # The last piece is empty, or a record whose writing was cut.
        for line in reversed(lines[1:-1]):
            record = _record(line)
            sizes = record.get("sizes")
            if isinstance(sizes, list) and len(sizes) == PARTS and self._hold(sizes):
                self.state = record["state"]
                # A record cut in the middle must not swallow the next one.
                if lines[-1]:
                    whole = sum(len(kept) + 1 for kept in lines[:-1])
                    os.truncate(self.folder / _JOURNAL, whole)
                return [int(size) for size in sizes]
        return None

    def _hold(self, sizes: list[Any]) -> bool:
        for number, size in enumerate(sizes):
            try:
                held = self.part(number).stat().st_size
            except OSError:
                return False
            if not isinstance(size, int) or size % WORD or held < size:
                return False
        return True


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
