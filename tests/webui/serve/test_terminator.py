"""Whoever is slow or many keeps nobody out; a renewal or a stop drops nobody."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guardian.shell.interfaces import Interface
from webui.serve import terminator as module
from webui.serve.crowd import PER_VISITOR, Crowd
from webui.serve.relay import Limits

from .box import SHORT, Box, one_answer, request
from .process import everything, is_closed

# Nothing is closed for being slow while a test looks.
PATIENT = Limits()
MANY = 50


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """Return a box that has patience, and takes many connections of one address."""
    with Box(tmp_path, limits=PATIENT) as box:
        box.terminator._crowd = Crowd(per_visitor=2 * MANY, overall=2 * MANY)
        yield box


def trusting(box: Box) -> ssl.SSLContext:
    """Return a client's context that trusts the box only."""
    return ssl.create_default_context(cafile=str(box.authority.certificate))


def secure(box: Box) -> ssl.SSLSocket:
    """Open a connection with TLS."""
    return trusting(box).wrap_socket(
        box.connect("https"), server_hostname="guardian.local"
    )


@pytest.mark.parametrize(
    "door, said",
    [
        ("http", b""),
        ("http", b"GET / HTTP/1.1\r\nHost: guardian.local\r\nX: "),
        ("http", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc"),
        ("https", b""),
        ("https", b"\x16\x03\x01\x02\x00\x01"),
        ("blocked", b"GET / HTTP/1.1\r\n"),
    ],
    ids=["silent", "half a head", "half a body", "no hello", "half a hello", "8081"],
)
def test_fifty_slow_connections_keep_nobody_out(
    box: Box, door: str, said: bytes
) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(box.connect(door)) for _ in range(MANY)]
        for sock in slow:
            sock.sendall(said)
        with box.connect() as sock:
            sock.sendall(request())
            one_answer(sock)
        with secure(box) as sock:
            sock.sendall(request())
            one_answer(sock)
        # They were there all the time.
        assert not any(is_closed(sock, 0) for sock in slow)


def test_one_address_has_a_cap_and_its_oldest_silent_one_goes(tmp_path: Path) -> None:
    with Box(tmp_path, limits=PATIENT) as box, ExitStack() as stack:
        first = stack.enter_context(box.connect())
        for _ in range(PER_VISITOR - 1):
            stack.enter_context(box.connect())
        assert not is_closed(first, 0.1)
        with box.connect() as sock:
            sock.sendall(request())
            assert one_answer(sock) == b"1"
        assert is_closed(first, 5)


def test_a_connection_whose_answer_is_being_made_does_not_go(box: Box) -> None:
    box.terminator._crowd = Crowd(per_visitor=2, overall=9)
    box.behind.hold.clear()
    with box.connect() as busy, box.connect() as silent:
        busy.sendall(request())
        while not box.terminator._crowd.guests or all(
            guest.silent for guest in box.terminator._crowd.guests
        ):
            assert not is_closed(busy, 0.01)
        with box.connect() as third:
            assert is_closed(silent, 5)
            box.behind.hold.set()
            assert one_answer(busy) == b"1"
            third.sendall(request())
            assert one_answer(third) == b"2"


def test_a_stranger_is_closed_without_a_word(tmp_path: Path) -> None:
    with Box(tmp_path, stranger=True) as box:
        for door in ("http", "https", "blocked"):
            with box.connect(door) as sock:
                assert is_closed(sock, 5)
    assert box.behind.seen == []


def test_a_certificate_is_renewed_while_a_connection_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.1)
    with Box(tmp_path, limits=PATIENT, idle_s=60) as box, secure(box) as open_one:
        open_one.sendall(request())
        assert one_answer(open_one) == b"1"
        before = serial(open_one)
        box.found[:] = [Interface(name="lo", ip4=("192.168.7.1/24",))]
        after = before
        while after == before:
            with secure(box) as other:
                after = serial(other)
                names = other.getpeercert()
        assert names is not None
        assert ("IP Address", "192.168.7.1") in names["subjectAltName"]
        open_one.sendall(request())
        assert one_answer(open_one) == b"2"


def test_interfaces_that_cannot_be_read_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.1)
    with Box(tmp_path, limits=PATIENT, idle_s=60) as box:
        found = box.found[0]
        # Not an address: what a library may hand out while an interface is going.
        box.found[:] = [Interface(name="lo", ip4=("192.168.1",))]
        while "interfaces not read" not in caplog.text:
            with secure(box) as sock:
                sock.sendall(request())
                one_answer(sock)
        box.found[:] = [Interface(name="lo", ip4=(*found.ip4, "192.168.9.1/24"))]
        names: Any = None
        while names is None or ("IP Address", "192.168.9.1") not in names:
            with secure(box) as sock:
                shown = sock.getpeercert()
            names = shown["subjectAltName"] if shown else None


def serial(sock: ssl.SSLSocket) -> str:
    """Return the serial number of the certificate that was shown."""
    shown = sock.getpeercert()
    assert shown is not None
    return str(shown["serialNumber"])


def test_a_blocked_names_request_is_answered_and_nothing_reaches_the_server(
    box: Box,
) -> None:
    for said in (
        b"GET /watch?v=1 HTTP/1.1\r\nHost: video.example\r\n\r\n",
        b"POST /x HTTP/1.0\r\nHost: video.example\r\nContent-Length: 999999\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nHost: video.example\r\nCookie: " + b"x" * 9000,
    ):
        with box.connect("blocked") as sock:
            sock.sendall(said)
            text = everything(sock).decode()
        assert text.startswith("HTTP/1.1 302 Found\r\n")
        port = box.doors.port("http")
        where = f"http://127.0.0.1:{port}/blocked?site=video.example"
        assert f"Location: {where}\r\n" in text
    assert box.behind.seen == []


def test_what_is_no_http_gets_no_answer_from_it(box: Box) -> None:
    with box.connect("blocked") as sock:
        sock.sendall(b"\x16\x03\x01" + bytes(5000))
        assert everything(sock) == b""


def test_a_request_that_does_not_come_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCKED_S", 0.2)
    with Box(tmp_path) as box, box.connect("blocked") as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: vid")
        assert everything(sock) == b""


def test_without_a_certificate_plain_http_goes_on(tmp_path: Path) -> None:
    (tmp_path / "tls").write_text("no folder")
    with Box(tmp_path) as box:
        with box.connect("https") as sock:
            assert is_closed(sock, 5)
        with box.connect() as sock:
            sock.sendall(request())
            assert one_answer(sock) == b"1"


def test_it_tells_once_that_nobody_came_and_lets_nobody_in(tmp_path: Path) -> None:
    told = threading.Event()
    limits = replace(SHORT, keep=0.1)
    with Box(tmp_path, limits=limits, idle_s=0.4, on_idle=told.set) as box:
        with box.connect() as sock:
            sock.sendall(request())
            assert one_answer(sock) == b"1"
            assert not told.is_set()
        assert told.wait(10)
        with box.connect() as late:
            late.sendall(request())
            assert not is_closed(late, 0.2)
    assert len(box.behind.seen) == 1


def test_an_open_connection_is_somebody(tmp_path: Path) -> None:
    told = threading.Event()
    limits = replace(PATIENT, first=30)
    with Box(tmp_path, limits=limits, idle_s=0.2, on_idle=told.set) as box:
        with box.connect():
            assert not told.wait(1)
        assert told.wait(10)


def test_draining_waits_for_the_application(tmp_path: Path) -> None:
    done = threading.Event()
    with Box(tmp_path) as box:
        box.front.active = 1
        box.terminator.drain(done.set)
        assert not done.wait(0.3)
        box.front.active = 0
        assert done.wait(5)


def test_stopping_closes_every_connection(tmp_path: Path) -> None:
    with Box(tmp_path, limits=PATIENT) as box:
        socks = [box.connect(), secure(box), box.connect("blocked")]
        port = box.doors.port("http")
    for sock in socks:
        assert is_closed(sock, 5)
        sock.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5)
    box.terminator.stop()
