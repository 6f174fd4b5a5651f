"""What programs make of the answers: curl, C libraries, systemd-resolved, Chromium.

One home and one child for all of them; each is asked for what is open, what a parent
has blocked, what its kind blocks, and what is made safe.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from .ask import answering, dig, household
from .guard import ROOT
from .home import Home
from .moment import AFTERNOON, MACS, MakeHome
from .test_names import (
    INTERNET,
    RECORDS,
    SAFE_GOOGLE,
    SCHOOL,
)
from .topology import DEVICES

pytestmark = pytest.mark.lab
CLIENTS = Path(__file__).with_name("clients")
# packaging/setup unpacks it there: installed, it would become the machine's resolver.
UNPACKED = ROOT / "build" / "clients"
# net/base/net_error_list.h of Chromium.
NAME_NOT_RESOLVED = -105
OPEN, BLOCKED, KIND = "school.lab.test", "video.lab.test", "pornhub.com"


def program(*names: str) -> str:
    """Return the path of the first program that is there; skip, or fail, without."""
    for name in names:
        if found := shutil.which(name):
            return found
    said = f"not installed (see packaging/setup): {' or '.join(names)}"
    if os.environ.get("GUARDIAN_LAB_REQUIRED"):
        pytest.fail(said, pytrace=False)
    pytest.skip(said)


def child(make_home: MakeHome) -> Home:
    """Return a home with a tablet in it."""
    return make_home(macs=MACS, devices=DEVICES[:1], hosts=INTERNET, dns=RECORDS)


def looked_up(text: str) -> dict[str, list[str]]:
    """Return what `lookup` printed, name -> addresses or the error, sorted."""
    return {
        name: sorted(said)
        for name, *said in (line.split() for line in text.split("\n") if line)
    }


def test_programs_that_look_names_up(make_home: MakeHome, tmp_path: Path) -> None:
    """curl, glibc, musl and systemd-resolved."""
    compiler = program("musl-gcc")
    paths = (UNPACKED / "lib", UNPACKED / "usr" / "lib", Path("/lib"), Path("/usr/lib"))
    resolved = program(*(str(p / "systemd" / "systemd-resolved") for p in paths))
    home = child(make_home)
    tablet = home["tablet"]
    lookup = tmp_path / "lookup"
    source = str(CLIENTS / "lookup.c")
    tablet.run([compiler, "-static", "-O1", "-Wall", "-o", str(lookup), source])
    names = (OPEN, BLOCKED, KIND, "www.google.com", "open.lab.test", "mias-ipad.lan")
    with answering(home, AFTERNOON, household(mia={"block": [BLOCKED]})):
        for family in (4, 6):
            for scheme in ("http", "https"):
                page = home.fetch("tablet", f"{scheme}://{OPEN}/", family)
                assert page.ok, page
                for name in (BLOCKED, KIND):
                    page = home.fetch("tablet", f"{scheme}://{name}/", family)
                    assert (page.how, page.seconds < 4) == ("dns", True), page
        said = looked_up(tablet.run([str(lookup), *names]).stdout)
        assert said[OPEN] == said["open.lab.test"] == sorted(SCHOOL)
        assert said[BLOCKED] == said[KIND] == ["noname"]
        assert said["www.google.com"] == sorted(SAFE_GOOGLE)
        assert home.lan_host("tablet").ip4 in said["mias-ipad.lan"]
        for name, addresses in (
            (OPEN, set(SCHOOL)),
            ("open.lab.test", set(SCHOOL)),
            ("www.google.com", set(SAFE_GOOGLE)),
            (BLOCKED, set()),
            (KIND, set()),
        ):
            shown = tablet.run(["getent", "ahosts", name], check=False).stdout
            found = {line.split()[0] for line in shown.splitlines()}
            assert found == addresses, name

        log = home.directory / "resolved.log"
        with log.open("wb") as out:
            start = ["unshare", "-m", str(CLIENTS / "resolved"), resolved]
            tablet.popen(start, stdout=out, stderr=out)
        stub = "@127.0.0.53"
        home.wait(
            lambda: dig(tablet, f"{stub} {OPEN} A", seconds=1)[0].status == "NOERROR",
            f"systemd-resolved: {log.read_text()[-500:]}",
            20,
        )
        first, blocked, kind, safe = dig(
            tablet,
            f"{stub} {OPEN} AAAA",
            f"{stub} {BLOCKED} A",
            f"{stub} {KIND} AAAA +tcp",
            f"{stub} www.google.com A",
        )
        assert first.says[:2] == ("NOERROR", [SCHOOL[1]])
        assert blocked.says[:2] == kind.says[:2] == ("NXDOMAIN", [])
        assert safe.data == [SAFE_GOOGLE[0], "forcesafesearch.google.com."]
        # It believes what it is told: no server was given up as too old or lame.
        assert "degraded" not in log.read_text()


def net_errors(record: str, name: str) -> set[int]:
    """Return the errors of requests for a host's front page, of Chromium's net log.

    The log has an event a line; events of one request share a source.
    """
    sources, errors = set(), set()
    url = re.compile(rf'"url":"https?://{re.escape(name)}/"')
    for line in record.splitlines():
        if source := re.search(r'"source":{"id":(\d+)', line):
            if url.search(line):
                sources.add(source[1])
            if found := re.search(r'"net_error":(-\d+)', line):
                errors.add((source[1], int(found[1])))
    return {error for source, error in errors if source in sources}


def test_chromium(make_home: MakeHome, tmp_path: Path) -> None:
    """A browser opens what is open and says plainly what has no address."""
    browser = program("chromium", "chromium-browser")
    home = child(make_home)
    tablet = home["tablet"]

    def page(name: str) -> tuple[str, set[int]]:
        """Return the document, "" for an error page, and the errors on the way."""
        record = tmp_path / f"{name}.json"
        argv = [
            *(browser, "--headless=new", "--no-sandbox", "--disable-gpu"),
            *("--no-first-run", "--disable-background-networking"),
            # Where there is an HTTPS record it takes https, by the lab's own CA.
            *("--ignore-certificate-errors", f"--user-data-dir={tmp_path}/profile"),
            *(f"--log-net-log={record}", "--dump-dom", f"http://{name}/"),
        ]
        shown = tablet.run(argv, timeout=90).stdout
        return shown, net_errors(record.read_text(errors="replace"), name)

    with answering(home, AFTERNOON, household(mia={"block": [BLOCKED]})):
        assert f"host={OPEN}" in page(OPEN)[0]
        for name in (BLOCKED, KIND):
            shown, errors = page(name)
            assert shown == "" and NAME_NOT_RESOLVED in errors, (shown, errors)
        shown, errors = page("www.google.com")
        assert "host=www.google.com" in shown and NAME_NOT_RESOLVED not in errors
