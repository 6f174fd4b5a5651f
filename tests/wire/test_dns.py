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
from hypothesis import given
from hypothesis import strategies as st

from guardian.wire.dns import (
    AAAA,
    NXDOMAIN,
    A,
    DnsCodecError,
    Response,
    encode_name,
    encode_question,
    parse_response,
    read_name,
)

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


@given(names, st.sampled_from([A, AAAA]), st.integers(0, 0xFFFF))
def test_questions_are_what_dnspython_makes(name: str, qtype: int, ident: int) -> None:
    made = dns.message.make_query(
        name.lower(), dns.rdatatype.RdataType(qtype), id=ident
    )
    assert encode_question(name, qtype, ident) == made.to_wire()


@pytest.mark.parametrize(
    "name",
    ["", ".", "a..b", ".a", "x" * 64, ".".join(["x" * 63] * 4), "a b", "ä.example"]
    + ["a\x00b", "*.example", "a/b", "a%"],
)
def test_names_that_cannot_be_asked(name: str) -> None:
    with pytest.raises(DnsCodecError):
        encode_name(name)


@pytest.mark.parametrize(
    "name", ["a", "a.", "_dns.example", "x" * 63, "xn--4ca.example"]
)
def test_names_that_can(name: str) -> None:
    expected = dns.name.from_text(name).to_wire()
    assert encode_name(name) == expected


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


def test_a_name_made_long_by_pointers_is_refused() -> None:
    # Each run of 63 octets goes on at the run before: five of them pass 255.
    message = b"\x00" + b"".join(
        b"\x3f" + b"x" * 63 + struct.pack("!H", 0xC000 | (66 * n - 65 if n else 0))
        for n in range(5)
    )
    with pytest.raises(DnsCodecError, match="name-too-long"):
        read_name(message, 1 + 66 * 4)


def test_a_long_way_of_pointers_is_refused() -> None:
    message = b"\x00\x00" + b"".join(
        struct.pack("!H", 0xC000 | 2 * n) for n in range(5000)
    )
    with pytest.raises(DnsCodecError, match="bad-pointer"):
        read_name(message, 10_000)


def test_names_are_read_as_dnspython_reads_them() -> None:
    message = answer(
        ("a.b.example.", 1, "CNAME", ["c.b.example."]),
        ("c.b.example.", 1, "CNAME", ["b.example."]),
    )
    at = len(encode_question(NAME, A, IDENT))
    name, after = read_name(message, at)
    expected, used = dns.name.from_wire(message, at)
    assert (name, after) == (expected.to_wire(), at + used)


@given(st.binary(max_size=120), st.integers(0, 3))
def test_any_bytes_after_the_question_are_read_or_refused(
    data: bytes, count: int
) -> None:
    with contextlib.suppress(DnsCodecError):
        response = parse(raw(data, count=count + 1))
        assert (response.ttl is None) == (response.addresses == ())


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


@given(st.binary(max_size=60), st.integers(0, 70))
def test_any_name_is_read_as_dnspython_reads_it_or_refused(
    data: bytes, at: int
) -> None:
    try:
        found = read_name(data, at)
    except DnsCodecError:
        return
    expected, used = dns.name.from_wire(data, at)
    assert found == (expected.to_wire().lower(), at + used)
