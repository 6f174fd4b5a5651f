"""A search engine's safe mode put in place of its name. Pure.

The answer is a CNAME to the vendor's safe name with that name's current addresses, as
the vendors ask for; addresses of our own data stand in only where no target resolves,
and where there are none the engine is refused.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from guardian.core.catalogue import Engine
from guardian.core.naming import wire_name
from guardian.wire.dns.codes import IN, RD, A
from guardian.wire.dns.rewrite import point_to, rename
from guardian.wire.dns.template import Template

from .answers import Answer

# A rewritten name follows its target's addresses this closely.
TTL = 60


def target_key(engine: Engine, number: int, qtype: int) -> bytes | None:
    """Return the key of the question for a target's addresses; None after the last."""
    if number >= len(engine.targets):
        return None
    tail = qtype.to_bytes(2, "big") + IN.to_bytes(2, "big") + bytes((RD >> 8,))
    return wire_name(engine.targets[number]) + tail


def stands(answer: Answer | None, qtype: int) -> bool:
    """Say whether a target resolves. One without IPv6 still does."""
    if answer is None or answer.rcode:
        return False
    return qtype != A or bool(answer.addresses)


def by_target(engine: Engine, number: int, qtype: int, answer: Answer) -> Template:
    """Return the answer that leads to a target."""
    addresses = list(dict.fromkeys(each.address for each in answer.addresses))
    return rename(qtype, wire_name(engine.targets[number]), addresses, TTL)


def by_addresses(engine: Engine, qtype: int) -> Template | None:
    """Return the answer from our own data; None where there is no address."""
    addresses = stand_ins(engine)
    if not addresses:
        return None
    if engine.targets:
        return rename(qtype, wire_name(engine.targets[0]), addresses, TTL)
    return point_to(qtype, addresses, TTL)


def stand_ins(engine: Engine) -> Sequence[bytes]:
    """Return the engine's own addresses, 4 and 16 octets each."""
    return [ipaddress.ip_address(text).packed for text in engine.addresses]
