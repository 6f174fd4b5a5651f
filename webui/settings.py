"""What the pages are started with: paths, names and ports, fixed for the process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from webui.links import host_values

NAMES = frozenset({"guardian.home.arpa", "guardian.local"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One box's web process.

    state_dir: holds the session key and the certificates, 0700.
    names: gives the host names and addresses that a request may be for, as they are now
    (addresses come and go with the LAN); without ports.
    http_port, https_port: as a visitor sees them.
    compiled: keeps templates compiled; None: a folder of the state directory.
    words: gives the four words of the certificate authority's key, () without one.
    authority: the certificate that a parent may install, None without one.
    plain_http: parent pages over plain HTTP, chosen explicitly by a parent.
    child_safety_contact: whom the vendor names for child safety, or "".
    security_contact: URI for reports of vulnerabilities (RFC 9116, 2.5.3), or "".
    hsts: the certificate is a public authority's, for the family's own domain.
    """

    state_dir: Path
    compiled: Path | None = None
    names: Callable[[], frozenset[str]] = field(default=lambda: NAMES)
    http_port: int = 8080
    https_port: int = 8443
    words: Callable[[], tuple[str, ...]] = field(default=lambda: ())
    authority: Path | None = None
    plain_http: bool = False
    hsts: bool = False
    security_contact: str = ""
    child_safety_contact: str = ""

    def hosts(self, listener: str) -> Collection[str]:
        """Return what the Host header may say on "http" or "https"."""
        port = self.https_port if listener == "https" else self.http_port
        return host_values(self.names(), port, listener)
