"""A refusal comes at once (design: where, point 5): nothing hangs to its time-out."""

from __future__ import annotations

import time

import pytest

from .moment import (
    AFTERNOON,
    FAMILIES,
    MACS,
    NIGHT,
    MakeHome,
    flows,
    guarding,
    how,
    udp,
)

pytestmark = pytest.mark.lab
# linux net/ipv4/icmp.c, net/ipv6/icmp.c: "administratively prohibited" as errno.
PROHIBITED = ["EHOSTUNREACH", "EACCES"]


def test_a_new_connection_is_reset(make_home: MakeHome) -> None:
    """Point 5: TCP by RST, any port, not by silence."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT):
        assert how(home, "tablet") == ["refused", "refused"]
        for family in FAMILIES:
            for port in (443, 8443):
                url = f"https://video.lab.test:{port}/"
                got = home.fetch("tablet", url, family, known=True)
                assert got.how == "refused"


def test_a_datagram_is_refused(make_home: MakeHome) -> None:
    """Point 5: UDP by ICMP, which the sender's socket reports."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT):
        assert udp(home, "tablet") == PROHIBITED
        assert udp(home, "phone") == ["answer 5", "answer 5"]


def test_what_lives_is_refused_too(make_home: MakeHome) -> None:
    """Point 5: at a pause the client's open connection is reset, its call refused."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        child = flows(home, "tablet", [("tcp-upload", "video"), ("udp-call", "chat")])
        at = time.monotonic()
        guard.call("pause", person="mia", span="30m")
        for flow in child:
            home.wait(lambda: "client" in flow.errors(), f"an error for {flow}")
            assert flow.error_time("client") > at
            if flow.kind == "tcp-upload":
                assert flow.errors()["client"] in ("ECONNRESET", "EPIPE")
            else:
                assert flow.errors()["client"] in PROHIBITED


def test_refusals_of_others_are_not_ours(make_home: MakeHome) -> None:
    """Point 5: an allowed device meets the servers' own refusals, unchanged."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON):
        for host in ("tablet", "phone"):
            for family in FAMILIES:
                url = "http://video.lab.test:81/"
                assert home.fetch(host, url, family).how == "refused"
        assert udp(home, "tablet") == ["answer 5", "answer 5"]
