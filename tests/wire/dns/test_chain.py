"""Where answers lead: names to judge, addresses to learn, records to leave out."""

from __future__ import annotations

import contextlib

import dns.message
import dns.resolver
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.chain import Learned, follow
from guardian.wire.dns.codes import (
    AAAA,
    CNAME,
    DNAME,
    HTTPS,
    RRSIG,
    A,
    DnsCodecError,
)
from guardian.wire.dns.message import parse_message
from guardian.wire.dns.name import encode_name as n
from guardian.wire.dns.name import name_text
from guardian.wire.dns.rebuild import rebuild

from . import shapes
from .shapes import ADDRESS, ADDRESS6, END, message, rr

WWW = "www.example.com"


def chain(*records: bytes, qtype: int = A, extra: tuple[bytes, ...] = ()):
    return follow(parse_message(message(shapes.WWW, qtype, records, (), extra)))


def texts(names: tuple[bytes, ...]) -> list[str]:
    return [name_text(name) for name in names]


def test_a_content_network() -> None:
    found = follow(parse_message(shapes.CDN))
    assert texts(found.names) == [WWW, "www.example.edge.test", "e77.edge.test"]
    assert found.final == n("e77.edge.test")
    assert found.addresses == (
        Learned(found.final, ADDRESS, 20),
        Learned(found.final, b"\xc6\x33\x64\x08", 20),
    )
    assert found.strays == ()


@pytest.mark.parametrize("name", sorted(set(shapes.ALL) - {"truncated"}))
def test_the_end_of_the_chain_is_dnspythons(name: str) -> None:
    raw = shapes.ALL[name]
    found = follow(parse_message(raw))
    canonical = dns.message.from_wire(raw).canonical_name()
    assert found.final == canonical.canonicalize().to_wire()


def test_the_least_ttl_on_the_way_counts() -> None:
    found = chain(
        rr(shapes.WWW, CNAME, 5, n("b.test")),
        rr(n("b.test"), A, 300, ADDRESS),
        rr(n("b.test"), A, 200, ADDRESS),
    )
    assert found.addresses == (Learned(n("b.test"), ADDRESS, 5),)


def test_services_lead_on_and_hints_are_addresses() -> None:
    found = follow(parse_message(shapes.HTTPS_SIGNED))
    assert texts(found.names) == [WWW, "cdn.example.net", "svc.example.net"]
    assert found.final == n("cdn.example.net")
    owner = n("svc.example.net")
    assert set(found.addresses) == {
        # Also in the additional section, with 30 seconds.
        Learned(owner, ADDRESS, 30),
        Learned(owner, b"\xc6\x33\x64\x08", 60),
        Learned(owner, ADDRESS6, 60),
    }
    assert found.strays == ()


def test_an_alias_of_a_service_is_judged() -> None:
    found = follow(parse_message(shapes.HTTPS_ALIAS))
    assert texts(found.names) == ["example.com", "pool.example.net"]


def test_targets_of_targets_are_reached() -> None:
    found = chain(
        rr(shapes.WWW, HTTPS, 60, b"\0\0" + n("a.test")),
        qtype=HTTPS,
        extra=(
            rr(n("a.test"), HTTPS, 50, b"\0\1" + n("b.test")),
            rr(n("b.test"), CNAME, 40, n("c.test")),
            rr(n("c.test"), AAAA, 70, ADDRESS6),
            rr(n("d.test"), AAAA, 70, ADDRESS),
        ),
    )
    assert texts(found.names) == [WWW, "a.test", "b.test", "c.test"]
    assert found.addresses == (Learned(n("c.test"), ADDRESS6, 40),)
    # What stands beside the answer is no stray: resolvers add name servers there.
    assert found.strays == ()


def test_services_in_a_circle_end() -> None:
    found = chain(
        rr(shapes.WWW, HTTPS, 60, b"\0\0" + n("a.test")),
        rr(n("a.test"), HTTPS, 60, b"\0\0" + shapes.WWW),
        qtype=HTTPS,
    )
    assert texts(found.names) == [WWW, "a.test"]


def test_a_moved_tree() -> None:
    found = follow(parse_message(shapes.DNAME))
    assert texts(found.names) == ["a.old.example", "a.new.example"]
    assert found.strays == ()
    # The same without the CNAME that the server should have made.
    bare = rebuild(parse_message(shapes.DNAME), {1: None})
    again = follow(parse_message(bare))
    assert (again.names, again.addresses) == (found.names, found.addresses)


def test_records_that_the_question_does_not_lead_to_are_strays() -> None:
    message = parse_message(
        shapes.message(
            shapes.WWW,
            A,
            (
                rr(shapes.WWW, A, 60, ADDRESS),
                rr(n("evil.test"), A, 60, b"\xcb\0\x71\x01"),
                rr(shapes.WWW, RRSIG, 60, bytes(20)),
                rr(shapes.WWW, A, 60, b"?", rclass=3),
                rr(n("above.test"), DNAME, 60, n("b.test")),
            ),
        )
    )
    found = follow(message)
    assert found.strays == (1, 4)
    assert found.addresses == (Learned(shapes.WWW, ADDRESS, 60),)
    made = parse_message(rebuild(message, dict.fromkeys(found.strays)))
    assert follow(made).strays == () and len(made.records) == 3


def long_chain(links: int) -> list[bytes]:
    names = [shapes.WWW, *(n(f"n{i}.test") for i in range(links))]
    return [rr(a, CNAME, 60, b) for a, b in zip(names, names[1:])]


def test_sixteen_aliases_are_followed() -> None:
    assert len(chain(*long_chain(16)).names) == 17


@pytest.mark.parametrize(
    "records, code",
    [
        (long_chain(17), "alias-chain-too-long"),
        ([rr(shapes.WWW, CNAME, 60, shapes.WWW)], "alias-loop"),
        (
            [rr(shapes.WWW, CNAME, 60, n("b.t")), rr(n("b.t"), CNAME, 60, shapes.WWW)],
            "alias-loop",
        ),
        (
            [rr(shapes.WWW, CNAME, 60, n("b.t")), rr(shapes.WWW, CNAME, 60, n("c.t"))],
            "two-aliases",
        ),
        (
            [
                rr(n("example.com"), DNAME, 60, n("new.test")),
                rr(shapes.WWW, CNAME, 60, n("www.other.test")),
            ],
            "two-aliases",
        ),
        ([rr(shapes.WWW, CNAME, 60, n("b.t") + b"x")], "bad-alias"),
        ([rr(shapes.WWW, A, 60, ADDRESS6)], "bad-address"),
        (
            [
                rr(
                    n("com"),
                    DNAME,
                    60,
                    b"\x3f"
                    + b"x" * 63
                    + (b"\x3f" + b"y" * 63) * 2
                    + b"\x32"
                    + b"z" * 50
                    + END,
                )
            ],
            "name-too-long",
        ),
        (
            [rr(shapes.WWW, HTTPS, 60, b"\0\1" + n(f"s{i}.test")) for i in range(64)],
            "too-many-names",
        ),
        ([rr(shapes.WWW, HTTPS, 60, b"\0")], "short"),
    ],
)
def test_traps_are_refused(records: list[bytes], code: str) -> None:
    with pytest.raises(DnsCodecError) as caught:
        chain(*records)
    assert caught.value.code == code


letters = st.sampled_from("abcd")
hosts = st.lists(letters, min_size=1, max_size=3).map(lambda ls: n(".".join(ls)))
records = st.one_of(
    st.builds(lambda o, t: rr(o, CNAME, 60, t), hosts, hosts),
    st.builds(lambda o, t: rr(o, DNAME, 50, t), hosts, hosts),
    st.builds(lambda o, t: rr(o, HTTPS, 40, b"\0\1" + t), hosts, hosts),
    st.builds(lambda o: rr(o, A, 30, ADDRESS), hosts),
)


@settings(deadline=None)
@given(hosts, st.lists(records, max_size=12), st.integers(0, 12))
def test_any_graph_is_followed_or_refused(
    qname: bytes, found: list[bytes], split: int
) -> None:
    raw = message(qname, A, tuple(found[:split]), (), tuple(found[split:]))
    parsed = parse_message(raw)
    with contextlib.suppress(DnsCodecError):
        made = follow(parsed)
        assert made.names[0] == qname and made.final in made.names
        assert len(set(made.names)) == len(made.names)
        assert {learned.name for learned in made.addresses} <= set(made.names)
        cleaned = parse_message(rebuild(parsed, dict.fromkeys(made.strays)))
        assert follow(cleaned).names == made.names


@settings(deadline=None)
@given(st.sampled_from(sorted(shapes.ALL)), st.data())
def test_damaged_shapes_are_followed_or_refused(name: str, data: st.DataObject) -> None:
    raw = bytearray(shapes.ALL[name])
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DnsCodecError):
        assert len(follow(parse_message(bytes(raw))).names) <= 64
