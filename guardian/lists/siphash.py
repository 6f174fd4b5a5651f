"""SipHash-1-3, the keyed hash of the index, at C speed where the interpreter has it.

CPython carries it for its own use (`_imp.source_hash`, which keys it with k0 = key and
k1 = 0): 0.06 µs for a name of 26 octets, against 0.36 µs for the cheapest way through
hashlib. It is no documented interface, so it is used only when it gives the known
answer; the same function in Python stands behind it.

A key has 31 bits, because `source_hash` takes a C long, which 32-bit routers keep in 32
bits with a sign. That is enough for what the key is for: whoever gets a name onto a
list cannot make it collide with a neighbour's before the list is compiled.

Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", with c=1, d=3.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

Hash = Callable[[int, bytes], bytes]
KEY_BITS = 31
_MASK = 0xFFFFFFFFFFFFFFFF
# What the function below gives; a test holds the two together.
_KNOWN_KEY = 0x03020100
_KNOWN_DATA = bytes(range(15))
_KNOWN = bytes.fromhex("c03b42c57f9c4980")


def siphash13(key: int, data: bytes) -> bytes:
    """Return the 64-bit hash as 8 octets, least first. key: k0; k1 is 0."""
    v0 = key ^ 0x736F6D6570736575
    v1 = 0x646F72616E646F6D
    v2 = key ^ 0x6C7967656E657261
    v3 = 0x7465646279746573
    whole = len(data) & ~7
    tail = int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56
    words = [
        int.from_bytes(data[at : at + 8], "little") for at in range(0, whole, 8)
    ] + [tail]
    for word in words:
        v0, v1, v2, v3 = _round(v0, v1, v2, v3 ^ word)
        v0 ^= word
    v2 ^= 0xFF
    for _ in range(3):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return (v0 ^ v1 ^ v2 ^ v3).to_bytes(8, "little")


def _round(v0: int, v1: int, v2: int, v3: int) -> tuple[int, int, int, int]:
    v0 = (v0 + v1) & _MASK
    v1 = _rotated(v1, 13) ^ v0
    v0 = _rotated(v0, 32)
    v2 = (v2 + v3) & _MASK
    v3 = _rotated(v3, 16) ^ v2
    v0 = (v0 + v3) & _MASK
    v3 = _rotated(v3, 21) ^ v0
    v2 = (v2 + v1) & _MASK
    v1 = _rotated(v1, 17) ^ v2
    return v0, v1, _rotated(v2, 32), v3


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & _MASK


def fastest(module: str = "_imp") -> Hash:
    """Return the C function of `module` if it gives the known answer, else ours."""
    try:
        native: Hash = importlib.import_module(module).source_hash
        if native(_KNOWN_KEY, _KNOWN_DATA) == _KNOWN:
            return native
    except (ImportError, AttributeError, TypeError, OverflowError):
        pass
    return siphash13


keyed_hash: Hash = fastest()
