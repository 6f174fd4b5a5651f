"""Where one HTTP request ends and the next begins, told before anybody acts on it.

RFC 9112, narrowed to what browsers send: one way to state a body's length, one Host,
no line folding, no transfer coding. What two programs could read differently is
refused, so that the server behind sees the same requests as this module counted.
Pure: bytes in, a `Head` or a status out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Browsers stay below 8 KiB; our own cookie and forms are far smaller.
HEAD_BYTES = 16 * 1024
HEADER_FIELDS = 64
BODY_BYTES = 64 * 1024
# A household's backup.
LARGE_BODY_BYTES = 2 * 1024 * 1024
LARGE_BODY_PATH = "/settings/restore"

# Codes of RFC 9110, 15.5 and 15.6; RFC 6585 for 431.
REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    408: "Request Timeout",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST = re.compile(rb"([A-Z]{1,20}) (/[\x21-\x7e]*) (HTTP/[0-9]\.[0-9])", re.DOTALL)
# Visible characters, space, tab, and bytes that are opaque to us (RFC 9110, 5.5).
_FIELD = re.compile(rb"(%s):[ \t]*([\x21-\x7e\x80-\xff \t]*)" % _TOKEN, re.DOTALL)
_LENGTH = re.compile(rb"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Head:
    """A request's head. path: without the query. length: of the body, bytes."""

    method: str
    path: str
    length: int

    @property
    def large(self) -> bool:
        """Say whether the body is one of those that few may send at a time."""
        return self.length > BODY_BYTES


class Refused(Exception):
    """A request that goes no further. status: the HTTP status to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read_head(data: bytes) -> Head:
    """Return the head of a request.

    data: everything up to and with the empty line. Raises Refused.
    """
    if len(data) > HEAD_BYTES:
        raise Refused(431)
    if not data.endswith(b"\r\n\r\n"):
        raise Refused(400)
    line, *fields = data[:-4].split(b"\r\n")
    request = _REQUEST.fullmatch(line)
    if request is None:
        raise Refused(400)
    method, target, version = request.groups()
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise Refused(505)
    if len(fields) > HEADER_FIELDS:
        raise Refused(431)
    lengths: list[bytes] = []
    hosts = 0
    for field in fields:
        parsed = _FIELD.fullmatch(field)
        if parsed is None:
            raise Refused(400)
        # A server may read "-" and "_" as one (CGI's names cannot tell them apart).
        name = parsed[1].lower().replace(b"_", b"-")
        if name == b"transfer-encoding":
            raise Refused(501)
        if name == b"content-length":
            lengths.append(parsed[2].strip())
        hosts += name == b"host"
    if hosts > 1 or len(lengths) > 1 or (version == b"HTTP/1.1" and hosts != 1):
        raise Refused(400)
    length = _length(lengths[0]) if lengths else 0
    path = target.partition(b"?")[0].decode("ascii")
    large = method == b"POST" and path == LARGE_BODY_PATH
    if length > (LARGE_BODY_BYTES if large else BODY_BYTES):
        raise Refused(413)
    return Head(method.decode("ascii"), path, length)


def _length(text: bytes) -> int:
    if not _LENGTH.fullmatch(text):
        raise Refused(400)
    return int(text)


def refusal(status: int) -> bytes:
    """Return a whole answer without a body, after which the connection ends."""
    retry = "Retry-After: 5\r\n" if status == 503 else ""
    return (
        f"HTTP/1.1 {status} {REASONS[status]}\r\n"
        f"Content-Length: 0\r\n{retry}Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    ).encode("ascii")
