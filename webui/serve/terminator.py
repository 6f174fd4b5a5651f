"""The visitors' side of the web process: accepts, counts, ends TLS, and hands on.

One asyncio loop in a thread of its own. A handshake or a slow sender costs a task here
and never a thread of the application, so a child who opens fifty silent connections
does not keep a parent out.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from functools import partial

from webui.serve import blocked
from webui.serve.addresses import Lan, plain
from webui.serve.crowd import Crowd
from webui.serve.doors import Doors
from webui.serve.front import Door, Front, Visitor
from webui.serve.relay import (
    Relay,
    Shared,
    opened,
    say_and_close,
    use_small_buffers,
)
from webui.serve.tls import Certificate, utc_now

log = logging.getLogger(__name__)

# How often interfaces and the certificate are looked at, seconds.
LOOK_S = 5.0
# For a blocked name's request, all in all, and for the last requests at a stop.
BLOCKED_S = 5.0
DRAIN_S = 3.0
# Connections taken in before others get their turn.
ACCEPTS = 16


class Terminator:
    """Everything that visitors connect to.

    idle_s: call `on_idle` once nobody has been connected for so long, and let nobody in
    any more; None never. `on_idle` runs in the loop's thread.
    """

    def __init__(
        self,
        *,
        shared: Shared,
        front: Front,
        lan: Lan,
        doors: Doors,
        certificate: Certificate,
        idle_s: float | None = None,
        on_idle: Callable[[], None] = lambda: None,
    ) -> None:
        self._shared = shared
        self._front = front
        self._lan = lan
        self._doors = doors
        self._certificate = certificate
        self._idle_s = idle_s
        self._on_idle = on_idle
        self._crowd = Crowd()
        self._tasks: dict[Relay, asyncio.Task[None]] = {}
        self._listening: dict[int, socket.socket] = {}
        self._left = time.monotonic()
        self._open = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="terminator")

    def start(self) -> None:
        """See to the certificate and serve in a thread what the doors have open."""
        use_small_buffers()
        self._certificate.renew(self._lan.called, utc_now())
        self._thread.start()

    def drain(self, then: Callable[[], None]) -> None:
        """Let nobody in any more, and call `then` once the last answers are made."""
        asyncio.run_coroutine_threadsafe(self._drain(then), self._loop)

    def stop(self) -> None:
        """End all connections and the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(_told)
        watch = self._loop.create_task(self._watch())
        self._listen()
        try:
            self._loop.run_forever()
        finally:
            tasks = [watch, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(
                asyncio.gather(*tasks, return_exceptions=True)
            )
            self._close()
            self._doors.close()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _watch(self) -> None:
        """Follow the interfaces and the clock, and notice that nobody comes."""
        pause = LOOK_S if self._idle_s is None else min(LOOK_S, self._idle_s / 4)
        looked = time.monotonic()
        while True:
            await asyncio.sleep(pause)
            if not self._open:
                return
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                self._lan.look()
                self._doors.refresh()
                self._listen()
                await self._loop.run_in_executor(
                    None, self._certificate.renew, self._lan.called, utc_now()
                )
            if self._idle():
                self._close()
                self._on_idle()
                return

    def _idle(self) -> bool:
        if self._idle_s is None or self._crowd.guests:
            return False
        return time.monotonic() - self._left >= self._idle_s

    def _listen(self) -> None:
        """Watch what the doors have open, and nothing else."""
        now = self._doors.open() if self._open else {}
        for number, sock in list(self._listening.items()):
            if number not in now or now[number][1] is not sock:
                # A closed socket has left the selector with its number still there.
                self._loop.remove_reader(number)
                del self._listening[number]
        for number, (door, sock) in now.items():
            if number not in self._listening:
                self._listening[number] = sock
                self._loop.add_reader(number, self._accept, door, sock)

    def _close(self) -> None:
        self._open = False
        self._listen()

    def _accept(self, door: Door, listening: socket.socket) -> None:
        for _ in range(ACCEPTS):
            try:
                sock, peer = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                # Out of descriptors: the waiting connection would wake us for ever.
                log.warning("accept failed %s", type(error).__name__)
                self._loop.remove_reader(listening)
                self._listening.pop(listening.fileno(), None)
                self._loop.call_later(1, self._listen)
                return
            self._welcome(door, sock, peer)

    def _welcome(self, door: Door, sock: socket.socket, peer: tuple[str, int]) -> None:
        try:
            sock.setblocking(False)
            local = sock.getsockname()
            who = Visitor(
                address=plain(peer[0]),
                port=peer[1],
                local=plain(local[0]),
                local_port=local[1],
                door=door,
            )
            welcome = self._lan.admits(who.address)
        except (OSError, ValueError):
            welcome = False
        if not welcome:
            sock.close()
            return
        relay = Relay(self._shared, who)
        stays, yields = self._crowd.enter(relay)
        if isinstance(yields, Relay):
            self._tasks[yields].cancel()
        if not stays:
            sock.close()
            return
        task = self._loop.create_task(self._serve(relay, who, sock))
        self._tasks[relay] = task
        task.add_done_callback(partial(self._ended, relay, sock))

    async def _serve(self, relay: Relay, who: Visitor, sock: socket.socket) -> None:
        try:
            if who.door == "blocked":
                async with asyncio.timeout(BLOCKED_S):
                    await self._explain(who, sock)
            elif who.door == "http":
                await relay.run(sock, None)
            elif self._certificate.context is not None:
                await relay.run(sock, self._certificate.context)
        except (OSError, EOFError):
            # The visitor's own business: gone, too slow, or no certificate accepted.
            return

    async def _explain(self, who: Visitor, sock: socket.socket) -> None:
        reader, writer = await opened(sock, None, self._shared.limits)
        try:
            data = b""
            while len(data) < blocked.REQUEST_BYTES and b"\r\n\r\n" not in data:
                more = await reader.read(blocked.REQUEST_BYTES - len(data))
                if not more:
                    break
                data += more
            if blocked.is_request(data):
                address = self._lan.usable(who.local)
                answer = blocked.answer(data, address, self._doors.port("http"))
                await say_and_close(reader, writer, answer)
        finally:
            writer.transport.abort()

    def _ended(
        self, relay: Relay, sock: socket.socket, task: asyncio.Task[None]
    ) -> None:
        sock.close()
        self._tasks.pop(relay, None)
        self._crowd.leave(relay)
        self._left = time.monotonic()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("connection fault=%s", type(error).__name__)

    async def _drain(self, then: Callable[[], None]) -> None:
        self._close()
        end = time.monotonic() + DRAIN_S
        while self._front.active and time.monotonic() < end:
            await asyncio.sleep(0.02)
        if self._crowd.guests:
            # What the application has made is still on its way through the server.
            await asyncio.sleep(0.1)
        then()


def _told(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log what asyncio has to say by its kind only; its text may hold an address."""
    error = context.get("exception")
    log.error("loop fault=%s", type(error).__name__ if error else "unknown")
