"""The real pages, with TLS, after a sign-in and a look at everything: still small."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from webui import passwords

from .guard import Guard, example
from .home import Home
from .web import Web, web_user_options

pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]

# A 128 MB router has room for this beside the daemon.
CEILING_MB = 45
PASSWORD = "four words of hers"
PAGES = ("", "child/mia", "child/mia/schedule", "child/mia/sites", "child/mia/devices")
PAGES += (
    "activity",
    "requests",
    "log",
    "devices",
    "calendar",
    "settings",
    "help",
    "me",
)


def test_memory_stays_below_the_ceiling(make_home: Callable[..., Any]) -> None:
    home: Home = make_home()
    guard = Guard(home, example(), options=web_user_options()).start()
    code = guard.call("claim-code")["code"]
    # With the cost of a fast box, or its sign-in would hash again.
    hash_ = passwords.make_hash(PASSWORD, p=5)
    guard.call("claim", code=code, name="Anna", hash=hash_)
    with Web(home, guard) as web:
        browse(home, web, ["login"])
        sign_in(home, web)
        for _ in range(3):
            seen = browse(home, web, PAGES)
        assert seen == ["200"] * len(PAGES)
        # What was freed goes back at its next look.
        time.sleep(6)
        used = resident_mb(web)
        print(f"memory={used:.1f} MB")
        assert used <= CEILING_MB


def curl(home: Home, *argv: str) -> str:
    """Run the parent's browser, which keeps cookies."""
    jar = str(home.directory / "cookies")
    always = ["curl", "-sk", "--compressed", "-b", jar, "-c", jar]
    return home["phone"].run([*always, *argv]).stdout


def sign_in(home: Home, web: Web) -> None:
    """Sign the parent in by the form."""
    page = curl(home, f"{web.https}/login")
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    fields = {"form_token": token[1], "name": "Anna", "password": PASSWORD}
    words = [w for n, v in fields.items() for w in ("--data-urlencode", f"{n}={v}")]
    told = ("-o", "/dev/null", "-w", "%{http_code}")
    assert curl(home, *words, *told, f"{web.https}/login") == "303"


def browse(home: Home, web: Web, pages: tuple[str, ...] | list[str]) -> list[str]:
    """Open pages; returns their statuses."""
    told = "%{http_code} "
    urls = [word for p in pages for word in ("-o", "/dev/null", f"{web.https}/{p}")]
    return curl(home, "-w", told, *urls).split()


def resident_mb(web: Web) -> float:
    """Return the process's resident memory in MB."""
    assert web.process is not None
    with open(f"/proc/{web.process.pid}/status") as lines:
        for line in lines:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")
