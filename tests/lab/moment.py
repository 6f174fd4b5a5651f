"""A guarded home at a chosen moment, and what a family does there.

The daemon is the real one; its wall clock starts where the test says, timers are real.
Flows may be started before it: until it enforces nothing is stopped.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from guardian.core.errors import ControlError

from .flows import Flow, Probe
from .guard import EXAMPLE, MACS, Guard, clock, example
from .home import Home
from .host import Host

__all__ = ["EXAMPLE", "MACS", "Guard", "clock", "example"]

MakeHome = Callable[..., Home]
FAMILIES = (4, 6)
# The example household on a school day: Mia (10-12) has tablet and laptop.
AFTERNOON = "2026-10-26T17:00"
BEDTIME = "2026-10-26T21:00"
NIGHT = "2026-10-26T22:00"
HELP = "nummergegenkummer.de"
HELP_AT = ("198.51.100.116", "2001:db8:1::116")
# Promised: the last packet of what ends comes within this, seconds.
LIMIT_S = 1.0
ALL_KINDS = (
    ("tcp-download", "video"),
    ("tcp-upload", "video"),
    ("tcp-chat", "chat"),
    ("udp-call", "chat"),
    ("udp-push", "game"),
    ("udp-inbound", "game"),
)
FEW_KINDS = (("tcp-download", "video"), ("udp-call", "chat"), ("udp-push", "game"))

# Questions by hand, so that any server may be asked, over UDP and TCP.
ASK = """
import sys, dns.message, dns.query
for server in sys.argv[2:]:
    for ask in (dns.query.udp, dns.query.tcp):
        query = dns.message.make_query(sys.argv[1], "A")
        answer = ask(query, server, timeout=5).answer
        print(*(item.address for rrset in answer for item in rrset))
"""
# A datagram refused: the error that the kernel hands to the sender.
UDP = """
import errno, socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
sock = socket.socket(family, socket.SOCK_DGRAM)
sock.settimeout(3)
sock.connect((sys.argv[1], int(sys.argv[2])))
try:
    sock.send(b"hello")
    print("answer", len(sock.recv(99)))
except TimeoutError:
    print("timeout")
except OSError as problem:
    print(errno.errorcode[problem.errno])
"""


@contextlib.contextmanager
def guarding(
    home: Home,
    now: str,
    household: Mapping[str, Any] | None = None,
    *,
    options: tuple[str, ...] = (),
    start: bool = True,
    box: Host | None = None,
) -> Iterator[Guard]:
    """Run the daemon in `home` from wall time `now`; its log must stay clean.

    household: default the example. start: False leaves the first start to the test.
    box: where it runs, if not in the router.
    """
    guard = Guard(home, household or example(), now=now, options=options, box=box)
    try:
        yield begin(guard) if start else guard
    finally:
        if guard.process is not None and guard.process.poll() is None:
            guard.stop()
    said = guard.log.read_text(errors="replace") if guard.log.exists() else ""
    bad = [line for line in said.splitlines() if line.startswith(("ERROR", "Trace"))]
    assert bad == [], said


def begin(guard: Guard) -> Guard:
    """Start the daemon and wait until it enforces and answers questions."""
    guard.start(wait=False)

    def enforced() -> bool:
        assert guard.process is not None
        if guard.process.poll() is not None:
            raise RuntimeError(f"guardiand ended: {guard.said()}")
        with contextlib.suppress(ControlError):
            status = guard.call("status")
            return bool(status["enforced"] and status["names"]["answering"])
        return False

    guard.home.wait(enforced, "guardiand to enforce and to answer", 20)
    return guard


def mono_of(guard: Guard, at: str) -> float:
    """Return the monotonic second at which the daemon's clock reads `at`.

    at: local ISO time of the example household, as for --now.
    """
    before = time.monotonic()
    now = datetime.fromisoformat(guard.call("status")["clock"]["now"])
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=now.tzinfo)
    return before + (moment - now).total_seconds()


def in_seconds(guard: Guard, seconds: float) -> tuple[str, float]:
    """Return an instant that far ahead: ISO text for --until, and monotonic."""
    before = time.monotonic()
    now = datetime.fromisoformat(guard.call("status")["clock"]["now"])
    return (now + timedelta(seconds=seconds)).isoformat(), before + seconds


def flows(
    home: Home, host: str, kinds: Iterable[tuple[str, str]] = FEW_KINDS
) -> list[Flow]:
    """Start flows of a host, each kind over IPv4 and IPv6, and wait until they run.

    Those to HELP use the port that a site of help has.
    """
    started = [
        home.flow(host, k, server, f, port=443 if server == HELP else None)
        for f in FAMILIES
        for k, server in kinds
    ]
    for flow in started:
        flow.wait_running(15)
    return started


def assert_stopped(ended: Iterable[Flow], at: float, *, lived: bool = True) -> None:
    """Each ran until `at` and carried nothing, either way, from LIMIT_S after it.

    lived: False where it may have ended before.
    """
    ended = list(ended)
    wait_until(at - 0.1)
    before = {flow: flow.last_received() for flow in ended}
    wait_until(at + LIMIT_S + 0.4)
    for flow in ended:
        # TCP's own stalls on a busy machine are shorter than a second.
        if lived:
            assert before[flow] > at - 1.1, f"{flow} had stopped before"
        late = flow.last_received() - at
        assert late <= LIMIT_S, f"{flow} went on for {late:.3f} s"


def assert_alive(going: Iterable[Flow]) -> None:
    """Each carries packets in every direction."""
    assert [flow for flow in going if not flow.alive(2.0)] == []


def wait_until(moment: float) -> None:
    """Wait for a monotonic moment that nothing announces, such as a lease's end."""
    time.sleep(max(0.0, moment - time.monotonic()))


def how(home: Home, host: str, server: str = "video.lab.test") -> list[str]:
    """Return how a page fares over IPv4 and IPv6, e.g. ["ok", "refused"].

    By its address: at a time without internet no name is told, and a child that knows
    the address must be held all the same.
    """
    url = f"http://{server}/"
    return [home.fetch(host, url, family, known=True).how for family in FAMILIES]


def udp(home: Home, host: str, server: str = "video") -> list[str]:
    """Return what a datagram to a server's echo gets, IPv4 and IPv6."""
    return [
        home[host]
        .run([sys.executable, "-c", UDP, home.address(server, family)[1], "7"])
        .stdout.strip()
        for family in FAMILIES
    ]


def resolve(home: Home, host: str, name: str, *servers: str) -> list[str]:
    """Return the address that each server is seen to give, over UDP, then over TCP."""
    argv = [sys.executable, "-c", ASK, name, *servers]
    return home[host].run(argv, timeout=30).stdout.split()


def help_known(home: Home, guard: Guard) -> None:
    """Wait until both addresses of HELP are in the kernel."""
    home.wait(
        lambda: HELP_AT[0] in keys(guard, "inet", "floor4")
        and HELP_AT[1] in keys(guard, "inet", "floor6"),
        "the addresses of help",
    )


def elements(guard: Guard, family: str, name: str) -> dict[str, float | None]:
    """Return the elements of a set with the seconds each has left, or None."""
    found: dict[str, float | None] = {}
    for item in guard.sets(family, name):
        if isinstance(item, dict) and "elem" in item:
            inner = item["elem"]
            found[str(inner["val"])] = inner.get("expires")
        else:
            found[str(item)] = None
    return found


def leases(guard: Guard, family: str) -> dict[str, float]:
    """Return who may pass until an end, and the seconds left; not the exempt."""
    found = elements(guard, family, "permit")
    return {mac: left for mac, left in found.items() if left is not None}


def keys(guard: Guard, family: str, name: str) -> set[str]:
    """Return the keys of a set."""
    return set(elements(guard, family, name))


def silent(probe: Probe, since: float = 0) -> bool:
    """Tell whether every stream was sent and none arrived since a moment."""
    sent, arrived = probe.sent(since), probe.arrived(since)
    assert min(sent.values()) > 0, f"the probe does not send: {sent}"
    return not any(arrived.values())


def missing(probe: Probe, since: float, until: float) -> list[str]:
    """Return what was lost on the way between two moments, a line for each gap."""
    found = []
    for family, flow in probe.flows.items():
        for way in ("up", "down"):
            record = flow.received[way]
            numbers = [
                number
                for number, when in zip(record.numbers(), record.times())
                if since <= when <= until
            ]
            assert len(numbers) > 2, f"{way}{family} does not arrive"
            found += [
                f"{way}{family}: {a} to {b}"
                for a, b in zip(numbers, numbers[1:])
                if b != a + 1
            ]
    return found


def chains(home: Home) -> set[str]:
    """Return the names of our chains in both tables."""
    listed = home.router.run(["nft", "list", "ruleset"]).stdout
    found, table = set(), ""
    for line in listed.splitlines():
        if line.startswith("table "):
            table = line.split()[2]
        elif line.startswith("\tchain ") and table == "guardian":
            found.add(line.split()[1])
    return found
