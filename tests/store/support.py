"""What the store's tests share: bands, a document, and calls that fail on demand."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from guardian.core.errors import Problem
from guardian.core.model import Band, FailMode, Household, Overrides, Window, WindowKind
from guardian.store.atomic import Syscalls
from guardian.store.document import parse
from guardian.store.known import Known

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


def window(window_id: str, start: int, end: int, *days: str) -> Window:
    """Return a bedtime window."""
    return Window(
        id=window_id,
        kind=WindowKind.BEDTIME,
        days=tuple(sorted(days)) or ("school",),
        start=start,
        end=end,
    )


def band(name: str, ages: tuple[int, int], *windows: Window) -> Band:
    """Return an age band."""
    says = Overrides(fail_mode=FailMode.NORMAL, windows=windows)
    return Band(id=name, ages=ages, title=name, defaults=says)


BANDS = (
    band("6-9", (6, 9), window("night", 1200, 1860), window("eve", 1230, 1860, "free")),
    band("10-12", (10, 12), window("night", 1260, 1860)),
)


KNOWN = Known(
    labels=frozenset({"adult", "games", "social", "tiktok"}),
    packs=frozenset({"letters", "school"}),
    floor=frozenset({"childline.org.uk", "www.childline.org.uk"}),
)


def document(**changes: Any) -> dict[str, Any]:
    """Return a document without fault, with some fields replaced."""
    return {
        "schema": 1,
        "name": "Home",
        "timezone": "Europe/Berlin",
        "people": [
            {"id": "mia", "name": "Mia", "role": "child", "band": "10-12"},
            {"id": "ben", "name": "Ben", "role": "child", "band": "6-9"},
            {"id": "anna", "name": "Anna", "role": "parent"},
        ],
        "devices": [
            {"id": "tablet", "name": "Tablet", "macs": [mac(1)], "person": "mia"},
            {"id": "tv", "name": "TV", "macs": [mac(4)], "exempt": True},
        ],
        **copy.deepcopy(changes),
    }


def mac(number: int) -> str:
    """Return a MAC of the lab's range."""
    return f"02:00:5e:00:10:{number:02x}"


def child(**fields: Any) -> dict[str, Any]:
    """Return the document of Mia, with some fields replaced."""
    return {"id": "mia", "name": "Mia", "role": "child", "band": "10-12", **fields}


def found(doc: object) -> tuple[Household, list[tuple[str, str]]]:
    """Return the household, and (place, code) of each problem."""
    household, problems = parse(doc, BANDS, KNOWN)
    return household, pairs(problems)


def pairs(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    """Return (place, code) of problems."""
    return [(p.place, p.code) for p in problems]


class PowerCut(BaseException):
    """The plug: nothing in the store may catch it."""


class Cutting:
    """Syscalls that stop the world at the n-th, before or after it has been done.

    kept: the folder as it may look after the plug, one for each point back to the last
    fsync of the folder; what was written without fsync is cut in half.
    """

    def __init__(self, folder: Path, at: int, *, half: bool = False) -> None:
        self._folder = folder
        self._left = at
        self._half = half
        self._unsynced: dict[int, str] = {}
        self._torn: set[int] = set()
        self.kept: list[dict[str, bytes]] = []
        self._note()

    def calls(self) -> Syscalls:
        """Return the calls to give to the store."""
        return Syscalls(
            open=self._wrap(self._open),
            write=self._wrap(self._write),
            fsync=self._wrap(self._fsync),
            close=self._wrap(os.close),
            link=self._wrap(self._named(os.link)),
            replace=self._wrap(self._named(os.replace)),
            unlink=self._wrap(self._named(os.unlink)),
        )

    def _wrap(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                if self._half and call == self._write:
                    os.write(args[0], args[1][: len(args[1]) // 2])
                self._note()
                raise PowerCut
            return call(*args)

        return run

    def _open(self, path: str, flags: int, mode: int) -> int:
        handle = os.open(path, flags, mode)
        if flags & os.O_CREAT:
            self._torn.add(os.fstat(handle).st_ino)
        return handle

    def _write(self, handle: int, data: bytes) -> int:
        return os.write(handle, data)

    def _fsync(self, handle: int) -> None:
        os.fsync(handle)
        status = os.fstat(handle)
        self._torn.discard(status.st_ino)
        if Path(f"/proc/self/fd/{handle}").resolve() == self._folder.resolve():
            self.kept.clear()
        self._note()

    def _named(self, call: Callable[..., None]) -> Callable[..., None]:
        def run(*args: str) -> None:
            self._note()
            call(*args)
            self._note()

        return run

    def _note(self) -> None:
        state = {}
        for path in self._folder.iterdir():
            data = path.read_bytes()
            torn = path.stat().st_ino in self._torn
            state[path.name] = data[: len(data) // 2] if torn else data
        self.kept.append(state)


def lay_out(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a new folder and return it."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
