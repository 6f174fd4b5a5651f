"""What a device without a lease may reach, put into the kernel before the answer.

An allowed answer opens its addresses for the device that asked, before it leaves. What
was opened is remembered with its name, so that changed rules close again what they no
longer allow, and leave alone what they do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from guardian.compile.plan import families_of
from guardian.compile.sets import BY_NAME, TABLE
from guardian.wire.netlink.message import address_text
from guardian.wire.netlink.nftables import ElementOp, encode_key, remove, renew

# Someone else's flush takes elements away unseen; so long may a device then wait.
SURE_S = 30.0
# A page asks some hundred names; whoever floods loses what was opened first.
ADDRESSES_PER_MAC = 1024
# The chains ask of every packet, and a film or a call asks no name for hours: what was
# opened stays so long, or until the device's state turns or its rules change. Seconds.
STAYS_S = 3 * 3600.0
# With that much left an element need not be renewed.
SLACK_S = STAYS_S / 2


class Elements(Protocol):
    """`guardian.shell.netlink.NftSocket`, as far as it is used here."""

    def apply(self, ops: Sequence[ElementOp]) -> None:
        """Carry out all operations, or none (EnforcementError)."""


@dataclass(slots=True)
class _Opened:
    """ends, sure: monotonic seconds; sure: until then the element is surely there."""

    name: bytes
    ends: float
    sure: float


class Reach:
    """Opens addresses for devices, and closes them when rules change.

    mono: the clock of the rules' ends. egress: whether the netdev table exists.
    """

    def __init__(
        self, elements: Elements, *, egress: bool, mono: Callable[[], float]
    ) -> None:
        self._elements = elements
        self._egress = egress
        self._mono = mono
        self._opened: dict[str, dict[bytes, _Opened]] = {}

    def open(
        self,
        mac: str,
        addresses: Sequence[bytes],
        ttl: int,
        name: bytes,
        ends: float | None,
    ) -> None:
        """Let a device reach addresses (4 or 16 octets) for as long as it may.

        name: the wire name they were asked by; ends: monotonic second at which the
        device's state turns, None for none in sight.
        Raises EnforcementError; then the answer must not leave.
        """
        now = self._mono()
        until = now + max(float(ttl), STAYS_S)
        until = until if ends is None else min(until, ends)
        enough = min(until, now + SLACK_S)
        known = self._opened.setdefault(mac, {})
        ops: list[ElementOp] = []
        fresh: dict[bytes, _Opened] = {}
        for address in addresses:
            before = known.get(address)
            if before is not None and now < before.sure and before.ends >= enough:
                before.name = name
                continue
            left = int((until - now) * 1000)
            if left > 0:
                ops += self._ops(mac, address, left)
                fresh[address] = _Opened(name, until, now + SURE_S)
        self._elements.apply(ops)
        known |= fresh
        for address in list(known)[: max(len(known) - ADDRESSES_PER_MAC, 0)]:
            del known[address]

    def rejudge(self, mac: str, allows: Callable[[bytes], bool]) -> None:
        """Close what a device's changed rules no longer allow to be reached.

        Raises EnforcementError; what was opened ends by itself all the same.
        """
        now = self._mono()
        known = self._opened.get(mac, {})
        gone = [a for a, o in known.items() if o.ends <= now or not allows(o.name)]
        ops: list[ElementOp] = []
        for address in gone:
            if known[address].ends > now:
                ops += self._ops(mac, address, None)
            del known[address]
        if not known:
            self._opened.pop(mac, None)
        self._elements.apply(ops)

    def _ops(self, mac: str, address: bytes, left_ms: int | None) -> list[ElementOp]:
        """Return operations that set an element anew, or remove it (None)."""
        name = "reach4" if len(address) == 4 else "reach6"
        key = encode_key(BY_NAME[name].types, (mac, address_text(address)))
        ops: list[ElementOp] = []
        for family in families_of(name, egress=self._egress):
            if left_ms is None:
                ops += remove(family, TABLE, name, key)
            else:
                ops += renew(family, TABLE, name, key, left_ms)
        return ops
