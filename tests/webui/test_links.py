"""Redirect targets are pages of ours; hosts are what the listeners answer to."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from webui.links import NEXT_MAX, host_values, safe_next


def app() -> Flask:
    """Return an application with a page, a page with an argument, and a form."""
    made = Flask(__name__, static_folder=None)
    made.add_url_rule("/", view_func=str, endpoint="home")
    made.add_url_rule("/child/<id>", view_func=str, endpoint="child")
    made.add_url_rule("/logout", view_func=str, endpoint="out", methods=["POST"])
    return made


APP = app()


def followed(target: str | None) -> str:
    """Return where a redirect to `target` leads."""
    with APP.test_request_context(base_url="https://guardian.home.arpa:8443"):
        return safe_next(target)


@pytest.mark.parametrize("target", ["/", "/child/mia", "/child/mia?tab=2", "/?a=b&c=d"])
def test_pages_of_ours_are_followed(target: str) -> None:
    assert followed(target) == target


@pytest.mark.parametrize(
    "target",
    [None, "", "//evil.example", "//evil.example/child/mia", "/\\evil.example"]
    + ["\\\\evil.example", "https://evil.example/", "javascript:alert(1)", "/\t/evil"]
    + ["/child/mia\r\nSet-Cookie: a=b", " /", "child/mia", "/nothing", "/logout"]
    + ["/child/" + "m" * NEXT_MAX, "///evil.example", "/.//evil.example", "/%0d%0a"]
    + ["https:evil.example", "/\x00", "@evil.example", "/child\\mia", "/child/a/b"],
)
def test_anything_else_leads_home(target: str | None) -> None:
    assert followed(target) == "/"


@given(st.text(max_size=40) | st.from_regex(r"[/\\]{1,3}[a-z.:@%]{0,12}[/?#]?"))
def test_no_text_leads_elsewhere(target: str) -> None:
    led = followed(target)
    assert led.startswith("/") and led[1:2] not in ("/", "\\")
    assert led.isprintable() and " " not in led and "\\" not in led


def test_host_values() -> None:
    names = ["Guardian.home.arpa", "192.168.1.1", "fd00::1"]
    assert host_values(names, 8443, "https") == {
        *("guardian.home.arpa:8443", "192.168.1.1:8443", "[fd00::1]:8443"),
    }
    assert "[fd00::1]" in host_values(names, 443, "https")
    assert "guardian.home.arpa" in host_values(names, 80, "http")
    assert "guardian.home.arpa" not in host_values(names, 443, "http")
