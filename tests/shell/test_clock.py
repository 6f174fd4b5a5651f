"""Wall clock and monotonic clock, steps, and what makes the clock believed."""

from __future__ import annotations

import os
import resource
import select
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from guardian.shell.clock import Clock, Machine, StepTimer, kernel_synchronised

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Bench:
    """A machine whose clocks are turned by hand, and its files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wall, self.mono = NOON.timestamp(), 500.0
        self.kernel: bool | None = False
        (folder / "boot_id").write_text("boot-1\n")

    def machine(self) -> Machine:
        return Machine(
            wall=lambda: self.wall,
            mono=lambda: self.mono,
            synchronised=lambda: self.kernel,
            rtc=self.folder / "rtc",
            synced=(self.folder / "synchronized",),
            boot_id=self.folder / "boot_id",
        )

    def clock(self, **options: Any) -> Clock:
        return Clock(machine=self.machine(), **options)

    def chip(self, took: str, epoch: float | str) -> None:
        chip = self.folder / "rtc" / f"rtc{len(list(self.folder.glob('rtc/*')))}"
        chip.mkdir(parents=True)
        (chip / "hctosys").write_text(f"{took}\n")
        (chip / "since_epoch").write_text(f"{epoch}\n")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_wall_clock_is_the_machines(bench: Bench) -> None:
    clock = bench.clock()
    assert clock.wall() == NOON
    assert clock.wall().utcoffset() == timedelta(0)
    assert clock.monotonic() == 500.0


def test_a_start_given_runs_on_at_the_usual_speed(bench: Bench) -> None:
    start = datetime(2026, 7, 1, 20, 59, tzinfo=timezone(timedelta(hours=2)))
    clock = bench.clock(start=start)
    bench.mono += 90
    bench.wall += 5000
    assert clock.wall() == start + timedelta(seconds=90)
    assert clock.trusted()
    assert not clock.stepped()


@pytest.mark.parametrize("jump", [3.0, -3.0, 86400.0, -1e9])
def test_a_step_is_told_once(bench: Bench, jump: float) -> None:
    clock = bench.clock()
    bench.mono += 3600
    bench.wall += 3600 + jump
    assert clock.stepped()
    assert not clock.stepped()


def test_slewing_is_no_step(bench: Bench) -> None:
    clock = bench.clock()
    for _ in range(100):
        bench.mono += 600
        bench.wall += 600 * 1.0005
        assert not clock.stepped()


def test_without_evidence_the_clock_is_not_trusted(bench: Bench) -> None:
    assert not bench.clock().trusted()
    bench.kernel = None
    assert not bench.clock().trusted()


def test_a_synchronised_kernel_is_evidence_and_stays_so(bench: Bench) -> None:
    clock = bench.clock()
    bench.kernel = True
    assert clock.trusted()
    bench.kernel = False
    assert clock.trusted()


def test_a_time_service_is_evidence(bench: Bench) -> None:
    clock = bench.clock()
    (bench.folder / "synchronized").touch()
    assert clock.trusted()


def test_a_persons_word_is_evidence(bench: Bench) -> None:
    clock = bench.clock()
    clock.trust()
    assert clock.trusted()


@pytest.mark.parametrize("year", [1970, 2000, 2025, 2101])
def test_an_implausible_time_is_not_trusted_whatever_says_so(
    bench: Bench, year: int
) -> None:
    bench.wall = datetime(year, 1, 1, tzinfo=timezone.utc).timestamp()
    bench.kernel = True
    bench.chip("1", bench.wall)
    assert not bench.clock().trusted()


def test_a_time_before_what_is_known_to_be_past_is_not_trusted(bench: Bench) -> None:
    bench.kernel = True
    assert not bench.clock(not_before=NOON + timedelta(seconds=1)).trusted()
    assert bench.clock(not_before=NOON).trusted()


@pytest.mark.parametrize(
    "took, off, trusted",
    [
        ("1", 0, True),
        ("1", -599, True),
        # Without a battery: the kernel took 1970, a service then set the last known.
        ("1", -NOON.timestamp(), False),
        ("1", 7200, False),
        ("0", 0, False),
        ("", 0, False),
    ],
)
def test_a_chip_is_evidence_if_the_kernel_took_it_and_it_agrees(
    bench: Bench, took: str, off: float, trusted: bool
) -> None:
    bench.chip(took, int(bench.wall + off))
    assert bench.clock().trusted() == trusted


def test_any_chip_will_do_and_a_broken_one_does_not_matter(bench: Bench) -> None:
    bench.chip("1", "garbage")
    bench.chip("1", int(bench.wall))
    assert bench.clock().trusted()


def test_trust_lasts_over_restarts_but_not_over_a_boot(bench: Bench) -> None:
    marker = bench.folder / "clock-known"
    first = bench.clock(marker=marker)
    assert not first.trusted() and not marker.exists()
    bench.kernel = True
    assert first.trusted()
    bench.kernel = False
    assert bench.clock(marker=marker).trusted()
    (bench.folder / "boot_id").write_text("boot-2\n")
    assert not bench.clock(marker=marker).trusted()


def test_a_marker_without_a_boot_id_is_worth_nothing(bench: Bench) -> None:
    marker = bench.folder / "clock-known"
    marker.write_text("")
    (bench.folder / "boot_id").write_text("")
    assert not bench.clock(marker=marker).trusted()
    (bench.folder / "boot_id").unlink()
    assert not bench.clock(marker=marker).trusted()


def test_a_start_given_leaves_no_marker(bench: Bench) -> None:
    marker = bench.folder / "clock-known"
    clock = bench.clock(start=NOON, marker=marker)
    clock.trust()
    assert not marker.exists()


def test_the_real_machine_answers() -> None:
    clock = Clock()
    assert clock.monotonic() <= clock.monotonic()
    assert clock.wall().tzinfo is timezone.utc
    assert kernel_synchronised() in (True, False)


def test_the_step_timer_is_quiet_until_somebody_sets_the_clock() -> None:
    timer = StepTimer()
    try:
        assert select.select([timer], [], [], 0.05)[0] == []
        assert timer.rearm() is False
        assert select.select([timer], [], [], 0)[0] == []
    finally:
        timer.close()


def test_the_step_timer_gives_its_descriptor_back() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        clock = Clock()
        assert clock.fileno() == clock.fileno()
        clock.rearm()
        clock.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_without_descriptors_it_says_so_and_the_rest_works() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    clock = Clock()
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(OSError):
            clock.fileno()
        assert not clock.stepped()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# Sets the clock to what it is: the time stays, but the kernel counts it as set.
SET_AND_SEE = """
import select, sys, time
from guardian.shell.clock import Clock
clock = Clock()
clock.fileno()
try:
    wall = time.CLOCK_REALTIME
    time.clock_settime_ns(wall, time.clock_gettime_ns(wall))
except PermissionError:
    sys.exit(3)
assert select.select([clock], [], [], 5)[0], "not readable"
assert clock._timer.rearm() is True
assert not select.select([clock], [], [], 0)[0], "still readable"
"""


@pytest.mark.lab
def test_a_set_clock_makes_the_descriptor_readable() -> None:
    if kernel_synchronised():
        pytest.skip("the clock is synchronised: setting it would undo that for a while")
    done = subprocess.run(
        [sys.executable, "-c", SET_AND_SEE], capture_output=True, text=True
    )
    if done.returncode == 3:
        pytest.skip("no right to set the clock (CAP_SYS_TIME)")
    assert (done.returncode, done.stderr) == (0, "")
