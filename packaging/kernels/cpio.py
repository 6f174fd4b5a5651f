"""Write archives for a kernel's initramfs, byte for byte the same for the same input.

Format: newc, as in the kernel's driver-api/early-userspace/buffer-format. Owner and
time are always 0; a folder is written before what it holds, as the kernel wants it.
"""

import stat
from pathlib import Path, PurePosixPath


class Archive:
    """Files to be, by absolute path in the guest; a path may be added again."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[int, bytes]] = {}

    def file(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """Add a regular file."""
        self._add(path, stat.S_IFREG | mode, data)

    def copy(self, path: str, source: Path) -> None:
        """Add a file of this machine; it keeps its execute permission."""
        mode = 0o755 if source.stat().st_mode & 0o100 else 0o644
        self.file(path, source.read_bytes(), mode=mode)

    def link(self, path: str, target: str) -> None:
        """Add a symbolic link."""
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def folder(self, path: str) -> None:
        """Add a folder and those above it."""
        for parent in reversed((PurePosixPath(path), *PurePosixPath(path).parents)):
            if str(parent) != "/":
                self._entries.setdefault(str(parent), (stat.S_IFDIR | 0o755, b""))

    def _add(self, path: str, mode: int, data: bytes) -> None:
        self.folder(str(PurePosixPath(path).parent))
        self._entries[path] = (mode, data)

    def pack(self) -> bytes:
        """Return the archive, not compressed."""
        out = bytearray()
        # Sorted, "/a" comes before "/a/b".
        for number, (path, (mode, data)) in enumerate(sorted(self._entries.items()), 1):
            out += _member(number, path.lstrip("/"), mode, data)
        return bytes(out + _member(0, "TRAILER!!!", 0, b""))


def _member(number: int, name: str, mode: int, data: bytes) -> bytes:
    links = 2 if stat.S_ISDIR(mode) else 1
    raw = name.encode() + b"\0"
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(raw), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + raw
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
