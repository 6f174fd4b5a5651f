"""Lines of the dhcp-script and of dnsmasq's lease file, hostile ones included."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.identity import Evidence
from guardian.wire.dhcp_event import (
    LINE_MAX,
    DhcpAction,
    DhcpEvent,
    DhcpEventError,
    parse_event,
    parse_lease,
)

MAC = "da:a1:19:00:00:01"
GOOD = [
    "1",
    "add",
    MAC,
    "192.168.1.20",
    "br-lan",
    "1767225600",
    "Mias-iPad",
    "apple",
    "1,121,3",
]


def line(**changed: str) -> bytes:
    names = "format action mac address ifname expires hostname vendor options".split()
    fields = dict(zip(names, GOOD)) | changed
    return "\t".join(fields.values()).encode()


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_becomes_an_event(end: bytes) -> None:
    assert parse_event(line() + end) == DhcpEvent(
        action=DhcpAction.ADD,
        mac=MAC,
        address="192.168.1.20",
        ifname="br-lan",
        expires=1767225600,
        evidence=Evidence(
            hostname="Mias-iPad", vendor_class="apple", option55=(1, 121, 3)
        ),
    )


def test_what_the_client_did_not_say_is_empty() -> None:
    empty = dict.fromkeys(("ifname", "expires", "hostname", "vendor", "options"), "")
    event = parse_event(line(**empty))
    assert (event.ifname, event.expires, event.evidence) == ("", None, Evidence())


def test_an_ipv6_lease_has_canonical_text() -> None:
    assert parse_event(line(address="2001:DB8:0::1")).address == "2001:db8::1"


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "2"},
        {"action": "init"},
        {"action": "arp-add"},
        {"mac": "06-da:a1:19:00:00:01"},
        {"mac": "01:00:5e:00:00:01"},
        {"mac": ""},
        {"address": ""},
        {"address": "192.168.1.300"},
        {"address": "fe80::1%br-lan"},
        {"ifname": "../../etc"},
        {"ifname": "x" * 16},
        {"hostname": "two\tfields"},
        {"vendor": "x" * LINE_MAX},
    ],
)
def test_a_line_that_makes_no_sense_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(DhcpEventError):
        parse_event(line(**changed))


def test_evidence_is_cut_and_made_printable_not_refused() -> None:
    event = parse_event(line(hostname="x" * 255, vendor="a\x1b\x7fb"))
    assert event.evidence.hostname == "x" * 63
    assert event.evidence.vendor_class == "a??b"


@pytest.mark.parametrize("options", ["1,3,", "1;3", "1,3,9999", "1, 3", "\u0661"])
def test_options_that_are_no_list_are_none(options: str) -> None:
    assert parse_event(line(options=options)).evidence.option55 == ()


def test_option_codes_out_of_range_are_left_out() -> None:
    assert parse_event(line(options="0,1,255,300,3")).evidence.option55 == (1, 3)


def test_a_lease_becomes_an_old_event() -> None:
    event = parse_lease(b"1767225600 DA:a1:19:00:00:01 192.168.1.20 Mias-iPad 01:da:a1")
    assert event == DhcpEvent(
        action=DhcpAction.OLD,
        mac=MAC,
        address="192.168.1.20",
        expires=1767225600,
        evidence=Evidence(hostname="Mias-iPad"),
    )


def test_a_lease_without_a_name_or_an_end() -> None:
    event = parse_lease(b"0 da:a1:19:00:00:01 192.168.1.20 * *")
    assert (event.expires, event.evidence) == (0, Evidence())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"duid 00:01:00:01:2a:aa:bb:cc:00:11:22:33:44:55",
        b"1767225600 16843009 2001:db8::20 Mias-iPad 00:01:00:01",
        b"1767225600 da:a1:19:00:00:01 nowhere * *",
        b"x" * (LINE_MAX + 1),
    ],
)
def test_other_lines_of_the_lease_file_are_refused(text: bytes) -> None:
    with pytest.raises(DhcpEventError):
        parse_lease(text)


hostile = st.binary(max_size=300) | st.lists(
    st.sampled_from([*(g.encode() for g in GOOD), b"\x00", b"\xff", b"9" * 40]),
    min_size=9,
    max_size=9,
).map(b"\t".join)


@given(hostile)
def test_any_bytes_are_an_event_or_refused(data: bytes) -> None:
    for parse in (parse_event, parse_lease):
        with contextlib.suppress(DhcpEventError):
            event = parse(data)
            assert event.evidence == Evidence.clean(
                event.evidence.hostname,
                event.evidence.vendor_class,
                event.evidence.option55,
            )
