"""Who may sign in on the pages, people and programs, and how that changes. Pure.

What a person proves itself with is here only as a hash that others have made, and never
shown by a repr, so that no log and no error text can carry it. Names are unique, letter
case aside: people sign in by them.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from guardian.core.errors import GuardianError
from guardian.core.family import slug
from guardian.core.model import check_id, check_name

# A large family, and the programs of a large hobby.
ACCOUNTS_MAX = 32
KEYS_MAX = 32
INVITES_MAX = 8
SCOPES_MAX = 16
INVITE_LASTS = timedelta(hours=24)
# A technician is out of the house by then.
TECHNICIAN_LASTS = timedelta(hours=72)
# After a reset somebody stands beside the box; at the first start the box may wait.
RESET_LASTS = timedelta(hours=24)
CODE_LENGTH = 8
# No letter looks like another one, or like a digit: it is read from paper.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# The longest that a wrong code makes wait: it slows guessing and locks nobody out.
WAIT_MAX_S = 30
# Function, cost, salt and hash, as the pages make them.
_HASH = re.compile(
    r"(scrypt|pbkdf2)\$[a-z0-9=,]{1,60}\$[A-Za-z0-9+/=_-]{8,100}\$"
    r"[A-Za-z0-9+/=_-]{16,200}\Z"
)
_SCOPE = re.compile(r"[a-z][a-z0-9:._-]{0,47}\Z")


class AccountRole(StrEnum):
    """What an account may do; the pages say what that is."""

    PARENT = "parent"
    CARER = "carer"
    TECHNICIAN = "technician"


def check_hash(text: str) -> str:
    """Return a password's hash; GuardianError for what cannot be one."""
    if not isinstance(text, str) or not _HASH.match(text):
        raise GuardianError("bad-argument", "hash")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in.

    person: id of the member of the household, None for one who is none. generation:
    rises with whatever must end the sessions of before; the book gives it. until: when
    the account ends by itself.
    """

    id: str
    name: str
    role: AccountRole
    hash: str = field(repr=False)
    generation: int = 0
    person: str | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        check_id(self.id)
        check_name(self.name)
        check_hash(self.hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A program that may ask. scopes: what it may do, sorted."""

    id: str
    name: str
    scopes: tuple[str, ...]
    hash: str = field(repr=False)

    def __post_init__(self) -> None:
        check_id(self.id)
        check_name(self.name)
        check_hash(self.hash)
        if not 0 < len(self.scopes) <= SCOPES_MAX:
            raise GuardianError("bad-argument", "scopes")
        if not all(_SCOPE.match(scope) for scope in self.scopes):
            raise GuardianError("bad-argument", "scopes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Leave to make one account. digest: of the token, which is not kept."""

    digest: str = field(repr=False)
    role: AccountRole
    until: datetime
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCode:
    """What a hand on the box reads. until: when it ends, None if it waits."""

    code: str = field(repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """All accounts, keys and invites, and the code that takes the box, if it has one.

    last: the highest generation that was ever given. No account begins below it, or a
    session of somebody who left would be one of the next who has the id.
    """

    accounts: tuple[Account, ...] = ()
    keys: tuple[Key, ...] = ()
    invites: tuple[Invite, ...] = ()
    claim: ClaimCode | None = None
    last: int = 0

    @property
    def owned(self) -> bool:
        """Return whether some parent may sign in."""
        return any(one.role is AccountRole.PARENT for one in self.accounts)

    def account(self, account_id: str) -> Account:
        """Return an account; GuardianError("no-such-account")."""
        for one in self.accounts:
            if one.id == account_id:
                return one
        raise GuardianError("no-such-account", account_id[:48])


def settle(book: Book, now: datetime) -> Book:
    """Return the book without what has ended."""
    claim = book.claim
    if claim is not None and claim.until is not None and claim.until <= now:
        claim = None
    return replace(
        book,
        accounts=tuple(a for a in book.accounts if a.until is None or now < a.until),
        invites=tuple(i for i in book.invites if now < i.until),
        claim=claim,
    )


def add(book: Book, account: Account, now: datetime) -> Book:
    """Return the book with one more account; a technician's ends by itself.

    Raises GuardianError: "name-taken", "too-many-accounts".
    """
    _name_free(book, account)
    if len(book.accounts) >= ACCOUNTS_MAX:
        raise GuardianError("too-many-accounts", str(ACCOUNTS_MAX))
    account = replace(_ending(account, now), generation=book.last + 1)
    accounts = (*book.accounts, account)
    return replace(book, accounts=accounts, last=book.last + 1)


def change(book: Book, changed: Account, now: datetime) -> Book:
    """Return the book with an account as it is to be; the same id, another content.

    A changed hash or role ends its sessions.
    Raises GuardianError: "no-such-account", "name-taken", "last-parent".
    """
    before = book.account(changed.id)
    _name_free(book, changed)
    last = book.last
    if (changed.hash, changed.role) != (before.hash, before.role):
        last += 1
        changed = replace(changed, generation=last)
    changed = _ending(changed, now)
    accounts = tuple(changed if a.id == changed.id else a for a in book.accounts)
    return _still_owned(book, replace(book, accounts=accounts, last=last))


def drop(book: Book, account_id: str) -> Book:
    """Return the book without an account.

    Raises GuardianError: "no-such-account", "last-parent".
    """
    book.account(account_id)
    kept = tuple(a for a in book.accounts if a.id != account_id)
    return _still_owned(book, replace(book, accounts=kept))


def reset(book: Book, code: str, now: datetime) -> Book:
    """Return the book after a hand on the box: a new code, and all sessions end."""
    last = book.last + 1
    return replace(
        book,
        accounts=tuple(replace(one, generation=last) for one in book.accounts),
        last=last,
        invites=(),
        claim=ClaimCode(code=code, until=now + RESET_LASTS if book.owned else None),
    )


def is_code(book: Book, typed: str) -> bool:
    """Return whether that is the code of the box, as people copy it from paper."""
    wanted = book.claim.code if book.claim else ""
    said = re.sub(r"[\s-]", "", typed[:64]).upper().encode("utf-8", "replace")
    # In constant time, and the same for a box that has none.
    return hmac.compare_digest(said, wanted.encode()) and bool(wanted)


def invite(book: Book, new: Invite) -> Book:
    """Return the book with one more invite; the oldest make room."""
    return replace(book, invites=(*book.invites, new)[-INVITES_MAX:])


def taken(book: Book, digest: str) -> tuple[Book, Invite]:
    """Return the book without an invite, and that; GuardianError("invite-gone")."""
    for one in book.invites:
        if hmac.compare_digest(one.digest, digest):
            return (
                replace(book, invites=tuple(i for i in book.invites if i != one)),
                one,
            )
    raise GuardianError("invite-gone")


def add_key(book: Book, key: Key) -> Book:
    """Return the book with one more key; GuardianError("too-many-keys")."""
    if len(book.keys) >= KEYS_MAX:
        raise GuardianError("too-many-keys", str(KEYS_MAX))
    return replace(book, keys=(*book.keys, key))


def drop_key(book: Book, key_id: str) -> Book:
    """Return the book without a key; GuardianError("no-such-key")."""
    kept = tuple(key for key in book.keys if key.id != key_id)
    if len(kept) == len(book.keys):
        raise GuardianError("no-such-key", key_id[:48])
    return replace(book, keys=kept)


def id_from(name: str, taken_ids: Iterable[str]) -> str:
    """Return an id that reads like a name and that is not taken: "jose", "jose-2"."""
    base, ids, number = slug(name), set(taken_ids), 1
    found = base
    while found in ids:
        number += 1
        found = f"{base}-{number}"
    return found


@dataclass(frozen=True, slots=True)
class Wait:
    """How long wrong codes make one source wait: 1, 2, 4 ... 30 seconds.

    until: monotonic second. What is tried while it lasts counts for nothing, so that a
    stubborn guesser makes nobody wait longer.
    """

    wrong: int = 0
    until: float = 0.0

    def left(self, mono: float) -> int:
        """Return the whole seconds still to wait, 0 if none."""
        return max(0, -int(-(self.until - mono) // 1))

    def longer(self, mono: float) -> Wait:
        """Return what holds after one more wrong code."""
        pause = min(1 << min(self.wrong, 5), WAIT_MAX_S)
        return Wait(self.wrong + 1, mono + pause)


def _name_free(book: Book, account: Account) -> None:
    wanted = account.name.casefold()
    others = (one for one in book.accounts if one.id != account.id)
    if any(one.name.casefold() == wanted for one in others):
        raise GuardianError("name-taken", account.name)


def _ending(account: Account, now: datetime) -> Account:
    if account.role is not AccountRole.TECHNICIAN:
        return account
    last = now + TECHNICIAN_LASTS
    return replace(account, until=min(account.until or last, last))


def _still_owned(before: Book, after: Book) -> Book:
    if before.owned and not after.owned:
        raise GuardianError("last-parent")
    return after
