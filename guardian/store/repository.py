"""The household on disk: load it safely, change it in one durable step, say who did.

Every change is one file write: household, revision and audit entry together. What could
not be read of the stored document stays in it, word for word, while other parts change.
Must not be used by two processes; only the daemon writes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

from tinydb import TinyDB

from guardian.core.errors import Problem, StoreError
from guardian.core.model import Band, Household, shorten
from guardian.store import audit as log
from guardian.store import migrate
from guardian.store.atomic import SYSTEM, Syscalls
from guardian.store.difference import Change, diff
from guardian.store.document import SCHEMA, Reading, read, render, upgrade
from guardian.store.fields import as_timezone
from guardian.store.merge import merge
from guardian.store.storage import CrashSafeStorage
from guardian.store.tables import (
    Document,
    completed,
    read_document,
    write_document,
    write_rows,
)

META, AUDIT, ASIDE = "meta", "audit", "aside"
# Earlier documents whose unreadable parts a later one has replaced.
ASIDE_MAX = 3
# What has ended is kept a day, for "what was that?" in the morning.
KEEP_ENDED = timedelta(days=1)
Next = Household | Callable[[Household], Household]


class Loaded(NamedTuple):
    """The household in force, what is wrong with its text, and the store's state."""

    household: Household
    problems: tuple[Problem, ...]
    revision: int
    state: str


class Repository:
    """The store of one household.

    bands: the age bands it is read with.
    Raises StoreError when the file is not to be touched: "schema-newer",
    "store-unreadable", "migration-failed", "migration-missing".
    """

    def __init__(
        self, path: Path, bands: tuple[Band, ...], *, syscalls: Syscalls = SYSTEM
    ) -> None:
        self._bands = bands
        self._db = TinyDB(path, SCHEMA, syscalls, storage=CrashSafeStorage)
        storage = self._db.storage
        assert isinstance(storage, CrashSafeStorage)
        self._storage = storage
        if storage.schema < SCHEMA:
            self._migrate(storage.schema)
        self._raw = read_document(self._db)
        self._reading = self._read(self._raw)

    @property
    def state(self) -> str:
        """Return "ok", "recovered" or "lost"; see `CrashSafeStorage`."""
        return self._storage.state

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the stored document now."""
        return self._reading.problems

    @property
    def revision(self) -> int:
        """Return the number of the last change; 0 before the first."""
        rows = self._db.table(META).all()
        return int(rows[0]["revision"]) if rows else 0

    def load(self) -> Loaded:
        """Return what is in force; an empty store gives a household of defaults."""
        household = self._reading.household
        return Loaded(household, self.problems, self.revision, self.state)

    def change(
        self,
        household: Next,
        *,
        by: str,
        verb: str,
        expect_revision: int | None = None,
        now: datetime,
        replace_all: bool = False,
    ) -> int:
        """Store a household, or what a function makes of the present; returns revision.

        by: who, for the audit log; now: aware. One that changes nothing is not written.
        replace_all: give up the unreadable parts too, as an import does.
        Raises StoreError: "revision-conflict" with the present revision as detail,
        "household-invalid" for one that would not be read back as it is.
        """
        present = self.revision
        if expect_revision is not None and expect_revision != present:
            raise StoreError("revision-conflict", str(present))
        old = prune(self._reading.household, now)
        wanted = (
            household(self._reading.household) if callable(household) else household
        )
        new, reading = self._checked(replace(wanted, bands=self._bands), now)
        changes = diff(old, new)
        whole = replace_all and bool(self.problems)
        document = render(new)
        # Another order is no change to tell of, but is kept.
        same = not changes and document == render(old)
        if same and not whole and self._raw is not None:
            return present
        if self._raw is not None and self.problems and not whole:
            document, reading = self._merged(self._raw, document, reading)
        self._store(document, reading, changes, by=by, verb=verb, now=now)
        return self.revision

    def adopt(self, document: object, *, by: str, verb: str, now: datetime) -> int:
        """Store a document word for word, problems and all; returns the revision.

        Raises StoreError("household-invalid") for what is no JSON object,
        ("schema-newer") for a newer one.
        """
        reading = self._read(document)
        if any(p.code == "schema-newer" for p in reading.problems):
            raise StoreError("schema-newer", "", reading.problems)
        document = upgrade(document)
        try:
            document = json.loads(json.dumps(document, allow_nan=False))
        except (TypeError, ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise StoreError("household-invalid", "", reading.problems)
        document = completed(document)
        if document == self._raw:
            return self.revision
        changes = diff(self._reading.household, reading.household)
        self._store(document, reading, changes, by=by, verb=verb, now=now)
        return self.revision

    def note(self, change: Change, *, by: str, verb: str, now: datetime) -> int:
        """Log a change that lies outside the household; returns the revision.

        The household stays as it is, word for word; one that was lost is not replaced
        by an empty one for the log's sake. Raises StoreError as `change` does.
        """
        if self._raw is None and self.state == "lost":
            return self.revision
        raw = self._raw if self._raw is not None else render(self._reading.household)
        self._store(raw, self._reading, (change,), by=by, verb=verb, now=now)
        return self.revision

    def audit(self, limit: int) -> list[log.Entry]:
        """Return the newest entries of the log, newest first."""
        rows = sorted(self._db.table(AUDIT).all(), key=lambda row: row.doc_id)
        return [dict(row) for row in rows[::-1][: max(0, limit)]]

    def _read(self, document: object) -> Reading:
        if document is None:
            # A new box is nobody's yet; one that lost its store stays shut.
            household = Household(bands=self._bands, claimed=self.state == "lost")
            return Reading(household, (), frozenset())
        return read(document, self._bands)

    def _checked(self, wanted: Household, now: datetime) -> tuple[Household, Reading]:
        """Return the household, pruned, and its document read back as itself."""
        try:
            as_timezone(wanted.timezone)
        except ValueError:
            problem = Problem("timezone", "unknown-timezone", shorten(wanted.timezone))
            raise StoreError("household-invalid", "", (problem,)) from None
        new = prune(wanted, now)
        reading = read(render(new), self._bands)
        if reading.problems:
            raise StoreError("household-invalid", "", reading.problems)
        if _in_utc(reading.household) != _in_utc(new):
            raise StoreError("household-invalid", "does not read back as it is")
        return new, reading

    def _merged(
        self, raw: Document, document: Document, alone: Reading
    ) -> tuple[Document, Reading]:
        """Return the stored document with the change, unreadable parts kept.

        If one of those would come to life by the change (the second of two people with
        one id, when the first goes), the change stands alone: `_store` keeps the text.
        """
        old = render(self._reading.household)
        merged = merge(raw, old, document, self._reading.skipped)
        assert isinstance(merged, dict)
        reading = read(merged, self._bands)
        if render(reading.household) != document:
            return document, alone
        return merged, reading

    def _store(
        self,
        document: Document,
        reading: Reading,
        changes: tuple[Change, ...],
        *,
        by: str,
        verb: str,
        now: datetime,
    ) -> None:
        # After a loss the number of the lost change must not be given twice.
        revision = self.revision + (1 if self.state == "ok" else 2)
        entries = self.audit(log.ENTRIES_MAX)[::-1]
        if self.state != "ok":
            about = f"store-{self.state}"
            entries.append(
                log.entry((), by="guardian", verb=about, revision=revision, now=now)
            )
        made = log.entry(changes, by=by, verb=verb, revision=revision, now=now)
        with self._storage.transaction():
            self._set_aside(reading, now)
            write_document(self._db, document)
            write_rows(self._db, META, [{"revision": revision}])
            write_rows(self._db, AUDIT, log.prune([*entries, made], now))
        self._raw, self._reading = document, reading

    def _set_aside(self, reading: Reading, now: datetime) -> None:
        """Keep the document before where its unreadable parts are not in the next."""
        gone = Counter((p.code, p.detail) for p in self.problems)
        gone -= Counter((p.code, p.detail) for p in reading.problems)
        if self._raw is None or not gone:
            return
        rows = [dict(row) for row in self._db.table(ASIDE).all()]
        at = now.astimezone(timezone.utc).isoformat(timespec="seconds")
        rows.append({"at": at, "document": self._raw})
        write_rows(self._db, ASIDE, rows[-ASIDE_MAX:])

    def _migrate(self, version: int) -> None:
        document = read_document(self._db)
        self._storage.keep_copy(f"schema-{version}")
        with self._storage.transaction():
            if document is not None:
                moved = migrate.migrate(document, version, SCHEMA, migrate.steps())
                write_document(self._db, moved)


def prune(household: Household, now: datetime) -> Household:
    """Return the household without what ended more than a day ago.

    A site that was opened goes at its end: its row is no record of what a child read.
    """
    now = now.astimezone(timezone.utc)
    limit = now - KEEP_ENDED
    # A window that starts on a date may last to the end of the next.
    day = (limit.astimezone(household.zone) - timedelta(days=1)).date()
    return replace(
        household,
        pauses=tuple(p for p in household.pauses if p.until > limit),
        grants=tuple(g for g in household.grants if g.until > limit),
        exceptions=tuple(e for e in household.exceptions if e.on >= day),
        off=household.off if household.off and household.off.until > limit else None,
        opened=tuple(o for o in household.opened if o.until > now),
    )


def _in_utc(household: Household) -> Household:
    # Instants of two zones never compare equal within a repeated hour (PEP 495).
    utc, off = timezone.utc, household.off
    if off is not None:
        off = replace(
            off, start=off.start.astimezone(utc), until=off.until.astimezone(utc)
        )
    return replace(
        household,
        off=off,
        pauses=tuple(
            replace(p, start=p.start.astimezone(utc), until=p.until.astimezone(utc))
            for p in household.pauses
        ),
        grants=tuple(
            replace(g, start=g.start.astimezone(utc), until=g.until.astimezone(utc))
            for g in household.grants
        ),
        opened=tuple(
            replace(o, until=o.until.astimezone(utc)) for o in household.opened
        ),
    )
