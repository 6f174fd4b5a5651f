"""Names as lists write them, made into the one form that is hashed.

Text becomes lower-case A-labels without a final dot; the index hashes the wire form
(RFC 1035 3.1), so that a DNS question needs no conversion. Nothing here knows what a
name means. Unicode as in `guardian.core.hostnames`.
"""

from __future__ import annotations

import re

from guardian.core.hostnames import a_labels

# RFC 1035 2.3.4 allows 255 octets on the wire: 253 characters of text.
NAME_MAX = 253
LABEL_MAX = 63
_LENGTHS = tuple(bytes((n,)) for n in range(LABEL_MAX + 1))
_LABEL = rb"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_TOP = rb"(?:[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)"
_NAME = re.compile(rb"(?:" + _LABEL + rb"\.)*" + _TOP)
_NOT_A_NAME = re.compile(rb"[0-9]+(?:\.[0-9]+){3}[a-z_-]")


class NameSyntaxError(ValueError):
    """No host name; `code` is the reason that a report counts."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_name(text: bytes) -> bytes:
    """Return a name as lower-case A-labels without a final dot.

    text: ASCII, UTF-8 or latin-1, without spaces around; `_` is allowed.
    Raises NameSyntaxError: ``bad-name``, ``name-too-long``, ``glued`` (an address and a
    name with nothing between, which some public lists hold by the hundred).
    """
    if not text.isascii():
        text = to_ascii(decode(text))
    name = text.lower().removesuffix(b".")
    if len(name) > NAME_MAX:
        raise NameSyntaxError("name-too-long")
    if not _NAME.fullmatch(name):
        raise NameSyntaxError("bad-name")
    if _NOT_A_NAME.match(name):
        raise NameSyntaxError("glued")
    return name


def decode(line: bytes) -> str:
    """Return foreign text: UTF-8, or latin-1 where it is not UTF-8; never raises."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def to_ascii(text: str) -> bytes:
    """Return a name with its U-labels as A-labels (RFC 3492, RFC 5890).

    Raises NameSyntaxError for characters that no label may hold.
    """
    if len(text) > NAME_MAX:
        # Punycode never shortens a label by more than the U-label's own width.
        raise NameSyntaxError("name-too-long")
    try:
        return a_labels(text).encode()
    except ValueError:
        raise NameSyntaxError("bad-name") from None


def to_wire(name: bytes) -> bytes:
    """Return the wire form, with the root's octet, of what `parse_name` returned."""
    return b"".join([_LENGTHS[len(part)] + part for part in name.split(b".")]) + b"\0"


def from_wire(wire: bytes) -> str:
    """Return the text of an uncompressed wire name; ValueError where it is cut."""
    labels = []
    at = 0
    while at < len(wire) and wire[at]:
        label = wire[at + 1 : at + 1 + wire[at]]
        if len(label) != wire[at] or len(label) > LABEL_MAX:
            raise ValueError("cut name")
        labels.append(label.decode("ascii", "backslashreplace"))
        at += 1 + wire[at]
    return ".".join(labels)
