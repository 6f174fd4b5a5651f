"""From a client's octets to an answer's, by the rules of its port. Sans-IO.

Octets go in with a token that says where the answer goes; they come out at once, or
later through `deliver`. Order: special names, the judge, safe modes, kept answers, the
router's resolver. A device's rules are its port's: nothing in a packet is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from guardian.core.catalogue import Engine
from guardian.core.errors import GuardianError
from guardian.core.model import Reason, Verdict
from guardian.core.naming import NameDecision
from guardian.wire.dns.chain import Learned
from guardian.wire.dns.codes import (
    AAAA,
    IN,
    OPT,
    UDP_PLAIN,
    UDP_SIZE,
    A,
    DnsCodecError,
)
from guardian.wire.dns.name import name_text
from guardian.wire.dns.question import Question, read_question, split_key
from guardian.wire.dns.rewrite import answer_error
from guardian.wire.dns.template import Template

from . import refusals, safemode, special
from .answers import Answer, read_answer
from .cache import Generations
from .limits import Bucket, Limits
from .policy import PASSED, REFUSED, SILENT, Entry, RuleSet
from .refusals import Refusals
from .upstream import Failure, Resolver

MESSAGE_MAX = 65535
# A page asks for several names at once, each for A, AAAA and HTTPS, and its child may
# want to know of each; a device that goes on asking must not fill the daemon's ear.
_EVENT_S, _EVENTS = 1.0, 10
# Sizes of UDP that clients ask with; others are read anew each time.
_USUAL_SIZES = frozenset((0, 512, 1220, 1232, 1400, 1452, 1472, 4096))
_UNSAFE = NameDecision(
    Verdict.REFUSE, Reason.BLOCKED_CATEGORY, (("category", "unsafe_search"),)
)

Deliver = Callable[[Any, bytes], None]


class Reach(Protocol):
    """Opens addresses for a device without a lease (`guardian.shell.reach.Reach`)."""

    def open(
        self,
        mac: str,
        addresses: Sequence[bytes],
        ttl: int,
        name: bytes,
        ends: float | None,
    ) -> None:
        """Open addresses, asked by a wire name, before the answer leaves.

        ends: monotonic second at which the device's state turns, or None.
        Raises GuardianError if the kernel refuses.
        """

    def rejudge(self, mac: str, allows: Callable[[bytes], bool]) -> None:
        """Close what changed rules no longer allow; raises GuardianError."""


@dataclass(slots=True, eq=False, kw_only=True)
class Port:
    """A device, as the front knows it: the port its questions are sent to.

    mac: None for the port of unknown devices. record: whether its own page may name
    what was refused. ends: monotonic second at which the device's state turns, or None.
    """

    number: int
    mac: str | None
    rules: RuleSet
    record: bool
    bucket: Bucket
    asked: int = 0
    refused: int = 0
    dropped: int = 0
    waiting: int = 0
    next_event: float = 0.0
    open: bool = True
    ends: float | None = None


@dataclass(slots=True)
class Counters:
    """Sums since the start; no name is among them."""

    refused: int = 0
    rewritten: int = 0
    forwarded: int = 0
    cached: int = 0
    errors: int = 0
    unreadable: int = 0
    unreachable: int = 0


@dataclass(slots=True, eq=False)
class _Asked:
    """A question that waits: whose it is, and what was asked."""

    port: Port
    packet: bytes
    question: Question
    limit: int
    token: Any


class Front:
    """The ports' questions and the resolver's answers, put together."""

    def __init__(
        self,
        resolver: Resolver,
        deliver: Deliver,
        reach: Reach,
        *,
        limits: Limits,
        event: Callable[[dict[str, Any]], None],
    ) -> None:
        self.resolver = resolver
        self.refusals = Refusals()
        self.own: frozenset[bytes] = frozenset()
        self.addresses: tuple[bytes, ...] = ()
        self.counters = Counters()
        self.answers: Generations[bytes, Answer] = Generations(
            limits.answers, limits.answer_bytes, lambda answer: answer.size
        )
        self.now = 0.0
        self._limits = limits
        self._deliver = deliver
        self.reach = reach
        self._event = event

    def ask(self, port: Port, packet: bytes, token: Any, *, tcp: bool) -> bytes | None:
        """Return the answer to a packet if there is one at once.

        None: it comes by `deliver(token, octets)`, or never. Raises nothing, whatever
        the octets are. token: called without arguments where it is callable, so that
        its making costs nothing if the answer is there.
        """
        try:
            question = read_question(packet)
        except DnsCodecError as error:
            self.counters.errors += 1
            return None if error.rcode is None else answer_error(packet, error.rcode)
        if tcp:
            limit = MESSAGE_MAX
        else:
            size = question[5] or UDP_PLAIN
            limit = size if size < UDP_SIZE else UDP_SIZE
        entry = self._entry(port, question)
        if entry is not None:
            octets = self._render(port, packet, question, limit, entry)
            if entry.ruling is not None and not tcp:
                entry.ruling.keep_frame(packet, question[4] - 5, octets)
            return octets
        if port.waiting >= self._limits.pending_port:
            return self._finish(packet, question, limit, refusals.BUSY)
        port.waiting += 1
        if callable(token):
            token = token()
        self._forward(_Asked(port, packet, question, limit, token))
        return None

    def _entry(self, port: Port, question: Question) -> Entry | None:
        """Return what a question gets, if that is known without asking anybody."""
        key, name, qtype, qclass = question[:4]
        rules = port.rules
        entry = rules.entries.get(key)
        if entry is not None:
            if entry.until > self.now:
                return entry
            rules.entries.drop(key)
        # 128 and above are acts, and other classes no names of the internet.
        if qclass != IN or qtype >= 128 or qtype == OPT:
            template = special.by_type(qtype, qclass)
            if template is not None:
                return Entry(template)
        ruling = rules.quick(name)
        if ruling is None:
            return self._marked(rules, question)
        if ruling.refused:
            family = qtype if qtype in (A, AAAA) else 0
            entry = ruling.entries.get(family)
            if entry is None:
                entry = self._refusal(ruling.decision, qtype)
                if entry.kind != SILENT:
                    entry.ruling = ruling
                ruling.entries[family] = entry
            return entry
        answer = self._kept(key)
        if answer is None:
            return None
        return self._judged(rules, question, ruling.decision, answer)

    def _marked(self, rules: RuleSet, question: Question) -> Entry | None:
        """Return the entry for a name that stands in some set, if it is known."""
        key, name, qtype = question[:3]
        template = special.by_name(name)
        if template is None:
            template = special.pages(name, qtype, self.addresses)
        if template is not None:
            return Entry(template)
        if special.passes(name, qtype, self.own):
            answer = self._kept(key)
            return None if answer is None else self._passed(rules, key, None, answer)
        decision = rules.decide(name)
        if decision.verdict is Verdict.REFUSE:
            return self._refusal(decision, qtype)
        if rules.engine(name) is not None:
            return None if qtype in (A, AAAA) else Entry(special.NODATA, decision)
        answer = self._kept(key)
        if answer is None:
            return None
        return self._judged(rules, question, decision, answer)

    def _kept(self, key: bytes) -> Answer | None:
        answer = self.answers.get(key)
        if answer is None or answer.until <= self.now:
            return None
        self.counters.cached += 1
        return answer

    def _refusal(self, decision: NameDecision, qtype: int) -> Entry:
        template = self.refusals.template(decision, qtype)
        kind = SILENT if decision.silent else REFUSED
        return Entry(template, decision, kind=kind)

    def _judged(
        self,
        rules: RuleSet,
        question: Question,
        decision: NameDecision,
        answer: Answer,
    ) -> Entry:
        """Return the entry for an allowed name whose answer has come."""
        refused = rules.refused_alias(decision, answer.names)
        if refused is not None:
            return self._refusal(refused, question[2])
        return self._passed(rules, question[0], decision, answer)

    def _passed(
        self, rules: RuleSet, key: bytes, decision: NameDecision | None, answer: Answer
    ) -> Entry:
        entry = Entry(
            answer.template,
            decision,
            kind=SILENT if decision and decision.silent else PASSED,
            answer=answer,
            made=answer.made,
            until=answer.until,
        )
        if answer.until > self.now:
            rules.entries.put(key, entry)
        return entry

    def _render(
        self, port: Port, packet: bytes, question: Question, limit: int, entry: Entry
    ) -> bytes:
        """Return the octets for one client; what goes with them is done before."""
        key, _, _, _, end, size, bits = question
        decision, now = entry.decision, self.now
        template = entry.template
        until = entry.until
        reach = decision is not None and decision.reach and entry.kind != REFUSED
        if decision is not None and decision.reach and entry.answer is not None:
            if port.mac and not self._opened(port, key, decision, entry.answer):
                return self._finish(packet, question, limit, refusals.CLOSED)
        if template.ttls:
            age = int(now - entry.made)
            template.age(age)
            until = min(until, entry.made + age + 1)
        octets = template.render(packet, end, size, bits, limit)
        if entry.kind == REFUSED and decision is not None:
            self.note_refused(port, decision, packet)
        elif entry.kind == SILENT:
            port.asked -= 1
        usual = size in _USUAL_SIZES and len(packet) == end + (11 if size else 0)
        if limit != MESSAGE_MAX and usual and not reach and until > now:
            # Letters' case and options must not multiply what is kept.
            if packet[12 : end - 4].islower():
                kept = until, octets[2:], entry.kind, decision
                port.rules.packets.put(packet[2:], kept)
        return octets

    def note_refused(self, port: Port, decision: NameDecision, packet: bytes) -> None:
        """Count a refusal, and tell it."""
        port.refused += 1
        self.counters.refused += 1
        if self.now >= port.next_event:
            self.tell_refused(port, decision, packet)

    def tell_refused(self, port: Port, decision: NameDecision, packet: bytes) -> None:
        """Tell a refusal for the child's own page: ten at once, then one a second."""
        earliest = self.now - (_EVENTS - 1) * _EVENT_S
        port.next_event = max(port.next_event, earliest) + _EVENT_S
        # What a safety list stands against is told to nobody.
        if port.record and decision.reason is not Reason.SAFETY_LIST:
            until = decision.until
            self._event(
                {
                    "type": "refused",
                    "port": port.number,
                    "name": name_text(read_question(packet)[1]),
                    "reason": decision.reason.value,
                    "args": [list(pair) for pair in decision.args],
                    "until": until.isoformat() if until else None,
                }
            )

    def rejudge(self, port: Port, before: RuleSet) -> None:
        """Close what a device's new rules no longer allow, open what it still holds.

        A client keeps its answers for as long as they live; what it was told under the
        old rules and may still reach must not be refused until it asks again.
        Raises GuardianError if the kernel refuses.
        """
        if port.mac is None:
            return
        decide = port.rules.decide

        def allows(name: bytes) -> bool:
            decision = decide(name)
            return decision.reach and decision.verdict is Verdict.ALLOW

        self.reach.rejudge(port.mac, allows)
        for key, entry in before.entries.items():
            if entry.answer is not None and entry.until > self.now:
                name = split_key(key)[0]
                if allows(name):
                    self._opened(port, key, decide(name), entry.answer)

    def _opened(
        self, port: Port, key: bytes, decision: NameDecision, answer: Answer
    ) -> bool:
        """Open the way to an answer's addresses; False if the kernel refused."""
        if not answer.addresses:
            return True
        longest = max(learned.ttl for learned in answer.addresses)
        ttl = min(longest, self._limits.ttl_max)
        addresses = list(dict.fromkeys(learned.address for learned in answer.addresses))
        name = split_key(key)[0]
        # What always works, and help, outlive the state they were asked in.
        lasts = decision.reason in (Reason.ALWAYS_WORKS, Reason.FLOOR)
        ends = None if lasts else port.ends
        try:
            self.reach.open(port.mac or "", addresses, ttl, name, ends)
        except GuardianError:
            return False
        return True

    def _forward(self, asked: _Asked) -> None:
        """Ask the resolver, for the name or for its safe mode's target."""
        key, name, qtype, _, _, _, _ = asked.question
        self.counters.forwarded += 1
        if not special.passes(name, qtype, self.own):
            engine = asked.port.rules.engine(name)
            if engine is not None:
                self._ask_target(asked, engine, 0)
                return
        self.resolver.ask(key, lambda result: self._come(asked, result), self.now)

    def _come(self, asked: _Asked, result: bytes | Failure) -> None:
        """Take the resolver's answer; the rules of now decide, not those of then."""
        key, name, qtype, _, _, _, _ = asked.question
        port = asked.port
        if isinstance(result, Failure):
            self._reply(asked, Entry(self._failure(result), until=0.0))
            return
        plain = special.passes(name, qtype, self.own)
        answer = self._read(key, result, plain=plain)
        if answer is None:
            self._reply(asked, Entry(refusals.UNREADABLE, until=0.0))
        elif plain:
            self._reply(asked, self._passed(port.rules, key, None, answer))
        elif (decision := port.rules.decide(name)).verdict is Verdict.REFUSE:
            self._reply(asked, self._refusal(decision, qtype))
        elif (engine := port.rules.engine(name)) is not None:
            self._ask_target(asked, engine, 0)
        else:
            entry = self._judged(port.rules, asked.question, decision, answer)
            self._reply(asked, entry)

    def _read(self, key: bytes, octets: bytes, *, plain: bool) -> Answer | None:
        """Read and keep an answer; the first of equal questions does it for all."""
        answer = self.answers.get(key)
        if answer is not None and answer.made == self.now:
            return answer
        ttl_max = self._limits.ttl_max
        try:
            answer = read_answer(octets, plain=plain, ttl_max=ttl_max, now=self.now)
        except DnsCodecError:
            self.counters.unreadable += 1
            return None
        if answer.until > self.now:
            self.answers.put(key, answer)
        return answer

    def _ask_target(self, asked: _Asked, engine: Engine, number: int) -> None:
        """Ask for the addresses of a safe mode's targets, one after the other."""
        qtype = asked.question[2]
        key = safemode.target_key(engine, number, qtype)
        if qtype not in (A, AAAA) or key is None:
            self._rewrite(asked, engine, None, number)
            return

        def come(result: bytes | Failure) -> None:
            if isinstance(result, Failure) and engine.addresses:
                self._rewrite(asked, engine, None, number)
            elif isinstance(result, Failure):
                self._reply(asked, Entry(self._failure(result), until=0.0))
            else:
                taken(self._read(key, result, plain=False))

        def taken(answer: Answer | None) -> None:
            if safemode.stands(answer, qtype):
                self._rewrite(asked, engine, answer, number)
            else:
                self._ask_target(asked, engine, number + 1)

        kept = self._kept(key)
        if kept is not None:
            taken(kept)
        else:
            self.resolver.ask(key, come, self.now)

    def _rewrite(
        self, asked: _Asked, engine: Engine, answer: Answer | None, number: int
    ) -> None:
        """Answer with a target's addresses, or with those that stand in for them."""
        key, name, qtype, _, _, _, _ = asked.question
        rules = asked.port.rules
        decision = rules.decide(name)
        if decision.verdict is Verdict.REFUSE:
            self._reply(asked, self._refusal(decision, qtype))
            return
        if qtype not in (A, AAAA):
            self._reply(asked, Entry(special.NODATA, decision))
            return
        until = self.now + safemode.TTL
        if answer is None:
            template = safemode.by_addresses(engine, qtype)
            if template is None:
                self._reply(asked, self._refusal(_UNSAFE, qtype))
                return
            answer = self._stand_in(name, engine, template)
        else:
            template = safemode.by_target(engine, number, qtype, answer)
            until = min(until, answer.until)
        self.counters.rewritten += 1
        entry = Entry(template, decision, answer=answer, made=self.now, until=until)
        rules.entries.put(key, entry)
        self._reply(asked, entry)

    def _stand_in(self, name: bytes, engine: Engine, template: Template) -> Answer:
        until = self.now + safemode.TTL
        addresses = tuple(
            Learned(name, address, safemode.TTL)
            for address in safemode.stand_ins(engine)
        )
        return Answer(
            template=template, addresses=addresses, made=self.now, until=until
        )

    def _reply(self, asked: _Asked, entry: Entry) -> None:
        port = asked.port
        port.waiting -= 1
        if not port.open:
            return
        octets = self._render(port, asked.packet, asked.question, asked.limit, entry)
        self._deliver(asked.token, octets)

    def _failure(self, failure: Failure) -> Template:
        self.counters.unreachable += 1
        return {
            Failure.SILENT: refusals.UNREACHABLE,
            Failure.UNSENT: refusals.UNSENT,
            Failure.BUSY: refusals.BUSY,
        }[failure]

    def _finish(
        self, packet: bytes, question: Question, limit: int, template: Template
    ) -> bytes:
        _, _, _, _, end, size, bits = question
        return template.render(packet, end, size, bits, limit)
