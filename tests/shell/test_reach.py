"""What a device may reach is opened before the answer, and closed with the rules."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from guardian.compile.sets import BY_NAME
from guardian.core.errors import EnforcementError
from guardian.shell.reach import ADDRESSES_PER_MAC, SURE_S, Reach
from guardian.wire.netlink.keys import decode_key
from guardian.wire.netlink.nftables import ElementOp
from tests.build import mac

FOUR, SIX = bytes([203, 0, 113, 5]), bytes.fromhex("20010db8" + "0" * 22 + "05")
NAME = b"\4tale\4test\0"


class Kernel:
    """The sets, by the operations that reach them."""

    def __init__(self) -> None:
        self.mono = 100.0
        self.held: dict[tuple[str, str, str, str], int | None] = {}
        self.batches = 0
        self.refuses = False

    def apply(self, ops: Sequence[ElementOp]) -> None:
        if self.refuses:
            raise EnforcementError("elements-refused", "")
        self.batches += bool(ops)
        for op in ops:
            who, what = decode_key(BY_NAME[op.set].types, op.key)
            key = (op.family, op.set, str(who), str(what))
            if op.op == "add":
                self.held[key] = op.timeout_ms
            else:
                del self.held[key]

    def now(self) -> float:
        return self.mono


def made(egress: bool = True) -> tuple[Kernel, Reach]:
    kernel = Kernel()
    return kernel, Reach(kernel, egress=egress, mono=kernel.now)


def test_an_address_is_opened_for_one_device_in_both_tables() -> None:
    kernel, reach = made()
    reach.open(mac(1), [FOUR, SIX], 20_000, NAME, None)
    assert kernel.held == {
        (family, name, mac(1), address): 20_000_000
        for family in ("inet", "netdev")
        for name, address in (("reach4", "203.0.113.5"), ("reach6", "2001:db8::5"))
    }
    assert kernel.batches == 1


def test_without_egress_there_is_one_table() -> None:
    kernel, reach = made(egress=False)
    reach.open(mac(1), [FOUR], 0, NAME, None)
    assert list(kernel.held.values()) == [10_800_000]


def test_nothing_outlives_the_state_it_was_opened_in() -> None:
    kernel, reach = made()
    reach.open(mac(1), [FOUR], 900, NAME, kernel.mono + 7.5)
    assert set(kernel.held.values()) == {7_500}
    reach.open(mac(2), [FOUR], 900, NAME, kernel.mono)
    assert not [key for key in kernel.held if key[2] == mac(2)]


def test_what_is_surely_there_is_not_told_again_and_later_it_is() -> None:
    kernel, reach = made()
    for _ in range(5):
        reach.open(mac(1), [FOUR], 300, NAME, None)
    assert kernel.batches == 1
    kernel.mono += SURE_S
    reach.open(mac(1), [FOUR], 300, NAME, None)
    assert kernel.batches == 2


def test_a_refused_opening_is_not_remembered() -> None:
    kernel, reach = made()
    kernel.refuses = True
    with pytest.raises(EnforcementError):
        reach.open(mac(1), [FOUR], 300, NAME, None)
    kernel.refuses = False
    reach.open(mac(1), [FOUR], 300, NAME, None)
    assert kernel.held


def test_changed_rules_close_what_they_no_longer_allow() -> None:
    kernel, reach = made()
    reach.open(mac(1), [FOUR], 300, NAME, None)
    reach.open(mac(1), [SIX], 300, b"\5music\4test\0", None)
    reach.open(mac(2), [FOUR], 300, NAME, None)
    reach.rejudge(mac(1), lambda name: name != NAME)
    left = {(who, what) for _, _, who, what in kernel.held}
    assert left == {(mac(1), "2001:db8::5"), (mac(2), "203.0.113.5")}
    reach.rejudge(mac(1), lambda name: False)
    reach.rejudge(mac(3), lambda name: False)
    assert {who for _, _, who, _ in kernel.held} == {mac(2)}


def test_an_address_is_judged_by_the_name_it_was_last_asked_by() -> None:
    kernel, reach = made()
    reach.open(mac(1), [FOUR], 300, b"\3old\4test\0", None)
    reach.open(mac(1), [FOUR], 300, NAME, None)
    reach.rejudge(mac(1), lambda name: name == NAME)
    assert kernel.held


def test_a_flood_of_addresses_is_forgotten_and_never_grows() -> None:
    kernel, reach = made()
    for number in range(ADDRESSES_PER_MAC + 100):
        reach.open(mac(1), [bytes([10, 0, number >> 8, number & 255])], 1, NAME, None)
    asked = []
    reach.rejudge(mac(1), lambda name: asked.append(name) is None)
    assert len(asked) == ADDRESSES_PER_MAC
