"""Read a client's question: the fast way, once for every packet.

From raw bytes to a plain tuple, no object in between. The cache key holds the name in
lower case, type, class, and the three bits that change what an answer holds; so neither
0x20 case nor any EDNS option, size or padding multiplies entries. RFC 1035 4.1.2,
RFC 6891 6.1, RFC 5625 (a proxy refuses what it cannot read, and nothing more).
"""

from __future__ import annotations

import struct
from typing import TypeAlias

from .codes import (
    BADVERS,
    CD,
    DO,
    FORMERR,
    LABEL_MAX,
    NAME_MAX,
    NOTIMP,
    OPT,
    RD,
    UDP_PLAIN,
    DnsCodecError,
)

# key, qname, qtype, qclass, end, size, bits; see read_question.
Question: TypeAlias = tuple[bytes, bytes, int, int, int, int, int]

# Octets a key holds beyond the name: type, class, and one of bits.
KEY_TAIL = 5

_BARE = b"\0\1\0\0\0\0\0\0"
_WITH_OPT = b"\0\1\0\0\0\0\0\1"
_OPT_HEAD = b"\0\0\x29"
_OPT_FIXED = struct.Struct("!HBBHH")
# OPT, TSIG, SIG(0), and the SOA of an IXFR: nobody asks with more.
_EXTRAS_MAX = 4
_OCTETS = tuple(bytes((octet,)) for octet in range(256))


def read_question(packet: bytes) -> Question:
    """Read one question.

    Returns (key, qname, qtype, qclass, end, size, bits). key: what to cache by.
    qname: wire, lower case. end: offset after the question. size: what the client takes
    by UDP (at least 512, RFC 6891 6.2.3); 0 without EDNS. bits: the header's flags, and
    OPT's DO where QR would be.
    Raises DnsCodecError; its rcode is None for what must not be answered at all (short,
    or itself an answer: two servers would talk for ever).
    """
    length = len(packet)
    if length < 12 or packet[2] & 0x80:
        raise DnsCodecError("no-question")
    if packet[2] & 0x78:
        raise DnsCodecError("opcode", NOTIMP)
    at = 12
    try:
        while label := packet[at]:
            # A pointer could only lead into the header.
            if label > LABEL_MAX:
                raise DnsCodecError("bad-label", FORMERR)
            at += label + 1
    except IndexError:
        raise DnsCodecError("short", FORMERR) from None
    at += 1
    end = at + 4
    if end > length:
        raise DnsCodecError("short", FORMERR)
    if at - 12 > NAME_MAX:
        raise DnsCodecError("name-too-long", FORMERR)
    bits = packet[2] << 8 | packet[3]
    counts = packet[4:12]
    if counts == _BARE:
        size = 0
    elif counts == _WITH_OPT and packet[end : end + 3] == _OPT_HEAD:
        size, bits, _ = _read_opt(packet, end + 3, bits)
    else:
        size, bits = _read_extras(packet, end, bits)
    qname = packet[12:at].lower()
    # RD 0x01, CD 0x10, DO 0x80.
    variant = bits >> 8 & 0x81 | bits & CD
    return (
        qname + packet[at:end] + _OCTETS[variant],
        qname,
        packet[at] << 8 | packet[at + 1],
        packet[at + 2] << 8 | packet[at + 3],
        end,
        size,
        bits,
    )


def split_key(key: bytes) -> tuple[bytes, int, int, int]:
    """Return what a key of `read_question` holds: qname, qtype, qclass, RD|CD|DO."""
    qtype, qclass, variant = struct.unpack("!HHB", key[-KEY_TAIL:])
    bits = (variant & 0x81) << 8 | variant & CD
    return key[:-KEY_TAIL], qtype, qclass, bits & (RD | CD | DO)


def _read_opt(packet: bytes, at: int, bits: int) -> tuple[int, int, int]:
    """Read OPT from its class on. Returns size, bits with DO, offset after it."""
    if at + _OPT_FIXED.size > len(packet):
        raise DnsCodecError("short", FORMERR)
    size, _, version, flags, length = _OPT_FIXED.unpack_from(packet, at)
    at += _OPT_FIXED.size + length
    if at > len(packet):
        raise DnsCodecError("short", FORMERR)
    if version:
        raise DnsCodecError("edns-version", BADVERS)
    return size if size > UDP_PLAIN else UDP_PLAIN, bits | flags & DO, at


def _read_extras(packet: bytes, at: int, bits: int) -> tuple[int, int]:
    """Look for OPT in what follows a question. Returns size (0: none) and bits."""
    questions, answers, authority, additional = struct.unpack_from("!4H", packet, 4)
    count = authority + additional
    if questions != 1 or answers or count > _EXTRAS_MAX:
        raise DnsCodecError("counts", FORMERR)
    size = 0
    try:
        for _ in range(count):
            root = packet[at] == 0
            while label := packet[at]:
                if label >= 0xC0:
                    at += 1
                    break
                if label > LABEL_MAX:
                    raise DnsCodecError("bad-label", FORMERR)
                at += label + 1
            at += 1
            if packet[at] << 8 | packet[at + 1] == OPT:
                # RFC 6891 6.1.1 and 6.1.2: once, and with the root as owner.
                if size or not root:
                    raise DnsCodecError("opt", FORMERR)
                size, bits, at = _read_opt(packet, at + 2, bits)
            else:
                at += 10 + (packet[at + 8] << 8 | packet[at + 9])
    except IndexError:
        raise DnsCodecError("short", FORMERR) from None
    if at > len(packet):
        raise DnsCodecError("short", FORMERR)
    return size, bits
