"""Load on a DNS server: as much as it takes (dnsperf), or paced questions, timed."""

from __future__ import annotations

import re
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .dns_engines import CPU_CLIENT, Engine

# Enough to keep a server busy without overrunning its socket's buffer.
_OUTSTANDING, _CLIENTS = 100, 4
_COMPLETED = re.compile(r"Queries completed:\s+(\d+)")
_LOST = re.compile(r"Queries lost:\s+(\d+)")
_RATE = re.compile(r"Queries per second:\s+([\d.]+)")


def wire_question(name: str, ident: int, rtype: int = 1) -> bytes:
    """Return a question without EDNS."""
    labels = name.rstrip(".").split(".")
    wire = b"".join(bytes((len(label),)) + label.encode() for label in labels)
    head = struct.pack("!6H", ident, 0x0100, 1, 0, 0, 0)
    return head + wire + b"\0" + struct.pack("!HH", rtype, 1)


def has_generator() -> bool:
    """Say whether dnsperf is installed."""
    return shutil.which("dnsperf") is not None


def saturate(engine: Engine, questions: Path, seconds: float) -> tuple[float, float]:
    """Ask as fast as answers come; return questions a second and CPU us of each.

    Raises RuntimeError if more than one in a thousand got no answer.
    """
    before = engine.cpu_s()
    done = subprocess.run(
        [
            *("taskset", "-c", str(CPU_CLIENT), "dnsperf", "-s", "127.0.0.1"),
            *("-p", str(engine.port), "-d", str(questions), "-l", f"{seconds:g}"),
            *("-c", str(_CLIENTS), "-q", str(_OUTSTANDING)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    used = engine.cpu_s() - before
    completed, lost = _number(_COMPLETED, done.stdout), _number(_LOST, done.stdout)
    if lost * 1000 > completed:
        raise RuntimeError(f"{engine.name}: {lost:g} of {completed:g} unanswered")
    return _number(_RATE, done.stdout), used * 1e6 / completed


@contextmanager
def flood(port: int, questions: Path) -> Iterator[None]:
    """Send questions as fast as one sender can, whether answered or not."""
    argv = [sys.executable, "-m", "tests.bench.dns_load", str(port), str(questions)]
    process = subprocess.Popen(["taskset", "-c", str(CPU_CLIENT), *argv])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def pour(port: int, questions: Path) -> None:
    """Send the questions of a file, for ever."""
    names = [line.split()[0] for line in questions.read_text().splitlines()[:1000]]
    packets = [wire_question(name, number) for number, name in enumerate(names)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        while True:
            for packet in packets:
                sock.send(packet)


def pace(port: int, names: list[str], rate: float, count: int) -> list[float]:
    """Ask one question after the other at a rate; return the microseconds of each."""
    times: list[float] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2)
        sock.connect(("127.0.0.1", port))
        due = time.perf_counter()
        for number in range(count):
            packet = wire_question(names[number % len(names)], number & 0xFFFF)
            due += 1 / rate
            while (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            begun = time.perf_counter()
            sock.send(packet)
            sock.recv(4096)
            times.append((time.perf_counter() - begun) * 1e6)
    return times


def _number(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    if found is None:
        raise RuntimeError("dnsperf says nothing of use")
    return float(found[1])


if __name__ == "__main__":
    pour(int(sys.argv[1]), Path(sys.argv[2]))
