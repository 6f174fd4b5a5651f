"""A calendar read by a process that ends: what it says, and what can go wrong."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path

import pytest

from guardian.core.errors import PlatformError
from guardian.shell import icalreader
from guardian.shell.icalreader import read_calendar

TODAY = date(2026, 3, 4)
MAY = "BEGIN:VEVENT\nSUMMARY:May\nDTSTART;VALUE=DATE:20260501\nEND:VEVENT\n"


def read(text: str) -> object:
    return asyncio.run(read_calendar(text, TODAY, "Europe/Berlin"))


def code(text: str) -> str:
    with pytest.raises(PlatformError) as error:
        read(text)
    return error.value.code


def test_days_come_back() -> None:
    assert read(MAY) == {
        "days": [{"first": "2026-05-01", "last": "2026-05-01", "name": "May"}],
        "skipped": [],
    }


def test_what_is_no_calendar() -> None:
    assert code("") == code("hello") == code("\ud800") == "calendar-unreadable"


def test_what_is_too_large_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    assert code("é" * 200_000) == "calendar-too-large"


@pytest.mark.parametrize(
    "script, expected",
    [
        ("echo '[]'", "calendar-unreadable"),
        ("echo rubbish", "calendar-unreadable"),
        ('echo \'{"days": [], "skipped": []}\'; exit 1', "calendar-unreadable"),
        ("exec sleep 60", "calendar-unreadable"),
        ("exit 0", "calendar-unreadable"),
    ],
)
def test_a_process_that_fails(
    script: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(icalreader, "CHILD_S", 0.5)
    assert code(MAY) == expected


def test_a_caller_that_goes_away_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))

    async def leave() -> None:
        task = asyncio.create_task(read_calendar(MAY, TODAY, "UTC"))
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()
