"""Answers are split where dnspython splits them."""

from __future__ import annotations

import contextlib
import struct

import dns.exception
import dns.message
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import NXDOMAIN, OPT, A, DnsCodecError
from guardian.wire.dns.message import Message, Record, parse_message

from . import shapes

Facts = tuple[int, bytes, int, int, int, bytes]


def oracle(raw: bytes) -> list[Facts]:
    """Return section, owner, type, class, TTL and expanded data by dnspython."""
    parsed = dns.message.from_wire(raw, one_rr_per_rrset=True)
    return [
        (
            section,
            rrset.name.canonicalize().to_wire(),
            rrset.rdtype,
            rrset.rdclass,
            rrset.ttl,
            rdata.to_digestable(),
        )
        for section, rrsets in enumerate(parsed.sections[1:], 1)
        for rrset in rrsets
        for rdata in rrset
    ]


def ours(message: Message) -> list[Facts]:
    """Return the same by our codec; only the data's names are left to dnspython."""

    def digest(record: Record) -> bytes:
        rdata = dns.rdata.from_wire(
            dns.rdataclass.RdataClass(record.rclass),
            dns.rdatatype.RdataType(record.rtype),
            message.raw,
            record.data,
            record.end - record.data,
        )
        return bytes(rdata.to_digestable())

    return [(*r[:5], digest(r)) for r in message.records if r.rtype != OPT]


@pytest.mark.parametrize("name", shapes.ALL)
def test_shapes_are_read_as_dnspython_reads_them(name: str) -> None:
    raw = shapes.ALL[name]
    message = parse_message(raw)
    assert ours(message) == oracle(raw)
    parsed = dns.message.from_wire(raw)
    question = parsed.question[0]
    assert (message.ident, message.flags) == (parsed.id, parsed.flags)
    assert (message.qname, message.qtype, message.qclass) == (
        question.name.canonicalize().to_wire(),
        question.rdtype,
        question.rdclass,
    )
    assert message.end == len(raw)
    assert message.rcode == parsed.rcode()


def test_flags() -> None:
    assert parse_message(shapes.TRUNCATED).truncated
    message = parse_message(shapes.UNBOUND_NXDOMAIN)
    assert (message.truncated, message.rcode) == (False, NXDOMAIN)


def test_a_ttl_with_the_top_bit_counts_as_zero() -> None:
    raw = shapes.message(
        shapes.WWW,
        A,
        (shapes.rr(shapes.pointer(shapes.Q), A, 0x80000005, shapes.ADDRESS),),
    )
    assert [r.ttl for r in parse_message(raw).records] == [0]


def test_octets_after_the_end_are_ignored() -> None:
    raw = shapes.BIND_FULL
    assert parse_message(raw + b"rest").records == parse_message(raw).records


@pytest.mark.parametrize(
    "raw, code",
    [
        (b"", "short"),
        (shapes.BIND_FULL[:11], "short"),
        (shapes.BIND_FULL[: shapes.BODY - 1], "short"),
        (shapes.BIND_FULL[:-1], "short"),
        (shapes.BIND_FULL[: shapes.BODY + 8], "short"),
        (struct.pack("!6H", 1, 0x8180, 0, 0, 0, 0), "question-count"),
        (struct.pack("!6H", 1, 0x8180, 2, 0, 0, 0), "question-count"),
        (
            struct.pack("!6H", 1, 0x8180, 1, 300, 200, 13) + shapes.BIND_FULL[12:],
            "too-many-records",
        ),
    ],
)
def test_malformed_messages_are_refused(raw: bytes, code: str) -> None:
    with pytest.raises(DnsCodecError) as caught:
        parse_message(raw)
    assert caught.value.code == code


@settings(deadline=None)
@given(st.sampled_from(sorted(shapes.ALL)), st.data())
def test_damaged_shapes_are_read_as_dnspython_reads_them_or_refused(
    name: str, data: st.DataObject
) -> None:
    raw = bytearray(shapes.ALL[name])
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(raw)
    try:
        message = parse_message(damaged)
    except DnsCodecError:
        return
    assert message.body <= message.end <= len(damaged)
    # What is malformed inside RDATA, dnspython refuses and we leave to who reads it.
    with contextlib.suppress(dns.exception.DNSException, ValueError):
        expected = oracle(damaged)
        counted = [r for r in message.records if r.rtype != OPT]
        assert [tuple(r[:4]) for r in counted] == [e[:4] for e in expected]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(DnsCodecError):
        assert len(parse_message(raw).records) <= 512
