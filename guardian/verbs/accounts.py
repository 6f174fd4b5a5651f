"""The verbs of accounts: take the box, invite, change, leave, and the hand on the box.

Hashes come in ready made and leave only to the pages, by `accounts`; no verb puts one
into the household, an error or the family log. The log says who changed whose account.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from guardian.core import accounts
from guardian.core.accounts import Account, AccountRole, Book, Invite, Key, Wait
from guardian.core.errors import GuardianError
from guardian.core.family import add_person
from guardian.core.model import Household, Person, Role, check_language, check_name
from guardian.core.timetext import parse_instant
from guardian.store.accounts import AccountStore
from guardian.store.difference import Change
from guardian.store.fields import as_timezone
from guardian.verbs.desk import Desk, Json

# Devices whose wrong codes are remembered; more are counted together.
SOURCES_MAX = 256
TOKEN_BYTES = 24


class Accounts:
    """Who may sign in."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._waits: dict[str, Wait] = {}

    def table(self) -> dict[str, Callable[[Json, str], Any]]:
        """Return verb -> what runs it."""
        return {
            "accounts": self._accounts,
            "claim": self._claim,
            "account-set": self._set,
            "account-drop": self._drop,
            "invite": self._invite,
            "invite-take": self._take,
            "key-set": self._set_key,
            "key-drop": self._drop_key,
            "claim-code": self._code,
            "password-reset": self._reset,
        }

    @property
    def _book(self) -> Book:
        return accounts.settle(self.desk.outside.accounts.load(), self._now)

    @property
    def _now(self) -> datetime:
        return self.desk.service.now().wall

    def _save(self, book: Book) -> None:
        self.desk.outside.accounts.save(book)

    def _noted(self, by: str, verb: str, what: str, whose: str, result: Json) -> Json:
        """Tell the family log of a change outside the household, and answer it."""
        service = self.desk.service
        service.note(Change(f"accounts/{whose}", what), by=by, verb=verb)
        done = {"revision": service.revision, "enforced": service.enforced()}
        return {**result, **done}

    def _accounts(self, args: Json, by: str) -> Json:
        book, household = self._book, self.desk.household
        return {
            "claimed": household.claimed and book.owned,
            "accounts": [_account_view(one, household) for one in book.accounts],
            "keys": [
                {"id": k.id, "name": k.name, "scopes": list(k.scopes), "hash": k.hash}
                for k in book.keys
            ],
        }

    def _claim(self, args: Json, by: str) -> Json:
        book, now = self._book, self._now
        name = check_name(args["name"].strip())
        password = accounts.check_hash(args["hash"])
        self._check_code(book, args["code"], args.get("address", ""))
        known = _named(book, name)
        household = _settings(self.desk.household, args)
        if known is not None and known.role is AccountRole.PARENT:
            account = replace(known, hash=password)
            book = accounts.change(book, account, now)
        else:
            household, person = _parent(household, book, name)
            account = _new(
                book, household, name, AccountRole.PARENT, password, person.id
            )
            book = accounts.add(book, account, now)
        result = self.desk.done(
            replace(household, claimed=True), args, account.id, "claim", {}
        )
        # The code ends in the same write with which the account begins.
        self._save(replace(book, claim=None))
        return {**result, "id": account.id, "person": account.person}

    def _check_code(self, book: Book, code: str, address: str) -> None:
        """Raise GuardianError unless that is the code, and its source need not wait."""
        source, mono = self._source(address), self.desk.service.now().mono
        wait = self._waits.get(source, Wait())
        if left := wait.left(mono):
            raise GuardianError("claim-wait", str(left))
        if not accounts.is_code(book, code):
            if source not in self._waits and len(self._waits) >= SOURCES_MAX:
                self._waits = {s: w for s, w in self._waits.items() if w.left(mono)}
                source = source if len(self._waits) < SOURCES_MAX else ""
            self._waits[source] = wait.longer(mono)
            raise GuardianError("claim-wrong" if book.claim else "already-claimed")
        self._waits.clear()

    def _source(self, address: str) -> str:
        """Return whose tries are counted together: a device's, or all that say none."""
        try:
            return (self.desk.outside.owner(address) or "") if address else ""
        except ValueError:
            return ""

    def _set(self, args: Json, by: str) -> Json:
        book, now = self._book, self._now
        if "id" not in args:
            role, password = _role(args["role"]), accounts.check_hash(args["hash"])
            return self._added(book, args["name"], role, password, by, "account-set")
        known = book.account(args["id"])
        changed = replace(
            known,
            name=check_name(args["name"].strip()) if "name" in args else known.name,
            role=_role(args["role"]) if "role" in args else known.role,
            hash=accounts.check_hash(args["hash"]) if "hash" in args else known.hash,
            until=self._until(args) if "until" in args else known.until,
        )
        book = accounts.change(book, changed, now)
        self._save(book)
        made = book.account(known.id)
        result = {"id": made.id, "generation": made.generation}
        return self._noted(by, "account-set", "changed", made.name, result)

    def _until(self, args: Json) -> datetime | None:
        """Return the end that was given; "" takes one back."""
        if not args["until"]:
            return None
        until = parse_instant(args["until"], self.desk.household)
        if until <= self._now:
            raise GuardianError("ends-before-start")
        return until

    def _added(
        self,
        book: Book,
        name: str,
        role: AccountRole,
        password: str,
        by: str,
        verb: str,
    ) -> Json:
        """Add an account, and a parent to the household as well."""
        name, household, now = check_name(name.strip()), self.desk.household, self._now
        person = None
        if role is AccountRole.PARENT:
            household, member = _parent(household, book, name)
            person = member.id
        account = _new(book, household, name, role, password, person)
        book = accounts.add(book, account, now)
        by = by or account.id
        if household is not self.desk.household:
            self.desk.done(household, {}, by, verb, {})
        self._save(book)
        made: Json = {"id": account.id, "person": person, "role": role.value}
        made["generation"] = book.account(account.id).generation
        return self._noted(by, verb, "added", name, made)

    def _drop(self, args: Json, by: str) -> Json:
        book = self._book
        name = book.account(args["id"]).name
        self._save(accounts.drop(book, args["id"]))
        return self._noted(by, "account-drop", "removed", name, {"id": args["id"]})

    def _invite(self, args: Json, by: str) -> Json:
        role, until = _role(args["role"]), self._now + accounts.INVITE_LASTS
        token = secrets.token_urlsafe(TOKEN_BYTES)
        new = Invite(digest=_digest(token), role=role, until=until, by=by)
        self._save(accounts.invite(self._book, new))
        ends = until.astimezone(self.desk.household.zone).isoformat()
        made = {"token": token, "until": ends}
        return self._noted(by, "invite", "added", role.value, made)

    def _take(self, args: Json, by: str) -> Json:
        password = accounts.check_hash(args["hash"])
        book, found = accounts.taken(self._book, _digest(args["token"]))
        return self._added(book, args["name"], found.role, password, by, "invite-take")

    def _set_key(self, args: Json, by: str) -> Json:
        book = self._book
        scopes = args["scopes"]
        if not all(isinstance(scope, str) for scope in scopes):
            raise GuardianError("bad-argument", "scopes")
        name = check_name(args["name"].strip())
        key = Key(
            id=accounts.id_from(name, (one.id for one in book.keys)),
            name=name,
            scopes=tuple(sorted(set(scopes))),
            hash=args["hash"],
        )
        self._save(accounts.add_key(book, key))
        return self._noted(by, "key-set", "added", name, {"id": key.id})

    def _drop_key(self, args: Json, by: str) -> Json:
        book = self._book
        self._save(accounts.drop_key(book, args["id"]))
        return self._noted(by, "key-drop", "removed", args["id"], {"id": args["id"]})

    def _code(self, args: Json, by: str) -> Json:
        prepare(self.desk.outside.accounts, self._now)
        book = self._book
        if book.claim is None:
            raise GuardianError("already-claimed")
        return _code_view(book, self.desk.household)

    def _reset(self, args: Json, by: str) -> Json:
        book = accounts.reset(self._book, new_code(), self._now)
        self._save(book)
        shown = _code_view(book, self.desk.household)
        return self._noted(by, "password-reset", "changed", "all", shown)


def prepare(store: AccountStore, now: datetime) -> None:
    """Make the code of a box that no parent has taken, unless it has one."""
    book = accounts.settle(store.load(), now)
    if book.claim is None and not book.owned:
        store.save(accounts.reset(book, new_code(), now))


def new_code() -> str:
    """Return a new code that takes the box."""
    letters = accounts.CODE_ALPHABET
    return "".join(secrets.choice(letters) for _ in range(accounts.CODE_LENGTH))


def _account_view(one: Account, household: Household) -> Json:
    known = one.person is not None and household.person(one.person) is not None
    return {
        "id": one.id,
        "person": one.person if known else None,
        "name": one.name,
        "role": one.role.value,
        "hash": one.hash,
        "generation": one.generation,
        "until": one.until and one.until.astimezone(household.zone).isoformat(),
    }


def _code_view(book: Book, household: Household) -> Json:
    claim = book.claim
    assert claim is not None
    ends = claim.until and claim.until.astimezone(household.zone).isoformat()
    return {"code": claim.code, "until": ends}


def _settings(household: Household, args: Json) -> Household:
    """Return the household in the language and zone of who takes the box."""
    if "language" in args:
        household = replace(household, language=check_language(args["language"]))
    if "timezone" in args:
        household = replace(household, timezone=as_timezone(args["timezone"]))
    return household


def _parent(household: Household, book: Book, name: str) -> tuple[Household, Person]:
    """Return the household with a parent of that name: one it has, or a new one."""
    signed_in = {one.person for one in book.accounts}
    for person in household.people:
        same = person.name.casefold() == name.casefold()
        if same and person.role is Role.PARENT and person.id not in signed_in:
            return household, person
    return add_person(household, name, Role.PARENT)


def _new(
    book: Book,
    household: Household,
    name: str,
    role: AccountRole,
    password: str,
    person: str | None,
) -> Account:
    # By its id the log names who did what: a member's is the account's too, and no
    # other account's.
    taken = {one.id for one in book.accounts}
    wanted = person if person is not None and person not in taken else None
    taken |= {member.id for member in household.people}
    return Account(
        id=wanted or accounts.id_from(name, taken),
        name=name,
        role=role,
        hash=password,
        person=person,
    )


def _named(book: Book, name: str) -> Account | None:
    wanted = name.casefold()
    return next((a for a in book.accounts if a.name.casefold() == wanted), None)


def _role(text: str) -> AccountRole:
    try:
        return AccountRole(text)
    except ValueError:
        roles = ", ".join(role.value for role in AccountRole)
        raise GuardianError("bad-argument", f"role: {roles}") from None


def _digest(token: str) -> str:
    return hashlib.sha256(token[:200].encode("utf-8", "surrogatepass")).hexdigest()
