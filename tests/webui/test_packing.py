"""Compressed is what is large and holds no secret that its length would tell."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import Browser, application

TAKES = {"Accept-Encoding": "gzip, br"}
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@pytest.fixture
def anna(tmp_path: Path) -> Browser:
    return Browser(application(tmp_path, FakeDaemon()))


def fetched(anna: Browser, path: str, status: int = 200, **headers: str) -> bytes:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    anna.last = anna.client.get(path, base_url=anna.base, headers={**TAKES, **said})
    assert anna.last.status_code == status
    return bytes(anna.last.data)


def tokens(page: bytes) -> set[str]:
    return set(_TOKEN.findall(gzip.decompress(page).decode()))


@pytest.mark.parametrize("path", ["/", "/static/guardian.css", "/child/mia/sites"])
def test_what_is_large_is_packed(anna: Browser, path: str) -> None:
    anna.get(path)
    assert anna.last is not None
    plain = anna.last.data
    assert "Content-Encoding" not in anna.last.headers
    packed = fetched(anna, path)
    assert anna.last.headers["Content-Encoding"] == "gzip"
    assert int(anna.last.headers["Content-Length"]) == len(packed) < len(plain) / 3
    assert "Accept-Encoding" in anna.last.headers["Vary"]
    assert len(gzip.decompress(packed)) == len(plain)


def test_what_is_small_or_not_wanted_is_not(
    anna: Browser,
) -> None:
    fetched(anna, "/healthz")
    assert anna.last is not None and "Content-Encoding" not in anna.last.headers
    anna.get("/", headers={"Accept-Encoding": "br, gzip;q=0"})
    assert "Content-Encoding" not in anna.last.headers


def test_a_token_looks_different_each_time_and_the_page_is_the_same(
    anna: Browser,
) -> None:
    first = fetched(anna, "/")
    assert anna.last is not None
    tag = anna.last.headers["ETag"]
    second = fetched(anna, "/")
    assert anna.last.headers["ETag"] == tag
    assert len(tokens(first)) == len(tokens(second)) == 1
    assert tokens(first) != tokens(second)
    assert fetched(anna, "/", 304, If_None_Match=tag) == b""


def test_a_file_is_told_unchanged(anna: Browser) -> None:
    fetched(anna, "/static/guardian.css")
    assert anna.last is not None
    tag = anna.last.headers["ETag"]
    assert tag.startswith("W/")
    assert fetched(anna, "/static/guardian.css", 304, If_None_Match=tag) == b""


def test_what_answers_a_form_travels_as_it_is(anna: Browser) -> None:
    """An app's password is shown once, on such a page."""
    anna.get("/settings/programs")
    page = anna.send("/settings/programs", name="Lights", scope="change")
    assert "<code>" in page and anna.last is not None
    answer = anna.client.post(
        "/settings/programs",
        base_url=anna.base,
        headers=TAKES,
        data={"form_token": _TOKEN.findall(page)[0], "name": "X", "scope": "change"},
    )
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_the_first_load_and_those_after_are_small(anna: Browser) -> None:
    """Promised: 60 kB at first, with style, script and icon, then 15 kB."""
    style = [f"/static/{name}" for name in ("guardian.css", "guardian.js", "icon.svg")]
    rest = sum(len(fetched(anna, path)) for path in style)
    assert len(fetched(anna, "/")) + rest < 60_000
    for path in ("/", "/child/mia", "/child/mia/schedule", "/child/mia/sites"):
        assert len(fetched(anna, path)) < 15_000, path
