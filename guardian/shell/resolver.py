"""Where the router's own resolver listens: whoever holds UDP port 53 here.

Read from the kernel's socket tables, so nothing is asked and nothing is configured.
Source: Documentation/networking/proc_net_tcp.rst; net/ipv4/udp.c, net/ipv6/udp.c.
"""

from __future__ import annotations

import socket
import struct
from ipaddress import ip_address
from pathlib import Path

from guardian.shell.resolve import system_servers

PROC_NET = Path("/proc/net")
_PORT = "0035"
# More than this is no home router.
SERVERS_MAX = 4


def discover(proc: Path = PROC_NET) -> tuple[str, ...]:
    """Return addresses at which a resolver listens, the surest first; at most four.

    Loopback before the LAN's; systemd-resolved's stub (127.0.0.53) last, since it may
    ask us again. Nobody listening: the servers of /etc/resolv.conf that are not here.
    """
    found: dict[str, int] = {}
    for table in ("udp", "udp6"):
        for address in _listening(proc / table):
            ip = ip_address(address)
            if ip.is_unspecified:
                ip = ip_address("127.0.0.1" if ip.version == 4 else "::1")
            if ip.version == 6 and ip.is_link_local:
                continue  # of no use without its interface
            last = str(ip) in ("127.0.0.53", "127.0.0.54")
            found[str(ip)] = (2 if last else 0 if ip.is_loopback else 1) * 2 + (
                ip.version == 6
            )
    ordered = sorted(found, key=lambda address: (found[address], address))
    return tuple(ordered[:SERVERS_MAX]) or tuple(
        server for server in system_servers() if not _here(server)
    )


def _here(server: str) -> bool:
    """Say whether that is this box itself, where nobody listens."""
    return ip_address(server.partition("%")[0]).is_loopback


def _listening(path: Path) -> list[str]:
    try:
        lines = path.read_text().splitlines()[1:]
    except OSError:
        return []
    found = []
    for line in lines:
        words = line.split()
        local, _, port = words[1].partition(":") if len(words) > 1 else ("", "", "")
        if port == _PORT and len(local) in (8, 32):
            found.append(_address(local))
    return found


def _address(text: str) -> str:
    """Return the address of hex words, each printed in the machine's own byte order."""
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    octets = b"".join(struct.pack("=I", word) for word in words)
    family = socket.AF_INET if len(octets) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, octets)
