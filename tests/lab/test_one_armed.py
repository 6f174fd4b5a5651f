"""One-armed: a box beside the router, and devices whose gateway is the box.

What goes out passes it twice on one interface. What comes back passes it only where it
translates addresses (IPv4 here); over IPv6 the router answers the device directly, and
a server that sends on by itself is not stopped: enforced partly, and told so.
"""

from __future__ import annotations

import pytest

from . import topology as net
from .home import Home
from .host import Host, LanHost
from .moment import (
    AFTERNOON,
    BEDTIME,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    assert_stopped,
    clock,
    example,
    flows,
    guarding,
    how,
    mono_of,
    udp,
)

pytestmark = pytest.mark.lab
NETWORK = {"lan": ["eth0"], "mode": "one-armed"}
MASQUERADE = f"""
table ip home {{
    chain srcnat {{
        type nat hook postrouting priority srcnat;
        ip saddr {net.LAN4.network} ip daddr != {net.LAN4.network} masquerade
    }}
}}
"""


@pytest.fixture
def home(make_home: MakeHome) -> Home:
    """Return a home with a box beside its router, the gateway of Mia's devices."""
    home = make_home(macs=MACS)
    box = home.add_host("box", "b8:27:eb:20:00:09")
    box.sysctl({"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"})
    leads(box, str(net.LAN4.ip), link_local(home.router, net.LAN))
    # Else the router's conntrack takes the bridged packet for the first of a connection
    # and does not translate the same one when it comes back from the box.
    home.router.run("sysctl -q -w net.bridge.bridge-nf-call-iptables=0", check=False)
    for name in ("tablet", "laptop"):
        leads(home.lan_host(name), *gateways(box))
    return home


def link_local(host: Host, interface: str = "eth0") -> str:
    """Return the address by which routers know each other (RFC 4861, 8.1)."""
    shown = host.ip(f"-6 -o address show dev {interface} scope link")
    return shown.split(" inet6 ")[1].split("/")[0]


def gateways(box: Host) -> tuple[str, str]:
    """Return the addresses of the box as a gateway."""
    assert isinstance(box, LanHost)
    return box.ip4, link_local(box)


def leads(host: LanHost, gateway4: str, gateway6: str) -> None:
    """Set a host's gateways by hand and take no other from the router's RA."""
    host.sysctl({"net.ipv6.conf.eth0.accept_ra": "0"})
    host.ip("-6 route flush default")
    host.ip("-4 route flush default")
    host.ip(f"-4 route add default via {gateway4} dev eth0")
    host.ip(f"-6 route add default via {gateway6} dev eth0")


def first_hops(home: Home, name: str) -> tuple[str, str]:
    """Return the gateways that a device uses towards a server, after some packets."""
    for address in net.HOSTS["video.lab.test"]:
        home[name].run(["ping", "-c", "6", "-i", "0.2", address])
    routes = [home[name].ip(f"route get {ip}") for ip in net.HOSTS["video.lab.test"]]
    four, six = (route.split(" via ")[1].split()[0] for route in routes)
    return four, six


def test_bedtime(home: Home) -> None:
    start, at = clock(BEDTIME, 14), BEDTIME
    household = example(network=NETWORK)
    home["box"].run(["nft", "-f", "-"], text_in=MASQUERADE)
    with guarding(home, start, household, box=home["box"]) as guard:
        ends = mono_of(guard, at)
        child = flows(home, "tablet", (("tcp-download", "video"), ("tcp-chat", "chat")))
        child += [
            home.flow("tablet", "udp-call", "chat"),
            home.flow("tablet", "udp-push"),
        ]
        parent = flows(home, "phone", (("udp-call", "chat"),))
        for flow in child:
            flow.wait_running(10)
        assert_stopped(child, ends)
        assert_alive(parent)
        assert how(home, "tablet") == ["refused", "refused"]
        status = guard.call("status")
        assert status["mode"] == "one-armed" and status["enforced"]
        assert "partly-enforced" in [told["code"] for told in status["health"]]


def test_redirects_do_not_lead_round_the_box(home: Home) -> None:
    around = (str(net.LAN4.ip), link_local(home.router, net.LAN))
    # Without the rules the box tells a device of the shorter way, and it takes it.
    assert first_hops(home, "laptop") == around
    household = example(network=NETWORK)
    with guarding(home, AFTERNOON, household, box=home["box"]):
        assert first_hops(home, "tablet") == gateways(home["box"])


def test_blocked_from_the_start(home: Home) -> None:
    with guarding(home, NIGHT, example(network=NETWORK), box=home["box"]):
        assert how(home, "tablet") == ["refused", "refused"]
        assert set(udp(home, "tablet")) <= {"EHOSTUNREACH", "EACCES"}
        # Its gateway is the router itself: nothing of it passes the box.
        assert how(home, "phone") == ["ok", "ok"]
