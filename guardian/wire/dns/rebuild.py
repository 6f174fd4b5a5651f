"""Write an answer anew with records left out or changed. RFC 1035 4.1.4, RFC 3597 4.

Cutting bytes out would leave pointers into nowhere, so names are expanded and
compressed again. Only where something is to be changed: an answer that is well as it
stands goes on as it stands. Letters keep their case (names of printers are read by
people), OPT is left out (it is of one hop), and AD is cleared if a record is edited (it
is no longer what was signed).
"""

from __future__ import annotations

from collections.abc import Mapping

from .codes import AD, MESSAGE_MAX, NAPTR, OPT, DnsCodecError
from .message import FIXED, HEADER, Message, Record
from .name import read_name, suffixes

# Where names stand in RDATA that may be compressed: octets before, names; the rest is
# copied. RFC 1035's own types, which may be compressed again.
_CLASSIC = {
    **{rtype: (0, 1) for rtype in (2, 3, 4, 5, 7, 8, 9, 12)},
    6: (0, 2),
    14: (0, 2),
    15: (2, 1),
}
# Types that old servers compress: RP, AFSDB, RT, SIG, PX, NXT, SRV, KX, DNAME. Read so,
# never written so.
_LATER = {
    17: (0, 2),
    18: (2, 1),
    21: (2, 1),
    24: (18, 1),
    26: (2, 2),
    30: (0, 1),
    33: (6, 1),
    36: (2, 1),
    39: (0, 1),
}
_POINTER_MAX = 0x3FFF


def rebuild(message: Message, edits: Mapping[int, bytes | None]) -> bytes:
    """Return a message with some records changed.

    edits: by index of the record; None leaves it out, bytes are its new RDATA (with no
    compressed names).
    Raises DnsCodecError if names in RDATA are malformed or the result is too long.
    """
    writer = _Writer(message.raw[: message.body])
    writer.remember(message.qname, HEADER.size)
    counts = [0, 0, 0, 0]
    for index, record in enumerate(message.records):
        data = edits.get(index, b"")
        if data is None or record.rtype == OPT:
            continue
        counts[record.section] += 1
        owner, _ = read_name(message.raw, record.start, fold=False)
        writer.name(owner)
        # Type, class and TTL; the length follows when it is known.
        writer.out += message.raw[record.data - FIXED.size : record.data]
        begin = len(writer.out)
        if index in edits:
            writer.out += data
        else:
            _copy_data(writer, message.raw, record)
        length = len(writer.out) - begin
        if len(writer.out) > MESSAGE_MAX:
            raise DnsCodecError("too-long")
        writer.out[begin - 2 : begin] = length.to_bytes(2, "big")
    flags = message.flags & ~AD if edits else message.flags
    HEADER.pack_into(writer.out, 0, message.ident, flags, 1, *counts[1:])
    return bytes(writer.out)


class _Writer:
    """Octets written so far, and where the names in them can be pointed to."""

    def __init__(self, head: bytes) -> None:
        self.out = bytearray(head)
        self._known: dict[bytes, int] = {}

    def remember(self, name: bytes, at: int) -> None:
        """Note that a whole name stands at an offset, before 16 KiB."""
        for tail in suffixes(name):
            self._known.setdefault(tail.lower(), at + len(name) - len(tail))

    def name(self, name: bytes) -> None:
        """Write a name, its longest known tail as a pointer."""
        start = len(self.out)
        at = 0
        while name[at]:
            known = self._known.get(name[at:].lower())
            if known is not None:
                self.out += name[:at] + (0xC000 | known).to_bytes(2, "big")
                break
            at += name[at] + 1
        else:
            self.out += name
        begin = 0
        while begin < at:
            if start + begin <= _POINTER_MAX:
                self._known.setdefault(name[begin:].lower(), start + begin)
            begin += name[begin] + 1


def _copy_data(writer: _Writer, raw: bytes, record: Record) -> None:
    at, end = record.data, record.end
    before, names = _CLASSIC.get(record.rtype) or _LATER.get(record.rtype, (0, 0))
    if record.rtype == NAPTR:
        before, names = _naptr_prefix(raw, at, end), 1
    if at + before > end:
        raise DnsCodecError("bad-rdata")
    writer.out += raw[at : at + before]
    at += before
    for _ in range(names):
        name, at = read_name(raw, at, fold=False)
        if at > end:
            raise DnsCodecError("bad-rdata")
        if record.rtype in _CLASSIC:
            writer.name(name)
        else:
            writer.out += name
    writer.out += raw[at:end]


def _naptr_prefix(raw: bytes, at: int, end: int) -> int:
    """Return the octets before NAPTR's name: two numbers, three strings (RFC 3403)."""
    past = at + 4
    for _ in range(3):
        if past >= end:
            raise DnsCodecError("bad-rdata")
        past += raw[past] + 1
    return past - at
