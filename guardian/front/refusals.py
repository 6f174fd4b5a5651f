"""What a refused question is answered: one template for each reason. Pure.

Verdict and reason travel as an extended error (RFC 8914): a code and a sentence that a
child can read, without any name. No SOA goes with it, so nobody keeps the no (RFC 2308
5) and a changed rule holds at the next question.
"""

from __future__ import annotations

from typing import TypeAlias

from guardian.core.model import Reason
from guardian.core.naming import NameDecision
from guardian.phrases import REASONS
from guardian.wire.dns.codes import (
    AAAA,
    EDE_BLOCKED,
    EDE_CENSORED,
    EDE_FILTERED,
    EDE_NETWORK_ERROR,
    EDE_NO_REACHABLE_AUTHORITY,
    EDE_NOT_READY,
    EDE_PROHIBITED,
    NXDOMAIN,
    SERVFAIL,
    A,
)
from guardian.wire.dns.edns import Advice
from guardian.wire.dns.rewrite import point_to, refuse
from guardian.wire.dns.template import Template

# RFC 8914 4.16-4.19. Rows of time say that this client may not ask now.
_INFO = {
    Reason.SAFETY_LIST: EDE_CENSORED,
    Reason.BLOCKED_SITE: EDE_BLOCKED,
    Reason.NOT_ON_ALLOWLIST: EDE_BLOCKED,
    Reason.BLOCKED_CATEGORY: EDE_FILTERED,
    Reason.CLOCK_UNKNOWN: EDE_NOT_READY,
}
_EDE_INVALID_DATA = 24
# As short as the page that tells why is fresh.
_SINKHOLE_TTL = 5
# Reasons, ends and families in one revision; far above what a household has.
_KINDS_MAX = 4096

Key: TypeAlias = tuple[Reason, str, int]

UNREACHABLE = refuse(
    SERVFAIL,
    advice=[Advice(EDE_NO_REACHABLE_AUTHORITY, "The router's resolver is silent.")],
)
UNSENT = refuse(
    SERVFAIL,
    advice=[Advice(EDE_NETWORK_ERROR, "The router's resolver is not running.")],
)
UNREADABLE = refuse(
    SERVFAIL,
    advice=[Advice(_EDE_INVALID_DATA, "The resolver's answer makes no sense.")],
)
BUSY = refuse(
    SERVFAIL, advice=[Advice(EDE_NOT_READY, "Too many questions wait; ask again.")]
)
CLOSED = refuse(
    SERVFAIL, advice=[Advice(EDE_NOT_READY, "The way there could not be opened.")]
)


class Refusals:
    """The refusals of one policy; each template is made once and shared.

    page: addresses of the page that tells why, 4 and 16 octets; none: NXDOMAIN.
    """

    def __init__(self, page: tuple[bytes, ...] = ()) -> None:
        self.page = page
        self._made: dict[Key, Template] = {}

    def template(self, decision: NameDecision, qtype: int) -> Template:
        """Return the answer for a refused name and a type."""
        family = qtype if self.page and qtype in (A, AAAA) else 0
        text = sentence(decision)
        key = decision.reason, text, family
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= _KINDS_MAX:
                self._made.clear()
            info = _INFO.get(decision.reason, EDE_PROHIBITED)
            made = self._make(family, Advice(info, text))
            self._made[key] = made
        return made

    def _make(self, family: int, advice: Advice) -> Template:
        if self.page:
            return point_to(family, self.page, _SINKHOLE_TTL, advice=[advice])
        return refuse(NXDOMAIN, advice=[advice])


def sentence(decision: NameDecision) -> str:
    """Return why, and until when in the home's own time, if there is an end."""
    text = REASONS[decision.reason]
    return f"{text} Until {decision.until:%H:%M}." if decision.until else text
