"""Read JSON that a person or a stranger wrote: bounded, and strict where JSON is not.

Limits size and nesting before anything is built, refuses NaN and Infinity (RFC 8259,
section 6, has neither) and remembers names that occur twice in one object, which
section 4 leaves to the reader. Every failure is a `Problem` with line and column.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter

from guardian.core.errors import Problem
from guardian.core.model import shorten

# A family of 50 with 1,000 devices needs about 200 kB.
SIZE_MAX = 1_000_000
# The document nests five deep.
DEPTH_MAX = 24
# A string, or a bracket. Possessive: a megabyte of text must not cost one of marks.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


class Object(dict[str, object]):
    """A JSON object; `twice` holds the names that occurred more than once."""

    twice: frozenset[str] = frozenset()


class _Refused(Exception):
    """A number that is none; args: code, the text."""


def loads(text: bytes | str) -> object | Problem:
    """Return the value of a JSON text, or the one `Problem` that makes it unreadable.

    Objects come as `Object`. A byte order mark is accepted (RFC 8259, section 8.1).
    """
    if len(text) > SIZE_MAX:
        return Problem("household", "too-large", f"at most {SIZE_MAX} bytes")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            return Problem(f"byte {error.start}", "not-utf-8")
    text = text.removeprefix("\ufeff")
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > DEPTH_MAX:
            place = _line_column(text, token.start())
            return Problem(place, "nested-too-deep", f"at most {DEPTH_MAX}")
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except json.JSONDecodeError as error:
        return Problem(_line_column(text, error.pos), "invalid-json", error.msg)
    except _Refused as error:
        code, number = error.args
        return Problem(_line_column(text, text.find(number)), code, shorten(number))
    return value


def _line_column(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"line {line}, column {column}"


def _pairs(pairs: list[tuple[str, object]]) -> Object:
    made = Object(pairs)
    if len(made) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        made.twice = frozenset(name for name, count in counts.items() if count > 1)
    return made


def _constant(text: str) -> object:
    raise _Refused("number-not-finite", text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused("number-not-finite", text)
    return number


def _int(text: str) -> int:
    # Nothing in a document is larger; int() itself refuses from 4,300 digits.
    if len(text) > 18:
        raise _Refused("number-too-large", text)
    return int(text)
