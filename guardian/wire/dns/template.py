"""An answer kept ready: rendered onto any client's question, its TTLs aged. RFC 1035.

Everything the front sends is a template put behind the client's own question bytes, so
that id and letters' case are the client's, and pointers to the name (offset 12) hold.
A cached answer is made once and rendered often; a refusal is one template for all
names. The OPT record is ours (RFC 6891 6.1.1: only to who sent one).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from .codes import (
    AA,
    AD,
    ANY,
    CD,
    DO,
    NXDOMAIN,
    OPT,
    QR,
    RA,
    RCODE,
    RD,
    SOA,
    TC,
    UDP_SIZE,
    DnsCodecError,
)
from .edns import Option, encode_opt
from .message import ANSWER, AUTHORITY, Message, Record, parse_message
from .rebuild import rebuild

_ECHO = RD | CD
_AUTHENTIC = AD | DO
_NO_RECORDS = b"\0\1\0\0\0\0\0\0"
_ONLY_OPT = b"\0\1\0\0\0\0\0\1"
_TTL = struct.Struct("!I")
_COUNTS = struct.Struct("!4H")


@dataclass(slots=True, kw_only=True)
class Template:
    """The parts of an answer that do not depend on who asks.

    flags: without what echoes the question. counts: the header's, without and with OPT.
    body: records after the question, aged in place. ttls: (offset in body, seconds when
    made). opt: without and with DO. ttl: seconds it may be kept; 0: not at all.
    """

    flags: int
    counts: tuple[bytes, bytes]
    body: bytearray
    ttls: tuple[tuple[int, int], ...]
    opt: tuple[bytes, bytes]
    ttl: int
    _age: int = field(default=0, init=False)

    def age(self, seconds: int) -> None:
        """Write the TTLs that are left so long after the answer was made."""
        if seconds == self._age:
            return
        self._age = seconds
        for at, ttl in self.ttls:
            left = ttl - seconds
            _TTL.pack_into(self.body, at, left if left > 0 else 0)

    def render(
        self, packet: bytes, end: int, size: int, bits: int, limit: int
    ) -> bytes:
        """Return the answer to one question.

        packet: the question as it came; end, size, bits: as `read_question` gave them.
        limit: octets; a longer answer is sent empty with TC (RFC 2181 9), so that the
        client asks by TCP.
        """
        flags = self.flags | bits & _ECHO
        # RFC 6840 5.8: only to who understands it.
        if flags & AD and not bits & _AUTHENTIC:
            flags ^= AD
        if size:
            opt = self.opt[1 if bits & DO else 0]
            if end + len(self.body) + len(opt) <= limit:
                return b"".join(
                    (
                        packet[:2],
                        flags.to_bytes(2, "big"),
                        self.counts[1],
                        packet[12:end],
                        self.body,
                        opt,
                    )
                )
            head = (flags | TC).to_bytes(2, "big") + _ONLY_OPT
            if end + len(opt) > limit:
                opt = _BARE_OPT[1 if bits & DO else 0]
            return packet[:2] + head + packet[12:end] + opt
        if end + len(self.body) <= limit:
            return b"".join(
                (
                    packet[:2],
                    flags.to_bytes(2, "big"),
                    self.counts[0],
                    packet[12:end],
                    self.body,
                )
            )
        head = (flags | TC).to_bytes(2, "big") + _NO_RECORDS
        return packet[:2] + head + packet[12:end]


def from_answer(
    message: Message, *, ttl_max: int, options: Iterable[Option] = ()
) -> Template:
    """Make a template of a resolver's answer.

    ttl_max: seconds; longer TTLs are cut to it, as a client must ask again before a
    changed rule can reach it. options: EDNS options for the client.
    Raises DnsCodecError if the answer is truncated, has an RCODE above 15 (which no
    client of ours has to see), or has malformed records after OPT.
    """
    if message.truncated:
        raise DnsCodecError("truncated")
    ttl = _lifetime(message)
    opts = [i for i, r in enumerate(message.records) if r.rtype == OPT]
    # The RCODE's upper bits would be lost: BADCOOKIE (23) would become 7.
    if any(message.raw[message.records[i].data - 6] for i in opts):
        raise DnsCodecError("extended-rcode")
    records, raw, end = message.records, message.raw, message.end
    if opts and opts == [len(records) - 1]:
        end = records[-1].start
        records = records[:-1]
    elif opts:
        # Pointers after OPT would no longer fit.
        plain = parse_message(rebuild(message, {}))
        return from_answer(plain, ttl_max=ttl_max, options=options)
    counts = [0, 0, 0, 0]
    ttls = []
    body = bytearray(raw[message.body : end])
    for record in records:
        counts[record.section] += 1
        at = record.data - 6 - message.body
        kept = min(record.ttl, ttl_max)
        _TTL.pack_into(body, at, kept)
        ttls.append((at, kept))
    return Template(
        flags=QR | message.flags & (AA | RA | AD | RCODE),
        counts=_counts(*counts[1:]),
        body=body,
        ttls=tuple(ttls),
        opt=_opts(tuple(options)),
        ttl=min(ttl, ttl_max),
    )


def fixed(
    rcode: int, body: bytes, counts: tuple[int, int, int], options: Iterable[Option]
) -> Template:
    """Make a template of our own records, which never age.

    body: records whose only pointers are to the question's name. counts: of answer,
    authority, additional.
    """
    return Template(
        flags=QR | RA | rcode,
        counts=_counts(*counts),
        body=bytearray(body),
        ttls=(),
        opt=_opts(tuple(options)),
        ttl=0,
    )


def _counts(answers: int, authority: int, additional: int) -> tuple[bytes, bytes]:
    bare = _COUNTS.pack(1, answers, authority, additional)
    return bare, _COUNTS.pack(1, answers, authority, additional + 1)


def _opts(options: tuple[Option, ...]) -> tuple[bytes, bytes]:
    return encode_opt(UDP_SIZE, 0, options), encode_opt(UDP_SIZE, 1, options)


_BARE_OPT = _opts(())


def _lifetime(message: Message) -> int:
    """Return how long an answer may be kept: the least TTL of what was asked for.

    A no is kept as long as its SOA says, and without SOA not at all (RFC 2308 5). Any
    other RCODE is no answer to keep.
    """
    if message.rcode not in (0, NXDOMAIN):
        return 0
    answers = [r for r in message.records if r.section == ANSWER]
    ttls = [r.ttl for r in answers]
    found = any(message.qtype in (r.rtype, ANY) for r in answers)
    if message.rcode == NXDOMAIN or not found:
        soas = [r for r in message.records if r.section == AUTHORITY and r.rtype == SOA]
        if not soas:
            return 0
        ttls += [min(r.ttl, _minimum(message, r)) for r in soas]
    return min(ttls)


def _minimum(message: Message, soa: Record) -> int:
    # The last field; two names and five numbers stand there (RFC 1035 3.3.13).
    if soa.end - soa.data < 22:
        raise DnsCodecError("bad-soa")
    return int.from_bytes(message.raw[soa.end - 4 : soa.end], "big")
