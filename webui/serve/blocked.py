"""The one answer to plain-HTTP requests that the kernel leads here: why it is blocked.

A blocked name's request on port 80 arrives as if it were for us. Whatever it asks, it
is sent to the page that explains, on the address at which it arrived: the only one the
device is known to reach. Pure: bytes in, bytes out.
"""

from __future__ import annotations

import re

# The answer needs the first lines only; the rest of a request is not read.
REQUEST_BYTES = 4096

_LINE = re.compile(rb"[A-Z]{1,20} \S+ HTTP/1\.[01]\Z")
_HOST = re.compile(rb"(?i:host):[ \t]*([^\s:]{1,253})(?::[0-9]{1,5})?[ \t]*\Z")
# A host name as DNS has them (RFC 1123, 2.1), at least two labels.
_NAME = re.compile(
    r"(?=.{3,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+"
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)


def is_request(data: bytes) -> bool:
    """Say whether these first bytes of a connection are an HTTP request's."""
    line, end, _ = data.partition(b"\n")
    return bool(end) and _LINE.match(line.rstrip(b"\r")) is not None


def site(data: bytes) -> str | None:
    """Return the name in the Host line, lower-case, None if there is no valid one."""
    for line in data.split(b"\n")[1:]:
        line = line.rstrip(b"\r")
        if not line:
            break
        found = _HOST.match(line)
        if found:
            name = found[1].decode("ascii", "replace").lower().rstrip(".")
            return name if _NAME.fullmatch(name) else None
    return None


def answer(data: bytes, address: str, port: int) -> bytes:
    """Return the redirection for a request.

    address, port: where this box's plain-HTTP pages are, as the visitor reaches them.
    """
    host = f"[{address}]" if ":" in address else address
    name = site(data)
    query = f"?site={name}" if name else ""
    return (
        "HTTP/1.1 302 Found\r\n"
        f"Location: http://{host}:{port}/blocked{query}\r\n"
        "Content-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    ).encode("ascii")
