"""Four words that stand for a public key, so that a person can compare it.

`/open` shows them and `guardianctl status` says them: equal words mean that the page
comes from this box. Ten bits a word make 40, too few against somebody who searches
for a key with the same words, so each try is made to cost 200,000 rounds of PBKDF2:
thousands of core years for a match. The word list is our own.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

WORDS = 4
# Ten bits choose one.
LIST_LENGTH = 1024
# 60 ms on a desktop, a few seconds on the slowest router; computed once for each key.
# PBKDF2 and not scrypt: some feeds build Python without scrypt, and both sides must
# come to the same words.
ROUNDS = 200_000
SALT = b"guardian key words 1"


def words_of_key(public_key: bytes) -> tuple[str, ...]:
    """Return the words of a public key.

    public_key: DER of the SubjectPublicKeyInfo (RFC 5280, 4.1).
    """
    number = int.from_bytes(
        hashlib.pbkdf2_hmac("sha256", public_key, SALT, ROUNDS, dklen=8), "big"
    )
    listed = word_list()
    chosen = []
    for _ in range(WORDS):
        number, index = divmod(number, LIST_LENGTH)
        chosen.append(listed[index])
    return tuple(chosen)


def word_list() -> tuple[str, ...]:
    """Return the list, sorted; its order and length are part of the function."""
    text = files("webui.serve").joinpath("words.txt").read_text(encoding="ascii")
    return tuple(text.split())


def key_of_pem(text: str) -> bytes:
    """Return the DER in the first "PUBLIC KEY" block of a PEM text.

    Raises ValueError if there is none.
    """
    _, begin, rest = text.partition("-----BEGIN PUBLIC KEY-----")
    body, end, _ = rest.partition("-----END PUBLIC KEY-----")
    if not begin or not end:
        raise ValueError("no public key")
    return base64.b64decode("".join(body.split()), validate=True)
