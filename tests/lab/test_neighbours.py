"""Other programs' tables around ours (design: changing, point 14)."""

from __future__ import annotations

import time

import pytest

from .home import Home
from .moment import (
    AFTERNOON,
    FAMILIES,
    LIMIT_S,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    chains,
    flows,
    guarding,
    how,
    keys,
    leases,
    silent,
    wait_until,
)

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]
FOREIGN = """
table inet someone {
    chain filter { type filter hook forward priority -5; policy accept;
        tcp dport 1234 drop comment "theirs"; }
    set addresses { type ipv4_addr; flags timeout; elements = { 192.0.2.7 } }
}
table netdev someone {
    chain shape { type filter hook egress device "br-lan" priority 5; }
}
"""


def listing(home: Home, *tables: str) -> str:
    """Return some tables as nft prints them."""
    return "".join(
        home.router.run(f"nft list table {table}").stdout for table in tables
    )


def test_the_firewall_is_loaded_reloaded_and_removed_around_us(
    make_home: MakeHome,
) -> None:
    """Point 14: both keep working; of a held child nothing passes meanwhile."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT):
        parent = flows(home, "phone", [("udp-call", "chat")])
        probe = home.probe("tablet").wait_sending()
        begin = time.monotonic()
        for _ in range(3):
            home.firewall_reload()
        assert_alive(parent)
        home.firewall_unload()
        assert_alive(parent)
        home.firewall_load()
        assert_alive(parent)
        assert silent(probe, begin)
        assert how(home, "phone") == OPEN
        assert how(home, "tablet") == HELD


def test_others_tables_stay_as_they_are(make_home: MakeHome) -> None:
    """Point 14: start, changes, reload and stop touch our two tables only."""
    home = make_home(macs=MACS)
    home.router.run(["nft", "-f", "-"], text_in=FOREIGN)
    theirs = ("inet fw4", "inet someone", "netdev someone")
    before = listing(home, *theirs)
    with guarding(home, AFTERNOON) as guard:
        guard.call("pause", person="mia", span="30m")
        guard.call("apply")
        guard.call("resume", person="mia")
        assert listing(home, *theirs) == before
    assert listing(home, *theirs) == before
    tables = home.router.run(["nft", "list", "tables"]).stdout.split("\n")
    assert sorted(filter(None, tables)) == sorted(
        f"table {name}" for name in (*theirs, "inet guardian", "netdev guardian")
    )


def test_no_mark_is_set_or_read(make_home: MakeHome) -> None:
    """Point 13: packet and connection marks stay mwan3's, pbr's and SQM's."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        assert " mark " not in guard.call("print")["text"]
        flows(home, "tablet", [("udp-call", "chat")])
        entries = home.router.run(["conntrack", "-L"]).stdout
        assert "mark=0" in entries
        assert not [e for e in entries.splitlines() if "mark=0" not in e]


@pytest.mark.parametrize(
    "command",
    [
        "nft flush ruleset",
        "nft delete table inet guardian",
        "nft delete table netdev guardian",
        "nft flush table inet guardian",
        "nft flush chain netdev guardian judge_out",
        "nft flush set inet guardian exempt",
    ],
)
def test_a_flush_by_another_is_repaired_within_a_second(
    make_home: MakeHome, command: str
) -> None:
    """Point 14: the netlink monitor notices; measured by what a held child sends."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        before = chains(home)
        probe = home.probe("tablet").wait_sending()
        at = time.monotonic()
        home.router.run(command)
        home.wait(lambda: chains(home) == before, "the chains to be back")
        home.wait(lambda: guard.call("status")["enforced"], "enforcement")
        wait_until(at + LIMIT_S + 0.5)
        assert silent(probe, at + LIMIT_S)
        if "ruleset" in command:
            home.firewall_load()
        assert how(home, "tablet") == HELD
        assert how(home, "phone") == OPEN
        assert MACS["phone"] in keys(guard, "netdev", "exempt")


def test_leases_are_back_after_a_flush(make_home: MakeHome) -> None:
    """Point 14: an allowed child's flows go on, and still end when they must."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        # Routed without translation, so the firewall's own absence does not count.
        call = home.flow("tablet", "udp-call", "chat", 6).wait_running()
        home.nft_flush_ruleset()
        home.wait(lambda: "judge_out" in chains(home), "the chains to be back")
        assert_alive([call])
        for family in ("inet", "netdev"):
            assert set(leases(guard, family)) == {MACS["tablet"], MACS["laptop"]}
        home.firewall_load()
        assert how(home, "tablet") == OPEN
        at = time.monotonic()
        guard.call("pause", person="mia", span="30m")
        assert call.stopped_within(at, LIMIT_S)


def test_a_refused_ruleset_leaves_the_old_one(make_home: MakeHome) -> None:
    """Point 14: one transaction; a bad line changes nothing, whatever precedes it."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        before = listing(home, "inet guardian", "netdev guardian")
        text = guard.call("print")["text"] + "add rule inet guardian forward nonsense\n"
        done = home.router.run(["nft", "-f", "-"], text_in=text, check=False)
        assert done.returncode != 0
        after = listing(home, "inet guardian", "netdev guardian")
        assert strip(after) == strip(before)
        for family in FAMILIES:
            url = "http://video.lab.test/"
            got = home.fetch("tablet", url, family, known=True)
            assert got.how == "refused"


def strip(text: str) -> str:
    """Return a listing without the time that elements have left."""
    return "\n".join(line for line in text.splitlines() if "expires" not in line)
