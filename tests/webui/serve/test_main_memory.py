"""The web process stays small with TLS in use, while many others hang on silently.

The figures are printed; only memory has a ceiling.
"""

import socket
import ssl
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from .process import Web, answer

CEILING_MB = 45
REQUESTS = 300
SILENT = 75
PAGE = b"GET / HTTP/1.1\r\nHost: guardian.home.arpa\r\nConnection: close\r\n\r\n"


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")


def test_memory_stays_below_the_ceiling(tmp_path: Path) -> None:
    started = time.perf_counter()
    with Web(tmp_path, module="tests.webui.serve.flasky") as web, ExitStack() as stack:
        times: list[float] = []
        silent: list[socket.socket] = []
        for number in range(REQUESTS):
            begun = time.perf_counter() if times else started
            with web.connect("https") as sock:
                sock.sendall(PAGE)
                status, body = answer(sock)
            assert status == 200 and b"<p>98" in body
            times.append(time.perf_counter() - begun)
            if number % 4 == 0:
                source = f"127.0.1.{1 + number % 5}"
                silent.append(stack.enter_context(web.connect("https", source=source)))
        assert len(silent) == SILENT
        silent[-1].setblocking(False)
        with pytest.raises(ssl.SSLWantReadError):
            silent[-1].recv(1)
        used = resident_mb(web.process.pid)
        print(
            f"memory={used:.1f} MB first page={times[0]:.3f} s with the start, "
            f"then {1000 * statistics.median(times[1:]):.1f} ms with a handshake each"
        )
        assert used <= CEILING_MB
