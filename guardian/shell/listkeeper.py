"""Keep the category index current: run its updates as children, and notice a new one.

Compiling takes memory and seconds that a daemon has not got; a child has them, at the
lowest priority, and gives them back. The index is swapped by a rename, so whoever did
it (the daily update, a technician by hand, a step back) is noticed by the file alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from guardian.lists.update import next_due

log = logging.getLogger(__name__)

CURRENT = "current.idx"
# How often the file is looked at, seconds.
LOOK_S = 2.0
# After the start of the box its line may take minutes; nothing is asked before.
FIRST_S = 180.0
# An index that is gone is made again; what fails is not tried all the time.
AGAIN_S = 60.0
# Five million names on a slow router take many minutes; a hung child must not stay.
CHILD_S = 3600.0


class ListKeeper:
    """Owns the folder of lists for as long as the daemon lives.

    take: gets the index to use, at the start and after each change. wall: the clock of
    the daemon, which decides what is due.
    """

    def __init__(
        self,
        folder: Path,
        take: Callable[[Path], object],
        *,
        first: float = FIRST_S,
    ) -> None:
        self.folder = folder
        self.wrong: dict[str, str] = {}
        self._take = take
        self._first = first
        self._seen: tuple[int, int] | None = None

    @property
    def current(self) -> Path | None:
        """Return the index in force, None while there is none."""
        path = self.folder / CURRENT
        return path if path.is_file() else None

    async def run(self) -> None:
        """Have an index to begin with, then keep it current, for ever."""
        loop = asyncio.get_running_loop()
        self._look()
        await self._child("begin", "lists-missing")
        self._look()
        earliest = loop.time() + self._first
        again = loop.time()
        while True:
            await asyncio.sleep(LOOK_S)
            self._look()
            if self.current is None and loop.time() >= again:
                # Its folder was lost, or no index could be made at the start.
                await self._child("begin", "lists-missing")
                self._look()
                again = loop.time() + AGAIN_S
            now = datetime.now(timezone.utc)
            if loop.time() >= earliest and next_due(self.folder, now) <= now:
                # A run that fails says itself when the next is due; one that cannot
                # even say so is not begun again at once.
                earliest = loop.time() + self._first
                await self._child("update", "lists-stale")
                self._look()

    def _look(self) -> None:
        try:
            stat = (self.folder / CURRENT).stat()
        except OSError:
            return
        if (seen := (stat.st_ino, stat.st_mtime_ns)) != self._seen:
            self._seen = seen
            self._take(self.folder / CURRENT)

    async def _child(self, verb: str, wrong: str) -> None:
        """Run one verb of `guardianctl lists` to its end; a failure is noted."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "guardian.listcli", verb),
            *("--state-dir", str(self.folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(CHILD_S):
                _, said = await process.communicate()
        except (TimeoutError, asyncio.CancelledError) as error:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if isinstance(error, asyncio.CancelledError):
                raise
            said = b"it took too long"
        if process.returncode == 0:
            self.wrong.pop(wrong, None)
        else:
            text = said.decode(errors="replace").strip() or "see `lists status`"
            self.wrong[wrong] = text[-200:]
