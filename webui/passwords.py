"""Passwords: hashed slowly enough to hurt a thief, small enough for a 128 MB router.

scrypt (RFC 7914), or PBKDF2 (RFC 8018) where Python was built without it; one at a
time, because four at once take 65 MB. ``scrypt$n=16384,r=8,p=5$<salt>$<hash>``
or ``pbkdf2$i=600000$<salt>$<hash>`` (base64): what a hash was made with stands in it,
so that it can be made anew at a sign-in when the cost has changed.
"""

import base64
import binascii
import contextlib
import functools
import hashlib
import hmac
import secrets
import threading
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from webui.secretfile import write_whole

# OWASP Password Storage Cheat Sheet: scrypt n=2^14, r=8, p=5 is its choice for 16 MiB.
# 2^15 takes 32 MiB: two phones at once end a small router.
N, R, P = 2**14, 8, 5
# The same sheet for PBKDF2-HMAC-SHA256.
ITERATIONS = 600_000
# RFC 7914: 128 * n * r bytes, and a little; OpenSSL's own limit is 32 MiB.
_MAXMEM = 64 * 1024 * 1024
# Above this a sign-in feels broken, and a try blocks every other one.
SLOW_S = 1.0
# NIST SP 800-63B 5.1.1.2: at least 8, at least 64 allowed, NFKC before hashing,
# compared with passwords known to be common, no rules of composition.
SHORTEST = 8
# A long one costs nothing (HMAC hashes it first), but has to end somewhere.
LONGEST = 256
_COMMON = Path(__file__).with_name("common_passwords.txt")
_ONE_AT_A_TIME = threading.Lock()
_COSTS = {"scrypt": {"n", "r", "p"}, "pbkdf2": {"i"}}
# What would take minutes is no hash of ours.
_MOST = {"n": 2**20, "r": 16, "p": 16, "i": 10_000_000}

HAS_SCRYPT = hasattr(hashlib, "scrypt")


def make_hash(password: str, p: int = P) -> str:
    """Return the text of a new hash. p: scrypt's own, see `fitting`."""
    salt = secrets.token_bytes(16)
    if HAS_SCRYPT:
        return (
            f"scrypt$n={N},r={R},p={p}${_b64(salt)}${_b64(_scrypt(password, salt, p))}"
        )
    made = _pbkdf2(password, salt, ITERATIONS)
    return f"pbkdf2$i={ITERATIONS}${_b64(salt)}${_b64(made)}"


def matches(password: str, stored: str) -> bool:
    """Say whether `password` made the hash; a hash that cannot be read matches none."""
    try:
        kind, cost, salt, wanted = _parts(stored)
        if kind == "scrypt":
            made = _scrypt(password, salt, cost["p"], cost["n"], cost["r"])
        else:
            made = _pbkdf2(password, salt, cost["i"])
    except ValueError:
        return False
    return hmac.compare_digest(made, wanted)


def is_dated(stored: str, p: int = P) -> bool:
    """Say whether the hash should be made anew at the next sign-in."""
    wanted = f"scrypt$n={N},r={R},p={p}$" if HAS_SCRYPT else f"pbkdf2$i={ITERATIONS}$"
    return not stored.startswith(wanted)


def spend(password: str, p: int = P) -> None:
    """Take as long as `matches` does: for a name that nobody has."""
    matches(password, _decoy(p))


@functools.cache
def _decoy(p: int) -> str:
    return make_hash(secrets.token_urlsafe(), p)


def recorded_p(path: Path) -> int:
    """Return the p of this machine, measured once and written to `path`.

    Raises OSError when it cannot be written.
    """
    with contextlib.suppress(FileNotFoundError, ValueError):
        if 1 <= (p := int(path.read_text())) <= P:
            return p
    p = fitting(_timed)
    write_whole(path, f"{p}\n".encode())
    return p


def _timed(p: int) -> float:
    begun = time.perf_counter()
    make_hash("a password to measure with", p)
    return time.perf_counter() - begun


def fitting(seconds: Callable[[int], float]) -> int:
    """Return the largest p, at most P, whose hash takes no more than SLOW_S.

    seconds: how long a hash with that p takes here; asked for once, with 1.
    """
    return max(1, min(P, int(SLOW_S / max(seconds(1), 1e-3))))


def weakness(password: str, *names: str) -> str | None:
    """Return why a new password is refused, as a code; None if it is good enough.

    names: the account's and its person's, which are the first guesses.
    """
    text = unicodedata.normalize("NFKC", password)
    if len(text) < SHORTEST:
        return "password-short"
    if len(text) > LONGEST:
        return "password-long"
    low = text.casefold().strip()
    first_guesses = {name.casefold().strip() for name in names if name.strip()}
    if low in common() or len(set(low)) <= 2 or _rest(low, first_guesses):
        return "password-common"
    return None


def _rest(low: str, names: set[str]) -> bool:
    """Say whether nothing but digits and signs is left beside a name."""
    return any(
        len(name) > 2 and not any(c.isalpha() for c in low.replace(name, ""))
        for name in names
        if name in low
    )


@functools.cache
def common() -> frozenset[str]:
    """Return the passwords that are tried first, in lower case."""
    lines = _COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _parts(stored: str) -> tuple[str, dict[str, int], bytes, bytes]:
    try:
        kind, cost, salt, wanted = stored.split("$")
        numbers = {k: int(v) for k, v in (c.split("=") for c in cost.split(","))}
        if set(numbers) != _COSTS.get(kind) or not all(
            0 < number <= _MOST[name] for name, number in numbers.items()
        ):
            raise ValueError("not a hash")
        return (
            kind,
            numbers,
            base64.b64decode(salt, validate=True),
            base64.b64decode(wanted, validate=True),
        )
    except (ValueError, binascii.Error):
        raise ValueError("not a hash") from None


def _scrypt(password: str, salt: bytes, p: int, n: int = N, r: int = R) -> bytes:
    with _ONE_AT_A_TIME:
        return hashlib.scrypt(
            _bytes(password), salt=salt, n=n, r=r, p=p, maxmem=_MAXMEM, dklen=32
        )


def _pbkdf2(password: str, salt: bytes, iterations: int) -> bytes:
    with _ONE_AT_A_TIME:
        return hashlib.pbkdf2_hmac("sha256", _bytes(password), salt, iterations)


def _bytes(password: str) -> bytes:
    text = unicodedata.normalize("NFKC", password[: 4 * LONGEST])
    return text.encode("utf-8", "surrogatepass")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
