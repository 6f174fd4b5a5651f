"""Updating lists: what a run costs while it lasts, and how soon a start has an index.

A list of made-up names comes over https from the loopback; the update runs in a process
of its own, as the daemon starts it, with all the data of the package. Its PSS (proc(5),
smaps_rollup) is read fifty times a second: that is what an update adds to the steady
state, since nothing else grows meanwhile.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from random import Random

from guardian.core.feeds import FeedSpec
from guardian.lists.build import compile_index
from guardian.lists.collect import Arrived
from guardian.lists.index import Index
from guardian.lists.update import update
from guardian.shell.fetch import fetch
from guardian.shell.listinputs import load_inputs

from ..feedserver import authority, feed_server, text
from .figures import Figure, median
from .index import names

SIZES = (1_000_000, 5_000_000)
# Design, section 11.
PEAK_MB = {1_000_000: 32.0, 5_000_000: 48.0}
OCTETS_A_NAME = 8.0
START_S = 0.5
SAMPLE_S = 0.02
FEED = "sw-adult"


def measure(*, quick: bool) -> list[Figure]:
    """Return the figures for each size, and those of a first start."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in (20_000,) if quick else SIZES:
            figures += _one_size(size, Path(folder) / str(size))
        figures += _first_start(Path(folder), 2 if quick else 9)
    return figures


def run_here(folder: Path, url: str, size: int) -> dict[str, float]:
    """Run one update from `url` in this process."""
    inputs = load_inputs()
    (spec,) = (spec for spec in inputs.specs if spec.id == FEED)
    spec = replace(spec, url=url, entries=(1, size * 2), bytes_max=1 << 30)
    context = ssl.create_default_context(cafile=folder / "ca.pem")

    def fetched(of: FeedSpec, into: Path, etag: str, modified: str) -> Arrived | None:
        return fetch(of.url, into, bytes_max=of.bytes_max, context=context)

    begun = time.process_time()
    outcome = update(
        folder / "lists",
        replace(inputs, specs=(spec,)),
        fetched,
        now=datetime.now(timezone.utc),
        chance=Random(1),
    )
    assert outcome.changed and outcome.state.index, outcome.problem
    return {
        "s": time.process_time() - begun,
        "names": outcome.state.index.names,
        "bytes": outcome.state.index.size,
    }


def _one_size(size: int, folder: Path) -> list[Figure]:
    folder.mkdir()
    body = "".join(f"{name}\n" for name in names(size)).encode()
    authority(folder)
    with feed_server(folder) as server:
        server.answers["/list"] = text(body)
        argv = [sys.executable, "-m", "tests.bench.lists", str(folder)]
        argv += [server.url("/list"), str(size)]
        begun = time.monotonic()
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
            peak = 0.0
            while child.poll() is None:
                peak = max(peak, _pss_mb(child.pid))
                time.sleep(SAMPLE_S)
            took = time.monotonic() - begun
            assert child.stdout is not None and child.returncode == 0
            found = json.loads(child.stdout.read())
    texts = sum(path.stat().st_size for path in (folder / "lists/feeds").iterdir())
    shutil.rmtree(folder)
    of = f"{size:,} names"
    return [
        Figure(
            what=f"an update, peak PSS of its process, {of}",
            value=peak,
            unit="MB",
            at_most=PEAK_MB.get(size),
        ),
        Figure(
            what=f"octets a name, {of}",
            value=found["bytes"] / found["names"],
            unit="B",
            at_most=OCTETS_A_NAME if size in SIZES else None,
        ),
        Figure(what=f"an update, CPU time, {of}", value=found["s"], unit="s"),
        Figure(what=f"an update, start to end, {of}", value=took, unit="s"),
        Figure(
            what=f"the list's text on the disk, {of}", value=texts / size, unit="B/name"
        ),
    ]


def _first_start(folder: Path, rounds: int) -> list[Figure]:
    inputs = load_inputs()
    times, work = [], folder / "work"
    for _ in range(rounds):
        begun = time.process_time()
        made = compile_index(inputs.curated, inputs.rules(), work)
        times.append(time.process_time() - begun)
        number = Index(made.path).names
        shutil.rmtree(work)
    what = f"the first index, of our own {number:,} names"
    return [median(what, times, "s", at_most=START_S)]


def _pss_mb(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(found[0].split()[1]) * 1024 / 1e6 if found else 0.0


if __name__ == "__main__":
    print(json.dumps(run_here(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
