"""`recvmmsg` and `sendmmsg` through ctypes: the loop that every question runs through.

All buffers are made once, headers, names and control data stay where the kernel wrote
them: an answer goes back with the bytes that came. Most questions are answered by one
look-up of the packet without its id. See recvmmsg(2), sendmmsg(2), cmsg(3).
"""

from __future__ import annotations

import ctypes
import socket
from typing import Any

from .front import Front, Port
from .policy import SILENT

_SLOT = 2048
_NAME_SLOT = 32
_CONTROL_SLOT = 64
# struct sockaddr_in, struct sockaddr_in6
_NAME_LENGTH = {False: 16, True: 28}
# struct in_pktinfo, struct in6_pktinfo
_INFO_LENGTH = {False: 12, True: 20}
_PROBE = b"guardian"
_MSG_DONTWAIT = int(socket.MSG_DONTWAIT)


class _Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Message(ctypes.Structure):
    """struct msghdr, which ends with padding on 64-bit machines."""

    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("iov", ctypes.c_void_p),
        ("iov_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class _Header(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = [("message", _Message), ("length", ctypes.c_uint)]


_SIZE = ctypes.sizeof(_Header)
# `long` is as wide as `size_t` on every Linux.
_WORD = ctypes.sizeof(ctypes.c_long)


class _Side:
    """Headers of one direction, over buffers that both directions share.

    octets, names, controls: their addresses. name, control: lengths in a slot.
    """

    def __init__(
        self,
        count: int,
        octets: int,
        names: int,
        controls: int,
        name: int,
        control: int,
    ) -> None:
        self._kept = [
            bytearray(count * _SIZE),
            bytearray(count * ctypes.sizeof(_Iovec)),
        ]
        headers = (_Header * count).from_buffer(self._kept[0])
        iovecs = (_Iovec * count).from_buffer(self._kept[1])
        self.at = ctypes.addressof(headers)
        for number in range(count):
            iovec = iovecs[number]
            iovec.base = octets + number * _SLOT
            iovec.length = _SLOT
            header = headers[number].message
            header.name = names + number * _NAME_SLOT
            header.name_length = name
            header.iov = ctypes.addressof(iovec)
            header.iov_count = 1
            header.control = controls + number * _CONTROL_SLOT
            header.control_length = control
        self.headers = memoryview(self._kept[0])
        # The kernel writes lengths into the headers; they are put back at once.
        self.fresh = bytes(self._kept[0])
        self.words = memoryview(self._kept[0]).cast("I")
        self.lengths = memoryview(self._kept[1]).cast("L")


class Batches:
    """Serves one socket after the other with the same buffers."""

    def __init__(self, batch: int, *, ipv6: bool) -> None:
        libc = ctypes.CDLL(None)
        pointer, number = ctypes.c_void_p, ctypes.c_int
        self._receive = libc.recvmmsg
        self._receive.argtypes = (number, pointer, ctypes.c_uint, number, pointer)
        self._send = libc.sendmmsg
        self._send.argtypes = (number, pointer, ctypes.c_uint, number)
        self._batch = batch
        # One slot more, for answers that go out later.
        slots = batch + 1
        # An answer stands where its question stood: the id is there already.
        self._octets = memoryview(bytearray(slots * _SLOT))
        self._names = bytearray(slots * _NAME_SLOT)
        self._controls = bytearray(slots * _CONTROL_SLOT)
        name = self._name_length = _NAME_LENGTH[ipv6]
        control = self._control_length = _space(_INFO_LENGTH[ipv6])
        buffers = (
            _address(self._octets),
            _address(self._names),
            _address(self._controls),
        )
        self._in = _Side(slots, *buffers, name, control)
        self._out = _Side(slots, *buffers, name, control)

    def serve(self, sock: socket.socket, port: Port, front: Front) -> int:
        """Answer what has come, at most a batch; return how many packets that was."""
        fd = sock.fileno()
        inward, outward = self._in, self._out
        count = self._receive(fd, inward.at, self._batch, _MSG_DONTWAIT, None)
        if count <= 0:
            return 0
        words, octets, lengths = inward.words, self._octets, outward.lengths
        now = front.now
        rules = port.rules
        find, brief = rules.packets.young.get, rules.brief
        refused = 0
        passed = port.bucket.take(count, now)
        port.dropped += count - passed
        port.asked += passed
        length_at = _LENGTH_AT
        at = first = 0
        rest = 2  # what follows the id
        for number in range(passed):
            end = at + words[length_at]
            found = find(bytes(octets[rest:end]))
            if found is not None and found[0] > now:
                if found[2]:
                    if found[2] == SILENT:
                        port.asked -= 1
                    elif found[3] is not None:
                        front.note_refused(port, found[3], bytes(octets[at:end]))
                answer = found[1]
                end = rest + len(answer)
                octets[rest:end] = answer
                lengths[2 * number + 1] = end - at
                at += _SLOT
                rest += _SLOT
                length_at += _STEP
                continue
            packet = bytes(octets[at:end])
            if (short := brief(packet)) is not None:
                answer, decision = short
                refused += 1
                if now >= port.next_event:
                    front.tell_refused(port, decision, packet)
            else:
                late = front.ask(
                    port, packet, lambda: self._token(sock, number), tcp=False
                )
                if late is None:
                    # What stands before this one goes out; it is left out.
                    if first < number:
                        self._flush(fd, first, number)
                    first = number + 1
                    at += _SLOT
                    rest += _SLOT
                    length_at += _STEP
                    continue
                answer = late
            end = at + len(answer)
            octets[at:end] = answer
            lengths[2 * number + 1] = end - at
            at += _SLOT
            rest += _SLOT
            length_at += _STEP
        if first < passed:
            self._flush(fd, first, passed)
        inward.headers[:] = inward.fresh
        if refused:
            port.refused += refused
            front.counters.refused += refused
        return int(count)

    def send(self, token: Any, octets: bytes) -> None:
        """Answer a packet later; an answer that cannot be sent is lost, as UDP is."""
        sock, name, control = token
        last = self._batch
        at = last * _NAME_SLOT
        self._names[at : at + len(name)] = name
        at = last * _CONTROL_SLOT
        self._controls[at : at + len(control)] = control
        at = last * _SLOT
        self._octets[at : at + len(octets)] = octets
        self._out.lengths[2 * last + 1] = len(octets)
        fd = sock.fileno()
        if fd >= 0:
            self._flush(fd, last, last + 1)

    def echoes(self, probe: socket.socket) -> bool:
        """Say whether a packet to a bound socket comes back as it was sent.

        A C library that lays its structures out otherwise would serve nobody.
        """
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.connect(("127.0.0.1", probe.getsockname()[1]))
            client.send(_PROBE)
            fd, inward = probe.fileno(), self._in
            # Loopback delivers within the sender's call.
            count = self._receive(fd, inward.at, 1, _MSG_DONTWAIT, None)
            length = inward.words[_LENGTH_AT]
            inward.headers[:] = inward.fresh
            if count != 1 or self._octets[:length] != _PROBE:
                return False
            self.send(self._token(probe, 0), _PROBE)
            try:
                return client.recv(_SLOT) == _PROBE
            except OSError:
                return False

    def _token(self, sock: socket.socket, number: int) -> Any:
        at = number * _NAME_SLOT
        name = bytes(self._names[at : at + self._name_length])
        at = number * _CONTROL_SLOT
        return sock, name, bytes(self._controls[at : at + self._control_length])

    def _flush(self, fd: int, first: int, last: int) -> None:
        """Send slots [first, last); one that the kernel refuses is left out."""
        while first < last:
            where = self._out.at + first * _SIZE
            sent = self._send(fd, where, last - first, _MSG_DONTWAIT)
            first += sent if sent > 0 else 1


# `length` as an index of 32-bit words.
_LENGTH_AT = _Header.length.offset // 4
_STEP = _SIZE // 4


def _address(buffer: bytearray | memoryview) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


def _space(size: int) -> int:
    """Return CMSG_SPACE: header and data, each filled up to a word (cmsg(3))."""
    header = _WORD + 8
    header = (header + _WORD - 1) // _WORD * _WORD
    return header + (size + _WORD - 1) // _WORD * _WORD
