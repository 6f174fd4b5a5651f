"""Keys of nftables sets: text and numbers to the bytes the kernel compares, and back.

One component is as long as its type; of a concatenation each component is padded to
4 bytes (nft's registers are 32 bits wide). Numbers and addresses in network byte order.
Sources: nft(8) "DATA TYPES"; golden bytes of `nft --debug=mnl` in the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from guardian.wire.netlink.message import NetlinkCodecError, address_text

Value = str | int

# IANA protocol numbers of what a household's rules name.
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "sctp": 132}
# IFNAMSIZ of linux/if.h, final NUL included.
_IFNAMSIZ = 16


@dataclass(frozen=True, slots=True)
class _Type:
    size: int
    encode: Callable[[Value], bytes]
    decode: Callable[[bytes], Value]


def _mac(value: Value) -> bytes:
    raw = bytes.fromhex(str(value).replace(":", ""))
    if len(raw) != 6:
        raise ValueError
    return raw


def _protocol(value: Value) -> bytes:
    return int(_PROTOCOLS.get(str(value), value)).to_bytes(1, "big")


def _ifname(value: Value) -> bytes:
    raw = str(value).encode("ascii")
    if not 0 < len(raw) < _IFNAMSIZ or b"\0" in raw:
        raise ValueError
    return raw.ljust(_IFNAMSIZ, b"\0")


def _ifname_text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("ascii", "replace")


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


_TYPES = {
    "ether_addr": _Type(6, _mac, lambda raw: raw.hex(":")),
    "ipv4_addr": _Type(4, lambda v: IPv4Address(v).packed, address_text),
    "ipv6_addr": _Type(16, lambda v: IPv6Address(v).packed, address_text),
    "inet_service": _Type(2, lambda v: int(v).to_bytes(2, "big"), _number),
    "inet_proto": _Type(1, _protocol, _number),
    "ifname": _Type(_IFNAMSIZ, _ifname, _ifname_text),
}


def encode_key(types: tuple[str, ...], values: tuple[Value, ...]) -> bytes:
    """Return the key of one element, or the data of a map's element.

    types: nft type names in order; values: a MAC in colon form, an address as text, a
    port or protocol as number (tcp, udp, icmp, ipv6-icmp, sctp also by name), an
    interface name of at most 15 ASCII characters.
    Raises NetlinkCodecError for an unknown type, a wrong count or a value out of range.
    """
    if len(types) != len(values) or not types:
        raise NetlinkCodecError(f"{len(values)} values for {len(types)} key types")
    parts = []
    for name, value in zip(types, values):
        try:
            parts.append(_TYPES[name].encode(value))
        # KeyError: no such type; the rest: no such value.
        except (KeyError, ValueError, OverflowError, TypeError):
            raise NetlinkCodecError(f"bad {name[:32]}: {str(value)[:48]!r}") from None
    if len(parts) == 1:
        return parts[0]
    return b"".join(part + bytes(-len(part) & 3) for part in parts)


def decode_key(types: tuple[str, ...], key: bytes) -> tuple[Value, ...]:
    """Return the values of a key; numbers stay numbers. Inverse of `encode_key`.

    Raises NetlinkCodecError for an unknown type or a key of another length.
    """
    if unknown := [name for name in types if name not in _TYPES]:
        raise NetlinkCodecError(f"bad key type {unknown[0][:32]}")
    sizes = [_TYPES[name].size for name in types]
    steps = sizes if len(sizes) == 1 else [(size + 3) & ~3 for size in sizes]
    if sum(steps) != len(key):
        raise NetlinkCodecError(f"key of {len(key)} bytes, not {sum(steps)}")
    values, at = [], 0
    for name, size, step in zip(types, sizes, steps):
        values.append(_TYPES[name].decode(key[at : at + size]))
        at += step
    return tuple(values)
