"""The certificate in use: made, renewed and exchanged while connections go on.

Each connection is given the context that is current when it arrives. A renewal puts a
new context in its place, so that no listener closes and no open connection notices.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from guardian.core.errors import PlatformError
from webui.serve.authority import NAMES, Authority, Leaf, certifiable

log = logging.getLogger(__name__)

# A box that is off for a month still comes back with a certificate that is accepted.
RENEW_BEFORE = timedelta(days=30)


class Certificate:
    """The context for the next connection; None while there is no certificate."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self.context: ssl.SSLContext | None = None

    def renew(self, called: Iterable[str], now: datetime) -> bool:
        """See that the certificate fits the box's names and the time.

        called: its addresses and further names; what the authority may not certify
        (public ones) is left out: a visitor there sees a browser's warning.
        now: aware. Returns whether it was replaced. A failure keeps what there is.
        """
        names = wanted(called)
        try:
            new = self._authority.ensure()
            leaf = self._authority.current()
            due = new or is_due(leaf, names, self._authority.words(), now)
            if due:
                self._authority.issue(names, now)
            if due or self.context is None:
                self.context = self._load()
        except (PlatformError, OSError) as error:
            # ssl.SSLError is an OSError.
            code = getattr(error, "code", type(error).__name__)
            detail = getattr(error, "detail", "")
            log.error("certificate not renewed: %s %s", code, detail)
            return False
        if due:
            log.info("certificate renewed names=%d", len(names))
        return due

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Renegotiation costs us a handshake for each few bytes of the client's.
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.set_alpn_protocols(["http/1.1"])
        context.load_cert_chain(self._authority.leaf)
        return context


def wanted(called: Iterable[str]) -> frozenset[str]:
    """Return the names of a certificate for a box that is called so."""
    return frozenset(NAMES) | {name for name in called if certifiable(name)}


def is_due(
    leaf: Leaf | None, names: frozenset[str], words: tuple[str, ...], now: datetime
) -> bool:
    """Say whether another certificate is needed.

    Also when the certificate's time has not begun: it was made under a wrong clock.
    """
    if leaf is None or leaf.words != words or leaf.names != names:
        return True
    return not leaf.begins <= now < leaf.ends - RENEW_BEFORE


def utc_now() -> datetime:
    """Return the wall clock's time."""
    return datetime.now(timezone.utc)
