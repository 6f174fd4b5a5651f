"""The control sockets: one JSON object a line each way, peers checked by the kernel.

The protocol is versioned; a request is ``{"v": 1, "verb": ..., "args": {...}}``, an
answer ``{"v": 1, "ok": true, "result": ...}`` or ``{"v": 1, "ok": false, "error":
{"code", "detail", "problems"}}``. Who may connect is decided by peer credentials
(SO_PEERCRED, unix(7)), not by the file mode alone. A socket with a `Door` is the
pages': one user more than root, few verbs, and an account's name in each change.
"""

import asyncio
import contextlib
import grp
import json
import logging
import os
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guardian.core.errors import ControlError, GuardianError
from guardian.core.model import check_name

VERSION = 1
# A household document is at most 1 MB; as a JSON string it may be three times that.
LINE_MAX = 4 * 1024 * 1024
GROUP = "guardian"
CLIENTS_MAX = 32

log = logging.getLogger(__name__)
Handler = Callable[[str, dict[str, Any], str], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the pages' own socket takes.

    uid: the user of the pages, who owns the socket; beside it only root may connect.
    verbs: those that are taken at all. nameless: those of them that come from nobody
    with an account (they read, or a child asks); each other one says `by` whom.
    """

    uid: int
    verbs: frozenset[str]
    nameless: frozenset[str]


class ControlServer:
    """Serves `handler(verb, args, who)` on a Unix socket.

    who: the peer's user name; through a door the account that the pages name.
    """

    def __init__(self, path: Path, handler: Handler, door: Door | None = None) -> None:
        self._path = path
        self._handler = handler
        self._door = door
        self._server: asyncio.Server | None = None
        self._clients = 0

    async def start(self) -> None:
        """Listen; replaces a socket file that a dead daemon left."""
        if self._path.exists():
            if _alive(self._path):
                raise ControlError("already-running", str(self._path))
            self._path.unlink()
        old = os.umask(0o117 if self._door is None else 0o177)
        try:
            self._server = await asyncio.start_unix_server(
                self._serve, str(self._path), limit=LINE_MAX
            )
        finally:
            os.umask(old)
        if self._door is not None:
            _give(self._path, self._door.uid)
            return
        try:
            os.chown(self._path, -1, grp.getgrnam(GROUP).gr_gid)
        except (KeyError, PermissionError):
            pass  # no such group on this machine: root and the daemon's user only

    async def stop(self) -> None:
        """Close the socket and remove its file."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        sock = writer.get_extra_info("socket")
        peer = page_name(sock, self._door.uid) if self._door else peer_name(sock)
        self._clients += 1
        try:
            if peer is None or self._clients > CLIENTS_MAX:
                code = "not-allowed" if peer is None else "too-many-clients"
                await _send(writer, failure(GuardianError(code)))
                return
            while line := await _line(reader):
                await _send(writer, await self._answer(line, peer))
        except ControlError as error:
            with contextlib.suppress(ConnectionError):
                await _send(writer, failure(error))
        except ConnectionError:
            pass  # the peer went away
        finally:
            self._clients -= 1
            writer.close()

    async def _answer(self, line: bytes, peer: str) -> dict[str, Any]:
        try:
            verb, args = parse_request(line)
            if self._door is not None:
                peer = named(self._door, verb, args)
            return {
                "v": VERSION,
                "ok": True,
                "result": await self._handler(verb, args, peer),
            }
        except GuardianError as error:
            return failure(error)


def parse_request(line: bytes) -> tuple[str, dict[str, Any]]:
    """Return (verb, arguments) of one request line; ControlError for anything else."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        raise ControlError("bad-request", "not JSON") from None
    if not isinstance(request, dict) or request.get("v") != VERSION:
        raise ControlError("bad-request", f"this daemon speaks version {VERSION}")
    verb, args = request.get("verb"), request.get("args", {})
    if not isinstance(verb, str) or not isinstance(args, dict):
        raise ControlError("bad-request", "verb is a string, args an object")
    return verb, args


def failure(error: GuardianError) -> dict[str, Any]:
    """Return the answer line for an error."""
    return {
        "v": VERSION,
        "ok": False,
        "error": {
            "code": error.code,
            "detail": error.detail,
            "problems": [
                {"place": p.place, "code": p.code, "detail": p.detail}
                for p in error.problems
            ],
        },
    }


def named(door: Door, verb: str, args: dict[str, Any]) -> str:
    """Return who asks through a door, and take that out of the arguments.

    "" for a verb that needs nobody and names none. Raises ControlError("not-allowed")
    for a verb that is not the pages', ("bad-argument") for one without a fit `by`.
    """
    if verb not in door.verbs:
        raise ControlError("not-allowed", verb[:40])
    by = args.pop("by", None)
    if by is None and verb in door.nameless:
        return ""
    try:
        return check_name(by)
    except ValueError:
        raise ControlError("bad-argument", "by") from None


def page_name(sock: socket.socket, uid: int) -> str | None:
    """Return the peer's user name if it is root or the user of the pages, else None."""
    name, peer, _ = _credentials(sock)
    return name if peer in (0, uid) else None


def peer_name(sock: socket.socket) -> str | None:
    """Return the peer's user name if it may steer the daemon, else None.

    Allowed: root, the daemon's own user, members of the group `guardian`.
    """
    name, uid, gid = _credentials(sock)
    if uid in (0, os.geteuid()):
        return name
    try:
        group = grp.getgrnam(GROUP)
    except KeyError:
        return None
    return name if gid == group.gr_gid or name in group.gr_mem else None


def _give(path: Path, uid: int) -> None:
    """Make a socket file another user's, or let the peer's credentials alone decide."""
    if uid == os.geteuid():
        return
    try:
        os.chown(path, uid, -1)
    except PermissionError:
        # A daemon without CAP_CHOWN. Whoever connects is still asked for by the kernel.
        path.chmod(0o666)


def _credentials(sock: socket.socket) -> tuple[str, int, int]:
    """Return the peer's user name, uid and gid, as the kernel says."""
    creds = sock.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    _, uid, gid = struct.unpack("3i", creds)
    try:
        return pwd.getpwuid(uid).pw_name, uid, gid
    except KeyError:
        return f"uid {uid}", uid, gid


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        # StreamReader's word for a line above its limit.
        raise ControlError("request-too-long", f"at most {LINE_MAX} bytes") from None


async def _send(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    writer.write(json.dumps(answer).encode() + b"\n")
    await writer.drain()


def _alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
