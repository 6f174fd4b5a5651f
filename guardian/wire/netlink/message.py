"""Netlink messages: header, attributes, acknowledgements. Bytes in, values out.

No socket here, and no meaning of any one family. Lengths come from the kernel but are
checked as if they did not: every parser ends, stays inside its bytes and raises only
NetlinkCodecError. Integers of the headers have the machine's byte order.
Sources: linux/netlink.h; RFC 3549 section 2.3; Documentation/userspace-api/netlink.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from errno import errorcode
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from guardian.core.errors import GuardianError

HEADER = struct.Struct("=IHHII")
ATTRIBUTE = struct.Struct("=HH")
_unpack_attribute = ATTRIBUTE.unpack_from
_CODE = struct.Struct("=i")
_OFFSET = struct.Struct("=I")
# An attribute's length field has 16 bits and counts its own 4 bytes.
ATTRIBUTE_MAX = 0xFFFF - 4

# linux/netlink.h
NLMSG_ERROR = 2
NLMSG_DONE = 3
NLMSG_OVERRUN = 4
NLM_F_REQUEST = 0x1
NLM_F_ACK = 0x4
NLM_F_DUMP_INTR = 0x10
NLM_F_DUMP = 0x300
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400
NLM_F_CAPPED = 0x100
NLM_F_ACK_TLVS = 0x200
NLA_F_NESTED = 0x8000
# Above these two bits (nested, network byte order) there is only the type.
_TYPE_MASK = 0x3FFF
_ACK_TEXT = 1
_ACK_OFFSET = 2


class NetlinkCodecError(GuardianError):
    """Bytes that are no netlink message, or a value that cannot become one."""

    def __init__(self, detail: str) -> None:
        super().__init__("netlink-malformed", detail)


@dataclass(frozen=True, slots=True)
class Lost:
    """The receive buffer overflowed: events are missing, read the state anew."""


class Message(NamedTuple):
    """One message; `body` is what follows the 16-byte header.

    A named tuple: made for every entry of a dump, and a frozen dataclass takes three
    times as long to make (measured).
    """

    kind: int
    flags: int
    seq: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The kernel's acknowledgement (errno 0) or refusal of message `seq`.

    text: the kernel's words, often empty; offset: bytes from the start of the refused
    message to the attribute at fault, None when not told (NETLINK_EXT_ACK).
    """

    seq: int
    errno: int
    text: str = ""
    offset: int | None = None

    @property
    def name(self) -> str:
        """Return the errno's name, e.g. ENOENT."""
        return errorcode.get(self.errno, str(self.errno))

    def words(self) -> str:
        """Return the errno's name and what the kernel says besides."""
        return f"{self.name}: {self.text}" if self.text else self.name


def encode_message(kind: int, flags: int, seq: int, body: bytes) -> bytes:
    """Return a message with its header; port id 0, the kernel fills it in.

    body: already a multiple of 4 bytes, as attributes are.
    """
    size = HEADER.size + len(body)
    return HEADER.pack(size, kind, flags, seq & 0xFFFFFFFF, 0) + body


def encode_attribute(kind: int, payload: bytes) -> bytes:
    """Return one attribute, padded to 4 bytes; NetlinkCodecError above 65531 bytes."""
    size = len(payload)
    if size > ATTRIBUTE_MAX:
        raise NetlinkCodecError(f"attribute of {size} bytes, at most {ATTRIBUTE_MAX}")
    return ATTRIBUTE.pack(4 + size, kind) + payload + bytes(-size & 3)


def encode_nested(kind: int, payload: bytes) -> bytes:
    """Return an attribute that holds attributes."""
    return encode_attribute(kind | NLA_F_NESTED, payload)


def encode_name(kind: int, text: str) -> bytes:
    """Return a NUL-terminated string attribute; NetlinkCodecError if not ASCII."""
    if not text.isascii() or "\0" in text:
        raise NetlinkCodecError("name is not plain ASCII")
    return encode_attribute(kind, text.encode() + b"\0")


def parse_messages(data: bytes) -> Iterator[Message]:
    """Yield the messages of one datagram.

    Raises NetlinkCodecError at the first length that does not fit.
    """
    at, end = 0, len(data)
    while at < end:
        if end - at < 16:
            raise NetlinkCodecError(f"{end - at} bytes where a header should be")
        size, kind, flags, seq, _ = HEADER.unpack_from(data, at)
        if size < 16 or size > end - at:
            raise NetlinkCodecError(f"message of {size} bytes in {end - at}")
        yield Message(kind, flags, seq, data[at + 16 : at + size])
        at += (size + 3) & ~3


def parse_attributes(data: bytes, start: int = 0) -> dict[int, bytes]:
    """Return attributes by type, flags masked off; of a repeated type the last.

    start: where they begin, after the family's own header.
    Raises NetlinkCodecError for a length that does not fit.
    """
    # Not dict(iterate_attributes()), which takes a quarter longer (measured).
    found: dict[int, bytes] = {}
    end = len(data)
    if start > end:
        raise NetlinkCodecError(f"body of {end} bytes, at least {start}")
    while start + 4 <= end:
        size, kind = _unpack_attribute(data, start)
        if size < 4 or size > end - start:
            raise NetlinkCodecError(f"attribute of {size} bytes in {end - start}")
        found[kind & _TYPE_MASK] = data[start + 4 : start + size]
        start += (size + 3) & ~3
    if start < end:
        raise NetlinkCodecError(f"{end - start} bytes where an attribute should be")
    return found


def iterate_attributes(data: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Yield (type, payload) in order, for lists whose types repeat.

    Raises NetlinkCodecError for a length that does not fit.
    """
    end = len(data)
    if start > end:
        raise NetlinkCodecError(f"body of {end} bytes, at least {start}")
    while start < end:
        if end - start < 4:
            raise NetlinkCodecError(f"{end - start} bytes where an attribute should be")
        size, kind = ATTRIBUTE.unpack_from(data, start)
        if size < 4 or size > end - start:
            raise NetlinkCodecError(f"attribute of {size} bytes in {end - start}")
        yield kind & _TYPE_MASK, data[start + 4 : start + size]
        start += (size + 3) & ~3


def parse_answer(message: Message) -> Answer:
    """Return what an NLMSG_ERROR or NLMSG_DONE message says.

    Raises NetlinkCodecError for another type or a body that is too short.
    Source: struct nlmsgerr; enum nlmsgerr_attrs.
    """
    body = message.body
    if message.kind == NLMSG_DONE:
        # The end of a dump carries a negative errno, or nothing.
        code = _CODE.unpack_from(body)[0] if len(body) >= 4 else 0
        return Answer(seq=message.seq, errno=max(0, -code))
    if message.kind != NLMSG_ERROR:
        raise NetlinkCodecError(f"type {message.kind} is no answer")
    if len(body) < 20:
        raise NetlinkCodecError(f"answer of {len(body)} bytes, at least 20")
    code = _CODE.unpack_from(body)[0]
    text, offset = "", None
    if message.flags & NLM_F_ACK_TLVS:
        # The refused message follows the code: its header only (capped), or all of it.
        size = HEADER.unpack_from(body, 4)[0]
        echoed = 16 if message.flags & NLM_F_CAPPED else (size + 3) & ~3
        found = parse_attributes(body, 4 + echoed)
        text = text_of(found.get(_ACK_TEXT, b""))
        if len(found.get(_ACK_OFFSET, b"")) == 4:
            offset = _OFFSET.unpack(found[_ACK_OFFSET])[0]
    return Answer(seq=message.seq, errno=max(0, -code), text=text, offset=offset)


def text_of(payload: bytes) -> str:
    """Return a NUL-terminated string; what is not printable ASCII becomes '?'."""
    raw = payload.partition(b"\0")[0].decode("ascii", "replace")
    return "".join(c if " " <= c <= "~" else "?" for c in raw)


@lru_cache(maxsize=4096)
def address_text(packed: bytes) -> str:
    """Return an IPv4 (4 bytes) or IPv6 (16 bytes) address as `ipaddress` prints it.

    Cached: a dump names the same few devices thousands of times.
    Raises NetlinkCodecError for any other length.
    """
    if len(packed) == 4:
        return str(IPv4Address(packed))
    if len(packed) == 16:
        return str(IPv6Address(packed))
    raise NetlinkCodecError(f"address of {len(packed)} bytes")


def mac_text(payload: bytes) -> str | None:
    """Return a 48-bit link address in lower-case colon form, None for other lengths."""
    return payload.hex(":") if len(payload) == 6 else None


def uint_of(payload: bytes, size: int, what: str) -> int:
    """Return an unsigned integer in network byte order of exactly `size` bytes."""
    if len(payload) != size:
        raise NetlinkCodecError(f"{what} of {len(payload)} bytes, not {size}")
    return int.from_bytes(payload, "big")
