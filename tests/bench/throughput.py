"""Routed throughput with Guardian against the same router without, pair by pair.

One long-lived flow a case; while it runs, both tables are loaded and deleted in turn
(ABBA), and the receiving interface's counters are read over equal times. What the
kernel does for a packet from the sender's call to the receiver's queue happens on the
sender's CPU, so that the router's work is a part of it. For UDP that CPU is the
bottleneck, and packets for its time are the throughput of a machine that does nothing
else: that ratio holds on a busy machine too. TCP is paced by both ends, so there the
ratio is of bytes a second.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..lab.guard import MACS, Guard
from ..lab.home import Home
from ..lab.host import Host, ready
from . import family
from .figures import Figure, median
from .machine import Busy

BLAST = Path(__file__).with_name("blast.py")
LIFT = "delete table inet guardian\ndelete table netdev guardian\n"
SAMPLE_S, SETTLE_S = 0.25, 0.05
PAIRS = 7
PORT = 5201
# Payloads that make IPv6 packets of 1500 and 112 bytes.
FULL, SMALL = 1452, 64
OFFLOADS = ("tso", "gso", "gro", "tx-udp-segmentation")
# With 250 managed devices (design, section 11): packets as network cards bundle them,
# and every 1500-byte packet on its own.
BUNDLED, SINGLE = 0.99, 0.95


def measure(*, quick: bool) -> list[Figure]:
    """Return the ratio with/without for each kind of traffic and each household."""
    sizes = (0, 250) if quick else (0, *family.SIZES)
    with Home("bench", macs=MACS) as home:
        bench = _Bench(
            home,
            {size: rules(home, size) for size in sizes},
            pairs=1 if quick else PAIRS,
            sample_s=0.1 if quick else SAMPLE_S,
        )
        grown = [*((size, "tablet" if size else "phone") for size in sizes)]
        grown.append((sizes[-1], "phone"))
        ends = [case for case in grown if case[0] in (0, sizes[-1])]
        found: list[Figure] = []
        for down in (True, False):
            set_offloads(home, True)
            for size, host in grown:
                found += bench.case(_Traffic("tcp", FULL, down, True), size, host)
            set_offloads(home, False)
            for size, host in grown:
                found += bench.case(_Traffic("tcp", FULL, down, False), size, host)
            for size, host in ends:
                found += bench.case(_Traffic("udp", FULL, down, False), size, host)
            small = _Traffic("udp", SMALL, down, False)
            found += bench.case(small, sizes[-1], "tablet")
        return [*found, median("all CPUs in use meanwhile", bench.busy, "share")]


@dataclass(frozen=True, slots=True)
class _Traffic:
    """protocol, payload of a datagram, direction, and whether cards bundle packets."""

    protocol: str
    length: int
    down: bool
    bundled: bool

    def __str__(self) -> str:
        way = "down" if self.down else "up"
        if self.protocol == "udp":
            return f"udp {way}, {self.length + 48}-byte packets"
        packets = "bundled packets" if self.bundled else "1500-byte packets"
        return f"tcp {way}, {packets}"

    def target(self, size: int) -> float | None:
        """Return the least ratio that the design asks for; of tiny packets nothing."""
        if size != family.SIZES[-1] or self.length != FULL:
            return None
        return BUNDLED if self.bundled else SINGLE


def rules(home: Home, size: int) -> str:
    """Return all that the real daemon loads for a household, as text."""
    guard = Guard(home, family.household(size), now=family.AFTERNOON).start()
    text = str(guard.call("print")["text"])
    guard.stop()
    home.router.run(["nft", "-f", "-"], text_in=LIFT)
    return text


def set_offloads(home: Home, on: bool) -> None:
    """Let every interface bundle packets, or none."""
    state = "on" if on else "off"
    wanted = [part for name in OFFLOADS for part in (name, state)]
    ports = [host.port for host in home.lan()]
    for host, names in (
        (home.inet, ["isp0"]),
        (home.router, ["wan0", *ports]),
        *((host, ["eth0"]) for host in home.lan()),
    ):
        for name in names:
            # Not every kernel can switch each of them.
            host.run(["ethtool", "-K", name, *wanted], check=False)


class _Bench:
    def __init__(
        self, home: Home, texts: dict[int, str], *, pairs: int, sample_s: float
    ) -> None:
        self._home = home
        self._files: dict[int, Path] = {}
        for size, text in texts.items():
            self._files[size] = home.directory / f"rules-{size}.nft"
            self._files[size].write_text(text)
        self._pairs, self._sample_s = pairs, sample_s
        self.busy: list[float] = []

    def case(self, traffic: _Traffic, size: int, host: str) -> list[Figure]:
        """Measure one kind of traffic of one host in a household."""
        pairs: list[tuple[_Rate, _Rate]] = []
        with self._running(traffic, host) as ends:
            for number in range(self._pairs):
                rates = {}
                for guarded in (True, False) if number % 2 else (False, True):
                    self._switch(size, guarded)
                    time.sleep(SETTLE_S)
                    rates[guarded] = self._rate(ends)
                pairs.append((rates[True], rates[False]))
            self._switch(size, False)
        who = "adult" if host == "phone" else "child"
        what = f"{traffic}, {size} managed, {who}"
        wall = [guarded.octets / plain.octets for guarded, plain in pairs]
        by_cpu = [plain.cost / guarded.cost for guarded, plain in pairs]
        named = {"ratio": wall, "ratio by CPU time": by_cpu}
        first = "ratio by CPU time" if traffic.protocol == "udp" else "ratio"
        target = traffic.target(size)
        figures = [median(f"{what}: {first}", named.pop(first), "x", at_least=target)]
        if size and (size, who) == (family.SIZES[-1], "child"):
            for name, ratios in named.items():
                figures.append(median(f"{what}: {name}", ratios, "x"))
            bits = [8 * plain.octets / 1e9 for _, plain in pairs]
            figures.append(median(f"{what}: plain router, bits", bits, "Gbit/s"))
            packets = [plain.packets / 1e3 for _, plain in pairs]
            name = f"{what}: plain router, packets"
            figures.append(median(name, packets, "kpacket/s"))
            added = [1e9 * (g.cost * g.size - p.cost * p.size) for g, p in pairs]
            figures.append(median(f"{what}: added CPU time", added, "ns/packet"))
        return figures

    def _switch(self, size: int, guarded: bool) -> None:
        router = self._home.router
        if guarded:
            router.run(["nft", "-f", str(self._files[size])])
        else:
            router.run("nft delete table inet guardian", check=False)
            router.run("nft delete table netdev guardian", check=False)

    def _rate(self, ends: _Ends) -> _Rate:
        busy = Busy()
        begun, before, cpu = time.monotonic(), counters(*ends.sink), ran(ends.source)
        time.sleep(self._sample_s)
        after, ended, spent = counters(*ends.sink), time.monotonic(), ran(ends.source)
        self.busy.append(busy.share())
        octets, packets = (b - a for a, b in zip(before, after, strict=True))
        if not octets:
            raise RuntimeError("the traffic stands still")
        took = ended - begun
        return _Rate(octets / took, packets / took, (spent - cpu) / octets)

    @contextlib.contextmanager
    def _running(self, traffic: _Traffic, host: str) -> Iterator[_Ends]:
        """Run one flow, over IPv6: without translation judging weighs most."""
        home = self._home
        device = home.lan_host(host)
        source: Host = home.inet if traffic.down else device
        sink: Host = device if traffic.down else home.inet
        interface = "eth0" if traffic.down else "isp0"
        address = device.ip6 if traffic.down else home.address("video", 6)[1]
        if traffic.down:
            home.open_port(host, 6, PORT, traffic.protocol)
        started: list[subprocess.Popen[bytes]] = []
        try:
            for place, role, cpu in (
                (sink, f"{traffic.protocol}-sink", 1),
                (source, traffic.protocol, 0),
            ):
                argv = ["/usr/bin/python3", "-I", "-S", str(BLAST), role, "6", address]
                process = place.popen(
                    [*argv, str(PORT), str(cpu), str(traffic.length)],
                    stdout=subprocess.PIPE,
                )
                started.append(process)
                if not ready(process):
                    raise RuntimeError(f"{role} did not start")
            yield _Ends(started[1].pid, (started[0].pid, interface))
        finally:
            for process in started:
                process.kill()
            for process in started:
                process.communicate()


class _Ends(NamedTuple):
    """The sender's pid; the receiver's pid and interface."""

    source: int
    sink: tuple[int, str]


class _Rate(NamedTuple):
    """Bytes and packets received a second; CPU seconds of the sender a byte."""

    octets: float
    packets: float
    cost: float

    @property
    def size(self) -> float:
        """Return the bytes of a packet, as they arrived."""
        return self.octets / self.packets


def ran(pid: int) -> float:
    """Return the CPU seconds a process has had; what its packets cost is among them."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def counters(pid: int, interface: str) -> tuple[int, int]:
    """Return bytes and packets an interface has received, in a process's namespace."""
    for line in Path(f"/proc/{pid}/net/dev").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name.strip() == interface:
            fields = rest.split()
            return int(fields[0]), int(fields[1])
    raise LookupError(f"no interface {interface}")
