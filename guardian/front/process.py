"""The front as a process: what the daemon forks, and what it may tell it.

The daemon sends policies, the front says which ports answer by them (`bound`); only
then are questions redirected there. When the daemon goes, the front lets the redirects
lapse and ends: the router's resolver takes over. See README.md for the messages.
"""

from __future__ import annotations

import gc
import ipaddress
import logging
import secrets
import select
import socket
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from guardian.compile.names import rules_from_json
from guardian.core.errors import GuardianError
from guardian.core.naming import Lists, Shared, wire_name
from guardian.lists.index import Index, reopen
from guardian.lists.layout import IndexFileError

from . import channel
from .carrier import Sockets
from .front import Front, Port, Reach
from .limits import Bucket, Limits
from .loop import Loop
from .policy import RuleSet
from .refusals import Refusals
from .servers import Server, parse_server
from .upstream import Resolver

log = logging.getLogger(__name__)


class NoLists:
    """Stands in for an index where there is none: nothing is in a list."""

    names = 0

    def mask(self, wire: bytes) -> int:
        """Return no label."""
        return 0

    def mask_of(self, labels: Iterable[str]) -> int:
        """Return no bit."""
        return 0

    def labels_of(self, mask: int) -> tuple[str, ...]:
        """Return no label."""
        return ()


class NoReach:
    """Stands in where no kernel is told: every address is open anyway."""

    def open(
        self,
        mac: str,
        addresses: Sequence[bytes],
        ttl: int,
        name: bytes,
        ends: float | None,
    ) -> None:
        """Open nothing."""

    def rejudge(self, mac: str, allows: Callable[[bytes], bool]) -> None:
        """Close nothing."""


def _nothing() -> None:
    return


def run(
    control: socket.socket,
    shared: Shared,
    index_path: Path | None,
    *,
    reach: Reach = NoReach(),
    lapse: Callable[[], None] = _nothing,
    limits: Limits = Limits(),
) -> None:
    """Serve until `control` ends, then call `lapse` and return.

    control: a SOCK_SEQPACKET socket. index_path: None or unreadable: nothing is listed.
    reach: opens what an allowed answer tells a device without a lease.
    """
    control.setblocking(False)
    process = Process(control, shared, reach=reach, limits=limits)
    if index_path is not None:
        process.load_index(index_path)
    # What came with the fork is never collected, so its pages stay shared.
    gc.freeze()
    # Nothing on the hot path makes cycles; looking for some every 700 questions costs.
    gc.set_threshold(50_000, 20, 100)
    try:
        process.loop.run()
    finally:
        lapse()
        process.loop.close()


class Process:
    """The front's parts, and the messages that change them."""

    def __init__(
        self, control: socket.socket, shared: Shared, *, reach: Reach, limits: Limits
    ) -> None:
        self._control = control
        self._shared = shared
        self._limits = limits
        self._lists: Lists = NoLists()
        self._index: Index | None = None
        self._rules: list[RuleSet] = []
        self._ports: dict[int, Port] = {}
        self._unbound = 0
        self._texts: tuple[str, ...] = ()
        self._revision = -1
        self._limit = limits.rate, limits.burst
        # A daemon that hangs is replaced long before these fill.
        self._untold: deque[dict[str, Any]] = deque(maxlen=64)
        poll = select.epoll()
        self._sockets = Sockets(poll, secrets.randbits, streams=limits.streams)
        self.loop = Loop(poll, control, self._on_control, limits, self._tell_again)
        resolver = Resolver((), self._sockets, secrets.randbits, pending=limits.pending)
        self._sockets.resolver = resolver
        self.front = Front(
            resolver, self.loop.deliver, reach, limits=limits, event=self._send
        )
        self.loop.attach(self.front, self._sockets)

    def load_index(self, path: Path) -> None:
        """Map an index in place of the one before; that stays if it cannot be read."""
        try:
            index = reopen(path, self._index)
        except IndexFileError as error:
            log.warning("index: %s", error.code)
            return
        if index is not self._index:
            self._index = self._lists = index
            # Labels have other bits now.
            self._rules = [self._rule_set(old.rules) for old in self._rules]
            known = {id(r.rules): r for r in self._rules}
            for port in self._ports.values():
                port.rules = known[id(port.rules.rules)]

    def apply(self, message: dict[str, Any]) -> None:
        """Put a policy in force, then tell which ports answer by it."""
        page: tuple[bytes, ...] = ()
        if message["refusal"] == "sinkhole":
            page = tuple(
                ipaddress.ip_address(message[name]).packed
                for name in ("page4", "page6")
                if message.get(name)
            )
        changed = page != self.front.refusals.page
        own = frozenset(map(wire_name, message.get("own", ())))
        addresses = tuple(
            ipaddress.ip_address(text).packed for text in message.get("addresses", ())
        )
        changed = changed or addresses != self.front.addresses
        if changed or own != self.front.own:
            self.front.refusals = Refusals(page)
            self.front.own = own
            self.front.addresses = addresses
            self._rules.clear()
        self._set_servers(tuple(message["upstreams"]))
        self._set_rules(message["rules"])
        self._set_ports(message)
        self._revision = message["revision"]
        ports = sorted(self._ports)
        self._tell({"type": "bound", "revision": self._revision, "ports": ports})

    def stats(self) -> dict[str, Any]:
        """Return counts and sizes; never a name."""
        front, counters = self.front, self.front.counters
        resolver = front.resolver
        ports = self._ports.values()
        now = front.now
        failing = sum(server.is_failing(now) for server in resolver.servers)
        index = self._index
        return {
            "revision": self._revision,
            "questions": sum(port.asked for port in ports),
            "refused": counters.refused,
            "rewritten": counters.rewritten,
            "forwarded": counters.forwarded,
            "cached": counters.cached,
            "dropped": sum(port.dropped for port in ports),
            "errors": counters.errors,
            "unreadable": counters.unreadable,
            "unreachable": counters.unreachable,
            "upstream": {
                "ok": len(resolver.servers) - failing,
                "failing": failing,
                "ignored": resolver.ignored,
            },
            "pending": len(resolver),
            "cache": len(front.answers),
            "verdicts": sum(len(r.packets) + len(r.entries) for r in self._rules),
            "connections": self.loop.connections(),
            "unbound": self._unbound,
            "index_names": index.names if index else 0,
            "ports": {str(p.number): [p.asked, p.refused] for p in ports},
        }

    def _on_control(self) -> bool:
        try:
            message = channel.receive(self._control)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False  # killed with messages of ours unread
        except (OSError, channel.ChannelError) as error:
            log.error("control: %s", error)
            return False
        if message is None:
            return False
        match message.get("type"):
            case "policy":
                self.apply(message)
            case "index":
                self.load_index(Path(message["path"]))
            case "ping":
                stats = self.stats()
                self._tell({"type": "pong", "id": message["id"], "stats": stats})
            case _:
                log.warning("control: an unknown message")
        return True

    def _tell(self, message: dict[str, Any]) -> None:
        """Send what the daemon waits for, later if its queue is full of refusals."""
        self._untold.append(message)
        self._tell_again()

    def _tell_again(self) -> None:
        while self._untold:
            try:
                channel.send(self._control, self._untold[0])
            except BlockingIOError:
                return
            except OSError:
                log.debug("control: the daemon is gone")
            self._untold.popleft()

    def _send(self, message: dict[str, Any]) -> None:
        try:
            channel.send(self._control, message)
        except OSError:
            # A daemon that does not read, or is gone: the loop sees its end.
            log.debug("control: a message was not taken")

    def _rule_set(self, rules: Any) -> RuleSet:
        return RuleSet(
            rules,
            self._shared,
            self._lists,
            verdicts=self._limits.verdicts,
            own=self.front.own,
        )

    def _set_rules(self, values: list[Any]) -> None:
        """Keep the sets that are equal, with what they know; make the others."""
        before = self._rules
        self._rules = []
        for value in values:
            rules = rules_from_json(value)
            same = [old for old in before if old.rules == rules]
            self._rules.append(same[0] if same else self._rule_set(rules))

    def _set_ports(self, message: dict[str, Any]) -> None:
        wanted = {entry["port"]: entry for entry in message["ports"]}
        limit = tuple(message.get("limit") or (self._limits.rate, self._limits.burst))
        if limit != self._limit:
            self._limit = limit
            for known in self._ports.values():
                known.bucket = Bucket(*limit)
        for number in sorted(set(self._ports) - set(wanted)):
            self.loop.close_port(self._ports.pop(number))
        self._unbound = 0
        for number, entry in wanted.items():
            rules = self._rules[entry["rules"]]
            port = self._ports.get(number)
            if port is not None and port.mac == entry["mac"]:
                before = port.rules
                port.rules, port.record = rules, entry["record"]
                port.ends = entry.get("ends")
                if before is not rules:
                    self._rejudge(port, before)
                continue
            if port is not None:
                self.loop.close_port(self._ports.pop(number))
            port = Port(
                number=number,
                mac=entry["mac"],
                rules=rules,
                record=entry["record"],
                bucket=Bucket(*limit),
                ends=entry.get("ends"),
            )
            if self.loop.open_port(port):
                self._ports[number] = port
            else:
                self._unbound += 1

    def _rejudge(self, port: Port, before: RuleSet) -> None:
        try:
            self.front.rejudge(port, before)
        except GuardianError as error:
            log.error("reach: %s", error.code)

    def _set_servers(self, texts: tuple[str, ...]) -> None:
        if texts == self._texts:
            return
        servers: list[Server] = []
        for text in texts:
            try:
                servers.append(parse_server(text, len(servers)))
            except ValueError:
                log.warning("a resolver's address makes no sense")
        self._texts = texts
        self.front.resolver.abandon()
        self._sockets.close()
        self.front.resolver.servers = servers
