"""One list over https, from a real server on the loopback that behaves badly."""

import functools
import gzip
import hashlib
import ssl
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from guardian.shell.fetch import Fetched, FetchError, fetch

from ..feedserver import FeedServer, authority, feed_server, raw, status, tagged, text

# A time within would give each test run another name.
packed = functools.partial(gzip.compress, mtime=0)
LIST = b"".join(b"n%d.example.org\n" % number for number in range(1000))
ROOM = 1_000_000


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def context(keys: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority(keys))


@pytest.fixture
def server(keys: Path) -> Iterator[FeedServer]:
    with feed_server(keys) as found:
        yield found


@pytest.fixture
def get(
    server: FeedServer, context: ssl.SSLContext, tmp_path: Path
) -> Callable[..., Fetched | None]:
    """Return a fetch of /list into the file `list`; options are those of `fetch`."""

    def run(*, bytes_max: int = ROOM, **options: Any) -> Fetched | None:
        given: dict[str, Any] = {"context": context, "stall": 5.0, **options}
        return fetch(
            server.url("/list"), tmp_path / "list", bytes_max=bytes_max, **given
        )

    return run


def refused(get: Callable[..., object], code: str, **options: object) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(**options)
    assert caught.value.code == code
    return caught.value


def test_a_list_arrives_whole_and_is_kept_as_gzip(
    server: FeedServer, get: Callable[..., Fetched | None], tmp_path: Path
) -> None:
    server.answers["/list"] = text(LIST, ETag='"1"', Last_Modified="Mon")
    digest = hashlib.blake2b(LIST, digest_size=32).hexdigest()
    assert get() == Fetched(digest, len(LIST), '"1"', "Mon")
    assert gzip.decompress((tmp_path / "list").read_bytes()) == LIST
    (asked,) = server.asked
    assert asked[1]["Accept-Encoding"] == "gzip"
    assert "If-None-Match" not in asked[1]


def test_nothing_new_is_not_sent_again(
    server: FeedServer, get: Callable[..., Fetched | None], tmp_path: Path
) -> None:
    server.answers["/list"] = tagged(LIST, '"1"')
    first = get()
    assert first is not None
    (tmp_path / "list").unlink()
    assert get(etag=first.etag, modified="Mon") is None
    assert server.asked[-1][1]["If-Modified-Since"] == "Mon"
    assert not (tmp_path / "list").exists()
    assert get(etag='"2"') is not None


def test_not_modified_unasked_is_no_answer(
    server: FeedServer, get: Callable[..., object]
) -> None:
    server.answers["/list"] = status(304)
    refused(get, "feed-status")


@pytest.mark.parametrize(
    ("sent", "coding"),
    [
        (packed(LIST), "gzip"),
        (packed(LIST), ""),
        (packed(packed(LIST)), "gzip"),
        (packed(LIST[:500]) + packed(LIST[500:]) + b"\0\0", ""),
        (packed(LIST[:10]) + packed(LIST[10:]), "x-gzip"),
    ],
)
def test_the_text_is_the_same_however_it_is_packed(
    sent: bytes,
    coding: str,
    server: FeedServer,
    get: Callable[..., Fetched | None],
    tmp_path: Path,
) -> None:
    headers = {"Content_Encoding": coding} if coding else {}
    server.answers["/list"] = text(sent, **headers)
    found = get()
    assert found is not None
    assert found.fingerprint == hashlib.blake2b(LIST, digest_size=32).hexdigest()
    assert gzip.decompress((tmp_path / "list").read_bytes()) == LIST


def test_chunks_arrive_whole(
    server: FeedServer, get: Callable[..., Fetched | None]
) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (LIST[:9], LIST[9:]))
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answers["/list"] = raw(head + body + b"0\r\n\r\n")
    found = get()
    assert found is not None and found.size == len(LIST)


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\na.example.org\n", "feed-cut"),
        (b"HTTP/1.1 200 OK\r\n\r\na.example.org\n", "feed-cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "feed-cut"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\na.exam",
            "feed-cut",
        ),
        (b"220 mail.example.org ESMTP\r\n", "feed-answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "feed-answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
            "feed-answer",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: 3\r\n\r\nxyz",
            "feed-cut",
        ),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "feed-status"),
    ],
)
def test_what_is_no_whole_answer_is_refused(
    octets: bytes, code: str, server: FeedServer, get: Callable[..., object]
) -> None:
    server.answers["/list"] = raw(octets)
    refused(get, code)


def test_a_cut_gzip_is_refused(server: FeedServer, get: Callable[..., object]) -> None:
    server.answers["/list"] = text(packed(LIST)[:-9])
    refused(get, "feed-cut")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "text/plain"),
        (b"\n <html><body>Error</body></html>", "text/plain"),
        (b'{"message": "rate limit"}', "text/plain"),
        (b'[{"a": 1}]', "text/plain"),
        (packed(b"<html>" + b" " * 600), "application/gzip"),
        (LIST, "text/html; charset=utf-8"),
        (LIST, "application/json"),
    ],
)
def test_a_page_with_status_200_is_refused(
    body: bytes, kind: str, server: FeedServer, get: Callable[..., object]
) -> None:
    server.answers["/list"] = text(body, Content_Type=kind)
    refused(get, "feed-page")


def test_a_redirect_within_the_host_is_followed(
    server: FeedServer, get: Callable[..., Fetched | None]
) -> None:
    server.answers |= {
        "/list": status(302, Location="/moved?x=1"),
        "/moved?x=1": status(308, Location=server.url("/there")),
        "/there": text(LIST),
    }
    assert get() is not None


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost/list",
        "https://localhost:1/list",
        "https://portal.example.org/",
        "//portal.example.org/x",
        "https://[bad/",
        "",
    ],
)
def test_a_redirect_elsewhere_is_refused(
    location: str, server: FeedServer, get: Callable[..., object]
) -> None:
    server.answers["/list"] = status(302, Location=location)
    refused(get, "feed-redirected")
    assert len(server.asked) == 1


def test_a_loop_of_redirects_ends(
    server: FeedServer, get: Callable[..., object]
) -> None:
    server.answers["/list"] = status(301, Location="/list")
    refused(get, "feed-redirected")
    assert len(server.asked) == 4


def test_only_https(tmp_path: Path) -> None:
    for url in ("http://localhost/x", "file:///etc/hostname", "https:///x"):
        with pytest.raises(FetchError) as caught:
            fetch(url, tmp_path / "list", bytes_max=ROOM)
        assert caught.value.code == "feed-url"


def test_another_hosts_certificate_is_refused(
    keys: Path, context: ssl.SSLContext, tmp_path: Path
) -> None:
    with feed_server(keys, "portal.example.org") as server:
        server.answers["/list"] = text(LIST)
        with pytest.raises(FetchError) as caught:
            fetch(server.url("/list"), tmp_path / "x", bytes_max=ROOM, context=context)
        assert caught.value.code == "feed-certificate" and server.asked == []


def test_an_unknown_authority_is_refused(server: FeedServer, tmp_path: Path) -> None:
    server.answers["/list"] = text(LIST)
    with pytest.raises(FetchError) as caught:
        fetch(server.url("/list"), tmp_path / "x", bytes_max=ROOM)
    assert caught.value.code == "feed-certificate" and server.asked == []


def test_no_server_is_offline(context: ssl.SSLContext, tmp_path: Path) -> None:
    # Port 1 of the loopback: nobody listens there.
    for host in ("localhost:1", "no-such-host.invalid"):
        with pytest.raises(FetchError) as caught:
            fetch(f"https://{host}/x", tmp_path / "x", bytes_max=9, context=context)
        assert caught.value.code == "feed-offline"


def dripping(stop: Event, head: bytes, drop: bytes) -> Callable[..., None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(head)
        while not stop.wait(0.02):
            request.wfile.write(drop)
            request.wfile.flush()

    return answer


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    ],
    ids=["body", "header", "chunks"],
)
def test_an_octet_now_and_then_does_not_hold_us(
    head: bytes, drop: bytes, server: FeedServer, get: Callable[..., object]
) -> None:
    stop = Event()
    server.answers["/list"] = dripping(stop, head, drop)
    refused(get, "feed-slow", seconds=0.4)
    stop.set()


def test_silence_ends_too(server: FeedServer, get: Callable[..., object]) -> None:
    stop = Event()
    server.answers["/list"] = lambda request: None if stop.wait(10) else None
    refused(get, "feed-slow", stall=0.3)
    stop.set()


def test_too_large_by_its_own_word_is_not_begun(
    server: FeedServer, get: Callable[..., object], tmp_path: Path
) -> None:
    server.answers["/list"] = text(LIST)
    refused(get, "feed-too-large", bytes_max=len(LIST) - 1)
    assert not (tmp_path / "list").exists()


def test_a_bomb_costs_no_memory(server: FeedServer, get: Callable[..., object]) -> None:
    bomb = packed(packed(b"a.example.org\n" * 2_000_000, 9), 9)
    assert len(bomb) < 20_000
    server.answers["/list"] = text(bomb, Content_Encoding="gzip")
    tracemalloc.start()
    try:
        refused(get, "feed-too-large")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000


def test_validators_that_cannot_be_sent_back_are_not_kept(
    server: FeedServer, get: Callable[..., Fetched | None]
) -> None:
    server.answers["/list"] = text(LIST, ETag='"' + "x" * 300 + '"')
    found = get()
    assert found is not None and found.etag == ""
