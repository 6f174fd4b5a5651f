"""Chromium, as it is installed on the machine, without a word to anybody outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

PROGRAM = "/usr/bin/chromium"
# Nothing that a browser does by itself: updates, metrics, sync. As root, no sandbox.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    # A page may overlook the test's certificate by an option of Playwright's; a service
    # worker only by this one.
    "--ignore-certificate-errors",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
)
PHONE = {"width": 360, "height": 740}
SMALL = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 800}


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Run a browser for a while."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PROGRAM, args=[*QUIET, *flags]
        )
        try:
            yield browser
        finally:
            browser.close()
