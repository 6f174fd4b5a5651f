"""The front against other DNS servers: the same names, machine and run.

Asked: names that are listed (refused), a thousand that are not (from the cache), and
one of the first to two of the second. The server has one CPU, the load another; what a
question costs in CPU is steadier than what a busy machine answers a second.
"""

from __future__ import annotations

import contextlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import dns_engines
from .dns_engines import CPU_SERVER, Engine, await_answer, free_port, running
from .dns_load import flood, has_generator, pace, saturate, wire_question
from .figures import Figure, median
from .index import names

SIZE, SMALL = 1_000_000, 20_000
SECONDS, ROUNDS = 4.0, 3
CACHED, PACED = 1_000, 2_000
RATES = (200, 2_000)
KINDS = ("refused", "cached", "mixed")
# Design, section 11: microseconds added at 200 questions a second, p99.
ADDED_US = 500.0
FRONT = "guardian"


@dataclass(frozen=True, slots=True)
class _Load:
    """Files of questions for dnsperf, and names for paced ones, by kind."""

    files: dict[str, Path]
    names: dict[str, list[str]]


def measure(*, quick: bool) -> list[Figure]:
    """Return the figures of every server that is installed."""
    with tempfile.TemporaryDirectory() as text:
        return compare(Path(text), SMALL if quick else SIZE, quick=quick)


def compare(folder: Path, size: int, *, quick: bool) -> list[Figure]:
    """Return the figures for a number of names, made in a folder."""
    load = _prepare(folder, size)
    upstream = free_port()
    figures: list[Figure] = []
    rounds: dict[tuple[str, str], list[tuple[float, float]]] = {}
    seconds, times = (0.3, 1) if quick else (SECONDS, ROUNDS)
    with _resolver(upstream, folder), contextlib.ExitStack() as stack:
        engines = []
        for start in _starts(folder, upstream):
            engines.append(stack.enter_context(start()))
        for engine in engines:
            figures.append(
                _figure("from start to the first answer", engine, engine.load_s, "s")
            )
        if has_generator():
            # In turns, so that whatever else the machine does hits all of them.
            for _ in range(times):
                for engine in engines:
                    for kind in KINDS:
                        saturate(engine, load.files[kind], seconds / 4)
                        found = saturate(engine, load.files[kind], seconds)
                        rounds.setdefault((engine.name, kind), []).append(found)
            figures += _saturated(rounds)
        for engine in engines:
            figures += _paced(engine, load, upstream, 50 if quick else PACED)
            if isinstance(engine, Front):
                switches = [
                    engine.switch_ms("lax", "strict") for _ in range(3 if quick else 30)
                ]
                figures.append(median(f"{FRONT}: a policy switch", switches, "ms"))
                figures += _flooded(engine, load, 50 if quick else PACED)
            rss, pss = engine.memory_mb()
            figures.append(_figure("resident memory", engine, rss, "MB"))
            figures.append(_figure("proportional memory", engine, pss, "MB"))
    return figures


def _figure(what: str, engine: Engine, value: float, unit: str) -> Figure:
    return Figure(what=f"{engine.name}: {what}", value=value, unit=unit)


def _saturated(
    rounds: dict[tuple[str, str], list[tuple[float, float]]],
) -> list[Figure]:
    """Return rates and costs; the front's have the best other as target."""
    figures = []
    for (name, kind), found in rounds.items():
        rate = statistics.median(rate for rate, _ in found)
        cost = statistics.median(cost for _, cost in found)
        peers = [
            (
                statistics.median(rate for rate, _ in others),
                statistics.median(cost for _, cost in others),
            )
            for (other, same), others in rounds.items()
            if same == kind and other in ("dnsmasq", "unbound")
        ]
        own = name == FRONT and peers and kind != "mixed"
        figures += [
            Figure(
                what=f"{name}: {kind}, one core",
                value=rate / 1000,
                unit="kq/s",
                of=len(found),
                at_least=max(r for r, _ in peers) / 1000 if own else None,
            ),
            Figure(
                what=f"{name}: {kind}, CPU a question",
                value=cost,
                unit="us",
                of=len(found),
                at_most=min(c for _, c in peers) if own else None,
            ),
        ]
    return figures


def _paced(engine: Engine, load: _Load, upstream: int, count: int) -> list[Figure]:
    figures = []
    for rate in RATES:
        times = pace(engine.port, load.names["mixed"], rate, count)
        figures += _quantiles(engine.name, f"answered at {rate} q/s", times)
    if engine.name == FRONT:
        fresh = [f"n{number}.fresh.test" for number in range(count)]
        direct = pace(upstream, fresh, RATES[0], count)
        through = pace(engine.port, fresh, RATES[0], count)
        added = _p99(through) - _p99(direct)
        figures += _quantiles(engine.name, f"asked on at {RATES[0]} q/s", through)
        figures.append(
            Figure(
                what=f"{FRONT}: added to a question asked on, p99, {RATES[0]} q/s",
                value=added,
                unit="us",
                at_most=ADDED_US,
                of=count,
            )
        )
    return figures


def _flooded(engine: Front, load: _Load, count: int) -> list[Figure]:
    """Return the delays of one device while another floods, both limited."""
    engine.switch_ms("limited")
    calm = _p99(pace(engine.other, load.names["cached"], RATES[0] / 2, count))
    with flood(engine.port, load.files["refused"]):
        under = _p99(pace(engine.other, load.names["cached"], RATES[0] / 2, count))
    engine.switch_ms("strict")
    return [
        Figure(
            what=f"{FRONT}: p99 while another device floods, to p99 without",
            value=under / calm,
            unit="times",
            at_most=2.0,
            of=count,
        )
    ]


def _quantiles(name: str, what: str, times: list[float]) -> list[Figure]:
    return [
        Figure(
            what=f"{name}: {what}, {label}",
            value=value,
            unit="us",
            of=len(times),
        )
        for label, value in (("p50", statistics.median(times)), ("p99", _p99(times)))
    ]


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[-1]


def _prepare(folder: Path, size: int) -> _Load:
    """Write the names, the index and the files of questions."""
    listed = list(names(size))
    (folder / "names").write_text("\n".join(listed) + "\n")
    argv = [sys.executable, "-m", "tests.bench.index", "compile", str(size)]
    subprocess.run([*argv, str(folder)], check=True, capture_output=True)
    chance = random.Random(2)
    chance.shuffle(listed)
    refused = listed[: min(size, 200_000)]
    cached = [f"www.site{number}.test" for number in range(CACHED)]
    mixed = [
        name
        for number, bad in enumerate(refused)
        for name in (bad, *(cached[(2 * number + k) % CACHED] for k in (0, 1)))
    ]
    kinds = dict(zip(KINDS, (refused, cached, mixed), strict=True))
    files = {kind: folder / f"{kind}.questions" for kind in kinds}
    for kind, each in kinds.items():
        files[kind].write_text("".join(f"{name} A\n" for name in each))
    return _Load(files, kinds)


def _starts(
    folder: Path, upstream: int
) -> list[Callable[[], contextlib.AbstractContextManager[Engine]]]:
    probe = wire_question("www.site1.test", 1)
    starts: list[Callable[[], contextlib.AbstractContextManager[Engine]]] = [
        lambda: front(folder, upstream)
    ]
    configured = {
        "dnsmasq": dns_engines.dnsmasq,
        "unbound": dns_engines.unbound,
        "dnsdist": dns_engines.dnsdist,
    }
    for name, program in dns_engines.installed().items():
        port = free_port()
        argv = configured[name](program, folder, port, upstream)
        log = folder / f"{name}.log"
        starts.append(partial(running, name, argv, port, probe, log))
    return starts


@dataclass(frozen=True, slots=True)
class Front(Engine):
    """The front. steer: stands in for the daemon; other: another device's port."""

    steer: subprocess.Popen[str]
    other: int

    def switch_ms(self, *words: str) -> float:
        """Change the rules; return the milliseconds until the last ones hold."""
        assert self.steer.stdin is not None and self.steer.stdout is not None
        took = 0.0
        for word in words:
            self.steer.stdin.write(word + "\n")
            self.steer.stdin.flush()
            took = float(self.steer.stdout.readline().split()[1]) * 1e3
        return took


@contextlib.contextmanager
def front(folder: Path, upstream: int) -> Iterator[Front]:
    """Run the front pinned to one CPU."""
    port, other = free_port(), free_port()
    argv = [sys.executable, "-m", "tests.bench.dns_front", str(upstream)]
    argv += [str(folder / "work/index"), str(port), str(other)]
    begun = time.monotonic()
    process = subprocess.Popen(
        ["taskset", "-c", str(CPU_SERVER), *argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        pid = int(process.stdout.readline().split()[0])
        await_answer(port, wire_question("www.site1.test", 1))
        yield Front(FRONT, port, pid, time.monotonic() - begun, process, other)
    finally:
        process.communicate()


@contextlib.contextmanager
def _resolver(port: int, folder: Path) -> Iterator[None]:
    process = subprocess.Popen([*dns_engines.resolver(), str(port)])
    try:
        await_answer(port, wire_question("www.site1.test", 1))
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        small = "--small" in sys.argv
        found = compare(Path(place), SMALL if small else SIZE, quick=small)
        print(*(figure.as_line() for figure in found), sep="\n")
