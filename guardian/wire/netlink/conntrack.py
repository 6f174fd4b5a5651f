"""Connection tracking entries: list, parse, delete, and the events of their life.

A router holds thousands of entries and reads them all every half minute, so the parser
has a short way for what nearly every entry is (TCP or UDP, in the kernel's order of
attributes) and a general one for the rest; tests hold the two to the same results.
No marks are read or written: those are others'.
Source: linux/netfilter/nfnetlink_conntrack.h, nf_conntrack_common.h.
"""

import struct
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal, NamedTuple

from guardian.wire.netlink.message import (
    ATTRIBUTE,
    NLM_F_CREATE,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    Message,
    NetlinkCodecError,
    address_text,
    encode_attribute,
    encode_message,
    encode_nested,
    iterate_attributes,
    parse_attributes,
    uint_of,
)
from guardian.wire.netlink.nftables import NFGENMSG

SUBSYSTEM = 1
_CT_NEW = SUBSYSTEM << 8
_CT_GET = SUBSYSTEM << 8 | 1
_CT_DELETE = SUBSYSTEM << 8 | 2
# linux/socket.h
AF_INET, AF_INET6 = 2, 10

# enum ctattr_type
_ORIG, _REPLY, _STATUS, _TIMEOUT = 1, 2, 3, 7
_COUNTERS_ORIG, _COUNTERS_REPLY, _ID, _ZONE = 9, 10, 12, 18
# enum ctattr_tuple, ctattr_ip, ctattr_l4proto, ctattr_counters
_TUPLE_IP, _TUPLE_PROTO, _TUPLE_ZONE = 1, 2, 3
_V4_SRC, _V4_DST, _V6_SRC, _V6_DST = 1, 2, 3, 4
_NUM, _SPORT, _DPORT = 1, 2, 3
_ICMP = (4, 5, 6)
_ICMP6 = (7, 8, 9)
_PACKETS, _BYTES = 1, 2

# enum ip_conntrack_status
STATUS_SEEN_REPLY = 1 << 1
STATUS_ASSURED = 1 << 2
STATUS_CONFIRMED = 1 << 3
STATUS_SRC_NAT = 1 << 4
STATUS_DST_NAT = 1 << 5
STATUS_OFFLOAD = 1 << 14


class FlowTuple(NamedTuple):
    """One direction of a flow, as its packets look before any translation.

    proto: IANA number; sport, dport: None for protocols without ports;
    icmp: (id, type, code) for ICMP and ICMPv6, else None.
    """

    src: str
    dst: str
    proto: int
    sport: int | None = None
    dport: int | None = None
    icmp: tuple[int, int, int] | None = None


class Flow(NamedTuple):
    """One entry. A named tuple, as `Message`: made for each entry of a dump.

    orig: from who began; reply: what answers look like: NAT shows as a difference.
    zone: of the original direction; id: 0 when not told; a hash of the entry's place in
    memory and its tuple, so a later entry with equal tuples often has the same one
    (nf_ct_get_id; measured). packets, octets: (original, reply), None where
    nf_conntrack_acct was off when the entry was made. timeout: seconds left; a
    destroyed entry has none.
    """

    orig: FlowTuple
    reply: FlowTuple
    zone: int = 0
    id: int = 0
    status: int = 0
    packets: tuple[int, int] | None = None
    octets: tuple[int, int] | None = None
    timeout: int | None = None


class FlowEvent(NamedTuple):
    """Something befell an entry; the counters of "destroy" are the final ones."""

    kind: Literal["new", "update", "destroy"]
    flow: Flow


def encode_dump(seq: int, family: int = 0) -> bytes:
    """Return the request that lists all entries; family 0 is IPv4 and IPv6."""
    flags = NLM_F_REQUEST | NLM_F_DUMP
    return encode_message(_CT_GET, flags, seq, NFGENMSG.pack(family, 0, 0))


def encode_delete(flow: Flow, seq: int, flags: int = NLM_F_REQUEST) -> bytes:
    """Return the request that deletes one entry, by original tuple, zone and id."""
    family, original = _encode_tuple(flow.orig)
    body = NFGENMSG.pack(family, 0, 0) + encode_nested(_ORIG, original)
    if flow.id:
        body += encode_attribute(_ID, flow.id.to_bytes(4, "big"))
    if flow.zone:
        body += encode_attribute(_ZONE, flow.zone.to_bytes(2, "big"))
    return encode_message(_CT_DELETE, flags, seq, body)


def _encode_tuple(item: FlowTuple) -> tuple[int, bytes]:
    src, dst = _packed(item.src), _packed(item.dst)
    if len(src) != len(dst):
        raise NetlinkCodecError("addresses of two families in one tuple")
    four = len(src) == 4
    source, target = (_V4_SRC, _V4_DST) if four else (_V6_SRC, _V6_DST)
    proto = [(_NUM, item.proto.to_bytes(1, "big"))]
    if item.sport is not None and item.dport is not None:
        proto.append((_SPORT, item.sport.to_bytes(2, "big")))
        proto.append((_DPORT, item.dport.to_bytes(2, "big")))
    if item.icmp is not None:
        for kind, value, size in zip(_ICMP if four else _ICMP6, item.icmp, (2, 1, 1)):
            proto.append((kind, value.to_bytes(size, "big")))
    return AF_INET if four else AF_INET6, (
        encode_nested(
            _TUPLE_IP, encode_attribute(source, src) + encode_attribute(target, dst)
        )
        + encode_nested(_TUPLE_PROTO, b"".join(encode_attribute(*p) for p in proto))
    )


@lru_cache(maxsize=4096)
def _packed(text: str) -> bytes:
    try:
        return ip_address(text).packed
    except ValueError:
        raise NetlinkCodecError(f"bad address {text[:48]!r}") from None


def parse_flow(message: Message) -> Flow:
    """Return the entry of a message; NetlinkCodecError if it holds none."""
    if message.kind not in (_CT_NEW, _CT_DELETE):
        raise NetlinkCodecError(f"type {message.kind} holds no entry")
    found = parse_attributes(message.body, NFGENMSG.size)
    try:
        orig, reply = found[_ORIG], found[_REPLY]
    except KeyError:
        raise NetlinkCodecError("entry without a tuple") from None
    sent, received = found.get(_COUNTERS_ORIG), found.get(_COUNTERS_REPLY)
    packets = octets = None
    if sent is not None and received is not None:
        (p1, b1), (p2, b2) = _counters(sent), _counters(received)
        packets, octets = (p1, p2), (b1, b2)
    timeout = found.get(_TIMEOUT)
    zone = found.get(_ZONE)
    return Flow(
        _parse_tuple(orig),
        _parse_tuple(reply),
        _tuple_zone(orig) if zone is None else uint_of(zone, 2, "zone"),
        uint_of(found.get(_ID, bytes(4)), 4, "id"),
        uint_of(found.get(_STATUS, bytes(4)), 4, "status"),
        packets,
        octets,
        None if timeout is None else uint_of(timeout, 4, "timeout"),
    )


def parse_flow_event(message: Message) -> FlowEvent:
    """Return the event in a message; NetlinkCodecError if it holds none."""
    flow = parse_flow(message)
    if message.kind == _CT_DELETE:
        return FlowEvent("destroy", flow)
    return FlowEvent("new" if message.flags & NLM_F_CREATE else "update", flow)


def _layout(*headers: tuple[int, int]) -> tuple[int, ...]:
    """Return attribute headers (length, type) as big-endian words, to compare with."""
    return tuple(int.from_bytes(ATTRIBUTE.pack(*h), "big") for h in headers)


# Tuples of TCP and UDP as ctnetlink_dump_tuples writes them. Reading all in one step
# and comparing the headers takes a quarter of the time of walking them (measured).
_NESTED = 0x8000
_FAST = {
    48: (
        struct.Struct(">II4sI4sIIB3xIH2xIH2x"),
        _layout(
            (20, _TUPLE_IP | _NESTED),
            (8, _V4_SRC),
            (8, _V4_DST),
            (28, _TUPLE_PROTO | _NESTED),
            (5, _NUM),
            (6, _SPORT),
            (6, _DPORT),
        ),
    ),
    72: (
        struct.Struct(">II16sI16sIIB3xIH2xIH2x"),
        _layout(
            (44, _TUPLE_IP | _NESTED),
            (20, _V6_SRC),
            (20, _V6_DST),
            (28, _TUPLE_PROTO | _NESTED),
            (5, _NUM),
            (6, _SPORT),
            (6, _DPORT),
        ),
    ),
}


def _ends(
    family: int, size: int, source: int
) -> tuple[bytes, tuple[struct.Struct, bytes]]:
    """Return what a TCP or UDP entry begins with, and how to read its four addresses.

    size: of an address, bytes; source: the attribute's type.
    """
    ip = ATTRIBUTE.pack(4 + 2 * (4 + size), _TUPLE_IP | _NESTED)
    inner = ip + ATTRIBUTE.pack(4 + size, source)
    # An attribute's header, both addresses with theirs, and 28 bytes of ports.
    length = 4 + 4 + 2 * (4 + size) + 28
    orig = NFGENMSG.pack(family, 0, 0) + ATTRIBUTE.pack(length, _ORIG | _NESTED) + inner
    reply = ATTRIBUTE.pack(length, _REPLY | _NESTED) + inner
    layout = struct.Struct(f"16s{size}s4x{size}s28x12s{size}s4x{size}s")
    return orig, (layout, reply)


_ENDS = dict((_ends(AF_INET, 4, _V4_SRC), _ends(AF_INET6, 16, _V6_SRC)))


def _parse_tuple(data: bytes) -> FlowTuple:
    fast = _FAST.get(len(data))
    if fast is not None:
        layout, headers = fast
        h1, h2, src, h3, dst, h4, h5, proto, h6, sport, h7, dport = layout.unpack(data)
        if (h1, h2, h3, h4, h5, h6, h7) == headers:
            return FlowTuple(address_text(src), address_text(dst), proto, sport, dport)
    return _walk_tuple(data)


def _walk_tuple(data: bytes) -> FlowTuple:
    parts = parse_attributes(data)
    ip = parse_attributes(parts.get(_TUPLE_IP, b""))
    proto = parse_attributes(parts.get(_TUPLE_PROTO, b""))
    source, target = (_V4_SRC, _V4_DST) if _V4_SRC in ip else (_V6_SRC, _V6_DST)
    size = 4 if source == _V4_SRC else 16
    src, dst = ip.get(source, b""), ip.get(target, b"")
    if len(src) != size or len(dst) != size:
        raise NetlinkCodecError("tuple without two addresses of one family")
    number = proto.get(_NUM)
    if number is None:
        raise NetlinkCodecError("tuple without a protocol")
    sport = dport = None
    if _SPORT in proto and _DPORT in proto:
        sport = uint_of(proto[_SPORT], 2, "port")
        dport = uint_of(proto[_DPORT], 2, "port")
    icmp = None
    for kinds in (_ICMP, _ICMP6):
        if all(kind in proto for kind in kinds):
            ident, kind, code = (proto[k] for k in kinds)
            icmp = (
                uint_of(ident, 2, "icmp id"),
                uint_of(kind, 1, "icmp type"),
                uint_of(code, 1, "icmp code"),
            )
    return FlowTuple(
        address_text(src),
        address_text(dst),
        uint_of(number, 1, "protocol"),
        sport,
        dport,
        icmp,
    )


def _tuple_zone(data: bytes) -> int:
    """Return the zone of one direction only; 0 when the tuple names none."""
    if len(data) in _FAST:
        return 0
    zone = parse_attributes(data).get(_TUPLE_ZONE)
    return 0 if zone is None else uint_of(zone, 2, "zone")


_COUNTER_PAIR = struct.Struct(">IQIQ")
_COUNTER_HEADERS = _layout((12, _PACKETS), (12, _BYTES))


def _counters(data: bytes) -> tuple[int, int]:
    if len(data) == 24:
        h1, packets, h2, octets = _COUNTER_PAIR.unpack(data)
        if (h1, h2) == _COUNTER_HEADERS:
            return packets, octets
    found = dict(iterate_attributes(data))
    return (
        uint_of(found.get(_PACKETS, b""), 8, "packets"),
        uint_of(found.get(_BYTES, b""), 8, "bytes"),
    )


def quick_test(addresses: Iterable[str]) -> Callable[[bytes], bool]:
    """Return a test of an entry's message body: can it be about one of `addresses`?

    False only where none of them is at any end: 0.5 instead of 7 microseconds for each
    entry that is another's (measured). What is not laid out as TCP and UDP are may be.
    Raises NetlinkCodecError for text that is no address.
    """
    # The kernel has a filter of its own (CTA_FILTER, Linux 5.8). It takes one walk of
    # the whole table for each address and direction, 16 ms each where there are 262,144
    # buckets, and for IPv6 returns all but what was asked for (measured on 6.18).
    absent = frozenset(_packed(a) for a in addresses).isdisjoint

    def may_concern(body: bytes) -> bool:
        fast = _ENDS.get(body[:16])
        if fast is None or len(body) < fast[0].size:
            return True
        layout, header = fast
        _, src, dst, reply, reply_src, reply_dst = layout.unpack_from(body)
        return reply != header or not absent((src, dst, reply_src, reply_dst))

    return may_concern


def flows_of(flows: Iterable[Flow], spared: Mapping[str, frozenset[str]]) -> list[Flow]:
    """Return the flows of some devices, except those to what is spared for each.

    spared: address of a device -> addresses to which its flows go on. A device may
    stand at either end of either direction (translated, inbound, or reached by port
    forwarding). The other end is the one of the same direction, as the device sees it.
    Any textual form of an address will do.
    Raises NetlinkCodecError for text that is no address.
    """
    texts: dict[frozenset[str], frozenset[str]] = {}
    for spare in spared.values():
        if spare not in texts:
            texts[spare] = frozenset(address_text(_packed(a)) for a in spare)
    ours = {address_text(_packed(a)): texts[spare] for a, spare in spared.items()}
    found = []
    for flow in flows:
        orig, reply = flow.orig, flow.reply
        if orig.src in ours:
            device, remote = orig.src, orig.dst
        elif orig.dst in ours:
            device, remote = orig.dst, orig.src
        elif reply.src in ours:
            device, remote = reply.src, reply.dst
        elif reply.dst in ours:
            device, remote = reply.dst, reply.src
        else:
            continue
        if remote not in ours[device]:
            found.append(flow)
    return found
