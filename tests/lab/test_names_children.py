"""Whose rules a question is judged by: the asking device's own, as they are now."""

from __future__ import annotations

import re
from typing import Any

import pytest

from . import topology as net
from .ask import (
    PUBLIC4,
    PUBLIC6,
    ROUTER4,
    ROUTER6,
    SERVERS,
    Asker,
    answering,
    ask,
    dig,
    household,
    ports,
)
from .home import Home
from .moment import AFTERNOON, MACS, MakeHome
from .topology import DEVICES, HOSTS

pytestmark = pytest.mark.lab
VIDEO, SCHOOL = "video.lab.test", "school.lab.test"
# Below what one device may ask at once.
TIMES = 150


def test_a_change_holds_at_the_next_question(make_home: MakeHome) -> None:
    """Sites, pauses and grants: no answer by the rules of before, kept or not."""
    home = make_home(macs=MACS, devices=DEVICES[:1])
    with answering(home, AFTERNOON, household()) as guard:
        asker = Asker(home["tablet"])
        for turn in range(12):
            way: dict[str, Any] = {
                "tcp": turn % 2 == 1,
                "server": SERVERS[turn // 2 % 2],
            }
            assert asker.status(VIDEO, **way) == "NOERROR", turn
            guard.call("site", action="block", person="mia", names=[VIDEO])
            assert asker.status(VIDEO, **way) == "NXDOMAIN", turn
            guard.call("site", action="forget", person="mia", names=[VIDEO])
            assert asker.status(VIDEO, **way) == "NOERROR", turn
            guard.call("pause", person="mia", span="10m")
            assert asker.ask(VIDEO, **way)["ede"][0][0] == 18, turn
            guard.call("resume", person="mia")
        guard.call("access", person="mia", label="youtube", access="block")
        assert asker.ask("www.youtube.com")["ede"][0][0] == 17
        guard.call("access", person="mia", label="youtube", access="default")
        assert asker.ask("www.youtube.com")["ede"] == []
        # By the command itself, as a parent types it.
        guard.ask("site", "block", "mia", VIDEO)
        assert ask(home["tablet"], VIDEO).status == "NXDOMAIN"


def test_children_never_get_each_others_answers(make_home: MakeHome) -> None:
    """Two devices at the same instant, the same names, each allowed to one of them."""
    home = make_home(macs=MACS, devices=DEVICES[:2])
    document = household(mia={"block": [VIDEO]}, ben={"block": [SCHOOL]})
    with answering(home, AFTERNOON, document):
        mia, ben = Asker(home["tablet"]), Asker(home["laptop"], ROUTER6)
        video, school = (f"NOERROR {HOSTS[name][0]}" for name in (VIDEO, SCHOOL))
        # Who may fills the cache first, then who may not; and the other way round.
        assert ben.status(VIDEO) == "NOERROR" and mia.status(VIDEO) == "NXDOMAIN"
        assert ben.status(SCHOOL) == "NXDOMAIN" and mia.status(SCHOOL) == "NOERROR"
        for tcp in (False, True):
            for names in ([VIDEO, SCHOOL], [SCHOOL, VIDEO]):
                job = {"name": names, "repeat": TIMES // 4, "tcp": tcp}
                mia.begin(job)
                ben.begin(job)
                assert mia.end()["counts"] == {
                    VIDEO: {"NXDOMAIN": TIMES // 4},
                    SCHOOL: {school: TIMES // 4},
                }
                assert ben.end()["counts"] == {
                    VIDEO: {video: TIMES // 4},
                    SCHOOL: {"NXDOMAIN": TIMES // 4},
                }


def test_a_siblings_port_is_closed_to_hands(make_home: MakeHome) -> None:
    """Refused at once on every address of the router; so is one's own."""
    home = make_home(macs=MACS, devices=DEVICES[:2])
    document = household(mia={"block": [VIDEO]})
    with answering(home, AFTERNOON, document):
        asker = Asker(home["tablet"])
        led = ports(home)
        assert led.keys() == {MACS["tablet"], MACS["laptop"]}
        shown = home.router.run("ip -6 address show dev br-lan scope link").stdout
        local = re.search(r"inet6 (fe80:\S+)/", shown)
        assert local is not None
        addresses = [ROUTER4, ROUTER6, net.WAN4, net.WAN6, f"{local[1]}%eth0"]
        for address in addresses:
            for port in (*led.values(), 20053):
                for tcp in (False, True):
                    got = asker.ask(VIDEO, server=address, port=port, tcp=tcp)
                    assert got["status"] == "" and got["seconds"] < 1, got
                    # TCP: a reset; UDP: administratively prohibited (ICMP).
                    assert got["how"] in (
                        ("ECONNREFUSED",) if tcp else ("EHOSTUNREACH", "EACCES")
                    ), (address, port, got)
            # Asked properly, each of these addresses answers by the child's own rules.
            for tcp in (False, True):
                assert asker.status(VIDEO, server=address, tcp=tcp) == "NXDOMAIN"


def reply_ports(home: Home, address: str) -> set[int]:
    """Return the router's ports that answered a LAN address' questions to port 53."""
    family = "ipv6" if ":" in address else "ipv4"
    listed = home.router.run(["conntrack", "-L", "-f", family, "-s", address]).stdout
    # Original tuple first; then the reply's, whose source port is who answers.
    found = re.findall(r"dport=53 .*? sport=(\d+) dport=\d+", listed)
    return {int(port) for port in found}


def test_exempt_devices_never_reach_the_daemon(make_home: MakeHome) -> None:
    """Adults and things: the router's resolver itself, or the server they chose."""
    home = make_home(macs=MACS)
    home.inet.ip(f"addr add {PUBLIC4}/32 dev lo")
    with answering(home, AFTERNOON, household(mia={"block": [VIDEO]})) as guard:
        lines = [f"@{s} {VIDEO} A {w}" for s in SERVERS[:2] for w in ("+notcp", "+tcp")]
        for host in ("phone", "tv"):
            for reply in dig(home[host], *lines):
                assert reply.says == ("NOERROR", [HOSTS[VIDEO][0]], [])
            # Nobody leads them anywhere: what they ask outside is asked there.
            assert dig(home[host], f"@{PUBLIC4} {VIDEO} A", seconds=1)[0].status == ""
        asked = dig(home["tablet"], *lines, f"@{PUBLIC6} {VIDEO} A")
        assert {reply.status for reply in asked} == {"NXDOMAIN"}
        for host, expected in (
            ("phone", {53}),
            ("tv", {53}),
            ("tablet", {ports(home)[MACS["tablet"]]}),
        ):
            device = home.lan_host(host)
            found = reply_ports(home, device.ip4) | reply_ports(home, device.ip6)
            assert found == expected, host
        # And the answering process itself has counted nobody else.
        place = str(ports(home)[MACS["tablet"]])

        def counted() -> dict[str, list[int]]:
            return dict(guard.call("status")["names"]["stats"]["ports"])

        home.wait(lambda: counted()[place] == [5, 5], f"a count: {counted()}", 45)
        others = [number for port, number in counted().items() if port != place]
        assert others == [[0, 0]] * 2
        assert guard.call("status")["names"]["stats"]["questions"] == 5
