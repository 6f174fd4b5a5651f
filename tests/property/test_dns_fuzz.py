"""The whole codec against a flood of damaged messages, as the front uses it.

Cheap mutations of real shapes, many of them, by a plain random generator: hypothesis
looks for the smallest case, this looks far. Only the declared error may come out, no
answer is longer than its limit, and nothing is kept: memory does not grow.
"""

from __future__ import annotations

import gc
import random
import resource

import pytest

from guardian.wire.dns.chain import follow
from guardian.wire.dns.codes import DnsCodecError
from guardian.wire.dns.edns import read_edns
from guardian.wire.dns.framing import Frames
from guardian.wire.dns.message import parse_message
from guardian.wire.dns.query import check_answer
from guardian.wire.dns.question import read_question, split_key
from guardian.wire.dns.rebuild import rebuild
from guardian.wire.dns.rewrite import answer_error
from guardian.wire.dns.stub import parse_response
from guardian.wire.dns.svcb import strip_ech
from guardian.wire.dns.template import from_answer

from ..wire.dns import shapes

SHARDS = 10
ROUNDS = 20_000
# A tenth of it in every run of the tests; the whole of it in the slow suite.
SOAK_ROUNDS = 10 * ROUNDS
MESSAGES_A_ROUND = 5
GROWTH_MAX_KB = 16_384

QUESTION = shapes.message(
    shapes.WWW, 1, (), (), (shapes.opt(shapes.option(10, bytes(8))),), flags=0x100
)
SEEDS = [*shapes.ALL.values(), QUESTION]
# Octets that mean something: lengths, pointers, types, limits.
TELLING = bytes((0, 1, 5, 6, 12, 15, 28, 35, 39, 41, 46, 63, 64, 65, 192, 255))


def mutate(dice: random.Random, message: bytes) -> bytes:
    """Return a message with some octets changed, cut, doubled or joined to another."""
    made = bytearray(message)
    for _ in range(dice.randrange(1, 5)):
        at = dice.randrange(len(made)) if made else 0
        match dice.randrange(8):
            case 0 | 1 | 2 if made:
                made[at] = dice.choice(TELLING)
            case 3 | 4 if made:
                made[at] = dice.randrange(256)
            case 5:
                made[at : at + dice.randrange(4)] = b""
            case 6:
                made[at:at] = made[at : at + dice.randrange(40)]
            case 7:
                other = dice.choice(SEEDS)
                made[at:] = other[dice.randrange(len(other)) :]
    return bytes(made)


def use(raw: bytes) -> int:
    """Do with a message all that the front does; return how far it got."""
    steps = 0
    try:
        key, _, _, _, end, size, bits = read_question(raw)
        split_key(key)
        steps += 1
    except DnsCodecError as error:
        if error.rcode is not None:
            assert len(answer_error(raw, error.rcode)) <= len(raw) + 11
    try:
        check_answer(raw, QUESTION, exact=False)
        parse_response(raw, "www.example.com", 1, shapes.IDENT)
        steps += 1
    except DnsCodecError:
        pass
    try:
        message = parse_message(raw)
        steps += 1
        plain = parse_message(strip_ech(message))
        steps += 1
        chain = follow(plain)
        steps += 1
        plain = parse_message(rebuild(plain, dict.fromkeys(chain.strays)))
        template = from_answer(plain, ttl_max=60)
        template.age(7)
        steps += 1
        *_, end, size, bits = read_question(QUESTION)
        assert len(template.render(QUESTION, end, size, bits, 512)) <= 512
        read_edns(message)
        steps += 1
    except DnsCodecError:
        pass
    return steps


def flood(seed: int, rounds: int) -> None:
    dice = random.Random(seed)
    reached: set[int] = set()
    before = None
    for turn in range(rounds):
        shape = dice.choice(SEEDS)
        for _ in range(MESSAGES_A_ROUND):
            reached.add(use(mutate(dice, shape)))
        if turn == rounds // 10:
            gc.collect()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert before is not None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < GROWTH_MAX_KB
    # Nothing is proved if the mutants die at the door, or all get through.
    assert 0 in reached and max(reached) >= 5


@pytest.mark.parametrize("shard", range(SHARDS))
def test_damaged_messages(shard: int) -> None:
    flood(random.randrange(1 << 32), ROUNDS)


@pytest.mark.soak
@pytest.mark.parametrize("shard", range(SHARDS))
def test_ten_million_damaged_messages(shard: int) -> None:
    flood(random.randrange(1 << 32), SOAK_ROUNDS)


def test_seeds_get_through_whole() -> None:
    whole = [name for name, raw in shapes.ALL.items() if use(raw) >= 5]
    assert sorted(set(shapes.ALL) - set(whole)) == ["truncated"]


def test_streams_of_anything() -> None:
    dice = random.Random(random.randrange(1 << 32))
    for _ in range(2_000):
        frames = Frames(limit=2048)
        try:
            for _ in range(8):
                found = frames.feed(dice.randbytes(dice.randrange(40)))
                assert all(len(message) <= 2048 for message in found)
        except DnsCodecError:
            continue
