"""Where questions are answered, as the engine keeps it in the kernel."""

from __future__ import annotations

from guardian.compile.plan import FRONT_LEASE_S
from guardian.core.events import (
    AddressSeen,
    CutQuestions,
    Effect,
    FrontAnswers,
    SetElements,
    TablesLost,
)
from tests.build import home, mac
from tests.tape import LAN, Tape

ASKED_EVERY_S = 20.0
PORTS = FrontAnswers(((mac(1), 20055), (mac(2), 20056), ("", 20053)))


def started() -> Tape:
    tape = Tape("2026-03-27 18:00")
    tape.start(
        home(),
        AddressSeen(mac(1), "192.168.1.11", LAN),
        AddressSeen(mac(2), "192.168.1.12", LAN),
        AddressSeen(mac(3), "192.168.1.13", LAN),
    )
    return tape


def led(tape: Tape) -> set[object]:
    living = tape.kernel.living(tape.mono)
    return {key for key in living if key[0].startswith("dns")}


def questions(effects: list[Effect]) -> list[frozenset[str]]:
    return [e.addresses for e in effects if isinstance(e, CutQuestions)]


def test_before_anybody_answers_no_question_is_led() -> None:
    tape = started()
    assert led(tape) == set()


def test_children_and_unknown_devices_are_led_and_old_entries_forgotten() -> None:
    tape = started()
    effects = tape.post(PORTS)
    assert led(tape) == {
        ("dnsport", (mac(1), 20055)),
        ("dnsport", (mac(2), 20056)),
        ("dnsnew", (LAN, 20053)),
    }
    # The unknown devices' port is new too, so nobody's old entry may stay.
    assert questions(effects) == [
        frozenset({"192.168.1.11", "192.168.1.12", "192.168.1.13"})
    ]
    assert questions(tape.post(PORTS)) == []


def test_another_port_replaces_the_old_one_and_cuts_that_device_only() -> None:
    tape = started()
    tape.post(PORTS)
    moved = FrontAnswers(((mac(1), 20057), (mac(2), 20056), ("", 20053)))
    assert questions(tape.post(moved)) == [frozenset({"192.168.1.11"})]
    assert ("dnsport", (mac(1), 20057)) in led(tape)
    assert ("dnsport", (mac(1), 20055)) not in led(tape)


def test_redirects_live_as_long_as_somebody_is_known_to_answer() -> None:
    tape = started()
    tape.post(PORTS)
    for _ in range(10):
        tape.wait(ASKED_EVERY_S)
        tape.post(PORTS)
        assert len(led(tape)) == 3
    tape.wait(FRONT_LEASE_S + 1)
    assert led(tape) == set()


def test_a_renewal_changes_elements_only() -> None:
    tape = started()
    tape.post(PORTS)
    tape.wait(ASKED_EVERY_S)
    effects = tape.post(PORTS)
    assert [type(e) for e in effects] == [SetElements]


def test_with_nobody_answering_redirects_go_at_once() -> None:
    tape = started()
    tape.post(PORTS)
    effects = tape.post(FrontAnswers(()))
    assert led(tape) == set()
    assert len(questions(effects)) == 1


def test_lost_tables_come_back_with_the_redirects() -> None:
    tape = started()
    tape.post(PORTS)
    tape.post(TablesLost())
    assert len(led(tape)) == 3
