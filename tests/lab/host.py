"""Hosts of the lab: a namespace to run programs in, and what LAN hosts add to it.

A LAN host has one interface, eth0, a real DHCP client (udhcpc) that sends its host
name, vendor class and parameter list, and IPv6 by SLAAC from the router's RA.
"""

from __future__ import annotations

import ipaddress
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Mapping, Sequence

from . import namespaces
from .namespaces import wait_for

SCRIPT = Path(__file__).with_name("udhcpc-script")
SYSCTLS = {
    # Duplicate address detection takes a second and finds nothing here.
    "net.ipv6.conf.all.accept_dad": "0",
    "net.ipv6.conf.default.accept_dad": "0",
    # Routers answer the first solicitation, which the kernel delays by up to 1 s.
    "net.ipv6.conf.default.router_solicitation_delay": "0",
    "net.ipv6.conf.default.router_solicitation_interval": "1",
    "net.ipv6.conf.default.use_tempaddr": "0",
    "net.ipv6.conf.default.accept_ra": "1",
    # A packet that leaks must arrive and be counted, whatever its source.
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.ping_group_range": "0 2147483647",
}


@dataclass(frozen=True, slots=True)
class Device:
    """What a LAN host shows of itself: MAC, DHCP host name, options 60 and 55."""

    name: str
    mac: str
    hostname: str
    vendor_class: str = "udhcp 1.35.0"
    parameters: tuple[int, ...] = (1, 3, 6, 12, 15, 28, 42)


class Host:
    """A namespace to run programs in: a LAN host, the router or the internet."""

    def __init__(self, name: str, prefix: str, env: Mapping[str, str]) -> None:
        self.name = name
        self.namespace = f"{prefix}-{name}"
        self._env = dict(env)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.namespace}>"

    def command(self, command: str | Sequence[str]) -> list[str]:
        """Return the argument list that runs `command` (a str: by sh) in here."""
        argv = ["sh", "-c", command] if isinstance(command, str) else list(command)
        return ["ip", "netns", "exec", self.namespace, *argv]

    def run(
        self,
        command: str | Sequence[str],
        check: bool = True,
        timeout: float = 15,
        text_in: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program here; output as text.

        A str goes to sh.  Non-zero exit raises RuntimeError with its error text
        unless check is False; after `timeout` seconds subprocess.TimeoutExpired.
        """
        return namespaces.run(
            self.command(command),
            check=check,
            timeout=timeout,
            text_in=text_in,
            env=self.env(),
        )

    def popen(
        self, command: str | Sequence[str], **options: Any
    ) -> subprocess.Popen[Any]:
        """Start a program here; options as for subprocess.Popen.

        The pid is the program's own (ip replaces itself).  It has its own session,
        and ends with the lab at the latest.
        """
        options.setdefault("start_new_session", True)
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("env", self.env())
        return subprocess.Popen(self.command(command), **options)

    def python(
        self, script: Path, argument: object, **options: Any
    ) -> subprocess.Popen[Any]:
        """Start one of the lab's own scripts here with a JSON argument."""
        argv = [sys.executable, "-I", "-S", str(script), json.dumps(argument)]
        return self.popen(argv, **options)

    def env(self) -> dict[str, str]:
        """Return the environment for programs here: they trust the lab's CA."""
        return {**os.environ, **self._env}

    def holds(self, pid: int) -> bool:
        """Tell whether the process is in this host's namespace."""
        try:
            theirs = os.stat(f"/proc/{pid}/ns/net").st_ino
            return theirs == os.stat(namespaces.NETNS / self.namespace).st_ino
        except OSError:
            return False

    def pids(self) -> list[int]:
        """Return the processes in this host's namespace."""
        listed = namespaces.run(["ip", "netns", "pids", self.namespace])
        return [int(pid) for pid in listed.stdout.split()]

    def ip(self, line: str, check: bool = True) -> str:
        """Run `ip LINE` on this namespace without entering it; return its output."""
        argv = ["ip", "-n", self.namespace, *line.split()]
        return namespaces.run(argv, check=check).stdout

    def sysctl(self, values: Mapping[str, str]) -> None:
        """Set sysctls of this namespace."""
        self.run(["sysctl", "-q", "-w", *(f"{k}={v}" for k, v in values.items())])

    def resolver(self, *addresses: str) -> None:
        """Set the name servers of programs here."""
        text = "".join(f"nameserver {address}\n" for address in addresses)
        # In place: running programs have this very file mounted.
        self.resolv_conf.write_text(text)

    @property
    def resolv_conf(self) -> Path:
        """The file that is /etc/resolv.conf in here."""
        return namespaces.ETC_NETNS / self.namespace / "resolv.conf"


def ready(process: subprocess.Popen[Any]) -> bool:
    """Wait for a script's "ready" line; False if it ended without one."""
    assert process.stdout is not None
    return bool(process.stdout.readline() == b"ready\n")


class Events:
    """A FIFO into which the DHCP clients' script writes "host address" lines."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        # Read and write: no end of file when the last writer goes.
        self._file: IO[bytes] = open(path, "r+b", buffering=0)
        self._rest = b""
        self.leases: dict[str, str] = {}

    def wait(self, host: str, timeout: float = 10) -> str:
        """Return the address `host` was leased; TimeoutError if it gets none."""
        end = time.monotonic() + timeout
        while host not in self.leases:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._file], [], [], left)[0]:
                raise TimeoutError(f"{host} got no DHCP lease in {timeout:g} s")
            *lines, self._rest = (self._rest + self._file.read(4096)).split(b"\n")
            for line in lines:
                name, _, address = line.decode().partition(" ")
                self.leases[name] = address
        return self.leases[host]

    def close(self) -> None:
        """Close the FIFO."""
        self._file.close()


class LanHost(Host):
    """A device of the household on a bridge port of the router."""

    def __init__(
        self,
        device: Device,
        prefix: str,
        env: Mapping[str, str],
        *,
        port: str,
        network: ipaddress.IPv6Network,
        events: Events,
    ) -> None:
        super().__init__(device.name, prefix, env)
        self.device = device
        self.port = port
        self._network = network
        self._events = events
        self._client: subprocess.Popen[Any] | None = None

    @property
    def mac(self) -> str:
        """The present MAC, lower case."""
        return self.device.mac

    @property
    def ip4(self) -> str:
        """The leased IPv4 address; "" without a lease."""
        return self._events.leases.get(self.name, "")

    @property
    def ip6(self) -> str:
        """The global address that SLAAC makes of the MAC (RFC 4291, appendix A)."""
        octets = bytearray.fromhex(self.mac.replace(":", ""))
        octets[0] ^= 2
        ident = int.from_bytes(octets[:3] + b"\xff\xfe" + octets[3:], "big")
        return str(self._network[ident])

    def up(self) -> None:
        """Bring the link up and start the DHCP client; does not wait for either."""
        self.ip("link set eth0 up")
        self._events.leases.pop(self.name, None)
        device = self.device
        argv = ["udhcpc", "-f", "-i", "eth0", "-s", str(SCRIPT), "-t", "20", "-T", "1"]
        argv += ["-A", "1", "-V", device.vendor_class, "-x"]
        argv += [f"hostname:{device.hostname}", "-o"]
        argv += [part for code in device.parameters for part in ("-O", str(code))]
        self._client = self.popen(
            argv,
            env={
                **self.env(),
                "LAB_HOST": self.name,
                "LAB_EVENTS": str(self._events.path),
                "LAB_RESOLV": str(self.resolv_conf),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def down(self) -> None:
        """Leave as a device leaves Wi-Fi: no DHCP release, the link goes down."""
        if self._client is not None:
            self._client.kill()
            self._client.wait()
            self._client = None
        self.ip("link set eth0 down")
        self.ip("-4 address flush dev eth0")
        self._events.leases.pop(self.name, None)

    def reap(self) -> None:
        """Collect the DHCP client after the lab has ended it."""
        if self._client is not None:
            self._client.wait()
            self._client = None

    def wait_addresses(self, timeout: float = 10) -> None:
        """Wait for the DHCP lease, the SLAAC address and the IPv6 default route."""
        self._events.wait(self.name, timeout)
        wait_for(self._has_ip6, f"an IPv6 address on {self.name}", timeout)

    def _has_ip6(self) -> bool:
        shown = self.ip("-6 address show dev eth0 scope global")
        return f"{self.ip6}/" in shown and "via" in self.ip("-6 route show default")

    def change_mac(self, mac: str, wait: bool = True) -> None:
        """Come back with another MAC: link down, new address, DHCP and SLAAC again."""
        self.down()
        self.device = replace(self.device, mac=mac.lower())
        self.ip(f"link set eth0 address {mac}")
        self.up()
        if wait:
            self.wait_addresses()
