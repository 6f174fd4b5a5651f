"""Fetch one list over https into a file: bounded, conditional, and only from its host.

Nothing is believed: the certificate must be the host's, a redirect may only lead to the
same host, a page or a cut body is refused, and size, time and memory are limited. What
arrives is unpacked on the way, measured, and kept as gzip.

It is done with the standard library's http.client and ssl, for 3.5 MB of memory. The
library requests would come on top, and bounds the time of a whole answer no better.
Standards: RFC 9110 (13.1 conditional requests, 15.4 redirects), RFC 9112 (8 a body that
was cut).
"""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from guardian.core.errors import GuardianError
from guardian.lists.lines import CHUNK, ListError, check_text

# Between two pieces, and for the whole list: 20 MB at 100 kB/s take 200 s.
STALL_S = 20.0
WHOLE_S = 300.0
REDIRECTS_MAX = 3
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
# What a portal or an error page calls itself.
_PAGES = ("text/html", "application/xhtml", "application/json")
_VALIDATOR_MAX = 256
_GZIP = b"\x1f\x8b"
_HEAD = 512


class FetchError(GuardianError):
    """A list could not be fetched; what was in force still is."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A list that arrived whole.

    fingerprint: BLAKE2b of the text, hex; size: of the text. etag, modified: what to
    send next time, "" where the server gave none.
    """

    fingerprint: str
    size: int
    etag: str = ""
    modified: str = ""


def fetch(
    url: str,
    into: Path,
    *,
    bytes_max: int,
    etag: str = "",
    modified: str = "",
    seconds: float = WHOLE_S,
    stall: float = STALL_S,
    context: ssl.SSLContext | None = None,
) -> Fetched | None:
    """Fetch `url` into the file `into`; None where nothing is new (304).

    bytes_max: of the unpacked text. etag, modified: of the last answer.
    Raises FetchError: ``feed-offline`` (no way to the server), ``feed-certificate``,
    ``feed-redirected``, ``feed-status``, ``feed-page``, ``feed-cut``, ``feed-slow``,
    ``feed-too-large``, ``feed-answer``, ``feed-url``; OSError of the file.
    """
    asked = {"User-Agent": "guardian-lists", "Accept-Encoding": "gzip"}
    if etag:
        asked["If-None-Match"] = etag
    if modified:
        asked["If-Modified-Since"] = modified
    context = context or ssl.create_default_context()
    clock = _Clock(seconds)
    for _ in range(REDIRECTS_MAX + 1):
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise FetchError("feed-url", url[:80])
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=stall, context=context
        )
        try:
            with _told(parts.hostname, clock):
                connection.connect()
            with clock.cutting(connection.sock):
                with _told(parts.hostname, clock):
                    path = parts.path + (f"?{parts.query}" if parts.query else "")
                    connection.request("GET", path, headers=asked)
                    answer = connection.getresponse()
                if answer.status == 304 and (etag or modified):
                    return None
                if answer.status in _REDIRECTS:
                    url = _target(url, answer.getheader("Location", ""))
                    continue
                return _take(answer, into, bytes_max, parts.hostname, clock)
        finally:
            connection.close()
    raise FetchError("feed-redirected", "too often")


class _Clock:
    """Ends a connection when the time for the whole list is over."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self.over = False

    @contextmanager
    def cutting(self, sock: socket.socket) -> Iterator[None]:
        """Shut the socket down at the end of the time; a blocked read then returns.

        Timeouts of a socket are for one read only: an octet now and then keeps it
        open for ever.
        """

        def cut() -> None:
            self.over = True
            try:
                # Not SSLSocket's own, which would touch the session being read.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                # It ended by itself.
                return

        timer = threading.Timer(self._left, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


@contextmanager
def _told(host: str, clock: _Clock) -> Iterator[None]:
    """Turn what the libraries raise into FetchError."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise FetchError(
            "feed-certificate", f"{host}: {error.verify_message}"[:120]
        ) from None
    except http.client.IncompleteRead:
        raise _cut(host, clock) from None
    except (http.client.HTTPException, ValueError) as error:
        if clock.over:
            raise FetchError("feed-slow", host) from None
        raise FetchError("feed-answer", f"{host}: {type(error).__name__}") from None
    except TimeoutError:
        raise FetchError("feed-slow", host) from None
    except OSError as error:
        if clock.over:
            raise FetchError("feed-slow", host) from None
        raise FetchError("feed-offline", f"{host}: {error.strerror}"[:120]) from None


def _cut(host: str, clock: _Clock) -> FetchError:
    return FetchError("feed-slow" if clock.over else "feed-cut", host)


def _target(url: str, location: str) -> str:
    """Return where a redirect leads, which must be the same scheme, host and port."""
    try:
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
        same = (here.scheme, here.hostname, here.port) == (
            there.scheme,
            there.hostname,
            there.port,
        )
    except ValueError:
        same = False
    if not location or not same:
        # Of a portal too; a list that moved is for the catalogue to follow.
        raise FetchError("feed-redirected", location[:80])
    return target


def _take(
    answer: http.client.HTTPResponse,
    into: Path,
    bytes_max: int,
    host: str,
    clock: _Clock,
) -> Fetched:
    if answer.status != 200:
        raise FetchError("feed-status", f"{host}: {answer.status}")
    if (answer.getheader("Content-Type") or "").lower().startswith(_PAGES):
        raise FetchError("feed-page", host)
    coding = (answer.getheader("Content-Encoding") or "identity").lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise FetchError("feed-answer", f"{host}: {coding[:40]}")
    if answer.length is None and not answer.chunked:
        # Its end would look like a cut.
        raise _cut(host, clock)
    if answer.length is not None and answer.length > bytes_max:
        raise FetchError("feed-too-large", f"{host}: {answer.length}")
    taken = hashlib.blake2b(digest_size=32)
    size = 0
    packer = zlib.compressobj(wbits=31)
    with into.open("wb") as file:
        for piece in _texts(_body(answer, host, clock), coding != "identity", host):
            size += len(piece)
            if size > bytes_max:
                raise FetchError("feed-too-large", host)
            taken.update(piece)
            file.write(packer.compress(piece))
        file.write(packer.flush())
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise FetchError("feed-cut", f"{host}: empty")
    return Fetched(
        taken.hexdigest(),
        size,
        _validator(answer.getheader("ETag")),
        _validator(answer.getheader("Last-Modified")),
    )


def _validator(value: str | None) -> str:
    """Return what may be sent back as it stands, or ""."""
    if (
        value
        and len(value) <= _VALIDATOR_MAX
        and value.isascii()
        and value.isprintable()
    ):
        return value
    return ""


def _body(
    answer: http.client.HTTPResponse, host: str, clock: _Clock
) -> Iterator[bytes]:
    """Yield the body as it comes in."""
    while True:
        with _told(host, clock):
            # One read of the socket, or a slow server would hold many timeouts.
            piece = answer.read1(CHUNK)
        if not piece:
            break
        yield piece
    # read1() does not complain about a body shorter than its length.
    if answer.length or clock.over:
        raise _cut(host, clock)


def _texts(pieces: Iterator[bytes], packed: bool, host: str) -> Iterator[bytes]:
    """Yield the text of a body, unpacked, once its beginning looks like a list."""
    try:
        if packed:
            pieces = _unpacked(pieces)
        head = b""
        for piece in pieces:
            head += piece
            if len(head) >= _HEAD:
                break
        pieces = _again(head, pieces)
        if head.startswith(_GZIP):
            pieces = _unpacked(pieces)
            head = next(pieces, b"")
            pieces = _again(head, pieces)
        check_text(head)
        yield from pieces
    except zlib.error:
        raise FetchError("feed-cut", f"{host}: gzip") from None
    except ListError:
        raise FetchError("feed-page", host) from None


def _again(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what gzip holds, several members too, in bounded pieces; zlib.error."""
    unpacker = zlib.decompressobj(wbits=31)
    for piece in pieces:
        while piece:
            if unpacker.eof:
                piece = piece.lstrip(b"\0")
                if not piece:
                    break
                unpacker = zlib.decompressobj(wbits=31)
            if text := unpacker.decompress(piece, CHUNK):
                yield text
            piece = unpacker.unconsumed_tail or unpacker.unused_data
    while not unpacker.eof:
        text = unpacker.decompress(b"", CHUNK)
        if not text:
            raise zlib.error("cut")
        yield text
