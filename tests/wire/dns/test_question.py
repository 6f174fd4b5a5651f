"""Questions: the fast way reads what dnspython reads, and keys do not multiply."""

from __future__ import annotations

import contextlib
import struct

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import (
    AAAA,
    BADVERS,
    CD,
    DO,
    FORMERR,
    HTTPS,
    NOTIMP,
    RD,
    A,
    DnsCodecError,
)
from guardian.wire.dns.question import read_question, split_key

from . import shapes

labels = st.binary(min_size=1, max_size=30)
names = st.lists(labels, max_size=7).map(lambda found: dns.name.Name([*found, b""]))
qtypes = st.integers(1, 0xFFFF).filter(lambda n: n not in (41, 250, 251, 252))
flags = st.sets(st.sampled_from([dns.flags.RD, dns.flags.CD, dns.flags.AD])).map(sum)
options = st.lists(
    st.builds(
        dns.edns.GenericOption,
        st.sampled_from([3, 8, 10, 12, 65001]),
        st.binary(max_size=40),
    ),
    max_size=3,
)


def ask(
    name: dns.name.Name | str = "www.example.com",
    qtype: int = A,
    *,
    flags: int = RD,
    size: int | None = None,
    do: bool = False,
    options: list[dns.edns.Option] | None = None,
) -> bytes:
    """Make a question with dnspython."""
    made = dns.message.make_query(name, dns.rdatatype.RdataType(qtype), id=7)
    made.flags = dns.flags.Flag(flags)
    if size is not None:
        made.use_edns(0, DO if do else 0, size, options=options)
    return made.to_wire()


@settings(deadline=None)
@given(names, qtypes, flags, st.none() | st.integers(0, 0xFFFF), st.booleans(), options)
def test_questions_are_what_dnspython_made(
    name: dns.name.Name,
    qtype: int,
    flags: int,
    size: int | None,
    do: bool,
    options: list[dns.edns.Option],
) -> None:
    packet = ask(name, qtype, flags=flags, size=size, do=do, options=options)
    key, qname, kind, qclass, end, room, bits = read_question(packet)
    assert qname == name.canonicalize().to_wire()
    assert (kind, qclass) == (qtype, 1)
    assert packet[12:end] == name.to_wire() + struct.pack("!HH", qtype, 1)
    assert room == (0 if size is None else max(512, size))
    expected = flags | (DO if do and size is not None else 0)
    assert bits == expected
    assert split_key(key) == (qname, qtype, 1, expected & (RD | CD | DO))


@settings(deadline=None)
@given(names, qtypes, st.integers(512, 4096), options, st.randoms())
def test_neither_options_nor_case_make_another_key(
    name: dns.name.Name, qtype: int, size: int, options: list[dns.edns.Option], dice
) -> None:
    plain = read_question(ask(name, qtype))[0]
    mixed = dns.name.Name(
        bytes(
            (
                dice.choice((octet, octet ^ 0x20))
                if chr(octet).isalpha() and octet < 128
                else octet
            )
            for octet in label
        )
        for label in name.labels
    )
    assert read_question(ask(mixed, qtype, size=size, options=options))[0] == plain
    with_ad = ask(mixed, qtype, flags=RD | dns.flags.AD)
    assert read_question(with_ad)[0] == plain


def test_what_changes_the_answer_changes_the_key() -> None:
    packets = [
        ask(),
        ask("example.com"),
        ask(qtype=AAAA),
        ask(flags=0),
        ask(flags=RD | CD),
        ask(size=1232, do=True),
        # 0x41, "A", and 0x61, "a": the type is no letter to be made small.
        ask(qtype=HTTPS),
        ask(qtype=HTTPS ^ 0x20),
        ask()[:-1] + b"\x03",
    ]
    assert len({read_question(p)[0] for p in packets}) == len(packets)


def test_the_root_can_be_asked_for() -> None:
    assert read_question(ask("."))[1] == b"\0"


def test_other_records_beside_opt_are_passed_over() -> None:
    tsig = shapes.rr(shapes.labels("key") + shapes.END, 250, 0, bytes(16), 255)
    soa = shapes.rr(shapes.pointer(12), 6, 0, bytes(22))
    opt = shapes.opt(shapes.option(10, bytes(8)), size=4096, ttl=DO)
    for authority, extra, size, bits in (
        ((), (opt, tsig), 4096, RD | DO),
        ((), (tsig, opt), 4096, RD | DO),
        ((soa,), (opt,), 4096, RD | DO),
        ((soa,), (), 0, RD),
        ((), (tsig,), 0, RD),
    ):
        packet = shapes.message(shapes.WWW, A, (), authority, extra, flags=RD)
        assert read_question(packet)[5:] == (size, bits)


@pytest.mark.parametrize(
    "packet, rcode",
    [
        (b"", None),
        (ask()[:11], None),
        # An answer.
        (shapes.CDN, None),
        # A status question, a notify, an update.
        (b"\0\7\x10\0" + ask()[4:], NOTIMP),
        (b"\0\7\x20\0" + ask()[4:], NOTIMP),
        (b"\0\7\x28\0" + ask()[4:], NOTIMP),
        (ask()[:-1], FORMERR),
        (ask()[:20], FORMERR),
        (ask()[:12], FORMERR),
        (ask()[:12] + b"\xc0\x0c\0\1\0\1", FORMERR),
        (ask()[:12] + b"\x40" + b"a" * 64 + b"\0\0\1\0\1", FORMERR),
        (ask()[:12] + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1", FORMERR),
        # None, two, and an answer in a question.
        (ask()[:4] + b"\0\0" + ask()[6:], FORMERR),
        (ask()[:4] + b"\0\2" + ask()[6:], FORMERR),
        (ask()[:6] + b"\0\1" + ask()[8:], FORMERR),
        (ask()[:8] + b"\0\3\0\2" + ask()[12:], FORMERR),
        # A record announced that is not there; one cut short.
        (ask()[:10] + b"\0\1" + ask()[12:], FORMERR),
        (ask(size=1232)[:-1], FORMERR),
        (ask(size=1232)[:-1] + b"\1", FORMERR),
        (ask(size=1232)[:-1] + b"\1", FORMERR),
        (shapes.message(shapes.WWW, A, (), (), (shapes.opt(),) * 2, RD), FORMERR),
        (
            shapes.message(shapes.WWW, A, (), (), (b"\1a" + shapes.opt(),), flags=RD),
            FORMERR,
        ),
        (
            shapes.message(shapes.WWW, A, (), (), (b"\x40" + shapes.opt(),), flags=RD),
            FORMERR,
        ),
        (
            shapes.message(
                shapes.WWW, A, (), (), (shapes.rr(b"\1a\0", 250, 0, b"x")[:-1],), RD
            ),
            FORMERR,
        ),
        (
            shapes.message(shapes.WWW, A, (), (), (shapes.opt(ttl=1 << 16),), RD),
            BADVERS,
        ),
    ],
)
def test_bad_questions_say_what_to_answer(packet: bytes, rcode: int | None) -> None:
    with pytest.raises(DnsCodecError) as caught:
        read_question(packet)
    assert caught.value.rcode == rcode


@settings(deadline=None)
@given(st.binary(max_size=120), st.integers(0, 2))
def test_any_bytes_are_read_or_refused(data: bytes, extras: int) -> None:
    for packet in (data, struct.pack("!6H", 7, RD, 1, 0, 0, extras) + data):
        with contextlib.suppress(DnsCodecError):
            key, qname, *_, end, size, _ = read_question(packet)
            assert len(key) == len(qname) + 5 <= 260
            assert end <= len(packet) and (size == 0 or size >= 512)


@settings(deadline=None)
@given(names, st.data())
def test_a_damaged_question_is_read_as_dnspython_reads_it_or_refused(
    name: dns.name.Name, data: st.DataObject
) -> None:
    packet = bytearray(
        ask(name, size=1232, options=[dns.edns.GenericOption(10, b"8" * 8)])
    )
    for _ in range(data.draw(st.integers(1, 3))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(
            st.integers(0, 255)
        )
    try:
        _, qname, qtype, qclass, *_ = read_question(bytes(packet))
    except DnsCodecError:
        return
    try:
        parsed = dns.message.from_wire(bytes(packet), ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        # dnspython looks into options and RDATA, which no answer of ours depends on.
        return
    (question,) = parsed.question
    assert (qname, qtype, qclass) == (
        question.name.canonicalize().to_wire(),
        question.rdtype,
        question.rdclass,
    )
