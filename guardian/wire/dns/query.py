"""Make the question that goes to the router's resolver, and know its answer again.

Against guesses from off the path (RFC 5452): id and port are the caller's chance, the
letters' case is one bit each more (draft-vixie-dnsext-dns0x20), a cookie 64 bits
(RFC 7873, edns.py). Nothing of the client's own bytes goes on: no cookie, subnet or
padding of a child leaves the home.
"""

from __future__ import annotations

import struct

from .codes import DO, IN, TC, UDP_SIZE, DnsCodecError
from .edns import encode_opt
from .message import HEADER


def mix_case(qname: bytes, chance: int) -> bytes:
    """Return a lower-case wire name with letters made upper by the bits of `chance`.

    chance: at least 255 bits, unpredictable. Length octets are no letters and stay.
    """
    mixed = bytearray(qname)
    for at, octet in enumerate(mixed):
        if chance >> at & 1 and 0x61 <= octet <= 0x7A:
            mixed[at] = octet - 0x20
    return bytes(mixed)


def encode_query(
    qname: bytes,
    qtype: int,
    *,
    ident: int,
    bits: int,
    qclass: int = IN,
    size: int = UDP_SIZE,
    options: tuple[tuple[int, bytes], ...] = (),
) -> bytes:
    """Return a query.

    qname: wire, in the case to be sent. bits: as of `split_key`: RD and CD go to the
    header, DO to OPT. size: what we take by UDP; 0 leaves OPT out, for a resolver that
    knows no EDNS.
    """
    tail = encode_opt(size, bits & DO, options) if size else b""
    head = HEADER.pack(ident, bits & ~DO, 1, 0, 0, 1 if size else 0)
    return head + qname + struct.pack("!HH", qtype, qclass) + tail


def check_answer(answer: bytes, query: bytes, *, exact: bool = True) -> bool:
    """Return whether the answer to a query of `encode_query` is truncated.

    exact: the letters' case must be as sent.
    Raises DnsCodecError: "not-our-answer" (ignore it and wait on: it may be a guess),
    "case-changed" (the same but for case: a guess, or a resolver that cannot do 0x20),
    "no-question" (id and QR are ours, the question is missing: old servers' FORMERR).
    """
    if len(answer) < HEADER.size or answer[:2] != query[:2] or not answer[2] & 0x80:
        raise DnsCodecError("not-our-answer")
    if answer[4:6] == b"\0\0":
        raise DnsCodecError("no-question")
    end = HEADER.size
    while label := query[end]:
        end += label + 1
    end += 5
    asked, sent = answer[HEADER.size : end], query[HEADER.size : end]
    if answer[4:6] != b"\0\1" or asked[-4:] != sent[-4:]:
        raise DnsCodecError("not-our-answer")
    if asked != sent:
        if asked[:-4].lower() != sent[:-4].lower():
            raise DnsCodecError("not-our-answer")
        if exact:
            raise DnsCodecError("case-changed")
    return bool(answer[2] << 8 & TC)
