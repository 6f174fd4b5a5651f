"""Where the pages may be reached: sockets on LAN interfaces, and who may come in.

One socket for each interface and port, bound to the interface itself and not to its
addresses: prefixes change overnight at many providers, and a packet that comes in on
the WAN side never matches, whatever address it is for. Where one interface is both
sides (one-armed, behind another router) the visitor's address decides as well.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress

from guardian.shell.interfaces import Interface, survey

log = logging.getLogger(__name__)

LOOPBACK = "lo"
BACKLOG = 128


class Lan:
    """The LAN interfaces of this box, as they are now.

    names: interfaces; () takes the survey's guess. loopback: the box itself, too. also:
    further names and addresses by which visitors may call the box.
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        loopback: bool = False,
        also: Iterable[str] = (),
        look: Callable[[], tuple[tuple[Interface, ...], tuple[str, ...]]] | None = None,
    ) -> None:
        self._names = tuple(names)
        self._loopback = loopback
        self._also = frozenset(also)
        self._look = look or _survey
        self._networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
        self.interfaces: tuple[str, ...] = ()
        self.addresses: frozenset[str] = frozenset()
        self.look()

    def look(self) -> bool:
        """Read the interfaces anew; returns whether an address came or went."""
        found, guess = self._look()
        names = self._names or guess
        lan = [each for each in found if each.name in names]
        parsed = [
            ipaddress.ip_interface(a) for each in lan for a in each.ip4 + each.ip6
        ]
        before = self.addresses
        self.interfaces = tuple(sorted(each.name for each in lan))
        self._networks = tuple(sorted({a.network for a in parsed}, key=str))
        self.addresses = frozenset(str(a.ip) for a in parsed if not a.ip.is_link_local)
        if self._loopback:
            self.interfaces += (LOOPBACK,)
            self.addresses |= {"127.0.0.1", "::1"}
        return self.addresses != before

    @property
    def called(self) -> frozenset[str]:
        """Return the addresses and further names by which visitors call the box."""
        return self.addresses | self._also

    def admits(self, visitor: str) -> bool:
        """Say whether a visitor with this address comes from the home.

        A stranger from the internet has a public address that is not of our prefixes.
        A private one cannot come from there: no answer would find its way back.
        """
        address = ipaddress.ip_address(visitor)
        if not address.is_global and not address.is_multicast:
            return True
        return any(address in network for network in self._networks)

    def usable(self, local: str) -> str:
        """Return `local`, or where it is link-local another address of the box.

        Browsers cannot go to a link-local address, which needs a scope.
        """
        if not ipaddress.ip_address(local.partition("%")[0]).is_link_local:
            return local
        # IPv4 first: it outlives the provider's prefixes.
        others = sorted(self.addresses, key=lambda a: (":" in a, a))
        return others[0] if others else local


def plain(address: str) -> str:
    """Return an address without scope, IPv4 out of its IPv6 clothes."""
    bare = address.partition("%")[0]
    return bare.removeprefix("::ffff:") if "." in bare else bare


def listen(interface: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on one interface only, not blocking.

    port: 0 takes a free one. Loopback has a socket for each family, of one port.
    Raises OSError: ENODEV without the interface, EADDRINUSE when the port is taken.
    """
    if interface != LOOPBACK:
        try:
            return [_bound(socket.AF_INET6, "::", port, interface)]
        except OSError:
            # A kernel without IPv6, or an error that IPv4 will meet as well.
            return [_bound(socket.AF_INET, "0.0.0.0", port, interface)]
    first = _bound(socket.AF_INET, "127.0.0.1", port, interface)
    sockets = [first]
    with suppress(OSError):
        sockets.append(
            _bound(socket.AF_INET6, "::1", first.getsockname()[1], interface)
        )
    return sockets


def _bound(
    family: socket.AddressFamily, address: str, port: int, interface: str
) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Without rights since Linux 5.7, as long as the socket is bound to none yet.
        sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0"
        )
        if family == socket.AF_INET6:
            only6 = address != "::"
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only6)
        sock.bind((address, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _survey() -> tuple[tuple[Interface, ...], tuple[str, ...]]:
    seen = survey()
    return seen.interfaces, seen.lan
