"""Links, addresses and neighbours of a namespace of our own; `ip` as the oracle."""

import json
import select
from collections.abc import Callable, Iterator

import pytest

from guardian.shell.routes import RouteSocket
from guardian.wire.netlink.message import Lost
from guardian.wire.netlink.route import (
    NUD_PERMANENT,
    NUD_REACHABLE,
    Address,
    Link,
    Neighbour,
)
from tests.shell.namespace import private_net, sh

pytestmark = pytest.mark.lab
MAC = "02:00:5e:00:10:77"


@pytest.fixture
def routes() -> Iterator[RouteSocket]:
    """Return the socket in a namespace with a bridge, its port and a veth pair."""
    with private_net():
        sh(
            "ip link add br0 type bridge\n"
            "ip link set br0 address 02:00:5e:00:10:fe up\n"
            "ip link add v0 type veth peer name v1\n"
            "ip link set v0 master br0 up; ip link set v1 up\n"
            "ip addr add 192.0.2.1/24 dev br0\n"
            "ip addr add 192.0.2.9 peer 192.0.2.10/32 dev v1\n"
            "ip -6 addr add 2001:db8::1/64 dev br0 nodad\n"
        )
        socket = RouteSocket()
        yield socket
        socket.close()


def wait(socket: RouteSocket, wanted: Callable[[object], bool]) -> object:
    """Return the first event that is wanted; fails after 5 s without one."""
    while select.select([socket], [], [], 5)[0]:
        for event in socket.read_events():
            if wanted(event):
                return event
    raise AssertionError("no such event")


def test_links_are_those_of_ip(routes: RouteSocket) -> None:
    links = {link.name: link for link in routes.links()}
    theirs = {item["ifname"]: item for item in json.loads(sh("ip -d -j link"))}
    assert links.keys() == theirs.keys() == {"lo", "br0", "v0", "v1"}
    for name, link in links.items():
        item = theirs[name]
        assert (link.index, link.mac) == (item["ifindex"], item["address"])
        assert link.up == ("UP" in item["flags"])
        assert link.kind == item.get("linkinfo", {}).get("info_kind", "")
    assert links["v0"].master == links["br0"].index
    assert links["v1"].master is None


def test_addresses_are_those_of_ip(routes: RouteSocket) -> None:
    theirs = {
        (item["ifindex"], address["local"], address["prefixlen"])
        for item in json.loads(sh("ip -j addr"))
        for address in item.get("addr_info", ())
    }
    ours = {(a.index, a.address, a.prefixlen) for a in routes.addresses()}
    assert ours == theirs
    assert "192.0.2.9" in {address for _, address, _ in ours}


def test_neighbours(routes: RouteSocket) -> None:
    sh(
        f"ip neigh add 192.0.2.77 lladdr {MAC} dev br0 nud reachable\n"
        f"ip -6 neigh add 2001:db8::77 lladdr {MAC} dev br0 nud permanent"
    )
    found = {n.address: n for n in routes.neighbours()}
    index = next(link.index for link in routes.links() if link.name == "br0")
    assert found["192.0.2.77"] == Neighbour(
        index=index, address="192.0.2.77", mac=MAC, state=NUD_REACHABLE
    )
    assert found["2001:db8::77"].state == NUD_PERMANENT


def test_a_link_comes_and_goes(routes: RouteSocket) -> None:
    sh("ip link add new0 type bridge")
    made = wait(routes, lambda e: isinstance(e, Link) and e.name == "new0")
    assert isinstance(made, Link) and not made.deleted and made.kind == "bridge"
    sh("ip link del new0")
    gone = wait(routes, lambda e: isinstance(e, Link) and e.deleted)
    assert isinstance(gone, Link) and gone.index == made.index


def test_a_port_that_leaves_its_bridge_lives_on(routes: RouteSocket) -> None:
    sh("ip link set v0 nomaster; ip link add end0 type bridge")
    seen: list[Link] = []
    while "end0" not in {link.name for link in seen}:
        assert select.select([routes], [], [], 5)[0]
        seen += [e for e in routes.read_events() if isinstance(e, Link)]
    port = [link for link in seen if link.name == "v0"]
    assert port[-1].master is None
    assert not any(link.deleted for link in seen)


def test_a_changed_mac_is_told(routes: RouteSocket) -> None:
    sh(f"ip link set br0 address {MAC}")
    wait(routes, lambda e: isinstance(e, Link) and e.mac == MAC)


@pytest.mark.parametrize("address", ["192.0.2.50", "2001:db8::50"])
def test_an_address_comes_and_goes(routes: RouteSocket, address: str) -> None:
    sh(
        f"ip addr add {address}/64 dev br0 nodad 2>/dev/null || "
        f"ip addr add {address}/24 dev br0"
    )
    wait(
        routes,
        lambda e: isinstance(e, Address) and e.address == address and not e.deleted,
    )
    sh("ip addr flush dev br0")
    wait(
        routes, lambda e: isinstance(e, Address) and e.address == address and e.deleted
    )


def test_a_neighbour_comes_and_goes(routes: RouteSocket) -> None:
    sh(f"ip neigh add 192.0.2.77 lladdr {MAC} dev br0 nud reachable")
    wait(routes, lambda e: isinstance(e, Neighbour) and e.mac == MAC)
    sh("ip neigh del 192.0.2.77 dev br0")
    # The kernel first says "failed", then that the entry is gone.
    gone = wait(routes, lambda e: isinstance(e, Neighbour) and e.deleted)
    assert isinstance(gone, Neighbour) and gone.address == "192.0.2.77"


def test_a_flood_is_told_as_lost_and_listing_goes_on(routes: RouteSocket) -> None:
    sh("ip -batch - <<END\n" + "link set v1 down\nlink set v1 up\n" * 400 + "END")
    wait(routes, lambda e: e == Lost())
    assert {"br0", "v1"} < {link.name for link in routes.links()}
    sh(f"ip link set br0 address {MAC}")
    wait(routes, lambda e: isinstance(e, Link) and e.mac == MAC)
