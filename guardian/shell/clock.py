"""The two clocks, and whether the wall clock is to be believed.

A Raspberry Pi has no clock chip: it boots with the time of its last shutdown. Trust
needs evidence: the kernel has been synchronised, a time service says so, a clock chip
with a plausible time set the system clock, or a person says so. Once trusted the clock
stays so until the next boot, also over our own restarts: without a server for nine
hours the kernel calls even a good clock unsynchronised (maxerror passes 16 s, ntp.c).
Everything read from the machine can be given as an argument.
"""

from __future__ import annotations

import ctypes
import errno
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from guardian.core.clocktrust import plausible

# Before this code was written; a clock that says so is wrong.
NOT_BEFORE = datetime(2025, 10, 1, tzinfo=timezone.utc)
# Slewing moves at most 500 ppm (adjtimex(2)): 2 s between two reads is a step.
STEP_S = 2.0
# A chip's time and the system's differ by its drift and a second's truncation.
RTC_AGREES_S = 600.0
# adjtimex(2): returned while STA_UNSYNC is set, the state after boot and after a step.
TIME_ERROR = 5
_TIMEX_SIZE = 512
# linux/timerfd.h; os.timerfd_create appeared in Python 3.13 only.
_TFD_ABSTIME, _TFD_CANCEL_ON_SET = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is read of the machine.

    wall: POSIX seconds. mono: seconds since boot, suspended time included, never steps.
    synchronised: whether the kernel says so; None if it would not tell.
    rtc: /sys/class/rtc. synced: files whose existence says "synchronised since boot".
    boot_id: changes at each boot.
    """

    wall: Callable[[], float] = time.time
    mono: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    synchronised: Callable[[], bool | None] = lambda: kernel_synchronised()
    rtc: Path = Path("/sys/class/rtc")
    # systemd-timesyncd.service(8), touched at each success; /run is empty after a boot.
    synced: tuple[Path, ...] = (Path("/run/systemd/timesync/synchronized"),)
    boot_id: Path = Path("/proc/sys/kernel/random/boot_id")


class Clock:
    """Wall clock and monotonic clock of one run.

    start: the wall clock begins here instead (`--now`) and runs at the usual speed;
    such a clock is trusted, and steps of the machine's do not move it.
    marker: a file on a tmpfs where trust is kept for our next run in the same boot.
    """

    def __init__(
        self,
        start: datetime | None = None,
        *,
        marker: Path | None = None,
        not_before: datetime = NOT_BEFORE,
        machine: Machine | None = None,
    ) -> None:
        self._machine = machine or Machine()
        self._not_before = not_before
        self._marker = marker
        self._start = None if start is None else start.astimezone(timezone.utc)
        self._begin = self._machine.mono()
        self._trusted = start is not None or self._marked()
        self._gap = self._difference()
        self._timer = StepTimer()

    def wall(self) -> datetime:
        """Return the time of day: aware, UTC."""
        if self._start is not None:
            return self._start + timedelta(seconds=self.monotonic() - self._begin)
        return datetime.fromtimestamp(self._machine.wall(), tz=timezone.utc)

    def monotonic(self) -> float:
        """Return seconds since boot, suspended time included; never steps."""
        return self._machine.mono()

    def trusted(self) -> bool:
        """Return whether the wall clock is known to be right; stays true once it is."""
        if not self._trusted and self._evidence():
            self.trust()
        return self._trusted

    def trust(self) -> None:
        """Take a person's word, or evidence, that the clock is right."""
        self._trusted = True
        if self._marker is not None and self._start is None:
            with suppress(OSError):
                self._marker.write_text(self._boot())

    def stepped(self) -> bool:
        """Return whether the clock was set by over two seconds since the last call.

        Compared with the last call only, so that a clock that is slewed for hours does
        not add up to a step.
        """
        gap = self._difference()
        moved = abs(gap - self._gap) > STEP_S
        self._gap = gap
        return moved

    def fileno(self) -> int:
        """Return a descriptor that is readable once the clock was set; see `rearm`.

        Raises OSError where the kernel has no such timer; `stepped` still works.
        """
        return self._timer.fileno()

    def rearm(self) -> None:
        """Wait for the next step; call when the descriptor was readable."""
        self._timer.rearm()
        self._gap = self._difference()

    def close(self) -> None:
        """Close the descriptor."""
        self._timer.close()

    def _difference(self) -> float:
        if self._start is not None:
            return 0.0
        return self._machine.wall() - self._machine.mono()

    def _evidence(self) -> bool:
        if not plausible(self.wall(), self._not_before):
            return False
        if self._machine.synchronised():
            return True
        if any(path.exists() for path in self._machine.synced):
            return True
        return self._chip()

    def _chip(self) -> bool:
        """Return whether a clock chip set the system clock and still agrees with it.

        Source: Linux, ABI/testing/sysfs-class-rtc: hctosys is 1 on the one whose time
        the kernel took at boot. Agreement, because a chip without a battery is taken
        too, and a service then sets a made-up time.
        """
        for chip in sorted(self._machine.rtc.glob("rtc*")):
            try:
                took = (chip / "hctosys").read_text().strip() == "1"
                said = int((chip / "since_epoch").read_text())
            except (OSError, ValueError):
                continue
            if took and abs(said - self._machine.wall()) <= RTC_AGREES_S:
                return True
        return False

    def _boot(self) -> str:
        return self._machine.boot_id.read_text().strip()

    def _marked(self) -> bool:
        if self._marker is None:
            return False
        try:
            return self._marker.read_text() == self._boot() != ""
        except (OSError, ValueError):
            return False


class StepTimer:
    """A timer that fires only when somebody sets the wall clock.

    An absolute timer far ahead with TFD_TIMER_CANCEL_ON_SET: timerfd_create(2) makes it
    readable, with ECANCELED, at a discontinuous change of CLOCK_REALTIME.
    """

    def __init__(self) -> None:
        self._file: int | None = None

    def fileno(self) -> int:
        """Return the descriptor, armed; raises OSError."""
        if self._file is None:
            self._file = _call("timerfd_create", time.CLOCK_REALTIME, _FLAGS)
            self._arm()
        return self._file

    def rearm(self) -> bool:
        """Arm again, and return whether the clock was set since."""
        file = self.fileno()
        stepped = False
        try:
            os.read(file, 8)
        except OSError as error:
            if error.errno not in (errno.ECANCELED, errno.EAGAIN):
                raise
            stepped = error.errno == errno.ECANCELED
        self._arm()
        return stepped

    def close(self) -> None:
        """Close the descriptor; `fileno` opens another."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _arm(self) -> None:
        flags = _TFD_ABSTIME | _TFD_CANCEL_ON_SET
        library = _library()
        # A 32-bit C library has this name beside an old one whose time ends in 2038.
        wide = hasattr(library, "__timerfd_settime64")
        name = "__timerfd_settime64" if wide else "timerfd_settime"
        word = ctypes.c_int64 if wide else ctypes.c_long
        # it_interval, it_value: seconds and nanoseconds each. A year of 2106 or 2038.
        far = (1 << 32) - 1 if ctypes.sizeof(word) == 8 else (1 << 31) - 1
        spec = (word * 4)(0, 0, far, 0)
        _call(name, self._file, flags, ctypes.byref(spec), None)


_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC


def kernel_synchronised() -> bool | None:
    """Return whether the kernel's clock is synchronised; None if it will not say.

    Reads only: adjtimex(2) with modes 0 needs no right, but a seccomp filter against
    @clock refuses it. Only the returned state is used, and `modes` is the first member
    everywhere, so that the many layouts of struct timex (32 and 64 bits, old and new
    time_t, musl and glibc) do not matter.
    """
    buffer = ctypes.create_string_buffer(_TIMEX_SIZE)
    try:
        return _call("adjtimex", buffer) != TIME_ERROR
    except OSError:
        return None


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *args: object) -> int:
    """Call a C function; raises OSError where it fails or does not exist."""
    try:
        function = getattr(_library(), name)
    except AttributeError:
        raise OSError(errno.ENOSYS, name) from None
    result = int(function(*args))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result
