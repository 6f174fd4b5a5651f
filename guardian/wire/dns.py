"""DNS messages: ask for addresses, read the answer. RFC 1035, RFC 3596, RFC 2181.

Sans-IO: bytes in, values out. An answer is foreign bytes: only `DnsCodecError` is
raised, compression pointers only go back and only so often, and what is not reached
from the question through CNAMEs of the same answer is ignored.
"""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

A = 1
CNAME = 5
AAAA = 28
IN = 1

NOERROR = 0
NXDOMAIN = 3

# RFC 1035 2.3.4, with length octets and the root.
NAME_MAX = 255
LABEL_MAX = 63
# A pointer each two octets of a 64 KiB message would make one name cost 32,000 steps.
_JUMPS_MAX = 16
# Resolvers follow 8 to 16 (BIND 16, unbound 11); a longer chain is a fault or a trap.
_CHAIN_MAX = 16
_RECORDS_MAX = 512
_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_QR, _TC, _RD = 0x8000, 0x0200, 0x0100


class DnsCodecError(ValueError):
    """No DNS message, not the answer to our question, or no name that can be asked."""


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


def encode_question(name: str, qtype: int, ident: int) -> bytes:
    """Return a query with recursion desired. ident: 16 bits, unpredictable."""
    header = _HEADER.pack(ident, _RD, 1, 0, 0, 0)
    return header + encode_name(name) + struct.pack("!HH", qtype, IN)


def parse_response(message: bytes, name: str, qtype: int, ident: int) -> Response:
    """Read the answer to `encode_question` of the same arguments.

    Raises DnsCodecError if the id or the question echoed is another (a guess from off
    the path, RFC 5452 9.1), or if the message is malformed. A truncated answer is
    returned with no addresses: ask again by TCP.
    """
    if len(message) < _HEADER.size:
        raise DnsCodecError("short")
    got, flags, questions, answers, _, _ = _HEADER.unpack_from(message)
    if got != ident or not flags & _QR or questions != 1:
        raise DnsCodecError("not-our-answer")
    asked, at = read_name(message, _HEADER.size)
    if asked != encode_name(name) or _u16s(message, at) != (qtype, IN):
        raise DnsCodecError("not-our-question")
    rcode = flags & 15
    if flags & _TC:
        return Response(rcode=rcode, truncated=True)
    return _follow(_Records(message, at + 4, answers, qtype), asked, rcode)


def read_name(message: bytes, at: int) -> tuple[bytes, int]:
    """Return the name at an offset, uncompressed and lower case, and the offset after.

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
            if target >= start or jumps > _JUMPS_MAX:
                raise DnsCodecError("bad-pointer")
            start = at = target
            continue
        if length > LABEL_MAX:
            raise DnsCodecError("bad-label")
        end = at + 1 + length
        if end > len(message):
            raise DnsCodecError("short")
        wire += message[at:end].lower()
        if len(wire) > NAME_MAX:
            raise DnsCodecError("name-too-long")
        at = end
        if length == 0:
            return bytes(wire), at if after < 0 else after


class _Records:
    """The answer section: for each owner its alias, and its addresses with TTL."""

    def __init__(self, message: bytes, at: int, count: int, qtype: int) -> None:
        self.alias: dict[bytes, tuple[bytes, int]] = {}
        self.addresses: dict[bytes, list[tuple[str, int]]] = {}
        if count > _RECORDS_MAX:
            raise DnsCodecError("too-many-records")
        for _ in range(count):
            owner, at = read_name(message, at)
            if at + _RECORD.size > len(message):
                raise DnsCodecError("short")
            rtype, rclass, ttl, length = _RECORD.unpack_from(message, at)
            at += _RECORD.size
            end = at + length
            if end > len(message):
                raise DnsCodecError("short")
            # RFC 2181 8: a TTL with the top bit set counts as zero.
            ttl = 0 if ttl >> 31 else ttl
            if rclass == IN and rtype == CNAME:
                target, past = read_name(message, at)
                if past != end:
                    raise DnsCodecError("bad-cname")
                self.alias.setdefault(owner, (target, ttl))
            elif rclass == IN and rtype == qtype:
                text = _address(message[at:end], qtype)
                self.addresses.setdefault(owner, []).append((text, ttl))
            at = end


def _follow(records: _Records, name: bytes, rcode: int) -> Response:
    ttls: list[int] = []
    for _ in range(_CHAIN_MAX):
        found = records.addresses.get(name)
        if found:
            ttls += [ttl for _, ttl in found]
            unique = tuple(dict.fromkeys(text for text, _ in found))
            return Response(rcode=rcode, addresses=unique, ttl=min(ttls))
        if name not in records.alias:
            break
        name, ttl = records.alias[name]
        ttls.append(ttl)
    return Response(rcode=rcode)


def _address(data: bytes, qtype: int) -> str:
    if qtype == A and len(data) == 4:
        return str(ipaddress.IPv4Address(data))
    if qtype == AAAA and len(data) == 16:
        return str(ipaddress.IPv6Address(data))
    raise DnsCodecError("bad-address")


def _byte(message: bytes, at: int) -> int:
    if at >= len(message):
        raise DnsCodecError("short")
    return message[at]


def _u16s(message: bytes, at: int) -> tuple[int, int]:
    if at + 4 > len(message):
        raise DnsCodecError("short")
    first, second = struct.unpack_from("!HH", message, at)
    return first, second
