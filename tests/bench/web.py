"""The pages on the router: first page after a start, later ones, weight and memory.

A parent's phone in the lab asks the real web process over TLS, signed in, before the
real daemon. Server time is what curl waits between the end of its request and the
first octet of the answer, on a connection that is open.
"""

from __future__ import annotations

import statistics
import subprocess
import time

from webui import passwords

from ..lab.guard import MACS, Guard, example
from ..lab.home import Home
from ..lab.moment import AFTERNOON
from ..lab.pages import Reader
from ..lab.web import Web, web_user_options
from .figures import Figure, median
from .memory import resident_mb

STARTS, ASKED = 9, 60
FILES = ("static/guardian.css", "static/guardian.js", "static/icon.svg") + (
    "manifest.webmanifest",
)
PAGES = ("", "child/mia", "child/mia/schedule", "child/mia/sites") + tuple(
    "requests log activity devices settings calendar tech help me".split()
)
PASSWORD = "four words of hers"
COLD_S, WARM_MS = 1.5, 50.0
FIRST_KB, LATER_KB = 60.0, 15.0
MEMORY_MB = 45.0
# The process gives memory back when it has been quiet for some seconds.
QUIET_S = 6.0
_WAITED = "%{time_pretransfer} %{time_starttransfer} %{size_header} %{size_download}\n"


def measure(*, quick: bool) -> list[Figure]:
    """Return times, weights and memory of the pages of a family with two children."""
    with Home("bench", macs=MACS) as home:
        guard = Guard(home, example(), now=AFTERNOON, options=web_user_options())
        guard.start()
        code = guard.call("claim-code")["code"]
        hashed = passwords.make_hash(PASSWORD)
        guard.call("claim", code=code, name="Anna", hash=hashed)
        web = Web(home, guard, options=("--idle-exit", "0"))
        with web:
            anna = Reader(home, web, "phone")
            anna.sign_in("Anna", PASSWORD)
        figures = [_cold(web, anna, 1 if quick else STARTS)]
        with web:
            figures += _warm(anna, 3 if quick else ASKED)
            figures += _weight(anna)
            figures += _memory(web, anna, 0.1 if quick else QUIET_S)
        figures.append(_idle(Web(home, guard, options=("--idle-exit", "1"))))
        guard.stop()
    return figures


def _cold(web: Web, anna: Reader, starts: int) -> Figure:
    times = []
    for _ in range(starts):
        begun = time.monotonic()
        with web:
            assert "Mia" in anna.get()
            times.append(time.monotonic() - begun)
    what = "start of the process to the first Home over TLS"
    return median(what, times, "s", at_most=COLD_S)


def _asked(anna: Reader, paths: tuple[str, ...]) -> list[tuple[float, int]]:
    """Ask for pages on one connection; return server time in ms and octets of each."""
    more = [word for path in paths for word in ("-o", "/dev/null", anna.url(path))]
    lines = anna.curl("-H", "Accept-Encoding: gzip", "-w", _WAITED, *more).splitlines()
    found = []
    for line in lines:
        sent, began, head, body = map(float, line.split())
        found.append((1000 * (began - sent), int(head + body)))
    return found


def _warm(anna: Reader, asked: int) -> list[Figure]:
    home = [ms for ms, _ in _asked(anna, ("",) * (asked + 1))[1:]]
    pages = _asked(anna, PAGES * 3)[len(PAGES) :]
    slowest = {
        path: statistics.median(ms for ms, _ in pages[at :: len(PAGES)])
        for at, path in enumerate(PAGES)
    }
    path = max(slowest, key=lambda one: slowest[one])
    return [
        median("server time, Home, warm", home, "ms", at_most=WARM_MS),
        Figure(
            what=f"server time, slowest page (/{path})", value=slowest[path], unit="ms"
        ),
    ]


def _weight(anna: Reader) -> list[Figure]:
    """Return octets with headers, compressed, as they travel inside TLS."""
    first = sum(octets for _, octets in _asked(anna, ("", *FILES)))
    later = dict(zip(PAGES, (octets for _, octets in _asked(anna, PAGES))))
    path = max(later, key=lambda one: later[one])
    weights = (
        ("first load: Home, style, script, icon, manifest", first, FIRST_KB),
        ("Home after that", later[""], LATER_KB),
        (f"heaviest page after that (/{path})", later[path], LATER_KB),
    )
    return [
        Figure(what=what, value=octets / 1000, unit="kB", at_most=target)
        for what, octets, target in weights
    ]


def _memory(web: Web, anna: Reader, quiet: float) -> list[Figure]:
    """Return memory after a sign-in with its hash, and a look at every page."""
    anna.forget()
    anna.sign_in("Anna", PASSWORD)
    for _ in range(3):
        _asked(anna, PAGES)
    time.sleep(quiet)
    found = resident_mb(web.process)
    return [
        Figure(what=f"{kind}, TLS in use", value=value, unit="MB", at_most=MEMORY_MB)
        for kind, value in zip(("RSS", "PSS"), found)
    ]


def _idle(web: Web) -> Figure:
    """Return what the process still takes when nobody has asked for a while."""
    left = 0.0
    web.start()
    assert web.process is not None
    try:
        web.process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        left, _ = resident_mb(web.process)
        web.stop()
    return Figure(what="RSS when nobody asks", value=left, unit="MB", at_most=0)
