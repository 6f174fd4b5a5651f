"""What a supervisor hears, on a socket of the file system and an abstract one."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardian.shell.notify import Notifier


class Supervisor:
    """A bound datagram socket that keeps what it hears."""

    def __init__(self, address: str) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(address)
        self.sock.setblocking(False)
        self.name = address.replace("\0", "@")

    def heard(self) -> list[str]:
        """Return the messages that have come since."""
        found = []
        try:
            while True:
                found.append(self.sock.recv(4096).decode())
        except BlockingIOError:
            return found


@pytest.fixture(params=["path", "abstract"])
def supervisor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Supervisor]:
    abstract = f"\0guardian-test-{os.getpid()}"
    made = Supervisor(
        abstract if request.param == "abstract" else str(tmp_path / "notify")
    )
    with made.sock:
        yield made


def test_the_supervisor_hears_each_state(supervisor: Supervisor) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": supervisor.name})
    notifier.ready()
    notifier.ready("enforcing")
    notifier.status("4 devices")
    notifier.stopping()
    assert supervisor.heard() == [
        "READY=1",
        "READY=1\nSTATUS=enforcing",
        "STATUS=4 devices",
        "STOPPING=1",
    ]


def test_a_status_cannot_begin_another_variable(supervisor: Supervisor) -> None:
    Notifier({"NOTIFY_SOCKET": supervisor.name}).status("a\nMAINPID=1\r\nb")
    assert supervisor.heard() == ["STATUS=a MAINPID=1 b"]


def test_the_watchdog_is_fed_four_times_in_its_interval(supervisor: Supervisor) -> None:
    environ = {"NOTIFY_SOCKET": supervisor.name, "WATCHDOG_USEC": "30000000"}
    now = 0.0
    notifier = Notifier(environ, lambda: now)
    assert notifier.watchdog_s == 30.0
    for now in (x / 2 for x in range(60)):
        notifier.alive()
    assert supervisor.heard() == ["WATCHDOG=1"] * 4


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "-5"},
        {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"},
    ],
)
def test_without_a_watchdog_nothing_is_fed(
    supervisor: Supervisor, environ: dict[str, str]
) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": supervisor.name, **environ})
    notifier.alive()
    assert notifier.watchdog_s is None
    assert supervisor.heard() == []


def test_the_watchdog_may_name_this_process(supervisor: Supervisor) -> None:
    environ = {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid())}
    assert Notifier(environ).watchdog_s == 1.0


@pytest.mark.parametrize("name", ["", "relative", "vsock:2:1", "/nowhere/at/all", "@"])
def test_without_a_supervisor_nothing_fails(name: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000"})
    notifier.ready()
    notifier.alive()
    notifier.stopping()
    assert notifier.watchdog_s == 0.001


def test_a_supervisor_that_does_not_listen_blocks_nothing(tmp_path: Path) -> None:
    deaf = Supervisor(str(tmp_path / "deaf"))
    with deaf.sock:
        notifier = Notifier({"NOTIFY_SOCKET": deaf.name})
        for _ in range(2000):
            notifier.ready()
        assert 0 < len(deaf.heard()) < 2000


def test_the_environment_is_the_process_by_default(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", supervisor.name)
    Notifier().ready()
    assert supervisor.heard() == ["READY=1"]
