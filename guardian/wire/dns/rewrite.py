"""Answers of our own: refusals, sinkhole addresses, rewritten names. RFC 1035, 2308.

Each is a template, good for every question of its kind. TTLs are short and refusals
carry no SOA unless asked for, so that nobody keeps them (RFC 2308 5): a rule that
changes holds at the next question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .codes import (
    AAAA,
    BADVERS,
    CNAME,
    IN,
    LABEL_MAX,
    NAME_MAX,
    NOERROR,
    NXDOMAIN,
    OPCODE,
    QR,
    RA,
    RD,
    SOA,
    UDP_SIZE,
    A,
    DnsCodecError,
)
from .edns import Advice, encode_opt
from .message import FIXED, HEADER
from .name import encode_name
from .template import Template, fixed

# The question's name, which always stands there.
_QNAME = b"\xc0\x0c"
# RFC 6761 6.4: names that never exist.
_MNAME = encode_name("guardian.invalid")
_SOA_REST = b"\0\0\0\1" + b"\0\0\x0e\x10" + b"\0\0\x02\x58" + b"\0\1\x51\x80"


def refuse(
    rcode: int = NXDOMAIN,
    *,
    advice: Iterable[Advice] = (),
    soa_ttl: int | None = None,
) -> Template:
    """Return an answer without records: NXDOMAIN, REFUSED; with NOERROR, NODATA.

    soa_ttl: seconds that caches may keep the no; None: an answer that they must not.
    """
    if soa_ttl is None:
        return fixed(rcode, b"", (0, 0, 0), _options(advice))
    data = _MNAME + _MNAME + _SOA_REST + soa_ttl.to_bytes(4, "big")
    soa = _record(_QNAME, SOA, soa_ttl, data)
    return fixed(rcode, soa, (0, 1, 0), _options(advice))


def point_to(
    qtype: int,
    addresses: Sequence[bytes],
    ttl: int,
    *,
    advice: Iterable[Advice] = (),
) -> Template:
    """Return an answer with addresses of ours: the sinkhole.

    addresses: 4 and 16 octets mixed; those of qtype's family are given, all other
    questions get NODATA (a refused name has no HTTPS record, mail server or text).
    """
    body = _addresses(_QNAME, qtype, addresses, ttl)
    count = _count(qtype, addresses)
    return fixed(NOERROR, body, (count, 0, 0), _options(advice))


def rename(
    qtype: int,
    target: bytes,
    addresses: Sequence[bytes],
    ttl: int,
    *,
    advice: Iterable[Advice] = (),
) -> Template:
    """Return a CNAME and the target's addresses, for A and AAAA; NODATA for the rest.

    target: wire name. addresses: the target's, of both families.
    A stub resolver does not ask on for the target: without addresses of the family it
    is told that there are none, by the CNAME alone.
    """
    if qtype not in (A, AAAA):
        return refuse(NOERROR, advice=advice)
    alias = _record(_QNAME, CNAME, ttl, target)
    body = alias + _addresses(target, qtype, addresses, ttl)
    count = 1 + _count(qtype, addresses)
    return fixed(NOERROR, body, (count, 0, 0), _options(advice))


def answer_error(packet: bytes, rcode: int) -> bytes:
    """Return the answer to a question that cannot be read.

    packet: at least a header. The question is echoed if it can be found, OPT added for
    RCODEs above 15 (RFC 6891 6.1.3).
    """
    if len(packet) < HEADER.size:
        raise DnsCodecError("short")
    ident, flags, questions, *_ = HEADER.unpack_from(packet)
    echoed = _question_of(packet) if questions == 1 else b""
    opt = encode_opt(UDP_SIZE, 0, rcode=rcode) if rcode >= BADVERS else b""
    head = HEADER.pack(
        ident,
        QR | RA | flags & (OPCODE | RD) | rcode & 15,
        1 if echoed else 0,
        0,
        0,
        1 if opt else 0,
    )
    return head + echoed + opt


def _question_of(packet: bytes) -> bytes:
    at = HEADER.size
    while at < len(packet) and 0 < packet[at] <= LABEL_MAX:
        at += packet[at] + 1
    end = at + 5
    if end > len(packet) or packet[at] or at >= HEADER.size + NAME_MAX:
        return b""
    return packet[HEADER.size : end]


def _options(advice: Iterable[Advice]) -> tuple[tuple[int, bytes], ...]:
    return tuple(each.encode() for each in advice)


def _width(qtype: int) -> int:
    return {A: 4, AAAA: 16}.get(qtype, 0)


def _count(qtype: int, addresses: Sequence[bytes]) -> int:
    return sum(len(address) == _width(qtype) for address in addresses)


def _addresses(owner: bytes, qtype: int, addresses: Sequence[bytes], ttl: int) -> bytes:
    wanted = [each for each in addresses if len(each) == _width(qtype)]
    return b"".join(_record(owner, qtype, ttl, each) for each in wanted)


def _record(owner: bytes, rtype: int, ttl: int, data: bytes) -> bytes:
    return owner + FIXED.pack(rtype, IN, ttl, len(data)) + data
