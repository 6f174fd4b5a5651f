"""The daemon's end: one process alive, fed with rules, its death noticed at once."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from guardian.compile.names import NamePlan
from guardian.core.events import FrontAnswers, Moment
from guardian.core.model import Decision, Reason, Verdict
from guardian.core.naming import NameRules
from guardian.front import channel, link
from guardian.front.link import ALL_PORT, NEW_PORT, FrontLink
from guardian.core.recent import KEPT, Refused
from tests.build import mac

WALL = datetime(2026, 3, 27, 18, 0, tzinfo=timezone.utc)
OPEN = NameRules(state=Decision(Verdict.ALLOW, Reason.DEFAULT))
CLOSED = NameRules(
    state=Decision(Verdict.REFUSE, Reason.BEDTIME, WALL + timedelta(hours=2))
)


def answer_all(control: socket.socket, index: Path | None) -> None:
    """Be a process that binds what it is told, and writes down what it got."""
    control.setblocking(True)
    seen: list[Any] = [str(index)]
    while (message := channel.receive(control)) is not None:
        match message["type"]:
            case "policy":
                seen.append(message)
                ports = [entry["port"] for entry in message["ports"]]
                bound = {"type": "bound", "revision": message["revision"]}
                channel.send(control, bound | {"ports": ports})
            case "index":
                seen.append(message["path"])
            case "ping":
                stats = {"seen": seen, "pid": os.getpid()}
                pong = {"type": "pong", "id": message["id"], "stats": stats}
                channel.send(control, pong)


def be_silent(control: socket.socket, index: Path | None) -> None:
    time.sleep(60)


def refuse_once(control: socket.socket, index: Path | None) -> None:
    control.setblocking(True)
    channel.receive(control)
    for number in range(30):
        said = {"type": "refused", "port": 20055, "name": f"x{number}.test"}
        why = {"reason": "BLOCKED_SITE", "args": [["a", "b"]], "until": None}
        channel.send(control, said | why)
    answer_all(control, index)


class Watched:
    """A link, and all that it has told."""

    def __init__(self, body: Any = answer_all) -> None:
        self.told: list[FrontAnswers] = []
        self.link = FrontLink(
            body, self.told.append, now=lambda: Moment(WALL, time.monotonic())
        )

    def ports(self) -> dict[str, int]:
        return dict(self.told[-1].ports) if self.told else {}


def play(
    watched: Watched, script: Callable[[Watched], Awaitable[None]], seconds: float = 20
) -> None:
    async def go() -> None:
        task = asyncio.create_task(watched.link.run())
        try:
            async with asyncio.timeout(seconds):
                await script(watched)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())


async def until(true: Callable[[], object]) -> None:
    while not true():
        await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PING_S", 0.05)


def plan(**rules: NameRules) -> NamePlan:
    return NamePlan(devices={mac(int(k[1:])): v for k, v in rules.items()} | {"": OPEN})


def test_each_device_has_a_port_and_keeps_it() -> None:
    async def script(watched: Watched) -> None:
        watched.link.set_plan(plan(d1=OPEN, d2=CLOSED))
        await until(watched.ports)
        first = watched.ports()
        assert first[""] == NEW_PORT
        assert len({*first.values(), ALL_PORT}) == 4
        watched.link.set_plan(plan(d2=CLOSED, d3=OPEN))
        await until(lambda: mac(3) in watched.ports())
        assert watched.ports()[mac(2)] == first[mac(2)]
        assert mac(1) not in watched.ports()
        assert watched.link.answering

    play(Watched(), script)


def test_equal_rules_are_said_once_with_the_end_of_their_state() -> None:
    async def script(watched: Watched) -> None:
        watched.link.set_plan(plan(d1=CLOSED, d2=CLOSED))
        await until(lambda: len(watched.link.stats.get("seen", ())) > 1)
        policy = watched.link.stats["seen"][1]
        assert len(policy["rules"]) == 2
        ends = {entry["mac"]: entry["ends"] for entry in policy["ports"]}
        assert ends[mac(1)] == ends[mac(2)]
        assert abs(ends[mac(1)] - time.monotonic() - 7200) < 20
        assert ends[None] is None
        # The shared port is nobody's: what it refuses is on nobody's page.
        assert {e["mac"]: e["record"] for e in policy["ports"]}[None] is False

    play(Watched(), script)


def test_the_same_plan_is_not_sent_again() -> None:
    async def script(watched: Watched) -> None:
        await until(lambda: watched.link.stats)
        for _ in range(3):
            watched.link.set_plan(plan(d1=OPEN))
        watched.link.set_index(Path("/new.idx"))
        await until(lambda: "/new.idx" in watched.link.stats.get("seen", ()))
        kinds = [type(item) for item in watched.link.stats["seen"]]
        assert kinds == [str, dict, str]

    play(Watched(), script)


def test_a_killed_process_is_noticed_and_replaced() -> None:
    async def script(watched: Watched) -> None:
        watched.link.set_plan(plan(d1=OPEN))
        await until(lambda: watched.link.stats.get("pid"))
        before = watched.link.stats["pid"]
        count = len(watched.told)
        os.kill(before, signal.SIGKILL)
        await until(lambda: FrontAnswers(()) in watched.told[count:])
        assert "names-unanswered" in watched.link.wrong
        await until(lambda: watched.link.stats.get("pid") != before)
        await until(watched.ports)
        assert "names-unanswered" not in watched.link.wrong

    play(Watched(), script)


def test_a_silent_process_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "SILENT_S", 0.2)

    async def script(watched: Watched) -> None:
        watched.link.set_plan(plan(d1=OPEN))
        await until(lambda: watched.told)
        assert watched.told == [FrontAnswers(())]

    play(Watched(be_silent), script)


def test_refusals_are_kept_for_the_device_and_bounded() -> None:
    async def script(watched: Watched) -> None:
        watched.link.set_plan(plan(d1=OPEN))
        await until(lambda: watched.link.stats)
        last, *others = watched.link.recent.of(mac(1))
        assert len(others) == KEPT - 1
        assert last == Refused(
            at=WALL, name="x29.test", reason=Reason.BLOCKED_SITE, args=(("a", "b"),)
        )
        watched.link.set_plan(plan(d2=OPEN))
        assert watched.link.recent.of(mac(1)) == ()

    play(Watched(refuse_once), script)


def test_more_devices_than_ports_leave_the_rest_to_the_router(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "FRONT_PORTS", (NEW_PORT, NEW_PORT + 3))

    async def script(watched: Watched) -> None:
        watched.link.set_plan(plan(d1=OPEN, d2=OPEN, d3=OPEN))
        await until(watched.ports)
        assert len(watched.ports()) == 3
        assert "too-many-devices" in watched.link.wrong
        watched.link.set_plan(plan(d1=OPEN))
        assert "too-many-devices" not in watched.link.wrong

    play(Watched(), script)
