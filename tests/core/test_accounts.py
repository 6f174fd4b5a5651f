"""Accounts, keys and invites, and what ends sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core import accounts
from guardian.core.accounts import (
    ACCOUNTS_MAX,
    CODE_ALPHABET,
    INVITES_MAX,
    KEYS_MAX,
    WAIT_MAX_S,
    Account,
    AccountRole,
    Book,
    ClaimCode,
    Invite,
    Key,
    Wait,
)
from guardian.core.errors import GuardianError
from tests.build import at

NOW = at("2026-03-27 20:00")
HOUR = timedelta(hours=1)
HASH = "scrypt$n=16384,r=8,p=5$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA=="
OTHER = HASH.replace("aGFz", "b3Ro")
PARENT, CARER, TECHNICIAN = AccountRole


def account(key: str = "anna", role: AccountRole = PARENT, **fields: Any) -> Account:
    usual = {"id": key, "name": key.title(), "role": role, "hash": HASH}
    return Account(**usual | fields)


def book(*made: Account) -> Book:
    found = Book()
    for one in made:
        found = accounts.add(found, one, NOW)
    return found


def code(call: Any, *args: Any) -> str:
    with pytest.raises(GuardianError) as refused:
        call(*args)
    assert "scrypt" not in str(refused.value)
    return refused.value.code


# Accounts.


def test_a_parent_owns_the_box_and_a_carer_does_not() -> None:
    assert not Book().owned and not book(account("oma", CARER)).owned
    assert book(account()).owned


def test_names_are_taken_whatever_their_case() -> None:
    one = book(account())
    assert code(accounts.add, one, account("x", name="ANNA"), NOW) == "name-taken"
    two = accounts.add(one, account("tom"), NOW)
    renamed = replace(two.account("tom"), name="anna")
    assert code(accounts.change, two, renamed, NOW) == "name-taken"
    same = replace(two.account("tom"), name="TOM")
    assert accounts.change(two, same, NOW).account("tom").name == "TOM"
    assert code(two.account, "ben") == "no-such-account"


def test_a_new_password_or_role_ends_sessions_and_a_new_name_does_not() -> None:
    one = book(account(), account("tom"))
    before = one.account("tom").generation
    for fields, ends in [
        ({"name": "Thomas"}, False),
        ({"hash": OTHER}, True),
        ({"role": CARER}, True),
    ]:
        changed = replace(one.account("tom"), **fields)
        after = accounts.change(one, changed, NOW)
        assert (after.account("tom").generation > before) is ends
        assert after.account("anna").generation == one.account("anna").generation


def test_whoever_gets_the_id_of_one_who_left_begins_above() -> None:
    one = book(account(), account("tom"))
    gone = accounts.drop(one, "tom")
    again = accounts.add(gone, account("tom"), NOW)
    assert again.account("tom").generation > one.account("tom").generation


def test_the_last_parent_stays() -> None:
    one = book(account(), account("oma", CARER))
    assert code(accounts.drop, one, "anna") == "last-parent"
    carer = replace(one.account("anna"), role=CARER)
    assert code(accounts.change, one, carer, NOW) == "last-parent"
    assert not accounts.drop(one, "oma").accounts[1:]
    two = accounts.add(one, account("tom"), NOW)
    assert accounts.drop(two, "anna").owned
    assert code(accounts.drop, two, "ben") == "no-such-account"


def test_a_technician_is_gone_after_three_days_at_the_latest() -> None:
    one = book(account(), account("ted", TECHNICIAN))
    assert one.account("ted").until == NOW + 72 * HOUR
    soon = account("ted", TECHNICIAN, until=NOW + HOUR)
    assert book(soon).account("ted").until == NOW + HOUR
    long = replace(one.account("ted"), until=NOW + 500 * HOUR)
    assert accounts.change(one, long, NOW).account("ted").until == NOW + 72 * HOUR
    later = accounts.settle(one, NOW + 72 * HOUR)
    assert [a.id for a in later.accounts] == ["anna"]


def test_a_house_has_so_many_accounts() -> None:
    full = book(*(account(f"p{n}") for n in range(ACCOUNTS_MAX)))
    assert code(accounts.add, full, account(), NOW) == "too-many-accounts"


@pytest.mark.parametrize(
    "fields",
    [
        {"id": "No Id"},
        {"name": ""},
        {"hash": ""},
        {"hash": "secret password"},
        {"hash": HASH + "\n"},
        {"hash": HASH.replace("scrypt", "md5")},
        {"hash": "scrypt$" + "n" * 500},
    ],
)
def test_what_is_no_account(fields: dict[str, Any]) -> None:
    with pytest.raises((ValueError, GuardianError)) as refused:
        account(**fields)
    assert "secret" not in str(refused.value)


def test_no_secret_is_shown_by_a_repr() -> None:
    made = replace(
        book(account()),
        keys=(Key(id="ha", name="HA", scopes=("read",), hash=HASH),),
        invites=(Invite(digest="d1gest", role=CARER, until=NOW),),
        claim=ClaimCode(code="ABCDEFGH"),
    )
    assert not any(word in repr(made) for word in ("scrypt", "d1gest", "ABCDEFGH"))


# The code of the box.


@pytest.mark.parametrize(
    ("typed", "good"),
    [
        ("K7MP2QXR", True),
        (" k7mp-2qxr\n", True),
        ("K7MP 2QXR", True),
        ("K7MP2QX", False),
        ("", False),
        ("\ud800", False),
        ("K7MP2QXR" * 50, False),
    ],
)
def test_a_code_as_people_copy_it(typed: str, good: bool) -> None:
    assert accounts.is_code(Book(claim=ClaimCode(code="K7MP2QXR")), typed) is good
    assert not accounts.is_code(Book(), typed)


def test_letters_of_a_code_look_like_no_other() -> None:
    assert len(set(CODE_ALPHABET)) == len(CODE_ALPHABET) > 28
    assert not set("0O1IL") & set(CODE_ALPHABET)


def test_a_reset_ends_all_sessions_and_its_code_ends_too() -> None:
    one = accounts.invite(
        book(account(), account("tom")),
        Invite(digest="x", role=PARENT, until=NOW + HOUR),
    )
    after = accounts.reset(one, "K7MP2QXR", NOW)
    gens = {a.generation for a in after.accounts}
    assert min(gens) > max(a.generation for a in one.accounts)
    assert after.invites == () and accounts.is_code(after, "K7MP2QXR")
    day = 24 * HOUR
    assert accounts.settle(after, NOW + day - timedelta(seconds=1)).claim
    assert accounts.settle(after, NOW + day).claim is None
    first = accounts.reset(Book(), "K7MP2QXR", NOW)
    assert accounts.settle(first, NOW + 900 * day).claim, "a new box waits"


@given(st.lists(st.integers(0, 40), max_size=40))
def test_wrong_codes_wait_longer_and_never_for_good(pauses: list[int]) -> None:
    wait, mono = Wait(), 1000.0
    last = 0
    for pause in pauses:
        mono += pause
        left = wait.left(mono)
        assert 0 <= left <= WAIT_MAX_S
        if not left:
            wait = wait.longer(mono)
            assert min(last, WAIT_MAX_S) <= wait.left(mono) <= WAIT_MAX_S
            last = wait.left(mono)
    assert wait.left(mono + WAIT_MAX_S) == 0


def test_waits_begin_short() -> None:
    wait, found = Wait(), []
    for _ in range(8):
        wait = wait.longer(0.0)
        found.append(wait.left(0.0))
    assert found == [1, 2, 4, 8, 16, 30, 30, 30]
    assert Wait(1, 10.5).left(10.0) == 1


# Invites and keys.


def test_an_invite_serves_once_and_ends() -> None:
    new = Invite(digest="one", role=CARER, until=NOW + HOUR, by="anna")
    one = accounts.invite(book(account()), new)
    after, found = accounts.taken(one, "one")
    assert found == new and after.invites == ()
    assert code(accounts.taken, after, "one") == "invite-gone"
    assert code(accounts.taken, accounts.settle(one, NOW + HOUR), "one") == (
        "invite-gone"
    )


def test_the_oldest_invites_make_room() -> None:
    found = Book()
    for number in range(INVITES_MAX + 2):
        new = Invite(digest=str(number), role=CARER, until=NOW)
        found = accounts.invite(found, new)
    assert [i.digest for i in found.invites] == [str(n) for n in range(2, 10)]


def test_keys_come_and_go() -> None:
    key = Key(id="ha", name="Home Assistant", scopes=("read", "write:pause"), hash=HASH)
    one = accounts.add_key(Book(), key)
    assert accounts.drop_key(one, "ha") == Book()
    assert code(accounts.drop_key, Book(), "ha") == "no-such-key"
    full = Book(keys=tuple(replace(key, id=f"k{n}") for n in range(KEYS_MAX)))
    assert code(accounts.add_key, full, key) == "too-many-keys"


@pytest.mark.parametrize(
    "scopes", [(), ("",), ("No",), ("a b",), ("x" * 49,), tuple("abcdefghijklmnopq")]
)
def test_what_is_no_scope(scopes: tuple[str, ...]) -> None:
    with pytest.raises(GuardianError, match="bad-argument"):
        Key(id="ha", name="HA", scopes=scopes, hash=HASH)


@pytest.mark.parametrize(
    ("name", "taken", "made"),
    [
        ("Anna", (), "anna"),
        ("José María", (), "jose-maria"),
        ("Anna", ("anna", "anna-2"), "anna-3"),
        ("李", (), "person"),
        ("--", ("person",), "person-2"),
        ("x" * 64, (), "x" * 40),
    ],
)
def test_an_id_reads_like_its_name(
    name: str, taken: tuple[str, ...], made: str
) -> None:
    assert accounts.id_from(name, taken) == made


@given(st.text(min_size=1, max_size=64))
def test_every_name_gives_an_id(name: str) -> None:
    account(id=accounts.id_from(name, ()))
