"""Headers, attributes, answers; the kernel's own bytes and everything that is not."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.wire.netlink.message import (
    ATTRIBUTE_MAX,
    NLM_F_ACK_TLVS,
    NLM_F_CAPPED,
    NLMSG_DONE,
    NLMSG_ERROR,
    Answer,
    Message,
    NetlinkCodecError,
    address_text,
    encode_attribute,
    encode_message,
    encode_name,
    encode_nested,
    iterate_attributes,
    mac_text,
    parse_answer,
    parse_attributes,
    parse_messages,
    text_of,
    uint_of,
)


def test_message_round_trip() -> None:
    first = encode_message(18, 0x301, 7, b"abcd")
    second = encode_message(3, 2, 0x1_0000_0008, b"")
    assert first[:4] == struct.pack("=I", 20)
    assert list(parse_messages(first + second)) == [
        Message(18, 0x301, 7, b"abcd"),
        Message(3, 2, 8, b""),
    ]


def test_padding_between_messages_is_skipped() -> None:
    odd = struct.pack("=IHHII", 17, 1, 0, 1, 0) + b"x\0\0\0"
    bodies = [m.body for m in parse_messages(odd + encode_message(2, 0, 2, b""))]
    assert bodies == [b"x", b""]


@pytest.mark.parametrize("payload", [b"", b"a", b"abcd", b"abcde"])
def test_attribute_is_padded_and_read_back(payload: bytes) -> None:
    data = encode_attribute(5, payload)
    assert len(data) % 4 == 0
    assert parse_attributes(data) == {5: payload}


def test_nested_flag_is_set_and_masked_off() -> None:
    data = encode_nested(3, encode_attribute(1, b"x"))
    assert struct.unpack("=HH", data[:4]) == (12, 0x8003)
    assert parse_attributes(parse_attributes(data)[3]) == {1: b"x"}


def test_repeated_types_keep_their_order() -> None:
    data = encode_attribute(1, b"a") + encode_attribute(2, b"b")
    data += encode_attribute(1, b"c")
    assert list(iterate_attributes(data)) == [(1, b"a"), (2, b"b"), (1, b"c")]
    assert parse_attributes(data)[1] == b"c"


def test_attribute_length_has_sixteen_bits() -> None:
    assert len(encode_attribute(1, bytes(ATTRIBUTE_MAX))) == 65536
    with pytest.raises(NetlinkCodecError):
        encode_attribute(1, bytes(ATTRIBUTE_MAX + 1))


@pytest.mark.parametrize("name", ["gu\0ardian", "wächter"])
def test_names_are_ascii(name: str) -> None:
    with pytest.raises(NetlinkCodecError):
        encode_name(1, name)


@pytest.mark.parametrize(
    "data",
    [
        b"\1",
        struct.pack("=IHHII", 15, 0, 0, 0, 0),
        struct.pack("=IHHII", 17, 0, 0, 0, 0),
        struct.pack("=IHHII", 0, 0, 0, 0, 0),
        struct.pack("=IHHII", 0xFFFFFFFF, 0, 0, 0, 0),
    ],
)
def test_bad_message_lengths(data: bytes) -> None:
    with pytest.raises(NetlinkCodecError):
        list(parse_messages(data))


@pytest.mark.parametrize(
    "data", [b"\4", b"\0\0\1\0", b"\3\0\1\0", b"\5\0\1\0", b"\4\0\1\0\1"]
)
def test_bad_attribute_lengths(data: bytes) -> None:
    with pytest.raises(NetlinkCodecError):
        parse_attributes(data)


def test_attributes_cannot_begin_after_the_end() -> None:
    with pytest.raises(NetlinkCodecError):
        parse_attributes(b"abcd", 8)
    assert parse_attributes(b"abcd", 4) == {}


def refusal(code: int, *, flags: int, echo: bytes, tlvs: bytes = b"") -> Message:
    return Message(NLMSG_ERROR, flags, 9, struct.pack("=i", code) + echo + tlvs)


SENT = encode_message(0xA0C, 1, 9, b"abcdefgh")
WORDS = encode_attribute(1, b"no such set\0")
PLACE = encode_attribute(2, struct.pack("=I", 44))


def test_acknowledgement() -> None:
    answer = parse_answer(refusal(0, flags=NLM_F_CAPPED, echo=SENT[:16]))
    assert answer == Answer(seq=9, errno=0)


def test_refusal_with_the_kernels_words_and_place() -> None:
    capped = refusal(
        -2,
        flags=NLM_F_CAPPED | NLM_F_ACK_TLVS,
        echo=SENT[:16],
        tlvs=WORDS + PLACE,
    )
    answer = parse_answer(capped)
    assert answer == Answer(seq=9, errno=2, text="no such set", offset=44)
    assert answer.words() == "ENOENT: no such set"


def test_refusal_that_echoes_the_whole_message() -> None:
    answer = parse_answer(refusal(-1, flags=NLM_F_ACK_TLVS, echo=SENT, tlvs=PLACE))
    assert (answer.name, answer.offset, answer.words()) == ("EPERM", 44, "EPERM")


def test_unknown_errno_keeps_its_number() -> None:
    assert parse_answer(refusal(-4000, flags=0, echo=SENT)).name == "4000"


@pytest.mark.parametrize(
    "body, errno", [(b"", 0), (struct.pack("=i", 0), 0), (struct.pack("=i", -105), 105)]
)
def test_end_of_a_listing(body: bytes, errno: int) -> None:
    assert parse_answer(Message(NLMSG_DONE, 2, 9, body)).errno == errno


@pytest.mark.parametrize(
    "message",
    [Message(16, 0, 1, bytes(20)), Message(NLMSG_ERROR, 0, 1, bytes(19))],
)
def test_no_answer(message: Message) -> None:
    with pytest.raises(NetlinkCodecError):
        parse_answer(message)


def test_texts() -> None:
    assert text_of(b"br-lan\0rest") == "br-lan"
    assert text_of(b"a\nb\xff") == "a?b?"
    assert mac_text(b"\x02\0\x5e\0\x10\x01") == "02:00:5e:00:10:01"
    assert mac_text(b"") is None
    assert address_text(bytes([192, 0, 2, 1])) == "192.0.2.1"
    assert address_text(bytes.fromhex("20010db8" + "0" * 23 + "1")) == "2001:db8::1"
    with pytest.raises(NetlinkCodecError):
        address_text(b"abc")
    with pytest.raises(NetlinkCodecError):
        uint_of(b"abc", 4, "number")


@given(st.binary(max_size=200))
def test_any_bytes_end_in_messages_or_the_one_error(data: bytes) -> None:
    try:
        messages = list(parse_messages(data))
    except NetlinkCodecError:
        return
    assert sum(16 + len(m.body) for m in messages) <= len(data)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_attributes_or_the_one_error(data: bytes) -> None:
    try:
        found = list(iterate_attributes(data))
    except NetlinkCodecError:
        return
    assert sum(4 + len(payload) for _, payload in found) <= len(data)


@given(st.sampled_from((2, 3, 16)), st.integers(0, 0xFFFF), st.binary(max_size=100))
def test_any_answer_is_read_or_refused(kind: int, flags: int, body: bytes) -> None:
    try:
        answer = parse_answer(Message(kind, flags, 1, body))
    except NetlinkCodecError:
        return
    assert answer.errno >= 0 and answer.seq == 1


@given(st.lists(st.tuples(st.integers(0, 0x3FFF), st.binary(max_size=40)), max_size=8))
def test_attributes_round_trip(pairs: list[tuple[int, bytes]]) -> None:
    data = b"".join(encode_attribute(kind, payload) for kind, payload in pairs)
    assert list(iterate_attributes(data)) == pairs
