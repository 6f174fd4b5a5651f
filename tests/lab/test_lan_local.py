"""What stays in the home is never judged (design: where, points 5, 7 and 8)."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

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
    clock,
    guarding,
    how,
    mono_of,
    resolve,
    wait_until,
)

pytestmark = pytest.mark.lab
SCHOOL = "198.51.100.20"
HELD = ["refused", "refused"]
# Serves one DNS-like port and counts what reaches it, UDP and TCP.
SERVER53 = """
import socket, sys, threading
heard = open(sys.argv[1], "a", buffering=1)
def udp(address):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                         socket.SOCK_DGRAM)
    sock.bind((address, 53))
    def loop():
        while True:
            heard.write(f"udp {address} {sock.recvfrom(2048)[1][0]}\\n")
    threading.Thread(target=loop).start()
def tcp(address):
    sock = socket.create_server((address, 53), family=socket.AF_INET6
                                if ":" in address else socket.AF_INET)
    def loop():
        while True:
            heard.write(f"tcp {address} {sock.accept()[1][0]}\\n")
    threading.Thread(target=loop).start()
for address in sys.argv[2:]:
    udp(address), tcp(address)
print("ready", flush=True)
"""
KNOCK = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
socket.socket(family, socket.SOCK_DGRAM).sendto(b"knock", (sys.argv[1], 53))
socket.create_connection((sys.argv[1], 53), 5)
"""


def test_the_home_goes_on_over_bedtime(make_home: MakeHome) -> None:
    """Point 7: tablet to TV, both ways, IPv4 and IPv6, before and after."""
    home = make_home(macs=MACS)
    inside = [
        home.flow("tablet", kind, "tv", family).wait_running()
        for family in FAMILIES
        for kind in ("tcp-download", "udp-call")
    ]
    with guarding(home, clock(BEDTIME, 4)) as guard:
        at = mono_of(guard, BEDTIME)
        wait_until(at + 0.5)
        assert how(home, "tablet") == HELD
        assert_alive(inside)
        for flow in inside:
            for way in flow.directions:
                assert flow.largest_gap(way, at - 1)[0] < 1, flow


def test_the_routers_own_pages_stay_open(make_home: MakeHome) -> None:
    """Point 8: the router's own addresses, the LAN's and the WAN's, at night."""
    home = make_home(macs=MACS)
    home.serve("router", http=80)
    with guarding(home, NIGHT):
        for url in (
            "http://192.168.1.1/",
            "http://[2001:db8:100:1::1]/",
            "http://203.0.113.2/",
            "http://[2001:db8:ffff::2]/",
        ):
            assert home.fetch("tablet", url).ok, url
        assert how(home, "tablet") == HELD


def test_dhcp_and_router_advertisements_go_on(make_home: MakeHome) -> None:
    """Point 7: a held device renews its lease, and comes anew with all addresses."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT):
        tablet = home.lan_host("tablet")
        tablet.down()
        tablet.up()
        tablet.wait_addresses()
        assert how(home, "tablet") == HELD

        def acknowledged() -> int:
            log = (home.directory / "router.log").read_text()
            lines = [line for line in log.splitlines() if "DHCPACK" in line]
            return sum(tablet.mac in line for line in lines)

        before = acknowledged()
        (client,) = [
            pid
            for pid in tablet.pids()
            if b"udhcpc" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        ]
        # udhcpc(8): SIGUSR1 renews, by unicast to the server.
        os.kill(client, signal.SIGUSR1)
        home.wait(lambda: acknowledged() > before, "the renewal")


@pytest.mark.parametrize("when", [AFTERNOON, NIGHT], ids=["open", "held"])
def test_names_come_from_the_routers_resolver(make_home: MakeHome, when: str) -> None:
    """Point 8: whoever is asked, over UDP and TCP, the answer is the household's.

    At night that is a refusal, which has no address.
    """
    home = make_home(macs=MACS)
    servers = ("192.168.1.1", "2001:db8:100:1::1", "8.8.8.8", "2001:4860:4860::8888")
    with guarding(home, when):
        got = resolve(home, "tablet", "school.lab.test", *servers)
        assert got == (2 * len(servers) * [SCHOOL] if when == AFTERNOON else [])


@pytest.mark.parametrize("when", [AFTERNOON, NIGHT], ids=["open", "held"])
def test_port_53_is_no_way_out(make_home: MakeHome, when: str) -> None:
    """Point 8: a server on port 53 in the internet hears nothing, UDP or TCP."""
    home = make_home(macs=MACS)
    addresses = home.names["game.lab.test"]
    heard = server53(home, *addresses)
    with guarding(home, when):
        got = resolve(home, "tablet", "school.lab.test", *addresses)
        told = 4 * [SCHOOL] if when == AFTERNOON else []
        assert got == told, "the household's answer, whoever was asked"
        assert heard.read_text() == ""
        # The parent's questions do arrive; nobody answers them.
        for address in addresses:
            home["phone"].run([sys.executable, "-c", KNOCK, address])
        home.wait(lambda: heard.read_text().count("\n") == 4, "the parent's knocks")


@pytest.mark.parametrize("family", FAMILIES)
def test_port_53_is_no_way_out_when_the_server_begins(
    make_home: MakeHome, family: int
) -> None:
    """Point 8: nor where the firewall lets a server's packet come first."""
    home = make_home(macs=MACS, wan_open=True)
    with guarding(home, NIGHT):
        tunnel = home.flow("tablet", "udp-probe", "game", family, port=53, rate=200)
        parent = home.flow("phone", "udp-probe", "game", family, port=5353, rate=200)
        parent.wait_running()
        home.wait(lambda: sent(tunnel) > 100, "a hundred packets")
        assert tunnel.arrivals("up") == []


def sent(flow: Flow) -> int:
    """Return how many packets the less busy side has sent."""
    return min(flow.sent_count(way) for way in flow.directions)


def server53(home: Home, *addresses: str) -> Path:
    """Listen on port 53 of some addresses in the internet; returns what is heard."""
    heard = home.directory / "heard53"
    heard.touch()
    process = home["inet"].popen(
        [sys.executable, "-c", SERVER53, str(heard), *addresses], stdout=-1
    )
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return heard
