"""The OPT record and its options. RFC 6891; cookies RFC 7873, errors RFC 8914.

OPT belongs to one hop: a client's is answered with one of ours, a resolver's is read
and dropped.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .codes import ADVICE_MAX, COOKIE, DO, EDE, OPT, OPTIONS_MAX, DnsCodecError
from .message import ADDITIONAL, Message

_OPTION = struct.Struct("!HH")
_FIXED = struct.Struct("!HHBBHH")

Option = tuple[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edns:
    """What an OPT record says.

    size: octets by UDP. rcode: all twelve bits, the header's four included.
    options: (code, data) as sent, unknown ones too, maybe twice.
    """

    size: int
    version: int
    rcode: int
    do: bool
    options: tuple[Option, ...]

    def first(self, code: int) -> bytes | None:
        """Return the data of the first option of that code."""
        return next((data for known, data in self.options if known == code), None)


@dataclass(frozen=True, slots=True)
class Cookie:
    """RFC 7873 4. client: 8 octets; server: none yet, or 8 to 32."""

    client: bytes
    server: bytes = b""

    def __post_init__(self) -> None:
        if len(self.client) != 8 or not (
            not self.server or 8 <= len(self.server) <= 32
        ):
            raise DnsCodecError("bad-cookie")

    def encode(self) -> Option:
        """Return the option."""
        return COOKIE, self.client + self.server


@dataclass(frozen=True, slots=True)
class Advice:
    """An extended error. info: RFC 8914 4 INFO-CODE. text: plain words, maybe none."""

    info: int
    text: str = ""

    def encode(self) -> Option:
        """Return the option; a long text ends at 200 octets, never inside a letter."""
        text = self.text.encode(errors="replace")[:ADVICE_MAX]
        plain = text.decode(errors="ignore").encode()
        return EDE, self.info.to_bytes(2, "big") + plain


def read_edns(message: Message) -> Edns | None:
    """Return what the OPT record of a message says; None if it has none.

    Raises DnsCodecError: two of them, not in the root's name, options malformed.
    """
    found = [r for r in message.records if r.rtype == OPT]
    if not found:
        return None
    opt, *more = found
    if more or opt.owner != b"\0" or opt.section != ADDITIONAL:
        raise DnsCodecError("opt")
    high, version, flags = struct.unpack_from("!BBH", message.raw, opt.data - 6)
    return Edns(
        size=opt.rclass,
        version=version,
        rcode=high << 4 | message.rcode,
        do=bool(flags & DO),
        options=parse_options(message.rdata(opt)),
    )


def parse_options(data: bytes) -> tuple[Option, ...]:
    """Split OPT's RDATA. Raises DnsCodecError for more than 32 or a wrong length."""
    options: list[Option] = []
    at = 0
    while at < len(data):
        if len(options) == OPTIONS_MAX:
            raise DnsCodecError("too-many-options")
        if at + _OPTION.size > len(data):
            raise DnsCodecError("short")
        code, length = _OPTION.unpack_from(data, at)
        at += _OPTION.size
        if at + length > len(data):
            raise DnsCodecError("short")
        options.append((code, data[at : at + length]))
        at += length
    return tuple(options)


def parse_cookie(data: bytes) -> Cookie:
    """Read a COOKIE option. Raises DnsCodecError for lengths that RFC 7873 forbids."""
    return Cookie(data[:8], data[8:])


def parse_advice(data: bytes) -> Advice:
    """Read an EDE option; octets that are no UTF-8 are replaced, a final NUL dropped.

    Raises DnsCodecError without an INFO-CODE.
    """
    if len(data) < 2:
        raise DnsCodecError("short")
    text = data[2 : 2 + ADVICE_MAX].removesuffix(b"\0").decode(errors="replace")
    return Advice(int.from_bytes(data[:2], "big"), text)


def encode_opt(
    size: int, do: int, options: tuple[Option, ...] = (), *, rcode: int = 0
) -> bytes:
    """Return an OPT record, owner included.

    size: what the sender takes by UDP. do: not 0 sets DO. rcode: its upper bits go in.
    """
    data = b"".join(_OPTION.pack(c, len(v)) + v for c, v in options)
    flags = DO if do else 0
    return b"\0" + _FIXED.pack(OPT, size, rcode >> 4, 0, flags, len(data)) + data
