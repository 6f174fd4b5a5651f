"""Printed addresses carry the port that is needed, and no other."""

from __future__ import annotations

from pathlib import Path

from webui import printed
from webui.settings import Settings


def test_the_port_stands_in_the_address() -> None:
    box = Settings(state_dir=Path("/nowhere"))
    assert printed.child_page(box) == "http://guardian.home.arpa:8080/me"
    assert printed.invitation(box, "t") == "https://guardian.home.arpa:8443/join/t"


def test_the_usual_port_is_left_out() -> None:
    box = Settings(state_dir=Path("/nowhere"), http_port=80, https_port=443)
    assert printed.child_page(box) == "http://guardian.home.arpa/me"
    assert printed.invitation(box, "t") == "https://guardian.home.arpa/join/t"
