"""The manifest and the name of what is kept."""

from __future__ import annotations

from webui.views import pwa


def test_another_text_has_another_name() -> None:
    assert pwa.version([b"a", b"b"]) == pwa.version([b"a", b"b"])
    names = {pwa.version(files) for files in ([b"a", b"b"], [b"ab"], [b"a", b"c"])}
    assert len(names) == 3


def test_what_is_kept_begins_with_the_page_for_no_network() -> None:
    assert pwa.shell()[0] == "/offline"
    assert "/static/guardian.css" in pwa.shell() and "/me" not in pwa.shell()


def test_the_icon_opens_what_was_asked_for() -> None:
    made = pwa.manifest("/me")
    assert (made["start_url"], made["scope"], made["id"]) == ("/me", "/", "/me")
