"""On a change of state the device's connections end, and no others (point 10)."""

from __future__ import annotations

import re
import time

import pytest

from .flows import Flow
from .home import Home
from .moment import (
    AFTERNOON,
    HELP,
    HELP_AT,
    MACS,
    MakeHome,
    assert_alive,
    assert_stopped,
    example,
    flows,
    guarding,
    help_known,
)

pytestmark = pytest.mark.lab
KINDS = (("tcp-chat", "chat"), ("udp-call", "chat"))
TALK = (("tcp-chat", HELP), ("udp-call", HELP))


def entry(home: Home, flow: Flow) -> str:
    """Return the id of a flow's connection entry, "" if it has none.

    The kernel gives a re-made entry another id.
    """
    argv = ["conntrack", "-L", "-o", "id", "-f", f"ipv{flow.family}"]
    argv += ["-p", "tcp" if flow.kind.startswith("tcp") else "udp"]
    listed = home.router.run([*argv, "--orig-port-dst", str(flow.port)]).stdout
    found = re.findall(r"\bid=(\d+)", listed)
    return found[0] if found else ""


def test_a_pause_deletes_the_childs_entries_only(make_home: MakeHome) -> None:
    """Point 10: sibling's and parent's stay, and the child's own to help."""
    home = make_home(macs=MACS, hosts={HELP: HELP_AT})
    document = example()
    for device in document["devices"]:
        if device["id"] == "laptop":
            device["person"] = "ben"
    with guarding(home, AFTERNOON, document) as guard:
        help_known(home, guard)
        child = flows(home, "tablet", KINDS)
        kept = (
            flows(home, "tablet", TALK)
            + flows(home, "laptop", KINDS)
            + flows(home, "phone", KINDS)
        )
        before = [entry(home, flow) for flow in kept]
        ended = [entry(home, flow) for flow in child]
        assert all(before) and all(ended)
        at = time.monotonic()
        guard.call("pause", person="mia", span="30m")
        assert_stopped(child, at)
        assert [entry(home, flow) for flow in child] == [""] * len(child)
        assert [entry(home, flow) for flow in kept] == before
        assert_alive(kept)


def test_a_change_that_closes_nothing_deletes_nothing(make_home: MakeHome) -> None:
    """Point 10: deleting resets NATed flows now and then; never merely to re-judge."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        child = flows(home, "tablet", KINDS)
        before = [entry(home, flow) for flow in child]
        guard.call("exception", person="mia", kind="bedtime", start="20:00")
        guard.call("grant", person="mia", span="10m")
        guard.call("pause", person="ben", span="10m")
        guard.call("apply")
        assert [entry(home, flow) for flow in child] == before
        assert_alive(child)


def test_entries_of_before_the_daemon_end_too(make_home: MakeHome) -> None:
    """Point 10: a start at night cuts what a held device had opened before."""
    home = make_home(macs=MACS)
    child = flows(home, "tablet", KINDS)
    parent = flows(home, "phone", KINDS)
    before = [entry(home, flow) for flow in parent]
    with guarding(home, "2026-10-26T22:00"):
        for flow in child:
            home.wait(lambda: not entry(home, flow), f"the entry of {flow} to go")
        assert [entry(home, flow) for flow in parent] == before
        assert_alive(parent)
