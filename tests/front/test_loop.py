"""The loop, in this process: one round after the other until its end is closed."""

from __future__ import annotations

import random
import select
import socket
import threading
from collections.abc import Iterator

import pytest

from guardian.front import loop as module
from guardian.front.carrier import Sockets
from guardian.front.loop import Loop
from guardian.front.upstream import Resolver

from .kit import ask, free_ports
from .test_front import BLOCKING, House

Running = tuple[Loop, House]


@pytest.fixture
def running() -> Iterator[Running]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    poll = select.epoll()
    house = House(BLOCKING, BLOCKING)
    chance = random.Random(8).getrandbits
    loop = Loop(
        poll, theirs, lambda: theirs.recv(10) != b"", house.limits, lambda: None
    )
    sockets = Sockets(poll, chance, streams=4)
    sockets.resolver = house.front.resolver = Resolver((), sockets, chance)
    house.front._deliver = loop.deliver
    loop.attach(house.front, sockets)
    for port, number in zip(house.ports, free_ports(2)):
        port.number = number
    thread = threading.Thread(target=loop.run)
    with ours, theirs:
        yield loop, house
        if thread.ident is None:
            thread = threading.Thread(target=loop.run)
            thread.start()
        ours.close()
        thread.join(5)
        assert not thread.is_alive()
    loop.close()
    poll.close()


def start(loop: Loop) -> threading.Thread:
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("batches", [True, False])
def test_ports_are_served_by_udp_and_tcp(running: Running, batches: bool) -> None:
    loop, house = running
    if not batches:
        loop.one_by_one()
    assert all(loop.open_port(port) for port in house.ports)
    start(loop)
    for port in house.ports:
        for tcp in (False, True):
            assert ask(port.number, "www.bad.test", tcp=tcp).rcode() == 3
            # There is no resolver at all: said at once, by both ways.
            assert ask(port.number, "www.good.test", tcp=tcp).rcode() == 2


def test_a_port_that_is_taken_is_left_out_whole(running: Running) -> None:
    loop, house = running
    port = house.ports[0]
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as squatter:
        squatter.bind(("", port.number))
        squatter.listen()
        assert not loop.open_port(port)
    # The UDP half was given back.
    assert loop.open_port(port)
    loop.close_port(port)
    assert not port.open and loop.connections() == 0


def test_without_ipv6(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("Address family not supported by protocol")

    assert running[0].ipv6
    monkeypatch.setattr(module.socket, "socket", refuse)
    assert not module._has_ipv6()
