"""Whose live flows end, and that no other's do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from guardian.compile import engine as engine_module
from guardian.compile.engine import ADDRESSES_PER_MAC
from guardian.core.events import CutFlows, HouseholdChanged, LoadRules, Tick
from tests import build
from tests.build import home, mac
from tests.tape import Tape

from .play import EVENING, NEW, NIGHT, TABLET, TV, only, paused, seen


def test_a_closed_devices_new_address_is_cut_at_once() -> None:
    tape = Tape(NIGHT)
    tape.start(home())
    first = tape.post(seen(1, "192.168.1.20"))
    assert only(first, CutFlows)[0].devices == ((TABLET, ("192.168.1.20",)),)
    assert only(tape.post(seen(1, "192.168.1.20")), CutFlows) == []
    for event in (seen(3, "192.168.1.30"), seen(4, "192.168.1.31")):
        assert only(tape.post(event), CutFlows) == []
    unknown = tape.post(seen(9, "192.168.1.99"))
    assert only(unknown, CutFlows)[0].devices == ((NEW, ("192.168.1.99",)),)


def test_an_address_that_is_never_routed_is_not_cut() -> None:
    tape = Tape(NIGHT)
    tape.start(home())
    assert only(tape.post(seen(1, "fe80::5eff:fe10:1")), CutFlows) == []
    (cut,) = only(tape.post(seen(1, "192.168.1.20")), CutFlows)
    assert cut.devices == ((TABLET, ("192.168.1.20",)),)


def test_an_open_devices_new_address_is_not_cut() -> None:
    tape = Tape(EVENING)
    tape.start(home())
    assert (
        only(tape.post(seen(1, "192.168.1.20"), seen(9, "192.168.1.9")), CutFlows) == []
    )
    cut = only(tape.wait(3600), CutFlows)
    both = ((TABLET, ("192.168.1.20",)), (NEW, ("192.168.1.9",)))
    assert cut == [CutFlows(both, frozenset())]


def test_an_address_that_has_moved_to_an_open_device_is_not_cut() -> None:
    tape = Tape(EVENING)
    tape.start(home(), seen(1, "192.168.1.20"), seen(1, "192.168.1.21"))
    tape.mono += 60
    tape.post(seen(3, "192.168.1.20"))
    cut = only(tape.wait(3600), CutFlows)
    assert cut == [CutFlows(((TABLET, ("192.168.1.21",)),), frozenset())]


def test_an_address_that_has_moved_to_a_child_is_cut() -> None:
    tape = Tape(EVENING)
    tape.start(home(), seen(3, "192.168.1.20"))
    tape.mono += 60
    tape.post(seen(1, "192.168.1.20"))
    cut = only(tape.wait(3600), CutFlows)
    assert cut == [CutFlows(((TABLET, ("192.168.1.20",)),), frozenset())]


def test_an_exempted_device_is_cut_when_it_becomes_a_childs() -> None:
    tape = Tape(NIGHT)
    tape.start(home(), seen(4, "192.168.1.40"))
    assigned = replace(build.TV, exempt=False, person="mia")
    household = home(devices=(build.TABLET, assigned))
    cut = only(tape.post(HouseholdChanged(household)), CutFlows)
    assert cut[0].devices == ((TV, ("192.168.1.40",)),)
    assert not tape.permits(TV)


def test_addresses_of_one_mac_are_bounded() -> None:
    tape = Tape(EVENING)
    tape.start(home())
    for n in range(ADDRESSES_PER_MAC + 20):
        tape.mono += 0.01
        tape.post(seen(1, f"2001:db8::{n:x}"))
    kept = tape.engine.addresses[TABLET]
    assert len(kept) == ADDRESSES_PER_MAC
    assert "2001:db8::0" not in kept and f"2001:db8::{n:x}" in kept


def test_macs_are_bounded_and_strangers_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "MACS_MAX", 8)
    tape = Tape(EVENING)
    tape.start(home(), seen(1, "192.168.1.20"))
    for n in range(100, 140):
        tape.mono += 0.01
        tape.post(seen(n, f"192.168.1.{n}"))
    assert len(tape.engine.addresses) == 8
    assert TABLET in tape.engine.addresses
    assert mac(139) in tape.engine.addresses and mac(100) not in tape.engine.addresses


def test_addresses_may_come_before_the_household() -> None:
    tape = Tape(NIGHT)
    first, *rest = tape.post(seen(1, "192.168.1.20"))
    assert isinstance(first, LoadRules)
    effects = tape.start(home())
    assert not tape.permits(TABLET)
    assert only([*rest, *effects], CutFlows)


def test_a_refused_cut_is_made_again() -> None:
    tape = Tape(EVENING)
    tape.start(home(), seen(1, "192.168.1.20"), seen(3, "192.168.1.30"))
    for effect in tape.engine.handle(
        HouseholdChanged(paused(tape, home())), tape.moment
    ):
        if isinstance(effect, CutFlows):
            tape.engine.refused(effect)
        else:
            tape.kernel.carry_out(effect, tape.mono)
            tape.engine.acknowledge(effect)
    assert tape.engine.loaded
    assert only(tape.post(Tick()), CutFlows)[0].devices == (
        (TABLET, ("192.168.1.20",)),
    )
    assert tape.post(Tick()) == []
