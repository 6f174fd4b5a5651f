"""The DNS codec, with dnspython as the oracle, and against hostile answers."""

from __future__ import annotations

import contextlib
import struct

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import AAAA, NXDOMAIN, A, DnsCodecError
from guardian.wire.dns.stub import Response, encode_question, parse_response

NAME = "Help.Example"
IDENT = 0x1234

labels = st.from_regex(
    r"[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,20}[a-zA-Z0-9_])?", fullmatch=True
)
names = st.lists(labels, min_size=1, max_size=8).map(".".join)


def answer(
    *sets: tuple[str, int, str, list[str]], qtype: int = A, rcode: int = 0
) -> bytes:
    """Make the answer to NAME with dnspython. sets: owner, TTL, type, values."""
    query = dns.message.from_wire(encode_question(NAME, qtype, IDENT))
    made = dns.message.make_response(query)
    made.set_rcode(dns.rcode.Rcode(rcode))
    for owner, ttl, kind, values in sets:
        made.answer.append(dns.rrset.from_text(owner, ttl, "IN", kind, *values))
    return made.to_wire()


def parse(message: bytes, qtype: int = A) -> Response:
    return parse_response(message, NAME, qtype, IDENT)


@settings(deadline=None)
@given(names, st.sampled_from([A, AAAA]), st.integers(0, 0xFFFF))
def test_questions_are_what_dnspython_makes(name: str, qtype: int, ident: int) -> None:
    made = dns.message.make_query(
        name.lower(), dns.rdatatype.RdataType(qtype), id=ident
    )
    assert encode_question(name, qtype, ident) == made.to_wire()


def test_addresses_with_their_least_ttl() -> None:
    message = answer((f"{NAME}.", 300, "A", ["198.51.100.1", "198.51.100.2"]))
    response = parse(message)
    # dnspython writes a set in any order.
    assert sorted(response.addresses) == ["198.51.100.1", "198.51.100.2"]
    assert (response.rcode, response.ttl) == (0, 300)


def test_ipv6_addresses() -> None:
    message = answer((f"{NAME}.", 60, "AAAA", ["2001:db8::1"]), qtype=AAAA)
    assert parse(message, AAAA).addresses == ("2001:db8::1",)


def test_aliases_are_followed_in_any_order() -> None:
    message = answer(
        ("cdn.example.net.", 900, "A", ["198.51.100.9"]),
        ("www.example.org.", 20, "CNAME", ["CDN.example.net."]),
        (f"{NAME}.", 600, "CNAME", ["www.example.org."]),
        ("elsewhere.example.", 1, "A", ["203.0.113.66"]),
    )
    assert parse(message) == Response(rcode=0, addresses=("198.51.100.9",), ttl=20)


def test_an_alias_that_leads_nowhere_or_in_a_circle_gives_nothing() -> None:
    away = answer((f"{NAME}.", 600, "CNAME", ["www.example.org."]))
    assert parse(away) == Response(rcode=0)
    circle = answer(
        (f"{NAME}.", 600, "CNAME", ["b.example."]),
        ("b.example.", 600, "CNAME", [f"{NAME}."]),
    )
    assert parse(circle) == Response(rcode=0)


def test_a_chain_too_long_gives_nothing() -> None:
    chain = [(f"n{n}.example.", 60, "CNAME", [f"n{n + 1}.example."]) for n in range(30)]
    message = answer(
        (f"{NAME}.", 60, "CNAME", ["n0.example."]),
        *chain,
        ("n30.example.", 60, "A", ["198.51.100.1"]),
    )
    assert parse(message).addresses == ()


def test_addresses_of_other_classes_and_sections_are_none() -> None:
    owner, address = b"\xc0\x0c", b"\xc6\x33\x64\x01"
    chaos = owner + struct.pack("!HHIH", A, 3, 60, 4) + address
    assert parse(raw(chaos)).addresses == ()
    beside = bytearray(raw(record(owner, address)))
    beside[6:12] = b"\0\0\0\0\0\1"
    assert parse(bytes(beside)).addresses == ()


def test_an_answer_of_no() -> None:
    assert parse(answer(rcode=NXDOMAIN)) == Response(rcode=NXDOMAIN)
    assert parse(answer()) == Response(rcode=0)


def test_a_truncated_answer_is_told_and_not_used() -> None:
    message = bytearray(answer((f"{NAME}.", 300, "A", ["198.51.100.1"])))
    message[2] |= 0x02
    assert parse(bytes(message)) == Response(rcode=0, truncated=True)


def test_a_ttl_with_the_top_bit_counts_as_zero() -> None:
    message = answer((f"{NAME}.", 0, "A", ["198.51.100.1"]))
    changed = message[:-10] + struct.pack("!I", 0x80000001) + message[-6:]
    assert parse(changed).ttl == 0


def test_only_the_answer_to_our_question_is_taken() -> None:
    message = answer((f"{NAME}.", 300, "A", ["198.51.100.1"]))
    question = encode_question(NAME, A, IDENT)
    for name, qtype, ident in (
        ("other.example", A, IDENT),
        (NAME, AAAA, IDENT),
        (NAME, A, IDENT ^ 1),
    ):
        with pytest.raises(DnsCodecError):
            parse_response(message, name, qtype, ident)
    # Our own question, reflected.
    with pytest.raises(DnsCodecError):
        parse(question)
    # An answer that echoes the letters' case otherwise is the same question (RFC 4343).
    assert parse_response(message, NAME.upper(), A, IDENT).addresses


def record(owner: bytes, data: bytes, rtype: int = A) -> bytes:
    return owner + struct.pack("!HHIH", rtype, 1, 60, len(data)) + data


def raw(*records: bytes, count: int | None = None) -> bytes:
    head = struct.pack("!6H", IDENT, 0x8180, 1, count or len(records), 0, 0)
    return head + encode_question(NAME, A, IDENT)[12:] + b"".join(records)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        raw()[:11],
        raw()[:20],
        raw(count=1),
        raw()[:-2],
        raw(b"\xc0\x0c\x00\x01"),
        raw(record(b"\xc0\x0c", b"\x01\x02\x03")),
        raw(record(b"\xc0\x0c", b"\x01\x02\x03\x04"))[:-1],
        # A pointer to itself, forward, past the end, and half a pointer.
        raw(record(b"\xc0\x1e", b"\x01\x02\x03\x04")),
        raw(record(b"\xc0\x20", b"\x01\x02\x03\x04")),
        raw(record(b"\xff\xff", b"\x01\x02\x03\x04")),
        raw(b"\xc0", count=1),
        # The two label types that are none.
        raw(record(b"\x40a\x00", b"\x01\x02\x03\x04")),
        raw(record(b"\x80a\x00", b"\x01\x02\x03\x04")),
        raw(record(b"\xc0\x0c", b"\x01a\x00rest", 5)),
        raw(record(b"\xc0\x0c", b"\x01a", 5)),
        raw(*[record(b"\x00", b"\x01\x02\x03\x04")] * 513),
    ],
)
def test_malformed_answers_are_refused(message: bytes) -> None:
    with pytest.raises(DnsCodecError):
        parse(message)


@settings(deadline=None)
@given(st.binary(max_size=120), st.integers(0, 3))
def test_any_bytes_after_the_question_are_read_or_refused(
    data: bytes, count: int
) -> None:
    with contextlib.suppress(DnsCodecError):
        response = parse(raw(data, count=count + 1))
        assert (response.ttl is None) == (response.addresses == ())


@settings(deadline=None)
@given(st.data())
def test_a_damaged_answer_is_read_or_refused(data: st.DataObject) -> None:
    message = bytearray(
        answer(
            (f"{NAME}.", 600, "CNAME", ["www.help.example."]),
            ("www.help.example.", 20, "A", ["198.51.100.9", "198.51.100.8"]),
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(message) - 1))
        message[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DnsCodecError):
        assert len(parse(bytes(message)).addresses) <= 2
