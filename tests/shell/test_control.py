"""The control socket: who may speak, and what becomes of those who speak badly."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.core.errors import ControlError, GuardianError, Problem
from guardian.shell.control import (
    CLIENTS_MAX,
    LINE_MAX,
    ControlServer,
    Door,
    failure,
    named,
    parse_request,
    peer_name,
)
from tests.lab.namespaces import wait_for
from tests.serving import serving

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
ASK = b'{"v": 1, "verb": "echo", "args": {"x": 1}}\n'


async def answering(verb: str, args: dict[str, Any], peer: str) -> Any:
    """The handler of these tests; any verb but two fails them."""
    if verb == "echo":
        return {"args": args, "peer": peer}
    assert verb == "refuse", verb
    raise GuardianError("no", "because", (Problem("people[0]", "bad-id", "X"),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


@pytest.fixture
def server(path: Path) -> Iterator[ControlServer]:
    made = ControlServer(path, answering)
    with serving(made):
        yield made


class Client:
    """A connection that says what the test wants."""

    def __init__(self, path: Path) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(str(path))
        self._lines = self.sock.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self.sock.close()

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hear(self) -> dict[str, Any]:
        """Return the next answer; {} once the daemon has closed."""
        line = self._lines.readline()
        answer: dict[str, Any] = json.loads(line) if line else {}
        return answer

    def ask(self, data: bytes) -> dict[str, Any]:
        self.say(data)
        return self.hear()


def test_a_request_is_answered_with_the_peers_name(
    server: ControlServer, path: Path
) -> None:
    with Client(path) as client:
        answer = client.ask(ASK)
    name = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
    assert answer == {
        "v": 1,
        "ok": True,
        "result": {"args": {"x": 1}, "peer": name},
    }


def test_several_requests_on_one_connection(server: ControlServer, path: Path) -> None:
    with Client(path) as client:
        client.say(ASK + ASK[:10])
        client.say(ASK[10:])
        assert client.hear()["ok"] and client.hear()["ok"]


def test_a_refusal_carries_code_detail_and_problems(
    server: ControlServer, path: Path
) -> None:
    with Client(path) as client:
        answer = client.ask(b'{"v": 1, "verb": "refuse"}\n')
    assert answer["ok"] is False
    assert answer["error"] == {
        "code": "no",
        "detail": "because",
        "problems": [{"place": "people[0]", "code": "bad-id", "detail": "X"}],
    }


BAD = [
    b"\n",
    b"not json\n",
    b"[]\n",
    b"1\n",
    b'{"v": 2, "verb": "echo"}\n',
    b'{"verb": "echo"}\n',
    b'{"v": 1}\n',
    b'{"v": 1, "verb": 7}\n',
    b'{"v": 1, "verb": "echo", "args": []}\n',
    b'{"v": 1, "verb": "echo", "args": null}\n',
    b"\xff\xfe\n",
    b"[" * 100_000 + b"\n",
]


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_a_bad_line_is_refused_and_the_next_is_heard(
    server: ControlServer, path: Path, line: bytes
) -> None:
    with Client(path) as client:
        assert client.ask(line)["error"]["code"] == "bad-request"
        assert client.ask(ASK)["ok"]


def test_half_a_line_does_nothing(server: ControlServer, path: Path) -> None:
    with Client(path) as client:
        client.say(ASK[:-5])
        client.sock.shutdown(socket.SHUT_WR)
        assert client.hear()["error"]["code"] == "bad-request"
        assert client.hear() == {}


def test_a_client_that_leaves_in_the_middle_harms_nobody(
    server: ControlServer, path: Path
) -> None:
    for _ in range(CLIENTS_MAX + 5):
        with Client(path) as client:
            client.say(ASK + ASK[:7])
    wait_for(lambda: heard(path), "a free place")


def heard(path: Path) -> bool:
    """Say whether a new client gets its answer."""
    with Client(path) as client:
        try:
            return bool(client.ask(ASK).get("ok"))
        except ConnectionError:
            return False


def test_a_line_above_the_limit_is_refused(server: ControlServer, path: Path) -> None:
    with Client(path) as client:
        endless = threading.Thread(target=flood, args=(client.sock,), daemon=True)
        endless.start()
        assert client.hear()["error"]["code"] == "request-too-long"
        assert heard(path)
        endless.join(10)


def flood(sock: socket.socket) -> None:
    """Send twice what fits into the server's buffer, without a newline."""
    try:
        sock.sendall(b"x" * (3 * LINE_MAX))
    except OSError:
        return


def test_a_whole_document_fits(server: ControlServer, path: Path) -> None:
    text = "ü" * 500_000  # the largest document, in the costliest letters
    with Client(path) as client:
        request = {"v": 1, "verb": "echo", "args": {"text": text}}
        answer = client.ask(json.dumps(request).encode() + b"\n")
    assert answer["result"]["args"]["text"] == text


def test_more_clients_than_places(server: ControlServer, path: Path) -> None:
    clients = [Client(path) for _ in range(CLIENTS_MAX)]
    assert all(client.ask(ASK)["ok"] for client in clients)
    with Client(path) as late:
        assert late.hear()["error"]["code"] == "too-many-clients"
    clients.pop().__exit__()
    wait_for(lambda: heard(path), "a free place")
    for client in clients:
        client.__exit__()


# --- who may connect


def as_nobody(path: Path, verb: str = "") -> subprocess.CompletedProcess[str]:
    """Speak to a socket as a user who is in no group of ours."""
    script = (
        "import os, socket, sys\n"
        f"os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "sock = socket.socket(socket.AF_UNIX); sock.settimeout(10)\n"
        "sock.connect(sys.argv[1])\n"
        # Who is refused may find the door shut before it has spoken.
        "try: sock.sendall(sys.argv[2].encode())\n"
        "except BrokenPipeError: pass\n"
        "print(sock.makefile().readline())\n"
    )
    args = {"by": "anna"}
    asked = json.dumps({"v": 1, "verb": verb, "args": args}) + "\n" if verb else ""
    return subprocess.run(
        [sys.executable, "-c", script, str(path), asked],
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.fixture
def open_path() -> Iterator[Path]:
    """Return a path whose folders everybody may enter, as /run/guardian's may be."""
    if os.geteuid() != 0:
        pytest.skip("not root: no other user to speak as")
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "control.sock"


def test_another_user_is_kept_out_by_the_files_mode(open_path: Path) -> None:
    with serving(ControlServer(open_path, answering)):
        assert open_path.stat().st_mode & 0o777 == 0o660
        assert "PermissionError" in as_nobody(open_path).stderr


def test_another_user_is_refused_whatever_the_files_mode(open_path: Path) -> None:
    with serving(ControlServer(open_path, answering)):
        open_path.chmod(0o666)
        said = as_nobody(open_path)
        assert json.loads(said.stdout)["error"]["code"] == "not-allowed", said.stderr
        with Client(open_path) as client:
            assert client.ask(ASK)["ok"]


def test_the_kernels_word_is_taken_for_the_peer() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        name = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout
        assert peer_name(ours) == name.strip()


# --- the pages' own socket


def door(uid: int | None = None) -> Door:
    return Door(
        uid=os.geteuid() if uid is None else uid,
        verbs=frozenset({"echo", "refuse"}),
        nameless=frozenset({"refuse"}),
    )


def through(path: Path, verb: str, **args: Any) -> dict[str, Any]:
    """Ask once by a socket and return the answer."""
    with Client(path) as client:
        return client.ask(
            json.dumps({"v": 1, "verb": verb, "args": args}).encode() + b"\n"
        )


def test_the_pages_name_the_account_that_asks(path: Path) -> None:
    with serving(ControlServer(path, answering, door())):
        assert path.stat().st_mode & 0o777 == 0o600
        assert through(path, "echo", x=1, by="anna")["result"] == {
            "args": {"x": 1},
            "peer": "anna",
        }
        assert through(path, "refuse")["error"]["code"] == "no"


@pytest.mark.parametrize("by", [None, "", " ", 7, ["anna"], "a" * 65, "an\nna"])
def test_a_change_by_nobody_is_refused(path: Path, by: object) -> None:
    with serving(ControlServer(path, answering, door())):
        error = through(path, "echo", by=by)["error"]
    assert (error["code"], error["detail"]) == ("bad-argument", "by")


def test_a_name_that_is_given_must_be_one_even_where_none_is_needed() -> None:
    assert named(door(), "refuse", {}) == ""
    assert named(door(), "refuse", {"by": "anna"}) == "anna"
    with pytest.raises(ControlError, match="bad-argument"):
        named(door(), "refuse", {"by": "a" * 65})


def test_only_verbs_of_the_pages_pass_their_door(path: Path) -> None:
    with serving(ControlServer(path, answering, door())):
        error = through(path, "lift", by="anna")["error"]
        assert (error["code"], error["detail"]) == ("not-allowed", "lift")


def test_the_control_socket_takes_no_name_from_the_request(
    server: ControlServer, path: Path
) -> None:
    answer = through(path, "echo", by="anna")["result"]
    assert answer["peer"] != "anna" and answer["args"] == {"by": "anna"}


def test_the_user_of_the_pages_owns_their_socket(open_path: Path) -> None:
    with serving(ControlServer(open_path, answering, door(NOBODY))):
        state = open_path.stat()
        assert (state.st_uid, state.st_mode & 0o777) == (NOBODY, 0o600)
        assert json.loads(as_nobody(open_path, "echo").stdout)["ok"]
        assert through(open_path, "echo", by="anna")["ok"], "root may, too"


def test_nobody_else_passes_the_door_whatever_the_files_mode(open_path: Path) -> None:
    with serving(ControlServer(open_path, answering, door(NOBODY + 1))):
        open_path.chmod(0o666)
        assert "not-allowed" in as_nobody(open_path, "echo").stdout


def test_a_daemon_that_cannot_give_the_file_away_opens_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refuse)
    with serving(ControlServer(path, answering, door(NOBODY))):
        assert path.stat().st_mode & 0o777 == 0o666


# --- the socket's file


def test_a_socket_left_by_a_dead_daemon_is_replaced(path: Path) -> None:
    script = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert path.is_socket()
    with serving(ControlServer(path, answering)):
        assert heard(path)
    assert not path.exists()


def test_a_living_daemon_keeps_its_socket(server: ControlServer, path: Path) -> None:
    with pytest.raises(ControlError, match="already-running"):
        with serving(ControlServer(path, answering)):
            raise AssertionError("two daemons")
    assert heard(path)


# --- requests as values


@given(line=st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_a_request_or_a_control_error(line: bytes) -> None:
    try:
        verb, args = parse_request(line)
    except ControlError as error:
        assert error.code == "bad-request"
    else:
        assert isinstance(verb, str) and isinstance(args, dict)


def test_a_failure_is_what_the_client_reads() -> None:
    made = failure(GuardianError("code", "detail", (Problem("a", "b", "c"),)))
    assert made == {
        "v": 1,
        "ok": False,
        "error": {
            "code": "code",
            "detail": "detail",
            "problems": [{"place": "a", "code": "b", "detail": "c"}],
        },
    }
