"""What a parent reads when something on the box breaks: the root cause, within 10 s.

The real daemon, web process and kernel; each fault is made as it happens on a router:
a program that fails, a process that dies, a full file system, a clock nobody vouches
for. What is not enforced must not stand on a page as if it were.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from guardian.store.atomic import ROOM
from webui import passwords

from .clockbox import LONG_AGO, Box
from .guard import MACS, Guard, example
from .home import Home
from .moment import AFTERNOON, HELP, HELP_AT, MakeHome, begin, how
from .pages import Reader, words
from .web import Web, web_user_options

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

PASSWORD = "four words of hers"
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]
WELL = "everything works"
# nft as it is, until the file beside it is there.
NFT = """#!/bin/sh
[ -e {folder}/broken ] && {{ echo "nft: cannot allocate memory" >&2; exit 1; }}
exec {real} "$@"
"""


@contextmanager
def pages_of(guard: Guard) -> Iterator[Reader]:
    """Serve the pages of a daemon that runs; Anna has taken the box and signed in."""
    code = guard.call("claim-code")["code"]
    guard.call("claim", code=code, name="Anna", hash=passwords.make_hash(PASSWORD, p=1))
    with Web(guard.home, guard) as web:
        anna = Reader(guard.home, web, "phone")
        assert "Mia" in words(anna.sign_in("Anna", PASSWORD))
        yield anna


@pytest.fixture
def home(make_home: MakeHome) -> Home:
    return make_home(macs=MACS, hosts={HELP: HELP_AT})


@pytest.fixture
def guard(home: Home) -> Iterator[Guard]:
    """Return the daemon of the example household in the afternoon, not started.

    Its log may complain: something will be broken.
    """
    made = Guard(home, example(), now=AFTERNOON, options=web_user_options())
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


def test_nft_fails_and_no_rule_is_on(home: Home, guard: Guard) -> None:
    folder = home.directory / "bin"
    folder.mkdir()
    real = shutil.which("nft")
    (folder / "nft").write_text(NFT.format(folder=folder, real=real))
    (folder / "nft").chmod(0o755)
    guard.programs = folder
    begin(guard)
    with pages_of(guard) as anna:
        said = words(anna.send("/", "/pause/mia"))
        assert "Paused for Mia until" in said and "Not confirmed" not in said
        assert how(home, "tablet") == HELD
        (folder / "broken").touch()
        for family in ("inet", "netdev"):
            home.router.run(["nft", "delete", "table", family, "guardian"])
        said = anna.shows("No rules are on right now")
        assert how(home, "tablet") == OPEN, "so it is true"
        assert WELL not in said
        assert "Not confirmed: this may not be in force." in said
        # A change is not told as done.
        said = words(anna.send("/", "/resume/mia"))
        assert "wasn't applied, and no rules are on right now." in said
        assert "has ended" not in said and "Earlier rules" not in said
        (folder / "broken").unlink()
        said = anna.shows(WELL)
        assert "Not confirmed" not in said
        # What was told as not applied was kept, and holds now.
        assert how(home, "tablet") == OPEN and "Paused" not in said


def test_the_lists_are_lost(home: Home, guard: Guard) -> None:
    begin(guard)
    lists = guard.state_dir / "lists"
    home.wait((lists / "current.idx").exists, "the first index", 60)
    with pages_of(guard) as anna:
        anna.shows(WELL)
        shutil.rmtree(lists)
        lists.write_text("no folder")
        said = anna.shows("no lists of sites")
        assert WELL not in said


def test_the_routers_resolver_stops(home: Home, guard: Guard) -> None:
    begin(guard)
    with pages_of(guard) as anna:
        anna.shows(WELL)
        home._dhcp.stop()
        said = anna.shows("The router finds no name server.")
        assert WELL not in said
        home.restart_dnsmasq()
        anna.shows(WELL)


def test_who_answers_questions_dies_and_dies(home: Home, guard: Guard) -> None:
    begin(guard)
    with pages_of(guard) as anna:
        anna.shows(WELL)
        for _ in range(20):
            # It is there again within moments at first, and later each time.
            for pid in fronts(guard):
                os.kill(pid, signal.SIGKILL)
            said = words(anna.get())
            if "Apps and sites aren't filtered right now." in said:
                break
        assert "Apps and sites aren't filtered right now." in said
        assert WELL not in said
        anna.shows(WELL, within=40)


def fronts(guard: Guard) -> list[int]:
    """Return the processes that answer questions."""
    assert guard.process is not None
    listed = Path(f"/proc/{guard.process.pid}/task/{guard.process.pid}/children")
    return [
        int(pid)
        for pid in listed.read_text().split()
        if Path(f"/proc/{pid}/comm").read_text().strip() == "guardian-names"
    ]


def test_nobody_vouches_for_the_clock(home: Home) -> None:
    box = Box(home, web_user_options())
    box.set_clock(LONG_AGO, known=False)
    box.start()
    with pages_of(box) as anna:
        said = anna.shows("The router doesn't know the time yet.")
        assert WELL not in said
        # The card says what holds, and no bedtime of a day that nobody knows.
        assert "Bedtime until" not in said and "Internet is on" not in said
        assert how(home, "tablet") == HELD
        box.set_clock(f"{AFTERNOON}+01:00")
        anna.shows(WELL)
        assert how(home, "tablet") == OPEN
    box.stop()


def test_the_storage_is_full(home: Home, guard: Guard) -> None:
    state = str(guard.state_dir)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", state], check=True
    )
    try:
        begin(guard)
        home.wait((guard.state_dir / "lists/current.idx").exists, "an index", 60)
        with pages_of(guard) as anna:
            anna.shows(WELL)
            left = os.statvfs(state)
            with (guard.state_dir / "fill").open("wb") as fill:
                room = left.f_bavail * left.f_frsize - ROOM // 2
                os.posix_fallocate(fill.fileno(), 0, room)
            said = anna.shows("The router's storage is full or can't be written.")
            assert WELL not in said
            said = words(anna.send("/", "/pause/mia"))
            assert how(home, "tablet") == (HELD if "Paused for Mia" in said else OPEN)
            (guard.state_dir / "fill").unlink()
            anna.shows(WELL)
        guard.stop()
    finally:
        subprocess.run(["umount", "-l", state], check=True)


def test_the_daemon_is_killed(home: Home, guard: Guard) -> None:
    begin(guard)
    with pages_of(guard) as anna:
        anna.shows(WELL)
        guard.kill()
        said = anna.shows("The router service stopped.")
        assert WELL not in said and "Last update" in said and "Mia" in said
        # Nothing can be changed, and nothing is told as changed.
        assert "disabled" in anna.get()
        said = words(anna.send("/", "/pause/mia"))
        assert "Paused for Mia until" not in said
        assert how(home, "tablet") == OPEN, "a lease runs to its end"
        guard.household = None
        begin(guard)
        anna.shows(WELL)
