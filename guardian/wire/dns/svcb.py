"""HTTPS and SVCB records: read, write, and take `ech` out. RFC 9460, RFC 9848.

A client that learns no `ech` sends the server's name in the clear, and a rule by name
still holds when the name was looked up elsewhere. `mandatory` may name `ech`: it is
taken out there too, or the record would be malformed (RFC 9460 8).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from .codes import HTTPS, IN, RRSIG, SVCB, DnsCodecError
from .message import Message
from .name import read_name
from .rebuild import rebuild

MANDATORY, ALPN, NO_DEFAULT_ALPN, PORT, IPV4HINT, ECH, IPV6HINT = range(7)
TYPES = (SVCB, HTTPS)
_PARAM = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class Service:
    """One record. target: lower-case wire name. params: (key, value), by key.

    priority 0 is AliasMode: go on at the target, or nowhere if it is the root.
    """

    priority: int
    target: bytes
    params: tuple[tuple[int, bytes], ...] = ()

    @property
    def is_alias(self) -> bool:
        """Say whether the record is in AliasMode (RFC 9460 2.4.2)."""
        return self.priority == 0

    def leads_to(self, owner: bytes) -> bytes:
        """Return the name that a client connects to or asks next.

        RFC 9460 2.5.2: in ServiceMode the root stands for the owner.
        """
        return owner if self.target == b"\0" and not self.is_alias else self.target

    def hints(self) -> tuple[bytes, ...]:
        """Return the addresses of ipv4hint and ipv6hint, 4 and 16 octets each."""
        found: list[bytes] = []
        for key, value in self.params:
            width = {IPV4HINT: 4, IPV6HINT: 16}.get(key)
            if width and not self.is_alias:
                found += [value[i : i + width] for i in range(0, len(value), width)]
        return tuple(found)

    def without(self, unwanted: int) -> Service:
        """Return the record without a parameter, nor a demand for it."""
        params = []
        for key, value in self.params:
            if key == MANDATORY:
                wanted = [k for k in _keys(value) if k != unwanted]
                value = b"".join(k.to_bytes(2, "big") for k in wanted)
                if not value:
                    continue
            if key != unwanted:
                params.append((key, value))
        return replace(self, params=tuple(params))

    def encode(self) -> bytes:
        """Return the RDATA."""
        params = b"".join(_PARAM.pack(k, len(v)) + v for k, v in self.params)
        return self.priority.to_bytes(2, "big") + self.target + params


def parse_service(data: bytes) -> Service:
    """Read RDATA.

    Raises DnsCodecError for what RFC 9460 2.2 calls malformed: keys not in strictly
    rising order, lengths that do not fit, a compressed target, a demand for a parameter
    that is not there.
    """
    if len(data) < 3:
        raise DnsCodecError("short")
    target, at = read_name(data, 2)
    if at != 2 + len(target):
        raise DnsCodecError("bad-target")
    params: list[tuple[int, bytes]] = []
    last = -1
    while at < len(data):
        if at + _PARAM.size > len(data):
            raise DnsCodecError("short")
        key, length = _PARAM.unpack_from(data, at)
        at += _PARAM.size
        if key <= last or at + length > len(data):
            raise DnsCodecError("bad-param")
        _check(key, data[at : at + length])
        params.append((key, data[at : at + length]))
        last = key
        at += length
    service = Service(int.from_bytes(data[:2], "big"), target, tuple(params))
    present = {key for key, _ in params}
    if params and params[0][0] == MANDATORY and not service.is_alias:
        if not present.issuperset(_keys(params[0][1])):
            raise DnsCodecError("mandatory-missing")
    return service


def strip_ech(message: Message) -> bytes:
    """Return the raw message without `ech`: as it stands if there is none.

    A malformed record is left out, and so are the signatures over what was changed.
    Raises DnsCodecError as `rebuild` does.
    """
    edits: dict[int, bytes | None] = {}
    changed: set[tuple[bytes, int]] = set()
    for index, record in enumerate(message.records):
        if record.rtype not in TYPES or record.rclass != IN:
            continue
        try:
            service = parse_service(message.rdata(record))
        except DnsCodecError:
            edits[index] = None
        else:
            if all(key != ECH for key, _ in service.params):
                continue
            edits[index] = service.without(ECH).encode()
        changed.add((record.owner, record.rtype))
    if not edits:
        return message.raw
    for index, record in enumerate(message.records):
        covered = int.from_bytes(message.rdata(record)[:2], "big")
        if record.rtype == RRSIG and (record.owner, covered) in changed:
            edits[index] = None
    return rebuild(message, edits)


def _keys(value: bytes) -> tuple[int, ...]:
    return struct.unpack(f"!{len(value) // 2}H", value)


def _check(key: int, value: bytes) -> None:
    """Refuse values whose length cannot be. RFC 9460 7 and 8."""
    width = {MANDATORY: 2, IPV4HINT: 4, IPV6HINT: 16}.get(key)
    if width and (not value or len(value) % width):
        raise DnsCodecError("bad-param")
    if key == MANDATORY:
        keys = _keys(value)
        if keys[0] == MANDATORY or list(keys) != sorted(set(keys)):
            raise DnsCodecError("bad-param")
