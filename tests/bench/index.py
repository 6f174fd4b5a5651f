"""The category index: time a lookup, octets a name, and what compiling takes.

Names are made up (a seeded generator); each size is compiled in a process of its own,
so that the peak of memory is its own. Beside it stand a Python set of the same names,
which is what a name costs without an index, and the other layout that was considered:
sorted 64-bit words and bisect. Times are of the CPU, which a busy machine hardly moves.
"""

from __future__ import annotations

import json
import mmap
import random
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from guardian.lists.build import Feed, compile_index
from guardian.lists.index import Index
from guardian.lists.layout import HEADER_SIZE, REMAINDERS_AT
from guardian.lists.names import to_wire
from guardian.lists.siphash import keyed_hash
from guardian.lists.source import Rules, Source
from guardian.lists.suffixes import PublicSuffixes

from .figures import Figure, median

SIZES = (1_000_000, 5_000_000)
# Design, section 11: memory while lists update, above the steady state.
PEAK_MB = {1_000_000: 32.0, 5_000_000: 48.0}
OCTETS_A_NAME = 8.0
PROBES = 20_000
ROUNDS = 9
TOPS = ("com", "net", "org", "de", "info", "xyz")
SUFFIXES = PublicSuffixes([top.encode() for top in TOPS], [], [])
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def measure(*, quick: bool) -> list[Figure]:
    """Return the figures for each size."""
    figures: list[Figure] = []
    for size in (20_000,) if quick else SIZES:
        with tempfile.TemporaryDirectory() as folder:
            figures += _one_size(size, Path(folder), 2 if quick else ROUNDS)
    return figures


def names(size: int, seed: int = 1) -> Iterator[str]:
    """Yield made-up names of 2 to 4 labels; the same for the same arguments."""
    chance = random.Random(seed)
    for number in range(size):
        label = "".join(chance.choices(_LETTERS, k=6)) + f"x{number:x}"
        below = chance.choice(("", "", "www1.", "cdn.", "a.b."))
        yield f"{below}{label}.{chance.choice(TOPS)}"


def compile_here(size: int, folder: Path) -> dict[str, float]:
    """Compile in this process; seconds, and the peak of memory above the start."""
    begun_with = _peak_mb()
    text = folder / "names"
    feed = Feed(Source(id="made-up", label="adult"), lambda: _read(text), b"1" * 32)
    begun = time.process_time()
    result = compile_index([feed], Rules(suffixes=SUFFIXES), folder / "work")
    took = time.process_time() - begun
    return {
        "s": took,
        "before_mb": begun_with,
        "peak_mb": _peak_mb(),
        "names": result.names,
        "bytes": result.size,
    }


def set_here(size: int, folder: Path) -> dict[str, float]:
    """Read the same names into a Python set; the naive baseline."""
    begun_with = _peak_mb()
    begun = time.process_time()
    held = set((folder / "names").read_bytes().split())
    took = time.process_time() - begun
    return {"s": took, "before_mb": begun_with, "peak_mb": _peak_mb(), "n": len(held)}


def _one_size(size: int, folder: Path, rounds: int) -> list[Figure]:
    with (folder / "names").open("w") as file:
        for name in names(size):
            file.write(name + "\n")
    built = _apart("compile", size, folder)
    naive = _apart("set", size, folder)
    of = f"{size:,} names"
    index = Index(folder / "work/index")
    listed = [name for name, _ in zip(names(size), range(PROBES))]
    hits = [to_wire(name.encode()) for name in listed]
    misses = [to_wire(name.encode()) for name in names(PROBES, seed=2)]
    words = _words(index, folder / "words")
    held = set((folder / "names").read_bytes().split())
    figures = [
        Figure(what=f"compile, {of}", value=built["s"], unit="s"),
        Figure(
            what=f"compile, peak above the start, {of}",
            value=built["peak_mb"] - built["before_mb"],
            unit="MB",
            at_most=PEAK_MB.get(size),
        ),
        Figure(
            what=f"octets a name, {of}",
            value=built["bytes"] / built["names"],
            unit="B",
            at_most=OCTETS_A_NAME if size in SIZES else None,
        ),
        Figure(what=f"a set: reading, {of}", value=naive["s"], unit="s"),
        Figure(
            what=f"a set: octets a name, {of}",
            value=(naive["peak_mb"] - naive["before_mb"]) * 1e6 / size,
            unit="B",
        ),
        Figure(what=f"open and verify, {of}", value=_open_ms(index.path), unit="ms"),
    ]
    ways: tuple[tuple[str, Callable[[bytes], object], list[Any], list[Any]], ...] = (
        ("index", index.mask, hits, misses),
        ("sorted words", words, hits, misses),
        ("a set", lambda name: _walk(held, name), *_dotted(listed)),
    )
    for way, lookup, found, missed in ways:
        for kind, probes in (("hit", found), ("miss", missed)):
            times = [_lookup_us(lookup, probes) for _ in range(rounds)]
            figures.append(median(f"{way}: a walk, {kind}, {of}", times, "us"))
    return figures


def _dotted(listed: list[str]) -> tuple[list[bytes], list[bytes]]:
    hits = [name.encode() for name in listed]
    return hits, [name.encode() for name in names(PROBES, seed=2)]


def _walk(held: set[bytes], name: bytes) -> bool:
    """Look a name and its parents up in a set."""
    while True:
        if name in held:
            return True
        name = name.partition(b".")[2]
        if b"." not in name:
            return False


def _words(index: Index, path: Path) -> Callable[[bytes], bool]:
    """Return a lookup over the same hashes as sorted 64-bit words in a mapped file."""
    octets = index.path.read_bytes()
    buckets = memoryview(octets)[HEADER_SIZE:REMAINDERS_AT].cast("I")
    with path.open("wb") as file:
        for bucket in range(len(buckets) - 1):
            for slot in range(buckets[bucket], buckets[bucket + 1]):
                at = REMAINDERS_AT + 4 * slot
                rest = int.from_bytes(octets[at : at + 4], "big")
                word = bucket << 48 | rest << 16
                file.write(word.to_bytes(8, sys.byteorder))
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    words = memoryview(mapped).cast("Q")
    key, count = index.header.key, index.names

    def lookup(wire: bytes) -> bool:
        at, last = 0, len(wire) - 1
        while at < last:
            after = at + wire[at] + 1
            if after >= last:
                return False
            digest = keyed_hash(key, wire[at:] if at else wire)
            word = int.from_bytes(digest[:6], "big") << 16
            slot = bisect_left(words, word)
            if slot < count and words[slot] == word:
                return True
            at = after
        return False

    return lookup


def _lookup_us(lookup: Callable[[bytes], object], probes: list[bytes]) -> float:
    begun = time.process_time()
    for probe in probes:
        lookup(probe)
    return 1e6 * (time.process_time() - begun) / len(probes)


def _open_ms(path: Path) -> float:
    begun = time.process_time()
    Index(path)
    return 1e3 * (time.process_time() - begun)


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            yield chunk


def _peak_mb() -> float:
    # Not getrusage: its peak is kept over exec, so that of the parent would show.
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def _apart(what: str, size: int, folder: Path) -> dict[str, float]:
    argv = [sys.executable, "-m", "tests.bench.index", what, str(size), str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    work = {"compile": compile_here, "set": set_here}[sys.argv[1]]
    print(json.dumps(work(int(sys.argv[2]), Path(sys.argv[3]))))
