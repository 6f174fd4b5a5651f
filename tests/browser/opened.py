"""A page of the list of states, opened in a browser and watched for complaints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.served import HOST, Served
from tests.browser.states import State


@contextmanager
def opened(
    browser: Browser, served: Served, state: State, size: dict[str, int], **options: Any
) -> Iterator[Page]:
    """Open a state's page; fails on a word in the console or a request elsewhere.

    options: of Playwright's new_context, e.g. color_scheme, java_script_enabled.
    """
    state.turn(served.daemon)
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        ignore_https_errors=True,
        # It keeps files for a time without router, which no state here is.
        service_workers="block",
        **options,
    )
    try:
        if state.who is not None:
            context.add_cookies(served.cookies(state.who))
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.extend(_elsewhere(request.url)))
        answer = page.goto(served.url(state.at, state.path))
        assert answer is not None and answer.status == state.status, state
        yield page
        # A page that is asked for and refused is itself a word in the console.
        expected = [] if state.status == 200 else [s for s in said if "status of" in s]
        said = [word for word in said if "blocked by Playwright" not in word]
        assert [word for word in said if word not in expected] == []
    finally:
        context.close()


def _elsewhere(url: str) -> list[str]:
    return [] if url.startswith((f"https://{HOST}:", "data:", "blob:")) else [url]
