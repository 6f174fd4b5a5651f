"""Speak to the daemon over its control socket, blocking; for the CLI and the web UI."""

import json
import socket
from pathlib import Path
from typing import Any

from guardian.core.errors import ControlError, Problem

VERSION = 1
DEFAULT_SOCKET = Path("/run/guardian/control.sock")
# The slowest answer is `check`, one nft process on a slow router.
TIMEOUT_S = 30.0


def call(path: Path, verb: str, timeout: float = TIMEOUT_S, **args: Any) -> Any:
    """Send one request and return its result.

    Raises ControlError: "not-running" when nobody listens, else the daemon's own code,
    detail and problems.
    """
    request = json.dumps({"v": VERSION, "verb": verb, "args": args}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            raise ControlError("not-running", str(path)) from None
        except PermissionError:
            raise ControlError("not-allowed", str(path)) from None
        try:
            sock.sendall(request)
            with sock.makefile("rb") as stream:
                answer = json.loads(stream.readline())
        except (OSError, ValueError) as cause:
            raise ControlError("no-answer", type(cause).__name__) from None
    if answer.get("ok"):
        return answer["result"]
    error = answer.get("error", {})
    problems = tuple(Problem(**p) for p in error.get("problems", ()))
    raise ControlError(
        error.get("code", "bad-answer"), error.get("detail", ""), problems
    )
