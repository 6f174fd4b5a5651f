"""What the pages are started with: paths, names and ports, fixed for the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

NAMES = ("guardian.home.arpa", "guardian.local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One box's web process.

    state_dir: holds the session key and the certificates, 0700.
    hosts: gives the host names and addresses that a request may be for, as they are now
    (addresses come and go with the LAN); without ports.
    http_port, https_port: as a visitor sees them; 0 is "not served".
    words: gives the four words of the certificate authority's key, () without one.
    plain_parents: parent pages over plain HTTP, chosen explicitly by a parent.
    """

    state_dir: Path
    hosts: Callable[[], frozenset[str]] = field(default=lambda: frozenset(NAMES))
    http_port: int = 8080
    https_port: int = 8443
    words: Callable[[], tuple[str, ...]] = field(default=lambda: ())
    plain_parents: bool = False
