"""DNS messages on a TCP stream: two octets of length before each. RFC 1035 4.2.2,
RFC 7766 8.

Octets in, whole messages out, in order; at most one unfinished message is held.
"""

from __future__ import annotations

from .codes import MESSAGE_MAX, DnsCodecError


class Frames:
    """One direction of one connection.

    limit: octets a message may have. A client's question never needs 64 KiB.
    """

    def __init__(self, limit: int = MESSAGE_MAX) -> None:
        self._limit = limit
        self._held = bytearray()

    @property
    def waiting(self) -> bool:
        """Say whether a message has begun and not ended."""
        return bool(self._held)

    def feed(self, octets: bytes) -> list[bytes]:
        """Return the messages that these octets complete.

        Raises DnsCodecError for a length above the limit: close the connection.
        """
        held = self._held
        held += octets
        found = []
        at = 0
        while at + 2 <= len(held):
            length = held[at] << 8 | held[at + 1]
            if length > self._limit:
                raise DnsCodecError("too-long")
            if at + 2 + length > len(held):
                break
            found.append(bytes(held[at + 2 : at + 2 + length]))
            at += 2 + length
        del held[:at]
        return found


def frame(message: bytes) -> bytes:
    """Return a message with its length before it. Raises DnsCodecError if too long."""
    if len(message) > MESSAGE_MAX:
        raise DnsCodecError("too-long")
    return len(message).to_bytes(2, "big") + message
