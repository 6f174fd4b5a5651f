"""Speak to the daemon over its control socket, blocking; for the CLI and the web UI.

Must not import the shell: a program without rights is to stay small.
"""

import contextlib
import json
import socket
from pathlib import Path
from typing import Any

from guardian.core.errors import ControlError, Problem

VERSION = 1
DEFAULT_SOCKET = Path("/run/guardian/control.sock")
# The slowest answer is `check`, one nft process on a slow router.
TIMEOUT_S = 30.0


def call(path: Path, verb: str, /, *, wait_s: float = TIMEOUT_S, **args: Any) -> Any:
    """Send one request and return its result.

    wait_s: how long for each step. args: the verb's own, whatever they are called.
    Raises ControlError: "not-running" when nobody listens, else the daemon's own code,
    detail and problems.
    """
    request = json.dumps({"v": VERSION, "verb": verb, "args": args}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(wait_s)
        try:
            sock.connect(str(path))
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            raise ControlError("not-running", str(path)) from None
        except PermissionError:
            raise ControlError("not-allowed", str(path)) from None
        except OSError as cause:
            # The path is too long, or the daemon takes nobody in.
            raise ControlError("no-answer", type(cause).__name__) from None
        try:
            # A daemon that refuses us says so and closes while we still send.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                sock.sendall(request)
            with sock.makefile("rb") as stream:
                answer = json.loads(stream.readline())
        except (OSError, ValueError) as cause:
            raise ControlError("no-answer", type(cause).__name__) from None
    try:
        if answer["ok"]:
            return answer["result"]
        error = answer["error"]
        problems = tuple(Problem(**p) for p in error["problems"])
        refusal = ControlError(error["code"], error["detail"], problems)
    except (TypeError, KeyError):
        raise ControlError("bad-answer") from None
    raise refusal
