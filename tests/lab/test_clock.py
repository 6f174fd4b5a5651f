"""A box without a clock chip: pulling WAN and power must buy nothing.

The real daemon, told by a file what the machine's wall clock says and whether it is
known to be right (clockless.py); leases are read back from the kernel.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from guardian.compile.engine import CARRY_S

from .clockbox import LONG_AGO, Box
from .guard import MACS
from .home import Home
from .moment import how
from .namespaces import wait_for

pytestmark = pytest.mark.lab

# A Monday, a school day: Mia's bedtime is at nine.
BEDTIME = "2026-10-26T21:00+01:00"
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]


@pytest.fixture
def box(make_home: Callable[..., Home]) -> Box:
    """Return a box in a lab home, not started."""
    return Box(make_home(macs=MACS))


def test_unknown_time_without_a_past_is_closed(box: Box) -> None:
    box.set_clock(LONG_AGO, known=False)
    box.start()
    decision = box.decision()
    assert (decision["verdict"], decision["reason"]) == ("refuse", "CLOCK_UNKNOWN")
    assert how(box.home, "tablet") == HELD
    assert how(box.home, "phone") == OPEN
    status = box.call("status")
    assert status["clock"]["known"] is False
    assert "clock-unknown" in [item["code"] for item in status["health"]]
    # The time becomes known, in the afternoon: what holds then holds at once.
    box.set_clock(BEDTIME, -3600)
    wait_for(lambda: box.call("status")["clock"]["known"], "the clock to be known")
    wait_for(lambda: box.lease() > 0, "the tablet's lease")
    assert box.decision()["reason"] == "DEFAULT"
    assert how(box.home, "tablet") == OPEN


def test_power_cut_keeps_what_was_left_and_then_closes(box: Box) -> None:
    left = 8.0
    box.set_clock(BEDTIME, -(CARRY_S + left))
    box.start()
    assert how(box.home, "tablet") == OPEN
    # The clock says it is noon; nobody believes it.
    box.power_cut("2026-10-26T12:00+01:00")
    decision = box.decision()
    assert (decision["verdict"], decision["reason"]) == ("allow", "CLOCK_UNKNOWN")
    began = time.monotonic()
    assert 0 < box.lease() <= left
    flows = [box.home.flow("tablet", "udp-push", "video", f) for f in (4, 6)]
    for flow in flows:
        flow.wait_running()
    last = max(f.wait_stopped(timeout=left + 10)["down"] for f in flows)
    assert last - began <= left
    assert box.lease() == 0
    assert box.decision()["reason"] == "CLOCK_UNKNOWN"
    assert how(box.home, "tablet") == HELD
    # Once more buys nothing: the time was spent.
    box.power_cut("2026-10-26T12:00+01:00")
    assert box.lease() == 0
    assert how(box.home, "tablet") == HELD
    assert how(box.home, "phone") == OPEN


def test_clock_confirmed_by_a_parent(box: Box) -> None:
    box.set_clock(BEDTIME, 1800, known=False)
    box.start()
    box.call("clock")
    assert box.decision()["reason"] == "BEDTIME"
    assert how(box.home, "tablet") == HELD
    box.call("grant", person="mia", span="10m")
    assert how(box.home, "tablet") == OPEN


def test_step_past_bedtime_closes_at_once(box: Box) -> None:
    box.set_clock(BEDTIME, -7200)
    box.start()
    flows = [box.home.flow("tablet", "udp-call", "chat", f) for f in (4, 6)]
    for flow in flows:
        flow.wait_running()
    stepped = time.monotonic()
    box.set_clock(BEDTIME, 600)
    assert all(flow.stopped_within(stepped, 1.5) for flow in flows)
    assert box.decision()["reason"] == "BEDTIME"
    assert how(box.home, "tablet") == HELD


def test_step_back_lengthens_no_lease(box: Box) -> None:
    left = 12.0
    box.set_clock(BEDTIME, -left)
    box.start()
    before = box.lease()
    at = time.monotonic()
    assert 0 < before <= left
    box.set_clock(BEDTIME, -7200)
    # Help stays unresolved: this box has no resolver.
    wait_for(
        lambda: [h["code"] for h in box.call("status")["health"]]
        == ["help-unresolved"],
        "no other complaint",
    )
    moment = time.monotonic()
    while time.monotonic() < moment + 1.2:
        # Both are read in whole seconds.
        assert box.lease() <= before - (time.monotonic() - at) + 1.1
    # The parent's view is of the new time, the kernel's end is the old one's.
    assert box.decision()["until"].startswith("2026-10-26T21:00")
    flow = box.home.flow("tablet", "udp-push", "video", 4).wait_running()
    box.kill()
    last = flow.wait_stopped(timeout=left + 5)["down"]
    assert last - at <= before + 1.1
