"""The daemon's end of the answering process: start it, feed it, notice its death.

The process is forked from the daemon, so that code, catalogue and index are shared
memory. It is known to live by its answers to a ping; the redirects in the kernel are
renewed only then. A dead or silent one is replaced, and until then the router's own
resolver answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from guardian.compile.names import NamePlan, rules_to_json
from guardian.compile.ruleset import FRONT_PORTS
from guardian.core.events import FrontAnswers, Moment
from guardian.core.model import Reason
from guardian.front import channel
from guardian.core.recent import Recent, Refused
from guardian.shell.nft import own_pids

log = logging.getLogger(__name__)

# A resolver library gives up after some 10 s (resolv.conf(5): two times 5 s); a hung
# process is replaced before that.
PING_S = 5.0
# The loop answers between packets; a process silent for so long answers nobody.
SILENT_S = 3.0
RESTART_S, RESTART_MAX_S = 0.2, 30.0
NEW_PORT, ALL_PORT = FRONT_PORTS[0], FRONT_PORTS[0] + 1
_FIRST = FRONT_PORTS[0] + 2

Json = dict[str, Any]
# Runs in the child until the daemon's end is closed; never returns to the daemon.
Body = Callable[[socket.socket, Path | None], None]


class FrontLink:
    """One answering process at a time.

    body: what the child does. tell: gets where questions are answered, at each change
    and each sign of life. now: the present moment of both clocks.
    wrong: code -> detail of what is wrong now.
    """

    def __init__(
        self,
        body: Body,
        tell: Callable[[FrontAnswers], object],
        *,
        now: Callable[[], Moment],
        index: Path | None = None,
    ) -> None:
        self._body = body
        self._tell = tell
        self._now = now
        self._index = index
        self._socket: socket.socket | None = None
        self._pid = 0
        self._plan: NamePlan | None = None
        self._sent: Json | None = None
        self._revision = 0
        self._ports: dict[str, int] = {}
        self._bound: frozenset[int] = frozenset()
        self._ping = 0
        self._pong = 0
        self._wake = asyncio.Event()
        self.stats: Json = {}
        self.wrong: dict[str, str] = {}
        self.recent = Recent()

    @property
    def answering(self) -> bool:
        """Return whether some port is answered now."""
        return bool(self._bound)

    def set_plan(self, plan: NamePlan) -> None:
        """Let questions be judged by this from now on."""
        self._plan = plan
        self._send_plan()

    def set_index(self, path: Path) -> None:
        """Let names be looked up in this file from now on."""
        self._index = path
        self._send({"type": "index", "path": str(path)})

    async def run(self) -> None:
        """Keep one process alive, for ever."""
        wait = RESTART_S
        while True:
            born = asyncio.get_running_loop().time()
            self._start()
            try:
                await self._watch()
            finally:
                self._end()
            lived = asyncio.get_running_loop().time() - born
            wait = RESTART_S if lived > RESTART_MAX_S else min(wait * 2, RESTART_MAX_S)
            self.wrong["names-unanswered"] = "the answering process ended; restarting"
            log.error("front ended, next start in %.1f s", wait)
            await asyncio.sleep(wait)

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Objects that live now are looked at by no collection of the child, or its
        # first one would copy every page it shares with us.
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            _child(self._body, theirs, self._index)
        theirs.close()
        ours.setblocking(False)
        self._socket, self._pid = ours, pid
        self._sent, self._bound = None, frozenset()
        self._ping = self._pong = 0
        asyncio.get_running_loop().add_reader(ours.fileno(), self._on_message)
        self._send_plan()

    async def _watch(self) -> None:
        """Return when the process has died or has been silent for too long."""
        while self._socket is not None:
            self._ping += 1
            self._send({"type": "ping", "id": self._ping})
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SILENT_S):
                    while self._socket is not None and self._pong < self._ping:
                        await self._wake.wait()
                        self._wake.clear()
            if self._pong < self._ping:
                return
            self._answers()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PING_S):
                    while self._socket is not None:
                        await self._wake.wait()
                        self._wake.clear()

    def _end(self) -> None:
        """Make sure that nobody is led to a port where nobody answers."""
        if self._socket is not None:
            self._closed()
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0
        self._bound = frozenset()
        self._tell(FrontAnswers(()))

    def _closed(self) -> None:
        assert self._socket is not None
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        self._socket = None
        self._wake.set()

    def _send_plan(self) -> None:
        if self._plan is None or self._socket is None:
            return
        message = self._message(self._plan)
        if message == self._sent:
            return
        self._revision += 1
        self._sent = message
        self._send({**message, "revision": self._revision})

    def _message(self, plan: NamePlan) -> Json:
        """Return the plan with a port for each device, as it travels."""
        self._assign(plan.devices)
        moment = self._now()
        rules = list(dict.fromkeys(plan.devices.values()))
        places = {rule: place for place, rule in enumerate(rules)}
        ports = [
            {
                "port": self._ports[mac],
                "mac": mac or None,
                "rules": places[rule],
                "record": bool(mac),
                "ends": self._ends(rule.state.until, moment),
            }
            for mac, rule in plan.devices.items()
            if mac in self._ports
        ]
        return {
            "type": "policy",
            "refusal": plan.refusal,
            "upstreams": list(plan.upstreams),
            "page4": plan.page4,
            "page6": plan.page6,
            "own": list(plan.own),
            "addresses": list(plan.addresses),
            "limit": list(plan.limit),
            "rules": [rules_to_json(rule) for rule in rules],
            "ports": ports,
        }

    @staticmethod
    def _ends(until: datetime | None, moment: Moment) -> int | None:
        """Return the monotonic second of an instant, the same however often asked."""
        if until is None:
            return None
        return int(moment.mono + until.timestamp() - moment.wall.timestamp())

    def _assign(self, macs: Iterable[str]) -> None:
        """Give each device a port, and keep the one it has."""
        wanted = dict.fromkeys(macs)
        for mac in [m for m in self._ports if m not in wanted]:
            del self._ports[mac]
            self.recent.forget(mac)
        taken = set(self._ports.values())
        free = (p for p in range(_FIRST, FRONT_PORTS[1] + 1) if p not in taken)
        for mac in wanted:
            if mac not in self._ports:
                port = NEW_PORT if not mac else next(free, None)
                if port is not None:
                    self._ports[mac] = port
        if left := len(wanted) - len(self._ports):
            self.wrong["too-many-devices"] = f"{left} ask the router's own resolver"
        else:
            self.wrong.pop("too-many-devices", None)

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._socket is None:
            return
        try:
            channel.send(self._socket, dict(message))
        except OSError as error:
            # Its queue is full: it has been silent for long.
            log.error("front takes no message: %s", error.strerror)
            self._closed()

    def _on_message(self) -> None:
        while self._socket is not None:
            try:
                message = channel.receive(self._socket)
            except BlockingIOError:
                return
            except (OSError, channel.ChannelError):
                message = None
            if message is None:
                self._closed()
                return
            self._take(message)

    def _take(self, message: Json) -> None:
        match message.get("type"):
            case "bound" if message.get("revision") == self._revision:
                self._bound = frozenset(message.get("ports", ()))
                self._answers()
            case "pong":
                self._pong = message.get("id", 0)
                self.stats = message.get("stats", {})
                self.wrong.pop("names-unanswered", None)
                self._wake.set()
            case "refused":
                self._remember(message)

    def _answers(self) -> None:
        # What it opens in our tables is no stranger's act, or each address would have
        # all rules loaded anew. The list forgets: said again at each sign of life.
        if self._pid not in own_pids:
            own_pids.append(self._pid)
        ports = ((m, p) for m, p in self._ports.items() if p in self._bound)
        self._tell(FrontAnswers(tuple(sorted(ports))))

    def _remember(self, message: Json) -> None:
        mac = next((m for m, p in self._ports.items() if p == message.get("port")), "")
        if mac:
            until = message["until"]
            refused = Refused(
                at=self._now().wall,
                name=message["name"],
                reason=Reason(message["reason"]),
                args=tuple((key, said) for key, said in message["args"]),
                until=datetime.fromisoformat(until) if until else None,
            )
            self.recent.note(mac, refused)


def _child(body: Body, control: socket.socket, index: Path | None) -> None:
    """Become the answering process; never returns.

    The daemon's loop, sockets and handlers stay behind: its file descriptors are
    closed, and its signals ignored, since the end of the control socket says it all.
    """
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.closerange(3, control.fileno())
        os.closerange(control.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        with contextlib.suppress(OSError):
            Path("/proc/self/comm").write_text("guardian-names")
        body(control, index)
        code = 0
    except BaseException as error:  # the last place where it can be said
        log.critical("front failed: %s", type(error).__name__, exc_info=True)
    finally:
        os._exit(code)
