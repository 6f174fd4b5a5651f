"""Chromium on a device of the lab: the real browser, from inside its namespace.

Playwright speaks to it over a pipe, so that no path leads into the namespace but the
browser's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import PROGRAM, QUIET

from . import namespaces
from .home import Home


@contextmanager
def browsing(home: Home, *names: str) -> Iterator[tuple[Browser, ...]]:
    """Run a browser on each of some hosts for a while."""
    with sync_playwright() as playwright, ExitStack() as stack:
        browsers = []
        for name in names:
            inside = f"nsenter --net={namespaces.NETNS / home[name].namespace}"
            starts = home.directory / f"chromium-{name}"
            starts.write_text(f'#!/bin/sh\nexec {inside} {PROGRAM} "$@"\n')
            starts.chmod(0o755)
            browser = playwright.chromium.launch(executable_path=starts, args=[*QUIET])
            stack.callback(browser.close)
            browsers.append(browser)
        yield tuple(browsers)
