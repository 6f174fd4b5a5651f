"""Resolve the includes of v2fly's domain lists into one text.

A file includes others, all or those lines that carry an attribute (`include:f @x`) or
do not (`include:f @-x`). Sans-IO: the caller reads. Loops and depth are bounded, and an
include that is missing is an error, since half a list would look like a whole one.

Format: https://github.com/v2fly/domain-list-community (README).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from guardian.lists.lines import ListError

# The deepest chain in the published data is six.
DEPTH_MAX = 12
# category-porn, the widest, includes about 200.
FILES_MAX = 4_000
_FILE = re.compile(rb"[a-z0-9!-]{1,100}")


def resolve(name: str, read: Callable[[str], bytes]) -> Iterator[bytes]:
    """Yield the lines of `name` and all it includes, with line ends.

    read: gives the octets of a file by its name; KeyError where there is none.
    Raises ListError: ``list-include-missing``, ``list-include-depth``.
    """
    budget = [FILES_MAX]
    yield from _lines(name, read, (), frozenset(), budget)


def _lines(
    name: str,
    read: Callable[[str], bytes],
    path: tuple[str, ...],
    filters: frozenset[bytes],
    budget: list[int],
) -> Iterator[bytes]:
    budget[0] -= 1
    if len(path) >= DEPTH_MAX or budget[0] < 0:
        raise ListError("list-include-depth", name[:80])
    try:
        text = read(name)
    except KeyError:
        raise ListError("list-include-missing", name[:80]) from None
    for raw in text.splitlines():
        line = raw.partition(b"#")[0].strip()
        words = line.split()
        if not words:
            yield b"#\n" if raw else b"\n"
            continue
        attributes = {word for word in words[1:] if word.startswith(b"@")}
        if words[0].startswith(b"include:"):
            target = words[0].removeprefix(b"include:").lower()
            if not _FILE.fullmatch(target):
                raise ListError("list-include-missing", ascii(target)[:80])
            inner = target.decode()
            if inner in (*path, name):
                # A loop adds nothing that is not already being read.
                continue
            yield from _lines(
                inner, read, (*path, name), filters | frozenset(attributes), budget
            )
        elif _passes(attributes, filters):
            # An attribute that an include asks for is no reason to drop the line.
            kept = [word for word in words[1:] if word not in filters]
            yield b" ".join([words[0], *kept]) + b"\n"


def _passes(attributes: set[bytes], filters: frozenset[bytes]) -> bool:
    for wanted in filters:
        if wanted.startswith(b"@-"):
            if b"@" + wanted[2:] in attributes:
                return False
        elif wanted not in attributes:
            return False
    return True
