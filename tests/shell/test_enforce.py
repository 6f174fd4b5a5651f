"""Effects in the real kernel: elements in both tables, rules, flows, and two files."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest

from guardian.compile import ruleset
from guardian.compile.engine import CARRY_S, Engine
from guardian.core.clocktrust import read_record
from guardian.core.errors import EnforcementError, PlatformError, StoreError
from guardian.core.events import (
    CutFlows,
    Effect,
    HomeSeen,
    HouseholdChanged,
    Key,
    LoadRules,
    Log,
    Moment,
    SetElements,
    WriteBoot,
    WriteCarry,
)
from guardian.core.proof import Cut
from guardian.shell.enforce import KernelEnforcer, cuts_of
from guardian.shell.netlink import ConntrackSocket, NftSocket
from guardian.wire.netlink.conntrack import Flow, FlowTuple
from tests.build import at, home, mac
from tests.lab.namespaces import wait_for
from tests.shell.namespace import nft, private_net, sh

MIA: Key = ("permit", (mac(1),))
TOM: Key = ("permit", (mac(2),))
NOW = at("2026-03-04 12:00")
LAN = HomeSeen(hooked=("br-lan",), prefixes=("192.168.1.1/24",))


class Clock:
    """A monotonic clock that the test sets."""

    mono = 1000.0

    def __call__(self) -> Moment:
        return Moment(NOW, self.mono)


class Router:
    """An enforcer in this namespace, and the engine whose effects it takes."""

    def __init__(self, folder: Path, *, egress: bool = True) -> None:
        self.folder = folder
        self.clock = Clock()
        self.enforcer = KernelEnforcer(folder, egress=egress, now=self.clock)
        self.engine = Engine(egress=egress)

    def do(self, effect: Effect) -> Mapping[str, Cut] | None:
        return self.enforcer.carry_out(effect, self.clock())

    def load(self) -> None:
        """Carry out what the engine wants for the household of these tests."""
        for event in (HouseholdChanged(home()), LAN):
            for effect in self.engine.handle(event, self.clock()):
                self.do(effect)
                self.engine.acknowledge(effect)

    def chains(self) -> frozenset[tuple[str, str]]:
        opened = NftSocket()
        try:
            return opened.device_chains()
        finally:
            opened.close()

    def left(self, name: str = "permit", family: str = "inet") -> dict[str, int | None]:
        """Return element -> seconds left, None for ever, as nft lists the set."""
        listed = json.loads(sh(f"nft -j list set {family} guardian {name}"))
        (found,) = [item["set"] for item in listed["nftables"] if "set" in item]
        elements: dict[str, int | None] = {}
        for element in found.get("elem", ()):
            if isinstance(element, str):
                elements[element] = None
            else:
                elements[element["elem"]["val"]] = element["elem"]["expires"]
        return elements

    def leased(self, family: str = "inet") -> set[str]:
        """Return who may pass but for the two exempt devices, which always may."""
        passing = set(self.left(family=family))
        assert {mac(3), mac(4)} <= passing
        return passing - {mac(3), mac(4)}


@pytest.fixture
def net() -> Iterator[None]:
    with private_net():
        sh("ip link add br-lan type bridge; ip link set br-lan up")
        yield


@pytest.fixture
def router(net: None, tmp_path: Path) -> Router:
    made = Router(tmp_path)
    made.load()
    return made


def about(seconds: int | None, wanted: int) -> bool:
    return seconds is not None and wanted - 10 <= seconds <= wanted


@pytest.mark.lab
def test_the_engines_first_effects_enforce(router: Router) -> None:
    assert router.engine.loaded
    for family in ("inet", "netdev"):
        left = router.left(family=family)
        assert router.leased(family) == {mac(1), mac(2)}
        assert about(left[mac(1)], 9 * 3600)
        assert router.left("exempt", family) == {mac(3): None, mac(4): None}
    assert router.chains() == {("inet", "in_br-lan"), ("netdev", "out_br-lan")}


@pytest.mark.lab
@pytest.mark.parametrize("family", ["inet", "netdev"])
def test_elements_are_added_shortened_lengthened_dropped(
    router: Router, family: str
) -> None:
    stranger: Key = ("permit", (mac(9),))
    for seconds in (60, 30, 7200):
        router.do(SetElements(renew=((stranger, 1000.0 + seconds),), drop=()))
        assert about(router.left(family=family)[mac(9)], seconds)
    router.do(SetElements(renew=((stranger, None),), drop=(TOM,)))
    assert router.left(family=family)[mac(9)] is None
    assert router.leased(family) == {mac(1), mac(9)}
    router.do(SetElements(renew=(), drop=(TOM, stranger)))
    assert router.leased(family) == {mac(1)}


@pytest.mark.lab
def test_the_time_left_is_counted_from_the_moment_of_doing(router: Router) -> None:
    router.clock.mono = 1040.0
    router.do(SetElements(renew=((MIA, 1100.0),), drop=()))
    assert about(router.left()[mac(1)], 60)


@pytest.mark.lab
@pytest.mark.parametrize("ends", [1000.0, 999.0, 1000.0001])
def test_an_end_that_has_passed_removes(router: Router, ends: float) -> None:
    router.do(SetElements(renew=((MIA, ends),), drop=()))
    assert router.leased() == router.leased("netdev") == {mac(2)}


@pytest.mark.lab
def test_a_lease_ends_by_itself_in_both_tables(router: Router) -> None:
    router.do(SetElements(renew=((MIA, 1000.2),), drop=()))
    wait_for(lambda: router.leased() == {mac(2)}, "the lease's end", 5)
    wait_for(lambda: router.leased("netdev") == {mac(2)}, "its copy's end", 5)


@pytest.mark.lab
def test_each_kind_of_key(router: Router) -> None:
    keys: list[Key] = [
        ("exempt", (mac(7),)),
        ("managed", (mac(7),)),
        ("floor4", ("198.51.100.7",)),
        ("floor6", ("2001:db8::7",)),
        ("open_unknown", ("br-lan",)),
    ]
    timeless = [(key, None) for key in keys]
    router.do(SetElements(renew=tuple(timeless), drop=()))
    for family in ("inet", "netdev"):
        for name, (value,) in keys:
            assert value in router.left(name, family)
    router.do(SetElements(renew=(), drop=tuple(keys)))
    for name, (value,) in keys:
        assert value not in router.left(name, "netdev")


@pytest.mark.lab
def test_refused_elements_leave_what_was(router: Router) -> None:
    nft("delete chain inet guardian in_br-lan; flush table netdev guardian")
    nft("delete table netdev guardian")
    before = router.left()
    with pytest.raises(EnforcementError):
        router.do(SetElements(renew=((MIA, 1030.0),), drop=(TOM,)))
    after = router.left()
    assert set(after) == set(before) and about(after[mac(1)], 9 * 3600)


@pytest.mark.lab
def test_refused_rules_leave_what_was(router: Router) -> None:
    before = nft("list chain inet guardian judge_in")
    bad = LoadRules(
        "flush chain inet guardian judge_in\nadd rubbish\n", "", frozenset()
    )
    with pytest.raises(EnforcementError, match="nft-refused"):
        router.do(bad)
    assert nft("list chain inet guardian judge_in") == before
    assert router.chains() == {("inet", "in_br-lan"), ("netdev", "out_br-lan")}
    assert router.leased() == {mac(1), mac(2)}


@pytest.mark.lab
def test_whether_there_are_rules_is_asked_of_the_kernel(router: Router) -> None:
    assert router.enforcer.present()
    sh("nft delete table inet guardian")
    assert not router.enforcer.present()


@pytest.mark.lab
def test_new_rules_keep_leases_and_drop_stale_chains(router: Router) -> None:
    sh("ip link add lan2 type bridge")
    layout = ruleset.Layout(lan=("br-lan", "lan2"), hooked=("lan2",))
    router.do(SetElements(renew=((MIA, 1600.0),), drop=()))
    keep = ruleset.chain_names(layout)
    router.do(LoadRules(ruleset.render(layout), "", keep))
    assert router.chains() == keep == {("inet", "in_lan2"), ("netdev", "out_lan2")}
    assert about(router.left()[mac(1)], 600)


@pytest.mark.lab
def test_elements_and_rules_come_in_one_transaction(router: Router) -> None:
    layout = router.engine.layout
    wrong = "add element inet guardian permit { rubbish }\n"
    flush = "flush set inet guardian permit\n"
    with pytest.raises(EnforcementError):
        router.do(
            LoadRules(
                ruleset.render(layout), flush + wrong, ruleset.chain_names(layout)
            )
        )
    assert router.leased() == {mac(1), mac(2)}


@pytest.mark.lab
def test_without_egress_there_is_one_table(net: None, tmp_path: Path) -> None:
    router = Router(tmp_path, egress=False)
    router.load()
    router.do(SetElements(renew=((MIA, 1060.0),), drop=(TOM,)))
    assert router.leased() == {mac(1)}
    assert "netdev" not in nft("list tables")


# --- flows


def flows() -> set[str]:
    """Return the destinations of this namespace's connections, IPv4 and IPv6."""
    tracked = ConntrackSocket()
    found = {flow.reply.src for flow in tracked.dump()}
    tracked.close()
    return found


@pytest.fixture
def wan(router: Router) -> None:
    """Give this namespace addresses to send from, and connection tracking.

    That begins with the first rule that asks for it.
    """
    nft(
        "add table inet t; "
        "add chain inet t c { type filter hook output priority 0; }; "
        "add rule inet t c ct state new accept"
    )
    sh("""
        ip link add wan type veth peer name peer
        ip link set wan up; ip link set peer up
        ip addr add 192.168.1.20/24 dev wan; ip addr add 192.168.1.21/24 dev wan
        ip -6 addr add fd00:1::20/64 dev wan nodad
        ip -6 addr add fd00:1::21/64 dev wan nodad
        ip route add default dev wan; ip -6 route add default dev wan
        """)


@pytest.mark.lab
def test_flows_of_an_address_are_cut_but_for_the_spared(
    router: Router, wan: None
) -> None:
    send("192.168.1.20", "198.51.100.1")
    send("192.168.1.20", "198.51.100.2")
    send("192.168.1.21", "198.51.100.3")
    send("fd00:1::20", "2001:db8::1")
    send("fd00:1::20", "2001:db8::2")
    everything = {f"198.51.100.{n}" for n in (1, 2, 3)} | {"2001:db8::1", "2001:db8::2"}
    assert flows() >= everything
    gone = ((mac(1), ("192.168.1.20", "fd00:1::20")),)
    spare = frozenset({"198.51.100.2", "2001:db8::2"})
    done = router.do(CutFlows(gone, spare))
    assert done and done[mac(1)].closed4 >= 1
    assert done[mac(1)].closed6 >= 1 and done[mac(1)].left == 0
    assert flows() & everything == {"198.51.100.2", "198.51.100.3", "2001:db8::2"}
    assert router.do(CutFlows(gone, spare)) == {mac(1): Cut()}
    router.do(CutFlows(((mac(9), ("192.168.1.99",)),), frozenset()))
    assert len(flows() & everything) == 3


@pytest.mark.lab
def test_what_one_device_may_reach_spares_no_other(router: Router, wan: None) -> None:
    for family, site in ((4, "198.51.100.1"), (6, "2001:db8::1")):
        nft(f"add element inet guardian reach{family} {{ {mac(1)} . {site} }}")
    for source in ("192.168.1.20", "192.168.1.21"):
        send(source, "198.51.100.1")
        send(source, "198.51.100.2")
    for source in ("fd00:1::20", "fd00:1::21"):
        send(source, "2001:db8::1")
    child = (mac(1), ("192.168.1.20", "fd00:1::20"))
    sibling = (mac(2), ("192.168.1.21", "fd00:1::21"))
    router.do(CutFlows((child, sibling), frozenset()))
    tracked = ConntrackSocket()
    left = {(f.orig.src, f.orig.dst) for f in tracked.dump() if f.orig.dport == 7777}
    tracked.close()
    assert left == {("192.168.1.20", "198.51.100.1"), ("fd00:1::20", "2001:db8::1")}


def send(source: str, target: str) -> None:
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        sock.sendto(struct.pack("!I", 7), (target, 7777))


def flow(src: str, dst: str, reply: tuple[str, str] | None = None) -> Flow:
    answer = reply or (dst, src)
    return Flow(
        orig=FlowTuple(src, dst, 6, 1, 2),
        reply=FlowTuple(*answer, 6, 2, 1),
    )


def test_flows_are_counted_for_whose_device_it_is_by_family() -> None:
    devices = (("a", ("192.168.1.20", "fd00:1::20")), ("b", ("192.168.1.21",)))
    closed = [
        flow("192.168.1.20", "198.51.100.1"),
        flow("fd00:1::20", "2001:db8::1"),
        # Came in from outside, and one that was translated.
        flow("2001:db8::1", "fd00:1::20"),
        flow("203.0.113.9", "203.0.113.2", ("192.168.1.21", "203.0.113.9")),
        flow("192.168.1.20", "192.168.1.21"),
        flow("192.168.1.99", "198.51.100.1"),
    ]
    left = [flow("192.168.1.21", "198.51.100.1")]
    assert cuts_of(devices, closed, left) == {"a": Cut(2, 2, 0), "b": Cut(1, 0, 1)}
    assert cuts_of(devices, (), ()) == {"a": Cut(), "b": Cut()}
    assert cuts_of((), closed, left) == {}


# --- files, and the rest


@pytest.mark.lab
def test_boot_rules_are_written_and_load(router: Router) -> None:
    text = (router.folder / "closed.nft").read_text()
    assert f"add element inet guardian exempt {{ {mac(3)}, {mac(4)} }}" in text
    assert (router.folder / "closed.nft").stat().st_mode & 0o777 == 0o600
    with private_net():
        sh(f"nft -f {router.folder / 'closed.nft'}")
        assert router.left() == {}
        assert router.left("exempt") == {mac(3): None, mac(4): None}
    router.do(WriteBoot("# other\n"))
    assert (router.folder / "closed.nft").read_text() == "# other\n"


@pytest.mark.lab
def test_the_carried_time_is_what_is_left_at_the_next_writing(router: Router) -> None:
    router.do(WriteCarry((("mia", 3600.0), ("tom", CARRY_S))))
    record = json.loads((router.folder / "carry.json").read_text())
    assert read_record(record) == {"mia": 3600.0 - CARRY_S}


@pytest.mark.lab
@pytest.mark.parametrize("effect", [WriteBoot("x"), WriteCarry((("mia", 9000.0),))])
def test_a_folder_that_cannot_be_written(router: Router, effect: Effect) -> None:
    shutil.rmtree(router.folder)
    with pytest.raises(StoreError, match="state-unwritable") as refused:
        router.do(effect)
    assert "No such file" in refused.value.detail


@pytest.mark.lab
def test_log_effects_are_logged(
    router: Router, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        router.do(Log("tables-lost", "2"))
    assert "tables-lost 2" in caplog.text


@pytest.mark.lab
def test_an_effect_nobody_knows_is_an_error(router: Router) -> None:
    with pytest.raises(PlatformError, match="unknown-effect: object"):
        router.do(cast(Effect, object()))
