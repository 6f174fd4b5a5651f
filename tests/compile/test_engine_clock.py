"""A clock that steps or is not known, and what outlives a power cut."""

from __future__ import annotations

from guardian.compile.engine import CAP_RENEW_S, CARRY_S, IDLE_S
from guardian.core.clocktrust import read_record, write_record
from guardian.core.events import ClockKnown, CutFlows, HouseholdChanged, WriteCarry
from guardian.core.model import LEASE_MAX_S
from tests.build import home
from tests.tape import Tape

from .play import CONSOLE, EVENING, NEW, NIGHT, TABLET, only, paused, seen

# The clock.


def test_a_step_back_lengthens_no_lease() -> None:
    tape = Tape("2026-03-27 20:50")
    tape.start(home())
    tape.step(-7200)
    tape.die(600)
    assert not tape.permits(TABLET)


def test_a_step_back_is_believed_once_the_lease_is_near_its_end() -> None:
    tape = Tape("2026-03-27 20:50")
    tape.start(home())
    tape.step(-7200)
    tape.wait(599 - CAP_RENEW_S)
    assert tape.engine.wake(tape.moment) == tape.mono + 1
    tape.wait(601 - (599 - CAP_RENEW_S))
    assert tape.permits(TABLET)
    tape.wait(7200 - 1.5)
    assert tape.permits(TABLET)
    tape.wait(1)
    assert not tape.permits(TABLET)


def test_a_step_forward_closes_at_once() -> None:
    tape = Tape("2026-03-27 20:00")
    tape.start(home(), seen(1, "192.168.1.20"))
    effects = tape.step(2 * 3600)
    assert not tape.permits(TABLET)
    assert only(effects, CutFlows)[0].devices == ((TABLET, ("192.168.1.20",)),)


def test_a_lease_shorter_than_the_cap_stays_shorter() -> None:
    tape = Tape("2026-03-27 20:00")
    tape.start(home())
    tape.step(1800)
    tape.die(1799)
    assert tape.permits(TABLET)
    tape.die(2)
    assert not tape.permits(TABLET)


def test_an_unknown_clock_opens_what_was_carried_and_no_more() -> None:
    tape = Tape("1970-01-01 00:00", clock_known=False, carried={"mia": 300.0})
    effects = tape.start(home())
    assert tape.permits(TABLET) and not tape.permits(CONSOLE)
    assert not tape.permits(NEW)
    assert only(effects, WriteCarry)[0] == WriteCarry((("mia", 300.0),))
    tape.wait(301)
    assert not tape.permits(TABLET)
    tape.step(1_774_640_000)
    tape.post(ClockKnown(True))
    assert tape.engine.facts(tape.moment).clock_known


def test_pulling_the_plug_again_and_again_buys_nothing() -> None:
    left, used = 7200.0, 0.0
    for pulled_after in (CARRY_S - 1, 10.0, CARRY_S + 1, 3 * CARRY_S) * 10:
        tape = Tape("1970-01-01 00:00", clock_known=False, carried={"mia": left})
        carries = only(tape.start(home()), WriteCarry)
        carries += only(tape.wait(pulled_after), WriteCarry)
        used += min(left, pulled_after)
        # The record counts the time to the next writing as gone.
        record = write_record(dict(carries[-1].left), CARRY_S)
        left = read_record(record).get("mia", 0.0)
    assert 600 < used <= 7200
    assert left == 0


def test_a_pause_holds_while_the_clock_is_unknown() -> None:
    tape = Tape("1970-01-02 00:00", clock_known=False, carried={"mia": 3600.0})
    tape.start(home())
    tape.post(HouseholdChanged(paused(tape, home(), minutes=10)))
    assert not tape.permits(TABLET)
    tape.wait(601)
    assert tape.permits(TABLET)


def test_a_clock_that_is_known_no_more_leaves_what_was_left() -> None:
    # Carried from long ago: of no use any more once the clock has been known.
    tape = Tape(EVENING, carried={"tom": 9e5, "mia": 9e5})
    tape.start(paused(tape, home(), minutes=300))
    tape.post(ClockKnown(False))
    assert not tape.permits(TABLET) and tape.permits(CONSOLE)
    tape.wait(3599)
    assert tape.permits(CONSOLE)
    tape.wait(2)
    assert not tape.permits(CONSOLE)


def test_an_unknown_clock_before_any_plan_is_closed() -> None:
    tape = Tape(EVENING)
    tape.post(ClockKnown(False))
    tape.start(home())
    assert not tape.permits(TABLET)


# What outlives a power cut.


def test_open_time_is_written_now_and_then() -> None:
    tape = Tape("2026-03-27 12:00")
    first = only(tape.start(home()), WriteCarry)
    assert first == [WriteCarry((("mia", 9 * 3600.0), ("tom", 9 * 3600.0)))]
    before = CARRY_S - 2 * IDLE_S
    assert only(tape.wait(before), WriteCarry) == []
    (later,) = only(tape.wait(2 * IDLE_S), WriteCarry)
    assert 9 * 3600 - CARRY_S <= dict(later.left)["mia"] < 9 * 3600 - before


def test_open_time_without_end_is_written_as_a_day() -> None:
    tape = Tape("2026-03-27 12:00")
    (first,) = only(tape.start(home(bands=())), WriteCarry)
    assert dict(first.left) == {"mia": LEASE_MAX_S, "tom": LEASE_MAX_S}


def test_whoever_is_closed_is_written_at_once() -> None:
    tape = Tape("2026-03-27 12:00")
    tape.start(home())
    tape.mono += 5
    (carry,) = only(tape.post(HouseholdChanged(paused(tape, home()))), WriteCarry)
    assert [person for person, _ in carry.left] == ["tom"]


def test_at_bedtime_nothing_is_left_to_carry() -> None:
    tape = Tape("2026-03-27 20:55")
    tape.start(home())
    assert only(tape.wait(301), WriteCarry)[-1] == WriteCarry(())
    assert only(tape.wait(9 * 3600), WriteCarry) == []


def test_what_an_earlier_run_wrote_is_corrected_at_the_start() -> None:
    # It said Mia had an hour; now it is night and nobody has.
    tape = Tape(NIGHT)
    assert only(tape.start(home()), WriteCarry) == [WriteCarry(())]
