"""DHCP events: lines of our dhcp-script, and of dnsmasq's lease file.

The script (packaging/gateway/dhcp-event) writes one line an event; its fields are the
client's own words, made harmless but not believed. The lease file tells what happened
before the daemon lived. Nothing is raised but `DhcpEventError`; a line it refuses is
skipped by the caller, never a reason to stop.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum

from guardian.core.identity import Evidence
from guardian.core.model import parse_mac

FORMAT = "1"
FIELDS = 9
# The script's own limit: one write(2) of at most PIPE_BUF bytes.
LINE_MAX = 4096
_IFNAME = re.compile(r"[A-Za-z0-9_.@-]{1,15}\Z")
_NUMBER = re.compile(r"[0-9]{1,12}\Z", re.ASCII)


class DhcpEventError(ValueError):
    """The line is no DHCP event of a MAC and an address."""


class DhcpAction(StrEnum):
    """What dnsmasq calls its script for: dnsmasq(8), --dhcp-script."""

    ADD = "add"
    OLD = "old"
    DEL = "del"


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpEvent:
    """A lease began, changed or ended.

    address: IPv4 or IPv6 text. ifname: "" when unknown (lease file).
    expires: POSIX seconds; 0 never; None unknown.
    """

    action: DhcpAction
    mac: str
    address: str
    ifname: str = ""
    expires: int | None = None
    evidence: Evidence = field(default_factory=Evidence)


def parse_event(line: bytes) -> DhcpEvent:
    """Read one line of the script, with or without its newline.

    Fields, tab-separated: format, action, MAC, address, interface, expiry, host name,
    vendor class, requested options (decimal, comma-separated).
    """
    fields = _text(line).split("\t")
    if len(fields) != FIELDS or fields[0] != FORMAT:
        raise DhcpEventError("wrong-format")
    _, action, mac, address, ifname, expires, hostname, vendor, options = fields
    try:
        known = DhcpAction(action)
    except ValueError:
        raise DhcpEventError("unknown-action") from None
    if ifname and not _IFNAME.match(ifname):
        raise DhcpEventError("bad-interface")
    return DhcpEvent(
        action=known,
        mac=_mac(mac),
        address=_address(address),
        ifname=ifname,
        expires=_number(expires),
        evidence=Evidence.clean(hostname, vendor, _codes(options)),
    )


def parse_lease(line: bytes) -> DhcpEvent:
    """Read one line of dnsmasq's lease file as an `old` event.

    Form: expiry, MAC, address, host name or "*", client id or "*". DHCPv6 lines (an
    IAID instead of the MAC) and the "duid" line are refused: they name no MAC.
    Source: dnsmasq lease.c, lease_update_file().
    """
    fields = _text(line).split()
    if len(fields) < 4:
        raise DhcpEventError("wrong-format")
    expires, mac, address, hostname = fields[:4]
    return DhcpEvent(
        action=DhcpAction.OLD,
        mac=_mac(mac),
        address=_address(address),
        expires=_number(expires),
        evidence=Evidence.clean("" if hostname == "*" else hostname),
    )


def _text(line: bytes) -> str:
    if len(line) > LINE_MAX:
        raise DhcpEventError("too-long")
    return line.decode("utf-8", "replace").removesuffix("\n")


def _mac(text: str) -> str:
    try:
        return parse_mac(text)
    except ValueError:
        raise DhcpEventError("bad-mac") from None


def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise DhcpEventError("bad-address") from None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
        raise DhcpEventError("bad-address")
    return str(address)


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.match(text) else None


def _codes(text: str) -> list[int]:
    """Return option codes; one that is no number spoils the list, its order counts."""
    words = text.split(",") if text else []
    if not all(len(word) <= 3 and _NUMBER.match(word) for word in words):
        return []
    return [int(word) for word in words]
