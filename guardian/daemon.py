"""`guardiand`: wires clock, kernel, store and control socket to the one service.

One asyncio task owns all state; whatever the kernel or a parent says becomes an event
of the engine. A clean stop lifts nothing: leases run out by themselves, and the next
start takes the living tables over in one transaction.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import gc
import json
import logging
import os
import pwd
import signal
import sys
from collections.abc import Iterator
from datetime import date, datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from guardian.answering import Answering
from guardian.compile.engine import Engine
from guardian.core.clocktrust import read_record
from guardian.core.errors import (
    ControlError,
    GuardianError,
    PlatformError,
    Problem,
    StoreError,
)
from guardian.core.events import (
    AddressSeen,
    CandidatesFound,
    ClockKnown,
    ClockStepped,
    Event,
    Moment,
    TablesLost,
)
from guardian.core.model import Household
from guardian.core.naming import NameRules
from guardian.core.timetext import parse_instant
from guardian.core.recent import Refused
from guardian.phrases import sentence
from guardian.service import Service
from guardian.shell import nft
from guardian.shell.clock import Clock
from guardian.shell.control import ControlServer, Door
from guardian.shell.dhcp import DhcpEvents, read_leases
from guardian.shell.discovery import Discovery
from guardian.shell.enforce import KernelEnforcer
from guardian.shell.floor import FloorKeeper
from guardian.shell.home import HomeWatch
from guardian.shell.netlink import NftMonitor
from guardian.shell.icalreader import read_calendar
from guardian.shell.notify import Notifier
from guardian.store import jsontext
from guardian.store.atomic import unwritable
from guardian.store.accounts import AccountStore
from guardian.store.asking import RequestStore
from guardian.store.data import load_bands, load_floor
from guardian.store.repository import Repository
from guardian.verbs import NAMELESS, WEB_VERBS, Verbs
from guardian.verbs.accounts import prepare

log = logging.getLogger("guardian.daemon")

# How often files and the clock's state are looked at, seconds.
POLL_S = 0.5
# When flows are cut once more after a flush, seconds; within the promised one.
CUT_AGAIN_S = (0.3, 0.7)
# A device that talks is asked for by the kernel every minute or so; one that has not
# been heard of for this long, seconds, is not online.
ONLINE_S = 180.0
# Debian's dnsmasq, and OpenWrt's.
LEASE_FILES = (Path("/var/lib/misc/dnsmasq.leases"), Path("/tmp/dhcp.leases"))


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM; 0 after a clean stop, 1 when it could not start."""
    args = _parser().parse_args(argv)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s"
    )
    try:
        asyncio.run(Daemon(args).run())
    except GuardianError as error:
        print(sentence(error), file=sys.stderr)
        return 1
    except OSError as error:
        print(sentence(PlatformError("cannot-start", str(error))), file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="guardiand", description=__doc__)
    parser.add_argument("--run-dir", type=Path, default=Path("/run/guardian"))
    parser.add_argument("--state-dir", type=Path, default=Path("/var/lib/guardian"))
    parser.add_argument(
        "--household", type=Path, metavar="FILE", help="take this household first"
    )
    parser.add_argument(
        "--now", metavar="TIME", help="start the wall clock here; timers stay real"
    )
    parser.add_argument(
        "--resolver",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="whom to ask for the addresses of help; default: /etc/resolv.conf",
    )
    parser.add_argument(
        "--web-user",
        default="guardian-web",
        metavar="NAME",
        help="the user of the pages, who alone may speak to web.sock",
    )
    parser.add_argument(
        "--leases",
        action="append",
        type=Path,
        metavar="FILE",
        help="the DHCP server's lease file; default: where dnsmasq keeps it",
    )
    return parser


class Daemon:
    """Everything that lives as long as the process."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._args = args
        args.run_dir.mkdir(parents=True, exist_ok=True)
        args.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _lock(args.state_dir / "lock")
        self._bands = load_bands()
        self._repository = Repository(args.state_dir / "household.db", self._bands)
        if args.household is not None:
            self._adopt(args.household)
        household, problems, revision, state = self._repository.load()
        self._clock = Clock(
            self._start(household), marker=args.run_dir / "clock-trusted"
        )
        ingress, egress = nft.probe_hooks()
        engine = Engine(
            household,
            ingress=ingress,
            egress=egress,
            clock_known=self._clock.trusted(),
            carried=self._carried(),
        )
        self._kernel = KernelEnforcer(args.state_dir, egress=egress, now=self.now)
        self.service = Service(
            engine=engine,
            enforcer=self._kernel,
            store=self._repository,
            now=self.now,
            household=household,
            revision=revision,
            problems=problems,
            store_state=state,
            changed=self._rearm,
        )
        self._home = HomeWatch(household.network.lan)
        self._discovery = Discovery(args.state_dir / "evidence.json")
        self._dhcp = DhcpEvents(args.run_dir / "dhcp.events")
        self._monitor = NftMonitor(own=nft.own_pids)
        floor = load_floor().names()
        self._floor = FloorKeeper(
            floor,
            args.state_dir / "floor.json",
            tuple(args.resolver),
            self.now,
            self.service.post,
        )
        self._answering = Answering(
            self.service,
            floor=floor,
            lists=args.state_dir / "lists",
            egress=egress,
            now=self.now,
        )
        self.requests = RequestStore(args.state_dir / "requests.db")
        self.accounts = AccountStore(args.state_dir / "accounts.db")
        self._notify = Notifier()
        self._matched = household
        self._timer: asyncio.TimerHandle | None = None
        self._trial: asyncio.TimerHandle | None = None

    def now(self) -> Moment:
        """Return the present moment of both clocks."""
        return Moment(self._clock.wall(), self._clock.monotonic())

    async def run(self) -> None:
        """Enforce, listen, and go on until told to stop."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for sig in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sig, stop.set)
        self._see(self._home.survey())
        self.service.post(self._floor.addresses())
        self._read_leases()
        with self._health("accounts-unreadable"):
            prepare(self.accounts, self._clock.wall())
        servers = self._servers()
        for server in servers:
            await server.start()
        loop.add_reader(self._home.fileno(), self._on_home)
        loop.add_reader(self._monitor.fileno(), self._on_tables)
        with contextlib.suppress(OSError):
            # Without such a timer `_poll` still notices a step.
            loop.add_reader(self._clock.fileno(), self._on_step)
        # What lives now lives as long as the process: no pause to look at it again.
        gc.collect()
        gc.freeze()
        self._notify.ready()
        tasks = [
            loop.create_task(self._floor.run()),
            loop.create_task(self._poll()),
            loop.create_task(self._answering.run()),
        ]
        log.info("enforcing=%s", self.service.enforced())
        await stop.wait()
        self._notify.stopping()
        for task in tasks:
            task.cancel()
        for server in servers:
            await server.stop()

    def _servers(self) -> list[ControlServer]:
        """Return the control socket, and the pages' own where they have a user."""
        folder, handle = self._args.run_dir, Verbs(self.service, self).handle
        servers = [ControlServer(folder / "control.sock", handle)]
        try:
            uid = pwd.getpwnam(self._args.web_user).pw_uid
        except KeyError:
            return servers  # No pages are installed here.
        door = Door(uid=uid, verbs=WEB_VERBS, nameless=NAMELESS)
        return [*servers, ControlServer(folder / "web.sock", handle, door)]

    async def _poll(self) -> None:
        """Look at what gives no event: DHCP's file, the clock's state, the watchdog."""
        while True:
            await asyncio.sleep(POLL_S)
            self._notify.alive()
            with self._health("discovery-failed"):
                for event in self._dhcp.read():
                    self._see(self._discovered(event))
            if self._clock.stepped():
                self._on_step()
            known = self._clock.trusted()
            if known and not self.service.engine.clock_known:
                self.service.post(ClockKnown(True))
            if not self.service.engine.loaded:
                self.service.tick()

    def _on_home(self) -> None:
        with self._health("home-unreadable"):
            self._see(self._home.read())

    def _on_tables(self) -> None:
        with self._health("monitor-failed"):
            change = self._monitor.read_change()
            if change.offload:
                self._see(self._home.offload_changed())
            if change.lost:
                self.service.post(TablesLost())
                self._cut_again()

    def _cut_again(self) -> None:
        """Cut once more what a server revives before the firewall is back.

        Who flushes all rules loads the firewall's anew, often after ours. Meanwhile a
        server's next packet is a new connection, and the device's answer makes it an
        established one, which only an egress hook would judge.
        """
        if not self.service.engine.layout.egress:
            loop = asyncio.get_running_loop()
            for seconds in CUT_AGAIN_S:
                loop.call_later(seconds, self.service.post, TablesLost())

    def _on_step(self) -> None:
        self._clock.rearm()
        self.service.post(ClockStepped())

    def _see(self, events: list[Event] | list[CandidatesFound]) -> None:
        for event in events:
            if isinstance(event, AddressSeen):
                self._discovery.saw_address(
                    event.mac,
                    event.address,
                    event.ifname,
                    self._clock.wall().timestamp(),
                )
            self.service.post(event)

    def _discovered(self, event: Any) -> list[CandidatesFound]:
        return self._discovery.saw_dhcp(
            event, self.service.household, self._clock.wall().timestamp()
        )

    def _read_leases(self) -> None:
        with self._health("discovery-failed"):
            for path in self._args.leases or LEASE_FILES:
                for event in read_leases(path):
                    self._see(self._discovered(event))

    def _rearm(self) -> None:
        """Set the timer for the next moment at which time alone changes something."""
        loop = asyncio.get_running_loop()
        household = self.service.trial or self.service.household
        if household is not self._matched:
            self._matched = household
            loop.call_soon(self._on_household, household)
        self._answering.changed()
        if self._timer is not None:
            self._timer.cancel()
        moment = self.now()
        delay = self.service.engine.wake(moment) - moment.mono
        self._timer = loop.call_later(delay, self.service.tick)

    def _on_household(self, household: Household) -> None:
        """Look at the home with the eyes of a changed household."""
        with self._health("home-unreadable"):
            if household.network.lan != self._home.lan:
                self._home.lan = household.network.lan
                self._see(self._home.survey())
            found = self._discovery.match(self._discovery.macs(), household)
            known = self.service.engine.candidates
            self._see([c for c in found if known.get(c.mac, ()) != c.people])

    @contextlib.contextmanager
    def _health(self, code: str) -> Iterator[None]:
        """Note a failure of one source and go on with the last good state."""
        try:
            yield
        except (GuardianError, OSError) as error:
            self.service.health[code] = str(error)[:200]
            log.error("%s: %s", code, type(error).__name__)
        else:
            self.service.health.pop(code, None)

    def _adopt(self, path: Path) -> None:
        """Take a document as the household; what is wrong in it stays and is told."""
        try:
            text = path.read_bytes()
        except OSError as error:
            raise GuardianError(
                "file-unreadable", f"{path}: {error.strerror}"
            ) from None
        document = jsontext.loads(text)
        if isinstance(document, Problem):
            raise StoreError("household-invalid", str(path), (document,))
        self._repository.adopt(
            document,
            by="guardiand",
            verb="household-import",
            now=datetime.now(timezone.utc),
        )

    def _start(self, household: Household) -> datetime | None:
        if not self._args.now:
            return None
        try:
            return parse_instant(self._args.now, household)
        except ValueError:
            raise GuardianError("bad-time", self._args.now[:40]) from None

    def _carried(self) -> dict[str, float]:
        path = self._args.state_dir / "carry.json"
        try:
            return dict(read_record(json.loads(path.read_bytes())))
        except (OSError, ValueError, RecursionError):
            return {}

    # What the verbs ask of the shell (guardian.verbs.Outside).

    @property
    def version(self) -> str:
        """Return the version of the installed package."""
        try:
            return version("guardian-gateway")
        except PackageNotFoundError:
            return "0"

    def health(self) -> dict[str, str]:
        """Return what is wrong now, code -> detail."""
        engine = self.service.engine
        found = self.service.health | self._answering.health()
        if "enforcement-refused" in found and not self._held():
            found["rules-missing"] = "the kernel has no table of ours"
        if problem := unwritable(self._args.state_dir):
            found["state-unwritable"] = problem
        if not engine.clock_known:
            found["clock-unknown"] = "children's leases are not renewed until it is"
        if not engine.layout.egress:
            found["no-egress-hook"] = "live incoming streams end only by the daemon"
        missing = [n for n in engine.layout.lan if n not in engine.layout.hooked]
        if missing:
            found["interface-missing"] = ", ".join(missing)
        if not engine.floor:
            found["help-unresolved"] = (
                "help cannot be reached while a child is held: no name of it could be "
                "resolved yet"
            )
        if self.service.store_state != "ok":
            found["store"] = self.service.store_state
        if self.service.problems:
            found["household-problems"] = str(len(self.service.problems))
        if engine.household.network.mode.value == "one-armed":
            found["partly-enforced"] = "a hand-set gateway goes round this box"
        return found

    def _held(self) -> bool:
        with contextlib.suppress(GuardianError, OSError):
            return self._kernel.present()
        return True  # Not known: the refusal alone is told.

    def seen(self, mac: str) -> dict[str, Any] | None:
        """Return one sighting, or None."""
        return self._discovery.view(mac)

    def sightings(self) -> list[dict[str, Any]]:
        """Return every sighting."""
        return self._discovery.views()

    def owner(self, address: str) -> str | None:
        """Return the MAC that has an address now."""
        return self._home.owner(address)

    def online(self) -> frozenset[str]:
        """Return the MACs that the home shows at this moment."""
        lately = self._clock.wall().timestamp() - ONLINE_S
        return self._home.online() | self._discovery.since(lately)

    def likely(self, mac: str) -> list[dict[str, Any]]:
        """Return whose device an unassigned MAC may be."""
        household = self.service.trial or self.service.household
        return self._discovery.likely(mac, household)

    def refusals(self, mac: str) -> tuple[Refused, ...]:
        """Return what a device was refused lately, newest first."""
        return self._answering.refusals(mac)

    def names(self) -> dict[str, Any]:
        """Return how questions are answered now."""
        return self._answering.status()

    def explain_name(self, rules: NameRules, name: str) -> dict[str, Any]:
        """Return what rules say of a host name."""
        return self._answering.explain(rules, name)

    def check(self, text: str) -> None:
        """Let the kernel check a ruleset."""
        nft.run(text, check_only=True)

    async def read_calendar(self, text: str, today: date, zone: str) -> dict[str, Any]:
        """Return the days of an iCalendar text, and what of it was left out."""
        return await read_calendar(text, today, zone)

    def audit(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest entries of the audit log."""
        return list(self._repository.audit(limit))

    def trust_clock(self) -> None:
        """Take a person's word that the clock is right."""
        self._clock.trust()

    def trial_ends_in(self, seconds: int) -> None:
        """Roll the trial back after this time unless it has ended."""
        if self._trial is not None:
            self._trial.cancel()
        loop = asyncio.get_running_loop()
        self._trial = loop.call_later(seconds, self._end_trial)

    def _end_trial(self) -> None:
        if self.service.trial is not None:
            self.service.end_trial(keep=False, by="guardiand")


def _lock(path: Path) -> int:
    """Hold the state directory for as long as we live; the store has one writer."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise ControlError("already-running", str(path.parent)) from None
    return file


if __name__ == "__main__":
    sys.exit(main())
