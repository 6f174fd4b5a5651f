"""An index is there from the start, kept current by children, and noticed when new."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from guardian.shell import listkeeper
from guardian.shell.listkeeper import CURRENT, ListKeeper


async def until(true: object, timeout: float = 30.0) -> None:
    async with asyncio.timeout(timeout):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.02)


def kept(tmp_path: Path, **how: float) -> tuple[ListKeeper, list[Path]]:
    taken: list[Path] = []
    return ListKeeper(tmp_path / "lists", taken.append, **how), taken


def test_the_first_start_makes_an_index_of_our_own_data(tmp_path: Path) -> None:
    keeper, taken = kept(tmp_path)
    assert keeper.current is None

    async def go() -> None:
        task = asyncio.create_task(keeper.run())
        await until(lambda: taken)
        task.cancel()

    asyncio.run(go())
    assert keeper.current == taken[0] == tmp_path / "lists" / CURRENT
    assert keeper.wrong == {}


def test_a_new_file_is_taken_whoever_put_it_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listkeeper, "LOOK_S", 0.01)
    keeper, taken = kept(tmp_path)

    async def go() -> None:
        task = asyncio.create_task(keeper.run())
        await until(lambda: taken)
        before = len(taken)
        fresh = tmp_path / "fresh"
        fresh.write_bytes(taken[0].read_bytes())
        fresh.rename(taken[0])
        await until(lambda: len(taken) > before)
        task.cancel()

    asyncio.run(go())


def test_a_child_that_fails_is_told_and_nothing_else_happens(tmp_path: Path) -> None:
    (tmp_path / "lists").write_text("a file where the folder should be")
    keeper, taken = kept(tmp_path)

    async def go() -> None:
        task = asyncio.create_task(keeper.run())
        await until(lambda: keeper.wrong)
        task.cancel()

    asyncio.run(go())
    assert "lists-missing" in keeper.wrong
    assert taken == []


def test_an_index_that_is_gone_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listkeeper, "LOOK_S", 0.01)
    keeper, taken = kept(tmp_path)

    async def go() -> None:
        task = asyncio.create_task(keeper.run())
        await until(lambda: taken)
        before = len(taken)
        shutil.rmtree(keeper.folder)
        await until(lambda: len(taken) > before)
        task.cancel()

    asyncio.run(go())
    assert keeper.current is not None and keeper.wrong == {}


def test_a_folder_that_is_lost_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listkeeper, "LOOK_S", 0.01)
    keeper, taken = kept(tmp_path)

    async def go() -> None:
        task = asyncio.create_task(keeper.run())
        await until(lambda: taken)
        keeper.folder.rename(tmp_path / "elsewhere")
        keeper.folder.write_text("no folder")
        await until(lambda: keeper.wrong)
        task.cancel()

    asyncio.run(go())
    assert "lists-missing" in keeper.wrong
