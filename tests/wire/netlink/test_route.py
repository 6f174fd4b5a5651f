"""Links, addresses and neighbours as Linux 6.18 tells them; pyroute2 makes the rest."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.ndmsg import ndmsg

from guardian.wire.netlink.message import Message, NetlinkCodecError, parse_messages
from guardian.wire.netlink.route import (
    IFA_F_PERMANENT,
    NUD_FAILED,
    NUD_REACHABLE,
    NUD_STALE,
    Address,
    Link,
    Neighbour,
    RouteEvent,
    encode_get_addresses,
    encode_get_links,
    encode_get_neighbours,
    parse_route_event,
)

NEWLINK, DELLINK, NEWADDR, DELADDR, NEWNEIGH, DELNEIGH = 16, 17, 20, 21, 28, 29
MAC = "02:00:5e:00:10:01"


def parse(kind: int, body: bytes) -> RouteEvent | None:
    return parse_route_event(Message(kind, 0, 0, body))


def made(
    kind: type[Any], fields: dict[str, Any], *attributes: tuple[str, Any]
) -> bytes:
    """Return the body of a message as pyroute2 makes it."""
    message = kind()
    message.update(fields)
    message["attrs"] = list(attributes)
    message.encode()
    return bytes(message.data[16:])


def link(family: int = 0) -> bytes:
    return made(
        ifinfmsg,
        {"family": family, "index": 4, "flags": 0x11043},
        ("IFLA_IFNAME", "v0"),
        ("IFLA_MASTER", 2),
        ("IFLA_ADDRESS", MAC),
        ("IFLA_LINKINFO", {"attrs": [("IFLA_INFO_KIND", "veth")]}),
    )


PORT = Link(index=4, name="v0", mac=MAC, up=True, master=2, kind="veth")


def test_link() -> None:
    assert parse(NEWLINK, link()) == PORT


def test_link_gone() -> None:
    gone = parse(DELLINK, link())
    assert isinstance(gone, Link) and gone.deleted and gone.index == 4


def test_a_port_leaving_its_bridge_is_no_link_gone() -> None:
    assert parse(DELLINK, link(family=7)) is None


def test_bare_link() -> None:
    body = made(ifinfmsg, {"index": 7, "flags": 0}, ("IFLA_IFNAME", "ppp0"))
    assert parse(NEWLINK, body) == Link(index=7, name="ppp0")


ADDRESSES = [
    (
        "021880000200000008000100c000020108000200c0000201080003006272300008000800"
        "8000000014000600ffffffffffffffff584c0600584c0600",
        Address(
            index=2,
            address="192.0.2.1",
            prefixlen=24,
            family=4,
            flags=IFA_F_PERMANENT,
        ),
    ),
    (
        "022080000300000008000100c000020a08000200c00002090700030076310000080008008"
        "000000014000600ffffffffffffffff584c0600584c0600",
        Address(
            index=3,
            address="192.0.2.9",
            prefixlen=32,
            family=4,
            flags=IFA_F_PERMANENT,
        ),
    ),
    (
        "0a4040000300000014000100" + "20010db8000100000000000000000009"
        "140006003c000000100e0000584c0600584c06000800080040000000",
        Address(
            index=3,
            address="2001:db8:1::9",
            prefixlen=64,
            family=6,
            flags=0x40,
            valid_s=3600,
        ),
    ),
]


@pytest.mark.parametrize("wire, address", ADDRESSES, ids=["lan", "peer", "ipv6"])
def test_address(wire: str, address: Address) -> None:
    body = bytes.fromhex(wire)
    assert parse(NEWADDR, body) == address
    gone = parse(DELADDR, body)
    assert isinstance(gone, Address)
    assert gone.deleted and gone.address == address.address


def test_pyroute2_reads_the_same_addresses() -> None:
    for wire, address in ADDRESSES:
        body = bytes.fromhex(wire)
        theirs = ifaddrmsg(struct.pack("=IHHII", 16 + len(body), 20, 0, 0, 0) + body)
        theirs.decode()
        local = theirs.get_attr("IFA_LOCAL") or theirs.get_attr("IFA_ADDRESS")
        assert (local, theirs["prefixlen"]) == (address.address, address.prefixlen)
        assert theirs.get_attr("IFA_FLAGS") == address.flags


def test_address_of_an_old_kernel_has_narrow_flags_and_no_lifetime() -> None:
    body = made(
        ifaddrmsg,
        {"family": 2, "prefixlen": 24, "flags": 0x80, "index": 2},
        ("IFA_ADDRESS", "192.0.2.1"),
    )
    found = parse(NEWADDR, body)
    assert isinstance(found, Address)
    assert (found.flags, found.valid_s) == (0x80, None)


NEIGHBOURS = [
    (
        "02000000020000000200000108000100c000024d0a00020002005e001077000008000400"
        "00000000140003000c0000000c0000000c00000001000000",
        Neighbour(
            index=2,
            address="192.0.2.77",
            mac="02:00:5e:00:10:77",
            state=NUD_REACHABLE,
        ),
    ),
    (
        "0a00000002000000040000011400010020010db80000000000000000000000770a000200"
        "02005e00107800000800040000000000140003007c1700000c0000000c00000000000000",
        Neighbour(
            index=2,
            address="2001:db8::77",
            mac="02:00:5e:00:10:78",
            state=NUD_STALE,
        ),
    ),
    (
        "02000000020000002000000108000100c000024e0800040000000000140003007c170000"
        "0c0000000c00000000000000",
        Neighbour(index=2, address="192.0.2.78", mac=None, state=NUD_FAILED),
    ),
]


@pytest.mark.parametrize("wire, neighbour", NEIGHBOURS, ids=["ipv4", "ipv6", "failed"])
def test_neighbour(wire: str, neighbour: Neighbour) -> None:
    body = bytes.fromhex(wire)
    assert parse(NEWNEIGH, body) == neighbour
    gone = parse(DELNEIGH, body)
    assert isinstance(gone, Neighbour) and gone.deleted


def test_macs_behind_a_bridge_are_no_neighbours() -> None:
    body = made(ndmsg, {"family": 7, "ifindex": 2}, ("NDA_LLADDR", MAC))
    assert parse(NEWNEIGH, body) is None


def test_addresses_of_other_families_are_none_of_ours() -> None:
    body = made(ifaddrmsg, {"family": 12, "index": 2})
    assert parse(NEWADDR, body) is None


def test_other_messages_are_none_of_ours() -> None:
    assert parse(24, bytes(12)) is None


@pytest.mark.parametrize(
    "kind, body",
    [
        (NEWLINK, bytes(15)),
        (NEWADDR, bytes(7)),
        (NEWNEIGH, bytes(11)),
        (NEWADDR, b"\2" + bytes(7)),
        (NEWADDR, b"\2" + bytes(7) + b"\x14\0\1\0" + bytes(16)),
        (NEWNEIGH, b"\x0a" + bytes(11)),
        (NEWLINK, bytes(16) + b"\5\0\x0a\0\1\0\0\0"),
        (NEWADDR, b"\2" + bytes(7) + b"\x08\0\1\0\1\2\3\4" + b"\x08\0\6\0\0\0\0\0"),
    ],
)
def test_damaged_messages_are_refused(kind: int, body: bytes) -> None:
    with pytest.raises(NetlinkCodecError):
        parse(kind, body)


def test_requests() -> None:
    requests = [encode_get_links(1), encode_get_addresses(2), encode_get_neighbours(3)]
    found = [m for data in requests for m in parse_messages(data)]
    assert [(m.kind, m.flags, m.seq, len(m.body)) for m in found] == [
        (18, 0x301, 1, 16),
        (22, 0x301, 2, 8),
        (30, 0x301, 3, 12),
    ]


@given(
    st.sampled_from((NEWLINK, DELLINK, NEWADDR, DELADDR, NEWNEIGH, DELNEIGH)),
    st.sampled_from((b"", b"\0", b"\2", b"\x0a")),
    st.binary(max_size=120),
)
def test_any_body_is_read_or_refused(kind: int, family: bytes, rest: bytes) -> None:
    try:
        event = parse(kind, family + rest)
    except NetlinkCodecError:
        return
    assert event is None or event.deleted == (kind % 2 == 1)


@given(
    st.sampled_from(
        [(NEWADDR, wire) for wire, _ in ADDRESSES]
        + [(NEWNEIGH, wire) for wire, _ in NEIGHBOURS]
    ),
    st.integers(0, 90),
    st.binary(min_size=1, max_size=4),
)
def test_damage_is_read_or_refused(item: tuple[int, str], at: int, junk: bytes) -> None:
    wire = bytes.fromhex(item[1])
    try:
        event = parse(item[0], (wire[:at] + junk + wire[at + 4 :])[: len(wire)])
    except NetlinkCodecError:
        return
    assert event is None or isinstance(event, Address | Neighbour)
