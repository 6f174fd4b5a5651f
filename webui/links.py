"""Addresses: what Host may say, and which target of a redirect is ours."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

# Our longest address is below 100; a sign-in form carries it there and back.
NEXT_MAX = 512


def host_values(names: Iterable[str], port: int, listener: str) -> frozenset[str]:
    """Return the Host values by which `names` (addresses too) are reached on a port.

    RFC 9110, 7.2 with RFC 3986, 3.2.2: IPv6 in brackets, the default port left out.
    """
    bare = {f"[{name}]" if ":" in name else name.lower() for name in names}
    found = frozenset(f"{name}:{port}" for name in bare)
    default = {"http": 80, "https": 443}[listener]
    return found | bare if port == default else found


def safe_next(target: str | None, default: str = "/") -> str:
    """Return `target` if it is a page of ours, else `default`.

    A path alone, one that a GET of ours answers. Browsers read ``//host`` and
    ``/\\host`` as another site and drop tabs and line ends (WHATWG URL, "relative slash
    state"; OWASP Unvalidated Redirects and Forwards Cheat Sheet).
    """
    if not target or len(target) > NEXT_MAX or not target.startswith("/"):
        return default
    if target.startswith("//") or any(c <= " " or c in "\\\x7f" for c in target):
        return default
    adapter = current_app.create_url_adapter(request)
    try:
        parts = urlsplit(target)
        if adapter is None or parts.scheme or parts.netloc:
            return default
        adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect, ValueError):
        return default
    return parts.path + (f"?{parts.query}" if parts.query else "")
