"""HTTPS and SVCB records, with dnspython as the oracle both ways."""

from __future__ import annotations

import contextlib
import struct
from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.message
import dns.rdata
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import AD, HTTPS, RRSIG, SVCB, DnsCodecError
from guardian.wire.dns.message import parse_message
from guardian.wire.dns.name import encode_name
from guardian.wire.dns.svcb import ECH, MANDATORY, Service, parse_service, strip_ech

from . import shapes
from .test_message import oracle

PARAMS = {
    "alpn": "h2,h3",
    "no-default-alpn": None,
    "port": "8443",
    "ipv4hint": "198.51.100.7,198.51.100.8",
    "ech": "AAj+DQAEYWJjZA==",
    "ipv6hint": "2001:db8::7",
    "key65400": "abc",
}
texts = st.builds(
    lambda priority, target, keys, wanted: f"{priority} {target} "
    + " ".join(
        [f"mandatory={','.join(sorted(wanted & keys))}"] * bool(wanted & keys)
        + [k if PARAMS[k] is None else f"{k}={PARAMS[k]}" for k in sorted(keys)]
    ),
    st.integers(1, 0xFFFF),
    st.sampled_from([".", "svc.example.net."]),
    st.sets(st.sampled_from(sorted(PARAMS))).map(
        lambda keys: keys | {"alpn"} if "no-default-alpn" in keys else keys
    ),
    st.sets(st.sampled_from(["alpn", "port", "ech", "ipv4hint"])),
)


def wire(text: str) -> bytes:
    return bytes(dns.rdata.from_text("IN", "HTTPS", text).to_wire())


@settings(deadline=None)
@given(texts)
def test_records_are_what_dnspython_made(text: str) -> None:
    data = wire(text)
    service = parse_service(data)
    made = dns.rdata.from_text("IN", "HTTPS", text)
    assert (service.priority, service.target) == (made.priority, made.target.to_wire())
    assert [key for key, _ in service.params] == sorted(made.params)
    assert service.encode() == data
    hints = [
        *(made.params[4].addresses if 4 in made.params else ()),
        *(made.params[6].addresses if 6 in made.params else ()),
    ]
    assert [str(ip_address(h)) for h in service.hints()] == hints


def rest(rdata: Any) -> dict[int, str | None]:
    """Return the parameters that `ech` does not touch, as text."""
    return {
        int(key): value and value.to_text()
        for key, value in rdata.params.items()
        if key not in (ECH, MANDATORY)
    }


@settings(deadline=None)
@given(texts)
def test_without_ech_dnspython_finds_all_the_rest(text: str) -> None:
    data = parse_service(wire(text)).without(ECH).encode()
    found = dns.rdata.from_wire("IN", "HTTPS", data, 0, len(data))
    made = dns.rdata.from_text("IN", "HTTPS", text)
    assert ECH not in found.params
    assert rest(found) == rest(made)
    wanted = set(made.params[MANDATORY].keys) if MANDATORY in made.params else set()
    left = set(found.params[MANDATORY].keys) if MANDATORY in found.params else set()
    assert left == wanted - {ECH}


def test_where_a_record_leads() -> None:
    owner, target = encode_name("www.example"), encode_name("svc.example")
    assert Service(1, b"\0").leads_to(owner) == owner
    assert Service(1, target).leads_to(owner) == target
    assert Service(0, target).leads_to(owner) == target
    # RFC 9460 2.5.1: the service does not exist.
    assert Service(0, b"\0").leads_to(owner) == b"\0"
    assert Service(0, target).is_alias and not Service(1, target).is_alias
    # In AliasMode parameters mean nothing.
    assert Service(0, target, ((4, b"1234"),)).hints() == ()


def param(key: int, value: bytes) -> bytes:
    return struct.pack("!HH", key, len(value)) + value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\1",
        b"\0\1\3www",
        # A pointer as target.
        b"\0\1\xc0\0",
        b"\0\1\0\0\1",
        b"\0\1\0\0\1\0\2h",
        # Keys twice, and falling.
        b"\0\1\0" + param(3, b"\0\1") * 2,
        b"\0\1\0" + param(3, b"\0\1") + param(1, b"\2h2"),
        b"\0\1\0" + param(4, b""),
        b"\0\1\0" + param(4, b"12345"),
        b"\0\1\0" + param(6, b"1234"),
        # mandatory: empty, odd, itself, falling, twice, and what is not there.
        b"\0\1\0" + param(0, b""),
        b"\0\1\0" + param(0, b"\0"),
        b"\0\1\0" + param(0, b"\0\0"),
        b"\0\1\0" + param(0, b"\0\3\0\1") + param(1, b"\2h2") + param(3, b"\0\1"),
        b"\0\1\0" + param(0, b"\0\1\0\1") + param(1, b"\2h2"),
        b"\0\1\0" + param(0, b"\0\1"),
    ],
)
def test_malformed_records_are_refused(data: bytes) -> None:
    with pytest.raises(DnsCodecError):
        parse_service(data)


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_any_data_is_read_as_dnspython_reads_it_or_refused(data: bytes) -> None:
    try:
        service = parse_service(data)
    except DnsCodecError:
        return
    assert service.encode().lower() == data.lower()
    with contextlib.suppress(dns.exception.DNSException, ValueError):
        found = dns.rdata.from_wire("IN", "HTTPS", data, 0, len(data))
        assert found.priority == service.priority
        assert sorted(found.params) == [key for key, _ in service.params]


def test_ech_is_taken_out_of_a_message() -> None:
    made = strip_ech(parse_message(shapes.HTTPS_ECH))
    (answer,) = dns.message.from_wire(made).answer
    assert str(answer) == (
        'www.example.com. 300 IN HTTPS 1 . alpn="h3,h2" '
        'ipv4hint="198.51.100.7,198.51.100.8" ipv6hint="2001:db8::7"'
    )
    assert not parse_message(made).flags & AD


def test_signatures_over_what_was_changed_go_and_the_rest_stays() -> None:
    made = strip_ech(parse_message(shapes.HTTPS_SIGNED))
    assert shapes.ECH_CONFIG not in made
    before = [f for f in oracle(shapes.HTTPS_SIGNED) if f[2] not in (HTTPS, RRSIG)]
    after = oracle(made)
    assert [f for f in after if f[2] != HTTPS] == before
    assert [f[2] for f in after].count(HTTPS) == 1


@pytest.mark.parametrize(
    "name", sorted(set(shapes.ALL) - {"https_ech", "https_signed"})
)
def test_a_message_without_ech_stays_as_it_is(name: str) -> None:
    raw = shapes.ALL[name]
    assert strip_ech(parse_message(raw)) is raw


def test_a_malformed_record_is_left_out() -> None:
    bad = shapes.rr(shapes.pointer(12), SVCB, 60, b"\0\1\0" + param(5, b"x")[:-1])
    good = shapes.rr(shapes.pointer(12), SVCB, 60, b"\0\1\0" + param(3, b"\0\1"))
    other = shapes.rr(shapes.pointer(12), HTTPS, 60, b"?", rclass=3)
    raw = shapes.message(shapes.WWW, SVCB, (bad, good, other))
    assert [r.rclass for r in parse_message(strip_ech(parse_message(raw))).records] == [
        1,
        3,
    ]


@settings(deadline=None)
@given(st.binary(max_size=80), st.sampled_from([HTTPS, SVCB]))
def test_no_ech_is_left_whatever_came(data: bytes, rtype: int) -> None:
    for rdata in (data, b"\0\1\0" + data, b"\0\1\0" + param(5, data)):
        raw = shapes.message(
            shapes.WWW, rtype, (shapes.rr(shapes.pointer(12), rtype, 60, rdata),)
        )
        made = parse_message(strip_ech(parse_message(raw)))
        left = [parse_service(made.rdata(record)) for record in made.records]
        assert all(key != ECH for service in left for key, _ in service.params)
