"""One flow is cut, and only that one (design: changing, point 11)."""

from __future__ import annotations

import time

import pytest

from .flows import Flow
from .home import Home
from .moment import (
    AFTERNOON,
    FAMILIES,
    MACS,
    MakeHome,
    assert_alive,
    assert_stopped,
    guarding,
)

pytestmark = pytest.mark.lab
LOCAL = 45001


def cut(home: Home, flow: Flow, *, twin: bool = True, timeout: str = "1h") -> str:
    """Return the elements that cut a flow of the tablet, for nft."""
    n, tablet = flow.family, home.lan_host("tablet")
    proto = "tcp" if flow.kind.startswith("tcp") else "udp"
    here = tablet.ip4 if n == 4 else tablet.ip6
    there = f"{flow.address} . {flow.port} . {proto}"
    text = (
        f"add element inet guardian cut{n} "
        f"{{ {tablet.mac} . {there} . {LOCAL} timeout {timeout} }}\n"
    )
    if twin:
        text += (
            f"add element inet guardian twin{n} "
            f"{{ {there} . {here} . {LOCAL} timeout {timeout} }}\n"
        )
    return text


def forget(home: Home, flow: Flow) -> None:
    """Delete a flow's connection entry."""
    proto = "tcp" if flow.kind.startswith("tcp") else "udp"
    family = "ipv4" if flow.family == 4 else "ipv6"
    argv = ["conntrack", "-D", "-f", family, "-p", proto]
    argv += ["--orig-port-src", str(LOCAL), "--orig-dst", flow.address]
    home.router.run([*argv, "--orig-port-dst", str(flow.port)])


@pytest.mark.parametrize("wan_open", [False, True], ids=["wan-closed", "wan-open"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ["tcp-chat", "udp-call"])
def test_a_cut_flow_stays_cut_both_ways(
    make_home: MakeHome, kind: str, family: int, wan_open: bool
) -> None:
    """Point 11: whoever sends first after its entry is gone; the next one goes on."""
    home = make_home(macs=MACS, wan_open=wan_open)
    with guarding(home, AFTERNOON):
        flow = home.flow("tablet", kind, "chat", family, local_port=LOCAL)
        flow.wait_running()
        # The same address and even port: two sites behind one CDN.
        other = home.flow("tablet", "udp-call", "chat", family, port=flow.port + 100)
        other.wait_running()
        home.router.run(["nft", "-f", "-"], text_in=cut(home, flow))
        assert_alive([flow, other])
        at = time.monotonic()
        forget(home, flow)
        assert_stopped([flow], at)
        assert_alive([other])
        assert "client" in flow.errors(), "refused, not left hanging"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_twin_holds_when_the_server_speaks_first(
    make_home: MakeHome, family: int
) -> None:
    """Point 11: the server's packet makes the new entry; the twin meets it."""
    home = make_home(macs=MACS, wan_open=True)
    with guarding(home, AFTERNOON):
        # One hello, then only the server sends.
        push = home.flow("tablet", "udp-push", "game", family, local_port=LOCAL)
        push.wait_running()
        home.router.run(["nft", "-f", "-"], text_in=cut(home, push))
        at = time.monotonic()
        forget(home, push)
        assert_stopped([push], at)


def test_without_its_twin_a_flow_escapes(make_home: MakeHome) -> None:
    """Point 11: why there is one; routed IPv6 with the WAN side open."""
    home = make_home(macs=MACS, wan_open=True)
    with guarding(home, AFTERNOON):
        push = home.flow("tablet", "udp-push", "game", 6, local_port=LOCAL)
        push.wait_running()
        text = cut(home, push, twin=False)
        home.router.run(["nft", "-f", "-"], text_in=text)
        forget(home, push)
        assert push.alive(2.0)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cut_ends_with_its_timeout(make_home: MakeHome, family: int) -> None:
    """Point 11: the element goes by itself; what still asks then gets through."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON):
        flow = home.flow("tablet", "udp-call", "chat", family, local_port=LOCAL)
        flow.wait_running()
        home.router.run(["nft", "-f", "-"], text_in=cut(home, flow, timeout="3s"))
        forget(home, flow)
        flow.wait_stopped()
        home.wait(flow.alive, "the call to go on")


def test_a_reload_of_the_rules_keeps_cuts(make_home: MakeHome) -> None:
    """Point 14: rules are replaced, elements and the time they have left stay."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        flow = home.flow("tablet", "udp-call", "chat", 4, local_port=LOCAL)
        flow.wait_running()
        home.router.run(["nft", "-f", "-"], text_in=cut(home, flow))
        forget(home, flow)
        flow.wait_stopped()
        assert guard.call("apply")["enforced"]
        assert flow.silent(0.5)
