"""Event in, effects out: rules, leases, help."""

from __future__ import annotations

import pytest

from guardian.compile import engine as engine_module
from guardian.compile.engine import BOOT_S, BOOT_SOON_S, CAP_RENEW_S, IDLE_S, Engine
from guardian.core.changes import claim, resume
from guardian.core.events import (
    CandidatesFound,
    CutFlows,
    Effect,
    FloorResolved,
    HomeSeen,
    HouseholdChanged,
    LoadRules,
    Log,
    SetElements,
    TablesLost,
    Tick,
    WriteBoot,
    WriteCarry,
)
from guardian.core.model import (
    LEASE_MAX_S,
    FailMode,
    Mode,
    Network,
    NewDevicePolicy,
    NewDevices,
)
from tests import build
from tests.build import MIA, TOM, home, mac
from tests.tape import LAN, Tape

from .play import CONSOLE, EVENING, NEW, NIGHT, PHONE, TABLET, TV, only, paused, seen


def kinds(effects: list[Effect]) -> list[str]:
    return [type(effect).__name__ for effect in effects]


# Loading.


def test_the_first_event_loads_everything() -> None:
    tape = Tape(EVENING)
    effects = tape.post(HouseholdChanged(home()))
    assert kinds(effects) == ["LoadRules", "WriteBoot", "WriteCarry"]
    load = only(effects, LoadRules)[0]
    assert "add table inet guardian" in load.text
    assert TABLET in load.elements
    # No interface has been seen: the forward chain alone guards.
    assert load.keep == frozenset()
    assert 'oifname { "br-lan" } drop' in load.text
    assert tape.permits(TABLET) and tape.permits(PHONE) and tape.permits(NEW)


def test_a_second_look_changes_nothing() -> None:
    tape = Tape(EVENING)
    tape.start(home())
    assert tape.post(Tick()) == []
    tape.mono += 60
    assert tape.post(Tick(), HouseholdChanged(home())) == []


def test_an_interface_gets_its_chains_and_the_elements_stay() -> None:
    tape = Tape(EVENING)
    tape.post(HouseholdChanged(home()))
    effects = tape.post(HomeSeen(hooked=(LAN, "eth-other"), router_macs=(mac(254),)))
    load = only(effects, LoadRules)[0]
    assert load.elements == ""
    assert load.keep == {("inet", "in_br-lan"), ("netdev", "out_br-lan")}
    assert tape.permits(TABLET)
    gone = tape.post(HomeSeen())
    assert only(gone, LoadRules)[0].keep == frozenset()
    assert tape.permits(TABLET)


def test_the_kernels_hooks_are_respected() -> None:
    tape = Tape(EVENING, egress=False, ingress=False)
    load = only(tape.start(home()), LoadRules)[0]
    assert "netdev" not in load.text + load.elements
    assert "hook ingress" not in load.text
    assert tape.engine.layout.egress is False


def test_the_mode_and_the_interfaces_come_from_the_household() -> None:
    tape = Tape(EVENING)
    tape.start(home())
    network = Network(lan=("lan2", LAN), mode=Mode.ONE_ARMED)
    effects = tape.post(HouseholdChanged(home(network=network)))
    assert "nd-redirect" in only(effects, LoadRules)[0].text
    assert tape.engine.layout.lan == (LAN, "lan2")
    assert tape.engine.layout.hooked == (LAN,)


def test_new_devices_are_open_on_judged_ports_too() -> None:
    tape = Tape(EVENING)
    tape.start(home())
    tape.post(HomeSeen(hooked=(LAN,), ports=("lan1",), router_macs=(mac(254),)))
    assert tape.permits(NEW, "lan1")
    tape.wait(3600)
    assert not tape.permits(NEW, "lan1")


def test_lost_tables_are_loaded_whole() -> None:
    tape = Tape(EVENING)
    tape.start(home(), seen(1, "192.168.1.20"), seen(3, "192.168.1.30"))
    tape.post(HouseholdChanged(paused(tape, home())))
    effects = tape.post(TablesLost())
    assert kinds(effects) == ["Log", "LoadRules", "CutFlows"]
    assert only(effects, Log) == [Log("tables-lost")]
    assert only(effects, LoadRules)[0].elements
    # What came to life without our rules ends; the parent's flows go on.
    assert only(effects, CutFlows)[0].devices == ((TABLET, ("192.168.1.20",)),)
    assert not tape.permits(TABLET) and tape.permits(PHONE)


def test_after_a_refusal_the_next_event_loads_all_and_cuts() -> None:
    tape = Tape(EVENING)
    tape.start(home(), seen(1, "192.168.1.20"))
    effects = tape.engine.handle(HouseholdChanged(paused(tape, home())), tape.moment)
    for effect in effects:
        if isinstance(effect, SetElements):
            tape.engine.refused(effect)
        else:
            tape.engine.acknowledge(effect)
    assert not tape.engine.loaded
    assert tape.permits(TABLET)
    effects = tape.post(Tick())
    assert kinds(effects) == ["LoadRules", "CutFlows"]
    assert only(effects, CutFlows)[0].devices == ((TABLET, ("192.168.1.20",)),)
    assert not tape.permits(TABLET)


def test_refused_rules_are_tried_again() -> None:
    tape = Tape(EVENING)
    load, *_ = tape.engine.handle(HouseholdChanged(home()), tape.moment)
    tape.engine.refused(load)
    assert kinds(tape.post(Tick()))[0] == "LoadRules"
    assert tape.engine.loaded
    # Only rules and sets can leave the kernel in doubt.
    tape.engine.refused(WriteBoot(""))
    assert tape.engine.loaded


def test_text_is_what_a_load_would_write_and_changes_nothing() -> None:
    tape = Tape(EVENING)
    load = only(tape.start(home()), LoadRules)[-1]
    before = dict(tape.engine.applied)
    text = tape.engine.text(tape.moment)
    assert text.startswith(load.text)
    assert f"{TABLET} timeout 3600000ms" in text
    assert tape.engine.applied == before


# Leases.


def test_bedtime_happens_without_a_daemon() -> None:
    tape = Tape(EVENING)
    tape.start(home())
    tape.die(3599.9)
    assert tape.permits(TABLET) and tape.permits(NEW)
    tape.die(0.2)
    assert not tape.permits(TABLET) and not tape.permits(NEW)
    assert tape.permits(PHONE) and tape.permits(TV)


def test_bedtime_and_morning_with_a_daemon() -> None:
    tape = Tape(EVENING)
    tape.start(home(), seen(1, "192.168.1.20"), seen(1, "2001:db8::20"))
    effects = tape.wait(3600)
    assert only(effects, CutFlows) == [
        CutFlows(((TABLET, ("192.168.1.20", "2001:db8::20")),), frozenset())
    ]
    assert not tape.permits(TABLET)
    assert only(tape.wait(10 * 3600 - 1), CutFlows) == []
    assert not tape.permits(TABLET)
    tape.wait(1)
    assert tape.permits(TABLET)


def test_pause_takes_the_lease_and_then_the_flows() -> None:
    tape = Tape(EVENING)
    floor = FloorResolved((("192.0.2.1", 9e9), ("2001:db8::f", 9e9)))
    tape.start(home(), floor, seen(1, "192.168.1.20"), seen(2, "192.168.1.21"))
    tape.mono += 10
    effects = tape.post(HouseholdChanged(paused(tape, home())))
    change, cut, carry = effects
    assert change == SetElements((), (("permit", (TABLET,)), ("open_unknown", (LAN,))))
    spare = frozenset({"192.0.2.1", "2001:db8::f"})
    assert cut == CutFlows(((TABLET, ("192.168.1.20",)),), spare)
    assert isinstance(carry, WriteCarry)
    assert tape.permits(CONSOLE)
    after, _ = resume(tape.engine.household, MIA)
    assert only(tape.post(HouseholdChanged(after)), CutFlows) == []
    assert tape.permits(TABLET)


def test_a_strict_lease_is_renewed_and_ends_soon_after_death() -> None:
    strict = build.child("mia", fail_mode=FailMode.STRICT)
    tape = Tape(EVENING)
    tape.start(home(strict, TOM))
    begun = tape.mono
    assert tape.engine.wake(tape.moment) == begun + 30
    # What happens meanwhile puts nothing off.
    tape.mono += 20
    tape.post(seen(1, "192.168.1.20"))
    assert tape.engine.wake(tape.moment) == begun + 30
    effects = tape.wait(580)
    renewals = [e for e in only(effects, SetElements) if e.renew]
    assert len(renewals) == 20
    assert all(e.drop == () for e in renewals)
    tape.die(89)
    assert tape.permits(TABLET)
    tape.die(2)
    assert not tape.permits(TABLET)
    assert tape.permits(CONSOLE)


def test_a_strict_profile_without_a_lease_is_looked_at_idly() -> None:
    strict = build.child("mia", fail_mode=FailMode.STRICT)
    tape = Tape(EVENING)
    tape.start(home(strict, TOM))
    tape.post(HouseholdChanged(paused(tape, tape.engine.household)))
    assert tape.engine.wake(tape.moment) == tape.mono + IDLE_S


def test_a_strict_lease_that_was_refused_is_not_asked_for_without_pause() -> None:
    strict = build.child("mia", fail_mode=FailMode.STRICT)
    tape = Tape(EVENING)
    tape.start(home(strict, TOM))
    tape.mono += 30
    for effect in tape.engine.handle(Tick(), tape.moment):
        tape.engine.refused(effect)
    tape.mono += 1
    assert tape.engine.wake(tape.moment) == tape.mono + 30


def test_a_strict_lease_held_by_a_step_wakes_near_its_end_only() -> None:
    strict = build.child("mia", fail_mode=FailMode.STRICT)
    tape = Tape(EVENING)
    tape.start(home(strict, TOM))
    begun = tape.mono
    tape.step(-600)
    tape.wait(61)
    assert tape.engine.wake(tape.moment) == begun + 90 - CAP_RENEW_S
    tape.wait(3600)
    assert tape.permits(TABLET)
    tape.die(91)
    assert not tape.permits(TABLET)


def test_a_long_lease_is_renewed_hourly() -> None:
    tape = Tape(EVENING)
    tape.start(home(bands=()))
    effects = tape.wait(6 * 3600)
    assert 4 <= len([e for e in only(effects, SetElements) if e.renew]) <= 6
    tape.die(LEASE_MAX_S - 3601)
    assert tape.permits(TABLET)
    tape.die(3602)
    assert not tape.permits(TABLET)


def test_a_claimed_home_goes_on() -> None:
    tape = Tape(NIGHT)
    before = home(claimed=False)
    tape.start(before, seen(9, "192.168.1.99"))
    assert tape.permits(NEW)
    effects = tape.post(HouseholdChanged(claim(before, [(NEW, "pump")])))
    assert only(effects, CutFlows) == []
    assert tape.permits(NEW)
    assert not tape.permits(mac(77))


# Rotated MACs.


def test_a_candidate_is_held_by_its_owner() -> None:
    household = home(new_devices=NewDevices(policy=NewDevicePolicy.ALLOW))
    tape = Tape(NIGHT)
    tape.start(household, seen(9, "192.168.1.99"))
    assert tape.permits(NEW)
    effects = tape.post(CandidatesFound(NEW, ("mia",)))
    assert only(effects, CutFlows)[0].devices == ((NEW, ("192.168.1.99",)),)
    assert not tape.permits(NEW)
    tape.post(CandidatesFound(NEW, ()))
    assert tape.permits(NEW)


def test_an_assigned_mac_is_no_candidate_any_more() -> None:
    tape = Tape(EVENING)
    tape.start(home(), CandidatesFound(PHONE, ("mia",)))
    tape.wait(3600)
    assert tape.permits(PHONE)


def test_candidates_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MACS_MAX", 4)
    tape = Tape(EVENING)
    tape.start(home())
    tape.post(*(CandidatesFound(mac(n), ("mia",)) for n in range(20, 40)))
    assert len(tape.engine.candidates) == 4
    tape.post(CandidatesFound(mac(20), ("tom",)))
    assert tape.engine.candidates[mac(20)] == ("tom",)


# Help.


def test_help_is_in_the_sets_and_follows_its_addresses() -> None:
    tape = Tape(NIGHT)
    tape.start(home(), FloorResolved((("192.0.2.1", tape_end := 5000.0),)))
    assert tape.kernel.holds("floor4", "192.0.2.1", tape.mono)
    tape.post(FloorResolved((("192.0.2.2", 9e9), ("2001:db8::f", 9e9))))
    assert not tape.kernel.holds("floor4", "192.0.2.1", tape_end - 1)
    assert tape.kernel.holds("floor6", "2001:db8::f", tape.mono)
    effects = tape.wait(7200)
    # Renewed hourly, not with every tick.
    assert len(only(effects, SetElements)) <= 2


def test_help_is_among_the_rules_for_the_next_boot() -> None:
    tape = Tape(NIGHT)
    first = only(tape.start(home()), WriteBoot)
    assert "add element inet guardian floor4" not in first[-1].text
    found = only(tape.post(FloorResolved((("192.0.2.1", 9e9),))), WriteBoot)
    assert "floor4 { 192.0.2.1 }" in found[0].text
    # More names are answered meanwhile, without a writing each.
    more = FloorResolved((("192.0.2.1", 9e9), ("192.0.2.2", 9e9)))
    assert only(tape.post(more), WriteBoot) == []
    again = only(tape.wait(BOOT_SOON_S), WriteBoot)
    assert len(again) == 1 and "192.0.2.2" in again[0].text
    assert len(only(tape.wait(BOOT_S - 1), WriteBoot)) == 0
    assert len(only(tape.wait(IDLE_S + 1), WriteBoot)) == 1


def test_the_rules_for_the_next_boot_hold_no_lease() -> None:
    tape = Tape(EVENING)
    text = only(tape.start(home()), WriteBoot)[0].text
    assert "add element inet guardian permit" not in text
    assert "add element inet guardian open_unknown" not in text
    assert f"exempt {{ {PHONE}, {TV} }}" in text
    assert f"managed {{ {TABLET}, {CONSOLE} }}" in text
    assert "netdev" not in text and 'device "' not in text
    more = home(devices=(*home().devices, build.device("pad", 9, "mia")))
    assert len(only(tape.post(HouseholdChanged(more)), WriteBoot)) == 1


# When to look again.


def test_wake_at_the_next_turn_or_idly() -> None:
    tape = Tape("2026-03-27 20:59:30")
    assert tape.engine.wake(tape.moment) == tape.mono + IDLE_S
    tape.start(home())
    assert tape.engine.wake(tape.moment) == tape.mono + 30
    tape.mono += 40
    assert tape.engine.wake(tape.moment) == tape.mono + 0.001
    tape.post(Tick())
    assert tape.engine.wake(tape.moment) == tape.mono + IDLE_S


def test_an_engine_without_a_household_stops_no_one_it_does_not_know() -> None:
    engine = Engine()
    assert engine.plan is None and not engine.loaded
    assert engine.layout.lan == ("br-lan",)
