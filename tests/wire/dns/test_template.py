"""Answers kept ready: rendered onto another question, aged, cut, read by dnspython."""

from __future__ import annotations

import contextlib

import dns.flags
import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import AD, CD, DO, HTTPS, OPT, QR, RD, TC, A, DnsCodecError
from guardian.wire.dns.edns import Advice
from guardian.wire.dns.message import parse_message
from guardian.wire.dns.question import read_question
from guardian.wire.dns.template import Template, from_answer

from . import shapes
from .test_message import oracle

WHOLE = sorted(set(shapes.ALL) - {"truncated"})


def question(raw: bytes, flags: int = RD, opt: bytes = b"", ident: int = 7) -> bytes:
    """Make a question for the name of an answer, its letters in upper case."""
    end = parse_message(raw).body
    qname = raw[12 : end - 4].upper()
    head = ident.to_bytes(2, "big") + flags.to_bytes(2, "big") + b"\0\1\0\0\0\0\0"
    return head + (b"\1" if opt else b"\0") + qname + raw[end - 4 : end] + opt


def render(template: Template, packet: bytes, limit: int = 65535) -> bytes:
    *_, end, size, bits = read_question(packet)
    return template.render(packet, end, size, bits, limit)


def template(raw: bytes, ttl_max: int = 86400) -> Template:
    return from_answer(parse_message(raw), ttl_max=ttl_max)


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("opt", [b"", shapes.opt(), shapes.opt(ttl=DO)])
def test_an_answer_fits_any_question_for_its_name(name: str, opt: bytes) -> None:
    raw = shapes.ALL[name]
    packet = question(raw, opt=opt)
    made = render(template(raw), packet)
    assert oracle(made) == oracle(raw)
    end = len(packet) - len(opt)
    assert made[12:end] == packet[12:end]
    parsed = dns.message.from_wire(made)
    asked = dns.message.from_wire(packet)
    assert asked.is_response(parsed)
    assert parsed.rcode() == dns.message.from_wire(raw).rcode()
    assert parsed.edns == asked.edns
    assert parsed.ednsflags == asked.ednsflags
    assert sum(r.rtype == OPT for r in parse_message(made).records) == bool(opt)


def test_flags_are_the_clients_and_the_resolvers() -> None:
    def flags(asked: int, opt: bytes = b"", raw: bytes = shapes.BIND_FULL) -> int:
        return parse_message(render(template(raw), question(raw, asked, opt))).flags

    assert flags(RD) == QR | RD | 0x80
    assert flags(0) == QR | 0x80
    assert flags(RD | CD) == QR | RD | CD | 0x80
    # AD only for who asks for it, or for signatures.
    assert flags(RD | AD) == QR | RD | AD | 0x80
    assert flags(RD, shapes.opt(ttl=DO)) == QR | RD | AD | 0x80
    assert flags(RD, shapes.opt()) == QR | RD | 0x80
    assert flags(RD, raw=shapes.DNSMASQ_LOCAL) == QR | RD | 0x480


def ttls(raw: bytes) -> list[int]:
    return [r.ttl for r in parse_message(raw).records if r.rtype != OPT]


def test_ttls_get_less_and_end_at_zero() -> None:
    kept = template(shapes.CDN)
    packet = question(shapes.CDN, opt=shapes.opt())
    seen = []
    for age in (0, 1, 25, 25, 400, 10):
        kept.age(age)
        seen.append(ttls(render(kept, packet)))
    assert seen == [
        [300, 60, 20, 20],
        [299, 59, 19, 19],
        [275, 35, 0, 0],
        [275, 35, 0, 0],
        [0, 0, 0, 0],
        [290, 50, 10, 10],
    ]


def test_long_ttls_are_cut() -> None:
    kept = template(shapes.CDN, ttl_max=30)
    assert ttls(render(kept, question(shapes.CDN))) == [30, 30, 20, 20]


@pytest.mark.parametrize(
    "name, ttl",
    [
        ("cdn", 20),
        ("bind_full", 3600),
        # The SOA's minimum, less than its TTL; no SOA; no answer worth keeping.
        ("unbound_nxdomain", 300),
        ("dnsmasq_nxdomain", 0),
        ("bogus", 0),
        ("dnsmasq_local", 0),
        ("https_signed", 60),
    ],
)
def test_how_long_an_answer_may_be_kept(name: str, ttl: int) -> None:
    assert template(shapes.ALL[name]).ttl == ttl
    assert template(shapes.ALL[name], ttl_max=5).ttl == min(5, ttl)


def test_an_alias_to_nothing_is_kept_as_long_as_both_allow() -> None:
    alias = shapes.rr(
        shapes.pointer(12), 5, 40, shapes.labels("b", "test") + shapes.END
    )
    soa = shapes.rr(shapes.END, 6, 900, b"\0\0" + shapes.NUMBERS)
    for authority, ttl in (((soa,), 40), ((), 0)):
        raw = shapes.message(shapes.WWW, A, (alias,), authority)
        assert template(raw).ttl == ttl
    short = shapes.rr(shapes.END, 6, 900, b"\0\0" + shapes.NUMBERS[:16])
    with pytest.raises(DnsCodecError):
        template(shapes.message(shapes.WWW, A, (), (short,)))


def test_a_long_answer_is_sent_empty_with_tc() -> None:
    kept = from_answer(
        parse_message(shapes.BIND_FULL),
        ttl_max=60,
        options=[Advice(3, "x" * 60).encode()],
    )
    for opt in (b"", shapes.opt(), shapes.opt(ttl=DO)):
        packet = question(shapes.BIND_FULL, opt=opt)
        whole = render(kept, packet)
        assert render(kept, packet, len(whole)) == whole
        cut = render(kept, packet, len(whole) - 1)
        assert oracle(cut) == [] and parse_message(cut).truncated
        parsed = dns.message.from_wire(cut)
        assert dns.message.from_wire(packet).is_response(parsed)
        assert parsed.ednsflags == dns.message.from_wire(packet).ednsflags
        # Not even the reason fits.
        tight = render(kept, packet, 60)
        assert len(tight) <= 60 and parse_message(tight).truncated
    assert not parse_message(whole).flags & TC


def test_opt_in_the_middle_is_taken_out_and_pointers_after_it_hold() -> None:
    made = render(template(shapes.BIND_FULL), question(shapes.BIND_FULL))
    assert oracle(made) == oracle(shapes.BIND_FULL)
    assert parse_message(made).records[-1].ttl == 7200


def test_a_truncated_answer_is_not_kept() -> None:
    with pytest.raises(DnsCodecError, match="truncated"):
        template(shapes.TRUNCATED)


def test_an_rcode_that_does_not_fit_is_not_kept() -> None:
    opt = shapes.opt(ttl=1 << 24)
    with pytest.raises(DnsCodecError, match="extended-rcode"):
        template(shapes.message(shapes.WWW, A, additional=(opt,), flags=0x8187))


def test_reasons_reach_the_client() -> None:
    kept = from_answer(
        parse_message(shapes.CDN), ttl_max=60, options=[Advice(15, "bedtime").encode()]
    )
    parsed = dns.message.from_wire(render(kept, question(shapes.CDN, opt=shapes.opt())))
    assert [str(o) for o in parsed.options] == ["EDE 15 (Blocked): bedtime"]
    plain = render(kept, question(shapes.CDN))
    assert dns.message.from_wire(plain).options == ()


@settings(deadline=None)
@given(st.sampled_from(WHOLE), st.data(), st.integers(0, 1 << 33), st.integers(28, 600))
def test_damaged_shapes_are_kept_or_refused(
    name: str, data: st.DataObject, age: int, limit: int
) -> None:
    raw = bytearray(shapes.ALL[name])
    end = parse_message(bytes(raw)).body
    packet = question(bytes(raw), opt=shapes.opt())
    for _ in range(data.draw(st.integers(1, 3))):
        # The question is checked before: an answer to another is not kept for this.
        at = data.draw(st.sampled_from([*range(12), *range(end, len(raw))]))
        raw[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DnsCodecError):
        kept = template(bytes(raw))
        kept.age(age)
        made = parse_message(render(kept, packet, limit))
        assert made.ident == 7 and made.flags & QR
        assert made.end == len(made.raw) and len(made.raw) <= max(limit, len(packet))


def test_https_goes_as_it_is() -> None:
    made = render(template(shapes.HTTPS_ECH), question(shapes.HTTPS_ECH))
    assert [r.rtype for r in parse_message(made).records] == [HTTPS]
