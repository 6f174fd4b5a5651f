"""Keys of sets: golden bytes of nft, round trips, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.wire.netlink.keys import Value, decode_key, encode_key
from guardian.wire.netlink.message import NetlinkCodecError

FLOW4 = ("ether_addr", "ipv4_addr", "inet_service", "inet_proto", "inet_service")
FLOW6 = ("ether_addr", "ipv6_addr", "inet_service", "inet_proto", "inet_service")

# The key bytes that nft 1.0.6 sends for the same elements (nft --debug=mnl).
GOLDEN = [
    (("ether_addr",), ("02:00:5e:00:10:01",), "02005e001001"),
    (("ipv4_addr",), ("192.0.2.1",), "c0000201"),
    (("ipv6_addr",), ("2001:db8::1",), "20010db8000000000000000000000001"),
    (("inet_service",), (443,), "01bb"),
    (("ifname",), ("br-lan",), "62722d6c616e00000000000000000000"),
    (
        ("ether_addr", "ipv4_addr"),
        ("02:00:5e:00:10:01", "192.0.2.1"),
        "02005e0010010000" "c0000201",
    ),
    (
        FLOW4,
        ("02:00:5e:00:10:01", "192.0.2.1", 443, 6, 50000),
        "02005e0010010000" "c0000201" "01bb0000" "06000000" "c3500000",
    ),
    (
        FLOW6,
        ("02:00:5e:00:10:01", "2001:db8::1", 443, 17, 50000),
        "02005e0010010000"
        "20010db8000000000000000000000001"
        "01bb0000"
        "11000000"
        "c3500000",
    ),
]


@pytest.mark.parametrize("types, values, wire", GOLDEN)
def test_golden(types: tuple[str, ...], values: tuple[Value, ...], wire: str) -> None:
    assert encode_key(types, values).hex() == wire
    assert decode_key(types, bytes.fromhex(wire)) == values


@pytest.mark.parametrize(
    "name, number", [("icmp", 1), ("tcp", 6), ("udp", 17), ("ipv6-icmp", 58)]
)
def test_protocols_by_name(name: str, number: int) -> None:
    assert encode_key(("inet_proto",), (name,)) == bytes([number])


def test_ports_as_text() -> None:
    assert encode_key(("inet_service",), ("53",)) == b"\0\x35"


@pytest.mark.parametrize(
    "types, values",
    [
        ((), ()),
        (("ether_addr",), ()),
        (("ether_addr",), ("02:00:5e:00:10",)),
        (("ether_addr",), ("02:00:5e:00:10:zz",)),
        (("ipv4_addr",), ("192.0.2.256",)),
        (("ipv4_addr",), ("2001:db8::1",)),
        (("ipv6_addr",), ("192.0.2.1",)),
        (("inet_service",), (65536,)),
        (("inet_service",), (-1,)),
        (("inet_service",), ("http",)),
        (("inet_proto",), (256,)),
        (("inet_proto",), ("smtp",)),
        (("ifname",), ("",)),
        (("ifname",), ("sixteen-letters-",)),
        (("ifname",), ("a\0b",)),
        (("ifname",), ("brücke",)),
        (("mark",), (1,)),
    ],
)
def test_refused(types: tuple[str, ...], values: tuple[Value, ...]) -> None:
    with pytest.raises(NetlinkCodecError):
        encode_key(types, values)


@pytest.mark.parametrize(
    "types, size", [(("ether_addr",), 8), (FLOW4, 27), (("mark",), 4)]
)
def test_keys_of_another_length(types: tuple[str, ...], size: int) -> None:
    with pytest.raises(NetlinkCodecError):
        decode_key(types, bytes(size))


TYPES = ("ether_addr", "ipv4_addr", "ipv6_addr", "inet_service", "inet_proto", "ifname")


@given(st.lists(st.sampled_from(TYPES), max_size=5), st.binary(max_size=64))
def test_any_key_is_read_or_refused(types: list[str], key: bytes) -> None:
    try:
        values = decode_key(tuple(types), key)
    except NetlinkCodecError:
        return
    assert len(values) == len(types)


@given(
    st.binary(min_size=6, max_size=6),
    st.ip_addresses(v=6),
    st.integers(0, 65535),
    st.integers(0, 255),
)
def test_round_trip(mac: bytes, address: object, port: int, proto: int) -> None:
    values = (mac.hex(":"), str(address), port, proto, port)
    assert decode_key(FLOW6, encode_key(FLOW6, values)) == values
