"""Allow-list mode: a device reaches what it asked for and was allowed, nothing else."""

from __future__ import annotations

import time

import pytest

from .ask import PUBLIC4, PUBLIC6, Asker, answering, household
from .flows import Flow
from .home import Home
from .moment import (
    AFTERNOON,
    BEDTIME,
    FAMILIES,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    assert_stopped,
    clock,
    how,
    mono_of,
)
from .topology import DEVICES, HOSTS

pytestmark = pytest.mark.lab
WIKI = ("198.51.100.140", "2001:db8:1::140")
SCHOOL = HOSTS["school.lab.test"]
GARDEN = {"only": True, "packs": ["encyclopedias"], "allow": ["school.lab.test"]}
REFUSED = "ECONNREFUSED"
LEAD_S = 20.0
TIMES = 100


def test_the_way_opens_with_the_answer_and_only_with_it(make_home: MakeHome) -> None:
    """No address by hand, no DoH, no tunnel; a name that is listed, as ever."""
    home = make_home(macs=MACS, devices=DEVICES[:1], hosts={"de.wikipedia.org": WIKI})
    for public in (f"{PUBLIC4}/32", f"{PUBLIC6}/128", "1.1.1.1/32"):
        home.inet.ip(f"addr add {public} dev lo")
    tablet = home["tablet"]
    with answering(home, AFTERNOON, household(mia=GARDEN)) as guard:
        asker = Asker(tablet)
        # Not yet asked for, so closed, though both are listed.
        for address in (*SCHOOL, *WIKI):
            assert asker.to(address, 80) == REFUSED
        for family in FAMILIES:
            for url in ("http://school.lab.test/", "https://de.wikipedia.org/"):
                assert home.fetch("tablet", url, family).how == "ok", (url, family)
        for address in (*SCHOOL, *WIKI):
            assert asker.to(address, 80) == "ok"
            assert asker.to(address, 7, udp=True) == "ok"
        for name in ("video.lab.test", "below.video.lab.test", "dns.google"):
            said = asker.ask(name)
            assert said["ede"] == [[15, "Only listed sites are open."]], name
        assert home.fetch("tablet", "http://video.lab.test/").how == "dns"
        # Typed by hand: a site, public resolvers by TLS and HTTPS.
        for address in (*HOSTS["video.lab.test"], PUBLIC4, PUBLIC6, "1.1.1.1"):
            for port in (80, 443, 853):
                assert asker.to(address, port) == REFUSED, (address, port)
            # WireGuard, QUIC, and a tunnel that looks like time. Kernels send few
            # refusals a second to one address, hence the silence.
            for port in (51820, 443, 123):
                met = asker.to(address, port, udp=True, wait=0.3)
                assert met in ("EHOSTUNREACH", "EACCES", "timeout"), (address, port)
        for address in (PUBLIC4, PUBLIC6):
            assert asker.ask("video.lab.test", server=address)[
                "ede"
            ], "not the household's"
        # Closed again at once when a parent takes it from the list.
        call = home.flow("tablet", "tcp-chat", "school").wait_running(15)
        at = time.monotonic()
        guard.call("site", action="forget", person="mia", names=["school.lab.test"])
        assert_stopped([call], at)
        assert asker.to(SCHOOL[0], 80) == REFUSED
        assert asker.to(WIKI[0], 80) == "ok"


def test_the_way_is_open_before_the_answer_leaves(make_home: MakeHome) -> None:
    """A client that connects at once is never refused: fresh addresses every time."""
    home = make_home(
        macs=MACS,
        devices=DEVICES[:1],
        dns=[f"host-record=n{n}.garden.test,{at4(n)},{at6(n)}" for n in range(TIMES)],
    )
    # The whole of both prefixes is the internet's server.
    home.inet.ip("route add local 198.18.0.0/16 dev lo")
    home.inet.ip("-6 route add local 2001:db8:1:18::/64 dev lo")
    mia = {"only": True, "packs": [], "allow": ["garden.test"]}
    with answering(home, AFTERNOON, household(mia=mia)) as guard:
        asker = Asker(home["tablet"])
        assert asker.to(at4(TIMES), 80) == REFUSED
        for kind, address, tcp in (("A", at4, False), ("AAAA", at6, True)):
            met = []
            for n in range(TIMES):
                name = f"n{n}.garden.test"
                said = asker.ask(name, kind, tcp=tcp, connect=80)
                assert said["data"] == [address(n)], said
                met.append(said["how"])
            assert met == ["ok"] * TIMES
        assert "tables-lost" not in guard.said()


def at4(n: int) -> str:
    """Return the n-th IPv4 address of the garden."""
    return f"198.18.{n // 250}.{n % 250 + 1}"


def at6(n: int) -> str:
    """Return the n-th IPv6 address of the garden."""
    return f"2001:db8:1:18::{n + 1:x}"


def visits(home: Home, server: str = "school.lab.test") -> list[Flow]:
    """Ask for a listed site, and start flows to it over both families."""
    asker = Asker(home["tablet"])
    for kind in ("A", "AAAA"):
        assert asker.status(server, kind=kind) == "NOERROR"
    kinds = ("tcp-chat", "udp-call", "udp-push")
    started = [home.flow("tablet", k, server, f) for k in kinds for f in FAMILIES]
    for flow in started:
        flow.wait_running(15)
    return started


@pytest.mark.parametrize("alive", [True, False], ids=["alive", "killed"])
def test_bedtime_ends_the_garden_too(make_home: MakeHome, alive: bool) -> None:
    """To the second, with the daemon and without it."""
    home = make_home(macs=MACS, devices=DEVICES[:1])
    with answering(home, clock(BEDTIME, LEAD_S), household(mia=GARDEN)) as guard:
        at = mono_of(guard, BEDTIME)
        going = visits(home)
        if not alive:
            guard.kill()
        assert time.monotonic() < at
        assert_stopped(going, at)
        # Whoever answers names now, the addresses stay closed.
        assert how(home, "tablet", "school.lab.test") != ["ok", "ok"]
        asker = Asker(home["tablet"])
        for address in SCHOOL:
            assert asker.to(address, 80) == REFUSED


def test_what_always_works_outlives_bedtime_and_no_pause(make_home: MakeHome) -> None:
    """A parent's list for the night: it lives on, and ends with a pause."""
    home = make_home(macs=MACS, devices=DEVICES[:1])
    document = household(mia={"always": ["school.lab.test"]})
    with answering(home, NIGHT, document) as guard:
        going = visits(home)
        assert_alive(going)
        asker = Asker(home["tablet"])
        assert asker.status("video.lab.test") == "NXDOMAIN"
        at = time.monotonic()
        guard.call("pause", person="mia", span="9h")
        assert_stopped(going, at)
        assert asker.ask("school.lab.test")["ede"][0][0] == 18
        assert asker.to(SCHOOL[0], 80) == REFUSED
        guard.call("resume", person="mia")
        assert asker.ask("school.lab.test", connect=80)["how"] == "ok"
