"""The web process on the router: reached from the LAN and from nowhere else."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from tests.webui.serve.process import TINY

from .guard import Guard
from .home import Home
from .relay import is_free, relay
from .topology import WAN4, WAN6
from .web import Web, without_rights

pytestmark = [pytest.mark.lab, pytest.mark.timeout(60)]

LEADING = """
table inet leading {
    chain pre {
        type nat hook prerouting priority dstnat
        iifname br-lan tcp dport 80 redirect to :8081
    }
}
"""


@pytest.fixture
def web(home: Home) -> Iterator[Web]:
    """Return the process with the small application; no daemon runs."""
    with Web(home, Guard(home), module=TINY) as web:
        yield web


def get(home: Home, host: str, url: str, *options: str) -> tuple[int, str]:
    """Fetch a URL from a host by curl; returns its exit code and what came."""
    argv = ["curl", "-sS", "-g", "-m", "4", *options, url]
    done = home[host].run(argv, check=False)
    return done.returncode, done.stdout + done.stderr


def told(home: Home, host: str, url: str, *options: str) -> Any:
    """Fetch what the small application was told of a visitor."""
    code, text = get(home, host, url, *options)
    assert code == 0, text
    return json.loads(text)


def test_each_device_is_seen_with_its_own_address(home: Home, web: Web) -> None:
    for name in ("tablet", "phone"):
        device = home.lan_host(name)
        ca = ("--cacert", str(web.ca))
        assert told(home, name, f"{web.http}/")["REMOTE_ADDR"] == device.ip4
        secure = told(home, name, f"{web.https}/", *ca)
        assert secure["REMOTE_ADDR"] == device.ip4
        assert (secure["wsgi.url_scheme"], secure["guardian.listener"]) == (
            "https",
            "https",
        )
        over6 = told(home, name, f"http://[{web.address6}]:8080/")
        assert over6["REMOTE_ADDR"] == device.ip6


def test_nothing_is_reachable_from_the_internet(home: Home, web: Web) -> None:
    # The firewall that would stop it is gone; the sockets alone must do.
    home.nft_flush_ruleset()
    for address in (WAN4, f"[{WAN6}]", web.address, f"[{web.address6}]"):
        for port in web.ports:
            home.inet.ip("route replace 192.168.1.0/24 via 203.0.113.2")
            code, text = get(home, "inet", f"http://{address}:{port}/")
            assert code == 7, (address, port, code, text)
    assert told(home, "tablet", f"{web.http}/")["count"] == 1


def test_it_holds_no_rights(home: Home, web: Web) -> None:
    assert web.process is not None
    status = open(f"/proc/{web.process.pid}/status").read()
    for name in ("CapEff", "CapPrm", "CapAmb"):
        assert re.search(rf"{name}:\s*0+$", status, re.MULTILINE), name
    if "--reuid" in without_rights():
        assert re.search(r"Uid:\s+65534\s+65534", status)


def test_a_blocked_names_request_is_led_to_the_page_that_says_why(
    home: Home, web: Web
) -> None:
    # As the kernel leads it here: another address, port 80, another Host.
    home.router.run(["nft", "-f", "-"], text_in=LEADING)
    for family, host in (("-4", web.address), ("-6", None)):
        code, text = get(home, "tablet", "http://video.lab.test/x?a=b", "-i", family)
        assert code == 0, text
        assert text.startswith("HTTP/1.1 302")
        where = re.search(r"Location: (\S+)", text)
        assert where is not None
        assert where[1].endswith(":8080/blocked?site=video.lab.test")
        assert host is None or host in where[1]
        assert told(home, "tablet", where[1])["path"] == "/blocked"


def test_the_lan_bridge_may_be_built_anew(home: Home, web: Web) -> None:
    home.delete_bridge()
    home.recreate_bridge()
    tablet = home.lan_host("tablet")

    def served() -> bool:
        return get(home, "tablet", f"{web.http}/")[0] == 0

    wait(served)
    assert told(home, "tablet", f"{web.http}/")["REMOTE_ADDR"] == tablet.ip4


def test_a_new_lan_address_gets_into_the_certificate(home: Home, web: Web) -> None:
    home.router.ip("addr add 192.168.77.1/24 dev br-lan")
    home["tablet"].ip("addr add 192.168.77.9/24 dev eth0")
    url = "https://192.168.77.1:8443/"

    def accepted() -> bool:
        return get(home, "tablet", url, "--cacert", str(web.ca))[0] == 0

    wait(accepted)


def wait(condition: Callable[[], bool]) -> None:
    """Wait for what the process notices within its own five seconds."""
    from .namespaces import wait_for

    wait_for(condition, "the web process to notice", 15)


def test_this_machines_browser_becomes_a_device_by_a_relay(home: Home) -> None:
    names = ("--name", "127.0.0.9")
    with Web(home, Guard(home), module=TINY, options=names) as web:
        with socket.create_server(("127.0.0.9", 0)) as free:
            port = free.getsockname()[1]
        relay(home["tablet"], {("127.0.0.9", port): (web.address, web.ports[0])})
        assert not is_free(("127.0.0.9", port))
        with urlopen(f"http://127.0.0.9:{port}/", timeout=5) as page:
            seen = json.load(page)
        assert seen["REMOTE_ADDR"] == home.lan_host("tablet").ip4
        assert "127.0.0.9" in seen["hosts"]
