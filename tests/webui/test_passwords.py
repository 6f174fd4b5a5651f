"""Hashes of passwords: the written form, both kinds, and what is too weak."""

import base64
import hashlib
import re
import threading
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webui import passwords

# RFC 7914, 12: third vector, "pleaseletmein", N=16384, r=8, p=1; its first 32 bytes.
VECTOR = "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


def test_a_hash_says_what_it_was_made_with() -> None:
    stored = passwords.make_hash("correct horse battery")
    assert re.fullmatch(
        r"scrypt\$n=16384,r=8,p=5\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=", stored
    )
    assert passwords.matches("correct horse battery", stored)
    assert not passwords.matches("correct horse batterz", stored)
    assert stored != passwords.make_hash("correct horse battery")


def test_the_rfcs_own_vector() -> None:
    salt = base64.b64encode(b"SodiumChloride").decode()
    made = base64.b64encode(bytes.fromhex(VECTOR)).decode()
    assert passwords.matches("pleaseletmein", f"scrypt$n=16384,r=8,p=1${salt}${made}")


def test_without_scrypt_there_is_pbkdf2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HAS_SCRYPT", False)
    monkeypatch.setattr(passwords, "ITERATIONS", 1000)
    stored = passwords.make_hash("correct horse battery")
    assert stored.startswith("pbkdf2$i=1000$")
    assert passwords.matches("correct horse battery", stored)
    assert not passwords.matches("correct horse batterz", stored)
    assert not passwords.is_dated(stored)
    monkeypatch.setattr(passwords, "ITERATIONS", 2000)
    assert passwords.is_dated(stored) and passwords.matches(
        "correct horse battery", stored
    )


def test_another_cost_asks_for_a_new_hash() -> None:
    stored = passwords.make_hash("correct horse battery", p=1)
    assert passwords.matches("correct horse battery", stored)
    assert passwords.is_dated(stored) and not passwords.is_dated(stored, p=1)


@pytest.mark.parametrize(
    "stored",
    ["", "x", "$$$", "scrypt$n=16384,r=8,p=5$$", "md5$i=1$YQ==$YQ==", "scrypt$$a$b"]
    + ["scrypt$n=16384,r=8$YQ==$YQ==", "scrypt$n=-1,r=8,p=1$YQ==$YQ=="]
    + ["scrypt$n=3,r=8,p=1$YQ==$YQ==", "scrypt$n=1073741824,r=8,p=1$YQ==$YQ=="]
    + ["scrypt$n=16384,r=8,p=1$!$YQ==", "pbkdf2$i=0$YQ==$YQ==", "pbkdf2$i=x$YQ==$"]
    + ["scrypt$n=1048576,r=8,p=1$YQ==$YQ==", "pbkdf2$i=1000000000$YQ==$YQ=="],
)
def test_what_is_no_hash_matches_nothing(stored: str) -> None:
    assert not passwords.matches("", stored)


@settings(max_examples=20, deadline=None)
@given(st.text(min_size=1, max_size=40))
@example("\udc80 from a broken form")
@example("p\x00q")
def test_any_text_is_a_password(text: str) -> None:
    stored = passwords.make_hash(text, p=1)
    assert passwords.matches(text, stored)
    assert not passwords.matches(text + "x", stored)


def test_a_letter_typed_in_two_ways_is_one_letter() -> None:
    stored = passwords.make_hash("Bu\u0308cherregal", p=1)
    assert passwords.matches("B\u00fccherregal", stored)


def test_hashes_are_made_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = [], []
    scrypt = hashlib.scrypt

    def watched(*args: bytes, **kwargs: int) -> bytes:
        running.append(1)
        most.append(len(running))
        try:
            return scrypt(*args, **kwargs)  # type: ignore[arg-type]  # as they came
        finally:
            running.pop()

    monkeypatch.setattr(hashlib, "scrypt", watched)
    threads = [
        threading.Thread(target=passwords.make_hash, args=("correct horse", 1))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 4 and max(most) == 1


@pytest.mark.parametrize(
    "first, p", [(0.01, 5), (0.2, 5), (0.21, 4), (0.5, 2), (1.0, 1), (9.0, 1), (0, 5)]
)
def test_a_slow_router_hashes_less_often(first: float, p: int) -> None:
    assert passwords.fitting(lambda _: first) == p


def test_the_cost_of_this_machine_is_measured_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scrypt-p"
    measured = passwords.recorded_p(path)
    assert 1 <= measured <= passwords.P and path.read_text() == f"{measured}\n"
    path.write_text("2")
    monkeypatch.setattr(passwords, "make_hash", None)
    assert passwords.recorded_p(path) == 2


@pytest.mark.parametrize("text", ["", "0", "6", "x", "-1"])
def test_a_cost_that_cannot_be_is_measured_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scrypt-p"
    path.write_text(text)
    assert 1 <= passwords.recorded_p(path) <= passwords.P


@pytest.mark.parametrize(
    "password, code",
    [
        ("1234567", "password-short"),
        ("ab" * 200, "password-long"),
        ("Password1", "password-common"),
        ("12345678", "password-common"),
        ("PASSWORT", "password-common"),
        ("aaaaaaaaaaaa", "password-common"),
        ("abababababab", "password-common"),
        ("anna2019!", "password-common"),
        ("2011-Anna-", "password-common"),
        ("correct horse battery", None),
        ("anna mag Rhabarber", None),
        ("8 Schafe", None),
        ("пароль-для-дома", None),
    ],
)
def test_what_is_too_weak(password: str, code: str | None) -> None:
    assert passwords.weakness(password, "Anna", "") == code


def test_the_list_of_common_ones_is_of_use() -> None:
    found = passwords.common()
    assert len(found) >= 200
    useless = [p for p in found if p != p.casefold().strip() or len(p) < 8]
    assert useless == []
