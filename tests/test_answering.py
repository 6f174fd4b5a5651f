"""The answering process as the daemon runs it: rules in, verdicts and reasons out.

The whole way through the kernel is in tests/lab; here it is forked without a table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.answering import Answering
from guardian.compile.engine import Engine
from guardian.core.changes import assign
from guardian.core.events import Effect, HouseholdChanged, Moment
from guardian.core.model import Access, Decision, Reason, Verdict
from guardian.core.naming import NameRules
from guardian.core.recent import Refused
from guardian.service import Service
from guardian.shell import listkeeper
from tests.build import at, home, mac

OPEN = Decision(Verdict.ALLOW, Reason.DEFAULT)
NOW = Moment(at("2026-03-27 18:00"), 1000.0)


class NoKernel:
    """Takes every effect."""

    def carry_out(self, effect: Effect, moment: Moment) -> None:
        return


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    service = Service(
        engine=Engine(home()),
        enforcer=NoKernel(),
        store=None,  # type: ignore[arg-type]
        now=lambda: NOW,
    )
    service.post(HouseholdChanged(home()))
    yield Answering(
        service,
        floor=("help.example.org",),
        lists=tmp_path / "lists",
        egress=False,
        now=lambda: NOW,
    )


def test_without_an_index_names_are_judged_by_hand_made_rules(
    answering: Answering,
) -> None:
    rules = NameRules(state=OPEN, block=frozenset({"b.example.org"}))
    said = answering.explain(rules, "www.b.example.org")
    assert (said["verdict"], said["reason"]) == ("refuse", "BLOCKED_SITE")
    assert (said["matched"], said["lists"]) == ("b.example.org", [])
    assert answering.explain(rules, "help.example.org")["reason"] == "FLOOR"


def test_it_answers_within_moments_and_knows_the_lists(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listkeeper, "LOOK_S", 0.05)

    async def go() -> Any:
        task = asyncio.create_task(answering.run())
        try:
            async with asyncio.timeout(60):
                while not answering.status()["stats"].get("index_names"):
                    await asyncio.sleep(0.05)
            return answering.status()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    monkeypatch.setattr("guardian.front.link.PING_S", 0.2)
    status = asyncio.run(go())
    assert status["answering"]
    assert status["lists"]["index"]["names"] == status["stats"]["index_names"]
    assert answering.health() == {}
    rules = NameRules(state=OPEN, access=(("adult", Access.BLOCK),))
    said = answering.explain(rules, "pornhub.com")
    assert (said["verdict"], said["args"]) == ("refuse", [["category", "adult"]])
    assert {"label": "adult", "list": "guardian-category-adult"} in said["lists"]
    safe = NameRules(state=OPEN, safe_search=True)
    google = answering.explain(safe, "www.google.com")
    assert google["answered_as"] == "forcesafesearch.google.com"


def test_what_fails_is_told_and_begun_again(
    answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guardian.answering.AGAIN_S", 0.05)
    begun = 0

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise OSError(12, "Cannot allocate memory")
        await asyncio.sleep(60)

    async def go() -> None:
        task = asyncio.create_task(answering._forever("names-unanswered", work))
        async with asyncio.timeout(10):
            while not answering.health():
                await asyncio.sleep(0.005)
            while answering.health() or begun < 2:
                await asyncio.sleep(0.005)
        task.cancel()

    asyncio.run(go())


def test_a_step_of_the_clock_hands_everything_over_anew(answering: Answering) -> None:
    async def go() -> list[object]:
        answering.changed()
        first = answering._inputs
        answering.changed()
        same = answering._inputs
        answering._now = lambda: Moment(NOW.wall + timedelta(hours=1), NOW.mono)
        answering.changed()
        return [first is same, answering._inputs is not first]

    assert asyncio.run(go()) == [True, True]


def test_a_device_that_changes_hands_starts_anew(answering: Answering) -> None:
    def refused(name: str) -> Refused:
        return Refused(at=NOW.wall, name=name, reason=Reason.BLOCKED_SITE)

    async def go() -> list[tuple[Refused, ...]]:
        answering.changed()
        answering._link.recent.note(mac(1), refused("game.test"))
        answering._link.recent.note(mac(1), refused("help.example.org"))
        before = answering.refusals(mac(1))
        changed = assign(home(), "tablet", person=home().person("tom"))[0]
        answering._service.post(HouseholdChanged(changed))
        answering.changed()
        return [before, answering.refusals(mac(1))]

    before, after = asyncio.run(go())
    assert [r.name for r in before] == ["game.test"], "help leaves no trace"
    assert after == ()
