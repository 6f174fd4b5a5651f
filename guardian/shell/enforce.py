"""Carry out effects: rules by nft, elements and flows by netlink, small files.

The one place that changes the kernel. Each effect is done whole or raises
GuardianError; nothing is retried here, the engine decides what comes next.
"""

import contextlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from guardian.compile.engine import CARRY_S
from guardian.compile.plan import families_of
from guardian.compile.ruleset import render_stale
from guardian.compile.sets import BY_NAME, INET, TABLE
from guardian.core.clocktrust import write_record
from guardian.core.errors import EnforcementError, PlatformError, StoreError
from guardian.core.events import (
    CutFlows,
    CutQuestions,
    Effect,
    Key,
    LoadRules,
    Log,
    Moment,
    SetElements,
    WriteBoot,
    WriteCarry,
)
from guardian.core.proof import Cut
from guardian.shell import nft
from guardian.shell.netlink import ConntrackSocket, NftSocket
from guardian.store.atomic import write_atomic
from guardian.wire.netlink.conntrack import Flow, flows_of
from guardian.wire.netlink.keys import decode_key
from guardian.wire.netlink.nftables import ElementOp, encode_key, remove, renew

log = logging.getLogger(__name__)


class KernelEnforcer:
    """Effects into this network namespace's kernel.

    state_dir: where the boot rules and the carried time are kept.
    egress: whether the netdev table exists here.
    """

    def __init__(self, state_dir: Path, *, egress: bool, now: Callable[[], Moment]):
        self._state_dir = state_dir
        self._egress = egress
        self._now = now
        self._nft = NftSocket()
        self._conntrack = ConntrackSocket()

    def carry_out(self, effect: Effect, moment: Moment) -> Mapping[str, Cut] | None:
        """Do one effect; raises GuardianError when it cannot be done.

        Of cut flows it returns MAC -> how many were closed and how many are left.
        """
        match effect:
            case LoadRules():
                self._load(effect)
            case SetElements(renewed, dropped):
                self._nft.apply(self._ops(renewed, dropped))
            case CutFlows():
                return self._cut(effect)
            case CutQuestions(addresses):
                nothing = {address: frozenset[str]() for address in addresses}
                about = flows_of(self._conntrack.dump_about(addresses), nothing)
                self._conntrack.delete(f for f in about if f.orig.dport == 53)
            case WriteBoot(text):
                self._write("closed.nft", text)
            case WriteCarry(left):
                self._write("carry.json", json.dumps(write_record(dict(left), CARRY_S)))
            case Log(code, detail):
                log.warning("%s %s", code, detail)
            case _:
                raise PlatformError("unknown-effect", type(effect).__name__)
        return None

    def present(self) -> bool:
        """Return whether the kernel has a table of ours: without one nothing holds."""
        return any(
            table.name == TABLE and table.family == INET for table in self._nft.tables()
        )

    def _cut(self, effect: CutFlows) -> Mapping[str, Cut]:
        spared = self._spared(effect)
        flows = flows_of(self._conntrack.dump_about(spared.keys()), spared)
        self._conntrack.delete(flows)
        # Looked at again: what is told to a parent is what is, not what was asked for.
        left = flows_of(self._conntrack.dump_about(spared.keys()), spared)
        return cuts_of(effect.devices, flows, left)

    def _spared(self, effect: CutFlows) -> dict[str, frozenset[str]]:
        """Return address of a device -> what it goes on talking to."""
        reached = self._reached()
        return {
            address: effect.spare.union(reached.get(mac, ()))
            for mac, addresses in effect.devices
            for address in addresses
        }

    def _reached(self) -> dict[str, set[str]]:
        """Return MAC -> addresses that it may reach without a lease."""
        found: dict[str, set[str]] = {}
        for name in ("reach4", "reach6"):
            types = BY_NAME[name].types
            with contextlib.suppress(EnforcementError):  # no table: nothing to spare
                for element in self._nft.elements(INET, TABLE, name):
                    mac, address = decode_key(types, element.key)
                    found.setdefault(str(mac), set()).add(str(address))
        return found

    def _load(self, effect: LoadRules) -> None:
        stale = self._nft.device_chains() - effect.keep
        nft.run(render_stale(stale) + effect.text + effect.elements)

    def _write(self, name: str, text: str) -> None:
        try:
            write_atomic(self._state_dir / name, text.encode())
        except OSError as error:
            detail = f"{name}: {error.strerror}"
            raise StoreError("state-unwritable", detail) from None

    def _ops(
        self,
        renewed: tuple[tuple[Key, float | None], ...],
        dropped: tuple[Key, ...],
    ) -> list[ElementOp]:
        """Return one transaction over both tables; ends become times left now."""
        mono = self._now().mono
        ops: list[ElementOp] = []
        for name, values in dropped:
            key, data = _encoded(name, values)
            for family in families_of(name, egress=self._egress):
                ops += remove(family, TABLE, name, key, data=data)
        for (name, values), ends in renewed:
            key, data = _encoded(name, values)
            left = None if ends is None else int((ends - mono) * 1000)
            for family in families_of(name, egress=self._egress):
                if left is not None and left <= 0:
                    ops += remove(family, TABLE, name, key, data=data)
                else:
                    ops += renew(family, TABLE, name, key, left, data=data)
        return ops


def cuts_of(
    devices: Iterable[tuple[str, tuple[str, ...]]],
    closed: Iterable[Flow],
    left: Iterable[Flow],
) -> dict[str, Cut]:
    """Return MAC -> counts of its flows, by family, and of those that are left.

    devices: (MAC, its addresses, as the kernel writes them). A flow between two of
    these devices counts for whoever began it.
    """
    owners = {address: mac for mac, addresses in devices for address in addresses}
    found = {mac: [0, 0, 0] for mac in owners.values()}
    for flows, place in ((closed, None), (left, 2)):
        for flow in flows:
            ends = (flow.orig.src, flow.orig.dst, flow.reply.src, flow.reply.dst)
            mac = next((owners[end] for end in ends if end in owners), None)
            if mac is not None:
                family = 1 if ":" in flow.orig.src else 0
                found[mac][family if place is None else place] += 1
    return {mac: Cut(*counts) for mac, counts in found.items()}


def _encoded(name: str, values: tuple[str | int, ...]) -> tuple[bytes, bytes | None]:
    """Return an element's key, and a map's value."""
    spec = BY_NAME[name]
    if not spec.value:
        return encode_key(spec.types, values), None
    key = encode_key(spec.types, values[:-1])
    return key, encode_key((spec.value,), values[-1:])
