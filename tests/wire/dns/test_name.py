"""Names, with dnspython as the oracle, and made to trap a reader."""

from __future__ import annotations

import struct

import dns.exception
import dns.name
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import DnsCodecError
from guardian.wire.dns.name import (
    encode_name,
    is_below,
    name_text,
    read_name,
    suffixes,
)

from . import shapes

octet_labels = st.binary(min_size=1, max_size=20)
wire_names = st.lists(octet_labels, max_size=6).map(
    lambda labels: dns.name.Name([*labels, b""]).to_wire()
)


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


def test_compressed_names_are_read_as_dnspython_reads_them() -> None:
    for name, message in shapes.ALL.items():
        at = shapes.Q
        while at < len(message) - 11:
            try:
                expected, used = dns.name.from_wire(message, at)
            except dns.exception.DNSException:
                with pytest.raises(DnsCodecError):
                    read_name(message, at)
            else:
                found = read_name(message, at, fold=False)
                assert found == (expected.to_wire(), at + used), name
            at += 1


@settings(deadline=None)
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


def test_the_case_is_kept_if_wanted() -> None:
    assert read_name(b"\x01A\x00", 0, fold=False) == (b"\x01A\x00", 3)
    assert read_name(b"\x01A\x00", 0) == (b"\x01a\x00", 3)


@settings(deadline=None)
@given(wire_names)
def test_text_is_a_name_of_its_own(wire: bytes) -> None:
    text = name_text(wire)
    # Read back by the oracle: nothing was lost, so no two names have one text.
    assert dns.name.from_text(text, dns.name.root).to_wire() == wire
    assert text.isascii() and text.isprintable()


def test_plain_text() -> None:
    assert name_text(encode_name("_a.b-c.Example")) == "_a.b-c.example"
    assert name_text(b"\0") == "."
    assert name_text(b"\x03a.b\x02\x00\xff\x00") == r"a\.b.\000\255"


@settings(deadline=None)
@given(wire_names)
def test_suffixes_are_the_parents(wire: bytes) -> None:
    expected = []
    name = dns.name.from_wire(wire, 0)[0]
    while name != dns.name.root:
        expected.append(name.to_wire())
        name = name.parent()
    assert suffixes(wire) == expected


@settings(deadline=None)
@given(wire_names, wire_names)
def test_below_is_what_dnspython_says(one: bytes, other: bytes) -> None:
    for name, parent in ((one, other), (one[:-1] + other, other), (one, one)):
        if len(name) > 255:
            continue
        subject = dns.name.from_wire(name, 0)[0]
        above = dns.name.from_wire(parent, 0)[0]
        folded = name.lower(), parent.lower()
        assert is_below(*folded) == subject.is_subdomain(above)


def test_a_tail_inside_a_label_is_no_parent() -> None:
    # The length octet of "example" looks like a letter of nothing: 0x07 inside a label.
    tricky = b"\x0abb\x07example\x00"
    assert not is_below(tricky, b"\x07example\x00")
    assert not is_below(encode_name("badexample"), encode_name("example"))
