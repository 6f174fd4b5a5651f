"""What an answer leads to: names to judge, addresses a device learns. RFC 1035, 6672.

A blocked site often hides behind an allowed name's CNAME or HTTPS target, and musl's
resolver takes any address of an answer, whoever owns it. So every name that a client
could follow is given out, and records that the question does not lead to are named, for
the caller to leave out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from .codes import (
    AAAA,
    CHAIN_MAX,
    CNAME,
    DNAME,
    IN,
    NAME_MAX,
    NAMES_MAX,
    A,
    DnsCodecError,
)
from .message import ADDITIONAL, ANSWER, Message, Record
from .name import read_name, suffixes
from .svcb import TYPES, parse_service


class Learned(NamedTuple):
    """An address. name: its owner, wire. ttl: seconds, the least on the way to it."""

    name: bytes
    address: bytes
    ttl: int


@dataclass(frozen=True, slots=True)
class Chain:
    """names: all to judge, the question's first, in the order they are reached.

    final: where the CNAMEs end. addresses: each once, 4 or 16 octets. strays: indexes
    of the answer section's records that the question does not lead to.
    """

    names: tuple[bytes, ...]
    final: bytes
    addresses: tuple[Learned, ...]
    strays: tuple[int, ...]


def follow(message: Message) -> Chain:
    """Follow an answer from its question.

    Addresses of the additional section count if their owner was reached (RFC 9460 4.1:
    clients may use them).
    Raises DnsCodecError: malformed, aliases in a circle, more than 16 of them or than
    64 names.
    """
    walk = _Walk(message)
    final = walk.follow_aliases(message.qname)
    walk.follow_services()
    strays = tuple(
        index
        for index, record in enumerate(message.records)
        if record.section == ANSWER and not walk.reached(record)
    )
    return Chain(tuple(walk.ttls), final, walk.addresses(), strays)


class _Walk:
    """The records by owner, and the names reached with the least TTL on the way."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._by_owner: dict[bytes, list[Record]] = defaultdict(list)
        self._moves = any(record.rtype == DNAME for record in message.records)
        self._dnames: set[bytes] = set()
        self.ttls: dict[bytes, int] = {}
        for record in message.records:
            if record.section in (ANSWER, ADDITIONAL) and record.rclass == IN:
                self._by_owner[record.owner].append(record)

    def follow_aliases(self, name: bytes) -> bytes:
        """Reach a name and what its CNAMEs and DNAMEs lead to; return the last."""
        ttl = self.ttls.get(name, 0xFFFFFFFF)
        circle: set[bytes] = set()
        for _ in range(CHAIN_MAX + 1):
            self._reach(name, ttl)
            circle.add(name)
            step = self._alias(name)
            if step is None:
                return name
            name, ttl = step[0], min(ttl, step[1])
            if name in circle:
                raise DnsCodecError("alias-loop")
        raise DnsCodecError("alias-chain-too-long")

    def follow_services(self) -> None:
        """Reach the targets of HTTPS and SVCB records of all names reached."""
        # Grows while it is read, by names not seen before: at most NAMES_MAX.
        waiting = list(self.ttls)
        for owner in waiting:
            for record in self._records(owner, *TYPES):
                target = parse_service(self._message.rdata(record)).leads_to(owner)
                if target != b"\0" and target not in self.ttls:
                    known = len(self.ttls)
                    self._reach(target, min(self.ttls[owner], record.ttl))
                    self.follow_aliases(target)
                    waiting += list(self.ttls)[known:]

    def addresses(self) -> tuple[Learned, ...]:
        """Return the addresses of all names reached, hints included."""
        found: dict[tuple[bytes, bytes], int] = {}
        for owner, ttl in self.ttls.items():
            for record in self._records(owner, A, AAAA, *TYPES):
                data = self._message.rdata(record)
                keep = min(ttl, record.ttl)
                if record.rtype in TYPES:
                    service = parse_service(data)
                    learned, name = service.hints(), service.leads_to(owner)
                elif len(data) != (4 if record.rtype == A else 16):
                    raise DnsCodecError("bad-address")
                else:
                    learned, name = (data,), owner
                for address in learned:
                    known = found.get((name, address), keep)
                    found[name, address] = min(known, keep)
        return tuple(Learned(n, a, ttl) for (n, a), ttl in found.items())

    def reached(self, record: Record) -> bool:
        """Say whether the question leads to a record; a DNAME stands above the name."""
        return record.owner in self.ttls or record.owner in self._dnames

    def _reach(self, name: bytes, ttl: int) -> None:
        self.ttls[name] = min(ttl, self.ttls.get(name, ttl))
        if len(self.ttls) > NAMES_MAX:
            raise DnsCodecError("too-many-names")

    def _records(self, owner: bytes, *rtypes: int) -> list[Record]:
        return [r for r in self._by_owner.get(owner, ()) if r.rtype in rtypes]

    def _alias(self, name: bytes) -> tuple[bytes, int] | None:
        """Return where a name leads by CNAME, else by the nearest DNAME, and the TTL.

        RFC 6672 3.4: the server makes the CNAME of a DNAME; both lead to the same name
        or the answer is forged.
        """
        made = self._substitute(name)
        if aliases := self._records(name, CNAME):
            target = self._target(aliases[0])
            if any(self._target(other) != target for other in aliases[1:]):
                raise DnsCodecError("two-aliases")
            if made and made[0] != target:
                raise DnsCodecError("two-aliases")
            return target, min(alias.ttl for alias in aliases)
        return made

    def _substitute(self, name: bytes) -> tuple[bytes, int] | None:
        for parent in suffixes(name)[1:] if self._moves else ():
            if dnames := self._records(parent, DNAME):
                self._dnames.add(parent)
                target = self._target(dnames[0])
                made = name[: len(name) - len(parent)] + target
                # RFC 6672 2.2: too long a name is YXDOMAIN at the server.
                if len(made) > NAME_MAX:
                    raise DnsCodecError("name-too-long")
                return made, dnames[0].ttl
        return None

    def _target(self, record: Record) -> bytes:
        target, past = read_name(self._message.raw, record.data)
        if past != record.end:
            raise DnsCodecError("bad-alias")
        return target
