"""Connection tracking on the real kernel."""

import re
import select
import socket
import struct
from collections.abc import Iterator

import pytest

from guardian.shell.netlink import ConntrackEvents, ConntrackSocket
from guardian.wire.netlink.conntrack import STATUS_SEEN_REPLY, Flow, flows_of
from guardian.wire.netlink.message import Lost
from tests.shell.namespace import nft, private_net, sh

pytestmark = pytest.mark.lab
HOME4, HOME6 = "127.0.0.1", "::1"


@pytest.fixture
def net() -> Iterator[None]:
    with private_net():
        yield


@pytest.fixture
def tracking(net: None) -> Iterator[ConntrackSocket]:
    """Return a socket in a namespace that tracks connections and counts them."""
    sh("sysctl -qw net.netfilter.nf_conntrack_acct=1")
    nft(
        "add table inet t\n"
        "add chain inet t raw { type filter hook output priority -300; }\n"
        "add rule inet t raw udp dport 7777 ct zone set 5\n"
        "add chain inet t out { type filter hook output priority 0; }\n"
        "add rule inet t out ct state new accept\n"
    )
    opened = ConntrackSocket()
    yield opened
    opened.close()


def datagram(address: str, port: int, source: int = 0) -> socket.socket:
    """Return a UDP socket that has sent 10 bytes from `source`."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM)
    opened.bind((address, source))
    opened.sendto(b"0123456789", (address, port))
    return opened


def to_port(tracking: ConntrackSocket, port: int) -> list[Flow]:
    return [flow for flow in tracking.dump() if flow.orig.dport == port]


@pytest.mark.parametrize("address", [HOME4, HOME6])
def test_a_flow_is_listed_counted_and_deleted(
    tracking: ConntrackSocket, address: str
) -> None:
    with datagram(address, 9000, 9001):
        (flow,) = to_port(tracking, 9000)
        assert (flow.orig.src, flow.orig.dst) == (address, address)
        assert (flow.orig.proto, flow.orig.sport) == (17, 9001)
        assert (flow.reply.sport, flow.reply.dport) == (9000, 9001)
        head = 40 if ":" in address else 20
        assert (flow.packets, flow.octets) == ((1, 0), (head + 8 + 10, 0))
        assert tracking.delete([flow]) == 1
        assert to_port(tracking, 9000) == []
        assert tracking.delete([flow]) == 0


def test_a_connection_by_tcp(tracking: ConntrackSocket) -> None:
    with socket.create_server((HOME4, 8080)) as server:
        with socket.create_connection((HOME4, 8080)) as client:
            peer, _ = server.accept()
            (flow,) = to_port(tracking, 8080)
            assert flow.orig.sport == client.getsockname()[1]
            assert flow.status & STATUS_SEEN_REPLY
            assert tracking.delete([flow]) == 1
            peer.close()


def test_echo_requests(tracking: ConntrackSocket) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58) as raw:
        raw.sendto(struct.pack(">BBHHH", 128, 0, 0, 0x4321, 1), (HOME6, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, 1) as raw:
        # Type 8, identifier 0x1234, sequence 1; checksum by hand (RFC 1071).
        raw.sendto(struct.pack(">BBHHH", 8, 0, 0xE5CA, 0x1234, 1), (HOME4, 0))
    flows = [flow for flow in tracking.dump() if flow.orig.icmp is not None]
    assert {flow.orig.icmp for flow in flows} == {(0x4321, 128, 0), (0x1234, 8, 0)}
    assert tracking.delete(flows) == 2


def test_a_flow_in_a_zone(tracking: ConntrackSocket) -> None:
    with datagram(HOME4, 7777):
        (flow,) = to_port(tracking, 7777)
        assert flow.zone == 5
        assert tracking.delete([flow._replace(zone=6)]) == 0
        assert tracking.delete([flow]) == 1


def test_only_the_entry_of_that_id_is_deleted(tracking: ConntrackSocket) -> None:
    with datagram(HOME4, 9000):
        (flow,) = to_port(tracking, 9000)
        assert tracking.delete([flow._replace(id=flow.id ^ 1)]) == 0
        assert tracking.delete([flow._replace(id=0)]) == 1


def test_one_family_only(tracking: ConntrackSocket) -> None:
    with datagram(HOME4, 9000), datagram(HOME6, 9000):
        assert {f.orig.src for f in tracking.dump(socket.AF_INET6)} == {HOME6}
        assert {f.orig.src for f in tracking.dump(socket.AF_INET)} == {HOME4}
        assert {f.orig.src for f in tracking.dump()} == {HOME4, HOME6}


def test_only_the_entries_about_an_address(tracking: ConntrackSocket) -> None:
    nft(
        "add chain inet t nat { type nat hook output priority -100; }\n"
        "add rule inet t nat ip daddr 127.0.0.9 dnat ip to 127.0.0.7\n"
    )
    sh("ip -6 addr add fd00::5/128 dev lo nodad")

    def about(*addresses: str) -> set[tuple[str, str]]:
        found = flows_of(
            tracking.dump_about(addresses), {a: frozenset() for a in addresses}
        )
        return {(flow.orig.src, flow.orig.dst) for flow in found}

    with (
        datagram("127.0.0.2", 9000),
        datagram("127.0.0.9", 9000),
        datagram("fd00::5", 9000),
        datagram(HOME6, 9000),
    ):
        assert about("127.0.0.2") == {("127.0.0.2", "127.0.0.2")}
        # Led elsewhere: who answers stands in the other direction only.
        assert about("127.0.0.7") == {("127.0.0.9", "127.0.0.9")}
        assert about("127.0.0.8") == about("fd00::6") == set()
        assert about("127.0.0.2", "fd00::5", "fd00::6") == {
            ("127.0.0.2", "127.0.0.2"),
            ("fd00::5", "fd00::5"),
        }
        assert about("fd00:0::5") == {("fd00::5", "fd00::5")}


def test_many_flows_are_listed_while_they_are_deleted(
    tracking: ConntrackSocket,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((HOME4, 0))
        for port in range(20_000, 21_000):
            opened.sendto(b"x", (HOME4, port))
    listing = tracking.dump()
    first = next(listing)
    assert tracking.delete([first]) == 1
    rest = [f for f in listing if 20_000 <= (f.orig.dport or 0) < 21_000]
    assert len({flow.id for flow in rest}) >= 999
    assert tracking.delete(rest) >= 999
    assert tracking.delete(rest) == 0
    assert tracking.delete([]) == 0


def test_a_listing_given_up(tracking: ConntrackSocket) -> None:
    with datagram(HOME4, 9000), datagram(HOME4, 9100):
        listing = tracking.dump()
        next(listing)
        del listing
        assert len(to_port(tracking, 9000)) == 1


def test_events_of_a_flow(tracking: ConntrackSocket) -> None:
    events = ConntrackEvents(("new", "destroy"))
    with datagram(HOME4, 9000):
        assert select.select([events], [], [], 5)[0]
        (made,) = events.read_events()
        assert not isinstance(made, Lost)
        assert (made.kind, made.flow.orig.dport) == ("new", 9000)
        tracking.delete(to_port(tracking, 9000))
        assert select.select([events], [], [], 5)[0]
        (gone,) = events.read_events()
        assert not isinstance(gone, Lost)
        assert (gone.kind, gone.flow.packets) == ("destroy", (1, 0))
        assert gone.flow.id == made.flow.id
    events.close()


def test_lost_events_are_told(tracking: ConntrackSocket) -> None:
    events = ConntrackEvents(("new",))
    events._netlink._resize(33, socket.SO_RCVBUF, 2304)
    opened = [datagram(HOME4, 10_000 + number) for number in range(50)]
    assert Lost() in events.read_events()
    for item in opened:
        item.close()
    events.close()


def test_a_flow_of_conntrack_tools(tracking: ConntrackSocket) -> None:
    with datagram(HOME4, 9000, 9001):
        (flow,) = to_port(tracking, 9000)
        listed = sh("conntrack -L -o id -p udp --dport 9000 2>/dev/null")
    found = re.search(r"bytes=(\d+).* id=(\d+)", listed)
    assert found is not None and flow.octets is not None
    assert (int(found[1]), int(found[2])) == (flow.octets[0], flow.id)
