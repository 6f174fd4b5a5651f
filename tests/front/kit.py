"""What the tests of the front share: rules, ports, a resolver of its own, questions."""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from guardian.compile.names import rules_to_json
from guardian.core.catalogue import Catalogue, Category, Engine, Pack, Tiers
from guardian.core.model import Decision, Reason, Verdict
from guardian.core.naming import NameRules, Shared, shared_names
from guardian.front import channel
from guardian.front.process import run

OPEN = Decision(Verdict.ALLOW, Reason.DEFAULT)
SAFE = Engine(
    id="seek",
    title="Seek",
    names=("www.seek.test",),
    targets=("gone.seek.test", "safe.seek.test"),
    addresses=("192.0.2.77",),
    refused=("raw.seek.test",),
)
VIDEO = Engine(
    id="tube", title="Tube", names=("www.tube.test",), targets=("safe.tube.test",)
)
CATALOGUE = Catalogue(
    categories=(
        Category(id="adult", title="Adult", contains="", harm=True),
        Category(id="games", title="Games", contains=""),
    ),
    packs=(Pack(id="school", title="", why="", names=("learn.test",), learning=True),),
    tiers=Tiers(
        technical=("probe.test",),
        system=("push.test",),
        soft=("wiki.test",),
        guard=("tool.test",),
    ),
    engines=(SAFE,),
    youtube=(("strict", VIDEO),),
)
HELP = "www.help.test"


def shared() -> Shared:
    """Return the shared names of a small catalogue."""
    return shared_names(CATALOGUE, [HELP])


class Lists:
    """An index by hand: name and all below -> labels."""

    labels = ("adult", "games")

    def __init__(self, **listed: str) -> None:
        self.listed = listed or {"bad": "adult", "play": "games"}
        self.asked = 0

    def mask(self, wire: bytes) -> int:
        """Return the bits of a name whose label before "test" is listed."""
        self.asked += 1
        mask = 0
        for part, label in self.listed.items():
            if wire.endswith(bytes((len(part),)) + part.encode() + b"\4test\0"):
                mask |= 1 << self.labels.index(label)
        return mask

    def mask_of(self, labels: Any) -> int:
        """Return the bits of labels."""
        return sum({1 << self.labels.index(x) for x in labels if x in self.labels})

    def labels_of(self, mask: int) -> tuple[str, ...]:
        """Return the labels of bits."""
        return tuple(x for i, x in enumerate(self.labels) if mask >> i & 1)


def question(
    name: str, rtype: str = "A", *, edns: int = -1, payload: int = 1232, ident: int = 7
) -> bytes:
    """Return a question as a stub resolver sends it."""
    query = dns.message.make_query(name, rtype, use_edns=edns, payload=payload)
    query.id = ident
    return query.to_wire()


def reply(query: bytes, *records: str, rcode: int = 0) -> bytes:
    """Return a resolver's answer to a query. records: zone-file lines."""
    asked = dns.message.from_wire(query)
    answer = dns.message.make_response(asked, recursion_available=True)
    answer.set_rcode(rcode)
    for line in records:
        owner, ttl, rclass, rtype, data = line.split(" ", 4)
        answer.answer.append(dns.rrset.from_text(owner, int(ttl), rclass, rtype, data))
    return answer.to_wire(max_size=65535)


Zone = Callable[[dns.message.Message], "bytes | None"]


@dataclass
class Upstream:
    """A resolver on loopback, by UDP and TCP; `zone` makes the answers."""

    zone: Zone
    port: int = 0
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return the names asked for, lower case."""
        return [name for _, name, _ in self.asked]

    def start(self) -> None:
        """Serve in a thread until `stop`."""
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self.port = self._udp.getsockname()[1]
        self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind(("127.0.0.1", self.port))
        self._tcp.listen(16)
        self._end, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be gone: the port is closed."""
        os.write(self._stop, b"x")
        self._thread.join()
        for handle in (self._end, self._stop):
            os.close(handle)
        self._udp.close()
        self._tcp.close()

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._udp, self._tcp, self._end], [], [])
            if self._end in ready:
                return
            if self._udp in ready:
                packet, name = self._udp.recvfrom(4096)
                if answer := self._answer("udp", packet):
                    self._udp.sendto(answer, name)
            if self._tcp in ready:
                self._stream()

    def _stream(self) -> None:
        sock, _ = self._tcp.accept()
        with sock:
            sock.settimeout(2)
            packet = sock.recv(4096)[2:]
            if answer := self._answer("tcp", packet):
                sock.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, how: str, packet: bytes) -> bytes | None:
        if len(packet) < 12:
            return None
        query = dns.message.from_wire(packet)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append((how, name, packet))
        return self.zone(query)


@contextmanager
def upstream(zone: Zone) -> Iterator[Upstream]:
    """Run a resolver."""
    served = Upstream(zone)
    served.start()
    try:
        yield served
    finally:
        served.stop()


@dataclass
class Served:
    """A front in a process of its own, and the daemon's end of its control socket."""

    control: socket.socket
    pid: int
    revision: int = 0
    seen: list[dict[str, Any]] = field(default_factory=list)

    def policy(
        self,
        upstreams: list[str],
        rules: list[NameRules],
        ports: list[tuple[int, int]],
        **more: Any,
    ) -> list[int]:
        """Send a policy; return the ports that answer by it. ports: (number, rules)."""
        self.revision += 1
        message = {
            "type": "policy",
            "revision": self.revision,
            "refusal": "nxdomain",
            "upstreams": upstreams,
            "page4": "192.0.2.1",
            "page6": "100::1",
            "rules": [rules_to_json(rule) for rule in rules],
            "ports": [
                {
                    "port": number,
                    "mac": f"02:00:00:00:00:{place:02x}",
                    "rules": index,
                    "record": True,
                }
                for place, (number, index) in enumerate(ports)
            ],
            **more,
        }
        channel.send(self.control, message)
        bound = self.wait("bound")
        assert bound["revision"] == self.revision
        return list(bound["ports"])

    def stats(self) -> dict[str, Any]:
        """Return what the front counts."""
        channel.send(self.control, {"type": "ping", "id": 5})
        stats: dict[str, Any] = self.wait("pong")["stats"]
        return stats

    def wait(self, kind: str) -> dict[str, Any]:
        """Return the next message of a kind; others are kept in `seen`."""
        while True:
            message = channel.receive(self.control)
            assert message is not None, "the front has ended"
            if message["type"] == kind:
                return message
            self.seen.append(message)

    def end(self) -> int:
        """Close the control socket; return the exit status."""
        self.control.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@contextmanager
def front(
    names: Shared | None = None,
    index: Path | None = None,
    *,
    queue: int | None = None,
    **more: Any,
) -> Iterator[Served]:
    """Fork a front. queue: octets its messages may wait in. more: of `run`."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if queue is not None:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, queue)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            # As the daemon does: nothing of the parent's stays open.
            os.closerange(3, theirs.fileno())
            os.closerange(theirs.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
            run(theirs, names or shared(), index, **more)
            code = 0
        finally:
            os._exit(code)
    theirs.close()
    ours.settimeout(10)
    served = Served(ours, pid)
    try:
        yield served
    finally:
        if ours.fileno() >= 0:
            assert served.end() == 0


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, by UDP nor TCP."""
    held, found = [], []
    while len(found) < count:
        udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        udp.bind(("", 0))
        number = udp.getsockname()[1]
        tcp = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        try:
            tcp.bind(("", number))
            found.append(number)
        except OSError:
            pass
        held += [udp, tcp]
    for sock in held:
        sock.close()
    return found


def ask(
    port: int,
    name: str,
    rtype: str = "A",
    *,
    host: str = "127.0.0.1",
    tcp: bool = False,
    timeout: float = 6.0,
    **more: Any,
) -> dns.message.Message:
    """Ask a port and return its answer; raises TimeoutError."""
    packet = question(name, rtype, **more)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(family, kind) as sock:
        sock.settimeout(timeout)
        sock.connect((host, port))
        if not tcp:
            sock.send(packet)
            return dns.message.from_wire(sock.recv(65535))
        sock.sendall(struct.pack("!H", len(packet)) + packet)
        octets = b""
        while len(octets) < 2 or len(octets) < 2 + int.from_bytes(octets[:2], "big"):
            piece = sock.recv(65535)
            if not piece:
                raise ConnectionError("closed")
            octets += piece
        return dns.message.from_wire(octets[2:])


def addresses(message: dns.message.Message) -> list[str]:
    """Return the addresses of an answer."""
    return [
        item.address
        for rrset in message.answer
        for item in rrset
        if hasattr(item, "address")
    ]
