"""Answers go out compressed where the visitor can read them so: gzip (RFC 9110, 8.4.1).

A page that holds a secret beside words of somebody else can give the secret away by its
length (BREACH). Here another site's request comes without our cookie (SameSite=Strict),
hence without a page that holds one, and the words that a child can put on a parent's
page are a few a minute; the attack needs thousands of tries.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

Headers = list[tuple[str, str]]

# Smaller ones fit a packet as they are; larger ones are no pages.
SMALLEST, LARGEST = 1024, 512 * 1024
# Pictures of ours are SVG; what else has no text is compressed already.
TYPES = re.compile(
    r"(text/|image/svg\+xml|application/(json|javascript|manifest\+json)|"
    r"application/[a-z.]+\+json)"
)
LEVEL = 6
# zlib.h: 15 bits of window, and 16 for gzip's own head and tail.
_GZIP = 15 + 16


class Compressed:
    """An application whose answers may be compressed."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer as the application does, in fewer bytes if the visitor wants it."""
        if environ["REQUEST_METHOD"] not in ("GET", "POST") or not accepts_gzip(
            environ.get("HTTP_ACCEPT_ENCODING", "")
        ):
            return self._app(environ, start_response)
        held = _Held()
        answer = self._app(environ, held)
        if not is_worth(held.status, held.headers):
            held.pass_on(start_response)
            return answer
        try:
            body = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        packed = gzipped(body)
        held.headers = compressed_headers(held.headers, len(packed))
        held.pass_on(start_response)
        return [packed]


class _Held:
    """Keeps what an application wants to begin its answer with."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: Headers = []
        self._fault: Any = None

    def __call__(
        self,
        status: str,
        headers: Headers,
        exc_info: Any = None,
        /,
    ) -> Any:
        self.status, self.headers, self._fault = status, list(headers), exc_info
        # PEP 3333's `write` is for programs older than it.
        return None

    def pass_on(self, start_response: StartResponse) -> None:
        """Begin the answer."""
        if self._fault is None:
            start_response(self.status, self.headers)
        else:
            start_response(self.status, self.headers, self._fault)


def accepts_gzip(header: str) -> bool:
    """Say whether an Accept-Encoding names gzip (RFC 9110, 12.5.3)."""
    for part in header.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name in ("gzip", "x-gzip"):
            return not any(re.fullmatch(r"q=0(\.0*)?", p) for p in parameters)
    return False


def is_worth(status: str, headers: Headers) -> bool:
    """Say whether an answer gains by compression. Only one of known length does."""
    known = {name.lower(): value for name, value in headers}
    length = known.get("content-length", "")
    return (
        status.startswith(("200", "4", "5"))
        and "content-encoding" not in known
        and length.isdecimal()
        and SMALLEST <= int(length) <= LARGEST
        and TYPES.match(known.get("content-type", "")) is not None
    )


def gzipped(data: bytes) -> bytes:
    """Return data as gzip, without a time, so that equal pages stay equal."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    return packer.compress(data) + packer.flush()


def compressed_headers(headers: Headers, length: int) -> Headers:
    """Return the headers of the same answer, compressed to `length` bytes.

    A strong ETag names bytes, which are others now; a weak one names the page
    (RFC 9110, 8.8.1). Parts of it are not to be had.
    """
    kept: Headers = []
    vary = "Accept-Encoding"
    for name, value in headers:
        low = name.lower()
        if low in ("content-length", "accept-ranges"):
            continue
        if low == "vary":
            vary = f"{value}, {vary}"
            continue
        if low == "etag" and not value.startswith("W/"):
            value = f"W/{value}"
        kept.append((name, value))
    return [
        *kept,
        ("Vary", vary),
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(length)),
    ]
