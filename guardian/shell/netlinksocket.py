"""One netlink socket: sending, receiving, listing, and what can go wrong with it.

Synchronous, and never waits: the kernel works a request off within send(2), so its
answers are there when that returns, or never come. Knows no family's messages.
Sources: netlink(7); net/netlink/af_netlink.c for buffers and listings.
"""

import errno
import socket
from collections.abc import Callable, Iterator

from guardian.core.errors import EnforcementError, PlatformError
from guardian.wire.netlink.message import (
    NLM_F_DUMP_INTR,
    NLMSG_DONE,
    NLMSG_ERROR,
    NLMSG_OVERRUN,
    Answer,
    Message,
    parse_answer,
    parse_messages,
)

# linux/netlink.h, asm-generic/socket.h; Python 3.11 names none of them.
NETLINK_ROUTE = 0
NETLINK_NETFILTER = 12
_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_NETLINK_EXT_ACK = 11
_SO_SNDBUFFORCE = 32
_SO_RCVBUFFORCE = 33
# The kernel fills at most 32 KiB of a listing into one datagram (netlink_recvmsg).
_DATAGRAM = 65536
# A send needs a buffer of its size and some bookkeeping (netlink_sendmsg).
_SEND_SLACK = 4096
# A listing that changes while it is read is read again; more often only under attack.
_DUMP_TRIES = 5
# Datagrams a reader takes at once: the rest waits, the loop gets its turn.
_DATAGRAMS_PER_READ = 64
REQUEST_BUFFER = 1024 * 1024
# What ends a listing.
_ENDS = (NLMSG_ERROR, NLMSG_DONE)


class NetlinkSocket:
    """One socket to one netlink family, non-blocking.

    groups: bit mask of multicast groups; buffer: receive buffer in bytes, a bound for
    what waits unread. Raises PlatformError when the kernel has no such family or does
    not let us listen.
    """

    def __init__(
        self, protocol: int, *, groups: int = 0, buffer: int = REQUEST_BUFFER
    ) -> None:
        self._seq = 0
        try:
            self._socket = socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol
            )
        except OSError as error:
            raise _unavailable(error) from None
        try:
            self._socket.setblocking(False)
            # Answers without an echo of what was sent, with the attribute at fault.
            self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
            self._socket.setsockopt(_SOL_NETLINK, _NETLINK_EXT_ACK, 1)
            self._resize(_SO_RCVBUFFORCE, socket.SO_RCVBUF, buffer)
            self._socket.bind((0, groups))
        except OSError as error:
            self._socket.close()
            raise _unavailable(error) from None
        self._sendable = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)

    def fileno(self) -> int:
        """Return the descriptor, for select and asyncio."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket; it cannot be used any more."""
        self._socket.close()

    def sequence(self, count: int) -> int:
        """Return the first of `count` unused sequence numbers."""
        first = (self._seq + 1) & 0xFFFFFFFF
        self._seq = (self._seq + count) & 0xFFFFFFFF
        return first

    def send(self, data: bytes) -> None:
        """Hand `data` to the kernel in one piece; EnforcementError if it takes none."""
        if len(data) + _SEND_SLACK > self._sendable:
            # A transaction is one datagram, however long.
            self._resize(_SO_SNDBUFFORCE, socket.SO_SNDBUF, len(data) + _SEND_SLACK)
            self._sendable = self._socket.getsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF
            )
        try:
            self._socket.send(data)
        except OSError as error:
            raise EnforcementError("netlink-refused", _name(error)) from None

    def receive(self) -> list[Message] | None:
        """Return the messages of the next datagram, None when none waits.

        Raises OverflowError once after the buffer has overflowed.
        """
        try:
            data, (sender, _) = self._socket.recvfrom(_DATAGRAM)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                raise OverflowError from None
            raise PlatformError("netlink-unreadable", _name(error)) from None
        # Other processes may write to our port id with CAP_NET_ADMIN; the kernel is 0.
        return list(parse_messages(data)) if sender == 0 else []

    def dump(self, encode: Callable[[int], bytes]) -> list[Message]:
        """Return all messages of a listing that nothing changed while it was read.

        encode: sequence number -> request. Raises EnforcementError if it is refused,
        PlatformError if it changes too often or is cut off.
        """
        for _ in range(_DUMP_TRIES):
            found = list(self.iterate(encode))
            if not any(message.flags & NLM_F_DUMP_INTR for message in found):
                return [m for m in found if m.kind != NLMSG_DONE]
        raise PlatformError("netlink-unreadable", f"changed {_DUMP_TRIES} times")

    def iterate(self, encode: Callable[[int], bytes]) -> Iterator[Message]:
        """Yield the messages of a listing, its NLMSG_DONE last, datagram by datagram.

        The kernel goes on with a listing only as it is read, so memory stays small.
        Ends the listing when the caller stops early: two at once are refused (EBUSY).
        """
        seq = self.sequence(1)
        self.send(encode(seq))
        done = False
        try:
            while not done:
                for message in self._answers():
                    if message.seq != seq:
                        continue
                    if message.kind in _ENDS:
                        done = True
                        answer = parse_answer(message)
                        if answer.errno:
                            raise EnforcementError("netlink-refused", answer.words())
                        if message.kind == NLMSG_ERROR:
                            continue
                    yield message
        finally:
            while not done:
                waiting = self.receive()
                done = waiting is None or any(
                    m.seq == seq and m.kind in _ENDS for m in waiting
                )

    def _answers(self) -> list[Message]:
        try:
            messages = self.receive()
        except OverflowError:
            raise PlatformError("netlink-unreadable", "ENOBUFS") from None
        if messages is None:
            raise PlatformError("netlink-unreadable", "no answer")
        return messages

    def refusals(self, last: int, count: int) -> list[Answer]:
        """Return the refusals of the requests just sent.

        last: sequence number of the last of `count`, which asked to be acknowledged.
        Raises EnforcementError when the answers were lost: what is in force is unknown.
        """
        found: list[Answer] = []
        answered = False
        try:
            while not answered and (messages := self.receive()) is not None:
                for message in messages:
                    if message.kind != NLMSG_ERROR:
                        continue
                    answer = parse_answer(message)
                    if (last - answer.seq) & 0xFFFFFFFF >= count:
                        continue  # of an earlier request that was given up
                    answered = answered or answer.seq == last
                    if answer.errno:
                        found.append(answer)
        except OverflowError:
            raise EnforcementError("netlink-answer-lost", "ENOBUFS") from None
        if not answered and not found:
            raise EnforcementError("netlink-answer-lost", "no answer")
        return found

    def events(self) -> list[Message] | None:
        """Return what waits, at most some datagrams; None when events were lost.

        After a loss everything that waits is thrown away: it is older than what the
        caller is about to read, and would undo it.
        """
        found: list[Message] = []
        try:
            for _ in range(_DATAGRAMS_PER_READ):
                messages = self.receive()
                if messages is None:
                    break
                found += messages
        except OverflowError:
            self._drain()
            return None
        if any(message.kind == NLMSG_OVERRUN for message in found):
            return None
        return found

    def _drain(self) -> None:
        # Bounded by the buffer; by count too, against a flood as fast as we read.
        for _ in range(100_000):
            try:
                if self.receive() is None:
                    return
            except OverflowError:
                continue

    def _resize(self, forced: int, plain: int, size: int) -> None:
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, forced, size)
        except PermissionError:
            # In a user namespace only up to net.core.[rw]mem_max.
            self._socket.setsockopt(socket.SOL_SOCKET, plain, size)


def _name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, str(error.errno))


def _unavailable(error: OSError) -> PlatformError:
    return PlatformError("netlink-unavailable", _name(error))
