"""What the clock does to names: homework, windows for kinds of sites, bedtime.

The windows' ends come by themselves; nobody tells the daemon.
"""

from __future__ import annotations

import time

import pytest

from .ask import Asker, answering, household
from .moment import (
    FAMILIES,
    MACS,
    MakeHome,
    assert_alive,
    assert_stopped,
    clock,
    mono_of,
    wait_until,
)
from .topology import DEVICES, HOSTS

pytestmark = pytest.mark.lab
BEGIN, END = "2026-10-26T16:00", "2026-10-26T16:30"
WIKI = ("198.51.100.140", "2001:db8:1::140")
YOUTUBE = ("198.51.100.141", "2001:db8:1::141")
NETFLIX = ("198.51.100.142", "2001:db8:1::142")
INTERNET = {
    "www.netflix.com": NETFLIX,
    "de.wikipedia.org": WIKI,
    "www.youtube.com": YOUTUBE,
    "restrict.youtube.com": YOUTUBE,
}
# A busy machine takes its time to start a daemon.
LEAD_S = 20.0


def window(kind: str, **more: object) -> dict[str, object]:
    """Return a window on school days between the two moments."""
    times = {"from": BEGIN[-5:], "to": END[-5:]}
    return {"id": "lesson", "kind": kind, "days": ["school"], **times, **more}


def test_homework_opens_learning_sites_and_nothing_else(make_home: MakeHome) -> None:
    """By name and by the address that was asked for; what else lives is ended."""
    home = make_home(macs=MACS, devices=DEVICES[:1], hosts=INTERNET)
    document = household(mia={"windows": [window("homework")]})
    with answering(home, clock(BEGIN, LEAD_S), document) as guard:
        asker = Asker(home["tablet"])
        at = mono_of(guard, BEGIN)
        for name in ("de.wikipedia.org", "video.lab.test"):
            assert asker.status(name) == "NOERROR"
        game = [home.flow("tablet", "tcp-chat", "game", f) for f in FAMILIES]
        wiki = [
            home.flow("tablet", "tcp-chat", "de.wikipedia.org", f) for f in FAMILIES
        ]
        for flow in (*game, *wiki):
            flow.wait_running(15)
        # Connections from before end, those to learning sites too: their addresses open
        # with the next question.
        assert_stopped((*game, *wiki), at)
        for kind, index in (("A", 0), ("AAAA", 1)):
            said = asker.ask("de.wikipedia.org", kind, connect=443)
            assert (said["data"], said["how"]) == ([WIKI[index]], "ok")
        wiki = [
            home.flow("tablet", "tcp-chat", "de.wikipedia.org", f) for f in FAMILIES
        ]
        for flow in wiki:
            flow.wait_running(15)
        said = asker.ask("video.lab.test")
        text = "It is homework time: only learning sites. Until 16:30."
        assert (said["status"], said["ede"]) == ("NXDOMAIN", [[18, text]])
        for family in FAMILIES:
            assert home.fetch("tablet", "http://de.wikipedia.org/", family).how == "ok"
        for address in (*HOSTS["video.lab.test"], *HOSTS["game.lab.test"]):
            assert asker.to(address, 80) == "ECONNREFUSED"
        guard.call("pause", person="mia", span="5m")
        assert_stopped(wiki, time.monotonic())


def test_windows_for_kinds_turn_by_themselves(make_home: MakeHome) -> None:
    """One begins as another ends; only names change, the lease and what lives stay."""
    home = make_home(macs=MACS, devices=DEVICES[:1], hosts=INTERNET)
    before = {"id": "break", "kind": "sites", "days": ["school"], "blocks": ["netflix"]}
    windows = [
        window("sites", blocks=["youtube"]),
        {**before, "from": "15:30", "to": BEGIN[-5:]},
    ]
    document = household(mia={"windows": windows})
    with answering(home, clock(BEGIN, LEAD_S), document) as guard:
        asker = Asker(home["tablet"])
        at = mono_of(guard, BEGIN)
        assert asker.status("www.youtube.com") == "NOERROR"
        assert asker.ask("www.netflix.com")["ede"][0][0] == 17
        call = home.flow("tablet", "udp-call", "chat").wait_running(15)
        wait_until(at + 1)
        assert asker.ask("www.youtube.com")["ede"][0][0] == 17
        assert asker.ask("www.netflix.com")["data"] == [NETFLIX[0]]
        assert asker.status("video.lab.test") == "NOERROR"
        assert_alive([call])
        # A family may let it be for a day.
        guard.call("exception", person="mia", kind="sites", off=True)
        assert asker.status("www.youtube.com") == "NOERROR"
