"""Compile lists into one index: streaming, in bounded memory, resumable.

Two passes. The first reads each list once and spills a 64-bit word an entry (48 bits of
hash, 16 of origin) into parts by hash; the second sorts each part in memory and writes
the index in order. The same lists, in the same order and with the same rules, give the
same octets. What stands at the end is a durable file in the work folder; the caller
judges it (guards) and renames it over the one in force, so that a kill at any moment
leaves that one as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from guardian.lists.grammar import Claim, Grammar
from guardian.lists.layout import (
    BUCKETS,
    BUCKETS_AT,
    FORMAT,
    HEADER_SIZE,
    NAMES_MAX,
    ORIGINS_MAX,
    REMAINDERS_AT,
    Header,
    digest_of,
    dump_meta,
)
from guardian.lists.lines import Lines, ListError
from guardian.lists.names import to_wire
from guardian.lists.origins import CLAIMS, SetTable, origin_of, parts_of
from guardian.lists.siphash import KEY_BITS, keyed_hash
from guardian.lists.source import Counts, Rules, Source, admit, counts
from guardian.lists.spill import BUFFERED_MAX, PART_SHIFT, PARTS, Spill

# Entries between two checkpoints: each costs 65 fsyncs, and flash wears.
CHECKPOINT_EVERY = 400_000
SOURCES_MAX = ORIGINS_MAX // CLAIMS
STAGED = "index"
_SETS = "sets"
_ORIGIN_MASK = 0xFFFF
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Feed:
    """A source and where its octets come from.

    chunks: gives the octets anew at each call, in pieces of any size.
    fingerprint: a digest of exactly these octets.
    """

    source: Source
    chunks: Callable[[], Iterator[bytes]]
    fingerprint: bytes


# Told after the first pass: source id -> counts, watched name -> ids of the sources
# that list it, sorted. Returns (source id, name) pairs to leave out, or raises.
Review = Callable[
    [dict[str, Counts], dict[bytes, tuple[str, ...]]], Iterable[tuple[str, bytes]]
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """The staged index and what went into it.

    path: in the work folder. resumed: a checkpoint of an earlier run was used.
    by_source: source id -> counts.
    """

    path: Path
    names: int
    sets: int
    size: int
    digest: str
    resumed: bool
    by_source: dict[str, Counts]


def compile_index(
    feeds: Sequence[Feed],
    rules: Rules,
    work: Path,
    *,
    key: int | None = None,
    review: Review | None = None,
) -> Compiled:
    """Compile `feeds` into a staged index inside the folder `work`.

    work: of this job alone; needs 16 octets of disk an entry, or a little more, on the
    file system where the index will stand. key: 31 bits; by default it is derived from
    all inputs, so that nobody who adds one name can choose what it collides with.
    review: judges the lists between the passes; what it raises ends the compilation.
    Raises ListError (``too-many-lists``, ``duplicate-list``, ``index-too-large`` and
    those of `Lines`, with the source's id) and OSError.
    """
    ids = [feed.source.id for feed in feeds]
    if len(ids) > SOURCES_MAX:
        raise ListError("too-many-lists", str(len(ids)))
    if twice := [name for name, times in Counter(ids).items() if times > 1]:
        raise ListError("duplicate-list", twice[0])
    job = job_of(feeds, rules, key)
    if key is None:
        key = int(job[:8], 16) >> (32 - KEY_BITS)
    spill = Spill(work, job)
    resumed = spill.state is not None
    try:
        progress = _read_all(feeds, rules, key, spill)
        held = _reviewed(feeds, progress, key, review) if review else frozenset()
        compiled = _write_index(feeds, progress, key, spill, resumed, held)
    except BaseException:
        # What was read up to the last checkpoint stays; the next run begins there.
        spill.close()
        raise
    spill.remove()
    return compiled


def job_of(feeds: Sequence[Feed], rules: Rules, key: int | None = None) -> str:
    """Return a digest of all that decides the output, but for a review."""
    digest = hashlib.blake2b(digest_size=16)

    def take(value: object) -> None:
        digest.update(json.dumps(value, sort_keys=True).encode() + b"\n")

    take([FORMAT, key, sys.byteorder])
    for feed in feeds:
        take([asdict(feed.source), feed.fingerprint.hex()])
    suffixes = rules.suffixes
    for names in (
        suffixes.plain,
        suffixes.wild,
        suffixes.exceptions,
        rules.floor,
        rules.reserved,
        rules.watched,
    ):
        digest.update(b"\0".join(sorted(names)) + b"\n")
    return digest.hexdigest()


class _Progress:
    """What the first pass knows; the whole of it goes into each checkpoint."""

    def __init__(self, state: dict[str, Any] | None) -> None:
        state = state or {}
        self.at: int = state.get("at", 0)
        self.lines: int = state.get("lines", 0)
        self.labels_min: int = state.get("labels_min", 2)
        self.done: list[dict[str, Any]] = state.get("done", [])
        self.open: dict[str, Any] = state.get("open", {})
        # [source, name] of the watched names, in the order of the lists.
        self.votes: list[list[Any]] = state.get("votes", [])

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def _read_all(feeds: Sequence[Feed], rules: Rules, key: int, spill: Spill) -> _Progress:
    progress = _Progress(spill.state)
    since = 0
    while progress.at < len(feeds):
        feed = feeds[progress.at]
        try:
            since = _read_one(feed, rules, key, spill, progress, since)
        except ListError as error:
            raise ListError(error.code, f"{feed.source.id} {error.detail}") from None
        progress.at += 1
        progress.lines = 0
        progress.open = {}
    return progress


def _read_one(
    feed: Feed,
    rules: Rules,
    key: int,
    spill: Spill,
    progress: _Progress,
    since: int,
) -> int:
    """Spill the entries of one list; return how many came since the last checkpoint."""
    grammar = Grammar()
    grammar.tally.update(progress.open.get("tally", {}))
    grammar.resume(progress.open.get("grammar"))
    lines = Lines()
    tally = grammar.tally
    base = progress.at * CLAIMS - 1
    buffers = spill.buffers
    from_bytes = int.from_bytes
    watched = rules.watched
    pending = 0
    skip = progress.lines
    for batch in _batches(lines, feed.chunks()):
        if skip:
            passed = min(skip, len(batch))
            skip -= passed
            batch = batch[passed:]
        if not batch:
            continue
        progress.lines += len(batch)
        for claim, name in admit(grammar.read(batch), feed.source, rules, tally):
            word = from_bytes(keyed_hash(key, to_wire(name)), "big")
            word = word & ~_ORIGIN_MASK | base + claim
            buffers[word >> PART_SHIFT].append(word)
            pending += 1
            if b"." not in name:
                progress.labels_min = 1
            if name in watched and claim <= Claim.EXACT:
                progress.votes.append([progress.at, name.decode()])
        if pending > BUFFERED_MAX // 2:
            since += pending
            pending = 0
            spill.flush()
            if since >= CHECKPOINT_EVERY:
                since = 0
                progress.open = {"tally": dict(tally), "grammar": grammar.state()}
                spill.checkpoint(progress.to_json())
    spill.flush()
    result = counts(tally, grammar.declared, lines.overlong)
    progress.done.append(asdict(result))
    return since + pending


def _batches(lines: Lines, chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    for chunk in chunks:
        yield lines.feed(chunk)
    yield lines.finish()


def _reviewed(
    feeds: Sequence[Feed], progress: _Progress, key: int, review: Review
) -> frozenset[int]:
    """Return the words that the review leaves out."""
    ids = [feed.source.id for feed in feeds]
    votes: dict[bytes, set[str]] = {}
    for at, name in progress.votes:
        votes.setdefault(name.encode(), set()).add(ids[at])
    by_source = dict(zip(ids, (Counts(**done) for done in progress.done), strict=True))
    told = {name: tuple(sorted(votes[name])) for name in sorted(votes)}
    held = set()
    for source, name in review(by_source, told):
        word = int.from_bytes(keyed_hash(key, to_wire(name)), "big") & ~_ORIGIN_MASK
        for claim in (Claim.SUFFIX, Claim.EXACT):
            held.add(word | origin_of(ids.index(source), claim))
    return frozenset(held)


def _write_index(
    feeds: Sequence[Feed],
    progress: _Progress,
    key: int,
    spill: Spill,
    resumed: bool,
    held: frozenset[int],
) -> Compiled:
    table = SetTable([feed.source for feed in feeds])
    path = spill.folder / STAGED
    sets_path = spill.folder / _SETS
    ends = array("I", bytes(4 * (BUCKETS + 1)))
    left_out: Counter[int] = Counter()
    with path.open("wb") as out, sets_path.open("wb") as side:
        out.truncate(REMAINDERS_AT)
        out.seek(REMAINDERS_AT)
        names = 0
        for number in range(PARTS):
            words = spill.words(number)
            if held:
                left_out.update(word for word in words if word in held)
                words = [word for word in words if word not in held]
            names += _merge(words, table, ends, out, side)
        if names > NAMES_MAX:
            raise ListError("index-too-large", str(names))
    _accumulate(ends)
    by_source = [Counts(**done) for done in progress.done]
    for word, times in left_out.items():
        source, _ = parts_of(word & _ORIGIN_MASK)
        by_source[source] = by_source[source].without(times)
    meta = dump_meta(
        {
            "sources": [
                {**asdict(feed.source), "counts": count.to_json()}
                for feed, count in zip(feeds, by_source, strict=True)
            ],
            "sets": table.to_json(),
        }
    )
    with path.open("r+b") as out, sets_path.open("rb") as side:
        out.seek(0, os.SEEK_END)
        for piece in _pieces(side):
            out.write(piece)
        meta_at = out.tell()
        out.write(meta)
        out.seek(BUCKETS_AT)
        out.write(_little(ends))
        out.seek(HEADER_SIZE)
        digest = digest_of(_pieces(out))
        header = Header(
            names=names,
            key=key,
            labels_min=progress.labels_min,
            meta_at=meta_at,
            meta_size=len(meta),
            digest=digest,
        )
        out.seek(0)
        out.write(header.to_bytes())
        out.flush()
        os.fsync(out.fileno())
    sets_path.unlink()
    return Compiled(
        path=path,
        names=names,
        sets=len(table),
        size=meta_at + len(meta),
        digest=digest.hex(),
        resumed=resumed,
        by_source={
            feed.source.id: count for feed, count in zip(feeds, by_source, strict=True)
        },
    )


def _merge(
    words: list[int],
    table: SetTable,
    ends: array[int],
    out: BinaryIO,
    side: BinaryIO,
) -> int:
    """Write one part's entries, each name once; return how many."""
    remainders = array("I")
    sets = array("H")
    last_word = last = -1
    group: list[int] = []
    set_id = table.id_of
    for word in words:
        if word == last_word:
            continue
        last_word = word
        name = word >> 16
        if name == last:
            group.append(word & _ORIGIN_MASK)
            continue
        if group:
            sets.append(set_id(group))
        last = name
        remainders.append(name & 0xFFFFFFFF)
        ends[(name >> 32) + 1] += 1
        group = [word & _ORIGIN_MASK]
    if group:
        sets.append(set_id(group))
    # Big-endian, as the octets stand in the hash: a probe compares octets.
    if sys.byteorder == "little":
        remainders.byteswap()
    out.write(remainders.tobytes())
    side.write(_little(sets))
    return len(remainders)


def _accumulate(ends: array[int]) -> None:
    total = 0
    for number, count in enumerate(ends):
        total += count
        ends[number] = total


def _little(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
