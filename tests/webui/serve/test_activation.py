"""Sockets are taken over as sd_listen_fds(3) says, and nothing else is."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from webui.serve.activation import taken_over

# Takes over what it is given and says what came of it.
CHILD = """
import json, os, sys
os.environ["LISTEN_PID"] = os.environ.get("LISTEN_PID") or str(os.getpid())
from webui.serve.activation import taken_over
try:
    found = taken_over(os.environ)
except ValueError:
    print(json.dumps("refused"))
    sys.exit()
def is_open(number):
    try:
        os.fstat(number)
        return True
    except OSError:
        return False
print(json.dumps({
    "names": {name: [s.getsockname()[1] for s in many] for name, many in found.items()},
    "blocking": [s.getblocking() for many in found.values() for s in many],
    "inheritable": [s.get_inheritable() for many in found.values() for s in many],
    "open": [n for n in range(3, 8) if is_open(n)],
}))
"""


def given(sockets: list[socket.socket], environ: Mapping[str, str]) -> Any:
    """Run the child with these sockets as descriptors from 3 on."""
    moved = "; ".join(
        f"os.dup2({sock.fileno() + 100}, {number})"
        for number, sock in enumerate(sockets, 3)
    )
    high = [os.dup2(s.fileno(), s.fileno() + 100, inheritable=True) for s in sockets]
    code = f"import os; {moved or 'pass'}\n"
    code += "".join(f"os.close({number})\n" for number in high) + CHILD
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environ},
        pass_fds=high,
        capture_output=True,
        text=True,
        check=True,
    )
    for number in high:
        os.close(number)
    return json.loads(done.stdout)


@pytest.fixture
def listening() -> Any:
    """Return three listening sockets."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    yield sockets
    for sock in sockets:
        sock.close()


def test_sockets_come_by_name(listening: list[socket.socket]) -> None:
    said = given(listening, {"LISTEN_FDS": "3", "LISTEN_FDNAMES": "http:https:http"})
    ports = [sock.getsockname()[1] for sock in listening]
    assert said["names"] == {"http": [ports[0], ports[2]], "https": [ports[1]]}
    assert said["blocking"] == said["inheritable"] == [False] * 3


def test_strange_names_are_closed(listening: list[socket.socket]) -> None:
    said = given(
        listening, {"LISTEN_FDS": "3", "LISTEN_FDNAMES": "stored:blocked:unknown"}
    )
    assert list(said["names"]) == ["blocked"]
    assert said["open"] == [4]


def test_what_does_not_listen_is_closed(listening: list[socket.socket]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as silent:
            said = given(
                [datagram, silent, listening[0]],
                {"LISTEN_FDS": "3", "LISTEN_FDNAMES": "http:https:http"},
            )
    assert said["names"] == {"http": [listening[0].getsockname()[1]]}
    assert said["open"] == [5]


def test_another_process_may_be_meant() -> None:
    environ = {"LISTEN_PID": "1", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "http"}
    assert taken_over(environ) == {}
    assert taken_over({}) == {}


@pytest.mark.parametrize(
    "count, names", [("2", "http"), ("1", "http:https"), ("x", ""), ("-1", "")]
)
def test_variables_that_make_no_sense_are_refused(
    listening: list[socket.socket], count: str, names: str
) -> None:
    environ = {"LISTEN_FDS": count, "LISTEN_FDNAMES": names}
    assert given(listening[:1], environ) == "refused"
