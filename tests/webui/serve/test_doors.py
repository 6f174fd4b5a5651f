"""Doors follow the interfaces, and leave a holder's sockets alone."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from guardian.shell.interfaces import Interface
from webui.serve.addresses import Lan
from webui.serve.doors import Doors
from webui.serve.front import Door

PORTS: dict[Door, int] = {"http": 0, "https": 0, "blocked": 0}


class Moving:
    """A LAN whose interfaces a test changes."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def look(self) -> tuple[tuple[Interface, ...], tuple[str, ...]]:
        return tuple(Interface(name=name) for name in self.names), self.names


@pytest.fixture
def moving() -> Moving:
    """Return a LAN on loopback, the one interface that is everywhere."""
    return Moving("lo")


@pytest.fixture
def doors(moving: Moving) -> Iterator[tuple[Doors, Lan]]:
    """Return closed doors and their LAN."""
    lan = Lan(look=moving.look)
    with closing(Doors(lan, PORTS, {})) as made:
        yield made, lan


def test_each_door_opens_on_a_port_of_its_own(doors: tuple[Doors, Lan]) -> None:
    made, _ = doors
    made.refresh()
    assert {door for door, _ in made.open().values()} == set(PORTS)
    assert len({made.port(door) for door in PORTS}) == 3
    for _, sock in made.open().values():
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)


def test_looking_again_changes_nothing(doors: tuple[Doors, Lan]) -> None:
    made, _ = doors
    made.refresh()
    before = made.open()
    made.refresh()
    assert made.open() == before


def test_doors_close_with_their_interface_and_come_back(
    doors: tuple[Doors, Lan], moving: Moving
) -> None:
    made, lan = doors
    made.refresh()
    port = made.port("https")
    moving.names = ()
    lan.look()
    made.refresh()
    assert made.open() == {}
    moving.names = ("lo",)
    lan.look()
    made.refresh()
    assert len(made.open()) >= 3
    assert made.port("https") == port


def test_a_port_that_is_taken_is_told_once_and_tried_again(
    moving: Moving, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        made = Doors(Lan(look=moving.look), {"http": port}, {})
        made.refresh()
        made.refresh()
        assert made.open() == {}
        assert caplog.text.count("not open") == 1
    made.refresh()
    assert made.open()
    made.close()


def test_a_holders_socket_is_used_and_no_other_opened(moving: Moving) -> None:
    held = socket.create_server(("127.0.0.1", 0))
    made = Doors(Lan(look=moving.look), {"http": 0, "https": 0}, {"http": [held]})
    made.refresh()
    shown = [sock for door, sock in made.open().values() if door == "http"]
    assert shown == [held]
    assert made.port("http") == held.getsockname()[1]
    made.close()
    assert held.fileno() == -1


def test_a_door_that_nobody_wants_has_no_port(moving: Moving) -> None:
    made = Doors(Lan(look=moving.look), {"http": 0}, {})
    assert made.port("https") == 0
