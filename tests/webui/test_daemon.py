"""The pages' side of the socket: real sockets, real absence, the last good answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError
from webui.daemon import KEPT_MAX, SocketDaemon


class Listener:
    """A daemon of a few lines on a real socket: notes requests, answers `answer`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {"v": 1, "ok": True, "result": 7}
        self.sock: socket.socket | None = None

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.bind(str(self.path))
        self.sock.listen()
        threading.Thread(target=self._serve, args=(self.sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        while True:
            try:
                peer, _ = sock.accept()
            except OSError:
                return
            with peer, peer.makefile("rwb") as stream:
                self.asked.append(json.loads(stream.readline()))
                stream.write(json.dumps(self.answer).encode() + b"\n")

    def stop(self) -> None:
        if self.sock is not None:
            # Closing alone leaves `accept` waiting (close(2)).
            self.sock.shutdown(socket.SHUT_RDWR)
            self.sock.close()
            self.sock = None
        self.path.unlink(missing_ok=True)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path / "web.sock")
    made.start()
    yield made
    made.stop()


def test_reading_and_changing(listener: Listener) -> None:
    daemon = SocketDaemon(listener.path)
    assert daemon.read("person", person="mia") == 7
    assert daemon.change("pause", by="anna", person="mia") == 7
    read, change = listener.asked
    assert (read["verb"], read["args"]) == ("person", {"person": "mia"})
    assert change["args"] == {"person": "mia", "by": "anna"}


def test_while_it_is_away_the_last_answer_stands(listener: Listener) -> None:
    daemon = SocketDaemon(listener.path, mono=lambda: 5.0)
    daemon.read("overview")
    assert daemon.away is None
    listener.stop()
    assert daemon.read("overview") == 7
    assert daemon.away is not None and daemon.away.since == 5.0
    with pytest.raises(ControlError, match="not-running"):
        daemon.read("overview", other=1)
    with pytest.raises(ControlError, match="not-running"):
        daemon.change("pause", by="anna", person="mia")
    listener.start()
    daemon.read("overview")
    assert daemon.away is None


def test_a_refusal_is_not_absence(listener: Listener) -> None:
    daemon = SocketDaemon(listener.path)
    daemon.read("person", person="mia")
    error = {"code": "no-such-person", "detail": "mia", "problems": []}
    listener.answer = {"v": 1, "ok": False, "error": error}
    with pytest.raises(ControlError, match="no-such-person"):
        daemon.read("person", person="mia")
    assert daemon.away is None


def test_what_is_kept_is_bounded(listener: Listener) -> None:
    daemon = SocketDaemon(listener.path)
    for number in range(KEPT_MAX + 3):
        daemon.read("person", person=str(number))
    listener.stop()
    with pytest.raises(ControlError):
        daemon.read("person", person="2")
    assert daemon.read("person", person="3") == 7
