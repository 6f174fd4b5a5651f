"""The process as a whole: asked, attacked, put to sleep, woken and ended."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from webui.serve.gate import BODY_BYTES
from webui.serve.main import main

from .box import request
from .process import ROOT, TINY, Web, answer, everything


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Return a running process."""
    with Web(tmp_path_factory.mktemp("serve")) as web:
        yield web


@pytest.mark.parametrize("door", ["http", "https"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_both_doors_in_both_families(web: Web, door: str, address: str) -> None:
    told = web.ask("/a?b=c", door, address=address)
    assert told["REMOTE_ADDR"] == told["SERVER_NAME"] == address
    assert told["SERVER_PORT"] == str(web.ports[door])
    assert told["wsgi.url_scheme"] == told["guardian.listener"] == door
    assert told["path"] == "/a"


def test_the_application_knows_the_names_and_the_words(web: Web) -> None:
    told = web.ask()
    assert {"guardian.home.arpa", "guardian.local", "127.0.0.1"} <= set(told["hosts"])
    assert len(told["words"]) == 4


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For: 192.168.1.77",
        "Forwarded: for=192.168.1.77;proto=https",
        "X-Forwarded-Proto: https",
        "X-Real-IP: 192.168.1.77",
        "Remote-Addr: 192.168.1.77",
        "REMOTE_ADDR: 192.168.1.77",
    ],
)
def test_nobody_can_say_that_they_are_another(web: Web, header: str) -> None:
    told = web.ask(headers=f"{header}\r\n", source="127.0.0.9")
    assert told["REMOTE_ADDR"] == "127.0.0.9"
    assert told["wsgi.url_scheme"] == "http"
    assert told["HTTP_X_FORWARDED_FOR"] is None


def behind(web: Web) -> int:
    """Return the port on which the HTTP server waits for the terminator."""
    pid = web.process.pid
    held = set()
    for name in Path(f"/proc/{pid}/fd").iterdir():
        try:
            held.add(os.readlink(name))
        except OSError:
            continue
    ports = []
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        field = line.split()
        # State 0A is LISTEN (the kernel's tcp_states.h).
        if field[3] == "0A" and f"socket:[{field[9]}]" in held:
            ports.append(int(field[1].partition(":")[2], 16))
    (found,) = set(ports) - set(web.ports.values())
    return found


def test_the_server_behind_answers_the_terminator_only(web: Web) -> None:
    before = web.ask()["count"]
    for source in ("127.0.0.1", "127.0.0.2"):
        where = ("127.0.0.1", behind(web))
        with socket.create_connection(where, 10, (source, 0)) as sock:
            sock.sendall(request("/", "Connection: close"))
            status, body = answer(sock)
        assert (status, body) == (403, b"")
    assert web.ask()["count"] == before + 1


def test_another_loopback_address_with_a_visitors_port_is_refused(web: Web) -> None:
    # 127.0.0.2 may have the very source port that stands for a parent's connection.
    port = behind(web)
    with web.connect() as visitor:
        visitor.sendall(b"GET /slow HTTP/1.1\r\nHost: guardian.local\r\n\r\n")
        source = 0
        while not source:
            source = next(iter(sources(web, port)), 0)
        with socket.create_connection(
            ("127.0.0.1", port), 10, ("127.0.0.2", source)
        ) as sock:
            sock.sendall(request("/", "Connection: close"))
            assert answer(sock) == (403, b"")


def sources(web: Web, port: int) -> list[int]:
    """Return the terminator's own ports towards the HTTP server."""
    found = []
    for line in Path(f"/proc/{web.process.pid}/net/tcp").read_text().splitlines()[1:]:
        field = line.split()
        if field[2] == f"0100007F:{port:04X}" and field[3] == "01":
            found.append(int(field[1].partition(":")[2], 16))
    return found


HIDDEN = "GET /hidden HTTP/1.1\r\nHost: guardian.local\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 0", f"Content-Length: {len(HIDDEN)}"],
        ["Transfer-Encoding: chunked", f"Content-Length: {len(HIDDEN) + 5}"],
        ["Transfer-Encoding: chunked"],
        ["Transfer-Encoding: x", "Transfer-Encoding: chunked"],
        ["Content-Length: 0,0"],
        ["Content_Length: 3", "Content-Length: 0"],
    ],
)
def test_no_shape_of_a_request_reaches_the_application(
    web: Web, lines: list[str]
) -> None:
    before = web.ask()["count"]
    with web.connect() as sock:
        sock.sendall(request("/", *lines, method="POST", body=f"0\r\n\r\n{HIDDEN}"))
        assert answer(sock)[0] in (400, 501)
    assert web.ask()["count"] == before + 1


def test_bodies_arrive_up_to_the_limit(web: Web) -> None:
    for path, size, status in (
        ("/", BODY_BYTES, 200),
        ("/", BODY_BYTES + 1, 413),
        ("/settings/restore", 2 << 20, 200),
        ("/settings/restore", (2 << 20) + 1, 413),
    ):
        with web.connect() as sock:
            line = f"Content-Length: {size}"
            data = request(path, line, "Connection: close", method="POST")
            sock.sendall(data + b"x" * size)
            code, body = answer(sock)
        assert code == status, (path, size)
        if status == 200:
            assert f'"body": {size}'.encode() in body


def test_whoever_asks_first_whether_to_send_is_told(web: Web) -> None:
    # As curl does with a backup (RFC 9110, 10.1.1).
    lines = ("Content-Length: 3", "Expect: 100-continue", "Connection: close")
    with web.connect() as sock:
        sock.sendall(request("/settings/restore", *lines, method="POST"))
        assert sock.recv(100).startswith(b"HTTP/1.1 100 Continue")
        sock.sendall(b"abc")
        code, body = answer(sock)
        assert code == 200 and b'"body": 3' in body
    lines = (f"Content-Length: {3 << 20}", *lines[1:])
    with web.connect() as sock:
        sock.sendall(request("/settings/restore", *lines, method="POST"))
        assert answer(sock) == (413, b"")


def test_a_large_answer_arrives_whole(web: Web) -> None:
    for door in ("http", "https"):
        with web.connect(door) as sock:
            sock.sendall(request("/big", "Connection: close"))
            assert answer(sock) == (200, bytes(1 << 20))


def test_fifty_slow_visitors_leave_the_threads_alone(web: Web) -> None:
    with ExitStack() as stack:
        for number in range(50):
            sock = stack.enter_context(web.connect(source=f"127.0.1.{number + 1}"))
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        assert web.ask()["REMOTE_ADDR"] == "127.0.0.1"


def test_the_log_holds_no_name_no_path_and_no_address(web: Web) -> None:
    with web.connect() as sock:
        sock.sendall(request("/fault?who=mia", "Connection: close"))
        assert answer(sock) == (500, b"")
    with web.connect(source="127.0.0.44") as sock:
        sock.sendall(request("/big"))
    with web.connect("blocked") as sock:
        sock.sendall(b"GET /x HTTP/1.1\r\nHost: secret.example\r\n\r\n")
        assert b"302" in everything(sock)
    web.ask()
    text = web.said()
    assert "fault=RuntimeError at=tiny.py:" in text
    for word in ("mia", "/fault", "/big", "secret", "127.0.0"):
        assert word not in text


def test_the_state_is_the_owners_only(web: Web) -> None:
    for path in (web.state, web.state / "tls", *(web.state / "tls").iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_a_signal_ends_it_after_the_last_answer(tmp_path: Path) -> None:
    with Web(tmp_path) as web, web.connect() as sock:
        sock.sendall(request("/slow", "Connection: close"))
        # The application has it once the connection stands for somebody behind.
        while not sources(web, behind(web)):
            time.sleep(0.01)
        time.sleep(0.2)
        web.process.send_signal(signal.SIGTERM)
        assert answer(sock)[0] == 200
        assert web.process.wait(10) == 0
        assert web.said().endswith("INFO stopped\n")
        assert "Traceback" not in web.said()


def test_the_certificate_outlives_the_process(tmp_path: Path) -> None:
    words = []
    for _ in range(2):
        with Web(tmp_path) as web:
            words.append(web.ask(door="https")["words"])
            assert web.end() == 0
    assert words[0] == words[1]
    assert web.said().count("renewed") == 0


def test_it_can_end_when_nobody_comes(tmp_path: Path) -> None:
    with Web(tmp_path, "--idle-exit", "0.5") as web:
        web.ask()
        assert web.process.wait(15) == 0


def test_a_state_directory_that_cannot_be_made_is_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")
    code = subprocess.run(
        [sys.executable, "-m", "webui.serve.main", "--state-dir", tmp_path / "file/x"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert code.returncode == 1
    assert code.stderr.startswith("ERROR cannot start: ")
    assert "Traceback" not in code.stderr


# Puts the sockets where sd_listen_fds(3) has them and becomes the web process.
HOLDER = """
import os, sys
numbers = [int(number) for number in sys.argv[1].split(",")]
for target, number in enumerate(numbers, 3):
    os.dup2(number, target)
os.environ.update(LISTEN_FDS=str(len(numbers)), LISTEN_PID=str(os.getpid()),
                  LISTEN_FDNAMES="http:https:blocked")
os.execv(sys.executable, [sys.executable, "-m", *sys.argv[2:]])
"""


class Holder:
    """Holds three listening sockets, as systemd would, and starts the process.

    The process ends when nobody has come for a second.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        self.ports = [sock.getsockname()[1] for sock in self.sockets]

    def wait_and_start(self) -> subprocess.Popen[Any]:
        """Wait for a visitor, then start the process for it."""
        assert select.select(self.sockets, [], [], 10)[0]
        # Numbers out of the way of 3, 4 and 5.
        high = [os.dup2(s.fileno(), s.fileno() + 100) for s in self.sockets]
        argv = [sys.executable, "-c", HOLDER, ",".join(map(str, high)), TINY]
        argv += ["--state-dir", str(self._folder), "--idle-exit", "1"]
        try:
            return subprocess.Popen(
                argv, cwd=ROOT, pass_fds=high, stderr=subprocess.PIPE, text=True
            )
        finally:
            for number in high:
                os.close(number)

    def visit(self) -> socket.socket:
        """Ask for a page; nobody may be there yet."""
        sock = socket.create_connection(("127.0.0.1", self.ports[0]), 10)
        sock.sendall(request("/", "Connection: close"))
        return sock


def test_a_visitor_starts_it_and_quiet_ends_it(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    for _ in range(2):
        with holder.visit() as sock:
            child = holder.wait_and_start()
            status, body = answer(sock)
            assert status == 200 and b'"guardian.listener": "http"' in body
            _, said = child.communicate(timeout=20)
        assert child.returncode == 0
        assert "serving http={} https={} blocked={}".format(*holder.ports) in said
        # Asleep, and still there for the next one.
        assert not select.select(holder.sockets, [], [], 0)[0]
    for sock in holder.sockets:
        sock.close()


def test_nobody_who_comes_while_it_falls_asleep_is_lost(tmp_path: Path) -> None:
    holder = Holder(tmp_path)
    first = holder.visit()
    child = holder.wait_and_start()
    assert answer(first)[0] == 200
    answered = 1
    waiting = None
    end = time.monotonic() + 20
    while child.poll() is None and time.monotonic() < end:
        # About when the second is over; a visitor keeps it up for another one.
        time.sleep(0.98)
        with holder.visit() as waiting:
            readable, _, _ = select.select([waiting], [], [], 3)
            if readable:
                assert answer(waiting)[0] == 200
                answered += 1
                if answered == 4:
                    break
                continue
            child.wait(10)
            again = holder.wait_and_start()
            assert answer(waiting)[0] == 200
            again.kill()
            again.communicate()
    child.kill()
    child.communicate()
    first.close()
    for sock in holder.sockets:
        sock.close()


@pytest.mark.parametrize(
    "argv, pattern",
    [(["--help"], r"guardian-web"), (["--http", "x"], r"invalid int value")],
)
def test_options_are_explained(
    argv: list[str], pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(argv)
    shown = capsys.readouterr()
    assert re.search(pattern, shown.out + shown.err)
