"""The lab's two dnsmasq: the router's (DHCPv4, RA, DNS) and the internet's (DNS).

Each runs as a daemon: dnsmasq forks when its sockets are open, which is the event
that start() waits for.
"""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path
from typing import Iterable, Protocol


class Place(Protocol):
    """Where a dnsmasq runs: a host of the lab."""

    def run(self, command: list[str]) -> object:
        """Run a program there."""

    def holds(self, pid: int) -> bool:
        """Tell whether the process is in the host's namespace."""


class Dnsmasq:
    """One dnsmasq with its configuration, pid and log file in the lab's directory."""

    def __init__(self, place: Place, directory: Path, name: str) -> None:
        self._place = place
        self.config = directory / f"{name}.conf"
        self.pid_file = directory / f"{name}.pid"
        self.log = directory / f"{name}.log"

    def start(self, lines: Iterable[str]) -> None:
        """Write the configuration and start; raises RuntimeError with its complaint."""
        common = ["user=root", "no-resolv", "no-hosts", f"pid-file={self.pid_file}"]
        common.append(f"log-facility={self.log}")
        self.config.write_text("\n".join([*common, *lines]) + "\n")
        self._place.run(["dnsmasq", "-C", str(self.config)])

    def stop(self) -> None:
        """End it and wait until it has gone; nothing happens if it runs no more."""
        try:
            pid = int(self.pid_file.read_text())
            handle = os.pidfd_open(pid)
        except (OSError, ValueError):
            return
        try:
            # The number may be another's by now, if dnsmasq died by itself.
            if self._place.holds(pid):
                signal.pidfd_send_signal(handle, signal.SIGTERM)
                select.select([handle], [], [], 5)
        finally:
            os.close(handle)
        self.pid_file.unlink(missing_ok=True)

    def reread(self) -> None:
        """Have it read its hosts files again and empty its cache (SIGHUP)."""
        os.kill(int(self.pid_file.read_text()), signal.SIGHUP)


def internet(hosts: Path, addresses: Iterable[str], extra: Iterable[str]) -> list[str]:
    """Return the lines of the internet's name server.

    Only the hosts file and `extra` (any dnsmasq options: cname=, txt-record=,
    dns-rr=) are known; every other name does not exist.
    """
    listen = [f"listen-address={address}" for address in addresses]
    only = ["bind-interfaces", "local=/#/", "local-ttl=60"]
    return [*listen, *only, f"addn-hosts={hosts}", *extra]


def router(
    *,
    lan: str,
    leases: Path,
    first: str,
    last: str,
    upstream: Iterable[str],
    script: str | None,
    extra: Iterable[str],
) -> list[str]:
    """Return the lines of the router's server: DHCPv4, RA with SLAAC, forwarding DNS.

    script: path of a dhcp-script, run as root for add, old and del of a lease.
    """
    lines = [
        f"interface={lan}",
        "bind-dynamic",
        "domain=lan",
        "local=/lan/",
        "expand-hosts",
        f"dhcp-range={first},{last},12h",
        f"dhcp-range=::,constructor:{lan},ra-only,12h",
        "enable-ra",
        "dhcp-authoritative",
        # Else dnsmasq pings an address for 3 s before it offers it.
        "no-ping",
        f"dhcp-leasefile={leases}",
        "log-dhcp",
        *(f"server={address}" for address in upstream),
        *extra,
    ]
    return [*lines, f"dhcp-script={script}"] if script else lines
