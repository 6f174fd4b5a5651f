import json
import os
import socket
from collections.abc import Iterator

import pytest

from guardian.front import channel

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    one.setblocking(False)
    other.setblocking(False)
    with one, other:
        yield one, other


@pytest.mark.parametrize("size", [0, 1000, 95_000, 98_000, 3_000_000])
def test_messages_of_any_size_arrive_whole_and_in_order(pair: Pair, size: int) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(3):
        channel.send(pair[0], {"number": number, "text": "x" * size})
    for number in range(3):
        assert channel.receive(pair[1]) == {"number": number, "text": "x" * size}
    assert len(os.listdir("/proc/self/fd")) == before


def test_nothing_there_and_nobody_there(pair: Pair) -> None:
    with pytest.raises(BlockingIOError):
        channel.receive(pair[1])
    pair[0].close()
    assert channel.receive(pair[1]) is None


@pytest.mark.parametrize("octets", [b"{", b"\xff\xfe", b"[1]", b"3", b"fd"])
def test_what_is_no_message(pair: Pair, octets: bytes) -> None:
    pair[0].send(octets)
    with pytest.raises(channel.ChannelError):
        channel.receive(pair[1])


def test_handles_that_nobody_asked_for_are_closed(pair: Pair) -> None:
    before = len(os.listdir("/proc/self/fd"))
    socket.send_fds(pair[0], [json.dumps({"a": 1}).encode()], [0, 1])
    assert channel.receive(pair[1]) == {"a": 1}
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_monstrous_message_is_not_sent(pair: Pair) -> None:
    with pytest.raises(channel.ChannelError):
        channel.send(pair[0], {"text": "x" * (channel.MESSAGE_MAX + 1)})


def test_a_reader_that_does_not_read_is_noticed(pair: Pair) -> None:
    with pytest.raises(BlockingIOError):
        for _ in range(10_000):
            channel.send(pair[0], {"text": "x" * 1000})
