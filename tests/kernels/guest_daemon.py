"""The real daemon in the guest's router, asked over its control socket.

Started, killed and commanded as a technician would; the household is the example of
profiles/, with a bedtime of its own. A name server beside it knows one helpline.
"""

import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from guardian import cli, daemon
from guardian.client import call
from guardian.core.errors import ControlError

from .guest import await_true, run
from .guest_home import CHAT, HELP, Home
from .guest_programs import Program
from .guest_rules import Ending

EXAMPLE = Path(__file__).resolve().parents[2] / "profiles/example-household.json"
HELPLINE = "nummergegenkummer.de"
DAY = "2026-11-16"
BEDTIME = datetime.fromisoformat(f"{DAY}T20:00+01:00")
AFTERNOON = datetime.fromisoformat(f"{DAY}T17:00+01:00")
RESOLVER = "127.0.0.1"
# An emulated machine on a busy host is slow.
START_S = 90.0


class Daemon:
    """guardiand in this namespace, with folders of its own; killed at the end."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="guardian-"))
        self._socket = self._folder / "run/control.sock"
        self._process: Program | None = None
        self._household = self._folder / "household.json"
        bedtime = {"id": "tonight", "person": "mia", "date": DAY, "kind": "bedtime"}
        bedtime |= {"from": f"{BEDTIME:%H:%M}", "to": "07:00"}
        household = json.loads(EXAMPLE.read_text()) | {"exceptions": [bedtime]}
        self._household.write_text(json.dumps(household))
        Names(HELPLINE, (HELP, CHAT))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    def start(self, now: datetime | None = None) -> float:
        """Start it, as if it were `now`; returns time.monotonic() of that moment.

        Without `now` it goes by the machine's clock.
        """
        self._process = Program(
            daemon.__name__,
            ["--resolver", RESOLVER]
            + ["--run-dir", str(self._folder / "run")]
            + ["--state-dir", str(self._folder / "state")]
            + ["--household", str(self._household)]
            + (["--now", now.isoformat(timespec="milliseconds")] if now else []),
        )
        if not await_true(self._enforces, START_S, 0.2):
            raise TimeoutError("guardiand does not enforce")
        return min(self._reckon(now) for _ in range(10))[1] if now else time.monotonic()

    def _reckon(self, now: datetime) -> tuple[float, float]:
        """Return how exact, and time.monotonic() at which its clock said `now`."""
        asked = time.monotonic()
        clock = datetime.fromisoformat(self.call("status")["clock"]["now"])
        answered = time.monotonic()
        middle = (asked + answered) / 2
        return answered - asked, middle - (clock - now).total_seconds()

    def help_is_kept(self) -> bool:
        """Wait until the helpline's addresses are in the kernel."""
        return await_true(
            lambda: all(
                address in run(f"nft list set inet guardian floor{version}")
                for pair in (HELP, CHAT)
                for version, address in zip("46", pair, strict=True)
            ),
            START_S,
            0.5,
        )

    def start_before_bedtime(self, home: Home) -> Ending:
        """Start it some time before bedtime; returns when bedtime is.

        The time leaves room for its start and that of all flows, however slow the
        machine is at the moment: the home took a share of the same work.
        """
        lead = min(5 + 8 * home.took_s, START_S)
        at = self.start(BEDTIME - timedelta(seconds=lead)) + lead
        return Ending(at, at)

    def call(self, verb: str, **args: Any) -> Any:
        """Speak to the control socket."""
        return call(self._socket, verb, **args)

    def ctl(self, *argv: str) -> None:
        """Run guardianctl; raises if it does not exit with 0."""
        status = Program(cli.__name__, ["--socket", str(self._socket), *argv]).wait()
        if status != 0:
            raise RuntimeError(f"guardianctl {' '.join(argv)}: exit status {status}")

    def reason(self) -> str:
        """Return why the tablet stands as it does."""
        return str(self.call("explain", device="tablet")["decision"]["reason"])

    def kill(self) -> None:
        """End it with SIGKILL: no last word."""
        assert self._process is not None
        self._process.kill()
        self._process = None

    def _enforces(self) -> bool:
        assert self._process is not None
        if self._process.ended():
            raise RuntimeError("guardiand ended")
        try:
            return bool(self.call("status")["enforced"])
        except ControlError:
            return False


class Names:
    """A name server that knows one name; every other does not exist (RFC 1035 4.1).

    addresses: pairs of an IPv4 and an IPv6 address.
    """

    def __init__(self, name: str, addresses: tuple[tuple[str, str], ...]) -> None:
        self._name = name
        self._addresses = addresses
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((RESOLVER, 53))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            question, sender = self._socket.recvfrom(512)
            self._socket.sendto(self._answer(question), sender)

    def _answer(self, question: bytes) -> bytes:
        labels = list(_labels(question))
        end = 12 + sum(len(label) + 1 for label in labels) + 1
        qtype = int.from_bytes(question[end : end + 2], "big")
        known = b".".join(labels).decode().lower() == self._name
        records = []
        if known and qtype in (1, 28):
            for pair in self._addresses:
                family = socket.AF_INET if qtype == 1 else socket.AF_INET6
                data = socket.inet_pton(family, pair[qtype == 28])
                # The name by pointer, type, class IN, 300 s, length.
                head = b"\xc0\x0c" + qtype.to_bytes(2, "big") + b"\0\1\0\0\1\x2c"
                records.append(head + len(data).to_bytes(2, "big") + data)
        flags = b"\x81\x80" if known else b"\x81\x83"
        counts = b"\0\1" + len(records).to_bytes(2, "big") + bytes(4)
        asked = question[12 : end + 4]
        return question[:2] + flags + counts + asked + b"".join(records)


def _labels(question: bytes) -> Iterator[bytes]:
    place = 12
    while length := question[place]:
        yield question[place + 1 : place + 1 + length]
        place += 1 + length
