"""What the LAN looks like, from the real kernel's links, addresses and neighbours."""

from __future__ import annotations

import select
from collections.abc import Iterator

import pytest

from guardian.core.events import AddressSeen, Event, HomeSeen
from guardian.shell import nft
from guardian.shell.home import HomeWatch
from guardian.shell.routes import RouteSocket
from guardian.wire.netlink.message import Lost
from tests.build import mac
from tests.lab.namespaces import wait_for
from tests.shell.namespace import private_net, sh

pytestmark = pytest.mark.lab

BRIDGE = mac(100)
# A home: a bridge with two ports, and a WAN side. Neighbours are put in by hand.
HOME = f"""
sysctl -q net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
ip link add br-lan address {BRIDGE} type bridge
for port in lan1 lan2; do
    ip link add $port type veth peer name far-$port
    ip link set $port master br-lan; ip link set $port up; ip link set far-$port up
done
ip link set br-lan up
ip addr add 192.168.1.1/24 dev br-lan
ip -6 addr add fd00:1::1/64 dev br-lan nodad
ip link add wan0 type veth peer name isp; ip link set isp up; ip link set wan0 up
ip addr add 203.0.113.2/24 dev wan0
"""


@pytest.fixture
def net() -> Iterator[None]:
    with private_net():
        sh(HOME)
        yield


@pytest.fixture
def watch(net: None) -> HomeWatch:
    """Return a watch that has seen the home as it is."""
    made = HomeWatch(("br-lan", "lan9"))
    made.survey()
    drained(made)
    return made


def drained(watch: HomeWatch) -> list[Event]:
    """Return the events that wait."""
    found: list[Event] = []
    while select.select([watch.fileno()], [], [], 0)[0]:
        found += watch.read()
    return found


def last_home(events: list[Event]) -> HomeSeen:
    homes = [event for event in events if isinstance(event, HomeSeen)]
    return homes[-1]


def seen(events: list[Event]) -> list[AddressSeen]:
    return [event for event in events if isinstance(event, AddressSeen)]


def neigh(
    address: str, last: int, state: str = "reachable", dev: str = "br-lan"
) -> str:
    return f"ip neigh replace {address} lladdr {mac(last)} nud {state} dev {dev}"


def test_a_survey_finds_the_home_and_who_is_in_it(net: None) -> None:
    sh(neigh("192.168.1.20", 1))
    sh(neigh("fd00:1::20", 1, "stale"))
    sh(neigh("203.0.113.1", 9, dev="wan0"))
    home, *neighbours = HomeWatch(("br-lan", "lan9")).survey()
    assert isinstance(home, HomeSeen)
    assert home.hooked == ("br-lan",) and home.ports == ()
    assert home.router_macs == (BRIDGE,)
    assert {"192.168.1.1/24", "fd00:1::1/64"} <= set(home.prefixes)
    # The internet side is not the home, but the router's own address there is.
    assert "203.0.113.2" in home.prefixes and "203.0.113.2/24" not in home.prefixes
    assert set(neighbours) == {
        AddressSeen(mac(1), "192.168.1.20", "br-lan"),
        AddressSeen(mac(1), "fd00:1::20", "br-lan"),
    }


def test_nothing_new_is_no_event(watch: HomeWatch) -> None:
    assert watch.read() == []


def test_neighbours_come(watch: HomeWatch) -> None:
    sh(neigh("192.168.1.20", 1))
    sh(neigh("fd00:1::20", 2, "stale"))
    assert seen(drained(watch)) == [
        AddressSeen(mac(1), "192.168.1.20", "br-lan"),
        AddressSeen(mac(2), "fd00:1::20", "br-lan"),
    ]


def test_an_address_that_moves_to_another_device(watch: HomeWatch) -> None:
    sh(neigh("192.168.1.20", 1))
    sh(neigh("192.168.1.20", 2))
    assert [e.mac for e in seen(drained(watch))] == [mac(1), mac(2)]


@pytest.mark.parametrize(
    "command",
    [
        neigh("203.0.113.1", 9, dev="wan0"),
        neigh("192.168.1.20", 1, "failed"),
        neigh("192.168.1.20", 1, "noarp"),
        "ip neigh replace 192.168.1.20 nud incomplete dev br-lan",
        "ip neigh del 192.168.1.30 dev br-lan",
        # The bridge's own table of MACs behind its ports says nothing of addresses.
        f"bridge fdb add {mac(5)} dev lan1 master",
        # The router's own address, as it shows up where a bridge hears itself.
        neigh("192.168.1.1", 100, dev="br-lan"),
    ],
    ids=["wan", "failed", "noarp", "incomplete", "deleted", "fdb", "ours"],
)
def test_what_is_no_sighting(watch: HomeWatch, command: str) -> None:
    sh(neigh("192.168.1.30", 3))
    drained(watch)
    sh(command)
    assert seen(drained(watch)) == []


def test_an_interface_goes_and_comes_back(watch: HomeWatch) -> None:
    sh("ip link del br-lan")
    gone = last_home(drained(watch))
    assert gone.hooked == () and gone.router_macs == ()
    assert not any("192.168.1.1" in prefix for prefix in gone.prefixes)
    sh(f"ip link add br-lan address {mac(101)} type bridge; ip link set br-lan up")
    sh("ip addr add 192.168.1.1/24 dev br-lan")
    back = last_home(drained(watch))
    assert back.hooked == ("br-lan",) and back.router_macs == (mac(101),)
    assert "192.168.1.1/24" in back.prefixes


def test_the_routers_mac_changes(watch: HomeWatch) -> None:
    sh(f"ip link set br-lan address {mac(102)}")
    assert last_home(drained(watch)).router_macs == (mac(102),)


def test_addresses_come_and_go(watch: HomeWatch) -> None:
    sh("ip addr add 10.0.0.1/16 dev br-lan")
    sh("ip -6 addr add 2001:db8::9/56 dev wan0 nodad")
    prefixes = last_home(drained(watch)).prefixes
    assert "10.0.0.1/16" in prefixes and "2001:db8::9" in prefixes
    sh("ip addr del 10.0.0.1/16 dev br-lan")
    assert "10.0.0.1/16" not in last_home(drained(watch)).prefixes


def test_a_second_lan_interface_appears_under_its_name(watch: HomeWatch) -> None:
    sh("ip link add lan8 type bridge")
    assert last_home(drained(watch)).hooked == ("br-lan",)
    sh("ip link set lan8 name lan9")
    assert last_home(drained(watch)).hooked == ("br-lan", "lan9")


def test_the_watched_names_may_change(watch: HomeWatch) -> None:
    watch.lan = ("wan0",)
    home = watch.survey()[0]
    assert isinstance(home, HomeSeen)
    assert home.hooked == ("wan0",) and "203.0.113.2/24" in home.prefixes


def test_ports_that_a_flow_table_names_are_judged_too(
    watch: HomeWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This kernel may have no flow tables; which devices one names is nft's answer.
    named: set[str] = set()
    monkeypatch.setattr(nft, "flowtable_devices", lambda: frozenset(named))
    assert last_home(watch.offload_changed()).ports == ()
    named |= {"lan1", "lan2", "wan0", "elsewhere"}
    assert last_home(watch.offload_changed()).ports == ("lan1", "lan2")
    sh("ip link set lan2 nomaster")
    assert last_home(drained(watch)).ports == ("lan1",)
    assert "lan2" in sh("ip -o link show lan2")
    sh("ip link set lan2 master br-lan")
    assert last_home(drained(watch)).ports == ("lan1", "lan2")
    sh("ip link del lan1")
    assert last_home(drained(watch)).ports == ("lan2",)


def test_events_lost_are_made_good_by_a_survey(watch: HomeWatch) -> None:
    # More than the socket holds: 512 KiB of link events of several hundred bytes.
    other = RouteSocket()
    sh(
        "i=0; while [ $i -lt 1500 ]; do"
        " echo link set br-lan txqueuelen $((1000 + i)); i=$((i + 1)); done"
        " | ip -batch -"
    )
    sh(neigh("192.168.1.20", 1))
    assert other.read_events() == [Lost()]
    other.close()
    events = drained(watch)
    assert last_home(events).hooked == ("br-lan",)
    assert AddressSeen(mac(1), "192.168.1.20", "br-lan") in events


def test_the_descriptor_wakes_a_waiting_loop(watch: HomeWatch) -> None:
    sh(neigh("192.168.1.20", 1))
    wait_for(lambda: select.select([watch.fileno()], [], [], 0)[0], "an event", 5)
    assert seen(watch.read())


# --- whose an address is


@pytest.mark.parametrize("address", ["192.168.1.20", "::ffff:192.168.1.20"])
def test_an_address_is_its_neighbours(watch: HomeWatch, address: str) -> None:
    assert watch.owner(address) is None
    sh(neigh("192.168.1.20", 1))
    assert watch.owner(address) == mac(1)
    sh(neigh("192.168.1.20", 2))
    assert watch.owner(address) == mac(2), "at this moment, not when first seen"


def test_a_global_ipv6_address_in_any_spelling(watch: HomeWatch) -> None:
    sh(neigh("fd00:1::20", 1, "stale"))
    assert watch.owner("FD00:0001::0020") == mac(1)
    sh(neigh("fd00:1::20", 1, "failed"))
    assert watch.owner("fd00:1::20") is None


def test_a_link_local_address_belongs_to_its_zone(watch: HomeWatch) -> None:
    sh("ip link add lan9 type bridge; ip link set lan9 up")
    watch.read()
    sh(neigh("fe80::20", 1))
    index = sh("ip -o link show br-lan").partition(":")[0]
    assert watch.owner("fe80::20%br-lan") == mac(1)
    assert watch.owner(f"fe80::20%{index}") == mac(1)
    assert watch.owner("fe80::20%lan9") is None
    sh(neigh("fe80::20", 2, dev="lan9"))
    assert watch.owner("fe80::20%lan9") == mac(2)
    assert watch.owner("fe80::20") is None, "whose of the two?"


@pytest.mark.parametrize(
    "address",
    ["192.168.1.1", "fd00:1::1", "127.0.0.1", "::1", "203.0.113.2", "8.8.8.8"],
)
def test_the_router_and_strangers_are_nobody(watch: HomeWatch, address: str) -> None:
    assert watch.owner(address) is None


def test_the_wan_side_is_not_the_home(watch: HomeWatch) -> None:
    sh(neigh("203.0.113.1", 9, dev="wan0"))
    assert watch.owner("203.0.113.1") is None


@pytest.mark.parametrize("text", ["", "mia", "192.168.1", "1.2.3.4.5", "%br-lan"])
def test_what_is_no_address(watch: HomeWatch, text: str) -> None:
    with pytest.raises(ValueError):
        watch.owner(text)


def test_online_is_who_answers_the_kernel_now(watch: HomeWatch) -> None:
    sh(neigh("192.168.1.20", 1))
    sh(neigh("fd00:1::20", 1, "stale"))
    sh(neigh("192.168.1.21", 2, "stale"))
    sh(neigh("203.0.113.9", 3, dev="wan0"))
    drained(watch)
    assert watch.online() == {mac(1)}
    sh(neigh("192.168.1.21", 2))
    sh("ip neigh del 192.168.1.20 dev br-lan")
    drained(watch)
    assert watch.online() == {mac(2)}
    again = HomeWatch(("br-lan",))
    again.survey()
    assert again.online() == {mac(2)}
    sh(neigh("192.168.1.21", 2, "failed"))
    drained(watch)
    assert watch.online() == frozenset()
