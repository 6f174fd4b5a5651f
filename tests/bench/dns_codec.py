"""What the DNS codec costs a message: parsed, rendered, aged, stripped. No sockets.

dnspython does the same beside it, so that a slow machine shows as one.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import dns.message

from guardian.wire.dns.chain import follow
from guardian.wire.dns.message import parse_message
from guardian.wire.dns.question import read_question
from guardian.wire.dns.rewrite import refuse
from guardian.wire.dns.svcb import strip_ech
from guardian.wire.dns.template import from_answer

from ..wire.dns import shapes
from .figures import Figure, median

BATCHES, BATCH = 30, 2_000


def measure(*, quick: bool) -> list[Figure]:
    """Return microseconds a message for each step of its way."""
    bare = shapes.message(shapes.WWW, 1, flags=0x100)
    cookie = shapes.opt(shapes.option(10, bytes(8)))
    packet = shapes.message(shapes.WWW, 1, (), (), (cookie,), flags=0x100)
    *_, end, size, bits = read_question(packet)
    kept = from_answer(parse_message(shapes.CDN), ttl_max=300)
    refusal = refuse()
    https = parse_message(shapes.HTTPS_ECH)
    ages = iter(range(1 << 40))

    def age_and_render() -> bytes:
        kept.age(next(ages) % 300)
        return kept.render(packet, end, size, bits, 1232)

    def from_packet_to_answer() -> bytes:
        *_, end, size, bits = read_question(packet)
        return kept.render(packet, end, size, bits, 1232)

    steps: dict[str, Callable[[], object]] = {
        "a question parsed": lambda: read_question(bare),
        "a question parsed, with OPT and a cookie": lambda: read_question(packet),
        "a question parsed by dnspython": lambda: dns.message.from_wire(packet),
        "an answer of four records rendered, same second": lambda: kept.render(
            packet, end, size, bits, 1232
        ),
        "an answer of four records aged and rendered": age_and_render,
        "a refusal rendered": lambda: refusal.render(packet, end, size, bits, 1232),
        "from packet to kept answer": from_packet_to_answer,
        "an upstream answer parsed": lambda: parse_message(shapes.CDN),
        "an upstream answer parsed, followed and kept": lambda: (
            follow(message := parse_message(shapes.CDN)),
            from_answer(message, ttl_max=300),
        ),
        "an HTTPS answer parsed": lambda: parse_message(shapes.HTTPS_ECH),
        "ech taken out of a parsed answer": lambda: strip_ech(https),
    }
    batches = 2 if quick else BATCHES
    return [median(what, timed(step, batches), "us") for what, step in steps.items()]


def timed(step: Callable[[], object], batches: int) -> list[float]:
    """Return the microseconds of CPU a call, one value a batch."""
    times = []
    gc.disable()
    try:
        for _ in range(batches):
            begun = time.process_time()
            for _ in range(BATCH):
                step()
            times.append((time.process_time() - begun) / BATCH * 1e6)
    finally:
        gc.enable()
    return times


if __name__ == "__main__":
    print(*(figure.as_line() for figure in measure(quick=False)), sep="\n")
