"""The gate counts requests as RFC 9112 does, and refuses what has two readings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from webui.serve.gate import (
    BODY_BYTES,
    HEAD_BYTES,
    LARGE_BODY_BYTES,
    REASONS,
    Head,
    Refused,
    read_head,
    refusal,
)

HOST = "Host: guardian.home.arpa"


def head(*lines: str, first: str = "GET / HTTP/1.1") -> bytes:
    """Return a request's head with these header lines."""
    return "\r\n".join([first, *lines, "", ""]).encode("latin-1")


def status(data: bytes) -> int:
    """Return the status with which a head is refused, 0 if it is not."""
    try:
        read_head(data)
    except Refused as refused:
        return refused.status
    return 0


@pytest.mark.parametrize(
    "lines, first, wanted",
    [
        ([HOST], "GET / HTTP/1.1", Head("GET", "/", 0)),
        ([], "GET /x?y=/z HTTP/1.0", Head("GET", "/x", 0)),
        ([HOST, "Content-Length: 12"], "POST /a HTTP/1.1", Head("POST", "/a", 12)),
        ([HOST, "CONTENT-LENGTH:\t7 "], "PUT /a HTTP/1.1", Head("PUT", "/a", 7)),
        ([HOST, "X-Name: Mädchen"], "GET /%C3%A4 HTTP/1.1", Head("GET", "/%C3%A4", 0)),
        ([HOST, "X-Empty:"], "DELETE /a HTTP/1.1", Head("DELETE", "/a", 0)),
    ],
)
def test_what_browsers_send_is_read(lines: list[str], first: str, wanted: Head) -> None:
    assert read_head(head(*lines, first=first)) == wanted


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5", "Content-Length: 5"],
        ["Content-Length: 5", "content-length: 5"],
        ["Content-Length: 5, 5"],
        ["Content-Length: +5"],
        ["Content-Length: -5"],
        ["Content-Length: 0x5"],
        ["Content-Length: 5 5"],
        ["Content-Length:"],
        ["Content-Length: ٥"],
        ["Content_Length: 5", "Content-Length: 6"],
        ["Content-Length : 5"],
        ["Content-Length\t: 5"],
        [" Content-Length: 5"],
        ["X: y", " folded: z"],
        ["X: y\x00z"],
        ["X: y\rz"],
        ["X: y\nContent-Length: 5"],
        ["X: y\x0bz"],
        ["no colon"],
        [": no name"],
        ["X Y: z"],
        [HOST],
        ["host: other.example"],
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(lines: list[str]) -> None:
    assert (
        status(
            b"\r\n".join(
                [b"POST / HTTP/1.1", HOST.encode()]
                + [line.encode("utf-8") for line in lines]
                + [b"", b""]
            )
        )
        == 400
    )


@pytest.mark.parametrize(
    "line",
    [
        "Transfer-Encoding: chunked",
        "transfer-encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer_Encoding: chunked",
        "Transfer-Encoding:",
    ],
)
@pytest.mark.parametrize("with_length", [True, False])
def test_transfer_codings_are_refused(line: str, with_length: bool) -> None:
    lines = [HOST, line] + ["Content-Length: 3"] * with_length
    assert status(head(*lines, first="POST / HTTP/1.1")) == 501


@pytest.mark.parametrize(
    "first, refused",
    [
        ("", 400),
        ("GET /", 400),
        ("GET  / HTTP/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        (" GET / HTTP/1.1", 400),
        ("get / HTTP/1.1", 400),
        ("GET http://guardian.local/ HTTP/1.1", 400),
        ("CONNECT bank.example:443 HTTP/1.1", 400),
        ("OPTIONS * HTTP/1.1", 400),
        ("GET /a\tb HTTP/1.1", 400),
        ("GET /ä HTTP/1.1", 400),
        ("GET / HTTP/2.0", 505),
        ("GET / HTTP/0.9", 505),
        ("GET / http/1.1", 400),
    ],
)
def test_odd_first_lines_are_refused(first: str, refused: int) -> None:
    assert status(head(HOST, first=first)) == refused


def test_http_11_names_its_host_once() -> None:
    assert status(head()) == 400
    assert status(head(HOST, HOST)) == 400


@pytest.mark.parametrize(
    "first, length, refused",
    [
        ("POST /", BODY_BYTES, 0),
        ("POST /", BODY_BYTES + 1, 413),
        ("POST /settings/restore", LARGE_BODY_BYTES, 0),
        ("POST /settings/restore?x", LARGE_BODY_BYTES, 0),
        ("POST /settings/restore", LARGE_BODY_BYTES + 1, 413),
        ("PUT /settings/restore", BODY_BYTES + 1, 413),
        ("POST /settings/restore/", BODY_BYTES + 1, 413),
        ("POST /settings/%72estore", BODY_BYTES + 1, 413),
        ("POST /me/../settings/restore", BODY_BYTES + 1, 413),
        ("POST /", 9999999999, 413),
        ("POST /", 10**10, 400),
    ],
)
def test_bodies_have_a_limit(first: str, length: int, refused: int) -> None:
    data = head(HOST, f"Content-Length: {length}", first=f"{first} HTTP/1.1")
    assert status(data) == refused


def test_only_one_large_body_is_called_large() -> None:
    def large(length: int) -> bool:
        line = f"Content-Length: {length}"
        first = "POST /settings/restore HTTP/1.1"
        return read_head(head(HOST, line, first=first)).large

    assert not large(BODY_BYTES)
    assert large(BODY_BYTES + 1)


def test_heads_have_a_limit() -> None:
    fields = [f"X-{n}: y" for n in range(64)]
    assert status(head(HOST, *fields)) == 431
    assert status(head(HOST, *fields[:63])) == 0
    assert status(head(HOST, "X: " + "y" * HEAD_BYTES)) == 431
    assert status(b"GET / HTTP/1.1\r\n") == 400


def test_every_refusal_is_whole_and_ends_the_connection() -> None:
    for code in REASONS:
        text = refusal(code).decode("ascii")
        assert text.startswith(f"HTTP/1.1 {code} ")
        assert "Content-Length: 0\r\n" in text
        assert text.endswith("Connection: close\r\n\r\n")


PIECES = st.sampled_from(
    [
        *("Content-Length", "content-length", "Content_Length", "Transfer-Encoding"),
        *("Host", "X", ":", ": ", " :", " ", "\t", "5", "0", "+5", "5, 6", "chunked"),
        *("\r\n", "\n", "\r", "\r\n ", "\x00", "\x0b", "\xa0", "guardian.local"),
    ]
)


@given(st.lists(PIECES, max_size=14), st.sampled_from(["1.0", "1.1"]))
def test_the_server_behind_counts_the_same_length(
    pieces: list[str], version: str
) -> None:
    # Waitress is the oracle: whatever the gate lets through it reads as one request
    # with the same length.
    text = f"POST / HTTP/{version}\r\n{HOST}\r\n" + "".join(pieces)
    data = text.encode("latin-1") + b"\r\n\r\n"
    data = data[: data.index(b"\r\n\r\n") + 4]
    try:
        counted = read_head(data)
    except Refused:
        return
    parser = HTTPRequestParser(Adjustments())
    assert parser.received(data) == len(data)
    assert parser.error is None
    assert parser.content_length == counted.length
    assert not parser.chunked
