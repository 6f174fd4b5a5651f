"""Elements and the tables' monitor on the real kernel."""

import select
import socket
import time
from collections.abc import Iterator

import pytest

from guardian.core.errors import EnforcementError
from guardian.shell.netlink import NftMonitor, NftSocket
from guardian.wire.netlink.nftables import Element, ElementOp, encode_key, remove, renew
from guardian.wire.netlink.tables import Generation, TableGone, TableMade
from tests.lab.namespaces import wait_for
from tests.shell.namespace import nft, private_net, sh

pytestmark = pytest.mark.lab
RULESET = """
add table inet guardian
add set inet guardian permit { type ether_addr; flags timeout; }
add set inet guardian cut6 { type ether_addr . ipv6_addr . inet_service . inet_proto \
. inet_service; flags timeout; }
add set inet guardian open_unknown { type ifname; flags timeout; }
add set inet guardian managed { type ether_addr; }
add map inet guardian ports { type ether_addr : inet_service; flags timeout; }
add table netdev guardian
add set netdev guardian permit { type ether_addr; flags timeout; }
"""
MAC = encode_key(("ether_addr",), ("02:00:5e:00:10:01",))
OTHER = encode_key(("ether_addr",), ("02:00:5e:00:10:02",))
PERMIT = ("inet", "guardian", "permit")


@pytest.fixture
def net() -> Iterator[None]:
    with private_net():
        yield


@pytest.fixture
def sets(net: None) -> Iterator[NftSocket]:
    """Return a socket in a namespace that holds the sets of RULESET."""
    nft(RULESET)
    opened = NftSocket()
    yield opened
    opened.close()


def timeout_of(sets: NftSocket, key: bytes = MAC) -> tuple[int | None, int | None]:
    """Return (timeout, time left) of an element of `permit`, in milliseconds."""
    (found,) = [e for e in sets.elements(*PERMIT) if e.key == key]
    return found.timeout_ms, found.expires_ms


def wait_lost(monitor: NftMonitor) -> bool:
    """Return whether the monitor reports the loss within 5 s."""
    while select.select([monitor], [], [], 5)[0]:
        if monitor.read_change().lost:
            return True
    return False


OURS_BEFORE = renew(*PERMIT, MAC, None)
DEVICE_CHAINS = """
add table inet guardian
add chain inet guardian forward { type filter hook forward priority -10; }
add chain inet guardian judge_in
add chain inet guardian in_lo { type filter hook ingress device "lo" priority -100; }
add table netdev guardian
add chain netdev guardian out_lo { type filter hook egress device "lo" priority 0; }
add table netdev other
add chain netdev other out_lo { type filter hook egress device "lo" priority 0; }
"""


def test_added_and_removed(sets: NftSocket) -> None:
    sets.apply(renew(*PERMIT, MAC, None))
    assert sets.elements(*PERMIT) == [Element(MAC, None, None)]
    sets.apply(remove(*PERMIT, MAC))
    assert sets.elements(*PERMIT) == []
    sets.apply(remove(*PERMIT, MAC))
    assert sets.elements(*PERMIT) == []


@pytest.mark.parametrize(
    "before, after",
    [(30_000, 90_000), (90_000, 30_000), (None, 30_000), (30_000, None)],
    ids=["longer", "shorter", "gets an end", "loses its end"],
)
def test_renewed_exactly(
    sets: NftSocket, before: int | None, after: int | None
) -> None:
    sets.apply(renew(*PERMIT, MAC, before))
    sets.apply(renew(*PERMIT, MAC, after))
    timeout, left = timeout_of(sets)
    assert timeout == after
    if after is None:
        assert left is None
    else:
        assert left is not None and after - 2000 < left <= after


def test_renewed_just_after_it_expired(sets: NftSocket) -> None:
    for _ in range(20):
        sets.apply(renew(*PERMIT, MAC, 10))
        wait_for(lambda: sets.elements(*PERMIT) == [], "the lease's end", 2)
        sets.apply(renew(*PERMIT, MAC, 60_000))
        assert timeout_of(sets)[0] == 60_000


def test_expires_by_itself(sets: NftSocket) -> None:
    start = time.monotonic()
    sets.apply(renew(*PERMIT, MAC, 200))
    assert timeout_of(sets)[0] == 200
    wait_for(lambda: sets.elements(*PERMIT) == [], "the lease's end", 2)
    assert time.monotonic() - start > 0.19


def test_the_shortest_time_is_no_eternity(sets: NftSocket) -> None:
    sets.apply(renew(*PERMIT, MAC, 1))
    wait_for(lambda: sets.elements(*PERMIT) == [], "the lease's end", 2)


def test_one_transaction_over_both_tables(sets: NftSocket) -> None:
    sets.apply(
        renew(*PERMIT, MAC, 60_000) + renew("netdev", "guardian", "permit", MAC, 60_000)
    )
    assert [e.key for e in sets.elements("netdev", "guardian", "permit")] == [MAC]
    with pytest.raises(EnforcementError):
        sets.apply(
            remove(*PERMIT, MAC) + remove("netdev", "guardian", "no-such-set", MAC)
        )
    assert [e.key for e in sets.elements(*PERMIT)] == [MAC]


def test_concatenated_key_is_the_one_nft_shows(sets: NftSocket) -> None:
    types = ("ether_addr", "ipv6_addr", "inet_service", "inet_proto", "inet_service")
    key = encode_key(types, ("02:00:5e:00:10:01", "2001:db8::5", 443, "udp", 50000))
    sets.apply(renew("inet", "guardian", "cut6", key, 60_000))
    listed = nft("list set inet guardian cut6")
    shown = "02:00:5e:00:10:01 . 2001:db8::5 . 443 . udp . 50000 timeout 1m"
    assert shown in listed
    assert [e.key for e in sets.elements("inet", "guardian", "cut6")] == [key]


def test_interface_name_and_set_without_timeouts(sets: NftSocket) -> None:
    sets.apply(
        renew(
            "inet",
            "guardian",
            "open_unknown",
            encode_key(("ifname",), ("br-lan",)),
            9000,
        )
        + renew("inet", "guardian", "managed", MAC, None)
    )
    assert '"br-lan" timeout 9s' in nft("list set inet guardian open_unknown")
    assert "02:00:5e:00:10:01" in nft("list set inet guardian managed")
    with pytest.raises(EnforcementError, match="EINVAL: .*operation 3 of 3, add"):
        sets.apply(renew("inet", "guardian", "managed", MAC, 1000))


def test_map_values_change_when_the_old_one_is_known(sets: NftSocket) -> None:
    ports = ("inet", "guardian", "ports")
    one, two = b"\x14\xb5", b"\x14\xb6"
    sets.apply(renew(*ports, MAC, 60_000, data=one))
    with pytest.raises(EnforcementError, match="EEXIST"):
        sets.apply(renew(*ports, MAC, 60_000, data=two))
    sets.apply(renew(*ports, MAC, 30_000, data=two, was=one))
    (found,) = sets.elements(*ports)
    assert (found.data, found.timeout_ms) == (two, 30_000)
    sets.apply(remove(*ports, MAC, data=two))
    assert sets.elements(*ports) == []


def test_a_refusal_names_the_operation_and_changes_nothing(sets: NftSocket) -> None:
    add = renew(*PERMIT, MAC, 60_000)
    bad = ElementOp(
        op="delete", family="inet", table="guardian", set="permit", key=OTHER
    )
    with pytest.raises(EnforcementError) as caught:
        sets.apply([*add, bad])
    error = caught.value
    assert error.code == "elements-refused"
    assert error.detail == "ENOENT: operation 4 of 4, delete, set inet guardian permit"
    assert sets.elements(*PERMIT) == []
    # The queue is clean: the next change hears its own answer.
    sets.apply(add)
    assert timeout_of(sets)[0] == 60_000


def test_a_refusal_inside_a_message_names_the_one_element(sets: NftSocket) -> None:
    good = renew(*PERMIT, MAC, None)[0]
    bad = ElementOp(
        op="add", family="inet", table="guardian", set="permit", key=b"too long"
    )
    with pytest.raises(EnforcementError, match="EINVAL: (operation 2|some) of 3, add"):
        sets.apply([good, bad, good])


def test_every_refusal_of_a_long_batch_is_heard(sets: NftSocket) -> None:
    missing = [
        renew(*PERMIT, MAC, None)[0],
        ElementOp(
            op="delete", family="inet", table="guardian", set="permit", key=OTHER
        ),
    ]
    with pytest.raises(
        EnforcementError, match="ENOENT: (operation 2|some) of 400, delete"
    ):
        sets.apply(missing * 200)
    sets.apply(renew(*PERMIT, MAC, 1000))


def test_missing_set_and_table(sets: NftSocket) -> None:
    with pytest.raises(
        EnforcementError, match="ENOENT: operation 1 of 2, add, set inet x"
    ):
        sets.apply(remove("inet", "x", "permit", MAC))
    with pytest.raises(EnforcementError, match="ENOENT"):
        sets.elements("inet", "guardian", "x")


def test_nothing_to_do_touches_nothing(sets: NftSocket) -> None:
    before = sets.generation().number
    sets.apply([])
    assert sets.generation().number == before
    sets.apply(renew(*PERMIT, MAC, None))
    assert sets.generation().number == before + 1


def test_many_elements_in_one_transaction(sets: NftSocket) -> None:
    keys = [b"\2\0" + number.to_bytes(4, "big") for number in range(10_000)]
    before = sets.generation().number
    sets.apply([op for key in keys for op in renew(*PERMIT, key, 60_000)[2:]])
    assert sets.generation().number == before + 1

    def all_listed() -> bool:
        return sorted(e.key for e in sets.elements(*PERMIT)) == keys

    # The table grows behind the transaction, and a walk meanwhile may miss an element.
    wait_for(all_listed, "all elements in one listing", 20)


def test_monitor_sees_a_flush_by_nft(sets: NftSocket) -> None:
    monitor = NftMonitor()
    sh("nft flush ruleset")
    events: list[object] = []
    while not any(isinstance(e, Generation) for e in events):
        assert select.select([monitor], [], [], 5)[0]
        events += monitor.read_events()
    gone = [e for e in events if isinstance(e, TableGone)]
    assert {(e.family, e.name) for e in gone} == {
        ("inet", "guardian"),
        ("netdev", "guardian"),
    }
    (generation,) = [e for e in events if isinstance(e, Generation)]
    assert generation.process == "nft"
    monitor.close()


@pytest.mark.parametrize(
    "command",
    ["flush ruleset", "delete table netdev guardian", "delete table inet guardian"],
)
def test_monitor_tells_a_loss_once(sets: NftSocket, command: str) -> None:
    monitor = NftMonitor()
    sh(f"nft {command}")
    assert wait_lost(monitor)
    assert not monitor.read_change().lost
    nft(RULESET)
    assert not monitor.read_change().lost
    sh("nft flush ruleset")
    assert wait_lost(monitor)
    monitor.close()


def test_monitor_minds_no_others_and_no_elements(sets: NftSocket) -> None:
    monitor = NftMonitor()
    nft("add table inet fw4\nadd chain inet fw4 input\ndelete table inet fw4\n")
    sets.apply(renew(*PERMIT, MAC, 1000))
    events = monitor.read_events()
    assert [e.name for e in events if isinstance(e, TableMade | TableGone)] == [
        "fw4",
        "fw4",
    ]
    assert not monitor.read_change().lost
    monitor.close()


@pytest.mark.parametrize("flushed", [True, False], ids=["flushed", "untouched"])
def test_monitor_after_an_overflow_looks_for_itself(
    sets: NftSocket, flushed: bool
) -> None:
    monitor = NftMonitor()
    if flushed:
        # Gone and there again: only the handle tells.
        nft("flush ruleset\n" + RULESET)
    monitor._netlink._resize(33, socket.SO_RCVBUF, 2304)
    for _ in range(50):
        sets.apply(OURS_BEFORE)
    seen = []
    while select.select([monitor], [], [], 0.2)[0]:
        seen.append(monitor.read_change().lost)
    assert any(seen) is flushed
    assert not monitor.read_change().lost
    monitor.close()


def test_tables_are_listed(sets: NftSocket) -> None:
    found = {(t.family, t.name) for t in sets.tables()}
    assert found == {("inet", "guardian"), ("netdev", "guardian")}


def test_our_device_chains_are_found_and_no_others(net: None) -> None:
    opened = NftSocket()
    assert opened.device_chains() == frozenset()
    nft(DEVICE_CHAINS)
    assert opened.device_chains() == {("inet", "in_lo"), ("netdev", "out_lo")}
    assert opened.device_chains("other") == {("netdev", "out_lo")}
    opened.close()


def test_a_device_chain_goes_with_its_device(net: None) -> None:
    opened = NftSocket()
    sh("ip link add veth-a type veth peer name veth-b")
    nft(
        "add table netdev guardian\n"
        "add chain netdev guardian out_veth-a "
        '{ type filter hook egress device "veth-a" priority 0; }\n'
    )
    assert opened.device_chains() == {("netdev", "out_veth-a")}
    sh("ip link del veth-a")
    # A kernel from 6.16 on keeps the chain for a device that may come back.
    assert opened.device_chains() <= {("netdev", "out_veth-a")}
    opened.close()
