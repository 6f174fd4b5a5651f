"""Measured flows between two hosts of a lab, and single fetches by curl.

A flow is two processes (traffic.py), one in each host's namespace.  Each direction
has its own record of what was sent and what arrived, to be read at any moment:
"up" is client to server, "down" is server to client.  All times are
time.monotonic() of this machine.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

from .host import Host, ready
from .namespaces import wait_for
from .traffic import Record

TRAFFIC = Path(__file__).with_name("traffic.py")
CAPACITY = 1 << 20


@dataclass(frozen=True, slots=True)
class Kind:
    """What both ends of a flow do; rate: packets (chunks) a second, size: bytes."""

    protocol: str
    client_sends: bool
    server_sends: bool
    rate: float
    size: int
    greets: bool = False
    inbound: bool = False


KINDS = {
    "tcp-download": Kind("tcp", False, True, 200, 1400),
    "tcp-upload": Kind("tcp", True, False, 200, 1400),
    "tcp-chat": Kind("tcp", True, True, 50, 200),
    # Both sides talk on their own account, as in a call: neither is an echo.
    "udp-call": Kind("udp", True, True, 100, 200),
    # One hello, then the server only.
    "udp-push": Kind("udp", False, True, 200, 1200, greets=True),
    # The server begins; the host never says a word.
    "udp-inbound": Kind("udp", False, True, 200, 200, inbound=True),
    # Both begin, both keep sending whatever comes back.
    "udp-probe": Kind("udp", True, True, 1200, 64, inbound=True),
}


class Flow:
    """A running flow and what has arrived of it.  Made by Home.flow()."""

    def __init__(
        self,
        *,
        number: int,
        kind: str,
        client: Host,
        server: Host,
        client_spec: dict[str, Any],
        server_spec: dict[str, Any],
        directory: Path,
    ) -> None:
        what = KINDS[kind]
        self.kind = kind
        self.client = client
        self.server = server
        self.family: int = client_spec["family"]
        self.address: str = client_spec["address"]
        self.port: int = client_spec["port"]
        self.rate: float = client_spec["rate"]
        self.directions = tuple(
            name
            for name, sends in (("up", what.client_sends), ("down", what.server_sends))
            if sends
        )
        paths = {
            (role, way): directory / f"{number}.{role}.{way}"
            for role in ("client", "server")
            for way in ("received", "sent")
        }
        records = {at: Record(path, CAPACITY) for at, path in paths.items()}
        self.received = {
            "up": records["server", "received"],
            "down": records["client", "received"],
        }
        self.sent = {"up": records["client", "sent"], "down": records["server", "sent"]}
        self._paths = paths
        self._processes: list[subprocess.Popen[Any]] = []
        for role, host, spec in (
            ("server", server, server_spec),
            ("client", client, client_spec),
        ):
            ways = {way: str(paths[role, way]) for way in ("received", "sent")}
            process = host.python(
                TRAFFIC,
                {**spec, **ways, "role": role, "flow": number},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            self._processes.append(process)
            if not ready(process):
                said = process.communicate()[1].decode()
                self.stop()
                raise RuntimeError(f"{kind} {role} did not start: {said}")

    def __repr__(self) -> str:
        ways = ", ".join(f"{d} {self.received[d].count}" for d in self.directions)
        return (
            f"<Flow {self.kind} IPv{self.family} {self.client.name} to"
            f" {self.server.name} {self.address}:{self.port} arrived: {ways}>"
        )

    def wait_running(self, timeout: float = 5) -> Flow:
        """Wait until 3 packets have arrived each way; TimeoutError if not."""
        wait_for(
            lambda: all(self.received[d].count >= 3 for d in self.directions),
            f"{self!r} to run ({self.errors() or 'no errors'})",
            timeout,
        )
        return self

    def alive(self, window: float = 0.3) -> bool:
        """Tell whether packets arrive in every direction within `window` seconds.

        Only packets that arrive after the call count; returns at the last one's.
        """
        return self._until(lambda t: all(self._since(t).values()), window)

    def silent(self, window: float = 0.3) -> bool:
        """Tell whether nothing arrives in any direction for `window` seconds."""
        return not self._until(lambda t: any(self._since(t).values()), window)

    def _since(self, moment: float) -> dict[str, bool]:
        return {d: self.received[d].last > moment for d in self.directions}

    def _until(self, test: Callable[[float], bool], window: float) -> bool:
        begin = time.monotonic()
        while not (seen := test(begin)) and time.monotonic() < begin + window:
            time.sleep(0.002)
        return seen

    def last_received(self, direction: str | None = None) -> float:
        """Return when the last packet arrived; 0.0 if none.

        direction: "up", "down", or None for the later of those the kind has.
        """
        ways = self.directions if direction is None else (direction,)
        return max(self.received[way].last for way in ways)

    def stopped_within(self, t0: float, limit: float, settle: float = 0.4) -> bool:
        """Tell whether nothing arrived, either way, after t0 + limit.

        Waits until t0 + limit + settle, so that a flow that goes on is seen.
        """
        time.sleep(max(0.0, t0 + limit + settle - time.monotonic()))
        return self.last_received() <= t0 + limit

    def wait_stopped(self, quiet: float = 0.4, timeout: float = 10) -> dict[str, float]:
        """Wait until nothing has arrived for `quiet` seconds; last time per direction.

        TimeoutError if it still runs after `timeout` seconds.
        """
        wait_for(
            lambda: time.monotonic() - self.last_received() > quiet,
            f"{self!r} to stop",
            timeout,
        )
        return {way: self.received[way].last for way in self.directions}

    def arrivals(
        self, direction: str, since: float = 0, until: float = math.inf
    ) -> list[float]:
        """Return when packets arrived in [since, until), in order of arrival.

        OverflowError when more have arrived than the record holds (a million).
        """
        times = self.received[direction].times()
        return [when for when in times if since <= when < until]

    def sent_count(
        self, direction: str, since: float = 0, until: float = math.inf
    ) -> int:
        """Return how many packets the sender got rid of in [since, until)."""
        return sum(since <= t < until for t in self.sent[direction].times())

    def largest_gap(
        self, direction: str, since: float = 0, until: float = math.inf
    ) -> tuple[float, float]:
        """Return the longest time without an arrival and when it began.

        The edges count when given: from `since` to the first, from the last to
        `until`.  (0.0, 0.0) with fewer than two moments.
        """
        moments = self.arrivals(direction, since, until)
        if since:
            moments.insert(0, since)
        if until < math.inf:
            moments.append(until)
        gaps = [(b - a, a) for a, b in zip(moments, moments[1:])]
        return max(gaps, default=(0.0, 0.0))

    def errors(self) -> dict[str, str]:
        """Return what the sockets reported, as {"client": "ECONNRESET"}."""
        ends = {
            "client": (self.received["down"], self.sent["up"]),
            "server": (self.received["up"], self.sent["down"]),
        }
        found = {
            end: next((r.error for r in records if r.error), "")
            for end, records in ends.items()
        }
        return {end: error for end, error in found.items() if error}

    def error_time(self, end: str = "client") -> float:
        """Return when that end last had an error; 0.0 if never."""
        ways = ("down", "up") if end == "client" else ("up", "down")
        return max(
            self.received[ways[0]].error_time,
            self.sent[ways[1]].error_time,
        )

    def stop(self) -> None:
        """End both processes; the records stay readable."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        self._processes.clear()

    def close(self) -> None:
        """Stop, and give the records' memory back: they cannot be read any more."""
        self.stop()
        for record in (*self.received.values(), *self.sent.values()):
            record.close()
        for path in self._paths.values():
            path.unlink(missing_ok=True)


class Probe:
    """Streams of numbered packets up and down, per family, that never give up.

    Streams are "up4", "down4", "up6", "down6".  The server's packets come without
    being asked, through an opening of the router's firewall.  Made by Home.probe().
    """

    def __init__(self, flows: dict[int, Flow]) -> None:
        self.flows = flows
        self.streams = tuple(
            f"{way}{f}" for f in sorted(flows) for way in ("up", "down")
        )

    def _at(self, stream: str) -> tuple[Flow, str]:
        return self.flows[int(stream[-1])], stream[:-1]

    def wait_sending(self, timeout: float = 5) -> Probe:
        """Wait until every stream is being sent, arriving or not."""
        flows = self.flows.values()
        wait_for(
            lambda: all(r.count > 2 for f in flows for r in f.sent.values()),
            "the probe to send",
            timeout,
        )
        return self

    def wait_running(self, timeout: float = 5) -> Probe:
        """Wait until packets arrive in every stream."""
        for flow in self.flows.values():
            flow.wait_running(timeout)
        return self

    def arrived(self, since: float = 0, until: float = math.inf) -> dict[str, int]:
        """Return per stream how many packets arrived in [since, until)."""
        return {
            stream: len(flow.arrivals(way, since, until))
            for stream in self.streams
            for flow, way in [self._at(stream)]
        }

    def sent(self, since: float = 0, until: float = math.inf) -> dict[str, int]:
        """Return per stream how many packets were sent in [since, until)."""
        return {
            stream: flow.sent_count(way, since, until)
            for stream in self.streams
            for flow, way in [self._at(stream)]
        }

    def arrivals(
        self, stream: str, since: float = 0, until: float = math.inf
    ) -> list[float]:
        """Return when packets of one stream arrived."""
        flow, way = self._at(stream)
        return flow.arrivals(way, since, until)

    def largest_gaps(
        self, since: float = 0, until: float = math.inf
    ) -> dict[str, tuple[float, float]]:
        """Return per stream the longest time without an arrival and its begin."""
        return {
            stream: flow.largest_gap(way, since, until)
            for stream in self.streams
            for flow, way in [self._at(stream)]
        }

    def stop(self) -> None:
        """End the senders; the records stay readable."""
        for flow in self.flows.values():
            flow.stop()


@dataclass(frozen=True, slots=True)
class Fetch:
    """One fetch by curl: `code` the HTTP status (0: none), `seconds` it took.

    how: "ok", "refused" (reset or port unreachable before a connection), "reset"
    (of a connection), "unreachable" (ICMP), "timeout", "dns", "tls", or "curl N".
    """

    ok: bool
    code: int
    seconds: float
    how: str
    address: str
    body: str


def fetch(
    host: Host, url: str, family: int | None = None, timeout: float = 5, **more: str
) -> Fetch:
    """Fetch a URL on a host with curl, over IPv4, IPv6 or what curl prefers.

    timeout: seconds for all of it.  more: further curl options by long name, for
    example resolve="name:443:198.51.100.10".
    """
    argv = ["curl", "-sv", "--max-time", str(timeout), "--output", "-"]
    argv += ["-w", "%{stderr}\nlab %{json}\n"]
    argv += [f"-{family}"] if family else []
    for name, value in more.items():
        argv += [f"--{name.replace('_', '-')}", value]
    done = subprocess.run(
        host.command([*argv, url]),
        env={k: v for k, v in host.env().items() if not k.lower().endswith("_proxy")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout + 10,
    )
    said, _, result = done.stderr.rpartition("\nlab ")
    facts = json.loads(result)
    return Fetch(
        ok=done.returncode == 0,
        code=int(facts["http_code"]),
        seconds=float(facts["time_total"]),
        how=_how(done.returncode, said),
        address=facts["remote_ip"],
        body=done.stdout,
    )


def _how(code: int, said: str) -> str:
    # curl's exit codes: man curl, EXIT CODES.  The reason of 7 is only in -v.
    if code == 7:
        unreachable = (os.strerror(n) for n in (101, 113, 13, 1))
        return "unreachable" if any(s in said for s in unreachable) else "refused"
    if code in (35, 52, 55, 56):
        return "reset" if "reset" in said.lower() else "tls" if code == 35 else "closed"
    return {0: "ok", 6: "dns", 28: "timeout", 60: "tls"}.get(code, f"curl {code}")
