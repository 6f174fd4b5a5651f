"""Chromium on a device of the lab: the real browser, from inside its namespace.

Playwright speaks to it over a pipe, so that no path leads into the namespace but the
browser's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import PROGRAM, QUIET

from . import namespaces
from .host import Host


@contextmanager
def browsing(host: Host, folder: Path) -> Iterator[Browser]:
    """Run a browser on a host for a while. folder: for a script that starts it."""
    starts = folder / f"chromium-{host.name}"
    inside = f"nsenter --net={namespaces.NETNS / host.namespace}"
    starts.write_text(f'#!/bin/sh\nexec {inside} {PROGRAM} "$@"\n')
    starts.chmod(0o755)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=starts, args=[*QUIET])
        try:
            yield browser
        finally:
            browser.close()
