"""The index file's parts and where they lie. The README beside this module explains.

    header     192 octets
    buckets    65537 u32: where each bucket's entries begin; the last is the count
    remainders 4 octets an entry, the hash's octets 2 to 5, in bucket order
    sets       u16 an entry: which lists hold it
    meta       JSON, UTF-8

Numbers are little-endian. Entries of a bucket are sorted by remainder.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from guardian.core.errors import GuardianError
from guardian.lists.siphash import KEY_BITS, keyed_hash

MAGIC = b"\x89GRDIX\r\n"
FORMAT = 1
BUCKETS = 1 << 16
HEADER_SIZE = 192
BUCKETS_AT = HEADER_SIZE
REMAINDERS_AT = BUCKETS_AT + 4 * (BUCKETS + 1)
SETS_MAX = 1 << 16
ORIGINS_MAX = 1 << 16
NAMES_MAX = (1 << 32) - 1
META_MAX = 32 << 20
_PROBE = b"guardian"
# magic, format, labels_min, names, key, probe, meta at, meta size, digest
_FIXED = struct.Struct("<8sHHIQ8sQI32s")
# key id, Ed25519 signature over the octets before; zero where unsigned.
_SIGNATURE = struct.Struct("<8s64s")
SIGNED_SIZE = _FIXED.size


class IndexFileError(GuardianError):
    """The file is no index that can be trusted; the one mapped before stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The fixed part. labels_min: 1 where a bare top label is listed, else 2.

    digest: BLAKE2b-256 of all that follows the header. signature: 64 octets or empty.
    """

    names: int
    key: int
    labels_min: int
    meta_at: int
    meta_size: int
    digest: bytes
    key_id: bytes = bytes(8)
    signature: bytes = bytes(64)

    @property
    def sets_at(self) -> int:
        """Return where the set ids begin."""
        return REMAINDERS_AT + 4 * self.names

    def to_bytes(self) -> bytes:
        """Return the header's octets."""
        fixed = _FIXED.pack(
            MAGIC,
            FORMAT,
            self.labels_min,
            self.names,
            self.key,
            keyed_hash(self.key, _PROBE),
            self.meta_at,
            self.meta_size,
            self.digest,
        )
        signed = fixed + _SIGNATURE.pack(self.key_id, self.signature)
        return signed.ljust(HEADER_SIZE, b"\0")


def parse_header(octets: bytes, size: int) -> Header:
    """Return the header of a file of `size` octets.

    Raises IndexFileError: ``index-invalid`` (with what is wrong), ``index-newer``.
    """
    if len(octets) < HEADER_SIZE or octets[:8] != MAGIC:
        raise IndexFileError("index-invalid", "no index")
    fields = _FIXED.unpack_from(octets)
    _, version, labels_min, names, key, probe, meta_at, meta_size, digest = fields
    if version != FORMAT:
        raise IndexFileError("index-newer", str(version))
    if key >> KEY_BITS or labels_min not in (1, 2):
        raise IndexFileError("index-invalid", "header")
    if probe != keyed_hash(key, _PROBE):
        raise IndexFileError("index-invalid", "hash")
    if meta_at != REMAINDERS_AT + 6 * names or meta_size > META_MAX:
        raise IndexFileError("index-invalid", "sizes")
    if meta_at + meta_size != size:
        raise IndexFileError("index-invalid", "cut")
    key_id, signature = _SIGNATURE.unpack_from(octets, SIGNED_SIZE)
    return Header(
        names=names,
        key=key,
        labels_min=labels_min,
        meta_at=meta_at,
        meta_size=meta_size,
        digest=digest,
        key_id=key_id,
        signature=signature,
    )


def digest_of(parts: Iterable[bytes]) -> bytes:
    """Return the digest of what follows the header, given in pieces."""
    digest = hashlib.blake2b(digest_size=32)
    for part in parts:
        digest.update(part)
    return digest.digest()


def dump_meta(meta: dict[str, Any]) -> bytes:
    """Return the meta part's octets; equal values give equal octets."""
    text = json.dumps(meta, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def parse_meta(octets: bytes) -> dict[str, Any]:
    """Return the meta part; IndexFileError ``index-invalid`` where it is none."""
    try:
        meta = json.loads(octets)
    except (ValueError, RecursionError):
        raise IndexFileError("index-invalid", "meta") from None
    if not isinstance(meta, dict):
        raise IndexFileError("index-invalid", "meta")
    return meta
