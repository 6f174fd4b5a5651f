"""A small world for updates: three lists, our own data, and a fetcher to script."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

from guardian.core.errors import GuardianError
from guardian.core.feeds import FeedSpec, Use, Verdict
from guardian.lists.index import Index
from guardian.lists.inputs import Inputs
from guardian.lists.names import to_wire
from guardian.lists.source import Kind
from guardian.lists.update import Outcome, update

from .build import SUFFIXES, feed, source

NOW = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def spec(ident: str, category: str = "adult", **changes: Any) -> FeedSpec:
    """Return a list of the catalogue, chosen by default."""
    given: dict[str, Any] = {
        "title": ident,
        "url": f"https://lists.example.org/{ident}",
        "homepage": "https://lists.example.org/",
        "licence": "MIT",
        "verdict": Verdict.SHIP,
        "entries": (1, 100_000),
        "bytes_max": 10_000_000,
        "every": DAY,
        "default": True,
    }
    return FeedSpec(id=ident, category=category, **(given | changes))


ADULT, GAMES = spec("one-adult"), spec("one-games", "games")
OTHER = spec("two-adult", default=False)
POPULAR = spec("top-names", "", use=Use.POPULAR, suffix=False, default=False)
OWN = feed(
    source("guardian-service-tiktok", "tiktok", kind=Kind.SERVICE), ["||tiktok.com^"]
)
INPUTS = Inputs(
    suffixes=SUFFIXES,
    specs=(ADULT, GAMES, OTHER, POPULAR),
    curated=(OWN,),
    harm=frozenset({"adult"}),
    floor=frozenset({b"help.org"}),
    protected=frozenset({b"help.org", b"school.org", b"deep.tool.net"}),
    known=frozenset({b"tiktok.com", b"www.paint.com"}),
)


@dataclass(frozen=True)
class Text:
    """What a fetcher says of a text."""

    fingerprint: str
    etag: str = ""
    modified: str = ""


@dataclass
class Servers:
    """Lists by id: text, or the code of an error. asked: (id, etag) so far."""

    lists: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def fetch(self, of: FeedSpec, into: Path, etag: str, modified: str) -> Text | None:
        """Answer as `guardian.shell.fetch.fetch` does."""
        self.asked.append((of.id, etag))
        text = self.lists.get(of.id, "feed-status")
        if text.startswith("feed-"):
            raise GuardianError(text, of.id)
        digest = hashlib.blake2b(text.encode(), digest_size=32).hexdigest()
        if etag == digest[:8]:
            return None
        into.write_bytes(gzip.compress(text.encode()))
        return Text(digest, digest[:8])


def lines(prefix: str, number: int) -> str:
    """Return a list of made-up names."""
    return "".join(f"{prefix}{at}.com\n" for at in range(number))


def run(
    folder: Path,
    servers: Servers,
    *,
    inputs: Inputs = INPUTS,
    now: datetime = NOW,
    only: tuple[str, ...] = (),
    force: bool = False,
) -> Outcome:
    """Run one update."""
    return update(
        folder,
        inputs,
        servers.fetch,
        now=now,
        chance=Random(1),
        only=frozenset(only),
        force=force,
    )


def labels(folder: Path, name: str) -> tuple[str, ...]:
    """Return what the index in force says of a name."""
    index = Index(folder / "current.idx")
    return index.labels_of(index.mask(to_wire(name.encode())))


def both() -> Servers:
    """Return servers that have the default lists."""
    return Servers({"one-adult": lines("bad", 300), "one-games": lines("fun", 300)})
