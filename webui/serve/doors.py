"""The listening sockets: opened on every LAN interface, or taken over from a holder.

An interface may come late, go, and come back as another with the same name (a bridge
that is built anew): `refresh` follows it. Sockets of a holder are its own business.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import cast

from webui.serve.addresses import Lan, listen
from webui.serve.front import Door

log = logging.getLogger(__name__)


class Doors:
    """What is open.

    ports: door -> port, for the doors that are wanted. held: door -> sockets of a
    holder; such a door is opened on no interface.
    """

    def __init__(
        self,
        lan: Lan,
        ports: Mapping[Door, int],
        held: Mapping[str, list[socket.socket]],
    ) -> None:
        self._lan = lan
        self._ports = dict(ports)
        self._held = [(cast(Door, d), s) for d, many in held.items() for s in many]
        self._own: dict[tuple[Door, str], tuple[int, list[socket.socket]]] = {}
        self._failed: set[tuple[Door, str]] = set()
        for door, sock in self._held:
            self._ports[door] = sock.getsockname()[1]

    def port(self, door: Door) -> int:
        """Return the port that visitors use, 0 for a door that is not wanted."""
        return self._ports.get(door, 0)

    def refresh(self) -> None:
        """Open and close sockets as the interfaces are now."""
        indexes: dict[str, int] = {}
        for name in self._lan.interfaces:
            with suppress(OSError):
                indexes[name] = socket.if_nametoindex(name)
        for key, (index, sockets) in list(self._own.items()):
            if indexes.get(key[1]) != index:
                del self._own[key]
                _close(sockets)
        held = {door for door, _ in self._held}
        for door in self._ports:
            for name, index in indexes.items():
                if door not in held and (door, name) not in self._own:
                    self._open(door, name, index)

    def _open(self, door: Door, name: str, index: int) -> None:
        key = (door, name)
        try:
            sockets = listen(name, self._ports[door])
        except OSError as error:
            # Told once: the next try is seconds away.
            if key not in self._failed:
                log.error("not open door=%s if=%s %s", door, name, error.strerror)
            self._failed.add(key)
            return
        self._failed.discard(key)
        self._ports[door] = sockets[0].getsockname()[1]
        self._own[key] = (index, sockets)

    def open(self) -> dict[int, tuple[Door, socket.socket]]:
        """Return what listens now, by file descriptor."""
        own = [(key[0], s) for key, (_, many) in self._own.items() for s in many]
        return {sock.fileno(): (door, sock) for door, sock in self._held + own}

    def close(self) -> None:
        """Close our own sockets and our copies of a holder's."""
        for _, sockets in self._own.values():
            _close(sockets)
        self._own.clear()
        _close([sock for _, sock in self._held])
        self._held.clear()


def _close(sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.close()
