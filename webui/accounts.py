"""Who may sign in, as the daemon knows it, kept for a few seconds.

The daemon owns the accounts; this process keeps none on disk. When the daemon does not
answer, the last answer holds: nobody can change an account while it is away.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guardian.core.errors import ControlError
from webui.access import CARER, PARENT, TECH, Role
from webui.daemon import Daemon

# A password change must end other sessions at once as a person sees it; a page and
# its assets must not ask five times.
KEEP_S = 5.0
ROLES = {"parent": PARENT, "carer": CARER, "technician": TECH}


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. until: POSIX seconds; None: as long as it exists."""

    id: str
    name: str
    role: Role
    hash: str
    generation: int
    person: str | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """An app password: a program's, not a person's. scopes: what it may do."""

    id: str
    name: str
    scopes: frozenset[str]
    hash: str


@dataclass(frozen=True, slots=True)
class Book:
    """All accounts and keys at one moment; claimed: the box has an owner."""

    claimed: bool
    accounts: Mapping[str, Account]
    keys: Mapping[str, Key]

    def named(self, name: str) -> Account | None:
        """Return the account of that name, letter case and outer spaces aside."""
        wanted = name.strip().casefold()
        for account in self.accounts.values():
            if account.name.casefold() == wanted:
                return account
        return None


def parse_book(answer: Any) -> Book:
    """Return the Book of an `accounts` answer; an account of no known role is left out.

    Raises ControlError("bad-answer") for anything but the verb's answer.
    """
    try:
        accounts = [
            Account(
                id=str(row["id"]),
                name=str(row["name"]),
                role=ROLES[row["role"]],
                hash=str(row["hash"]),
                generation=int(row["generation"]),
                person=row.get("person"),
                until=_seconds(row.get("until")),
            )
            for row in answer["accounts"]
            if row["role"] in ROLES
        ]
        keys = [
            Key(row["id"], row["name"], frozenset(row["scopes"]), row["hash"])
            for row in answer["keys"]
        ]
        return Book(
            bool(answer["claimed"]),
            {account.id: account for account in accounts},
            {key.id: key for key in keys},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ControlError("bad-answer", "accounts") from None


def _seconds(instant: str | None) -> float | None:
    return None if instant is None else datetime.fromisoformat(instant).timestamp()


class Accounts:
    """The Book, asked for anew when it is older than KEEP_S.

    clock: monotonic seconds.
    """

    def __init__(self, daemon: Daemon, clock: Callable[[], float]) -> None:
        self._daemon = daemon
        self._clock = clock
        self._lock = threading.Lock()
        self._book: Book | None = None
        self._at = 0.0

    def book(self) -> Book:
        """Return the accounts; ControlError if the daemon never answered."""
        with self._lock:
            now = self._clock()
            if self._book is not None and now - self._at < KEEP_S:
                return self._book
            try:
                self._book = parse_book(self._daemon.call("accounts"))
            except ControlError:
                if self._book is None:
                    raise
            self._at = now
            return self._book

    def forget(self) -> None:
        """Ask the daemon at the next call: this process has just changed an account."""
        with self._lock:
            self._at = self._clock() - KEEP_S
