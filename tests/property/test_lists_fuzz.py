"""The list parser against a flood of damaged lines, in every format that it reads.

Only declared errors may come out, every name that does is one in the one form, each
line is counted once, and memory does not grow.
"""

from __future__ import annotations

import gc
import random
import resource

import pytest

from guardian.lists.grammar import Grammar
from guardian.lists.lines import LINE_MAX, Lines, ListError
from guardian.lists.names import parse_name, to_wire

SHARDS = 4
# A tenth of it in every run of the tests; the whole of it in the slow suite.
LINES_A_SHARD = 25_000
SOAK_LINES = 10 * LINES_A_SHARD
LINES_A_LIST = 500
GROWTH_MAX_KB = 16_384

SHAPES = [
    b"example.com",
    b"0.0.0.0 ads.example.com tracker.example.net",
    b"127.0.0.1\tlocalhost",
    b":: x.example.org # why",
    b"||example.com^",
    b"||example.com^$third-party",
    b"@@||good.example.com^",
    b"|exact.example.com^",
    b"/banner[0-9]+/",
    b"*.example.com",
    b".example.com",
    b"server=/example.com/example.net/",
    b"address=/example.com/0.0.0.0",
    b'local-zone: "example.com" always_nxdomain',
    b"example.com CNAME .",
    b"*.example.com IN CNAME rpz-passthru.",
    b"$ORIGIN rpz.example.",
    b"full:www.example.com @ads",
    b"domain:example.com",
    b"regexp:^a+$",
    b"http://example.com/path?x=1",
    "bücher.example".encode(),
    "сайт.рф".encode(),
    b"xn--bcher-kva.example",
    b"AS9009 # M247",
    b"1.2.3.0/24",
    b"# Domains: 1234",
    b"! Title: x",
    b"\xef\xbb\xbfexample.com\r",
    b"caf\xe9.example",
    b"",
]
TELLING = b"|^$*/.#!@:=,;- \t\r\0\xff\xc3[]\"'0129az_"


def mutate(dice: random.Random) -> bytes:
    """Return a line with some octets changed, cut, doubled or joined to another."""
    made = bytearray(dice.choice(SHAPES))
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(made) + 1)
        match dice.randrange(7):
            case 0 | 1:
                made[at : at + 1] = bytes((dice.choice(TELLING),))
            case 2:
                made[at : at + 1] = dice.randbytes(1)
            case 3:
                del made[at : at + dice.randrange(1, 6)]
            case 4:
                made[at:at] = made[at : at + dice.randrange(60)]
            case 5:
                other = dice.choice(SHAPES)
                made[at:] = other[dice.randrange(len(other) + 1) :]
            case 6 if dice.random() < 0.02:
                made[at:at] = dice.choice(TELLING + b"a").to_bytes(1, "big") * LINE_MAX
    return bytes(made.replace(b"\n", b" "))


def read(dice: random.Random, lines: list[bytes]) -> int:
    """Read one list in chunks of any size; return how many names came out."""
    text, splitter, grammar = b"\n".join(lines), Lines(), Grammar()
    names, at, given = 0, 0, 0
    try:
        while at < len(text):
            size = dice.randrange(1, 4096)
            found = splitter.feed(text[at : at + size])
            at += size
            given += len(found)
            names += taken(grammar, found)
        found = splitter.finish()
        given += len(found)
        names += taken(grammar, found)
    except ListError:
        return names
    assert grammar.tally["lines"] == given
    assert grammar.tally["names"] == names
    return names


def taken(grammar: Grammar, lines: list[bytes]) -> int:
    """Return how many entries some lines hold; each name is in the one form."""
    count = 0
    for _, name in grammar.read(lines):
        count += 1
        assert parse_name(name) == name
        assert 3 <= len(to_wire(name)) <= 255
    return count


def flood(seed: int, lines: int) -> None:
    dice = random.Random(seed)
    names, before = 0, None
    for turn in range(lines // LINES_A_LIST):
        names += read(dice, [mutate(dice) for _ in range(LINES_A_LIST)])
        if turn == lines // LINES_A_LIST // 10:
            gc.collect()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert before is not None
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < GROWTH_MAX_KB
    # Nothing is proved if all lines die at the door, or all get through.
    assert lines / 20 < names < lines


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_hundred_thousand_damaged_lines(shard: int) -> None:
    flood(shard, LINES_A_SHARD)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_million_damaged_lines(shard: int) -> None:
    flood(1000 + shard, SOAK_LINES)
