"""Names that are answered by code, before any rule: canaries, relays, the LAN. Pure.

No list and no parent decides these. Browsers and phones ask canary names to learn that
a network filters (NXDOMAIN, never an address: an address switches the bypass on again);
`resolver.arpa` would offer a resolver of somebody else (RFC 9462 4); names of the home
and reverse zones belong to the router's own resolver (RFC 6303, 6762, 8375).
"""

from __future__ import annotations

import struct
from collections.abc import Container, Sequence

from guardian.core.naming import wire_name
from guardian.wire.dns.codes import (
    ANY,
    FORMERR,
    IN,
    NOERROR,
    NOTIMP,
    NS,
    NXDOMAIN,
    OPT,
    PTR,
    REFUSED,
    SOA,
)
from guardian.wire.dns.name import suffixes
from guardian.wire.dns.rewrite import point_to, refuse
from guardian.wire.dns.template import Template, fixed

# support.mozilla.org "Configuring networks to disable DNS over HTTPS"; developer.apple
# .com "Prepare your network for iCloud Private Relay".
_ABSENT = frozenset(
    map(
        wire_name,
        (
            "use-application-dns.net",
            "mask.icloud.com",
            "mask-h2.icloud.com",
            "mask-canary.icloud.com",
        ),
    )
)
# RFC 7686 2: resolvers answer so, and a child's Tor name does not leave the home.
_ONION = wire_name("onion")
_DISCOVERY = wire_name("resolver.arpa")
# `internal` is reserved for private use by ICANN (2024-07-29).
_HOME = frozenset(map(wire_name, ("local", "lan", "home.arpa", "internal")))
# Where the router's own pages are. A child's page must open in every state, and the
# router's resolver knows nothing of it.
PAGES = frozenset(map(wire_name, ("guardian.home.arpa", "guardian.local")))
# An address that the router loses is not kept long.
_PAGES_TTL = 60
_REVERSE = frozenset(map(wire_name, ("in-addr.arpa", "ip6.arpa")))
# No name elsewhere needs a look here.
MARKED = _ABSENT | _HOME | _REVERSE | {_ONION, _DISCOVERY}
# What reverse lookups need; any other type there could carry a tunnel.
_REVERSE_TYPES = frozenset((PTR, SOA, NS))

_HINFO_TYPE = 13
_ANY_TTL = 300


def _minimal() -> Template:
    # RFC 8482 4.2: a made-up HINFO, whatever there is.
    data = b"\x07RFC8482\0"
    head = struct.pack("!HHIH", _HINFO_TYPE, IN, _ANY_TTL, len(data))
    return fixed(NOERROR, b"\xc0\x0c" + head + data, (1, 0, 0), ())


ABSENT = refuse(NXDOMAIN)
NODATA = refuse(NOERROR)
MINIMAL = _minimal()
_FORMERR, _NOTIMP, _REFUSED = refuse(FORMERR), refuse(NOTIMP), refuse(REFUSED)


def answer(name: bytes, qtype: int, qclass: int) -> Template | None:
    """Return the answer that holds for everybody, or None.

    name: lower-case wire name.
    """
    return by_type(qtype, qclass) or by_name(name)


def by_type(qtype: int, qclass: int) -> Template | None:
    """Return the answer to questions of a kind that is not asked on, or None."""
    if qclass != IN:
        return _REFUSED
    if qtype == ANY:
        return MINIMAL
    if qtype == OPT:
        return _FORMERR
    # RFC 6895 3.1: 128 to 255 are no data but acts, such as zone transfers.
    if 128 <= qtype < ANY:
        return _NOTIMP
    return None


def by_name(name: bytes) -> Template | None:
    """Return the answer for names that never exist, or have nothing; or None."""
    if name in _ABSENT or name.endswith(_ONION) and suffixes(name)[-1] == _ONION:
        return ABSENT
    if name.endswith(_DISCOVERY) and _DISCOVERY in suffixes(name):
        return NODATA
    return None


def pages(name: bytes, qtype: int, addresses: Sequence[bytes]) -> Template | None:
    """Return the answer for a name of the router's pages; None for any other.

    addresses: the router's on the LAN, 4 and 16 octets; while none is known the
    router's resolver is asked.
    """
    if name not in PAGES or not addresses:
        return None
    return point_to(qtype, addresses, _PAGES_TTL)


def passes(name: bytes, qtype: int, own: Container[bytes] = ()) -> bool:
    """Say whether a question goes to the router's resolver as it is, in every state.

    own: wire names of the router itself, with all below.
    """
    parts = suffixes(name)
    if len(parts) < 2:
        return True
    if any(part in _HOME or part in own for part in parts):
        return True
    return qtype in _REVERSE_TYPES and any(part in _REVERSE for part in parts)
