import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.front.answers import read_answer
from guardian.wire.dns.codes import DnsCodecError
from guardian.wire.dns.name import encode_name

from ..wire.dns import shapes
from .kit import question, reply


def test_names_and_addresses_of_a_chain() -> None:
    answer = read_answer(shapes.CDN, plain=False, ttl_max=300, now=50.0)
    assert len(answer.names) == 2 and encode_name("www.example.com") not in answer.names
    assert [each.address for each in answer.addresses] == [
        shapes.ADDRESS,
        b"\xc6\x33\x64\x08",
    ]
    assert (answer.made, answer.until, answer.rcode) == (50.0, 70.0, 0)


def test_ech_is_taken_out_unless_the_name_passes_as_it_is() -> None:
    judged = read_answer(shapes.HTTPS_ECH, plain=False, ttl_max=300, now=0.0)
    assert shapes.ECH_CONFIG not in judged.template.body
    assert {each.address for each in judged.addresses} >= {shapes.ADDRESS}
    plain = read_answer(shapes.HTTPS_ECH, plain=True, ttl_max=300, now=0.0)
    assert shapes.ECH_CONFIG in plain.template.body and not plain.addresses


def test_records_that_lead_nowhere_are_left_out() -> None:
    packet = question("a.test")
    forged = reply(packet, "a.test. 60 IN A 192.0.2.1", "b.test. 60 IN A 192.0.2.66")
    answer = read_answer(forged, plain=False, ttl_max=300, now=0.0)
    assert b"\xc0\0\2\x42" not in answer.template.body
    assert [each.address for each in answer.addresses] == [b"\xc0\0\2\1"]


def test_a_long_ttl_is_clipped() -> None:
    packet = question("a.test")
    answer = read_answer(
        reply(packet, "a.test. 86400 IN A 192.0.2.1"), plain=False, ttl_max=300, now=1.0
    )
    assert answer.until == 301.0 and answer.template.ttls[0][1] == 300


def test_a_no_is_kept_by_its_soa_and_a_failure_for_a_second() -> None:
    no = read_answer(shapes.UNBOUND_NXDOMAIN, plain=False, ttl_max=900, now=0.0)
    assert (no.rcode, no.until) == (3, 300.0)
    without = read_answer(shapes.DNSMASQ_NXDOMAIN, plain=False, ttl_max=900, now=0.0)
    assert without.until == 0.0
    failed = read_answer(shapes.BOGUS, plain=False, ttl_max=900, now=0.0)
    assert (failed.rcode, failed.until) == (2, 1.0)


def test_size_grows_with_the_answer() -> None:
    small = read_answer(shapes.DNSMASQ_LOCAL, plain=True, ttl_max=9, now=0.0)
    large = read_answer(shapes.CDN, plain=False, ttl_max=9, now=0.0)
    assert large.size > small.size > len(small.template.body)


@given(st.binary(max_size=200), st.integers(0, 400), st.booleans())
def test_foreign_octets_raise_only_what_is_declared(
    octets: bytes, at: int, plain: bool
) -> None:
    raw = bytearray(shapes.HTTPS_SIGNED)
    raw[at : at + len(octets)] = octets
    for sample in (bytes(raw), octets):
        try:
            answer = read_answer(sample, plain=plain, ttl_max=300, now=0.0)
        except DnsCodecError:
            continue
        assert len(answer.names) <= 64 and answer.until <= 300


def test_truncated_is_no_answer() -> None:
    with pytest.raises(DnsCodecError):
        read_answer(shapes.TRUNCATED, plain=False, ttl_max=300, now=0.0)
