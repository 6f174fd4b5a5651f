"""The client: every way a daemon may answer, or fail to, is a ControlError."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from guardian.client import call
from guardian.core.errors import ControlError, GuardianError, Problem
from guardian.shell.control import ControlServer
from tests.serving import serving


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@contextmanager
def daemon(path: Path, speak: Callable[[socket.socket], None]) -> Iterator[None]:
    """Take one connection and let `speak` answer it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1)
        listener.settimeout(10)

        def serve() -> None:
            taken, _ = listener.accept()
            with taken:
                speak(taken)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        thread.join(10)
        assert not thread.is_alive()


def says(line: bytes) -> Callable[[socket.socket], None]:
    def speak(taken: socket.socket) -> None:
        taken.makefile("rb").readline()
        taken.sendall(line)

    return speak


def code_of(path: Path, timeout: float = 10.0) -> str:
    with pytest.raises(ControlError) as refused:
        call(path, "status", wait_s=timeout)
    return refused.value.code


async def answering(verb: str, args: dict[str, Any], peer: str) -> Any:
    if verb == "echo":
        return args
    problems = (Problem("devices[0] (TV)", "bad-mac", "x"), Problem("name", "missing"))
    raise GuardianError("household-invalid", "two places", problems)


def test_result_and_refusal_of_a_real_server(path: Path) -> None:
    with serving(ControlServer(path, answering)):
        assert call(path, "echo", x=1, y=["Mädchen"]) == {"x": 1, "y": ["Mädchen"]}
        with pytest.raises(ControlError) as refused:
            call(path, "import")
        assert call(path, "echo", timeout=5, path="p") == {"timeout": 5, "path": "p"}
    assert refused.value.code == "household-invalid"
    assert refused.value.detail == "two places"
    assert refused.value.problems == (
        Problem("devices[0] (TV)", "bad-mac", "x"),
        Problem("name", "missing", ""),
    )


def test_nobody_listens(path: Path, tmp_path: Path) -> None:
    assert code_of(path) == "not-running"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert code_of(path) == "not-running"
    (tmp_path / "file").touch()
    assert code_of(tmp_path / "file" / "control.sock") == "not-running"


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    assert code_of(tmp_path / ("x" * 120)) == "no-answer"


def test_a_socket_that_is_not_for_us(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("not root: no other user to speak as")
    with socket.socket(socket.AF_UNIX) as listener:
        # Not below tmp_path, which other users may not enter at all.
        name = f"/run/guardian-test-{os.getpid()}.sock"
        listener.bind(name)
        try:
            os.chmod(name, 0o600)
            listener.listen(1)
            script = (
                "import os, sys\nfrom pathlib import Path\n"
                "from guardian.client import call\n"
                "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
                "call(Path(sys.argv[1]), 'status')\n"
            )
            done = subprocess.run(
                [sys.executable, "-c", script, name], capture_output=True, text=True
            )
        finally:
            os.unlink(name)
    assert "ControlError: not-allowed" in done.stderr


@pytest.mark.parametrize(
    "line, code",
    [
        (b"", "no-answer"),
        (b'{"v": 1, "ok": tr', "no-answer"),
        (b"\xff\n", "no-answer"),
        (b"[]\n", "bad-answer"),
        (b"7\n", "bad-answer"),
        (b"{}\n", "bad-answer"),
        (b'{"v": 1, "ok": true}\n', "bad-answer"),
        (b'{"v": 1, "ok": false}\n', "bad-answer"),
        (b'{"v": 1, "ok": false, "error": "no"}\n', "bad-answer"),
        (b'{"v": 1, "ok": false, "error": {"code": "x"}}\n', "bad-answer"),
        (
            b'{"ok": false, "error": {"code": "x", "detail": "", "problems": [1]}}\n',
            "bad-answer",
        ),
        (b'{"ok": false, "error": {"code": "x", "detail": "", "problems": []}}\n', "x"),
    ],
    ids=range(12),
)
def test_whatever_answers(path: Path, line: bytes, code: str) -> None:
    with daemon(path, says(line)):
        assert code_of(path) == code


def test_a_daemon_that_hangs(path: Path) -> None:
    heard = threading.Event()

    def hang(taken: socket.socket) -> None:
        taken.makefile("rb").readline()
        heard.wait(10)

    with daemon(path, hang):
        assert code_of(path, timeout=0.2) == "no-answer"
        heard.set()


def test_a_refusal_before_the_request_was_heard(path: Path) -> None:
    line = json.dumps(
        {
            "v": 1,
            "ok": False,
            "error": {"code": "too-many-clients", "detail": "", "problems": []},
        }
    )

    def refuse(taken: socket.socket) -> None:
        taken.sendall(line.encode() + b"\n")

    with daemon(path, refuse), pytest.raises(ControlError, match="too-many-clients"):
        # More than the socket's buffer, so that the sending fails in the middle.
        call(path, "household-import", text="x" * 3_000_000)
