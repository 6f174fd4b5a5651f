"""Names when something has died: daemon, answering process, router's resolver, WAN.

What holds then is stated here: a child is never left without names for long, and never
led past the household for as long as the household can answer.
"""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from .ask import (
    PUBLIC4,
    PUBLIC6,
    ROUTER4,
    ROUTER6,
    SERVERS,
    Asker,
    answering,
    household,
    ports,
    wait_answering,
)
from .home import Home
from .moment import AFTERNOON, MACS, Guard, MakeHome, begin
from .topology import DEVICES, HOSTS

pytestmark = pytest.mark.lab
VIDEO, SCHOOL = "video.lab.test", "school.lab.test"
DOCUMENT = household(mia={"block": [VIDEO]})


def answering_process(home: Home) -> int:
    """Return the process id of who answers questions."""
    found = [
        pid
        for pid in home.router.pids()
        if Path(f"/proc/{pid}/comm").read_text().strip() == "guardian-names"
    ]
    assert len(found) == 1, found
    return found[0]


def forgive(guard: Guard, pattern: str) -> None:
    """Take an error that a test has caused out of the daemon's log."""
    text = guard.log.read_text()
    assert re.search(pattern, text, re.MULTILINE), text
    lines = [line for line in text.splitlines(True) if not re.search(pattern, line)]
    guard.log.write_text("".join(lines))


def test_a_dead_daemon_leaves_the_routers_resolver(make_home: MakeHome) -> None:
    """kill -9: names by the router's own resolver, and by no other, within seconds."""
    home = make_home(macs=MACS, devices=DEVICES[:1])
    # A public resolver that answers; nobody must be able to ask it.
    home.inet.ip(f"addr add {PUBLIC4}/32 dev lo")
    with answering(home, AFTERNOON, DOCUMENT) as guard:
        asker = Asker(home["tablet"])
        assert asker.status(VIDEO) == "NXDOMAIN"
        front = answering_process(home)
        guard.kill()
        at = time.monotonic()
        # Its answers end when it notices; then nobody judges names any more.
        home.wait(
            lambda: asker.ask(VIDEO, wait=0.5)["status"] == "NOERROR",
            "the router's resolver",
            10,
        )
        assert time.monotonic() - at < 5
        home.wait(lambda: not Path(f"/proc/{front}").exists(), "the process to end")
        assert ports(home) == {}
        for server in SERVERS:
            for tcp in (False, True):
                said = asker.ask("mias-ipad.lan", server=server, tcp=tcp)
                assert said["data"] == [home.lan_host("tablet").ip4], (server, tcp)
        # What only a lease may do goes on until it ends.
        assert home.fetch("tablet", f"http://{SCHOOL}/").ok
        begin(guard)
        wait_answering(home, guard)
        assert asker.status(VIDEO, server=PUBLIC6) == "NXDOMAIN"


def test_a_dead_answering_process_is_replaced(make_home: MakeHome) -> None:
    """kill -9 of it alone, twice: names all the time, the child's own soon after."""
    home = make_home(macs=MACS, devices=DEVICES[:1])
    with answering(home, AFTERNOON, DOCUMENT) as guard:
        asker = Asker(home["tablet"])
        for _ in range(2):
            front = answering_process(home)
            assert asker.status(VIDEO) == "NXDOMAIN"
            os.kill(front, signal.SIGKILL)
            at = time.monotonic()
            home.wait(
                lambda: asker.ask(VIDEO, wait=0.3)["status"] == "NXDOMAIN"
                and answering_process(home) != front,
                "another answering process",
                20,
            )
            # 0.2 s and 0.4 s of waiting, and a start beside whatever else runs here.
            assert time.monotonic() - at < 5
        wait_answering(home, guard)
        for server in SERVERS:
            assert asker.status(VIDEO, server=server) == "NXDOMAIN"
        assert asker.status(SCHOOL) == "NOERROR"
        forgive(guard, "^ERROR front ended")


def test_a_dead_resolver_is_said_and_mended(make_home: MakeHome) -> None:
    """Refusals and kept answers go on; the rest is refused soon, with the reason."""
    home = make_home(macs=MACS, devices=DEVICES[:1])
    with answering(home, AFTERNOON, DOCUMENT):
        asker = Asker(home["tablet"])
        assert asker.status(SCHOOL) == "NOERROR"
        os.kill(int((home.directory / "router.pid").read_text()), signal.SIGKILL)
        home.wait(
            lambda: asker.ask("game.lab.test")["status"] != "NOERROR", "its death", 5
        )
        for server, tcp in ((ROUTER4, False), (ROUTER6, True), (PUBLIC4, False)):
            said = asker.ask("chat.lab.test", server=server, tcp=tcp, wait=15)
            assert said["status"] == "SERVFAIL", said
            assert said["ede"] and said["seconds"] < 10, said
            assert said["ede"][0][0] in (22, 23), said
            assert asker.status(VIDEO, server=server, tcp=tcp) == "NXDOMAIN"
            assert asker.status(SCHOOL, server=server, tcp=tcp) == "NOERROR", "kept"
        home.restart_dnsmasq()
        at = time.monotonic()
        home.wait(
            lambda: asker.ask("chat.lab.test", wait=15)["status"] == "NOERROR",
            "the resolver to be asked again",
            30,
        )
        assert time.monotonic() - at < 15


def test_without_wan_the_home_and_kept_answers_stay(make_home: MakeHome) -> None:
    """No route to anywhere: no question hangs, and all is well when it is back."""
    home = make_home(macs=MACS, devices=DEVICES[:1])
    with answering(home, AFTERNOON, DOCUMENT) as guard:
        asker = Asker(home["tablet"])
        for kind, index in (("A", 0), ("AAAA", 1)):
            assert asker.ask(SCHOOL, kind)["data"] == [HOSTS[SCHOOL][index]]
        home.router.ip("link set wan0 down")
        for kind, index in (("A", 0), ("AAAA", 1)):
            assert asker.ask(SCHOOL, kind)["data"] == [HOSTS[SCHOOL][index]]
        assert asker.ask("mias-ipad.lan")["data"] == [home.lan_host("tablet").ip4]
        assert asker.status(VIDEO) == "NXDOMAIN"
        said = asker.ask("chat.lab.test", wait=15)
        assert said["status"] in ("SERVFAIL", "REFUSED") and said["seconds"] < 12, said
        home.inet.ip("link set isp0 up")
        home.router.ip("link set wan0 up")
        home.router.ip("route add default via 203.0.113.1", check=False)
        home.router.ip("-6 address replace 2001:db8:ffff::2/64 dev wan0 nodad")
        home.router.ip("-6 route add default via 2001:db8:ffff::1", check=False)
        home.wait(
            lambda: asker.ask("chat.lab.test", wait=15)["status"] == "NOERROR",
            "names from outside",
            30,
        )
        assert guard.call("status")["enforced"]
