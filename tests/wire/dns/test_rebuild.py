"""What is written anew says the same, less what was taken out."""

from __future__ import annotations

import contextlib

import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import AD, OPT, A, DnsCodecError
from guardian.wire.dns.message import parse_message
from guardian.wire.dns.rebuild import rebuild

from . import shapes
from .test_message import oracle, ours


@pytest.mark.parametrize("name", shapes.ALL)
def test_nothing_edited_is_the_same_without_opt(name: str) -> None:
    raw = shapes.ALL[name]
    made = rebuild(parse_message(raw), {})
    assert oracle(made) == oracle(raw)
    assert made[: shapes.Q - 2] == raw[: shapes.Q - 2]
    assert all(r.rtype != OPT for r in parse_message(made).records)
    assert len(made) <= len(raw) or name == "old_types"


@settings(deadline=None)
@given(st.sampled_from(sorted(shapes.ALL)), st.sets(st.integers(0, 6)))
def test_what_is_left_out_is_all_that_is_missing(name: str, out: set[int]) -> None:
    raw = shapes.ALL[name]
    message = parse_message(raw)
    kept = [
        f
        for f, (i, r) in zip(ours_with_opt(raw), enumerate(message.records))
        if i not in out and r.rtype != OPT
    ]
    made = rebuild(message, {index: None for index in out})
    assert oracle(made) == kept
    assert ours(parse_message(made)) == kept


def ours_with_opt(raw: bytes) -> list[object]:
    """Return the oracle's facts, with a gap where OPT stands."""
    facts = iter(oracle(raw))
    return [None if r.rtype == OPT else next(facts) for r in parse_message(raw).records]


def test_data_can_be_replaced_and_what_pointed_into_it_stays_right() -> None:
    message = parse_message(shapes.CDN)
    made = rebuild(message, {1: b"\3new\4test\0"})
    texts = [str(r) for r in dns.message.from_wire(made).answer]
    assert texts[1].endswith("CNAME new.test.")
    assert "e77.edge.test. 20 IN A" in texts[2]
    assert texts[0].endswith("CNAME www.example.edge.test.")


def test_letters_keep_their_case_and_edits_end_what_was_signed() -> None:
    assert b"Mias-iPad" in rebuild(parse_message(shapes.REVERSE), {})
    full = parse_message(shapes.BIND_FULL)
    assert parse_message(rebuild(full, {})).flags & AD
    assert not parse_message(rebuild(full, {0: None})).flags & AD


@pytest.mark.parametrize(
    "rtype, data",
    [
        (5, b""),
        (5, b"\3www"),
        # The name goes on beyond the record.
        (5, b"\3www\7example"),
        (15, b"\0"),
        (6, b"\0"),
        (35, b"\0\1\0\1\1"),
        (35, b"\0\1\0\1\xff"),
        (35, b""),
    ],
)
def test_malformed_data_is_refused(rtype: int, data: bytes) -> None:
    record = shapes.rr(shapes.pointer(shapes.Q), rtype, 1, data)
    after = shapes.rr(shapes.END, A, 1, shapes.ADDRESS)
    raw = shapes.message(shapes.WWW, A, (record, after))
    with pytest.raises(DnsCodecError):
        rebuild(parse_message(raw), {})


def test_what_grows_beyond_a_message_is_refused() -> None:
    long = shapes.labels("x" * 63, "y" * 63, "z" * 63, "v" * 58) + shapes.END
    target = shapes.BODY + 10 + 1
    first = shapes.rr(shapes.END, 39, 1, long)
    others = [shapes.rr(shapes.END, 39, 1, shapes.pointer(target))] * 400
    raw = shapes.message(shapes.WWW, A, (first, *others))
    with pytest.raises(DnsCodecError, match="too-long"):
        rebuild(parse_message(raw), {})


def test_no_pointer_leads_beyond_its_reach() -> None:
    # Names first written after 16 KiB cannot be pointed to (14 bits).
    filler = [shapes.rr(shapes.END, 16, 1, b"\xff" + b"x" * 255)] * 70
    late = [shapes.rr(shapes.labels("late", "test") + shapes.END, A, 1, b"1234")] * 3
    raw = shapes.message(shapes.WWW, A, (*filler, *late))
    assert oracle(rebuild(parse_message(raw), {})) == oracle(raw)


@settings(deadline=None)
@given(st.sampled_from(sorted(shapes.ALL)), st.data())
def test_damaged_shapes_are_rebuilt_or_refused(name: str, data: st.DataObject) -> None:
    raw = bytearray(shapes.ALL[name])
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DnsCodecError):
        message = parse_message(bytes(raw))
        again = parse_message(rebuild(message, {}))
        # Owners, types and TTLs; RDATA may hold names of types no longer known.
        kept = [r[:5] for r in message.records if r.rtype != OPT]
        assert [r[:5] for r in again.records] == kept
