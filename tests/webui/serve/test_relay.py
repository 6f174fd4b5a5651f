"""A connection's life: what is passed on, what is refused, and that every wait ends."""

import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from webui.serve.gate import BODY_BYTES, HEAD_BYTES

from .box import SHORT, Box, one_answer, request
from .process import answer, everything, is_closed


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """Return a box with short limits."""
    with Box(tmp_path) as box:
        yield box


def ask(box: Box, data: bytes) -> tuple[int, bytes]:
    """Send bytes on a connection of their own; returns status and body."""
    with box.connect() as sock:
        sock.sendall(data)
        return answer(sock)


def test_requests_follow_each_other_on_one_connection(box: Box) -> None:
    with box.connect() as sock:
        for number in (b"1", b"2", b"3"):
            sock.sendall(request(body="", method="POST"))
            assert one_answer(sock) == number
        assert len(box.table) == 1
    wait_until_empty(box)


def wait_until_empty(box: Box) -> None:
    """Wait until the table holds no connection."""
    end = time.monotonic() + 5
    while len(box.table) and time.monotonic() < end:
        time.sleep(0.01)
    assert len(box.table) == 0


def test_requests_sent_together_are_told_apart(box: Box) -> None:
    first = request("/a", "Content-Length: 5", method="POST", body="GET /")
    with box.connect() as sock:
        sock.sendall(first + request("/b"))
        assert one_answer(sock) == b"1"
        assert one_answer(sock) == b"2"
    assert box.behind.seen == [first, request("/b")]


def test_a_body_in_pieces_arrives_whole(box: Box) -> None:
    body = "x" * BODY_BYTES
    data = request("/", f"Content-Length: {len(body)}", method="POST", body=body)
    with box.connect() as sock:
        for start in range(0, len(data), 9000):
            sock.sendall(data[start : start + 9000])
        assert one_answer(sock) == b"1"
    assert box.behind.seen == [data]


SMUGGLED = "GET /settings HTTP/1.1\r\nHost: guardian.local\r\n\r\n"


@pytest.mark.parametrize(
    "lines, status",
    [
        (["Content-Length: 5", f"Content-Length: {len(SMUGGLED)}"], 400),
        ([f"Content-Length: {len(SMUGGLED)}", "Transfer-Encoding: chunked"], 501),
        (["Transfer-Encoding: chunked", "Content-Length: 4"], 501),
        (["Transfer-Encoding: identity"], 501),
        (["Transfer-Encoding : chunked", "Content-Length: 4"], 400),
        (["Content-Length: 0x0"], 400),
        (["Content-Length: 0\r\n Content-Length: 9"], 400),
        (["X: y\nContent-Length: 0"], 400),
        (["Host: other.example"], 400),
    ],
)
def test_smuggling_shapes_reach_nobody(box: Box, lines: list[str], status: int) -> None:
    data = request("/", *lines, method="POST", body=f"0\r\n\r\n{SMUGGLED}")
    assert ask(box, data) == (status, b"")
    assert box.behind.seen == []


def test_a_refusal_ends_the_connection_with_all_that_follows(box: Box) -> None:
    with box.connect() as sock:
        sock.sendall(request())
        assert one_answer(sock) == b"1"
        sock.sendall(request("/", "Transfer-Encoding: chunked") + request("/more"))
        assert answer(sock) == (501, b"")
    assert len(box.behind.seen) == 1


def test_an_oversize_head_is_refused(box: Box) -> None:
    assert ask(box, request("/", "X: " + "y" * HEAD_BYTES))[0] == 431
    assert ask(box, request("/" + "y" * HEAD_BYTES))[0] == 431
    assert ask(box, b"G" * 3 * HEAD_BYTES)[0] == 431


def test_an_oversize_body_is_refused_before_it_is_sent(box: Box) -> None:
    line = f"Content-Length: {BODY_BYTES + 1}"
    assert ask(box, request("/", line, method="POST"))[0] == 413
    # Whoever sends it all the same still hears why.
    body = "x" * (BODY_BYTES + 1)
    assert ask(box, request("/", line, method="POST", body=body))[0] == 413
    assert box.behind.seen == []


def test_only_one_large_body_at_a_time(box: Box) -> None:
    line = f"Content-Length: {2 * BODY_BYTES}"
    large = request("/settings/restore", line, method="POST")
    with box.connect() as first:
        first.sendall(large)
        while not box.shared.large:
            time.sleep(0.01)
        assert ask(box, large)[0] == 503
        first.sendall(b"x" * 2 * BODY_BYTES)
        assert one_answer(first) == b"1"
    assert not box.shared.large


@pytest.mark.parametrize(
    "said, status",
    [
        (b"", 0),
        (b"G", 408),
        (b"GET / HTTP/1.1\r\nHost: guardian.local\r\nX: ", 408),
    ],
    ids=["silent", "one byte", "half a head"],
)
def test_whoever_does_not_finish_a_request_is_closed(
    box: Box, said: bytes, status: int
) -> None:
    assert ask(box, said)[0] == status
    assert box.behind.seen == []


def test_a_body_that_does_not_come_is_given_up(box: Box) -> None:
    with box.connect() as sock:
        sock.sendall(request("/", "Content-Length: 9", method="POST", body="abc"))
        assert everything(sock) == b""
    wait_until_empty(box)
    assert box.behind.seen == []


def test_a_quiet_connection_is_closed_after_a_while(box: Box) -> None:
    with box.connect() as sock:
        sock.sendall(request())
        assert one_answer(sock) == b"1"
        assert everything(sock) == b""
    wait_until_empty(box)


def test_an_answer_that_takes_longer_than_the_quiet_is_waited_for(box: Box) -> None:
    box.behind.hold.clear()
    with box.connect() as sock:
        sock.sendall(request())
        time.sleep(2 * SHORT.keep)
        box.behind.hold.set()
        assert one_answer(sock) == b"1"


def test_whoever_does_not_read_is_closed(box: Box) -> None:
    box.behind.answer = bytes(32 << 20)
    with box.connect() as sock:
        sock.sendall(request())
        wait_for_table(box)
        wait_until_empty(box)


def wait_for_table(box: Box) -> None:
    """Wait until the table holds a connection."""
    end = time.monotonic() + 5
    while not len(box.table) and time.monotonic() < end:
        time.sleep(0.01)
    assert len(box.table)


def test_without_a_server_the_connection_ends(box: Box) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        box.shared.server = gone.getsockname()
    assert ask(box, request()) == (0, b"")
    assert len(box.table) == 0


def test_a_silent_tls_client_is_closed(box: Box) -> None:
    with box.connect("https") as sock:
        assert everything(sock) == b""


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: guardian.local\r\n\r\n",
        b"\x16\x03\x01\xff\xff",
        b"\0" * 99,
    ],
    ids=["plain", "half a hello", "zeros"],
)
def test_what_is_no_handshake_is_closed(box: Box, said: bytes) -> None:
    with box.connect("https") as sock:
        sock.sendall(said)
        assert is_closed(sock, 5) or b"HTTP" not in everything(sock)
    assert box.behind.seen == []


def tls(box: Box, **limits: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a client's context that trusts the box only."""
    context = ssl.create_default_context(cafile=str(box.authority.certificate))
    for name, value in limits.items():
        setattr(context, name, value)
    return context


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_carries_requests(box: Box, version: str) -> None:
    context = tls(box, maximum_version=ssl.TLSVersion[version])
    with context.wrap_socket(
        box.connect("https"), server_hostname="guardian.local"
    ) as sock:
        for number in (b"1", b"2"):
            sock.sendall(request())
            assert one_answer(sock) == number


def test_old_tls_is_refused(box: Box) -> None:
    context = tls(box)
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.raises(OSError), box.connect("https") as sock:
        context.wrap_socket(sock, server_hostname="guardian.local")


def test_a_long_answer_arrives_whole_over_tls(tmp_path: Path) -> None:
    with Box(tmp_path, limits=replace(SHORT, write=5)) as box:
        box.behind.answer = b"y" * (3 << 20)
        with tls(box).wrap_socket(
            box.connect("https"), server_hostname="guardian.local"
        ) as sock:
            sock.sendall(request())
            assert one_answer(sock) == box.behind.answer
