"""Small lists for the tests, and a naive index of Python sets as the oracle."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from guardian.lists.build import Compiled, Feed, compile_index
from guardian.lists.source import Kind, Polarity, Rules, Source
from guardian.lists.suffixes import PublicSuffixes

FIXTURES = Path(__file__).parent / "fixtures"
# A few rules in the form of the real list; its 500 top labels are not needed here.
SUFFIXES = PublicSuffixes(
    plain=b"com net org example io github.io co.uk uk de it bologna.it ck".split(),
    wild=[b"ck"],
    exceptions=[b"www.ck"],
)
RULES = Rules(suffixes=SUFFIXES)


def source(
    ident: str,
    label: str = "",
    *,
    suffix: bool = True,
    suffix_ok: bool = False,
    kind: Kind = Kind.CATEGORY,
    polarity: Polarity = Polarity.BLOCK,
    names_min: int = 0,
    names_max: int = 0,
) -> Source:
    """Return a source; its label is its id by default."""
    return Source(
        id=ident,
        label=label or ident,
        kind=kind,
        polarity=polarity,
        suffix=suffix,
        suffix_ok=suffix_ok,
        names_min=names_min,
        names_max=names_max,
    )


def feed(of: Source, lines: bytes | Iterable[str], chunk: int = 7) -> Feed:
    """Return a feed of text, given out in pieces of `chunk` octets."""
    text = lines if isinstance(lines, bytes) else "\n".join(lines).encode()
    pieces = [text[at : at + chunk] for at in range(0, len(text), chunk)]
    return Feed(of, lambda: iter(pieces), hashlib.sha256(text).digest())


def compiled(
    folder: Path, *feeds: Feed, rules: Rules = RULES, key: int | None = None
) -> Compiled:
    """Compile into a work folder below `folder`."""
    return compile_index(feeds, rules, folder / "job", key=key)


class Oracle:
    """(label, exact, name) in a set, looked up by walking the name."""

    def __init__(self, entries: Iterable[tuple[str, bool, str]]) -> None:
        self.entries = set(entries)

    def labels(self, name: str) -> tuple[str, ...]:
        """Return the sorted labels of a name."""
        parts = name.split(".")
        found = {label for label, exact, entry in self.entries if entry == name}
        for at in range(1, len(parts)):
            parent = ".".join(parts[at:])
            found |= {
                label
                for label, exact, entry in self.entries
                if entry == parent and not exact
            }
        return tuple(sorted(found))
