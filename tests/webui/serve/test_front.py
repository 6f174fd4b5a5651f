"""The application hears who is asking from the table, and from nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from webui.serve.front import Front, Table, Visitor


def visitor(door: Any = "https") -> Visitor:
    """Return a tablet's connection."""
    return Visitor(
        address="192.168.1.50",
        port=50000,
        local="192.168.1.1",
        local_port=8443,
        door=door,
    )


class App:
    """Keeps what it was told; answers, or fails at the given chunk."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.told: list[dict[str, Any]] = []
        self.closed = 0
        self._fails_at = fails_at

    def __call__(self, environ: dict[str, Any], start_response: Any) -> App:
        self.told.append(dict(environ))
        if self._fails_at == -1:
            raise RuntimeError("mia's secret")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for number in range(2):
            if self._fails_at == number:
                raise RuntimeError("mia's secret")
            yield b"x"

    def close(self) -> None:
        self.closed += 1


class Server:
    """Calls an application as a WSGI server does."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.status = ""

    def start_response(self, status: str, headers: Any, exc_info: Any = None) -> Any:
        self.status = status
        return lambda data: None

    def ask(self, address: str = "127.0.0.1", port: str = "40000") -> bytes:
        environ = {"REMOTE_ADDR": address, "REMOTE_PORT": port}
        answer: Iterable[bytes] = self._front(environ, self.start_response)
        return b"".join(answer)


def built(app: App, row: Visitor | None = None) -> Server:
    """Return a server in front of the application, with one connection in the table."""
    table = Table()
    table.add(40000, row or visitor())
    return Server(Front(app, table, mono=lambda: 7.0))


def test_the_application_is_told_the_visitor() -> None:
    app = App()
    assert built(app).ask() == b"xx"
    told = app.told[0]
    assert told["REMOTE_ADDR"] == told["REMOTE_HOST"] == "192.168.1.50"
    assert told["REMOTE_PORT"] == "50000"
    assert (told["SERVER_NAME"], told["SERVER_PORT"]) == ("192.168.1.1", "8443")
    assert told["wsgi.url_scheme"] == told["guardian.listener"] == "https"


def test_plain_http_is_told_as_such() -> None:
    app = App()
    built(app, visitor("http")).ask()
    assert app.told[0]["wsgi.url_scheme"] == "http"
    assert app.told[0]["guardian.listener"] == "http"


@pytest.mark.parametrize(
    "address, port",
    [
        ("127.0.0.1", "40001"),
        ("127.0.0.2", "40000"),
        ("::1", "40000"),
        ("127.0.0.1", ""),
        ("127.0.0.1", "x"),
        ("", "40000"),
    ],
)
def test_a_connection_that_is_not_in_the_table_is_refused(
    address: str, port: str
) -> None:
    app = App()
    server = built(app)
    assert server.ask(address, port) == b""
    assert server.status == "403 Forbidden"
    assert app.told == []


def test_a_connection_that_has_ended_is_refused() -> None:
    table, app = Table(), App()
    table.add(40000, visitor())
    table.drop(40000)
    table.drop(40000)
    server = Server(Front(app, table))
    server.ask()
    assert server.status == "403 Forbidden"
    assert len(table) == 0


def test_answers_are_counted_when_they_end() -> None:
    row = visitor()
    app = App()
    table = Table()
    table.add(40000, row)
    front = Front(app, table)
    environ = {"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "40000"}
    answer = iter(front(environ, Server(front).start_response))
    assert next(answer) == b"x"
    assert (front.active, row.served, app.closed) == (1, 0, 0)
    assert list(answer) == [b"x"]
    assert (front.active, row.served, app.closed) == (0, 1, 1)


@pytest.mark.parametrize("fails_at", [-1, 0])
def test_a_fault_before_the_answer_is_an_empty_500(
    fails_at: int, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(fails_at)
    server = built(app)
    assert server.ask() == b""
    assert server.status == "500 Internal Server Error"
    assert "RuntimeError" in caplog.text
    assert "test_front.py" in caplog.text
    assert "secret" not in caplog.text
    assert app.closed == (fails_at == 0)


def test_a_fault_in_the_middle_ends_the_connection() -> None:
    with pytest.raises(RuntimeError):
        built(App(1)).ask()
