"""Rules that change while clients still hold answers of before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from guardian.core.model import Decision, Reason, Verdict
from guardian.wire.dns.name import encode_name

from .test_front import BLOCKING, GARDEN, House

CLOSED = Decision(Verdict.REFUSE, Reason.BEDTIME)


class Watched(House):
    """A house whose way to the kernel says what was asked when rules changed."""

    closed: list[tuple[str, bool]]

    def rejudge(self, mac: str, allows: Callable[[bytes], bool]) -> None:
        name = encode_name("www.learn.test")
        self.closed = [*getattr(self, "closed", []), (mac, allows(name))]


def test_what_a_client_still_holds_is_opened_when_its_lease_goes() -> None:
    house = Watched(BLOCKING)
    port = house.ports[0]
    house.ask("www.learn.test")
    house.ask("www.good.test")
    assert house.opened == []
    before, port.rules = port.rules, house.rule_set(GARDEN)
    house.front.rejudge(port, before)
    # Only what the new rules allow; the rest of the kept answers stays shut.
    assert [name for _, _, _, name in house.opened] == [encode_name("www.learn.test")]
    assert house.closed == [(port.mac, True)]


def test_answers_that_no_client_holds_any_more_open_nothing() -> None:
    house = Watched(BLOCKING)
    port = house.ports[0]
    house.ask("www.learn.test")
    house.front.now += 3600
    before, port.rules = port.rules, house.rule_set(GARDEN)
    house.front.rejudge(port, before)
    assert house.opened == []


def test_at_bedtime_nothing_is_kept_but_what_always_works() -> None:
    house = Watched(GARDEN)
    port = house.ports[0]
    house.ask("www.learn.test")
    house.opened.clear()
    closed = replace(GARDEN, state=CLOSED)
    before, port.rules = port.rules, house.rule_set(closed)
    house.front.rejudge(port, before)
    assert (house.opened, house.closed) == ([], [(port.mac, False)])
    always = replace(closed, always=frozenset({"learn.test"}))
    before, port.rules = port.rules, house.rule_set(always)
    house.front.rejudge(port, before)
    assert house.closed[-1] == (port.mac, True)


def test_the_shared_port_of_unknown_devices_has_nothing_to_open() -> None:
    house = Watched(BLOCKING)
    port = house.ports[0]
    port.mac = None
    house.ask("www.learn.test")
    before, port.rules = port.rules, house.rule_set(GARDEN)
    house.front.rejudge(port, before)
    assert house.opened == [] and not hasattr(house, "closed")


def test_the_resolvers_failure_is_not_kept() -> None:
    house = House(BLOCKING, zone=lambda query: b"")
    token = object()
    packet = bytes.fromhex("0001010000010000000000000377777704676f6f64047465737400")
    packet += b"\0\1\0\1"
    house.front.ask(house.ports[0], packet, token, tcp=False)
    while (due := house.resolver.next_time()) is not None:
        house.resolver.tick(due)
    assert len(house.delivered) == 1
    asked = len(house.queries)
    house.front.now += 2.0
    house.front.ask(house.ports[0], packet, token, tcp=False)
    assert len(house.queries) > asked
