"""Split an answer into its records. RFC 1035 4.1, RFC 2181.

The readable way, for answers of resolvers: once for each that is not cached. A client's
question takes the fast way of its own (question.py). Sections and lengths are checked
here, so that nobody after this has to.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from .codes import RCODE, RECORDS_MAX, TC, DnsCodecError
from .name import read_name

ANSWER, AUTHORITY, ADDITIONAL = 1, 2, 3

HEADER = struct.Struct("!6H")
FIXED = struct.Struct("!HHIH")


class Record(NamedTuple):
    """A resource record where it stands.

    owner: lower-case wire name. ttl: seconds. start, data, end: offsets of the owner,
    of RDATA and after it; TTL stands six octets before RDATA.
    """

    section: int
    owner: bytes
    rtype: int
    rclass: int
    ttl: int
    start: int
    data: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message with one question. body: offset after the question; end: after all."""

    raw: bytes
    ident: int
    flags: int
    qname: bytes
    qtype: int
    qclass: int
    body: int
    end: int
    records: tuple[Record, ...]

    @property
    def rcode(self) -> int:
        """Return the lower four bits; edns.py has the upper ones."""
        return self.flags & RCODE

    @property
    def truncated(self) -> bool:
        """Say whether the sender left something out: ask again by TCP."""
        return bool(self.flags & TC)

    def rdata(self, record: Record) -> bytes:
        """Return a record's data as it stands, names in it maybe compressed."""
        return self.raw[record.data : record.end]


def parse_message(raw: bytes) -> Message:
    """Read a message.

    Octets after the last record are ignored, as resolvers do.
    Raises DnsCodecError: not one question, more than 512 records, malformed.
    """
    if len(raw) < HEADER.size:
        raise DnsCodecError("short")
    ident, flags, questions, *counts = HEADER.unpack_from(raw)
    if questions != 1:
        raise DnsCodecError("question-count")
    if sum(counts) > RECORDS_MAX:
        raise DnsCodecError("too-many-records")
    qname, at = read_name(raw, HEADER.size)
    body = at + 4
    if body > len(raw):
        raise DnsCodecError("short")
    qtype, qclass = struct.unpack_from("!HH", raw, at)
    at = body
    records = []
    for section, count in enumerate(counts, ANSWER):
        for _ in range(count):
            record = read_record(raw, at, section)
            records.append(record)
            at = record.end
    return Message(
        raw=raw,
        ident=ident,
        flags=flags,
        qname=qname,
        qtype=qtype,
        qclass=qclass,
        body=body,
        end=at,
        records=tuple(records),
    )


def read_record(raw: bytes, at: int, section: int = ANSWER) -> Record:
    """Read the record at an offset. Raises DnsCodecError."""
    owner, after = read_name(raw, at)
    data = after + FIXED.size
    if data > len(raw):
        raise DnsCodecError("short")
    rtype, rclass, ttl, length = FIXED.unpack_from(raw, after)
    if data + length > len(raw):
        raise DnsCodecError("short")
    # RFC 2181 8: a TTL with the top bit set counts as zero.
    ttl = 0 if ttl >> 31 else ttl
    return Record(section, owner, rtype, rclass, ttl, at, data, data + length)
