"""Chains on interfaces that come, go and change (design: where, points 6 and 7)."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from guardian.compile.ruleset import Layout, render

from .home import Home
from .moment import (
    AFTERNOON,
    FAMILIES,
    MACS,
    NIGHT,
    Guard,
    MakeHome,
    assert_alive,
    assert_stopped,
    chains,
    example,
    flows,
    guarding,
    how,
    keys,
    silent,
)
from .topology import LAN6, ROUTER_MAC

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]
# The LAN as the rules see it when a flow table names two bridge ports.
PORTS = Layout(
    lan=("br-lan",),
    hooked=("br-lan",),
    router_macs=(ROUTER_MAC,),
    prefixes=("192.168.1.1/24", str(LAN6), "203.0.113.2", "2001:db8:ffff::2"),
)


def hooked(guard: Guard, *names: str) -> bool:
    """Tell whether exactly these interfaces have both their chains."""
    wanted = {f"{way}_{name}" for name in names for way in ("in", "out")}
    found = {c for c in chains(guard.home) if c.startswith(("in_", "out_"))}
    return found == wanted and guard.call("status")["enforced"]


def test_an_interface_that_goes_and_comes_back(make_home: MakeHome) -> None:
    """Point 6: the chains come back, nothing of a held child leaks meanwhile."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        parent = flows(home, "phone", [("udp-call", "chat")])
        probe = home.probe("tablet").wait_sending()
        for _ in range(3):
            home.delete_bridge()
            home.wait(
                lambda: guard.call("status")["interfaces"]["br-lan"] == "missing",
                "the daemon to notice",
            )
            home.recreate_bridge()
            home.wait(lambda: hooked(guard, "br-lan"), "the chains")
        assert "network-interface" not in guard.said()
        home.wait(lambda: all(f.alive() for f in parent), "the parent's call", 20)
        assert silent(probe)
        assert how(home, "tablet") == HELD


def test_a_lease_outlives_the_interface(make_home: MakeHome) -> None:
    """Point 6: an allowed child's call goes on once its interface is back."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        call = flows(home, "tablet", [("udp-call", "chat")])
        home.delete_bridge()
        home.recreate_bridge()
        home.wait(lambda: hooked(guard, "br-lan"), "the chains")
        home.wait(lambda: all(f.alive() for f in call), "the call", 20)
        at = time.monotonic()
        guard.call("pause", person="mia", span="30m")
        assert_stopped(call, at)


def test_an_interface_that_comes_back_without_hooks_answers_nobody(
    make_home: MakeHome,
) -> None:
    """Point 6: the forward chain spares what hooks judge by index, and it is another.

    Nobody renews the rules here, as when the daemon is dead.
    """
    home = make_home(macs=MACS, wan_open=True)
    number = int(home.router.run(f"cat /sys/class/net/{PORTS.lan[0]}/ifindex").stdout)
    known = replace(PORTS, indexes=(number,))
    home.router.run(["nft", "-f", "-"], text_in=render(known))
    home.delete_bridge()
    home.recreate_bridge()
    # Before Linux 6.16 they are gone by now.
    for chain in ("inet guardian in_br-lan", "netdev guardian out_br-lan"):
        home.router.run(f"nft delete chain {chain}", check=False)
    assert not {c for c in chains(home) if c.startswith(("in_", "out_"))}
    probe = home.probe("tablet").wait_sending()
    for family in FAMILIES:
        flow = probe.flows[family]
        home.wait(lambda: flow.received["down"].count > 100, "what comes unasked")
        assert flow.received["up"].count == 0
    assert how(home, "tablet") == HELD


def test_chains_follow_the_households_interfaces(make_home: MakeHome) -> None:
    """Point 6: an interface named later gets its chains, one taken out loses them."""
    home = make_home(macs=MACS)
    home.router.ip("link add br-guest type bridge")
    with guarding(home, NIGHT) as guard:
        assert hooked(guard, "br-lan")
        network(guard, "br-lan", "br-guest")
        home.wait(lambda: hooked(guard, "br-lan", "br-guest"), "the guest's chains")
        network(guard, "br-lan")
        home.wait(lambda: hooked(guard, "br-lan"), "the guest's chains to go")
        home.router.ip("link set br-guest up")
        network(guard, "br-lan", "br-later")
        home.router.ip("link add br-later type bridge")
        home.wait(lambda: hooked(guard, "br-lan", "br-later"), "the late one's chains")
        home.router.ip("link del br-later")
        status = guard.call("status")["interfaces"]
        assert status["br-lan"] == "hooked"
        assert how(home, "tablet") == HELD


def test_the_routers_link_addresses_are_kept_current(make_home: MakeHome) -> None:
    """Point 7: a stale router MAC would fail open on ports; links are listened to."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        assert keys(guard, "inet", "router_macs") == {ROUTER_MAC}
        changed = "60:38:e0:10:20:99"
        home.router.ip(f"link set br-lan address {changed}")
        for family in ("inet", "netdev"):
            home.wait(
                lambda: keys(guard, family, "router_macs") == {changed},
                "the new link address",
            )


def test_the_homes_prefixes_are_kept_current(make_home: MakeHome) -> None:
    """Point 8: a prefix the provider gives later is the home too, in both tables."""
    home = make_home(macs=MACS)
    home.serve("router", http=80)
    with guarding(home, NIGHT) as guard:
        home.router.ip("addr add 2001:db8:100:2::1/64 dev br-lan nodad")
        home.router.ip("addr add 203.0.113.77/32 dev wan0")
        for family in ("inet", "netdev"):
            home.wait(
                lambda: any(
                    "2001:db8:100:2::" in k for k in keys(guard, family, "home6")
                )
                and any("203.0.113.77" in k for k in keys(guard, family, "home4")),
                "the new addresses",
            )
        for url in ("http://[2001:db8:100:2::1]/", "http://203.0.113.77/"):
            assert home.fetch("tablet", url).ok, url


@pytest.mark.parametrize("family", FAMILIES)
def test_hooks_on_ports_cut_and_let_the_lan_pass(
    make_home: MakeHome, family: int
) -> None:
    """Point 7: on a port only frames to or from the router are judged."""
    home = make_home(macs=MACS)
    tablet, tv = home.lan_host("tablet"), home.lan_host("tv")
    layout = replace(PORTS, ports=(tablet.port, tv.port))
    load(home, layout, permit=[MACS["tablet"], MACS["tv"]])
    child = [
        home.flow("tablet", kind, server, family).wait_running()
        for kind, server in (("udp-call", "chat"), ("udp-push", "game"))
    ]
    inside = home.flow("tablet", "udp-call", "tv", family).wait_running()
    parent = home.flow("tv", "udp-call", "chat", family).wait_running()
    drop = "".join(
        f"delete element {table} guardian permit {{ {MACS['tablet']} }}\n"
        for table in ("inet", "netdev")
    )
    at = time.monotonic()
    home.router.run(["nft", "-f", "-"], text_in=drop)
    # Established, so the forward chain lets them pass: the ports' chains end them.
    assert_stopped(child, at)
    assert_alive([inside, parent])
    home.serve("router", http=80)
    page = "http://192.168.1.1/" if family == 4 else f"http://[{LAN6.ip}]/"
    assert home.fetch("tablet", page).ok, "the router's own page"
    url = "http://video.lab.test/"
    assert home.fetch("tablet", url, family, known=True).how == "refused"


def test_hooks_on_ports_with_a_stale_router_address_fail_open(
    make_home: MakeHome,
) -> None:
    """Point 7: why link events matter; frames to an unknown MAC are "the LAN's"."""
    home = make_home(macs=MACS)
    port = home.lan_host("tablet").port
    stale = replace(PORTS, ports=(port,), router_macs=("60:38:e0:00:00:01",))
    call = home.flow("tablet", "udp-call", "chat").wait_running()
    load(home, stale)
    assert call.alive()
    load(home, replace(stale, router_macs=(ROUTER_MAC,)))
    call.wait_stopped()


def load(home: Home, layout: Layout, *, permit: list[str] | None = None) -> None:
    """Load rules as the daemon would, with leases for some devices.

    The bridge's own chains are emptied: with offload on the ports they are blind.
    """
    text = render(layout)
    text += "flush chain inet guardian in_br-lan\n"
    text += "flush chain netdev guardian out_br-lan\n"
    for mac in permit or ():
        for table in ("inet", "netdev"):
            text += f"add element {table} guardian permit {{ {mac} timeout 1h }}\n"
    home.router.run(["nft", "-f", "-"], text_in=text)


def network(guard: Guard, *names: str) -> None:
    """Change the household's LAN interfaces."""
    document = example()
    document["network"]["lan"] = list(names)
    guard.call("household-import", text=json.dumps(document))
