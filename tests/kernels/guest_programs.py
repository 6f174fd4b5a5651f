"""Start the project's programs from the guest's scenarios without importing them anew.

One process has everything imported and never a thread; it forks the scenario, then, at
the scenario's word over a socket pair, programs, which thus are in its namespace.
"""

import importlib
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable


class Program:
    """A program of the project as a process of its own, in the scenario's namespace."""

    def __init__(self, module: str, argv: Iterable[str]) -> None:
        self.pid = _ask({"start": module, "argv": list(argv)})

    def ended(self) -> bool:
        """Say whether the process is gone."""
        return _ask({"gone": self.pid}) == 1

    def wait(self) -> int:
        """Wait for its end; returns the exit status, or minus the signal's number."""
        return _ask({"wait": self.pid})

    def kill(self) -> None:
        """End it with SIGKILL: no last word."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait()


# The scenario's end of the line to the process that forks.
_line: socket.socket | None = None


def connect(line: socket.socket) -> None:
    """Have programs started over this line."""
    global _line
    _line = line


def _ask(question: dict[str, object]) -> int:
    assert _line is not None
    _line.send(json.dumps(question).encode())
    return int(_line.recv(64))


def serve(line: socket.socket) -> None:
    """Start programs and wait for them, until the scenario is gone."""
    while data := line.recv(65536):
        match json.loads(data):
            case {"start": module, "argv": argv}:
                answer = fork(lambda: _be(line, module, argv))
            case {"wait": pid}:
                answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            case {"gone": pid}:
                flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
                answer = int(os.waitid(os.P_PID, pid, flags) is not None)
        line.send(str(answer).encode())


def _be(line: socket.socket, module: str, argv: list[str]) -> int:
    """Be `python3 -m MODULE ARGV...`, its output going to the console."""
    line.close()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.argv = [module, *argv]
    return int(importlib.import_module(module).main(argv) or 0)


def fork(run_it: Callable[[], int]) -> int:
    """Run something in a child process and return its id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        status = run_it()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads with sockets of the home are left as they are.
    os._exit(status)
