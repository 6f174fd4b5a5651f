"""UDP: packets in and answers out, many a system call, from the address they came to.

The control data of a packet says which of the router's addresses it was sent to; sent
back as it came it makes that the answer's source (RFC 3542 6, `IP_PKTINFO` in ip(7)).
Without it a redirected question would be answered from the router's first address, and
the client would not take it. `recvmmsg` and `sendmmsg` are called through ctypes; where
there is none (OpenWrt packages it apart), packet by packet.
"""

from __future__ import annotations

import socket
from typing import Any, Protocol

from .front import Front, Port

try:
    from .batches import Batches
except ImportError:
    # OpenWrt packages ctypes apart; without it packets go one by one.
    Batches = None  # type: ignore[assignment, misc]

# A question with a padded OPT is below 600 octets; longer ones are cut and refused.
_SLOT = 2048
_CONTROL_SLOT = 64
# linux/in.h, linux/in6.h
_IP_PKTINFO = 8
_IPV6_RECVPKTINFO = 49


def open_socket(number: int, *, ipv6: bool) -> socket.socket:
    """Return a socket bound to a port on every address of the router.

    ipv6: for both families, IPv4 as mapped addresses. Raises OSError.
    """
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        if ipv6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
        else:
            opened.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        opened.bind(("", number))
    except OSError:
        opened.close()
        raise
    return opened


class Datagrams(Protocol):
    """One way to serve sockets; the same object serves all of them."""

    def serve(self, sock: socket.socket, port: Port, front: Front) -> int:
        """Answer what has come, at most a batch; return how many packets that was."""

    def send(self, token: Any, octets: bytes) -> None:
        """Answer a packet later; an answer that cannot be sent is lost, as UDP is."""


class OneByOne:
    """Packet by packet, with what Python's sockets have."""

    def __init__(self, batch: int) -> None:
        self._batch = batch

    def serve(self, sock: socket.socket, port: Port, front: Front) -> int:
        """See `Datagrams`."""
        count = 0
        while count < self._batch:
            try:
                packet, control, _, name = sock.recvmsg(_SLOT, _CONTROL_SLOT)
            except OSError:
                break
            count += 1
            if not port.bucket.take(1, front.now):
                port.dropped += 1
                continue
            port.asked += 1
            octets = front.ask(port, packet, (sock, control, name), tcp=False)
            if octets is not None:
                self.send((sock, control, name), octets)
        return count

    def send(self, token: Any, octets: bytes) -> None:
        """See `Datagrams`."""
        sock, control, name = token
        try:
            sock.sendmsg([octets], control, 0, name)
        except OSError:
            return


def datagrams(batch: int, *, ipv6: bool) -> Datagrams:
    """Return the fastest way that works on this machine."""
    if Batches is None:
        return OneByOne(batch)
    try:
        fast = Batches(batch, ipv6=ipv6)
        with open_socket(0, ipv6=ipv6) as probe:
            works = fast.echoes(probe)
    except (AttributeError, OSError):
        works = False
    return fast if works else OneByOne(batch)
