"""OPT and its options, with dnspython as the oracle both ways."""

from __future__ import annotations

import contextlib

import dns.edns
import dns.flags
import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import COOKIE, DO, EDE, A, DnsCodecError
from guardian.wire.dns.edns import (
    Advice,
    Cookie,
    encode_opt,
    parse_advice,
    parse_cookie,
    parse_options,
    read_edns,
)
from guardian.wire.dns.message import parse_message

from . import shapes

# Those whose content the oracle does not read: it refuses what makes no sense in them.
codes = st.integers(0, 0xFFFF).filter(
    lambda code: dns.edns.get_option_class(code) is dns.edns.GenericOption
)
options = st.lists(st.tuples(codes, st.binary(max_size=40)), max_size=6).map(tuple)


@settings(deadline=None)
@given(st.integers(0, 0xFFFF), st.booleans(), options, st.integers(0, 0xFFF))
def test_opt_is_read_by_dnspython_and_by_us(
    size: int, do: bool, options: tuple[tuple[int, bytes], ...], rcode: int
) -> None:
    opt = encode_opt(size, do, options, rcode=rcode)
    raw = shapes.message(
        shapes.WWW, A, additional=(opt,), flags=shapes.PLAIN | rcode & 15
    )
    parsed = dns.message.from_wire(raw)
    assert (parsed.payload, parsed.rcode()) == (size, rcode)
    assert bool(parsed.ednsflags & dns.flags.DO) == do
    assert [(int(o.otype), o.to_wire()) for o in parsed.options] == list(options)
    found = read_edns(parse_message(raw))
    assert found is not None
    assert (found.size, found.version, found.rcode) == (size, 0, rcode)
    assert (found.do, found.options) == (do, options)


def test_shapes() -> None:
    assert read_edns(parse_message(shapes.DNSMASQ_NXDOMAIN)) is None
    bogus = read_edns(parse_message(shapes.BOGUS))
    assert bogus is not None
    advice = [parse_advice(data) for code, data in bogus.options if code == EDE]
    assert advice == [Advice(6), Advice(9, "no key")]
    full = read_edns(parse_message(shapes.BIND_FULL))
    assert full is not None
    data = full.first(COOKIE)
    assert data is not None and full.first(EDE) is None
    assert parse_cookie(data) == Cookie(bytes(range(8)), bytes(range(8, 24)))
    assert not full.do
    signed = read_edns(parse_message(shapes.HTTPS_SIGNED))
    assert signed is not None and signed.do


@settings(deadline=None)
@given(st.integers(0, 0xFFFF), st.text(max_size=120))
def test_advice_is_read_by_dnspython_and_by_us(info: int, text: str) -> None:
    code, data = Advice(info, text).encode()
    assert len(data) <= 202
    parsed = dns.edns.option_from_wire(code, data, 0, len(data))
    assert isinstance(parsed, dns.edns.EDEOption)
    read = parse_advice(data)
    assert (read.info, read.text) == (info, (parsed.text or ""))
    plain = text.encode(errors="replace").decode()
    if len(plain.encode()) <= 200 and not plain.endswith("\0"):
        assert read == Advice(info, plain)


def test_a_long_text_ends_between_letters() -> None:
    _, data = Advice(15, "ä" * 150).encode()
    assert data[2:].decode() == "ä" * 100
    _, data = Advice(15, "a" + "ä" * 150).encode()
    assert data[2:].decode() == "a" + "ä" * 99


def test_advice_of_others_may_be_any_octets() -> None:
    assert parse_advice(b"\0\x0f\xff\xfe").text == "\ufffd\ufffd"
    with pytest.raises(DnsCodecError):
        parse_advice(b"\0")


@settings(deadline=None)
@given(st.binary(max_size=50))
def test_cookies_have_the_lengths_of_the_rfc(data: bytes) -> None:
    if len(data) == 8 or 16 <= len(data) <= 40:
        assert parse_cookie(data).encode() == (COOKIE, data)
    else:
        with pytest.raises(DnsCodecError):
            parse_cookie(data)


@pytest.mark.parametrize(
    "additional",
    [
        (shapes.opt(), shapes.opt()),
        (b"\1a" + shapes.opt(),),
        (shapes.opt(b"\0"),),
        (shapes.opt(b"\0\x0a\0\1"),),
        (shapes.opt(shapes.option(9, b"") * 33),),
    ],
)
def test_malformed_opt_is_refused(additional: tuple[bytes, ...]) -> None:
    with pytest.raises(DnsCodecError):
        read_edns(parse_message(shapes.message(shapes.WWW, A, additional=additional)))


def test_opt_stands_in_the_additional_section() -> None:
    with pytest.raises(DnsCodecError):
        read_edns(parse_message(shapes.message(shapes.WWW, A, (shapes.opt(ttl=DO),))))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_options_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(DnsCodecError):
        assert len(parse_options(data)) <= 32
