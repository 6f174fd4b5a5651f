"""Messages on a stream, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.wire.dns.codes import DnsCodecError
from guardian.wire.dns.framing import Frames, frame


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=6), st.data())
def test_what_was_framed_comes_out(messages: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, messages))
    frames, found = Frames(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        found += frames.feed(stream[:cut])
        stream = stream[cut:]
    assert found == messages
    assert not frames.waiting


def test_an_unfinished_message_waits() -> None:
    frames = Frames()
    assert frames.feed(b"") == [] and not frames.waiting
    assert frames.feed(b"\0") == [] and frames.waiting
    assert frames.feed(b"\3ab") == [] and frames.waiting
    assert frames.feed(b"c\0\0\0") == [b"abc", b""] and frames.waiting


def test_limits() -> None:
    assert Frames(limit=3).feed(frame(b"abc")) == [b"abc"]
    with pytest.raises(DnsCodecError):
        Frames(limit=3).feed(b"\0\4")
    with pytest.raises(DnsCodecError):
        frame(bytes(65536))
    assert len(frame(bytes(65535))) == 65537


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=10))
def test_any_octets_are_taken_or_refused(pieces: list[bytes]) -> None:
    frames = Frames(limit=30)
    try:
        found = [m for piece in pieces for m in frames.feed(piece)]
    except DnsCodecError:
        return
    assert all(len(message) <= 30 for message in found)
