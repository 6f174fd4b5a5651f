"""The kernel never lets a MAC out at a moment when the household says no.

Random households, events and times are played to an engine and a model of the kernel's
sets; from any moment on the daemon may be dead, so that elements end by themselves. The
oracle asks `decide` at the one instant, for one device, and knows nothing of leases.
After the daemon's death it asks the household and the clock as they were last known.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from guardian.compile.plan import SAME_S
from guardian.core import changes
from guardian.core.decide import Facts, decide
from guardian.core.events import (
    AddressSeen,
    CandidatesFound,
    ClockKnown,
    FloorResolved,
    HouseholdChanged,
    TablesLost,
)
from guardian.core.model import (
    Device,
    FailMode,
    Household,
    NewDevicePolicy,
    NewDevices,
    Verdict,
)
from tests import build
from tests.build import at, mac
from tests.tape import LAN, Tape

ROTATED, STRANGER = mac(0x50), mac(0x51)
HOUR = 3600.0
# A quiet evening, and both nights on which the clock changes.
STARTS = ("2026-03-27 19:00", "2026-03-28 22:00", "2026-10-24 22:00")
FLOOR = "192.0.2.53"
# Without hypothesis' explanations, which take minutes here.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
# An element may end this much after the instant for which it was meant.
LATE_S = SAME_S + 0.01


@st.composite
def windows(draw: st.DrawFn) -> tuple[build.Window, ...]:
    found = []
    for n in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["bedtime", "offline", "homework"]))
        start = draw(st.integers(0, 95)) * 15
        length = draw(st.integers(1, 48)) * 15
        end = (start + length) % 1440
        span = f"{start // 60}:{start % 60:02}-{end // 60}:{end % 60:02}"
        found.append(build.window(span, kind, name=f"w{n}"))
    return tuple(found)


@st.composite
def households(draw: st.DrawFn) -> Household:
    modes = st.sampled_from([None, FailMode.STRICT])
    people = (
        build.child("mia", *draw(windows()), fail_mode=draw(modes)),
        build.child("tom", *draw(windows()), fail_mode=draw(modes)),
        build.ANNA,
    )
    return build.home(
        *people,
        bands=(build.band(*draw(windows())),),
        claimed=draw(st.sampled_from([True, True, False])),
        new_devices=NewDevices(policy=draw(st.sampled_from(NewDevicePolicy))),
    )


SECONDS = st.one_of(st.integers(0, 300), st.integers(0, 6 * 3600)).map(float)
# A living daemon is played tick by tick, which takes its time.
LIVED = st.one_of(st.integers(0, 120), st.integers(0, 1800)).map(float)
# Some seconds, or to just after the next instant at which somebody's verdict turns.
WAITS = SECONDS | st.none()
MOVES = st.sampled_from(
    ["wait", "wait", "off", "pause", "pause-all", "resume", "grant", "except", "assign"]
    + ["step", "address", "candidate", "lost", "unknown", "policy", "floor"]
)


@dataclass
class Home:
    """A tape and what the oracle must know beside it."""

    tape: Tape
    household: Household
    carried: dict[str, float] | None = None
    owners: dict[str, tuple[str, ...]] = field(default_factory=dict)
    alive: bool = True

    def wall(self, late: float = 0.0) -> datetime:
        return self.tape.moment.wall - timedelta(seconds=late)

    def facts(self) -> Facts:
        """Return what is known; what is carried ends by the clock that never steps."""
        if self.carried is None:
            return Facts()
        moment = self.tape.moment
        ends = {
            person: moment.wall + timedelta(seconds=end - moment.mono)
            for person, end in self.carried.items()
        }
        return Facts(clock_known=False, carried=ends)

    def allowed(self, device: Device | None, late: float = 0.0) -> bool:
        found = decide(self.household, device, self.facts(), self.wall(late))
        return found.verdict is Verdict.ALLOW

    def check(self) -> None:
        """Compare the kernel with the oracle at this moment."""
        for device in self.household.devices:
            for address in device.macs:
                self._check(address, self._may(device), self._must(device))
        known = {m for d in self.household.devices for m in d.macs}
        for address in {ROTATED, STRANGER} - known:
            # Whoever it may belong to, it never gains over a new device.
            may = self.allowed(None) or self.allowed(None, LATE_S)
            must = self.allowed(None) and self.allowed(None, LATE_S)
            for owner in self.owners.get(address, ()):
                device = build.device("any", 0x60, owner)
                may = may and self._may(device)
                must = must and self._must(device)
            self._check(address, may, must)

    def _may(self, device: Device) -> bool:
        return self.allowed(device) or self.allowed(device, LATE_S)

    def _must(self, device: Device) -> bool:
        return self.allowed(device) and self.allowed(device, LATE_S)

    def _check(self, address: str, may: bool, must: bool) -> None:
        permitted = self.tape.permits(address)
        where = f"{address} at {self.wall().isoformat()}, alive={self.alive}"
        assert may or not permitted, f"out against the rules: {where}"
        # While the daemon lives, nobody loses a minute either.
        assert not self.alive or permitted or not must, f"held without reason: {where}"

    def until(self, wait: float | None) -> float:
        """Return the seconds to wait; never exactly onto a boundary."""
        if wait is not None:
            return wait + 0.0101
        now = self.wall()
        devices = (*self.household.devices, None)
        found = [decide(self.household, d, self.facts(), now).until for d in devices]
        left = [t.timestamp() - now.timestamp() for t in found if t is not None]
        return min([*left, 2 * HOUR]) + LATE_S + 0.0101

    def change(self, household: Household) -> None:
        self.household = household
        self.tape.post(HouseholdChanged(household))


def move(home: Home, name: str, data: st.DataObject) -> None:
    """Do one thing that can happen to a home whose daemon lives."""
    tape, household = home.tape, home.household
    now = tape.moment.wall
    person = household.people[data.draw(st.integers(0, 1), label="child")]
    until = now + timedelta(minutes=data.draw(st.integers(1, 300), label="minutes"))
    if name == "pause":
        home.change(changes.pause(household, person, until=until, by="", now=now)[0])
    elif name == "off":
        home.change(replace(household, off=build.off(now, until)))
    elif name == "pause-all":
        home.change(changes.pause(household, None, until=until, by="", now=now)[0])
    elif name == "resume":
        home.change(changes.resume(household, person)[0])
    elif name == "grant":
        lifts = data.draw(st.sampled_from([None, ["homework"], ["bedtime", "offline"]]))
        home.change(
            changes.grant(household, person, until=until, lifts=lifts, by="", now=now)[
                0
            ]
        )
    elif name == "except":
        on = now.astimezone(household.zone).date()
        kind = data.draw(st.sampled_from(build.WindowKind))
        home.change(
            changes.except_day(household, person, on=on, kind=kind, off=True)[0]
        )
    elif name == "assign":
        text = data.draw(st.sampled_from(["tv", "tablet", ROTATED]))
        who = data.draw(st.sampled_from([None, *household.people]))
        home.change(changes.assign(household, text, person=who)[0])
    elif name == "policy":
        policy = data.draw(st.sampled_from(NewDevicePolicy))
        home.change(replace(household, new_devices=NewDevices(policy=policy)))
    elif name == "address":
        last = data.draw(st.sampled_from([1, 2, 3, 4, 0x50, 0x51]))
        host = data.draw(st.integers(1, 4))
        tape.post(AddressSeen(mac(last), f"192.168.1.{host}", LAN))
    elif name == "candidate":
        people = data.draw(st.sampled_from([(), ("mia",), ("tom", "mia"), ("anna",)]))
        # An adult's rotated phone is a new device until a parent says so.
        home.owners[ROTATED] = tuple(p for p in people if p != "anna")
        tape.post(CandidatesFound(ROTATED, people))
    elif name == "lost":
        tape.post(TablesLost())
    elif name == "floor":
        tape.post(FloorResolved(((FLOOR, tape.mono + 1e6),)))
    elif name == "unknown":
        known = home.carried is not None
        if not known:
            home.carried = open_ends(home)
        tape.post(ClockKnown(known))
        if known:
            home.carried = None


def open_ends(home: Home) -> dict[str, float]:
    """Return until when each child's present state may last, by the clock of now."""
    found = {}
    for person in home.household.people[:2]:
        device = build.device("any", 0x60, person.id)
        now = home.wall()
        decision = decide(home.household, device, Facts(), now)
        if decision.verdict is Verdict.ALLOW:
            left = 86400.0
            if decision.until is not None:
                left = decision.until.timestamp() - now.timestamp()
            found[person.id] = home.tape.mono + left
    return found


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(
    household=households(),
    start=st.sampled_from(STARTS),
    moves=st.lists(st.tuples(MOVES, LIVED | st.none()), max_size=8),
    after=st.lists(WAITS, min_size=4, max_size=8),
    data=st.data(),
)
def test_nobody_gets_out_against_the_rules(
    household: Household,
    start: str,
    moves: list[tuple[str, float | None]],
    after: list[float | None],
    data: st.DataObject,
) -> None:
    home = Home(Tape(at(start)), household)
    home.tape.start(household)
    for name in ("floor", "candidate", "address", "address"):
        move(home, name, data)
    home.check()
    for name, wait in moves:
        event(name)
        if name == "step":
            step(home, data.draw(st.integers(-20000, 20000), label="step"))
        else:
            move(home, name, data)
            home.check()
        home.tape.wait(home.until(wait))
        home.check()
    home.alive = False
    for wait in after:
        home.tape.die(home.until(wait))
        home.check()
    # A dead daemon renews nothing: after a day whatever was a lease has ended.
    home.tape.die(86400.0)
    assert not any(
        ends is not None for ends in home.tape.kernel.living(home.tape.mono).values()
    )


def step(home: Home, seconds: int) -> None:
    """Set the clock; no lease in the kernel may get longer by that."""
    tape = home.tape
    before = tape.kernel.living(tape.mono)
    tape.step(float(seconds))
    for key, ends in tape.kernel.living(tape.mono).items():
        was = before.get(key)
        if ends is not None and was is not None:
            assert ends <= was + 0.001, f"longer by a step: {key}"
    home.check()


@settings(max_examples=30, deadline=None, phases=PHASES)
@given(
    household=households(),
    seconds=st.lists(LIVED, min_size=1, max_size=3),
    data=st.data(),
)
def test_a_strict_profile_closes_within_ninety_seconds_of_death(
    household: Household, seconds: list[float], data: st.DataObject
) -> None:
    mia = replace(
        household.people[0],
        overrides=replace(household.people[0].overrides, fail_mode=FailMode.STRICT),
    )
    household = replace(household, people=(mia, *household.people[1:]))
    tape = Tape(at(STARTS[0]))
    tape.start(household)
    for wait in seconds:
        tape.wait(wait)
        if data.draw(st.booleans()):
            tape.step(data.draw(st.integers(-7200, 7200)))
    tape.die(90.001)
    assert not tape.permits(mac(1))


@settings(max_examples=30, deadline=None, phases=PHASES)
@given(
    household=households(),
    lived=LIVED,
    jump=st.integers(-86400, 86400),
    passed=SECONDS,
)
def test_a_clock_set_while_the_daemon_is_dead_moves_nothing(
    household: Household, lived: float, jump: int, passed: float
) -> None:
    tape, twin = Tape(at(STARTS[0])), Tape(at(STARTS[0]))
    for each in (tape, twin):
        each.start(household)
        each.wait(lived)
    tape.step_unseen(float(jump))
    for each in (tape, twin):
        each.die(passed)
    for last in (1, 2, 3, 4, 0x50):
        assert tape.permits(mac(last)) == twin.permits(mac(last))
