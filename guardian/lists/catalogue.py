"""From files to feeds: what to compile, as named on a command line or in a table.

A SOURCE is one of
    PATH               a list; its label is the file's name (`domains`: the folder's)
    LABEL=PATH         the same with its label; options follow it, with commas: exact,
                       suffix, suffix-ok, allow, service, id:NAME, min:N, max:N
    FOLDER             with a table INDEX.tsv: what the table says may be shipped;
                       without: squidGuard folders (`FOLDER/CATEGORY/domains`)
    FOLDER:url-only    the table's lists that a router may fetch for itself, too
"""

from __future__ import annotations

import csv
import hashlib
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from guardian.core.errors import GuardianError
from guardian.lists import v2fly
from guardian.lists.build import Feed
from guardian.lists.lines import CHUNK, ListError
from guardian.lists.source import Kind, Polarity, Source

TABLE = "INDEX.tsv"
_LABEL = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
# Labels in which a public suffix is what is meant.
SUFFIX_LABELS = frozenset(("free_hosting",))
# squidGuard's files beside `domains`: regular expressions, and paths unseen by DNS.
_NOT_NAMES = frozenset(("expressions", "urls", "usage", "very_restrictive_expression"))
_KINDS = frozenset(("domains", "hosts", "v2fly"))
# Lists of which the maintainer's own notes say they are no category data.
_NOT_CATEGORIES = frozenset(("none", "category", "service-data", "safesearch"))
_NOT_CATEGORIES |= {"top-list", "random-benign", "must-allow", "public-suffix", ""}


def feeds_of(specs: list[str]) -> list[Feed]:
    """Return the feeds that the SOURCE arguments name, in order.

    Raises GuardianError: ``list-source-invalid``, ``file-unreadable``, ListError.
    """
    feeds: list[Feed] = []
    taken: set[str] = set()
    for spec in specs:
        for feed in _feeds(spec):
            if feed.source.id in taken:
                raise ListError("duplicate-list", feed.source.id)
            taken.add(feed.source.id)
            feeds.append(feed)
    if not feeds:
        raise GuardianError("list-source-invalid", " ".join(specs)[:80])
    return feeds


def file_feed(source: Source, path: Path) -> Feed:
    """Return the feed of a file, plain or gzip; GuardianError ``file-unreadable``."""

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    return _fingerprinted(source, chunks, path)


def tar_feed(source: Source, path: Path, member: str) -> Feed:
    """Return the feed of a plain file within a tar archive; links are not followed."""

    def chunks() -> Iterator[bytes]:
        try:
            with tarfile.open(path, "r|*") as archive:
                for info in archive:
                    if info.isreg() and info.name.removeprefix("./") == member:
                        file = archive.extractfile(info)
                        assert file is not None
                        while chunk := file.read(CHUNK):
                            yield chunk
                        return
        except (tarfile.TarError, EOFError) as error:
            raise ListError("list-gzip-damaged", str(error)[:80]) from None
        raise ListError("list-member-missing", member[:80])

    return _fingerprinted(source, chunks, path)


def v2fly_feed(source: Source, path: Path) -> Feed:
    """Return the feed of a v2fly file with all it includes from the same folder."""

    def read(name: str) -> bytes:
        try:
            return (path.parent / name).read_bytes()
        except OSError:
            raise KeyError(name) from None

    return _fingerprinted(source, lambda: v2fly.resolve(path.name, read), path)


def _fingerprinted(
    source: Source, chunks: Callable[[], Iterator[bytes]], path: Path
) -> Feed:
    digest = hashlib.blake2b(digest_size=32)
    try:
        for chunk in chunks():
            digest.update(chunk)
    except OSError as error:
        raise GuardianError("file-unreadable", f"{path}: {error.strerror}") from None
    return Feed(source, chunks, digest.digest())


def _feeds(spec: str) -> Iterator[Feed]:
    label, equals, rest = spec.partition("=")
    if not equals or "/" in label:
        label, rest = "", spec
    folder, colon, licence = rest.rpartition(":")
    if colon and licence == "url-only" and not label:
        yield from table_feeds(Path(folder), frozenset(("ship", "url-only")))
        return
    archive, colon, member = rest.partition("#")
    path = Path(archive if colon else rest)
    if path.is_dir() and not label:
        if (path / TABLE).is_file():
            yield from table_feeds(path, frozenset(("ship",)))
        else:
            for inner in sorted(path.glob("*/domains*")):
                if not inner.parent.is_symlink():
                    yield file_feed(_source(inner.parent.name, inner), inner)
        return
    source = _source(label or _label_of(path, member), path)
    if colon:
        yield tar_feed(source, path, member)
    elif _is_v2fly(path):
        yield v2fly_feed(source, path)
    else:
        yield file_feed(source, path)


def _label_of(path: Path, member: str = "") -> str:
    place = Path(member) if member else path
    stem = place.name.lower().removesuffix(".gz").removesuffix(".txt")
    return place.parent.name.lower() if stem == "domains" else stem


def _is_v2fly(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return re.search(rb"(?m)^include:", file.read(CHUNK)) is not None
    except OSError:
        return False


def _source(label: str, path: Path) -> Source:
    """Return the source that a label with options describes."""
    name, *options = label.split(",")
    if not _LABEL.fullmatch(name):
        raise GuardianError("list-source-invalid", label[:80])
    ident, kind, polarity = f"{name}:{path.name}", Kind.CATEGORY, Polarity.BLOCK
    suffix, suffix_ok, band = True, name in SUFFIX_LABELS, {"min": 0, "max": 0}
    for option in options:
        key, _, value = option.partition(":")
        if option in ("exact", "suffix"):
            suffix = option == "suffix"
        elif option == "suffix-ok":
            suffix_ok = True
        elif option == "allow":
            polarity = Polarity.ALLOW
        elif option == "service":
            kind = Kind.SERVICE
        elif key == "id" and value:
            ident = value
        elif key in band and value.isdecimal() and len(value) < 10:
            band[key] = int(value)
        else:
            raise GuardianError("list-source-invalid", label[:80])
    return Source(
        id=ident,
        label=name,
        kind=kind,
        polarity=polarity,
        suffix=suffix,
        suffix_ok=suffix_ok,
        names_min=band["min"],
        names_max=band["max"],
    )


def table_feeds(folder: Path, verdicts: frozenset[str]) -> Iterator[Feed]:
    """Yield the category lists of a folder's table, in its order.

    verdicts: which words of the column ``ship`` are taken.
    Columns: source, category, file, licence, ship, lines, domains, format, note.
    """
    try:
        with (folder / TABLE).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError) as error:
        raise GuardianError("file-unreadable", f"{folder / TABLE}: {error}") from None
    for row in rows:
        category, name = row.get("category") or "", row.get("file") or ""
        kind = row.get("format") or ""
        if (
            (row.get("ship") or "") not in verdicts
            or category in _NOT_CATEGORIES
            or kind not in _KINDS
            or Path(name).name in _NOT_NAMES
        ):
            continue
        path = folder / name
        source = Source(
            id=name,
            label=category,
            suffix_ok=category in SUFFIX_LABELS,
            licence=row.get("licence") or "",
        )
        yield (v2fly_feed if kind == "v2fly" else file_feed)(source, path)
