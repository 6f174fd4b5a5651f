"""The four words: the same on both sides, spread, and from a list people can read."""

import base64

import pytest

from webui.serve.fingerprint import (
    LIST_LENGTH,
    WORDS,
    key_of_pem,
    word_list,
    words_of_key,
)


def test_the_list_is_short_plain_words_without_a_double() -> None:
    words = word_list()
    assert len(set(words)) == len(words) == LIST_LENGTH
    assert list(words) == sorted(words)
    assert all(w.isascii() and w.isalpha() and w.islower() for w in words)
    assert all(3 <= len(word) <= 7 for word in words)


def test_a_key_has_the_same_words_for_ever() -> None:
    # Printed on stickers: a change of the list or of the function would falsify them.
    assert words_of_key(b"one key") == words_of_key(b"one key")
    assert " ".join(words_of_key(b"one key")) == "coast magnet parade chin"


def test_keys_that_differ_in_one_bit_have_other_words() -> None:
    first, second = words_of_key(b"\x00" * 91), words_of_key(b"\x00" * 90 + b"\x01")
    assert len(first) == len(second) == WORDS
    assert first != second


def test_the_key_is_found_in_what_openssl_prints() -> None:
    der = bytes(range(91))
    body = base64.encodebytes(der).decode()
    pem = f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"
    assert key_of_pem(f"read something\n{pem}-----BEGIN CERTIFICATE-----") == der


@pytest.mark.parametrize(
    "text",
    ["", "-----BEGIN PUBLIC KEY-----\nAAAA", "-----BEGIN CERTIFICATE-----\nAAAA"],
)
def test_a_text_without_a_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        key_of_pem(text)
