"""Accounts on disk: whole or not at all, and for nobody else to read."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from guardian.core.accounts import Account, AccountRole, Book, ClaimCode, Invite, Key
from guardian.store.accounts import AccountStore
from guardian.store.rows import RowFile

NOW = datetime(2026, 3, 27, 17, 30, tzinfo=timezone.utc)
HASH = "scrypt$n=16384,r=8,p=5$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA=="
ANNA = Account(
    id="anna",
    person="anna",
    name="Anna",
    role=AccountRole.PARENT,
    hash=HASH,
    generation=7,
)
TED = Account(
    id="ted",
    name="Ted's repair",
    role=AccountRole.TECHNICIAN,
    hash=HASH,
    generation=8,
    until=NOW + timedelta(hours=72),
)
BOOK = Book(
    accounts=(ANNA, TED),
    keys=(Key(id="ha", name="HA", scopes=("read", "write"), hash=HASH),),
    invites=(Invite(digest="ab12", role=AccountRole.CARER, until=NOW, by="anna"),),
    claim=ClaimCode(code="K7MP2QXR", until=NOW),
    last=9,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.db"


def test_a_book_comes_back_as_it_was(path: Path) -> None:
    AccountStore(path).save(BOOK)
    assert AccountStore(path).load() == BOOK
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_lost_file_begins_where_no_session_was(path: Path) -> None:
    found = AccountStore(path).load()
    assert found == Book(last=found.last)
    others = {AccountStore(path).load().last for _ in range(20)}
    assert len(others) > 10


ROW: dict[str, Any] = {
    "type": "account",
    "id": "anna",
    "person": "anna",
    "name": "Anna",
    "role": "parent",
    "hash": HASH,
    "generation": 7,
    "until": None,
}


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "id": "No Id"},
        {**ROW, "role": "boss"},
        {**ROW, "hash": "plain"},
        {**ROW, "hash": None},
        {**ROW, "generation": "7"},
        {**ROW, "generation": None},
        {**ROW, "until": "soon"},
        {**ROW, "person": 5},
        {**ROW, "type": "boss"},
        {**ROW, "extra": 1},
        {"type": "key", "id": "ha", "name": "HA", "scopes": [], "hash": HASH},
        {"type": "key", "id": "ha", "name": "HA", "scopes": [1], "hash": HASH},
        {"type": "invite", "digest": "x", "role": "carer"},
        {"type": "claim", "code": ""},
        {"type": "last", "generation": -1},
        {},
    ],
)
def test_a_row_that_cannot_be_read_is_left_out(path: Path, row: dict[str, Any]) -> None:
    RowFile(path).save([row, ROW, {**ROW, "hash": HASH}])
    found = AccountStore(path).load()
    assert found == Book(accounts=(ANNA,), last=found.last)
    assert found.last >= 7


def test_no_account_begins_below_the_highest_generation(path: Path) -> None:
    RowFile(path).save([{"type": "last", "generation": 3}, ROW])
    assert AccountStore(path).load().last == 7
