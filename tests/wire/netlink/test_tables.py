"""Events of tables and generations, as Linux 6.18 wrote them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.nfnetlink.nftsocket import nft_chain_msg, nft_table_msg

from guardian.wire.netlink.message import (
    Message,
    NetlinkCodecError,
    encode_attribute,
    parse_messages,
)
from guardian.wire.netlink.tables import (
    Chain,
    ContentGone,
    FlowtableChanged,
    Generation,
    TableGone,
    TableMade,
    encode_get_generation,
    encode_list_chains,
    encode_list_tables,
    parse_chain,
    parse_table_event,
)

NEWTABLE, DELTABLE, NEWGEN = 0xA00, 0xA02, 0xA0F
NEWCHAIN = 0xA03
TABLE = bytes.fromhex(
    "01000004060001007400000008000300000000030c000400000000000000010108000200000000"
    "00"
)


def test_table_made() -> None:
    made = parse_table_event(Message(NEWTABLE, 0, 0, TABLE))
    assert made == TableMade("inet", "t", 257)


def test_table_gone() -> None:
    gone = parse_table_event(Message(DELTABLE, 0, 0, TABLE))
    assert gone == TableGone("inet", "t", 257)


@pytest.mark.parametrize("kind", [0xA16, 0xA18])
def test_flowtable_changed(kind: int) -> None:
    assert parse_table_event(Message(kind, 0, 0, b"")) == FlowtableChanged()


@pytest.mark.parametrize("kind", [0xA05, 0xA08, 0xA0B, 0xA0E])
def test_content_gone(kind: int) -> None:
    body = b"\1\0\0\0" + encode_attribute(1, b"guardian\0")
    assert parse_table_event(Message(kind, 0, 0, body)) == ContentGone("guardian")


def test_pyroute2_reads_the_same() -> None:
    header = struct.pack("=IHHII", 16 + len(TABLE), NEWTABLE, 0, 0, 0)
    theirs = nft_table_msg(header + TABLE)
    theirs.decode()
    assert theirs.get_attr("NFTA_TABLE_NAME") == "t"


def test_older_kernels_tell_no_handle_and_families_may_be_new() -> None:
    body = b"\x63\0\0\0" + encode_attribute(1, b"t\0")
    assert parse_table_event(Message(NEWTABLE, 0, 0, body)) == TableMade("99", "t", 0)


def test_generation_tells_who() -> None:
    body = b"\0\0\0\5" + encode_attribute(1, b"\0\0\0\5")
    assert parse_table_event(Message(NEWGEN, 0, 0, body)) == Generation(5, None, "")
    body += encode_attribute(2, b"\0\0\4\xba") + encode_attribute(3, b"nft\0")
    assert parse_table_event(Message(NEWGEN, 0, 0, body)) == Generation(5, 1210, "nft")


def test_other_kinds_do_not_matter() -> None:
    assert parse_table_event(Message(0xA0C, 0, 0, b"")) is None


@pytest.mark.parametrize("kind", [NEWTABLE, DELTABLE, NEWGEN])
def test_damaged_events_are_refused(kind: int) -> None:
    with pytest.raises(NetlinkCodecError):
        parse_table_event(Message(kind, 0, 0, b""))
    with pytest.raises(NetlinkCodecError):
        parse_table_event(Message(NEWGEN, 0, 0, b"\0\0\0\5"))


def test_requests() -> None:
    (message,) = parse_messages(encode_get_generation(3))
    assert message == Message(0xA10, 1, 3, bytes(4))
    (message,) = parse_messages(encode_list_tables(4))
    assert message == Message(0xA01, 0x301, 4, bytes(4))
    (message,) = parse_messages(encode_list_chains(5))
    assert message == Message(0xA04, 0x301, 5, bytes(4))


@given(st.sampled_from((NEWTABLE, DELTABLE, NEWGEN)), st.binary(max_size=80))
def test_any_event_is_read_or_refused(kind: int, body: bytes) -> None:
    try:
        event = parse_table_event(Message(kind, 0, 0, body))
    except NetlinkCodecError:
        return
    assert isinstance(event, TableMade | TableGone | Generation)


NAMED = "0d000100677561726469616e00000000"
CHAINS = {
    "plain": (
        f"01000002{NAMED}0d0003006a756467655f696e000000000c0002000000000000000010"
        "080006000000000e",
        Chain("inet", "guardian", "judge_in", False),
    ),
    "forward": (
        f"01000002{NAMED}0c000300666f7277617264000c0002000000000000000022140004000800"
        "01000000000208000200fffffff608000500000000010b00070066696c74657200000800"
        "0a00000000010800060000000009",
        Chain("inet", "guardian", "forward", False),
    ),
    "ingress": (
        f"01000002{NAMED}0e000300696e5f62722d6c616e0000000c00020000000000000000303000"
        "0400080001000000000508000200ffffff9c100004000b00010062722d6c616e00000b00"
        "030062722d6c616e000008000500000000010b00070066696c746572000008000a000000"
        "00010800060000000001",
        Chain("inet", "guardian", "in_br-lan", True),
    ),
    "egress": (
        f"05000002{NAMED}0f0003006f75745f62722d6c616e00000c00020000000000000000223000"
        "040008000100000000010800020000000000100004000b00010062722d6c616e00000b00"
        "030062722d6c616e000008000500000000010b00070066696c746572000008000a000000"
        "00010800060000000001",
        Chain("netdev", "guardian", "out_br-lan", True),
    ),
}


@pytest.mark.parametrize("wire, chain", CHAINS.values(), ids=CHAINS)
def test_chains_of_the_kernel(wire: str, chain: Chain) -> None:
    body = bytes.fromhex(wire)
    assert parse_chain(Message(NEWCHAIN, 2, 1, body)) == chain
    theirs = nft_chain_msg(
        struct.pack("=IHHII", 16 + len(body), NEWCHAIN, 2, 1, 0) + body
    )
    theirs.decode()
    assert theirs.get_attr("NFTA_CHAIN_NAME") == chain.name
    assert theirs.get_attr("NFTA_CHAIN_TABLE") == chain.table


def test_a_listing_holds_other_messages_too() -> None:
    assert parse_chain(Message(NEWGEN, 0, 0, b"")) is None


@given(
    st.sampled_from([bytes.fromhex(wire) for wire, _ in CHAINS.values()]),
    st.integers(0, 150),
    st.binary(max_size=4),
)
def test_a_damaged_chain_is_read_or_refused(wire: bytes, at: int, junk: bytes) -> None:
    try:
        chain = parse_chain(Message(NEWCHAIN, 0, 0, wire[:at] + junk + wire[at + 4 :]))
    except NetlinkCodecError:
        return
    assert isinstance(chain, Chain)
