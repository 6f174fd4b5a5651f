"""Every page in every state: read aloud, measured, light and dark, with and without
script, in every language that is shipped."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser import looks
from tests.browser.chromium import PHONE
from tests.browser.opened import opened
from tests.browser.served import Served
from tests.browser.states import STATES, State
from webui.i18n import SOURCE, languages

_AS_WITHOUT = """() => {
  for (const one of document.querySelectorAll("[data-shows]")) one.hidden = true;
  for (const one of document.querySelectorAll("[data-hides]")) one.hidden = false;
}"""


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_state(browser: Browser, served: Served, state: State, language: str) -> None:
    served.daemon.answers["overview"]["language"] = language
    with opened(browser, served, state, PHONE, locale=language) as page:
        assert page.get_attribute("html", "lang") == language
        # Printing by a button needs script; without it a sentence stands there.
        page.evaluate(_AS_WITHOUT)
        scripted = page.inner_text("main")
        looks.open_details(page)
        assert looks.violations(page) == []
        assert looks.cramped(page) == []
    if language == SOURCE:
        with opened(
            browser, served, state, PHONE, locale=language, java_script_enabled=False
        ) as page:
            assert page.inner_text("main") == scripted, "lost without script"
