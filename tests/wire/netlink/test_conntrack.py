"""Entries as Linux 6.18 dumps them, pyroute2 as the oracle, and whose flow it is."""

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.nfnetlink.nfctsocket import nfct_msg

from guardian.wire.netlink import conntrack
from guardian.wire.netlink.conntrack import (
    Flow,
    FlowEvent,
    FlowTuple,
    encode_delete,
    encode_dump,
    flows_of,
    parse_flow,
    parse_flow_event,
    quick_test,
)
from guardian.wire.netlink.message import (
    Message,
    NetlinkCodecError,
    encode_attribute,
    encode_nested,
    parse_attributes,
    parse_messages,
)

NEW, GET, DELETE = 0x100, 0x101, 0x102

UDP6 = (
    "0a0000004c0001802c0001801400030020010db80000000000000000000000011400040020010db8"
    "0000000000000000000000011c00028005000100110000000600020014e900000600030014ea0000"
    "4c0002802c0001801400030020010db80000000000000000000000011400040020010db800000000"
    "00000000000000011c00028005000100110000000600020014ea00000600030014e9000008000300"
    "00000008080008000000000008000c004ef724be08000b0000000001080007000000001d1c000980"
    "0c00010000000000000000010c000200000000000000003a1c000a800c0001000000000000000000"
    "0c0002000000000000000000"
)
ICMP = (
    "020000003c0001801400018008000100c000020108000200c0000201240002800500010001000000"
    "0600040012340000050005000800000005000600000000003c0002801400018008000100c0000201"
    "08000200c00002012400028005000100010000000600040012340000050005000000000005000600"
    "00000000080003000000000a080008000000000008000c0076b7650f08000b000000000108000700"
    "0000001d1c0009800c00010000000000000000010c000200000000000000001c1c000a800c000100"
    "00000000000000010c000200000000000000001c"
)
ICMP6 = (
    "0a000000540001802c0001801400030020010db80000000000000000000000011400040020010db8"
    "000000000000000000000001240002800500010"
    + "03a000000060007004321000005000800800000"
    "000500090000000000540002802c0001801400030020010db8000000000000000000000001140004"
    "0020010db8000000000000000000000001240002800500010" + "03a0000000600070043210000050"
    "008008100000005000900000000000800030000"
    + "00000a080008000000000008000c0037d4d90308"
    "000b0000000001080007000000001d"
)
TCP4 = (
    "02000000340001801400018008000100c000020108000200c00002011c0002800500010006000000"
    "060002009c400000060003001f900000340002801400018008000100c000020108000200c0000201"
    "1c0002800500010006000000060002001f900000060003009c400000080003000000000e08000800"
    "0000000008000c00e9f03a1d08000b0000000001080007000006977f300004802c00018005000100"
    "03000000050002000a000000050003000a000000060004002300000006000500230000001c000980"
    "0c00010000000000000000030c00020000000000000000a91c000a800c0001000000000000000002"
    "0c0002000000000000000070"
)
ZONED = (
    "02000000340001801400018008000100c000020108000200c00002011c0002800500010011000000"
    "0600020017700000060003001e610000340002801400018008000100c000020108000200c0000201"
    "1c00028005000100110000000600020"
    + "01e6100000600030017700000060012000005000008000300"
    "00000008080008000000000008000c00f3480da108000b0000000001080007000000001d"
)

HOST4, HOST6 = "192.0.2.1", "2001:db8::1"
CASES = {
    "udp over IPv6": (
        UDP6,
        Flow(
            FlowTuple(HOST6, HOST6, 17, 5353, 5354),
            FlowTuple(HOST6, HOST6, 17, 5354, 5353),
            id=0x4EF724BE,
            status=8,
            packets=(1, 0),
            octets=(58, 0),
            timeout=29,
        ),
    ),
    "icmp echo": (
        ICMP,
        Flow(
            FlowTuple(HOST4, HOST4, 1, icmp=(0x1234, 8, 0)),
            FlowTuple(HOST4, HOST4, 1, icmp=(0x1234, 0, 0)),
            id=0x76B7650F,
            status=10,
            packets=(1, 1),
            octets=(28, 28),
            timeout=29,
        ),
    ),
    "icmpv6 echo, no accounting": (
        ICMP6,
        Flow(
            FlowTuple(HOST6, HOST6, 58, icmp=(0x4321, 128, 0)),
            FlowTuple(HOST6, HOST6, 58, icmp=(0x4321, 129, 0)),
            id=0x37D4D903,
            status=10,
            timeout=29,
        ),
    ),
    "tcp over IPv4": (
        TCP4,
        Flow(
            FlowTuple(HOST4, HOST4, 6, 40000, 8080),
            FlowTuple(HOST4, HOST4, 6, 8080, 40000),
            id=0xE9F03A1D,
            status=14,
            packets=(3, 2),
            octets=(169, 112),
            timeout=431999,
        ),
    ),
    "udp in a zone": (
        ZONED,
        Flow(
            FlowTuple(HOST4, HOST4, 17, 6000, 7777),
            FlowTuple(HOST4, HOST4, 17, 7777, 6000),
            zone=5,
            id=0xF3480DA1,
            status=8,
            timeout=29,
        ),
    ),
}


@pytest.mark.parametrize("wire, flow", CASES.values(), ids=CASES)
def test_entries_of_the_kernel(wire: str, flow: Flow) -> None:
    assert parse_flow(Message(NEW, 2, 1, bytes.fromhex(wire))) == flow


@pytest.mark.parametrize("wire", [wire for wire, _ in CASES.values()], ids=CASES)
def test_pyroute2_reads_the_same(wire: str) -> None:
    body = bytes.fromhex(wire)
    theirs = nfct_msg(struct.pack("=IHHII", 16 + len(body), NEW, 2, 1, 0) + body)
    theirs.decode()
    flow = parse_flow(Message(NEW, 2, 1, body))
    assert theirs.get_attr("CTA_ID") == flow.id
    assert theirs.get_attr("CTA_STATUS") == flow.status
    assert theirs.get_attr("CTA_TIMEOUT") == flow.timeout
    assert (theirs.get_attr("CTA_ZONE") or 0) == flow.zone
    counters = theirs.get_attr("CTA_COUNTERS_ORIG")
    assert (counters and counters.get_attr("CTA_COUNTERS_BYTES")) == (
        flow.octets and flow.octets[0]
    )
    for name, item in (("ORIG", flow.orig), ("REPLY", flow.reply)):
        their = theirs.get_attr(f"CTA_TUPLE_{name}")
        ip, proto = their.get_attr("CTA_TUPLE_IP"), their.get_attr("CTA_TUPLE_PROTO")
        version = "V6" if ":" in item.src else "V4"
        assert ip.get_attr(f"CTA_IP_{version}_SRC") == item.src
        assert ip.get_attr(f"CTA_IP_{version}_DST") == item.dst
        assert proto.get_attr("CTA_PROTO_NUM") == item.proto
        assert proto.get_attr("CTA_PROTO_SRC_PORT") == item.sport
        assert proto.get_attr("CTA_PROTO_DST_PORT") == item.dport


@pytest.mark.parametrize("wire", [TCP4, UDP6], ids=["ipv4", "ipv6"])
def test_short_way_and_long_way_agree(
    wire: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = Message(NEW, 2, 1, bytes.fromhex(wire))
    short = parse_flow(message)
    monkeypatch.setattr(conntrack, "_FAST", {})
    assert parse_flow(message) == short


def test_other_order_of_attributes_gives_the_same() -> None:
    ports = [(3, b"\x1f\x90"), (2, b"\x9c\x40"), (1, b"\x06")]
    address = encode_attribute(2, bytes(4)) + encode_attribute(1, bytes(3) + b"\1")
    data = encode_nested(
        1,
        encode_nested(2, b"".join(encode_attribute(*p) for p in ports))
        + encode_nested(1, address),
    )
    reply = encode_nested(2, bytes.fromhex(TCP4)[60:108])
    flow = parse_flow(Message(NEW, 0, 1, bytes(4) + data + reply))
    assert flow.orig == FlowTuple("0.0.0.1", "0.0.0.0", 6, 40000, 8080)


def test_zone_of_one_direction() -> None:
    tuples = parse_attributes(bytes.fromhex(TCP4), 4)
    zoned = tuples[1] + encode_attribute(3, b"\0\7")
    body = bytes(4) + encode_nested(1, zoned) + encode_nested(2, tuples[2])
    assert parse_flow(Message(NEW, 0, 1, body)).zone == 7
    body = bytes(4) + encode_nested(1, tuples[1]) + encode_nested(2, zoned)
    assert parse_flow(Message(NEW, 0, 1, body)).zone == 0


def test_request_for_a_listing() -> None:
    (message,) = parse_messages(encode_dump(3, conntrack.AF_INET6))
    assert message == Message(GET, 0x301, 3, b"\x0a\0\0\0")
    (message,) = parse_messages(encode_dump(3))
    assert message.body == bytes(4)


@pytest.mark.parametrize("wire, flow", CASES.values(), ids=CASES)
def test_deletion_repeats_the_kernels_original_tuple(wire: str, flow: Flow) -> None:
    (message,) = parse_messages(encode_delete(flow, 9))
    assert (message.kind, message.flags, message.seq) == (DELETE, 1, 9)
    assert message.body[:4] == bytes.fromhex(wire)[:4]
    theirs = parse_attributes(bytes.fromhex(wire), 4)
    ours = parse_attributes(message.body, 4)
    assert ours == {k: v for k, v in theirs.items() if k in (1, 12, 18)}


def test_deletion_without_id() -> None:
    flow = Flow(FlowTuple(HOST4, HOST4, 47), FlowTuple(HOST4, HOST4, 47))
    (message,) = parse_messages(encode_delete(flow, 9))
    assert list(parse_attributes(message.body, 4)) == [1]


@pytest.mark.parametrize("src, dst", [(HOST4, HOST6), ("tablet", HOST4)])
def test_deletion_needs_two_addresses_of_a_family(src: str, dst: str) -> None:
    item = FlowTuple(src, dst, 6, 1, 2)
    with pytest.raises(NetlinkCodecError):
        encode_delete(Flow(item, item), 1)


@pytest.mark.parametrize(
    "kind, flags, name",
    [(NEW, 0x600, "new"), (NEW, 0, "update"), (DELETE, 0, "destroy")],
)
def test_events(kind: int, flags: int, name: str) -> None:
    body = bytes.fromhex(TCP4)
    event = parse_flow_event(Message(kind, flags, 0, body))
    assert event == FlowEvent(name, CASES["tcp over IPv4"][1])  # type: ignore[arg-type]


def tuple_of(ip: bytes, proto: bytes) -> bytes:
    one = encode_nested(1, ip) + encode_nested(2, proto)
    return bytes(4) + encode_nested(1, one) + encode_nested(2, one)


SOURCE, TARGET = encode_attribute(1, bytes(4)), encode_attribute(2, bytes(4))
NUMBER = encode_attribute(1, b"\x06")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        bytes(4),
        tuple_of(SOURCE, NUMBER),
        tuple_of(SOURCE + encode_attribute(2, bytes(16)), NUMBER),
        tuple_of(b"", NUMBER),
        tuple_of(SOURCE + TARGET, b""),
        tuple_of(SOURCE + TARGET, encode_attribute(1, b"\0\6")),
        tuple_of(SOURCE + TARGET, NUMBER) + encode_attribute(12, b"\1"),
    ],
)
def test_damaged_entries_are_refused(body: bytes) -> None:
    with pytest.raises(NetlinkCodecError):
        parse_flow(Message(NEW, 0, 1, body))


def test_other_messages_hold_no_entry() -> None:
    with pytest.raises(NetlinkCodecError):
        parse_flow(Message(GET, 0, 1, bytes.fromhex(TCP4)))


@given(
    st.sampled_from([bytes.fromhex(wire) for wire, _ in CASES.values()]),
    st.integers(0, 300),
    st.binary(min_size=1, max_size=4),
)
def test_damage_is_read_or_refused(wire: bytes, at: int, junk: bytes) -> None:
    damaged = (wire[:at] + junk + wire[at + len(junk) :])[: len(wire)]
    try:
        flow = parse_flow(Message(NEW, 0, 1, damaged))
    except NetlinkCodecError:
        return
    assert 0 <= flow.orig.proto <= 255


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        flow = parse_flow_event(Message(NEW, 0, 1, body)).flow
    except NetlinkCodecError:
        return
    assert flow.reply.src


CHILD, SIBLING, SITE, WAN, HELP = (
    "192.168.1.10",
    "192.168.1.11",
    "203.0.113.5",
    "198.51.100.2",
    "203.0.113.9",
)


def flow(src: str, dst: str, reply_src: str = "", reply_dst: str = "") -> Flow:
    return Flow(
        FlowTuple(src, dst, 6, 1000, 443),
        FlowTuple(reply_src or dst, reply_dst or src, 6, 443, 1000),
    )


ENDS = {
    "behind NAT": flow(CHILD, SITE, SITE, WAN),
    "routed out": flow(CHILD, SITE),
    "routed in": flow(SITE, CHILD),
    "port forwarded in": flow(SITE, WAN, CHILD, SITE),
    "redirected names": flow(CHILD, SITE, "192.168.1.1", CHILD),
    "translated to the device": flow("10.0.0.1", SITE, SITE, CHILD),
}


@pytest.mark.parametrize("item", ENDS.values(), ids=ENDS)
def test_a_devices_flow_is_found_and_spared(item: Flow) -> None:
    assert flows_of([item], {CHILD: frozenset()}) == [item]
    assert flows_of([item], {CHILD: frozenset({HELP})}) == [item]
    assert flows_of([item], {CHILD: frozenset({SITE})}) == []
    assert flows_of([item], {SIBLING: frozenset()}) == []


@pytest.mark.parametrize("item", ENDS.values(), ids=ENDS)
def test_what_is_spared_for_one_is_not_for_another(item: Flow) -> None:
    spared = {CHILD: frozenset[str](), SIBLING: frozenset({SITE})}
    assert flows_of([item], spared) == [item]


def test_sparing_goes_by_the_address_the_device_knows() -> None:
    led_to_router = flow(CHILD, HELP, "192.168.1.1", CHILD)
    assert flows_of([led_to_router], {CHILD: frozenset({HELP})}) == []
    spared = {CHILD: frozenset({"192.168.1.1"})}
    assert flows_of([led_to_router], spared) == [led_to_router]


def test_any_form_of_an_address_will_do() -> None:
    item = flow("2001:db8::10", "2001:db8::5")
    ours = "2001:DB8:0:0::10"
    assert flows_of([item], {ours: frozenset()}) == [item]
    assert flows_of([item], {ours: frozenset({"2001:0db8::0005"})}) == []
    with pytest.raises(NetlinkCodecError):
        flows_of([item], {"tablet": frozenset()})
    with pytest.raises(NetlinkCodecError):
        flows_of([item], {ours: frozenset({"school"})})


@pytest.mark.parametrize("wire, item", CASES.values(), ids=CASES)
def test_the_quick_test_lets_an_address_through(wire: str, item: Flow) -> None:
    body = bytes.fromhex(wire)
    assert quick_test([CHILD, item.orig.src, "2001:db8::9"])(body)
    # What it cannot read is for the parser to judge.
    assert quick_test([CHILD, "2001:db8::9"])(body) is (wire in (ICMP, ICMP6))
    assert quick_test([])(body) is (wire in (ICMP, ICMP6))


def entry(item: Flow) -> bytes:
    """Return an entry as the kernel writes it."""
    parts = []
    for kind, direction in ((1, item.orig), (2, item.reply)):
        (message,) = parse_messages(encode_delete(Flow(direction, direction), 1))
        parts.append(encode_nested(kind, parse_attributes(message.body, 4)[1]))
    return message.body[:4] + b"".join(parts) + encode_attribute(3, bytes(4))


def to_six(item: Flow) -> Flow:
    """Return the same flow over IPv6."""
    return Flow(
        *(
            side._replace(src=f"2001:db8::{side.src}", dst=f"2001:db8::{side.dst}")
            for side in item[:2]
        )
    )


@pytest.mark.parametrize("item", ENDS.values(), ids=ENDS)
def test_the_quick_test_looks_at_each_end(item: Flow) -> None:
    for flow in (item, to_six(item)):
        body = entry(flow)
        assert parse_flow(Message(NEW, 0, 1, body))[:2] == tuple(
            side._replace(src=text_of(side.src), dst=text_of(side.dst))
            for side in flow[:2]
        )
        for side in flow[:2]:
            assert quick_test([side.src])(body) and quick_test([side.dst])(body)
        assert not quick_test([SIBLING, f"2001:db8::{SIBLING}"])(body)


def text_of(address: str) -> str:
    return str(ip_address(address))


def test_the_quick_test_needs_addresses() -> None:
    with pytest.raises(NetlinkCodecError):
        quick_test(["tablet"])


@given(
    st.sampled_from([bytes.fromhex(wire) for wire, _ in CASES.values()]),
    st.integers(0, 300),
    st.binary(max_size=4),
    st.integers(0, 300),
)
def test_what_the_quick_test_leaves_out_has_no_such_end(
    wire: bytes, at: int, junk: bytes, end: int
) -> None:
    damaged = (wire[:at] + junk + wire[at + len(junk) :])[:end]
    if quick_test([HOST4, HOST6])(damaged):
        return
    try:
        flow = parse_flow(Message(NEW, 0, 1, damaged))
    except NetlinkCodecError:
        return
    assert not {HOST4, HOST6} & {*flow.orig[:2], *flow.reply[:2]}
