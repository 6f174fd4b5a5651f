"""From a resolver's octets to an answer that can be judged and kept. Pure.

Everything here is the same for every device: `ech` is out, records that the question
does not lead to are out, TTLs are clipped. Whether a device gets it is judged later, by
the names it leads to.
"""

from __future__ import annotations

from dataclasses import dataclass

from guardian.wire.dns.chain import Learned, follow
from guardian.wire.dns.codes import RCODE, REFUSED, SERVFAIL
from guardian.wire.dns.message import parse_message
from guardian.wire.dns.rebuild import rebuild
from guardian.wire.dns.svcb import strip_ech
from guardian.wire.dns.template import Template, from_answer

# RFC 9520 3.2: a failure is kept for a second at least, so that it is not asked on.
_FAILURE_TTL = 1
# Objects around a template's octets: measured with sys.getsizeof, CPython 3.11.
_OVERHEAD = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a resolver said.

    names: that the question's name leads to, itself left out. addresses: that a client
    may use. until: when it must be asked again, seconds of the steady clock; made: when
    it came.
    """

    template: Template
    names: tuple[bytes, ...] = ()
    addresses: tuple[Learned, ...] = ()
    made: float
    until: float

    @property
    def rcode(self) -> int:
        """Return the RCODE."""
        return self.template.flags & RCODE

    @property
    def size(self) -> int:
        """Return about how many octets of memory it takes."""
        names = sum(map(len, self.names))
        return _OVERHEAD + len(self.template.body) + names + 120 * len(self.addresses)


def read_answer(raw: bytes, *, plain: bool, ttl_max: int, now: float) -> Answer:
    """Read an answer that is known to be ours.

    plain: of a name that passes as it is; nothing is taken out.
    Raises DnsCodecError: malformed, truncated, or a chain that nobody can follow.
    """
    message = parse_message(raw)
    failed = message.rcode in (SERVFAIL, REFUSED)
    if plain:
        template = from_answer(message, ttl_max=ttl_max)
        return Answer(template=template, made=now, until=now + template.ttl)
    stripped = strip_ech(message)
    if stripped is not raw:
        message = parse_message(stripped)
    chain = follow(message)
    if chain.strays:
        message = parse_message(rebuild(message, dict.fromkeys(chain.strays)))
    template = from_answer(message, ttl_max=ttl_max)
    ttl = max(template.ttl, _FAILURE_TTL) if failed else template.ttl
    return Answer(
        template=template,
        names=chain.names[1:],
        addresses=chain.addresses,
        made=now,
        until=now + ttl,
    )
