"""Compressed answers say the same, and only what gains is compressed."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from webui.serve.compress import (
    LARGEST,
    SMALLEST,
    Compressed,
    accepts_gzip,
    compressed_headers,
    gzipped,
)

PAGE = b"<p>A page that says the same again.</p>" * 100


class App:
    """Answers with one body; counts how often it was closed."""

    def __init__(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        self.body, self.status = body, status
        self.headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
        }
        self.headers |= {name.replace("_", "-"): v for name, v in headers.items()}
        self.closed = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> App:
        start_response(self.status, [(n, v) for n, v in self.headers.items() if v])
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield self.body[:10]
        yield self.body[10:]

    def close(self) -> None:
        self.closed += 1


def ask(
    app: App, accept: str = "gzip, deflate, br", method: str = "GET"
) -> tuple[str, dict[str, str], bytes]:
    """Ask as a server does; returns status, headers and body."""
    said: list[Any] = []

    def start_response(status: str, headers: Any, fault: Any = None) -> Any:
        said[:] = [status, dict(headers)]

    environ = {"REQUEST_METHOD": method, "HTTP_ACCEPT_ENCODING": accept}
    answer: Iterable[bytes] = Compressed(app)(environ, start_response)
    body = b"".join(answer)
    getattr(answer, "close", lambda: None)()
    return said[0], said[1], body


def test_a_page_says_the_same_in_fewer_bytes() -> None:
    app = App(PAGE, ETag='W/"abc"', Cache_Control="no-store")
    status, headers, body = ask(app)
    assert status == "200 OK"
    assert gzip.decompress(body) == PAGE
    assert int(headers["Content-Length"]) == len(body) < len(PAGE) / 5
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["ETag"] == 'W/"abc"'
    assert headers["Cache-Control"] == "no-store"
    assert app.closed == 1


@pytest.mark.parametrize(
    "kind",
    [
        "text/css; charset=utf-8",
        "text/javascript",
        "application/json",
        "application/problem+json",
        "application/manifest+json",
        "image/svg+xml",
    ],
)
def test_every_kind_of_text_is_compressed(kind: str) -> None:
    assert ask(App(PAGE, Content_Type=kind))[1]["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "app",
    [
        App(b"x" * (SMALLEST - 1)),
        App(b"x" * (LARGEST + 1)),
        App(PAGE, Content_Type="image/png"),
        App(PAGE, Content_Type="application/x-x509-ca-cert"),
        App(PAGE, Content_Type=""),
        App(PAGE, Content_Encoding="br"),
        App(PAGE, Content_Length=""),
        App(PAGE, status="206 Partial Content"),
        App(PAGE, status="304 Not Modified"),
    ],
    ids=["small", "large", "png", "der", "none", "packed", "stream", "part", "same"],
)
def test_what_does_not_gain_is_left_as_it_is(app: App) -> None:
    status, headers, body = ask(app)
    assert (status, body) == (app.status, app.body)
    assert headers == {n: v for n, v in app.headers.items() if v}
    assert app.closed == 1


def test_a_head_request_is_left_as_it_is() -> None:
    assert "Content-Encoding" not in ask(App(PAGE), method="HEAD")[1]


def test_error_pages_are_pages() -> None:
    status, headers, body = ask(App(PAGE, status="404 Not Found"))
    assert status == "404 Not Found"
    assert gzip.decompress(body) == PAGE


@pytest.mark.parametrize(
    "header, yes",
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("x-gzip", True),
        ("deflate, br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*", False),
        ("", False),
        ("notgzip", False),
    ],
)
def test_the_visitor_says_what_can_be_read(header: str, yes: bool) -> None:
    assert accepts_gzip(header) is yes
    assert ("Content-Encoding" in ask(App(PAGE), header)[1]) is yes


def test_headers_fit_the_new_bytes() -> None:
    told = compressed_headers(
        [("ETag", '"1"'), ("Vary", "Cookie"), ("Accept-Ranges", "bytes"), ("X", "y")],
        7,
    )
    assert dict(told) == {
        "ETag": 'W/"1"',
        "X": "y",
        "Vary": "Cookie, Accept-Encoding",
        "Content-Encoding": "gzip",
        "Content-Length": "7",
    }


def test_equal_pages_are_equal_bytes() -> None:
    assert gzipped(PAGE) == gzipped(PAGE)


def test_a_fault_is_handed_on() -> None:
    def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        fault = ValueError("x")
        start_response("500 Oh", [], (ValueError, fault, None))
        return [b"x"]

    seen: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "HTTP_ACCEPT_ENCODING": "gzip"}

    def start_response(*said: Any) -> Any:
        seen.append(said)

    answer = Compressed(failing)(environ, start_response)
    assert list(answer) == [b"x"]
    assert seen[0][2][0] is ValueError
