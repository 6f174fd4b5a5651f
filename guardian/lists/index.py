"""Read an index: which labels a name has, and which lists say so.

The file is mapped read-only and shared by all processes; opening costs a few
milliseconds for the small tables, whatever the number of names. A reader never writes,
and a new file is opened before the old one is let go (`reopen`), so that there is no
moment without an index.
"""

from __future__ import annotations

import mmap
import os
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardian.lists.grammar import Claim
from guardian.lists.layout import (
    BUCKETS,
    BUCKETS_AT,
    HEADER_SIZE,
    REMAINDERS_AT,
    IndexFileError,
    digest_of,
    parse_header,
    parse_meta,
)
from guardian.lists.names import from_wire
from guardian.lists.origins import parse_sets, parse_sources, parts_of
from guardian.lists.siphash import keyed_hash
from guardian.lists.source import Source

_PIECE = 1 << 20
_SLOW = -1


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that a name met. name: the entry; sources with what each claims."""

    name: str
    claims: tuple[tuple[Source, Claim], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that an index says of a name.

    mask: see `Index.labels`. sources: those that stand after exceptions. hits: every
    entry met, the longest first, also those that an exception took back.
    """

    mask: int
    sources: tuple[Source, ...]
    hits: tuple[Hit, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of the sources, sorted."""
        return tuple(sorted({source.label for source in self.sources}))


class Index:
    """A mapped index file.

    labels: the label of each bit of a mask, from bit 0. names: number of entries.
    """

    def __init__(self, path: Path, *, verify: bool = True) -> None:
        """Map `path`. verify: compute the digest too, about 1 ms a megabyte.

        Raises IndexFileError (``index-missing``, ``index-unreadable``,
        ``index-invalid``, ``index-newer``).
        """
        self.path = path
        handle = _opened(path)
        try:
            self._map = _mapped(handle, path)
            self.header = parse_header(self._map[:HEADER_SIZE], len(self._map))
            # Read, not through the map: pages looked at there count as the process's.
            if verify and self.header.digest != digest_of(_pieces(handle, path)):
                raise IndexFileError("index-invalid", "digest")
        finally:
            os.close(handle)
        header = self.header
        meta = parse_meta(self._map[header.meta_at :])
        self.meta = meta
        self.names = header.names
        self.sources = parse_sources(meta.get("sources"))
        self.sets = parse_sets(meta.get("sets"), len(self.sources))
        self.labels = tuple(dict.fromkeys(source.label for source in self.sources))
        bits = {label: 1 << number for number, label in enumerate(self.labels)}
        self._bits = [bits[source.label] for source in self.sources]
        self._exact = [self._mask_of(origins, True) for origins in self.sets]
        self._below = [self._mask_of(origins, False) for origins in self.sets]
        self._ends = self._buckets()
        if self._ends[BUCKETS] != self.names:
            raise IndexFileError("index-invalid", "buckets")

    def mask_of(self, labels: Iterable[str]) -> int:
        """Return the mask of those of `labels` that the index knows."""
        return sum({1 << self.labels.index(x) for x in labels if x in self.labels})

    def labels_of(self, mask: int) -> tuple[str, ...]:
        """Return the labels of a mask, sorted."""
        known = enumerate(self.labels)
        return tuple(sorted(label for bit, label in known if mask >> bit & 1))

    def mask(self, wire: bytes) -> int:
        """Return the labels of a name as bits; 0 for a name in no list.

        wire: lower-case, uncompressed, with the root's octet. The hot path: one hash
        and one search a label, no object kept.
        """
        ends, find, octets = self._ends, self._map.find, self._map
        key, sets_at = self.header.key, self.header.sets_at
        single = self.header.labels_min == 1
        masks = self._exact
        found = at = 0
        last = len(wire) - 1
        while at < last:
            after = at + wire[at] + 1
            if after >= last and not single:
                break
            digest = keyed_hash(key, wire[at:] if at else wire)
            bucket = digest[0] << 8 | digest[1]
            begin = REMAINDERS_AT + 4 * ends[bucket]
            end = REMAINDERS_AT + 4 * ends[bucket + 1]
            place = find(digest[2:6], begin, end)
            while place > 0:
                if not place & 3:
                    slot = sets_at + ((place - REMAINDERS_AT) >> 1)
                    mask = masks[octets[slot] | octets[slot + 1] << 8]
                    if mask < 0:
                        return self.explain(wire).mask
                    found |= mask
                    break
                place = find(digest[2:6], place + 1, end)
            masks = self._below
            at = after
        return found

    def explain(self, wire: bytes) -> Found:
        """Return all that the index says of a name, with the lists; 5 to 20 µs."""
        hits: list[Hit] = []
        listed: dict[int, None] = {}
        excepted: set[int] = set()
        at, last = 0, len(wire) - 1
        while at < last:
            claims = []
            for source, claim in self._claims(wire[at:]):
                if at and claim in (Claim.EXACT, Claim.EXCEPT_EXACT):
                    continue
                claims.append((self.sources[source], claim))
                if claim >= Claim.EXCEPT:
                    excepted.add(source)
                else:
                    listed[source] = None
            if claims:
                hits.append(Hit(from_wire(wire[at:]), tuple(claims)))
            at += wire[at] + 1
        kept = sorted(set(listed) - excepted)
        mask = 0
        for source in kept:
            mask |= self._bits[source]
        found = tuple(self.sources[source] for source in kept)
        return Found(mask=mask, sources=found, hits=tuple(hits))

    def set_counts(self) -> Counter[int]:
        """Return how many entries each set id has."""
        ids = array("H", self._map[self.header.sets_at : self.header.meta_at])
        if sys.byteorder == "big":
            ids.byteswap()
        return Counter(ids)

    def stats(self) -> dict[str, Any]:
        """Return sizes and, by source, what the compilation counted."""
        size = len(self._map)
        return {
            "names": self.names,
            "bytes": size,
            "bytes_per_name": round(size / self.names, 2) if self.names else None,
            "sets": len(self.sets),
            "labels": sorted(self.labels),
            "digest": self.header.digest.hex(),
            "sources": self.meta["sources"],
        }

    def forget(self) -> None:
        """Let go of the pages that lookups have touched; they come back when needed.

        Many lookups all over a large index make the whole of it resident.
        """
        self._map.madvise(mmap.MADV_DONTNEED)

    def _claims(self, suffix: bytes) -> list[tuple[int, Claim]]:
        digest = keyed_hash(self.header.key, suffix)
        bucket = digest[0] << 8 | digest[1]
        end = REMAINDERS_AT + 4 * self._ends[bucket + 1]
        place = REMAINDERS_AT + 4 * self._ends[bucket]
        while (place := self._map.find(digest[2:6], place, end)) > 0:
            if not place & 3:
                slot = self.header.sets_at + ((place - REMAINDERS_AT) >> 1)
                set_id = int.from_bytes(self._map[slot : slot + 2], "little")
                return [parts_of(origin) for origin in self.sets[set_id]]
            place += 1
        return []

    def _mask_of(self, origins: Sequence[int], whole_name: bool) -> int:
        mask = 0
        for origin in origins:
            source, claim = parts_of(origin)
            if claim >= Claim.EXCEPT:
                # It depends on the other entries that the name meets.
                return _SLOW
            if claim is Claim.SUFFIX or whole_name:
                mask |= self._bits[source]
        return mask

    def _buckets(self) -> Sequence[int]:
        table = memoryview(self._map)[BUCKETS_AT:REMAINDERS_AT]
        if sys.byteorder == "little":
            return table.cast("I")
        swapped = array("I", table.tobytes())
        swapped.byteswap()
        return swapped


def reopen(path: Path, current: Index | None) -> Index:
    """Return an index of the file that `path` names now.

    The same object if that is what is mapped; else a new one, mapped before anybody
    lets go of the old. Raises IndexFileError: keep the current one.
    """
    new = Index(path)
    if current is not None and current.header.digest == new.header.digest:
        return current
    return new


def read_digest(path: Path) -> bytes | None:
    """Return the digest that a file's header states; None where it is no index."""
    try:
        with path.open("rb") as file:
            return parse_header(file.read(HEADER_SIZE), path.stat().st_size).digest
    except (OSError, IndexFileError):
        return None


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise IndexFileError("index-missing", str(path)) from None
    except OSError as error:
        raise IndexFileError("index-unreadable", f"{path}: {error.strerror}") from None


def _mapped(handle: int, path: Path) -> mmap.mmap:
    try:
        if os.fstat(handle).st_size < REMAINDERS_AT:
            raise IndexFileError("index-invalid", "cut")
        return mmap.mmap(handle, 0, prot=mmap.PROT_READ, flags=mmap.MAP_SHARED)
    except OSError as error:
        raise IndexFileError("index-unreadable", f"{path}: {error.strerror}") from None


def _pieces(handle: int, path: Path) -> Iterator[bytes]:
    at = HEADER_SIZE
    try:
        while piece := os.pread(handle, _PIECE, at):
            yield piece
            at += len(piece)
    except OSError as error:
        raise IndexFileError("index-unreadable", f"{path}: {error.strerror}") from None
