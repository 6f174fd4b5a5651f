"""Questions by dig, many in one process, and what came back of each.

    one, two = dig(home["tablet"], f"@{ROUTER4} school.lab.test A", f"... AAAA +tcp")

A question is what dig takes: @server, name, type, then its options. dig tries each
once; a question without an answer has status "" and says why in `error`.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import topology as net
from .home import Home
from .host import Host
from .moment import Guard, begin, example, guarding
from .namespaces import run

ROUTER4, ROUTER6 = str(net.LAN4.ip), str(net.LAN6.ip)
# Public resolvers that nobody in the lab is; a child may still write them down.
PUBLIC4, PUBLIC6 = "8.8.8.8", "2001:4860:4860::8888"
SERVERS = (ROUTER4, ROUTER6, PUBLIC4, PUBLIC6)

_ASKER = Path(__file__).with_name("clients") / "asker.py"
_HEADER = re.compile(r"->>HEADER<<- opcode: \w+, status: (\w+), id: (\d+)")
_FLAGS = re.compile(r"^;; flags: ([a-z ]*);")
_EDE = re.compile(r"^; EDE: (\d+)(?: \([^()]*\))?(?:: \((.*)\))?$")
_SERVER = re.compile(r"^;; SERVER: (\S+)#(\d+)\(.*\) \((\w+)\)")
_SECTION = re.compile(r"^;; (QUESTION|ANSWER|AUTHORITY|ADDITIONAL) SECTION:")
_SIZE = re.compile(r"^;; MSG SIZE  rcvd: (\d+)")
_ELEMENT = re.compile(r"([0-9a-f:]{17})[^:,{}]* : (\d+)")
_NOTHING = ";; no servers could be reached"


@dataclass(slots=True)
class Reply:
    """One question's answer as dig shows it.

    status: "NOERROR", "NXDOMAIN", ...; "" for no answer at all. name: the question's as
    it came back, letter for letter. ede: (code, text) pairs. answers: (owner, TTL,
    type, data). protocol: "UDP" or "TCP".
    """

    asked: str
    status: str = ""
    flags: frozenset[str] = frozenset()
    edns: bool = False
    ede: list[tuple[int, str]] = field(default_factory=list)
    name: str = ""
    answers: list[tuple[str, int, str, str]] = field(default_factory=list)
    authority: list[tuple[str, int, str, str]] = field(default_factory=list)
    protocol: str = ""
    size: int = 0
    truncated: bool = False
    error: str = ""

    @property
    def data(self) -> list[str]:
        """Return the data of the answers, sorted."""
        return sorted(data for _, _, _, data in self.answers)

    @property
    def says(self) -> tuple[str, list[str], list[tuple[int, str]]]:
        """Return (status, data, extended errors): what must be alike everywhere."""
        return self.status, self.data, self.ede


def dig(
    host: Host, *questions: str, seconds: int = 3, timeout: float = 60
) -> list[Reply]:
    """Ask on a host, one question after the other; a reply for each, in order."""
    argv = ["dig", "+tries=1", f"+time={seconds}", "+noqr"]
    argv += [word for question in questions for word in question.split()]
    said = host.run(argv, check=False, timeout=timeout).stdout
    blocks = list(_blocks(said.splitlines()))
    if len(blocks) != len(questions):
        raise RuntimeError(f"dig gave {len(blocks)} of {len(questions)}:\n{said}")
    return [_read(asked, block) for asked, block in zip(questions, blocks)]


def ask(host: Host, name: str, kind: str = "A", server: str = ROUTER4) -> Reply:
    """Ask one question over UDP."""
    return dig(host, f"@{server} {name} {kind}")[0]


def everywhere(
    host: Host, name: str, kind: str = "A", servers: Iterable[str] = SERVERS
) -> Reply:
    """Ask every server over UDP and TCP; return what all of them must say."""
    lines = [f"@{s} {name} {kind} {way}" for s in servers for way in ("+notcp", "+tcp")]
    replies = dig(host, *lines)
    for reply in replies:
        assert reply.says == replies[0].says, f"{reply}\nunlike {replies[0]}"
        assert reply.protocol == ("TCP" if reply.asked.endswith("+tcp") else "UDP")
    return replies[0]


class Asker:
    """A client that runs in a host for as long as the home; see clients/asker.py."""

    def __init__(self, host: Host, server: str = ROUTER4) -> None:
        self._server = server
        self._process = host.popen(
            [sys.executable, str(_ASKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.said({"to": "127.0.0.1", "port": 9})

    def begin(self, job: dict[str, Any]) -> None:
        """Give it something to do; said() has the outcome."""
        assert self._process.stdin is not None
        job = job if "to" in job else {"server": self._server} | job
        print(json.dumps(job), file=self._process.stdin, flush=True)

    def end(self) -> dict[str, Any]:
        """Return the outcome of what was begun."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the asking client ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def said(self, job: dict[str, Any]) -> dict[str, Any]:
        """Do something and return its outcome."""
        self.begin(job)
        return self.end()

    def ask(self, name: str, kind: str = "A", **job: Any) -> dict[str, Any]:
        """Ask one question; see clients/asker.py for what else may be given."""
        return self.said({"name": name, "kind": kind, **job})

    def status(self, name: str, **job: Any) -> str:
        """Return the status of one answer, "" for none."""
        return str(self.ask(name, **job)["status"])

    def to(self, address: str, port: int, **job: Any) -> str:
        """Return what a connection (udp=True: a datagram) to an address meets."""
        return str(self.said({"to": address, "port": port, **job})["how"])


def household(*, laptop: str = "ben", **people: Any) -> dict[str, Any]:
    """Return the example with fields of its people by their ids.

    laptop: whose it is; the tablet is Mia's. names: the household's own settings.
    """
    document = example()
    if "names" in people:
        document["names"] = people.pop("names")
    for person in document["people"]:
        person.update(people.pop(person["id"], {}))
    for device in document["devices"]:
        if device["id"] == "laptop":
            device["person"] = laptop
    assert not people, f"nobody is called {sorted(people)}"
    return document


@contextlib.contextmanager
def answering(
    home: Home, now: str, document: dict[str, Any], options: tuple[str, ...] = ()
) -> Iterator[Guard]:
    """Run the daemon with the product's own names, until questions are led to it."""
    with guarding(home, now, document, options=options, start=False) as guard:
        # A first start compiles the index: seconds, in which no kind is refused.
        shutil.copytree(_lists(), guard.state_dir / "lists", dirs_exist_ok=True)
        begin(guard)
        wait_answering(home, guard)
        yield guard


@functools.cache
def _lists() -> Path:
    """Return a state of lists as after a first start, compiled once a process."""
    kept = tempfile.TemporaryDirectory(prefix="guardian-lab-lists-")
    atexit.register(kept.cleanup)
    verb = [sys.executable, "-m", "guardian.listcli", "begin", "--state-dir", kept.name]
    run(verb)
    return Path(kept.name)


def wait_answering(home: Home, guard: Guard, timeout: float = 60) -> None:
    """Wait until children's questions are judged, with the kinds of sites known."""

    def ready() -> bool:
        names = guard.call("status")["names"]
        index = names["lists"]["index"]
        return bool(names["answering"] and index and index["known"])

    home.wait(ready, "the answering process and its index", timeout)
    home.wait(lambda: ports(home), "the redirects")


def ports(home: Home) -> dict[str, int]:
    """Return where the kernel leads each device's questions, MAC -> port."""
    listed = home.router.run(["nft", "list", "map", "inet", "guardian", "dnsport"])
    return {mac: int(port) for mac, port in _ELEMENT.findall(listed.stdout)}


def change(guard: Guard, document: dict[str, Any]) -> None:
    """Put another household in force; returns when the daemon has taken it."""
    guard.call("household-import", text=json.dumps(document))


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines of each question's outcome."""
    block: list[str] = []
    for line in lines:
        block.append(line)
        if line.startswith(_NOTHING) or _SIZE.match(line):
            yield block
            block = []


def _read(asked: str, lines: list[str]) -> Reply:
    reply = Reply(asked)
    section = ""
    for line in lines:
        if found := _HEADER.search(line):
            reply.status = found[1]
        elif found := _FLAGS.match(line):
            reply.flags = frozenset(found[1].split())
        elif line.startswith("; EDNS: version"):
            reply.edns = True
        elif found := _EDE.match(line):
            reply.ede.append((int(found[1]), found[2] or ""))
        elif found := _SECTION.match(line):
            section = found[1]
        elif found := _SERVER.match(line):
            reply.protocol = found[3]
        elif found := _SIZE.match(line):
            reply.size = int(found[1])
        elif line.startswith(";; Truncated, retrying"):
            reply.truncated = True
        elif line.startswith(";; ") and ("error" in line or "failed" in line):
            reply.error = line[3:]
        elif section == "QUESTION" and line.startswith(";"):
            reply.name = line[1:].split()[0]
        elif line and not line.startswith(";") and section in ("ANSWER", "AUTHORITY"):
            owner, ttl, _, kind, data = line.split(None, 4)
            kept = reply.answers if section == "ANSWER" else reply.authority
            kept.append((owner, int(ttl), kind, data))
        elif not line:
            section = ""
    return reply
