"""The socket itself: no answer, lost answers, listings given up, big sends."""

import errno
import socket
from collections.abc import Iterator

import pytest

from guardian.core.errors import EnforcementError, PlatformError
from guardian.shell.netlinksocket import (
    NETLINK_NETFILTER,
    NETLINK_ROUTE,
    NetlinkSocket,
)
from guardian.wire.netlink import nftables, route, tables
from guardian.wire.netlink.message import (
    NLM_F_ACK,
    NLM_F_REQUEST,
    NLMSG_DONE,
    encode_message,
)
from tests.shell.namespace import nft, private_net, sh

pytestmark = pytest.mark.lab
LINK_GROUP = 1


@pytest.fixture(autouse=True)
def net() -> Iterator[None]:
    with private_net():
        yield


def test_unknown_family_is_a_platform_error() -> None:
    with pytest.raises(PlatformError, match="netlink-unavailable: EPROTONOSUPPORT"):
        NetlinkSocket(31)


def test_closed_socket_has_no_descriptor() -> None:
    netlink = NetlinkSocket(NETLINK_ROUTE)
    assert netlink.fileno() >= 0
    netlink.close()
    assert netlink.fileno() == -1
    with pytest.raises(EnforcementError, match="EBADF"):
        netlink.send(b"")
    with pytest.raises(PlatformError, match="netlink-unreadable"):
        netlink.receive()


def test_a_request_without_an_answer_does_not_hang() -> None:
    netlink = NetlinkSocket(NETLINK_ROUTE)
    noop = encode_message(1, NLM_F_REQUEST, 1, b"")
    netlink.send(noop)
    with pytest.raises(EnforcementError, match="netlink-answer-lost: no answer"):
        netlink.refusals(1, 1)
    with pytest.raises(PlatformError, match="no answer"):
        list(netlink.iterate(lambda seq: noop))


def test_refused_listing_names_the_errno() -> None:
    netlink = NetlinkSocket(NETLINK_NETFILTER)
    with pytest.raises(EnforcementError, match="netlink-refused: ENOENT"):
        netlink.dump(lambda seq: nftables.encode_dump("inet", "none", "none", seq))


def test_answers_of_earlier_requests_are_not_taken_for_ours() -> None:
    netlink = NetlinkSocket(NETLINK_ROUTE)
    unknown = 0x7F
    netlink.send(encode_message(unknown, NLM_F_REQUEST | NLM_F_ACK, 5, b""))
    netlink.send(encode_message(unknown, NLM_F_REQUEST | NLM_F_ACK, 6, b""))
    (refusal,) = netlink.refusals(6, 1)
    assert (refusal.seq, refusal.errno) == (6, errno.EOPNOTSUPP)


def test_lost_answers_are_said() -> None:
    netlink = NetlinkSocket(NETLINK_ROUTE, buffer=2304)
    many = b"".join(encode_message(0x7F, NLM_F_REQUEST, n, b"") for n in range(200))
    netlink.send(many)
    with pytest.raises(EnforcementError, match="netlink-answer-lost: ENOBUFS"):
        netlink.refusals(199, 200)


def test_a_listing_given_up_leaves_nothing_behind() -> None:
    nft("".join(f"add table inet t{n}\n" for n in range(3000)))
    netlink = NetlinkSocket(NETLINK_NETFILTER)
    listing = netlink.iterate(tables.encode_list_tables)
    next(listing)
    listing.close()
    found = netlink.dump(tables.encode_list_tables)
    assert len(found) == 3000
    assert NLMSG_DONE not in {m.kind for m in found}
    assert netlink.receive() is None


def test_a_listing_that_always_changes_is_given_up() -> None:
    nft("".join(f"add table inet t{n}\n" for n in range(1000)))
    changes = NetlinkSocket(NETLINK_NETFILTER)
    netlink = Disturbed(changes)
    with pytest.raises(PlatformError, match="changed 5 times"):
        netlink.dump(tables.encode_list_tables)


class Disturbed(NetlinkSocket):
    """Has another socket change the ruleset between the datagrams of a listing."""

    def __init__(self, changes: NetlinkSocket) -> None:
        super().__init__(NETLINK_NETFILTER)
        self._changes = changes
        nft("add table inet s\nadd set inet s p { type ether_addr; }\n")

    def receive(self) -> list | None:
        messages = super().receive()
        for op in nftables.renew("inet", "s", "p", bytes(6), None):
            batch = nftables.encode_batch([op], self._changes.sequence(3))
            self._changes.send(batch.data)
            assert self._changes.refusals(batch.last_seq, 2) == []
        return messages


def test_events_stop_at_some_datagrams_and_go_on() -> None:
    netlink = NetlinkSocket(NETLINK_ROUTE, groups=LINK_GROUP)
    sh("ip -batch - <<END\n" + "link set lo down\nlink set lo up\n" * 60 + "END")
    seen = []
    while messages := netlink.events():
        seen.append(len(messages))
    assert len(seen) > 1 and sum(seen) >= 120
    assert netlink.events() == []


def test_after_an_overflow_what_waited_is_thrown_away() -> None:
    netlink = NetlinkSocket(NETLINK_ROUTE, groups=LINK_GROUP, buffer=8192)
    sh("ip -batch - <<END\n" + "link set lo down\nlink set lo up\n" * 20 + "END")
    assert netlink.events() is None
    assert netlink.events() == []
    sh("ip link set lo down")
    assert [route.parse_route_event(m).up for m in netlink.events()] == [False]


def test_receive_buffer_is_bounded() -> None:
    netlink = NetlinkSocket(NETLINK_ROUTE, buffer=50_000)
    size = netlink._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    # The kernel counts its bookkeeping too: it doubles what was asked (socket(7)).
    assert size == 100_000
