"""What the areas' tests share: a family that differs, and a parent before a page."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import MIA, OVERVIEW
from tests.webui.browser import Browser, application, words_of

Json = dict[str, Any]


def family(mia: Json | None = None, **fields: Any) -> FakeDaemon:
    """Return a daemon whose overview differs in these fields, and Mia in hers."""
    daemon = FakeDaemon()
    home = {**deepcopy(OVERVIEW), **fields}
    if mia:
        home["people"] = [{**MIA, **mia}, *home["people"][1:]]
    daemon.answers["overview"] = home
    return daemon


def visit(
    folder: Path,
    path: str,
    daemon: FakeDaemon | None = None,
    *,
    who: str | None = "anna",
    status: int = 200,
) -> Browser:
    """Return a browser that has opened a page."""
    browser = Browser(application(folder, daemon), who)
    browser.get(path, status)
    return browser


def words(browser: Browser) -> str:
    """Return what a person reads of the last page's main part."""
    return words_of(browser.text)
