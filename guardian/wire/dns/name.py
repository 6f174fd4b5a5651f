"""Domain names: wire form, text form, compression. RFC 1035 3.1, 4.1.4, RFC 4343.

Inside the project a name is its uncompressed wire form in lower case: equal names are
equal bytes, and a suffix is a slice. Length octets are below 64 and never letters, so
`bytes.lower` of a whole wire name changes labels only.
"""

from __future__ import annotations

from .codes import JUMPS_MAX, LABEL_MAX, NAME_MAX, DnsCodecError

ROOT = b"\0"
_SPECIAL = frozenset(b'."\\;()@$')


def encode_name(name: str) -> bytes:
    """Return the uncompressed wire form, lower case, of a host name.

    name: ASCII (IDNs as A-labels), with or without the final dot.
    Raises DnsCodecError for empty or too long labels, or other characters than letters,
    digits, "-" and "_".
    """
    wire = bytearray()
    for label in name.removesuffix(".").lower().split("."):
        plain = label.replace("-", "").replace("_", "")
        if not label or len(label) > LABEL_MAX:
            raise DnsCodecError("bad-label")
        if not label.isascii() or (plain and not plain.isalnum()):
            raise DnsCodecError("bad-label")
        wire.append(len(label))
        wire += label.encode()
    wire.append(0)
    if len(wire) > NAME_MAX:
        raise DnsCodecError("name-too-long")
    return bytes(wire)


def read_name(message: bytes, at: int, *, fold: bool = True) -> tuple[bytes, int]:
    """Return the name at an offset, uncompressed, and the offset after it.

    fold: in lower case; else as it stands.
    Raises DnsCodecError; a pointer must lead to before the label run it ends.
    """
    wire = bytearray()
    after = -1
    start, jumps = at, 0
    while True:
        length = _byte(message, at)
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | _byte(message, at + 1)
            after = at + 2 if after < 0 else after
            jumps += 1
            if target >= start or jumps > JUMPS_MAX:
                raise DnsCodecError("bad-pointer")
            start = at = target
            continue
        if length > LABEL_MAX:
            raise DnsCodecError("bad-label")
        end = at + 1 + length
        if end > len(message):
            raise DnsCodecError("short")
        wire += message[at:end]
        if len(wire) > NAME_MAX:
            raise DnsCodecError("name-too-long")
        at = end
        if length == 0:
            name = bytes(wire)
            return name.lower() if fold else name, at if after < 0 else after


def suffixes(name: bytes) -> list[bytes]:
    """Return a wire name and each of its parents, the root left out, longest first."""
    found = []
    while name[0]:
        found.append(name)
        name = name[name[0] + 1 :]
    return found


def is_below(name: bytes, parent: bytes) -> bool:
    """Say whether a wire name is the parent or below it; both in lower case."""
    if not name.endswith(parent):
        return False
    # The tail may begin inside a label: "badexample" ends like "example".
    at, boundary = 0, len(name) - len(parent)
    while at < boundary:
        at += name[at] + 1
    return at == boundary


def name_text(name: bytes) -> str:
    r"""Return the text of a wire name, without the final dot; "." is the root.

    Octets that are no plain letter, digit or mark are escaped as in a zone file
    (RFC 1035 5.1: \. and \DDD), so that no two names have the same text.
    """
    labels = []
    at = 0
    while length := name[at]:
        labels.append("".join(map(_octet_text, name[at + 1 : at + 1 + length])))
        at += length + 1
    return ".".join(labels) or "."


def _octet_text(octet: int) -> str:
    if octet in _SPECIAL:
        return "\\" + chr(octet)
    return chr(octet) if 0x20 < octet < 0x7F else f"\\{octet:03d}"


def _byte(message: bytes, at: int) -> int:
    if at >= len(message):
        raise DnsCodecError("short")
    return message[at]
