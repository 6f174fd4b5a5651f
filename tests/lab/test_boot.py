"""Closed before the network comes up (design: where, points 6 and 9)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .moment import (
    AFTERNOON,
    HELP,
    HELP_AT,
    MACS,
    NIGHT,
    MakeHome,
    assert_alive,
    chains,
    example,
    flows,
    guarding,
    help_known,
    how,
    udp,
)
from .test_refusal import PROHIBITED

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]


def test_the_closed_rules_hold_before_any_interface(make_home: MakeHome) -> None:
    """Point 6c: what the daemon wrote by day holds the child after a power cut."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    with guarding(home, AFTERNOON) as guard:
        help_known(home, guard)
        home.wait(
            lambda: guard.call("apply") and HELP_AT[0] in closed(guard.state_dir),
            "the rules for the next boot",
        )
    text = closed(guard.state_dir)
    assert MACS["phone"] in text
    assert (
        "hook ingress" not in text and "netdev" not in text
    ), "it names no interface that must exist"
    # A namespace as the kernel makes it: no interface but a loopback that is down.
    subprocess.run(
        ["unshare", "--net", "nft", "-f", "-"], input=text, text=True, check=True
    )
    home.delete_bridge()
    home.router.run("nft delete table inet guardian; nft delete table netdev guardian")
    home.router.run(["conntrack", "-F"])
    home.router.run(["nft", "-f", "-"], text_in=text)
    home.recreate_bridge()
    home.add_host("guest", "02:00:5e:00:10:99", "someones-phone")
    for host in ("tablet", "laptop", "guest"):
        assert how(home, host) == HELD
    assert udp(home, "tablet") == PROHIBITED
    for host in ("phone", "tv"):
        home.wait(lambda: how(home, host) == OPEN, f"{host} to be routed")
    assert how(home, "tablet", HELP) == OPEN
    home.serve("router", http=80)
    assert home.fetch("tablet", "http://192.168.1.1/").ok


def test_the_daemon_opens_what_the_boot_rules_closed(make_home: MakeHome) -> None:
    """Point 6c: they are our tables; the start takes them over in one transaction."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        guard.stop()
        home.router.run("nft delete table inet guardian")
        home.router.run("nft delete table netdev guardian")
        home.router.run(["nft", "-f", str(guard.state_dir / "closed.nft")])
        assert how(home, "tablet") == HELD
        parent = flows(home, "phone", [("udp-call", "chat")])
        guard.start()
        assert how(home, "tablet") == OPEN
        assert_alive(parent)


def test_new_things_are_in_the_boot_rules(make_home: MakeHome) -> None:
    """Point 6c: an alarm exempted now is not closed by tonight's power cut."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        guard.call("assign", device="02:00:5e:00:10:77", exempt=True)
        assert "02:00:5e:00:10:77" in closed(guard.state_dir)
        guard.call("assign", device="02:00:5e:00:10:77", person="mia")
        spared = [
            line
            for line in closed(guard.state_dir).splitlines()
            if "guardian exempt {" in line
        ]
        assert spared and "02:00:5e:00:10:77" not in " ".join(spared)


def test_one_armed_mode_drops_redirects_and_says_it_holds_partly(
    make_home: MakeHome,
) -> None:
    """Point 9: an ND redirect would lead round the box; and it is never green."""
    home = make_home(macs=MACS)
    document = example()
    with guarding(home, NIGHT, document) as guard:
        assert "output" not in chains(home)
        document["network"]["mode"] = "one-armed"
        guard.call("household-import", text=json.dumps(document))
        shown = home.router.run("nft list chain inet guardian output").stdout
        assert 'oifname "br-lan" icmpv6 type nd-redirect drop' in shown
        forward = home.router.run("nft list chain inet guardian forward").stdout
        assert 'oifname "br-lan" accept' not in forward
        status = guard.call("status")
        assert status["mode"] == "one-armed"
        assert "partly-enforced" in {entry["code"] for entry in status["health"]}
        assert how(home, "tablet") == HELD
        assert how(home, "phone") == OPEN


def closed(state_dir: Path) -> str:
    """Return the rules for the next boot."""
    return (state_dir / "closed.nft").read_text(encoding="utf-8")
