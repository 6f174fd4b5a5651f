"""Accounts on disk: a file of their own (0600), in no export and no log of changes.

A row that cannot be read is left out: nobody signs in by half an account.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from guardian.core.accounts import (
    Account,
    AccountRole,
    Book,
    ClaimCode,
    Invite,
    Key,
)
from guardian.core.errors import GuardianError
from guardian.store.atomic import SYSTEM, Syscalls
from guardian.store.fields import (
    Findings,
    Item,
    Node,
    as_id,
    as_instant,
    as_name,
    as_text,
    one_of,
)
from guardian.store.rows import Row, RowFile

_FIELDS = frozenset(
    {"type", "id", "name", "role", "hash", "generation", "person", "until", "scopes"}
    | {"digest", "by", "code"}
)
_FIRST_MAX = 1 << 30
_Found = Account | Key | Invite | ClaimCode | None


class AccountStore:
    """The book of one household; see `RowFile` for what it raises."""

    def __init__(self, path: Path, syscalls: Syscalls = SYSTEM) -> None:
        self._file = RowFile(path, syscalls)

    def load(self) -> Book:
        """Return the book; an empty one where there is no file."""
        accounts: dict[str, Account] = {}
        keys: dict[str, Key] = {}
        invites: list[Invite] = []
        claim = None
        # Sessions of a file that was lost must be none of the next one's accounts.
        last = secrets.randbelow(_FIRST_MAX)
        for row in self._file.load():
            if row.get("type") == "last":
                with suppress(ValueError):
                    last = _generation(row.get("generation"))
                continue
            found = _read(row)
            if isinstance(found, Account):
                accounts.setdefault(found.id, found)
            elif isinstance(found, Key):
                keys.setdefault(found.id, found)
            elif isinstance(found, Invite):
                invites.append(found)
            elif isinstance(found, ClaimCode):
                claim = found
        return Book(
            accounts=tuple(accounts.values()),
            keys=tuple(keys.values()),
            invites=tuple(invites),
            claim=claim,
            last=max([last, *(one.generation for one in accounts.values())]),
        )

    def save(self, book: Book) -> None:
        """Make the book durable."""
        rows: list[Row] = [{"type": "last", "generation": book.last}]
        rows += [_account(one) for one in book.accounts]
        rows += [_key(one) for one in book.keys]
        rows += [_invite(one) for one in book.invites]
        rows += [_claim(book.claim)] if book.claim else []
        self._file.save(rows)


def _account(one: Account) -> Row:
    return {
        "type": "account",
        "id": one.id,
        "person": one.person,
        "name": one.name,
        "role": one.role.value,
        "hash": one.hash,
        "generation": one.generation,
        "until": _text(one.until),
    }


def _key(one: Key) -> Row:
    scopes = list(one.scopes)
    says = {"id": one.id, "name": one.name, "scopes": scopes, "hash": one.hash}
    return {"type": "key", **says}


def _invite(one: Invite) -> Row:
    return {
        "type": "invite",
        "digest": one.digest,
        "role": one.role.value,
        "until": _text(one.until),
        "by": one.by,
    }


def _claim(one: ClaimCode) -> Row:
    return {"type": "claim", "code": one.code, "until": _text(one.until)}


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _read(row: Row) -> _Found:
    # Null says the same as a field that is not there.
    told = {key: value for key, value in row.items() if value is not None}
    findings = Findings()
    node = Node(findings, Item(told, "", ()), _FIELDS)
    readers: dict[str, Callable[[Node], _Found]] = {
        "account": _read_account,
        "key": _read_key,
        "invite": _read_invite,
        "claim": _read_claim,
    }
    read = readers.get(str(row.get("type")))
    try:
        found = read(node) if read else None
    except (ValueError, GuardianError):
        return None
    return None if findings.problems else found


def _read_account(node: Node) -> Account:
    return Account(
        id=node.need("id", as_id) or "",
        person=node.take("person", as_id, None),
        name=node.need("name", as_name) or "",
        role=node.need("role", _role) or AccountRole.TECHNICIAN,
        hash=node.need("hash", _secret) or "",
        generation=node.need("generation", _generation) or 0,
        until=node.take("until", as_instant, None),
    )


def _read_key(node: Node) -> Key:
    return Key(
        id=node.need("id", as_id) or "",
        name=node.need("name", as_name) or "",
        scopes=tuple(sorted({s for _, s in node.each("scopes", 16, as_text)})),
        hash=node.need("hash", _secret) or "",
    )


def _read_invite(node: Node) -> Invite | None:
    until, role = node.need("until", as_instant), node.need("role", _role)
    digest, by = node.need("digest", _secret), node.take("by", as_text, "")
    if until is None or role is None or digest is None:
        return None
    return Invite(digest=digest, role=role, until=until, by=by)


def _read_claim(node: Node) -> ClaimCode | None:
    code, until = node.need("code", _secret), node.take("until", as_instant, None)
    return ClaimCode(code=code, until=until) if code else None


_role = one_of(AccountRole, "unknown-role")


def _generation(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise ValueError("bad-generation")
    return value


def _secret(value: object) -> str:
    # No word of the value: it must not reach a message.
    if not isinstance(value, str) or not 0 < len(value) <= 400:
        raise ValueError("unreadable")
    return value
