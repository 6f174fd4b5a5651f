"""What was ended at the last turn to "no": counted once, told honestly."""

from __future__ import annotations

from guardian.core.model import Decision, Reason, Verdict
from guardian.core.proof import Cut, Proof, Proofs
from tests.build import at

NINE, TEN = at("2026-03-27 21:00"), at("2026-03-27 22:00")
OPEN = Decision(Verdict.ALLOW, Reason.DEFAULT)
HELD = Decision(Verdict.REFUSE, Reason.BEDTIME)
LEARNING = Decision(Verdict.LIMIT, Reason.HOMEWORK)
OWNERS = {"a": "mia", "b": "mia", "c": "tom"}


def turned(**decisions: Decision) -> Proofs:
    """Return proofs of children that were open, and at nine became this."""
    proofs = Proofs()
    proofs.decided({name: OPEN for name in decisions}, NINE)
    proofs.decided(decisions, NINE)
    return proofs


def test_a_turn_begins_at_nothing_and_each_device_adds() -> None:
    proofs = turned(mia=HELD, tom=OPEN)
    assert proofs.found == {"mia": Proof(at=NINE)}
    proofs.cut(OWNERS, {"a": Cut(3, 2, 1), "b": Cut(4, 0, 1), "c": Cut(9, 9, 9)})
    assert proofs.found == {"mia": Proof(at=NINE, closed=9, closed6=2, left=2)}
    proofs.cut(OWNERS, {"a": Cut(1, 0, 0)})
    assert proofs.found["mia"] == Proof(at=NINE, closed=10, closed6=2, left=0)


def test_homework_is_a_turn_too_and_bedtime_after_it_none() -> None:
    proofs = turned(mia=LEARNING)
    proofs.cut(OWNERS, {"a": Cut(5)})
    proofs.decided({"mia": HELD}, TEN)
    assert proofs.found["mia"] == Proof(at=NINE, closed=5)


def test_the_next_turn_begins_anew() -> None:
    proofs = turned(mia=HELD)
    proofs.cut(OWNERS, {"a": Cut(5)})
    proofs.decided({"mia": OPEN}, TEN)
    proofs.cut(OWNERS, {"a": Cut(7)})
    assert proofs.found["mia"].closed == 5
    proofs.decided({"mia": HELD}, TEN)
    assert proofs.found["mia"] == Proof(at=TEN)


def test_who_was_held_from_the_start_has_had_no_turn() -> None:
    proofs = Proofs()
    proofs.decided({"mia": HELD}, NINE)
    proofs.cut(OWNERS, {"a": Cut(5)})
    assert proofs.found == {}


def test_what_the_kernel_refused_is_not_called_closed() -> None:
    proofs = turned(mia=HELD)
    proofs.refused(OWNERS, ["a", "c", "nobodys"])
    assert proofs.found == {"mia": Proof(at=NINE, left=None)}
    proofs.cut(OWNERS, {"a": Cut(2)})
    assert proofs.found["mia"] == Proof(at=NINE, closed=2)


def test_who_has_gone_is_forgotten() -> None:
    proofs = turned(mia=HELD)
    proofs.decided({}, TEN)
    assert proofs.found == {}
