"""Transactions against the bytes that nft sends, dumps as the kernel writes them."""

import re
import struct
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.nfnetlink.nftsocket import nft_set_elem_list_msg

from guardian.wire.netlink.message import (
    Message,
    NetlinkCodecError,
    encode_attribute,
    encode_nested,
    iterate_attributes,
    parse_attributes,
    parse_messages,
)
from guardian.wire.netlink.nftables import (
    Element,
    ElementOp,
    encode_batch,
    encode_dump,
    encode_key,
    parse_elements,
    remove,
    renew,
)
from tests.shell.namespace import nft, private_net, sh

NEW, DELETE, BEGIN, END = 0xA0C, 0xA0E, 0x10, 0x11
REQUEST, ACK, CREATE = 0x1, 0x4, 0x400
MAC = encode_key(("ether_addr",), ("02:00:5e:00:10:01",))
OTHER = encode_key(("ether_addr",), ("02:00:5e:00:10:02",))


def op(kind: str, key: bytes = MAC, **more: object) -> ElementOp:
    where = {"family": "inet", "table": "t", "set": "p"}
    return ElementOp(op=kind, key=key, **{**where, **more})  # type: ignore[arg-type]


def sent(ops: list[ElementOp]) -> list[Message]:
    return list(parse_messages(encode_batch(ops, 1).data))


# Bodies of nft 1.0.6's messages (nft --debug=mnl, without NFTA_SET_ELEM_LIST_SET_ID,
# which refers to sets made in the same transaction).
GOLDEN = [
    (
        op("add", timeout_ms=30000),
        "01000000"
        "0600010074000000"
        "0600020070000000"
        "24000380"
        "20000180"
        "0c000400" + f"{30000:016x}" + "10000180"
        "0a000100" + "02005e0010010000",
    ),
    (
        op("add", set="m", data=b"\x14\xb5"),
        "01000000"
        "0600010074000000"
        "060002006d000000"
        "24000380"
        "20000180"
        "10000180"
        "0a000100" + "02005e0010010000"
        "0c000280"
        "06000100" + "14b50000",
    ),
    (
        op("delete", family="netdev"),
        "05000000"
        "0600010074000000"
        "0600020070000000"
        "18000380"
        "14000180"
        "10000180"
        "0a000100" + "02005e0010010000",
    ),
]


@pytest.mark.parametrize("operation, body", GOLDEN)
def test_golden(operation: ElementOp, body: str) -> None:
    begin, message, end = sent([operation])
    assert message.body.hex() == body
    assert (begin.kind, begin.body) == (BEGIN, b"\0\0\0\x0a")
    assert (end.kind, end.body) == (END, b"\0\0\0\x0a")


def test_one_acknowledgement_and_no_exclusive_add() -> None:
    messages = sent([op("add"), op("delete"), op("add", timeout_ms=1000)])
    assert [(m.kind, m.flags, m.seq) for m in messages] == [
        (BEGIN, REQUEST, 1),
        (NEW, REQUEST | CREATE, 2),
        (DELETE, REQUEST, 3),
        (NEW, REQUEST | CREATE | ACK, 4),
        (END, REQUEST, 5),
    ]


def test_neighbours_share_a_message_and_order_stays() -> None:
    ops = [op("add"), op("add", OTHER), op("add", set="q"), op("add"), op("delete")]
    kinds = [(m.kind, names(m)[2], len(elements(m))) for m in sent(ops)[1:-1]]
    assert kinds == [(NEW, "p", 2), (NEW, "q", 1), (NEW, "p", 1), (DELETE, "p", 1)]


def names(message: Message) -> tuple[int, str, str]:
    attributes = parse_attributes(message.body, 4)
    return message.body[0], attributes[1][:-1].decode(), attributes[2][:-1].decode()


def elements(message: Message) -> list[bytes]:
    listed = parse_attributes(message.body, 4)[3]
    return [payload for _, payload in iterate_attributes(listed)]


def test_long_runs_are_split_below_the_attributes_limit() -> None:
    keys = [number.to_bytes(6, "big") for number in range(5000)]
    messages = sent([op("add", key, timeout_ms=60_000) for key in keys])[1:-1]
    assert len(messages) > 1
    assert all(len(parse_attributes(m.body, 4)[3]) <= 0xFFFF - 4 for m in messages)
    found = [parse_attributes(e)[1] for m in messages for e in elements(m)]
    assert [parse_attributes(key)[1] for key in found] == keys
    assert [bool(m.flags & ACK) for m in messages] == [False] * (len(messages) - 1) + [
        True
    ]


def test_renewing_is_add_delete_add() -> None:
    ops = renew("inet", "t", "p", MAC, 5000)
    assert ops == [op("add"), op("delete"), op("add", timeout_ms=5000)]
    assert remove("inet", "t", "p", MAC) == ops[:2]


def test_renewing_a_map_element_adds_first_what_it_may_be() -> None:
    ops = renew("inet", "t", "m", MAC, 5000, data=b"\0\2", was=b"\0\1")
    assert [(o.op, o.data, o.timeout_ms) for o in ops] == [
        ("add", b"\0\1", None),
        ("delete", None, None),
        ("add", b"\0\2", 5000),
    ]
    assert renew("inet", "t", "m", MAC, None, data=b"\0\2")[0].data == b"\0\2"


def test_timeouts_are_at_least_a_slow_jiffy() -> None:
    element = parse_attributes(elements(sent([op("add", timeout_ms=1)])[1])[0])
    assert int.from_bytes(element[4], "big") == 10


@pytest.mark.parametrize("ms", [0, -1, 2**64 // 1_000_000])
def test_time_that_would_mean_for_ever_is_refused(ms: int) -> None:
    with pytest.raises(NetlinkCodecError):
        op("add", timeout_ms=ms)


def test_what_cannot_be_is_refused() -> None:
    for bad in ({"kind": "flush"}, {"kind": "add", "family": "inet6"}):
        with pytest.raises(NetlinkCodecError):
            op(**bad)
    with pytest.raises(NetlinkCodecError):
        encode_batch([], 1)


def test_elements_take_turns_so_that_many_share_a_message() -> None:
    ops = renew("inet", "t", "p", MAC, 1000) + renew("inet", "t", "p", OTHER, 1000)
    kinds = [(m.kind, len(elements(m))) for m in sent(ops)[1:-1]]
    assert kinds == [(NEW, 2), (DELETE, 2), (NEW, 2)]
    assert encode_batch(ops, 1).order == (0, 3, 1, 4, 2, 5)


def test_a_refusal_is_located_by_its_offset() -> None:
    ops = [op("add"), op("delete"), op("add", OTHER, timeout_ms=9000)]
    batch = encode_batch(ops, 10)
    first = list(parse_messages(batch.data))[1]
    offset = 16 + first.body.index(b"\x0c\0\x04\0")
    assert batch.locate(11, offset) == (2,)
    assert batch.locate(11, offset - 20) == (0,)
    assert batch.locate(11, None) == (0, 2)
    assert batch.locate(11, 4) == (0, 2)
    assert batch.locate(11, 5000) == (0, 2)
    assert batch.locate(12, None) == (1,)
    assert batch.locate(10, None) == ()


def test_sequence_numbers_wrap() -> None:
    batch = encode_batch([op("add"), op("delete")], 0xFFFFFFFE)
    assert [m.seq for m in parse_messages(batch.data)] == [0xFFFFFFFE, 0xFFFFFFFF, 0, 1]
    assert (batch.first_seq, batch.last_seq) == (0xFFFFFFFE, 0)
    assert batch.locate(0, None) == (1,)


def test_request_for_a_listing() -> None:
    (message,) = parse_messages(encode_dump("netdev", "t", "p", 4))
    assert (message.kind, message.flags, message.seq) == (0xA0D, 0x301, 4)
    assert names(message) == (5, "t", "p")


# As Linux 6.18 answered for a set with one element of an hour and one without timeout.
DUMPED = bytes.fromhex(
    "010000040600010074000000060002006d000000440003002c000100100001000a00010002005e"
    "00100100000c000400000000000036ee800c000500000000000036ee1014000100100001000a00"
    "010002005e0010020000"
)


def test_a_listing_of_the_kernel() -> None:
    assert parse_elements(Message(NEW, 2, 1, DUMPED)) == [
        Element(MAC, 3_600_000, 3_599_888),
        Element(OTHER, None, None),
    ]


def test_pyroute2_reads_the_same() -> None:
    header = struct.pack("=IHHII", 16 + len(DUMPED), NEW, 2, 1, 0)
    theirs = nft_set_elem_list_msg(header + DUMPED)
    theirs.decode()
    listed = theirs.get_attr("NFTA_SET_ELEM_LIST_ELEMENTS")
    ours = parse_elements(Message(NEW, 2, 1, DUMPED))
    assert [
        (e.get_attr("NFTA_SET_ELEM_TIMEOUT"), e.get_attr("NFTA_SET_ELEM_EXPIRATION"))
        for e in listed
    ] == [(e.timeout_ms, e.expires_ms) for e in ours]


def test_map_elements_and_elements_without_a_key() -> None:
    key = encode_nested(1, encode_attribute(1, MAC))
    data = encode_nested(2, encode_attribute(1, b"\x14\xb5"))
    catch_all = encode_attribute(3, b"\0\0\0\2")
    body = b"\1\0\0\0" + encode_nested(
        3,
        encode_nested(1, key + data)
        + encode_nested(1, catch_all)
        + encode_nested(2, key),
    )
    found = parse_elements(Message(NEW, 0, 1, body))
    assert found == [Element(MAC, None, None, b"\x14\xb5")]


def test_other_messages_hold_no_elements() -> None:
    with pytest.raises(NetlinkCodecError):
        parse_elements(Message(DELETE, 0, 1, DUMPED))


@given(st.binary(max_size=160))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        found = parse_elements(Message(NEW, 0, 1, body))
    except NetlinkCodecError:
        return
    assert len(found) * 4 <= len(body)


@given(st.integers(0, len(DUMPED) - 1), st.binary(min_size=1, max_size=4))
def test_damaged_listings_are_read_or_refused(at: int, junk: bytes) -> None:
    damaged = DUMPED[:at] + junk + DUMPED[at + len(junk) :]
    try:
        found = parse_elements(Message(NEW, 0, 1, damaged))
    except NetlinkCodecError:
        return
    assert len(found) <= 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("add", "delete")),
            st.sampled_from(("p", "q")),
            st.binary(min_size=1, max_size=64),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_operations_on_an_element_keep_their_order(
    items: list[tuple[str, str, bytes]],
) -> None:
    batch = encode_batch([op(kind, key, set=name) for kind, name, key in items], 1)
    found = [
        ("add" if m.kind == NEW else "delete", names(m)[2], key[4 : 4 + size - 4])
        for m in list(parse_messages(batch.data))[1:-1]
        for element in elements(m)
        for key in [parse_attributes(element)[1]]
        for size in [struct.unpack("=H", key[:2])[0]]
    ]
    assert sorted(found) == sorted(items)
    for _, name, key in items:
        assert [f for f in found if f[1:] == (name, key)] == [
            i for i in items if i[1:] == (name, key)
        ]
    seqs = [m.seq for m in parse_messages(batch.data)]
    assert all(b - a == 1 for a, b in pairwise(seqs))


@pytest.fixture
def tables() -> Iterator[None]:
    """Return a namespace with a set and a map."""
    with private_net():
        nft(
            "add table inet t\n"
            "add set inet t p { type ether_addr; flags timeout; }\n"
            "add set inet t f { type ether_addr . ipv6_addr . inet_service . inet_proto"
            " . inet_service; flags timeout; }\n"
            "add set inet t i { type ifname; flags timeout; }\n"
            "add map inet t m { type ether_addr : inet_service; flags timeout; }\n"
        )
        yield


@pytest.mark.lab
@pytest.mark.parametrize(
    "command, operation",
    [
        (
            "add element inet t p { 02:00:5e:00:10:01 timeout 30s }",
            op("add", timeout_ms=30000),
        ),
        (
            "add element inet t m { 02:00:5e:00:10:01 timeout 1s : 5301 }",
            op("add", set="m", timeout_ms=1000, data=b"\x14\xb5"),
        ),
        (
            "add element inet t i { br-lan }",
            op("add", encode_key(("ifname",), ("br-lan",)), set="i"),
        ),
        (
            "add element inet t f "
            "{ 02:00:5e:00:10:01 . 2001:db8::1 . 443 . udp . 50000 timeout 2m }",
            op(
                "add",
                encode_key(
                    (
                        "ether_addr",
                        "ipv6_addr",
                        "inet_service",
                        "inet_proto",
                        "inet_service",
                    ),
                    ("02:00:5e:00:10:01", "2001:db8::1", 443, "udp", 50000),
                ),
                set="f",
                timeout_ms=120_000,
            ),
        ),
    ],
)
def test_this_machines_nft_sends_the_same(
    tables: None, command: str, operation: ElementOp
) -> None:
    theirs = [
        body
        for kind, body in printed(sh(f"nft --debug=mnl '{command}'"))
        if kind == NEW
    ]
    without_id = [
        body[:4]
        + b"".join(raw(k, p) for k, p in iterate_attributes(body[4:]) if k != 4)
        for body in theirs
    ]
    assert without_id == [sent([operation])[1].body]


def raw(kind: int, payload: bytes) -> bytes:
    """Return a list's attribute again, nested flag restored."""
    return (encode_nested if kind == 3 else encode_attribute)(kind, payload)


def printed(text: str) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each message that libmnl printed."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    for block in re.split(r"\|\s*\d+\s*\|\s*\| message length \|", text)[1:]:
        kind = re.search(r"\|\s*(\d+) \| \S+ \|\s*\|\s*type \| flags", block)
        assert kind is not None
        body = b""
        for line in block.splitlines():
            if found := re.match(r"\|(\d+)\|(N?)-*\|(\d+)\|", line):
                nested = 0x8000 if found[2] else 0
                body += struct.pack("=HH", int(found[1]), int(found[3]) | nested)
            elif found := re.match(r"\| ((?:[0-9a-f]{2} ){4}) ?\|", line):
                body += bytes.fromhex(found[1])
        yield int(kind[1]), body
