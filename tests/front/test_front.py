"""The front as one object: octets in, octets out, no socket."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import dns.flags
import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.core.errors import EnforcementError
from guardian.core.model import Decision, Reason, Verdict
from guardian.core.naming import Access, NameRules, YouTube, wire_name
from guardian.front.front import Front, Port
from guardian.front.limits import Bucket, Limits
from guardian.front.policy import RuleSet
from guardian.front.refusals import Refusals
from guardian.front.servers import Server
from guardian.front.upstream import Resolver
from guardian.wire.dns.message import parse_message

from ..wire.dns import shapes
from .kit import HELP, OPEN, Lists, addresses, question, reply, shared

SHARED = shared()
BLOCKING = NameRules(
    state=OPEN,
    access=(("adult", Access.BLOCK), ("games", Access.BLOCK)),
    block=frozenset({"theirs.test"}),
    allow=frozenset({"mine.test"}),
)
BEDTIME = NameRules(
    state=Decision(Verdict.REFUSE, Reason.BEDTIME), always=frozenset({"music.test"})
)
SAFE = NameRules(state=OPEN, safe_search=True, youtube=YouTube.STRICT)
GARDEN = NameRules(state=OPEN, only=True, packs=frozenset({"school"}))

Zone = Callable[[bytes], "bytes | None"]


def plain_zone(query: bytes) -> bytes | None:
    """Give every name one address of each family."""
    asked = dns.message.from_wire(query).question[0]
    data = {1: "192.0.2.9", 28: "2001:db8::9"}.get(asked.rdtype)
    if data is None:
        return reply(query)
    kind = dns.rdatatype.to_text(asked.rdtype)
    return reply(query, f"{asked.name} 60 IN {kind} {data}")


class House:
    """A front with ports of several rules, and a resolver that answers by a zone."""

    def __init__(self, *rules: NameRules, zone: Zone = plain_zone, **limits: Any):
        self.zone = zone
        self.queries: list[bytes] = []
        self.held: list[tuple[int, bytes]] = []
        self.delivered: list[tuple[Any, bytes]] = []
        self.events: list[dict[str, Any]] = []
        self.opened: list[tuple[str, list[bytes], int, bytes]] = []
        self.refuse_reach = False
        self.links = 0
        self.lists = Lists()
        self.limits = Limits(**limits)
        self.resolver = Resolver(
            [Server(0, "192.0.2.53")], self, random.Random(1).getrandbits, pending=64
        )
        self.front = Front(
            self.resolver,
            lambda token, octets: self.delivered.append((token, octets)),
            self,
            limits=self.limits,
            event=self.events.append,
        )
        self.front.now = 1000.0
        self.ports = [
            Port(
                number=20055 + place,
                mac=f"02:00:00:00:00:{place:02x}",
                rules=self.rule_set(each),
                record=True,
                bucket=Bucket(0, 0),
            )
            for place, each in enumerate(rules)
        ]

    def rule_set(self, rules: NameRules) -> RuleSet:
        return RuleSet(rules, SHARED, self.lists, verdicts=64)

    # The carrier.
    def choose(
        self, server: Server, taken: Callable[[int, int], bool]
    ) -> tuple[int, int]:
        self.links += 1
        return self.links, 77

    def write(self, link: int, octets: bytes) -> bool:
        self.queries.append(octets)
        self.held.append((link, octets))
        return True

    def stream(self, server: Server, octets: bytes) -> int:
        return self.choose(server, lambda *_: False)[0] + 100_000

    # The way to the kernel.
    def open(
        self,
        mac: str,
        found: Sequence[bytes],
        ttl: int,
        name: bytes,
        ends: float | None,
    ) -> None:
        if self.refuse_reach:
            raise EnforcementError("elements-refused")
        self.opened.append((mac, list(found), ttl, name))

    def rejudge(self, mac: str, allows: Callable[[bytes], bool]) -> None:
        raise AssertionError("nobody asked for that")

    def settle(self) -> None:
        """Let the resolver answer all that waits."""
        while self.held:
            link, query = self.held.pop(0)
            if octets := self.zone(query):
                self.resolver.received(link, octets, self.front.now)

    def raw(self, packet: bytes, port: int = 0, *, tcp: bool = False) -> bytes | None:
        """Ask and wait; None if there is no answer."""
        token = object()
        octets = self.front.ask(self.ports[port], packet, token, tcp=tcp)
        if octets is not None:
            return octets
        self.settle()
        late = [octets for kept, octets in self.delivered if kept is token]
        return late[0] if late else None

    def ask(
        self, name: str, rtype: str = "A", port: int = 0, **more: Any
    ) -> dns.message.Message:
        octets = self.raw(question(name, rtype, **more), port)
        assert octets is not None
        return dns.message.from_wire(octets)


def code(message: dns.message.Message) -> tuple[int, int]:
    """Return RCODE and EDE code, -1 for none."""
    infos = [int(option.code) for option in message.options if option.otype == 15]
    return int(message.rcode()), infos[0] if infos else -1


def test_allowed_names_are_asked_on_once() -> None:
    house = House(BLOCKING)
    for _ in range(3):
        assert addresses(house.ask("www.good.test")) == ["192.0.2.9"]
    assert len(house.queries) == 1
    assert house.front.counters.forwarded == 1


@pytest.mark.parametrize(
    "name, expected",
    [
        ("www.bad.test", (3, 17)),
        ("play.test", (3, 17)),
        ("a.theirs.test", (3, 15)),
        ("theirs.test", (3, 15)),
        ("use-application-dns.net", (3, -1)),
    ],
)
@pytest.mark.parametrize("rtype", ["A", "AAAA", "HTTPS", "TXT", "MX"])
def test_refused_names_never_leave_the_house(
    name: str, expected: tuple[int, int], rtype: str
) -> None:
    house = House(BLOCKING)
    assert code(house.ask(name, rtype, edns=0)) == expected
    assert house.queries == []


def test_case_and_id_come_back_as_they_were_sent() -> None:
    house = House(BLOCKING)
    for name in ("WwW.BaD.tEsT", "wWw.GoOd.TeSt"):
        packet = question(name, ident=0xABCD)
        for _ in range(2):
            octets = house.raw(packet)
            assert octets is not None and octets[:2] == b"\xab\xcd"
            assert octets[12 : len(packet)] == packet[12:]


def test_case_and_options_do_not_multiply_what_is_kept() -> None:
    house = House(BLOCKING)
    chance = random.Random(5)
    for number in range(300):
        name = "".join(map(chance.choice, zip("www.good.test", "WWW.GOOD.TEST")))
        packet = dns.message.make_query(
            name,
            "A",
            use_edns=0,
            payload=600 + number,
            options=[dns.edns.GenericOption(10, number.to_bytes(8, "big"))],
        )
        house.raw(packet.to_wire())
    rules = house.ports[0].rules
    assert len(house.queries) == 1
    assert (len(rules.entries), len(house.front.answers)) == (1, 1)
    assert len(rules.packets) <= 1


def test_ttls_are_aged_and_clipped() -> None:
    house = House(
        BLOCKING, zone=lambda query: reply(query, "a.test. 90000 IN A 192.0.2.1")
    )
    assert house.ask("a.test").answer[0].ttl == 300
    house.front.now += 100.5
    assert house.ask("a.test").answer[0].ttl == 200
    house.front.now += 0.7
    assert house.ask("a.test").answer[0].ttl == 199
    house.front.now += 199
    assert house.ask("a.test").answer[0].ttl == 300
    assert len(house.queries) == 2


def test_negative_answers_are_kept_by_their_soa() -> None:
    def zone(query: bytes) -> bytes:
        answer = dns.message.from_wire(reply(query, rcode=3))
        soa = dns.rrset.from_text("test.", 900, "IN", "SOA", ". . 1 2 3 4 30")
        answer.authority.append(soa)
        return answer.to_wire()

    house = House(BLOCKING, zone=zone)
    assert [code(house.ask("no.test"))[0] for _ in range(2)] == [3, 3]
    assert len(house.queries) == 1
    house.front.now += 31
    house.ask("no.test")
    assert len(house.queries) == 2


def test_two_children_never_see_each_others_answers() -> None:
    house = House(BLOCKING, NameRules(state=OPEN), BEDTIME)
    for _ in range(3):
        assert code(house.ask("www.bad.test", port=0, edns=0)) == (3, 17)
        assert addresses(house.ask("www.bad.test", port=1, edns=0)) == ["192.0.2.9"]
        assert code(house.ask("www.bad.test", port=2, edns=0)) == (3, 18)
    assert len(house.queries) == 1
    # What one may know is asked once for both.
    house.ask("www.good.test", port=1)
    house.ask("www.good.test", port=0)
    assert len(house.queries) == 2


def test_the_port_is_the_device() -> None:
    house = House(BLOCKING, BLOCKING)
    house.ports[1].rules = house.ports[0].rules
    house.ask("www.bad.test", port=0)
    house.ask("www.bad.test", port=0)
    house.ask("www.bad.test", port=1)
    assert [port.refused for port in house.ports] == [2, 1]


def test_an_alias_into_a_refused_name_is_refused() -> None:
    def zone(query: bytes) -> bytes:
        return reply(
            query,
            f"{dns.message.from_wire(query).question[0].name} 60 IN CNAME x.bad.test.",
            "x.bad.test. 60 IN A 192.0.2.66",
        )

    house = House(BLOCKING, NameRules(state=OPEN), zone=zone)
    assert code(house.ask("cloak.test", edns=0)) == (3, 17)
    assert addresses(house.ask("cloak.test", port=1)) == ["192.0.2.66"]
    assert addresses(house.ask("a.mine.test")) == ["192.0.2.66"]
    assert addresses(house.ask(HELP)) == ["192.0.2.66"]
    assert addresses(house.ask("wiki.test")) == ["192.0.2.66"]


def test_a_service_target_into_a_refused_name_is_refused() -> None:
    def zone(query: bytes) -> bytes:
        return reply(query, "svc.test. 60 IN HTTPS 1 www.bad.test. alpn=h2")

    house = House(BLOCKING, zone=zone)
    assert code(house.ask("svc.test", "HTTPS", edns=0)) == (3, 17)


def test_ech_is_gone() -> None:
    def zone(query: bytes) -> bytes:
        return query[:2] + shapes.HTTPS_ECH[2:12] + query[12:33] + shapes.HTTPS_ECH[33:]

    house = House(BLOCKING, zone=zone)
    message = house.ask("www.example.com", "HTTPS")
    text = message.answer[0].to_text()
    assert "alpn" in text and "ech" not in text


def test_hosts_of_the_home_pass_in_every_state() -> None:
    house = House(
        NameRules(state=Decision(Verdict.REFUSE, Reason.PAUSED)),
        zone=lambda query: reply(query, "nas.lan. 0 IN A 192.168.1.9"),
    )
    assert addresses(house.ask("nas.lan")) == ["192.168.1.9"]
    for name, rtype in (("9.1.168.192.in-addr.arpa", "PTR"), ("printer", "A")):
        assert house.ask(name, rtype).rcode() == 0
    assert code(house.ask("data.tunnel.test", "PTR", edns=0)) == (3, 18)
    assert len(house.queries) == 3


def test_the_floor_answers_in_every_state_and_is_not_counted() -> None:
    for state in (Reason.PAUSED, Reason.BEDTIME):
        house = House(NameRules(state=Decision(Verdict.REFUSE, state)))
        port = house.ports[0]
        for _ in range(3):
            port.asked += 1
            assert addresses(house.ask(HELP)) == ["192.0.2.9"]
        assert (port.asked, port.refused, house.events) == (0, 0, [])


def test_events_are_few_and_not_of_silent_ports() -> None:
    house = House(BLOCKING, BLOCKING)
    house.ports[1].record = False
    for _ in range(25):
        house.ask("www.bad.test", port=0)
        house.ask("www.bad.test", port=1)
    told = {
        "type": "refused",
        "port": 20055,
        "name": "www.bad.test",
        "reason": "BLOCKED_CATEGORY",
        "args": [["category", "adult"]],
        "until": None,
    }
    assert house.events == [told] * 10
    house.front.now += 1.5
    for _ in range(3):
        house.ask("a.theirs.test")
    assert [event["name"] for event in house.events[10:]] == ["a.theirs.test"]


def test_an_event_says_until_when_and_a_safety_list_makes_none() -> None:
    until = datetime(2026, 3, 27, 20, 0, tzinfo=timezone.utc)
    house = House(NameRules(state=Decision(Verdict.REFUSE, Reason.BEDTIME, until)))
    house.ask("www.any.test")
    assert [event["until"] for event in house.events] == [until.isoformat()]
    listed = Decision(Verdict.REFUSE, Reason.SAFETY_LIST)
    house = House(NameRules(state=listed))
    house.ask("www.any.test")
    assert house.events == []


def safe_zone(query: bytes) -> bytes | None:
    asked = dns.message.from_wire(query).question[0]
    name = asked.name.to_text().lower()
    if name == "gone.seek.test.":
        return reply(query, rcode=3)
    if name.startswith("safe.") and asked.rdtype == 1:
        return reply(query, f"{name} 20 IN A 192.0.2.80")
    return reply(query) if name.startswith("safe.") else plain_zone(query)


def test_a_search_engine_answers_with_its_safe_mode() -> None:
    house = House(SAFE, NameRules(state=OPEN), zone=safe_zone)
    for _ in range(2):
        message = house.ask("www.seek.test")
        assert message.answer[0][0].target.to_text() == "safe.seek.test."
        assert addresses(message) == ["192.0.2.80"]
    names = [dns.message.from_wire(q).question[0].name for q in house.queries]
    assert [n.to_text().lower() for n in names] == [
        "gone.seek.test.",
        "safe.seek.test.",
    ]
    # No IPv6 there: an alias without address, so that IPv4 is used.
    assert addresses(house.ask("www.seek.test", "AAAA")) == []
    for rtype in ("HTTPS", "SVCB", "TXT"):
        message = house.ask("www.seek.test", rtype)
        assert message.rcode() == 0 and not message.answer
    assert house.ask("www.tube.test").answer[0][0].target.to_text() == "safe.tube.test."
    assert code(house.ask("raw.seek.test", edns=0)) == (3, 17)
    assert addresses(house.ask("www.seek.test", port=1)) == ["192.0.2.9"]
    # The targets' addresses change: asked again when they run out.
    before = len(house.queries)
    house.front.now += 21
    house.ask("www.seek.test")
    assert len(house.queries) > before


def test_stand_in_addresses_come_last() -> None:
    house = House(SAFE, zone=lambda query: reply(query, rcode=3))
    assert addresses(house.ask("www.seek.test")) == ["192.0.2.77"]
    # Without any the engine is refused rather than open.
    assert code(house.ask("www.tube.test", edns=0)) == (3, 17)


def test_bedtime_beats_safe_mode() -> None:
    house = House(replace(SAFE, state=BEDTIME.state))
    assert code(house.ask("www.seek.test", edns=0)) == (3, 18)
    assert house.queries == []


def test_a_policy_that_changes_meanwhile_decides() -> None:
    for later, expected in ((BEDTIME, (3, 18)), (SAFE, (0, -1))):
        house = House(NameRules(state=OPEN), zone=safe_zone)
        token = object()
        packet = question("www.seek.test", edns=0)
        assert house.front.ask(house.ports[0], packet, token, tcp=False) is None
        house.ports[0].rules = house.rule_set(later)
        house.settle()
        ((_, octets),) = house.delivered
        message = dns.message.from_wire(octets)
        assert code(message) == expected
        assert addresses(message) in ([], ["192.0.2.80"])


def test_a_closed_port_gets_nothing() -> None:
    house = House(BLOCKING)
    packet = question("www.good.test")
    assert house.front.ask(house.ports[0], packet, object(), tcp=False) is None
    house.ports[0].open = False
    house.settle()
    assert house.delivered == [] and house.ports[0].waiting == 0


def test_addresses_are_open_before_the_answer_leaves() -> None:
    house = House(GARDEN)
    assert addresses(house.ask("www.learn.test")) == ["192.0.2.9"]
    assert house.opened == [
        (house.ports[0].mac, [b"\xc0\0\2\x09"], 60, wire_name("www.learn.test"))
    ]
    # Another device of the same child has none of them open.
    house.ports.append(replace(house.ports[0], mac="02:00:00:00:00:ff"))
    house.ask("www.learn.test", port=1)
    assert house.opened[-1][0] == "02:00:00:00:00:ff" and len(house.queries) == 1
    assert code(house.ask("www.good.test", edns=0)) == (3, 15)


def test_what_the_kernel_does_not_open_is_not_told() -> None:
    house = House(GARDEN)
    house.refuse_reach = True
    assert code(house.ask("www.learn.test", edns=0)) == (2, 14)


def test_no_reach_for_whoever_has_a_lease_or_no_address() -> None:
    house = House(BLOCKING, GARDEN)
    house.ask("www.good.test")
    house.ports[1].mac = None
    house.ask("www.learn.test", port=1)
    assert house.opened == []


def test_sinkhole() -> None:
    house = House(BLOCKING)
    house.front.refusals = Refusals((b"\xc0\0\2\1", bytes(15) + b"\1"))
    assert addresses(house.ask("www.bad.test")) == ["192.0.2.1"]
    assert addresses(house.ask("www.bad.test", "AAAA")) == ["::1"]
    message = house.ask("www.bad.test", "HTTPS")
    assert message.rcode() == 0 and not message.answer
    # Relays and canaries stay away whatever the household says.
    assert house.ask("mask.icloud.com").rcode() == 3


def test_the_names_of_our_pages_lead_to_the_router_in_every_state() -> None:
    house = House(BEDTIME)
    house.front.addresses = (bytes((192, 168, 1, 1)), b"\xfd" + bytes(14) + b"\1")
    for name in ("guardian.home.arpa", "Guardian.Local"):
        assert addresses(house.ask(name)) == ["192.168.1.1"]
        assert addresses(house.ask(name, "AAAA")) == ["fd00::1"]
        message = house.ask(name, "HTTPS")
        assert message.rcode() == 0 and not message.answer
    assert house.ask("www.good.test").rcode() == 3
    assert house.front.counters.refused == 1


def test_long_answers_are_cut_for_udp_and_whole_by_tcp() -> None:
    def zone(query: bytes) -> bytes:
        lines = [f"big.test. 60 IN A 192.0.2.{n}" for n in range(1, 120)]
        return reply(query, *lines)

    house = House(BLOCKING, zone=zone)
    cut = house.ask("big.test", edns=0, payload=4096)
    assert cut.flags & dns.flags.TC and not cut.answer
    octets = house.raw(question("big.test"), tcp=True)
    assert octets is not None and len(addresses(dns.message.from_wire(octets))) == 119


def test_one_device_cannot_take_the_whole_table() -> None:
    house = House(BLOCKING, BLOCKING, zone=lambda query: None, pending_port=10)
    answers = [house.raw(question(f"n{n}.test", edns=0)) for n in range(12)]
    assert [answer is None for answer in answers] == [True] * 10 + [False] * 2
    assert answers[-1] is not None
    assert code(dns.message.from_wire(answers[-1])) == (2, 14)
    assert house.raw(question("other.test"), port=1) is None
    house.resolver.abandon()
    assert [port.waiting for port in house.ports] == [0, 0]


def test_silence_of_the_resolver_is_said() -> None:
    house = House(BLOCKING, zone=lambda query: None)
    packet = question("www.good.test", edns=0)
    token = object()
    house.front.ask(house.ports[0], packet, token, tcp=False)
    while (due := house.resolver.next_time()) is not None:
        house.resolver.tick(due)
    ((kept, octets),) = house.delivered
    assert kept is token and code(dns.message.from_wire(octets)) == (2, 22)
    assert house.front.counters.unreachable == 1


def test_nonsense_from_the_resolver_is_no_answer() -> None:
    house = House(BLOCKING, zone=lambda query: reply(query)[:-4] + b"\xff\xff")
    looped = House(
        BLOCKING,
        zone=lambda query: reply(
            query, "a.test. 9 IN CNAME b.test.", "b.test. 9 IN CNAME a.test."
        ),
    )
    assert code(looped.ask("a.test", edns=0)) == (2, 24)
    assert house.raw(question("www.good.test")) is not None


@pytest.mark.parametrize(
    "packet, rcode",
    [
        (b"", None),
        (b"\0\7\x81\0", None),
        (b"\0\7\x81\0" + bytes(8), None),
        (b"\0\7\x11\0\0\1" + bytes(6) + b"\0\0\1\0\1", 4),
        (b"\0\7\1\0\0\1" + bytes(6) + b"\xc0\0\0\1\0\1", 1),
        (b"\0\7\1\0\0\2" + bytes(6) + b"\0\0\1\0\1", 1),
    ],
)
def test_what_is_no_question(packet: bytes, rcode: int | None) -> None:
    octets = House(BLOCKING).raw(packet)
    assert (octets and octets[3] & 15) == rcode


SAMPLES = [
    question("www.good.test", edns=0),
    question("www.bad.test", "AAAA"),
    question("www.seek.test", "HTTPS", edns=0),
    question("9.1.168.192.in-addr.arpa", "PTR"),
    question(HELP, edns=0),
    shapes.CDN,
]


@settings(max_examples=300)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 90), st.binary(max_size=6)), max_size=4),
    st.binary(max_size=120),
    st.booleans(),
    st.integers(0, 2),
)
def test_any_octets_in_and_well_formed_octets_out(
    sample: bytes,
    edits: list[tuple[int, bytes]],
    junk: bytes,
    tcp: bool,
    which: int,
) -> None:
    def zone(query: bytes) -> bytes | None:
        # A resolver that went mad: its own id and question, then anything.
        return [plain_zone(query), reply(query)[:-2] + junk, junk][which]

    house = House(BLOCKING, zone=zone)
    packet = bytearray(sample)
    for at, octets in edits:
        packet[at : at + len(octets)] = octets
    for each in (bytes(packet), junk, bytes(packet)):
        answer = house.raw(each, tcp=tcp)
        while house.resolver.next_time() is not None and not tcp:
            house.front.now = house.resolver.next_time() or 0.0
            house.resolver.tick(house.front.now)
        if answer is not None:
            assert answer[:2] == each[:2] and answer[2] & 0x80
            assert len(answer) <= (65535 if tcp else 1232)
            if answer[4:6] == b"\0\1":
                assert parse_message(answer).end == len(answer)


def mutated(chance: random.Random) -> bytes:
    """Return a packet with some octets changed, cut, or put in."""
    packet = bytearray(chance.choice(SAMPLES))
    for _ in range(chance.randrange(5)):
        at = chance.randrange(len(packet) + 1)
        match chance.randrange(4):
            case 0:
                packet[at : at + 1] = chance.randbytes(1)
            case 1:
                del packet[at : at + chance.randrange(1, 9)]
            case 2:
                packet[at:at] = chance.randbytes(chance.randrange(1, 9))
            case _:
                packet[12:12] = b"\x06" + chance.randbytes(6).lower()
    return bytes(packet)


def storm(count: int) -> None:
    """Send that many mutated packets, and a mad resolver's answers, through a front."""
    chance = random.Random(count)

    def zone(query: bytes) -> bytes | None:
        if chance.random() < 0.5:
            return None
        octets = bytearray(
            chance.choice((shapes.CDN, shapes.HTTPS_SIGNED, shapes.DNAME))
        )
        for _ in range(chance.randrange(4)):
            octets[chance.randrange(12, len(octets))] = chance.randrange(256)
        # Ours as far as `check_answer` looks.
        end = query.index(b"\0", 12) + 5
        return query[:2] + octets[2:12] + query[12:end] + octets[33:]

    house = House(BLOCKING, SAFE, GARDEN, BEDTIME, zone=zone, answers=50, pending=64)
    briefly = 0
    for number in range(count):
        house.front.now += 0.001
        port = chance.randrange(4)
        packet, tcp = mutated(chance), chance.random() < 0.2
        short = house.ports[port].rules.brief(packet)
        octets = house.raw(packet, port, tcp=tcp)
        assert octets is None or octets[2] & 0x80
        if short is not None:
            # The short way says octet by octet what the long one says.
            briefly += 1
            assert short[0] == octets
        due = house.resolver.next_time()
        if due is not None and due <= house.front.now:
            house.resolver.tick(house.front.now)
        house.delivered.clear()
        house.opened.clear()
        house.queries.clear()
        if number % 1000 == 0:
            assert len(house.front.answers) <= 100 and len(house.resolver) <= 64
            assert len(house.resolver._timers) < 2000
            for each in house.ports:
                assert len(each.rules.packets) <= 128
                assert len(each.rules.entries) <= 128
                assert 0 <= each.waiting <= house.limits.pending_port
                assert all(
                    len(ruling.frames) <= 64 for ruling in each.rules._by_mask.values()
                )
    assert briefly > count / 100


def test_a_storm_of_mutated_packets() -> None:
    storm(10_000)
