"""A family's pages as a program reads them: over HTTPS from a device, signed in.

For tests that look at words and not at a browser.
"""

from __future__ import annotations

import html
import re
import time

from .home import Home
from .host import Host
from .web import Web

_TOKEN = re.compile(r'name="([^"]+)" value="([^"]+)"')


class Reader:
    """A visitor at a device, with a jar of cookies and the box's own authority."""

    def __init__(self, home: Home, web: Web, device: str) -> None:
        self._host: Host = home[device]
        self._web = web
        self._jar = home.directory / f"cookies-{device}"

    def url(self, path: str) -> str:
        """Return where a page is, path without its first stroke."""
        return f"{self._web.https}/{path}"

    def forget(self) -> None:
        """Throw the cookies away: nobody is signed in here."""
        self._jar.unlink(missing_ok=True)

    def get(self, path: str = "/") -> str:
        """Return a page, redirects followed."""
        return self.curl("-L", f"{self._web.https}{path}")

    def send(self, path: str, action: str, **fields: str) -> str:
        """Fill in the form of a page with this action; return the page it leads to."""
        page = self.get(path)
        found = re.search(
            rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL
        )
        assert found, f"no form {action} on {path}: {words(page)}"
        hidden = re.findall(r'<input type="hidden"[^>]*>', found[0])
        sent = dict(pair for one in hidden for pair in _TOKEN.findall(one)) | fields
        data: list[str] = []
        for key, value in sent.items():
            data += ["--data-urlencode", f"{key}={value}"]
        origin = f"Origin: {self._web.https}"
        return self.curl("-L", "-H", origin, *data, f"{self._web.https}{action}")

    def sign_in(self, name: str, password: str) -> str:
        """Sign somebody in; returns the page that it leads to."""
        return self.send("/login", "/login", name=name, password=password)

    def shows(self, text: str, within: float = 10.0) -> str:
        """Read Home until it shows a text; return its words. within: seconds."""
        end = time.monotonic() + within
        while True:
            began = time.monotonic()
            said = words(self.get())
            if text in said:
                return said
            assert began < end, f"not within {within} s: {text!r}; {said}"
            time.sleep(0.2)

    def curl(self, *argv: str) -> str:
        """Run curl at the device, with its cookies; returns what it prints."""
        jar = ["-b", str(self._jar), "-c", str(self._jar)]
        ca = ["--cacert", str(self._web.ca)]
        return self._host.run(["curl", "-sS", *jar, *ca, *argv], timeout=30).stdout


def words(page: str) -> str:
    """Return what a person reads in a page's main part, spaces made one."""
    inside = re.search(r"<main.*?</main>", page, re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", inside[0] if inside else page)
    return re.sub(r"\s+", " ", html.unescape(text)).strip()
