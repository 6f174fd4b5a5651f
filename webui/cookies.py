"""Cookies of the pages: their names, their attributes, and nothing without them.

RFC 6265bis (draft-ietf-httpbis-rfc6265bis, 4.1.3): a name with the prefix ``__Host-``
is only taken with Secure, Path=/ and no Domain, so that neither plain HTTP nor another
name of the house can plant one. Cookies ignore ports (RFC 6265, 8.5): the router's own
page on the same name sees what plain HTTP sets, so nothing secret but a signed name
stands in them.
"""

from flask import Request
from werkzeug.wrappers import Response

SESSION = "session"
ANONYMOUS = "visit"
KNOWN = "known"


def cookie_name(name: str, secure: bool) -> str:
    """Return the name on the wire; plain HTTP has its own, so the two never mix."""
    return f"__Host-guardian-{name}" if secure else f"guardian-{name}"


def get_cookie(request: Request, name: str, secure: bool) -> str:
    """Return what the browser sent, "" if nothing."""
    return request.cookies.get(cookie_name(name, secure), "")


def put_cookie(
    response: Response, name: str, value: str, secure: bool, max_age: int | None = None
) -> None:
    """Set a cookie. max_age: seconds; None: until the browser ends; 0: forget it."""
    response.set_cookie(
        cookie_name(name, secure),
        value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="Strict",
    )


def hardened(header: str, secure: bool) -> str:
    """Return a Set-Cookie value with every attribute that ours must have.

    For cookies that were set by other means than `put_cookie`.
    """
    name, *attributes = [part.strip() for part in header.split(";")]
    dropped = {"samesite", "domain"} | (set() if secure else {"secure"})
    kept = [a for a in attributes if a.partition("=")[0].lower() not in dropped]
    have = {a.partition("=")[0].lower() for a in kept}
    wanted = ["HttpOnly"] + (["Secure"] if secure else [])
    kept += [a for a in wanted if a.lower() not in have]
    return "; ".join([name, *kept, "SameSite=Strict"])
