"""DNS servers to compare, each with the same names to refuse and the same resolver.

Each runs pinned to one CPU, unprivileged ports on loopback, and refuses with NXDOMAIN.
A program that is not installed is left out.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CPU_SERVER, CPU_CLIENT = 0, max(os.sched_getaffinity(0))
_TICK = os.sysconf("SC_CLK_TCK")
ADDRESS = "192.0.2.9"


@dataclass(frozen=True, slots=True)
class Engine:
    """A server that runs. load_s: from start to its first answer."""

    name: str
    port: int
    pid: int
    load_s: float

    def cpu_s(self) -> float:
        """Return the CPU time it has used, with that of the kernel for it."""
        text = Path(f"/proc/{self.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def memory_mb(self) -> tuple[float, float]:
        """Return RSS and PSS in MB (10^6 octets)."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        found = {
            line.split(":")[0]: int(line.split()[1]) * 1024 / 1e6
            for line in text.splitlines()[1:]
            if line.startswith(("Rss:", "Pss:"))
        }
        return found["Rss"], found["Pss"]


def installed() -> dict[str, str]:
    """Return name -> program of those that are there."""
    where = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = {n: shutil.which(n, path=where) for n in ("dnsmasq", "unbound", "dnsdist")}
    return {name: path for name, path in found.items() if path}


def free_port() -> int:
    """Return a port that nobody listens on by UDP or TCP."""
    while True:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
            udp.bind(("", 0))
            port = int(udp.getsockname()[1])
            with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as tcp:
                try:
                    tcp.bind(("", port))
                except OSError:
                    continue
                return port


@contextmanager
def running(
    name: str, argv: list[str], port: int, probe: bytes, log: Path
) -> Iterator[Engine]:
    """Run a server on one CPU until it is left. probe: a question it answers."""
    begun = time.monotonic()
    with log.open("wb") as file:
        process = subprocess.Popen(
            ["taskset", "-c", str(CPU_SERVER), *argv], stdout=file, stderr=file
        )
    try:
        await_answer(port, probe)
        yield Engine(name, port, process.pid, time.monotonic() - begun)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def await_answer(port: int, probe: bytes, limit_s: float = 120.0) -> None:
    """Ask until there is an answer."""
    end = time.monotonic() + limit_s
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.02)
        sock.connect(("127.0.0.1", port))
        while time.monotonic() < end:
            try:
                sock.send(probe)
                sock.recv(4096)
                return
            except OSError:
                time.sleep(0.01)
    raise RuntimeError(f"port {port}: no answer")


def dnsmasq(program: str, folder: Path, port: int, upstream: int) -> list[str]:
    """Write dnsmasq's configuration; return its command."""
    listed = folder / "dnsmasq.servers"
    with (folder / "names").open() as names, listed.open("w") as file:
        for name in names:
            file.write(f"server=/{name.strip()}/\n")
    return [
        program,
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--pid-file=",
        "--user=root",
        f"--port={port}",
        "--listen-address=127.0.0.1",
        "--bind-interfaces",
        "--cache-size=10000",
        "--dns-forward-max=2000",
        f"--server=127.0.0.1#{upstream}",
        f"--servers-file={listed}",
    ]


def unbound(program: str, folder: Path, port: int, upstream: int) -> list[str]:
    """Write unbound's configuration; return its command."""
    config = folder / "unbound.conf"
    with (folder / "names").open() as names, config.open("w") as file:
        file.write(f"""server:
 interface: 127.0.0.1
 port: {port}
 num-threads: 1
 chroot: ""
 username: ""
 pidfile: ""
 directory: "{folder}"
 use-syslog: no
 do-not-query-localhost: no
 module-config: "iterator"
 msg-cache-size: 16m
 rrset-cache-size: 32m
 so-rcvbuf: 0
 access-control: 127.0.0.0/8 allow
""")
        for name in names:
            file.write(f' local-zone: "{name.strip()}" always_nxdomain\n')
        file.write(f'forward-zone:\n name: "."\n forward-addr: 127.0.0.1@{upstream}\n')
        file.write("remote-control:\n control-enable: no\n")
    return [program, "-d", "-c", str(config)]


def dnsdist(program: str, folder: Path, port: int, upstream: int) -> list[str]:
    """Write dnsdist's configuration, names as suffixes; return its command."""
    config = folder / "dnsdist.conf"
    config.write_text(f"""setLocal("127.0.0.1:{port}")
setACL("127.0.0.0/8")
newServer("127.0.0.1:{upstream}")
listed = newSuffixMatchNode()
for name in io.lines("{folder}/names") do listed:add(newDNSName(name)) end
addAction(SuffixMatchNodeRule(listed), RCodeAction(DNSRCode.NXDOMAIN))
kept = newPacketCache(20000)
getPool(""):setCache(kept)
""")
    return [program, "--supervised", "--disable-syslog", "-C", str(config)]


def resolver() -> list[str]:
    """Return the command of a resolver that knows one address for every name."""
    return [sys.executable, "-m", "tests.bench.dns_resolver"]
