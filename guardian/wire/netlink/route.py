"""Links, addresses and neighbours from rtnetlink: requests, and what comes back.

Nothing is set here, only read. A deletion is the same value with `deleted` True.
Sources: linux/rtnetlink.h, if_link.h, if_addr.h, neighbour.h; rtnetlink(7).
"""

import struct
from dataclasses import dataclass

from guardian.wire.netlink.message import (
    NLM_F_DUMP,
    NLM_F_REQUEST,
    Lost,
    Message,
    NetlinkCodecError,
    address_text,
    encode_message,
    mac_text,
    parse_attributes,
    text_of,
)

__all__ = [
    "Address",
    "Link",
    "Lost",
    "Neighbour",
    "RouteEvent",
    "encode_get_addresses",
    "encode_get_links",
    "encode_get_neighbours",
    "parse_route_event",
]

RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK = 16, 17, 18
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH = 28, 29, 30

_IFINFOMSG = struct.Struct("=BxHiII")
_IFADDRMSG = struct.Struct("=BBBBI")
_NDMSG = struct.Struct("=BxxxiHBB")
_U32 = struct.Struct("=I")
_CACHEINFO = struct.Struct("=IIII")

_AF_UNSPEC, _AF_INET, _AF_INET6 = 0, 2, 10
_IFF_UP = 0x1
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MASTER, _IFLA_LINKINFO = 1, 3, 10, 18
_INFO_KIND = 1
_IFA_ADDRESS, _IFA_LOCAL, _IFA_CACHEINFO, _IFA_FLAGS = 1, 2, 6, 8
_NDA_DST, _NDA_LLADDR = 1, 2

# linux/if_addr.h
IFA_F_TEMPORARY = 0x01
IFA_F_DADFAILED = 0x08
IFA_F_DEPRECATED = 0x20
IFA_F_TENTATIVE = 0x40
IFA_F_PERMANENT = 0x80
# linux/neighbour.h
NUD_INCOMPLETE = 0x01
NUD_REACHABLE = 0x02
NUD_STALE = 0x04
NUD_DELAY = 0x08
NUD_PROBE = 0x10
NUD_FAILED = 0x20
NUD_NOARP = 0x40
NUD_PERMANENT = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A network interface.

    mac: None for links without a 48-bit address; master: index of the bridge or bond it
    is a port of; kind: e.g. bridge, veth, vlan, "" for hardware.
    """

    index: int
    name: str
    mac: str | None = None
    up: bool = False
    master: int | None = None
    kind: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address of this machine on link `index`; of a point-to-point link our end.

    family: 4 or 6; flags: IFA_F_*; valid_s: seconds, None for ever.
    """

    index: int
    address: str
    prefixlen: int
    family: int
    flags: int = 0
    valid_s: int | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A machine on link `index`. mac: None while unresolved; state: NUD_* bits."""

    index: int
    address: str
    mac: str | None
    state: int
    deleted: bool = False


RouteEvent = Link | Address | Neighbour


def encode_get_links(seq: int) -> bytes:
    """Return the request that lists all links."""
    body = _IFINFOMSG.pack(_AF_UNSPEC, 0, 0, 0, 0)
    return encode_message(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, seq, body)


def encode_get_addresses(seq: int) -> bytes:
    """Return the request that lists all addresses, IPv4 and IPv6."""
    body = _IFADDRMSG.pack(_AF_UNSPEC, 0, 0, 0, 0)
    return encode_message(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, seq, body)


def encode_get_neighbours(seq: int) -> bytes:
    """Return the request that lists all neighbours, IPv4 and IPv6."""
    body = _NDMSG.pack(_AF_UNSPEC, 0, 0, 0, 0)
    return encode_message(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, seq, body)


def parse_route_event(message: Message) -> RouteEvent | None:
    """Return what a message says, of a dump or an event; None if it is none of ours.

    Not ours: other types, and the bridge's own view of ports and of the MACs behind
    them (family AF_BRIDGE): a port leaving its bridge comes as RTM_DELLINK there, while
    the link lives on.
    Raises NetlinkCodecError for a damaged message.
    """
    if message.kind in (RTM_NEWLINK, RTM_DELLINK):
        return _parse_link(message)
    if message.kind in (RTM_NEWADDR, RTM_DELADDR):
        return _parse_address(message)
    if message.kind in (RTM_NEWNEIGH, RTM_DELNEIGH):
        return _parse_neighbour(message)
    return None


def _parse_link(message: Message) -> Link | None:
    found = parse_attributes(message.body, _IFINFOMSG.size)
    family, _, index, flags, _ = _IFINFOMSG.unpack_from(message.body)
    if family != _AF_UNSPEC:
        return None
    info = parse_attributes(found.get(_IFLA_LINKINFO, b""))
    master = found.get(_IFLA_MASTER)
    return Link(
        index=index,
        name=text_of(found.get(_IFLA_IFNAME, b"")),
        mac=mac_text(found.get(_IFLA_ADDRESS, b"")),
        up=bool(flags & _IFF_UP),
        master=None if master is None else _word(master),
        kind=text_of(info.get(_INFO_KIND, b"")),
        deleted=message.kind == RTM_DELLINK,
    )


def _parse_address(message: Message) -> Address | None:
    found = parse_attributes(message.body, _IFADDRMSG.size)
    family, prefixlen, flags, _, index = _IFADDRMSG.unpack_from(message.body)
    if family not in (_AF_INET, _AF_INET6):
        return None
    # Only IPv4 sets IFA_LOCAL; on a point-to-point link IFA_ADDRESS is the peer's.
    address = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS))
    wide = found.get(_IFA_FLAGS)
    return Address(
        index=index,
        address=_address(address, family),
        prefixlen=prefixlen,
        family=4 if family == _AF_INET else 6,
        flags=flags if wide is None else _word(wide),
        valid_s=_valid(found.get(_IFA_CACHEINFO)),
        deleted=message.kind == RTM_DELADDR,
    )


def _parse_neighbour(message: Message) -> Neighbour | None:
    found = parse_attributes(message.body, _NDMSG.size)
    family, index, state, _, _ = _NDMSG.unpack_from(message.body)
    if family not in (_AF_INET, _AF_INET6):
        return None
    return Neighbour(
        index=index,
        address=_address(found.get(_NDA_DST), family),
        mac=mac_text(found.get(_NDA_LLADDR, b"")),
        state=state,
        deleted=message.kind == RTM_DELNEIGH,
    )


def _address(payload: bytes | None, family: int) -> str:
    if payload is None or len(payload) != (4 if family == _AF_INET else 16):
        raise NetlinkCodecError("no address of the message's family")
    return address_text(payload)


def _valid(payload: bytes | None) -> int | None:
    if payload is None:
        return None
    if len(payload) != _CACHEINFO.size:
        raise NetlinkCodecError(f"lifetimes of {len(payload)} bytes")
    valid: int = _CACHEINFO.unpack(payload)[1]
    # INFINITY_LIFE_TIME of linux/if_addr.h
    return None if valid == 0xFFFFFFFF else valid


def _word(payload: bytes) -> int:
    if len(payload) != _U32.size:
        raise NetlinkCodecError(f"number of {len(payload)} bytes, not 4")
    value: int = _U32.unpack(payload)[0]
    return value
