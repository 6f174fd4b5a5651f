"""The folder of lists on the disk, and how a new index takes the place of the old.

    current.idx    what is in force; a reader maps it by this name
    previous.idx   what was before, for one step back
    state.json     what is known of each list; see `guardian.lists.state`
    feeds/         the text of each list as gzip, ID.FINGERPRINT.gz
    .work/         a compilation under way; .new/ lists just fetched; .lock

The one moment that counts is the rename of `current.idx`. What the state will be after
it is written down before it (`.state.next`, with the digest of the index that it goes
with), so whoever comes after a kill knows which of the two holds.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from guardian.lists.index import read_digest
from guardian.lists.lines import ListError
from guardian.lists.state import State

STATE_MAX = 4_000_000


class ListFolder:
    """The folder; methods that change it are called under `locked`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.current = path / "current.idx"
        self.previous = path / "previous.idx"
        self.feeds = path / "feeds"
        self.fresh = path / ".new"
        self.work = path / ".work"
        self._state = path / "state.json"
        self._next = path / ".state.next"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder alone, and finish or drop what a kill left half done.

        Raises ListError ``update-running`` where another holds it; OSError.
        """
        self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ListError("update-running", str(self.path)) from None
            self._recover()
            yield
        finally:
            os.close(handle)

    def read(self) -> State:
        """Return the state that goes with the index in force; changes nothing.

        A damaged or missing file is a fresh start: all lists are fetched again.
        """
        for path in (self._next, self._state):
            raw = _json(path)
            if raw is not None:
                state = State.from_json(raw)
                if path is self._state or self._goes_with(state):
                    return state
        return State()

    def save(self, state: State) -> None:
        """Write the state; the index stays as it is."""
        _write(self._state, state)

    def publish(self, staged: Path, state: State) -> None:
        """Put a staged index in force, together with `state`, which names its digest.

        staged: durable, on the same file system.
        """
        _write(self._next, state)
        if self.current.exists():
            spare = self.path / ".previous"
            spare.unlink(missing_ok=True)
            os.link(self.current, spare)
            os.replace(spare, self.previous)
        os.replace(staged, self.current)
        _sync(self.path)
        self._settle()

    def step_back(self, state: State) -> None:
        """Put the previous index in force again; there is then none before it."""
        _write(self._next, state)
        os.replace(self.previous, self.current)
        _sync(self.path)
        self._settle()

    def text(self, feed: str, fingerprint: str) -> Path:
        """Return where the text of a list stands, or would stand."""
        return self.feeds / f"{feed}.{fingerprint[:32]}.gz"

    def keep(self, fresh: Path, feed: str, fingerprint: str) -> None:
        """Move a fetched text to where it stays."""
        self.feeds.mkdir(mode=0o700, exist_ok=True)
        os.replace(fresh, self.text(feed, fingerprint))
        _sync(self.feeds)

    def prune(self, state: State) -> None:
        """Delete the texts that neither index was made of, and leftovers."""
        kept = {
            self.text(feed, fingerprint).name
            for feed, fingerprint in state.fingerprints()
        }
        for path in self.feeds.glob("*"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
        shutil.rmtree(self.fresh, ignore_errors=True)

    def _goes_with(self, state: State) -> bool:
        """Say whether a state written before a swap is that of the index in force."""
        digest = read_digest(self.current)
        return (
            digest is not None
            and state.index is not None
            and state.index.digest == digest.hex()
        )

    def _recover(self) -> None:
        raw = _json(self._next)
        if raw is not None and self._goes_with(State.from_json(raw)):
            self._settle()
        else:
            self._next.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            (self.path / ".previous").unlink()

    def _settle(self) -> None:
        os.replace(self._next, self._state)
        _sync(self.path)


def _json(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > STATE_MAX:
            return None
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) else None


def _write(path: Path, state: State) -> None:
    """Replace a small file durably; the caller's lock makes it the only writer."""
    temp = path.with_name(f"{path.name}.tmp")
    text = json.dumps(state.to_json(), sort_keys=True, indent=1).encode()
    with temp.open("wb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temp, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
