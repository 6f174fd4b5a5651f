"""Answers of our own, read by dnspython."""

from __future__ import annotations

from ipaddress import ip_address

import dns.flags
import dns.message
import dns.name
import dns.rcode
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import (
    AAAA,
    BADVERS,
    FORMERR,
    HTTPS,
    NOERROR,
    NOTIMP,
    NXDOMAIN,
    RD,
    REFUSED,
    A,
    DnsCodecError,
)
from guardian.wire.dns.edns import Advice
from guardian.wire.dns.name import encode_name
from guardian.wire.dns.question import read_question
from guardian.wire.dns.rewrite import answer_error, point_to, refuse, rename
from guardian.wire.dns.template import Template

from . import shapes
from .test_question import ask, names

V4, V6 = ip_address("192.0.2.1").packed, ip_address("100::1").packed
ADVICE = [Advice(15, "games are off until 16:00")]


def answer(template: Template, packet: bytes) -> dns.message.Message:
    *_, end, size, bits = read_question(packet)
    made = dns.message.from_wire(template.render(packet, end, size, bits, 1232))
    assert dns.message.from_wire(packet).is_response(made)
    return made


def records(message: dns.message.Message) -> list[str]:
    return [f"{s} {r}" for s, name in enumerate(message.sections[1:]) for r in name]


@settings(deadline=None)
@given(names, st.sampled_from([NXDOMAIN, REFUSED, NOERROR]), st.none() | st.just(1232))
def test_a_refusal_holds_for_every_name(
    name: dns.name.Name, rcode: int, size: int | None
) -> None:
    made = answer(refuse(rcode, advice=ADVICE), ask(name, size=size))
    assert (made.rcode(), records(made)) == (rcode, [])
    assert made.flags & dns.flags.RA and made.flags & dns.flags.RD
    texts = [str(o) for o in made.options]
    assert texts == (["EDE 15 (Blocked): games are off until 16:00"] if size else [])


def test_a_refusal_can_be_kept_if_wanted() -> None:
    made = answer(refuse(soa_ttl=10), ask("Games.Example"))
    data = "guardian.invalid. guardian.invalid. 1 3600 600 86400 10"
    assert records(made) == [f"1 Games.Example. 10 IN SOA {data}"]


@pytest.mark.parametrize(
    "qtype, found",
    [
        (A, ["0 Games.Example. 5 IN A 192.0.2.1"]),
        (AAAA, ["0 Games.Example. 5 IN AAAA 100::1"]),
        (HTTPS, []),
        (255, []),
    ],
)
def test_a_sinkhole(qtype: int, found: list[str]) -> None:
    packet = ask("Games.Example", qtype, size=1232)
    made = answer(point_to(qtype, (V4, V6), 5, advice=ADVICE), packet)
    assert (made.rcode(), records(made)) == (NOERROR, found)
    assert len(made.options) == 1


TARGET = encode_name("safe.search.example")


@pytest.mark.parametrize(
    "qtype, found",
    [
        (
            A,
            [
                "0 Search.Example. 60 IN CNAME safe.search.example.",
                "0 safe.search.example. 60 IN A 192.0.2.1",
            ],
        ),
        (AAAA, ["0 Search.Example. 60 IN CNAME safe.search.example."]),
        (HTTPS, []),
    ],
)
def test_a_rewritten_name(qtype: int, found: list[str]) -> None:
    made = answer(rename(qtype, TARGET, (V4,), 60), ask("Search.Example", qtype))
    assert (made.rcode(), records(made)) == (NOERROR, found)


def error(packet: bytes) -> dns.message.Message:
    with pytest.raises(DnsCodecError) as caught:
        read_question(packet)
    assert caught.value.rcode is not None
    return dns.message.from_wire(answer_error(packet, caught.value.rcode))


def test_errors_echo_what_can_be_read() -> None:
    notify = error(b"\0\7\x21\0" + ask()[4:])
    assert (notify.id, notify.rcode(), notify.opcode()) == (7, NOTIMP, 4)
    assert len(notify.question) == 1
    version = error(
        shapes.message(shapes.WWW, A, (), (), (shapes.opt(ttl=1 << 16),), RD)
    )
    assert (version.rcode(), version.edns, len(version.question)) == (BADVERS, 0, 1)


@pytest.mark.parametrize(
    "packet",
    [
        ask()[:12],
        ask()[:-1],
        ask()[:12] + b"\xc0\x0c\0\1\0\1",
        ask()[:12] + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1",
        ask()[:4] + b"\0\2" + ask()[6:],
    ],
)
def test_errors_without_a_question(packet: bytes) -> None:
    made = error(packet)
    assert (made.id, made.rcode(), made.question) == (7, FORMERR, [])


def test_less_than_a_header_is_not_answered() -> None:
    with pytest.raises(DnsCodecError):
        answer_error(b"\0" * 11, FORMERR)


@settings(deadline=None)
@given(st.binary(min_size=12, max_size=80), st.sampled_from([FORMERR, BADVERS]))
def test_any_bytes_get_a_well_formed_error(packet: bytes, rcode: int) -> None:
    made = dns.message.from_wire(answer_error(packet, rcode))
    assert made.rcode() == rcode and made.flags & dns.flags.QR
