"""Attributes of cookies: ours have them, and others get them."""

import pytest
from flask import Flask, Response, request

from webui.cookies import SESSION, get_cookie, hardened, put_cookie


def test_over_tls_only_this_host_sets_and_gets_it() -> None:
    response = Response()
    put_cookie(response, SESSION, "v", secure=True, max_age=60)
    header = response.headers["Set-Cookie"]
    assert header.startswith("__Host-guardian-session=v; ")
    parts = set(header.split("; ")[1:])
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=60"} <= parts
    assert "Domain" not in header


def test_plain_http_has_a_name_of_its_own() -> None:
    response = Response()
    put_cookie(response, SESSION, "v", secure=False)
    header = response.headers["Set-Cookie"]
    assert header.startswith("guardian-session=v; ")
    assert "Secure" not in header and "Max-Age" not in header
    assert "HttpOnly" in header and "SameSite=Strict" in header
    with Flask(__name__).test_request_context(headers={"Cookie": header}):
        assert get_cookie(request, SESSION, secure=False) == "v"
        assert get_cookie(request, SESSION, secure=True) == ""


@pytest.mark.parametrize(
    "before, secure, after",
    [
        ("a=b; Path=/", True, "a=b; Path=/; HttpOnly; Secure; SameSite=Strict"),
        ("a=b; secure; SameSite=None", False, "a=b; HttpOnly; SameSite=Strict"),
        ("a=b; Domain=arpa; httponly", False, "a=b; httponly; SameSite=Strict"),
        ("a=b; Secure; HttpOnly", True, "a=b; Secure; HttpOnly; SameSite=Strict"),
    ],
)
def test_other_cookies_are_hardened(before: str, secure: bool, after: str) -> None:
    assert hardened(before, secure) == after
    assert hardened(after, secure) == after
