"""A child's device before the pages: known by its address, signed in nowhere."""

from __future__ import annotations

import html
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from werkzeug.test import TestResponse

from tests.fakes import family
from tests.fakes.daemon import FakeDaemon
from tests.webui.browser import Browser, application, forms_of


class Device:
    """The browser of the device that has an address, over plain HTTP as at home."""

    def __init__(self, daemon: FakeDaemon, address: str) -> None:
        self._folder = TemporaryDirectory()
        app = application(Path(self._folder.name), daemon)
        self._browser = Browser(app, None, at=address, http=True)

    def get(self, path: str) -> TestResponse:
        """Return a page, whatever its status."""
        return self._browser.client.get(path, base_url=self._browser.base)

    def post(
        self, path: str, fields: dict[str, str], page: TestResponse | None = None
    ) -> TestResponse:
        """Send a form of the page at that path, or of a page opened earlier.

        Returns the answer as it is, a redirect too.
        """
        forms = forms_of((page or self.get(path)).text)
        token = forms[0]["fields"]["form_token"]
        return self._browser.client.post(
            path.partition("?")[0],
            data={"form_token": token, **fields},
            base_url=self._browser.base,
        )


def device(daemon: FakeDaemon, address: str = family.MIA_AT) -> Device:
    """Return the browser of a device, Mia's tablet unless another address is given."""
    return Device(daemon, address)


def words(response: TestResponse) -> str:
    """Return the text of a page's main part in one line, without its marks."""
    text = response.text
    main = re.sub(r"<[^>]*>", " ", text[text.index("<main") : text.index("</main>")])
    return re.sub(r"\s+", " ", html.unescape(main)).strip()


def with_state(daemon: FakeDaemon, says: dict[str, Any], /, **more: Any) -> None:
    """Let the daemon answer `me` with this decision for whoever asks."""

    def me(args: dict[str, Any]) -> dict[str, Any]:
        return {**family.me(args), "decision": says, **more}

    daemon.answers["me"] = me
