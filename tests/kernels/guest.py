"""Run scenarios, each in a network namespace of its own, and report line by line.

`python3 -m tests.kernels.guest NAME...` calls `run(report)` of each scenario_NAME.py.
Needs root; made for the guest of packaging/kernels, but runs on any machine whose
kernel has what the scenarios ask for. Standard library only: the guest has nothing
else. An emulated processor takes seconds to import a program, so all is imported once,
and scenarios and programs are forks of one process that never has a thread.
"""

import contextlib
import ctypes
import functools
import importlib
import os
import resource
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator

from .guest_programs import connect, fork, serve

CLONE_NEWNET = 0x40000000  # linux/sched.h
_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A network namespace without a name: it ends with the last user of it.

    It belongs to a thread: sockets made and programs started `inside` are of it.
    """

    def __init__(self) -> None:
        with _back_again():
            _checked(_libc.unshare(CLONE_NEWNET))
            self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            run("ip link set lo up")
        # What `ip` takes for the name of a namespace, too.
        self.path = f"/proc/{os.getpid()}/fd/{self.fd}"

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Move the calling thread into this namespace for a while."""
        with _back_again():
            _checked(_libc.setns(self.fd, CLONE_NEWNET))
            yield


@contextlib.contextmanager
def _back_again() -> Iterator[None]:
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        yield
    finally:
        _checked(_libc.setns(home, CLONE_NEWNET))
        os.close(home)


def _checked(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def run(command: str, text: str = "") -> str:
    """Run a program with `text` on its input; returns its output.

    Raises RuntimeError with its error output.
    """
    done = subprocess.run(command.split(), input=text, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr.strip()[:600]}")
    return done.stdout


def ip(commands: str) -> None:
    """Run lines of `ip` commands as one batch."""
    run("ip -batch -", commands)


def nft(text: str) -> str:
    """Load a ruleset as one transaction; returns what it prints."""
    return run("nft -f -", text)


def refused(text: str) -> str:
    """Return nft's complaint about a ruleset, on one line; "" if it loads."""
    try:
        nft(text)
    except RuntimeError as error:
        return " | ".join(line.strip() for line in str(error).splitlines()[:2])
    return ""


def sysctl(name: str, value: str) -> None:
    """Set a kernel parameter, dots or slashes between its parts."""
    with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
        file.write(value)


def wait_until(moment: float) -> None:
    """Sleep until time.monotonic() says `moment`."""
    time.sleep(max(0.0, moment - time.monotonic()))


def await_true(
    asked: Callable[[], bool], limit_s: float = 5.0, pause_s: float = 0.02
) -> bool:
    """Ask until the answer is yes or the time is up; returns the last answer."""
    until = time.monotonic() + limit_s
    while not asked():
        if time.monotonic() > until:
            return False
        time.sleep(pause_s)
    return True


class Report:
    """What a scenario says: steps that hold or do not, and facts worth reading."""

    def __init__(self, name: str) -> None:
        self._name = name

    def step(self, holds: bool, text: str, found: str = "") -> None:
        """Report one step; `found` is what was measured."""
        self._line(f"STEP {'ok' if holds else 'FAIL'}", text, found)

    def note(self, text: str, found: str = "") -> None:
        """Report a fact that is neither good nor bad."""
        self._line("NOTE", text, found)

    def end(self) -> None:
        """Say that the scenario has come to its end."""
        self._line("END", "done")

    def _line(self, word: str, text: str, found: str = "") -> None:
        """Write one line at once, in ASCII, as the serial port wants it."""
        whole = f"{word} {self._name}: {text}" + (f" [{found}]" if found else "")
        data = " ".join(whole.split()).encode("ascii", "replace") + b"\n"
        os.write(sys.stdout.fileno(), data)


def _cpu() -> float:
    """Return the CPU seconds of all processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _scenario(name: str, report: Report, line: socket.socket) -> int:
    """Run one scenario; an exception is a failed step and goes to the console."""
    connect(line)
    try:
        importlib.import_module(f"tests.kernels.scenario_{name}").run(report)
    except Exception as error:
        traceback.print_exc()
        report.step(False, "goes through", repr(error)[:900])
    return 0


def main(names: list[str]) -> None:
    """Run scenarios one after the other."""
    for name in names:
        importlib.import_module(f"tests.kernels.scenario_{name}")
    for name in names:
        report = Report(name)
        started, used = time.monotonic(), _cpu()
        _checked(_libc.unshare(CLONE_NEWNET))
        run("ip link set lo up")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            pid = fork(functools.partial(_scenario, name, report, theirs))
            theirs.close()
            serve(ours)
        os.waitpid(pid, 0)
        took = time.monotonic() - started
        report.note(f"took {took:.1f} s", f"{_cpu() - used:.1f} s of CPU")
        report.end()


if __name__ == "__main__":
    main(sys.argv[1:])
