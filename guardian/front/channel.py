"""Messages between the daemon and the front: JSON on a pair of SOCK_SEQPACKET sockets.

One message a packet. A socket's buffer takes about 200 kB (net.core.wmem_default), and
a household's rules may be more: longer ones are put into a memory file whose descriptor
goes instead (SCM_RIGHTS), so that no message is ever cut or comes in pieces.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any

INLINE_MAX = 96 * 1024
# Far above the rules of any household; a damaged sender must not fill the memory.
MESSAGE_MAX = 32 << 20
_IN_FILE = b"fd"


class ChannelError(ValueError):
    """A message that is none; the other end is no Guardian of this version."""


def send(sock: socket.socket, message: dict[str, Any]) -> None:
    """Send a message. Raises OSError; BlockingIOError if the other end does not read.

    ChannelError: above 32 MiB.
    """
    data = json.dumps(message, separators=(",", ":")).encode()
    if len(data) <= INLINE_MAX:
        sock.send(data)
        return
    if len(data) > MESSAGE_MAX:
        raise ChannelError("message-too-long")
    handle = os.memfd_create("guardian-message", os.MFD_CLOEXEC)
    with open(handle, "wb", buffering=0) as file:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
        socket.send_fds(sock, [_IN_FILE], [handle])


def receive(sock: socket.socket) -> dict[str, Any] | None:
    """Return the next message; None when the other end is gone.

    Raises BlockingIOError when there is none yet, ChannelError for a malformed one.
    """
    data, handles, _, _ = socket.recv_fds(sock, INLINE_MAX, 4)
    try:
        if data == _IN_FILE and len(handles) == 1:
            data = _read(handles[0])
    finally:
        for handle in handles:
            os.close(handle)
    if not data:
        return None
    try:
        message = json.loads(data)
    except ValueError:
        raise ChannelError("message-not-json") from None
    if not isinstance(message, dict):
        raise ChannelError("message-not-object")
    return message


def _read(handle: int) -> bytes:
    size = os.fstat(handle).st_size
    if size > MESSAGE_MAX:
        raise ChannelError("message-too-long")
    # The sender's offset stands at the end.
    data = b""
    while len(data) < size:
        piece = os.pread(handle, size - len(data), len(data))
        if not piece:
            break
        data += piece
    return data
