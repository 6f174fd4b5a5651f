"""Who answers the children's questions: rules to that process, signs of life back.

Sits beside the service: after each change it works out what every device's questions
are judged by, and hands over what differs. The process itself is `guardian.front`.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from guardian.compile.names import name_plan
from guardian.compile.ruleset import lan_addresses
from guardian.compile.sets import INET, TABLE
from guardian.core.errors import EnforcementError
from guardian.core.events import Moment
from guardian.core.naming import Judge, NameRules, Shared, shared_names
from guardian.front.link import FrontLink
from guardian.front.process import NoLists, run
from guardian.core.recent import Refused
from guardian.lists.index import Index
from guardian.lists.update import status as list_status
from guardian.service import Service
from guardian.shell.listkeeper import ListKeeper
from guardian.shell.netlink import NftSocket
from guardian.shell.reach import Reach
from guardian.shell.resolver import discover
from guardian.store.catalogue import load_catalogue
from guardian.store.known import load_known
from guardian.views import name_view
from guardian.wire.netlink.nftables import ElementOp, remove

log = logging.getLogger(__name__)

# The router's resolver may move (a restart, another program): looked for this often.
DISCOVER_S = 5.0
# What failed is begun again after this long, seconds.
AGAIN_S = 5.0

Json = dict[str, Any]


class Answering:
    """Keeps the answering process informed.

    floor: exact names of help. lists: the folder of the category index.
    """

    def __init__(
        self,
        service: Service,
        *,
        floor: tuple[str, ...],
        lists: Path,
        egress: bool,
        now: Callable[[], Moment],
    ) -> None:
        self._service = service
        self._now = now
        self._floor = floor
        self._egress = egress
        self._link = FrontLink(self._answer, service.post, now=now)
        self._lists = ListKeeper(lists, self._link.set_index)
        self._wrong: dict[str, str] = {}
        self._upstreams: tuple[str, ...] = ()
        self._inputs: tuple[object, ...] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @cached_property
    def _shared(self) -> Shared:
        # Read once something is enforced: it takes a tenth of a second. What the verbs
        # know of it is taken along, or the first that asks would read it again.
        catalogue = load_catalogue()
        load_known(catalogue)
        return shared_names(catalogue, self._floor)

    def _answer(self, control: socket.socket, index: Path | None) -> None:
        """Be the answering process until the daemon's end of `control` is closed."""
        elements = NftSocket()
        reach = Reach(elements, egress=self._egress, mono=lambda: self._now().mono)
        run(control, self._shared, index, reach=reach, lapse=partial(_lapse, elements))

    async def run(self) -> None:
        """Keep the process alive, the resolver known and the lists fresh, for ever."""
        _ = self._shared  # before the fork, or each process would hold its own
        await asyncio.gather(
            self._forever("resolver-unknown", self._discover),
            self._forever("names-unanswered", self._link.run),
            self._forever("lists-unkept", self._lists.run),
        )

    async def _forever(self, code: str, work: Callable[[], Awaitable[None]]) -> None:
        """Begin again what has failed, and let the health say so meanwhile.

        A fork or a child that the kernel refuses (no memory) must not end the others,
        nor names for good without a word.
        """
        while True:
            try:
                await work()
            except Exception as error:
                self._wrong[code] = f"{type(error).__name__}: {error}"[:200]
                log.error("%s: %s", code, type(error).__name__)
            await asyncio.sleep(AGAIN_S)
            self._wrong.pop(code, None)

    async def _discover(self) -> None:
        while True:
            if found := discover():
                self._upstreams = tuple(f"{address}#53" for address in found)
                self._wrong.pop("resolver-unknown", None)
            elif not self._service.engine.household.names.resolvers:
                # One that is being started anew comes back where it was.
                self._wrong["resolver-unknown"] = "nobody listens on port 53"
            self.changed()
            await asyncio.sleep(DISCOVER_S)

    def changed(self) -> None:
        """Hand over what every device's questions are judged by, if that may differ."""
        engine = self._service.engine
        if engine.plan is None:
            return
        plan, candidates = engine.plan, engine.unassigned()
        moment = self._now()
        inputs = (
            engine.household,
            plan.people,
            plan.unknown,
            plan.macs,
            candidates,
            self._upstreams,
            engine.layout.prefixes,
            # A step of the clock moves every end and turn that was handed over.
            round(moment.wall.timestamp() - moment.mono),
        )
        # Most events are sightings and renewals: nothing of this differs then.
        if self._inputs is not None and all(
            old is new or old == new for old, new in zip(self._inputs, inputs)
        ):
            return
        self._inputs = inputs
        owners = {m: d.person for d in engine.household.devices for m in d.macs}
        self._link.recent.belong(owners)
        found = name_plan(
            engine.household,
            plan,
            moment.wall,
            candidates=candidates,
            upstreams=self._upstreams,
            addresses=lan_addresses(engine.layout.prefixes),
        )
        self._link.set_plan(found)
        self._wake_at(found.turns, moment)

    def _turn(self) -> None:
        self._inputs = None
        self.changed()

    def _wake_at(self, turns: datetime | None, moment: Moment) -> None:
        """Look again when a window begins or ends that changes no lease."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if turns is not None:
            left = max(turns.timestamp() - moment.wall.timestamp(), 0.001)
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(left, self._turn)

    def status(self) -> Json:
        """Return how questions are answered now: counts, never a name."""
        return {
            "answering": self._link.answering,
            "resolvers": list(
                self._service.engine.household.names.resolvers or self._upstreams
            ),
            "stats": dict(self._link.stats),
            "lists": list_status(self._lists.folder),
        }

    def explain(self, rules: NameRules, name: str) -> Json:
        """Return what rules say of a host name, and which lists hold it.

        The index is opened for this one name, so that the daemon keeps none mapped.
        """
        path = self._lists.current
        index = Index(path, verify=False) if path is not None else None
        judge = Judge(rules, self._shared, index or NoLists())
        return name_view(judge, index, name)

    def health(self) -> dict[str, str]:
        """Return what is wrong now, code -> detail."""
        return self._link.wrong | self._lists.wrong | self._wrong

    def refusals(self, mac: str) -> tuple[Refused, ...]:
        """Return what a device was refused lately, newest first; in memory only."""
        return tuple(r for r in self._link.recent.of(mac) if r.name not in self._floor)


def _lapse(elements: NftSocket) -> None:
    """Lead no question here any more: the daemon has gone, and so will this process."""
    ops: list[ElementOp] = []
    for name in ("dnsport", "dnsnew", "dnsall"):
        try:
            found = elements.elements(INET, TABLE, name)
        except EnforcementError:
            continue  # no table, no redirect
        for element in found:
            ops += remove(INET, TABLE, name, element.key, data=element.data)
    elements.apply(ops)
