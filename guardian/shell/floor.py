"""Keep the addresses of help in the kernel before they are needed.

Asks the router's own resolver for each name of the floor, again before the answer's TTL
ends, and keeps every address for a day after it was last seen. Nothing of it is logged
or counted per name.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable
from pathlib import Path

from guardian.core.errors import GuardianError
from guardian.core.events import FloorResolved, Moment
from guardian.core.refresh import FloorBook
from guardian.shell.resolve import resolve
from guardian.store.atomic import write_atomic

log = logging.getLogger(__name__)

# Flash: the book is written at most this often, seconds.
WRITE_S = 6 * 3600.0
AT_ONCE = 4
# Addresses found so far are told at least this often while others are awaited.
SLOW_S = 2.0


class FloorKeeper:
    """Resolves the floor's names for ever; `tell` gets the addresses on a change.

    servers: resolver addresses, empty for those of /etc/resolv.conf.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        path: Path,
        servers: tuple[str, ...],
        now: Callable[[], Moment],
        tell: Callable[[FloorResolved], object],
    ) -> None:
        self._path = path
        self._servers = servers
        self._now = now
        self._tell = tell
        self._told: frozenset[str] = frozenset()
        self._written = 0.0
        self._book = _read(path, names, now())

    def addresses(self) -> FloorResolved:
        """Return every address kept, with the monotonic second of its end."""
        return FloorResolved(tuple(sorted(self._book.addresses().items())))

    async def run(self) -> None:
        """Refresh what is due, for ever."""
        gate = asyncio.Semaphore(AT_ONCE)
        while True:
            moment = self._now()
            due = self._book.due(moment.mono)
            pending = {asyncio.ensure_future(self._refresh(n, gate)) for n in due}
            while pending:
                # With a slow resolver the last answers take minutes.
                _, pending = await asyncio.wait(pending, timeout=SLOW_S)
                self._tell(self.addresses())
            self._keep()
            wait = self._book.next_due() - self._now().mono
            await asyncio.sleep(min(max(wait, 1.0), 600.0))

    async def _refresh(self, name: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            try:
                answer = await resolve(name, self._servers)
            except (GuardianError, OSError, TimeoutError):
                self._book.failed(name, self._now().mono, random.random())
            else:
                self._book.answered(
                    name, answer.addresses, answer.ttl, self._now().mono
                )

    def _keep(self) -> None:
        """Keep the book where a reboot without WAN finds it."""
        now = frozenset(self._book.addresses())
        mono = self._now().mono
        if now != self._told and (not self._told or mono > self._written + WRITE_S):
            self._told, self._written = now, mono
            record = json.dumps(self._book.to_record(mono))
            try:
                write_atomic(self._path, record.encode())
            except OSError as error:
                # Help itself goes on; only the next boot knows less.
                log.warning("floor record unwritten: %s", error.strerror)


def _read(path: Path, names: tuple[str, ...], moment: Moment) -> FloorBook:
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        record = {}
    return FloorBook.from_record(record, names, moment.mono)
