"""Addresses that are printed or shown as a code, with their ports.

Ports 80 and 443 belong to the router's own page unless the box is ours alone, so ours
stand in the address unless they are those.
"""

from __future__ import annotations

from webui.settings import Settings

# RFC 8375: home.arpa is for homes, and no stranger can register a name below it.
NAME = "guardian.home.arpa"


def child_page(settings: Settings) -> str:
    """Return the address of the child's own page; it needs no certificate."""
    return _address("http", settings.http_port, 80) + "/me"


def invitation(settings: Settings, token: str) -> str:
    """Return the address at which somebody invited chooses a name and a password."""
    return _address("https", settings.https_port, 443) + f"/join/{token}"


def _address(scheme: str, port: int, usual: int) -> str:
    return f"{scheme}://{NAME}" + ("" if port == usual else f":{port}")
