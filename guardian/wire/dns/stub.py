"""Ask for the addresses of one name, read the answer. RFC 1035, RFC 3596, RFC 2181.

For the shell's own questions; a child's questions take question.py and template.py.
An answer is foreign bytes: only `DnsCodecError` is raised, and what is not reached from
the question through CNAMEs of the same answer is ignored.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

from .codes import AAAA, CHAIN_MAX, CNAME, IN, QR, RD, TC, A, DnsCodecError
from .message import ANSWER, HEADER, Message, parse_message
from .name import encode_name, read_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What an answer says to one question.

    rcode: RFC 1035 4.1.1. addresses: IPv4 or IPv6 text, in the answer's order, once.
    ttl: seconds, the least along the chain; None without addresses.
    """

    rcode: int
    truncated: bool = False
    addresses: tuple[str, ...] = ()
    ttl: int | None = None


def encode_question(name: str, qtype: int, ident: int) -> bytes:
    """Return a query with recursion desired. ident: 16 bits, unpredictable."""
    header = HEADER.pack(ident, RD, 1, 0, 0, 0)
    return header + encode_name(name) + struct.pack("!HH", qtype, IN)


def parse_response(raw: bytes, name: str, qtype: int, ident: int) -> Response:
    """Read the answer to `encode_question` of the same arguments.

    Raises DnsCodecError if the id or the question echoed is another (a guess from off
    the path, RFC 5452 9.1), or if the message is malformed. A truncated answer is
    returned with no addresses: ask again by TCP.
    """
    if len(raw) < HEADER.size:
        raise DnsCodecError("short")
    got, flags, questions, *_ = HEADER.unpack_from(raw)
    if got != ident or not flags & QR or questions != 1:
        raise DnsCodecError("not-our-answer")
    if flags & TC:
        # Cut off anywhere: only the question has to be whole.
        asked, at = read_name(raw, HEADER.size)
        _same(asked, raw[at : at + 4], name, qtype)
        return Response(rcode=flags & 15, truncated=True)
    message = parse_message(raw)
    _same(message.qname, raw[message.body - 4 : message.body], name, qtype)
    return _follow(message, qtype)


def _same(asked: bytes, kind: bytes, name: str, qtype: int) -> None:
    if asked != encode_name(name) or kind != struct.pack("!HH", qtype, IN):
        raise DnsCodecError("not-our-question")


def _follow(message: Message, qtype: int) -> Response:
    alias: dict[bytes, tuple[bytes, int]] = {}
    addresses: dict[bytes, list[tuple[str, int]]] = {}
    for record in message.records:
        if record.section != ANSWER or record.rclass != IN:
            continue
        if record.rtype == CNAME:
            target, past = read_name(message.raw, record.data)
            if past != record.end:
                raise DnsCodecError("bad-cname")
            alias.setdefault(record.owner, (target, record.ttl))
        elif record.rtype == qtype:
            text = _address(message.rdata(record), qtype)
            addresses.setdefault(record.owner, []).append((text, record.ttl))
    name = message.qname
    ttls: list[int] = []
    for _ in range(CHAIN_MAX):
        found = addresses.get(name)
        if found:
            ttls += [ttl for _, ttl in found]
            unique = tuple(dict.fromkeys(text for text, _ in found))
            return Response(rcode=message.rcode, addresses=unique, ttl=min(ttls))
        if name not in alias:
            break
        name, ttl = alias[name]
        ttls.append(ttl)
    return Response(rcode=message.rcode)


def _address(data: bytes, qtype: int) -> str:
    if qtype == A and len(data) == 4:
        return str(ipaddress.IPv4Address(data))
    if qtype == AAAA and len(data) == 16:
        return str(ipaddress.IPv6Address(data))
    raise DnsCodecError("bad-address")
