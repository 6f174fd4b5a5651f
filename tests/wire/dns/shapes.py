"""Answers in the shapes that resolvers really send, built octet by octet.

Not made by a codec, so that both codecs are read against something else: pointers into
RDATA, OPT in other places than the last, answers without question, names in mixed case.
Names and addresses are reserved ones (RFC 2606, 5737, 3849).
"""

from __future__ import annotations

import struct

from guardian.wire.dns.codes import HTTPS, A

IDENT = 0xBEEF
# QR RD RA, with AA, TC, AD, CD where a shape says so.
PLAIN = 0x8180
# Offset of the question's name.
Q = 12


def labels(*parts: str) -> bytes:
    """Return labels without an end: a pointer or END follows."""
    return b"".join(bytes([len(p)]) + p.encode() for p in parts)


END = b"\0"


def pointer(at: int) -> bytes:
    """Return a compression pointer."""
    return struct.pack("!H", 0xC000 | at)


def rr(owner: bytes, rtype: int, ttl: int, data: bytes, rclass: int = 1) -> bytes:
    """Return a resource record."""
    return owner + struct.pack("!HHIH", rtype, rclass, ttl, len(data)) + data


def opt(data: bytes = b"", size: int = 1232, ttl: int = 0) -> bytes:
    """Return an OPT record. ttl: upper RCODE, version, flags."""
    return rr(END, 41, ttl, data, size)


def option(code: int, data: bytes) -> bytes:
    """Return an EDNS option."""
    return struct.pack("!HH", code, len(data)) + data


def message(
    qname: bytes,
    qtype: int,
    answers: tuple[bytes, ...] = (),
    authority: tuple[bytes, ...] = (),
    additional: tuple[bytes, ...] = (),
    flags: int = PLAIN,
) -> bytes:
    """Return a message with one question."""
    counts = len(answers), len(authority), len(additional)
    head = struct.pack("!6H", IDENT, flags, 1, *counts)
    records = b"".join(answers + authority + additional)
    return head + qname + struct.pack("!HH", qtype, 1) + records


WWW = labels("www", "example", "com") + END
# Offsets after the question for WWW.
BODY = Q + len(WWW) + 4
ADDRESS = b"\xc6\x33\x64\x07"
ADDRESS6 = bytes.fromhex("20010db8000000000000000000000007")
NUMBERS = struct.pack("!5I", 2026010101, 7200, 900, 1209600, 86400)

# dnsmasq's answer for a name of the LAN: authoritative, OPT as the client sent one.
DNSMASQ_LOCAL = message(
    labels("printer", "lan") + END,
    A,
    (rr(pointer(Q), A, 0, b"\xc0\xa8\x01\x09"),),
    additional=(opt(),),
    flags=0x8580,
)
# dnsmasq's `local=/x/`: NXDOMAIN, no SOA, no OPT.
DNSMASQ_NXDOMAIN = message(WWW, A, flags=0x8583)
# A stub-facing NXDOMAIN of a recursor: SOA whose names point into the question.
UNBOUND_NXDOMAIN = message(
    labels("nope") + WWW[4:],
    A,
    authority=(
        rr(
            pointer(Q + 5),
            6,
            900,
            labels("ns1") + pointer(Q + 5) + labels("hostmaster") + pointer(Q + 5)
            # The minimum is below the SOA's own TTL.
            + NUMBERS[:16] + struct.pack("!I", 300),
        ),
    ),
    additional=(opt(ttl=0x8000),),
    flags=0x81A3,
)
# A filtering resolver that says why (EDE 17), address of nowhere.
FILTERED = message(
    WWW,
    A,
    (rr(pointer(Q), A, 10, b"\0\0\0\0"),),
    additional=(opt(option(15, b"\0\x11filtered")),),
)
# A content network: the second owner points into the RDATA of the first.
CDN_AT = BODY + 12
CDN = message(
    WWW,
    A,
    (
        rr(pointer(Q), 5, 300, labels("www", "example") + labels("edge", "test") + END),
        rr(pointer(CDN_AT), 5, 60, labels("e77") + pointer(CDN_AT + 12)),
        rr(pointer(CDN_AT + 23 + 12), A, 20, ADDRESS),
        rr(pointer(CDN_AT + 23 + 12), A, 20, b"\xc6\x33\x64\x08"),
    ),
    additional=(opt(),),
)
# An authoritative-minded resolver: NS and their addresses, OPT before them.
BIND_FULL = message(
    WWW,
    A,
    (rr(pointer(Q), A, 3600, ADDRESS),),
    (
        rr(pointer(Q + 4), 2, 7200, labels("ns1") + pointer(Q + 4)),
        rr(pointer(Q + 4), 2, 7200, labels("ns2") + pointer(Q + 4)),
    ),
    (
        opt(option(10, bytes(range(24)))),
        rr(labels("ns1") + pointer(Q + 4), A, 7200, b"\xc6\x33\x64\x01"),
        rr(labels("ns2") + pointer(Q + 4), 28, 7200, ADDRESS6),
    ),
    flags=0x81A0,
)
# A public resolver's HTTPS record: alpn, hints, ech, padding in OPT.
ECH_CONFIG = b"\0\x08\xfe\x0d\0\4abcd"
HTTPS_PARAMS = (
    struct.pack("!HH", 1, 6)
    + b"\2h3\2h2"
    + (struct.pack("!HH", 4, 8) + ADDRESS + b"\xc6\x33\x64\x08")
    + (struct.pack("!HH", 5, len(ECH_CONFIG)) + ECH_CONFIG)
    + (struct.pack("!HH", 6, 16) + ADDRESS6)
)
HTTPS_ECH = message(
    WWW,
    HTTPS,
    (rr(pointer(Q), HTTPS, 300, b"\0\1" + END + HTTPS_PARAMS),),
    additional=(opt(option(12, bytes(64))),),
    flags=0x81A0,
)
# The same at the end of an alias, with signatures, as for DO.
HTTPS_SIGNED = message(
    WWW,
    HTTPS,
    (
        rr(pointer(Q), 5, 120, labels("cdn", "example", "net") + END),
        rr(
            pointer(BODY + 12),
            HTTPS,
            60,
            b"\0\1" + labels("svc", "example", "net") + END + HTTPS_PARAMS,
        ),
        rr(
            pointer(BODY + 12),
            46,
            60,
            struct.pack("!HBBIIIH", 65, 13, 3, 60, 2, 1, 7)
            + (labels("example", "net") + END + bytes(64)),
        ),
    ),
    additional=(
        rr(labels("svc") + pointer(BODY + 16), A, 30, ADDRESS),
        opt(ttl=1 << 15),
    ),
    flags=0x81A0,
)
# HTTPS in AliasMode.
HTTPS_ALIAS = message(
    labels("example", "com") + END,
    HTTPS,
    (rr(pointer(Q), HTTPS, 300, b"\0\0" + labels("pool", "example", "net") + END),),
)
# A whole tree moved by DNAME, with the CNAME that the server makes.
DNAME = message(
    labels("a", "old", "example") + END,
    A,
    (
        rr(pointer(Q + 2), 39, 600, labels("new", "example") + END),
        rr(pointer(Q), 5, 600, labels("a", "new", "example") + END),
        rr(labels("a", "new", "example") + END, A, 30, ADDRESS),
    ),
)
# A truncated answer by UDP: header, question, nothing.
TRUNCATED = message(WWW, A, flags=0x8380)
# SERVFAIL of a validating resolver: EDE 6 and 9.
BOGUS = message(
    WWW,
    A,
    additional=(opt(option(15, b"\0\x06") + option(15, b"\0\x09no key\0")),),
    flags=0x8182,
)
# A reverse lookup of a LAN, in the letters that people gave the device.
REVERSE = message(
    labels("9", "1", "168", "192", "in-addr", "arpa") + END,
    12,
    (rr(pointer(Q), 12, 0, labels("Mias-iPad", "LAN") + END),),
    flags=0x8580,
)
# SRV and NAPTR with compressed names, as old servers write them.
OLD_TYPES = message(
    labels("_sip", "_udp", "example", "com") + END,
    33,
    (
        rr(pointer(Q), 33, 60, struct.pack("!3H", 1, 2, 5060) + pointer(Q + 10)),
        rr(
            pointer(Q + 10),
            35,
            60,
            struct.pack("!2H", 1, 2) + b"\1S\7SIP+D2U\0" + pointer(Q),
        ),
        rr(pointer(Q + 10), 15, 60, b"\0\x0a" + labels("mx") + pointer(Q + 10)),
        rr(pointer(Q + 10), 16, 60, b"\7v=spf1 "),
    ),
)

ALL = {
    name.lower(): value
    for name, value in dict(globals()).items()
    if isinstance(value, bytes) and name.isupper() and len(value) > 28
    if name not in ("HTTPS_PARAMS",)
}
