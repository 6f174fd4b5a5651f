"""Bad input: the place is named, nothing is lost, and no child becomes free by it.

Documents come by `guardianctl household import` and by `guardiand --household`; the
store's file is damaged as worn flash does it. In each case the tablet, held at bedtime,
stays held, over IPv4 and IPv6.
"""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .guard import MACS, ROOT, Guard, example
from .home import Home
from .moment import how

pytestmark = pytest.mark.lab

NIGHT = "2026-10-24T23:00"
Change = Callable[[dict[str, Any]], object]


def repeated_person(document: dict[str, Any]) -> None:
    """Give two people one id."""
    document["people"].append({**document["people"][0], "name": "Another"})


def repeated_device(document: dict[str, Any]) -> None:
    """Give two devices one id."""
    document["devices"].append(
        {"id": "tablet", "name": "Other", "macs": ["02:00:5e:00:66:01"], "exempt": True}
    )


def shared_mac(document: dict[str, Any]) -> None:
    """Claim the child's tablet as a thing that is never judged."""
    document["devices"].append(
        {"id": "toy", "name": "Toy", "macs": [MACS["tablet"]], "exempt": True}
    )


def empty_window(document: dict[str, Any]) -> None:
    """Let a window end when it begins."""
    window = {"id": "w", "kind": "bedtime", "days": ["school"]}
    document["people"][0]["windows"] = [{**window, "from": "20:00", "to": "20:00"}]


# What is wrong: (how to make it so, what the error must name).
DOCUMENTS: dict[str, tuple[Change, str]] = {
    "unknown-band": (lambda d: d["people"][0].update(band="12-99"), "people[0] (Mia)"),
    "same-person-id": (repeated_person, "people[4] (Another)"),
    "same-device-id": (repeated_device, "devices[4] (Other)"),
    "same-mac": (shared_mac, "devices[4] (Toy)"),
    "empty-window": (empty_window, "people[0] (Mia) / windows[0]"),
    "long-name": (lambda d: d["people"][0].update(name="M" * 900_000), "people[0]"),
    "newer-schema": (lambda d: d.update(schema=99), "schema"),
}
TEXTS: dict[str, tuple[str, str]] = {
    "cut-short": (json.dumps({"schema": 1, "people": []})[:-3], "line 1"),
    "no-object": ("[1, 2]", "household"),
    "megabyte": (json.dumps({"schema": 1, "name": "N" * (1 << 20)}), "household"),
    "deep": ("[" * 100_000, "nested-too-deep"),
    "empty": ("", "line 1"),
}


def spoiled(change: Change) -> dict[str, Any]:
    """Return the example household with something wrong in it."""
    document = copy.deepcopy(example())
    change(document)
    return document


def texts() -> dict[str, tuple[str, str]]:
    """Return every bad text with what the error must name."""
    made = {
        name: (json.dumps(spoiled(change)), place)
        for name, (change, place) in DOCUMENTS.items()
    }
    return {**TEXTS, **made}


def ctl(guard: Guard, *argv: str, text: str = "") -> tuple[int, str, str]:
    """Run guardianctl as a person does: exit code, output, error text."""
    line = [sys.executable, "-m", "guardian.cli", "--socket", str(guard.socket), *argv]
    done = subprocess.run(line, input=text, capture_output=True, text=True, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


def held(home: Home) -> list[str]:
    """Return how the tablet's attempts over IPv4 and IPv6 end."""
    return how(home, "tablet")


HELD = ["refused", "refused"]


@pytest.fixture
def guard(make_home: Callable[..., Home]) -> Guard:
    """Return a daemon at bedtime over the example household, not started."""
    return Guard(make_home(macs=MACS), example(), now=NIGHT)


def refusal(guard: Guard, argv: list[str]) -> tuple[int, str]:
    """Start a daemon that must end by itself; returns exit code and error text."""
    line = [sys.executable, "-m", "guardian.daemon", "--run-dir", str(guard.run_dir)]
    line += ["--state-dir", str(guard.state_dir), "--now", NIGHT, *argv]
    done = guard.home.exec_in_router(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    said = done.communicate(timeout=20)[1]
    return done.returncode, said


def test_import_refuses_and_names_the_place(guard: Guard) -> None:
    guard.start()
    before = ctl(guard, "household", "export")
    revision = guard.call("status")["revision"]
    wrong = []
    for name, (text, place) in texts().items():
        code, out, said = ctl(guard, "household", "import", text=text)
        if (code, out) != (1, "") or place not in said or len(said) > 2000:
            wrong.append((name, code, place, said[:300]))
    assert wrong == []
    assert ctl(guard, "household", "export") == before
    assert guard.call("status")["revision"] == revision
    assert ctl(guard, "status")[0] == 0
    assert held(guard.home) == HELD


@pytest.mark.parametrize("name", sorted({*DOCUMENTS} - {"newer-schema"}))
def test_daemon_runs_on_what_is_safe_of_a_document(guard: Guard, name: str) -> None:
    change, place = DOCUMENTS[name]
    guard.household = spoiled(change)
    guard.start()
    code, out, _ = ctl(guard, "status", "--json")
    status = json.loads(out)
    assert (code, status["failsafe"], status["enforced"]) == (4, True, True)
    assert any(p["place"].startswith(place) for p in status["problems"])
    assert held(guard.home) == HELD
    # The good parts are in force, and a change to them keeps the bad ones' text.
    assert guard.home.fetch("phone", "http://video.lab.test/", 4).ok
    guard.call("pause", person="ben", span="1h")
    guard.stop()
    guard.household = None
    guard.start()
    status = guard.call("status")
    assert any(p["place"].startswith(place) for p in status["problems"])
    assert held(guard.home) == HELD


@pytest.mark.parametrize("name", ["cut-short", "no-object", "megabyte", "newer-schema"])
def test_daemon_refuses_a_file_it_cannot_use(guard: Guard, name: str) -> None:
    text, place = texts()[name]
    path = guard.home.directory / "bad.json"
    path.write_text(text)
    guard.start()
    before = ctl(guard, "household", "export")
    guard.stop()
    kept = (guard.state_dir / "household.db").read_bytes()
    code, said = refusal(guard, ["--household", str(path)])
    assert code == 1
    assert place in said
    assert "Traceback" not in said
    assert held(guard.home) == HELD
    assert (guard.state_dir / "household.db").read_bytes() == kept
    guard.household = None
    guard.start()
    assert ctl(guard, "household", "export") == before
    assert held(guard.home) == HELD


def truncated(path: Path) -> None:
    """Cut a file in the middle."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def flipped(path: Path) -> None:
    """Turn one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def emptied(path: Path) -> None:
    """Leave the name and nothing behind it."""
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [truncated, flipped, emptied])
def test_damaged_store_goes_back_one_change(
    guard: Guard, damage: Callable[[Path], None]
) -> None:
    guard.start()
    guard.call("pause", person="ben", span="1h")
    before = ctl(guard, "household", "export")
    guard.call("assign", device="02:00:5e:00:66:01", person="ben")
    guard.kill()
    damage(guard.state_dir / "household.db")
    broken = (guard.state_dir / "household.db").read_bytes()
    guard.household = None
    guard.start()
    status = guard.call("status")
    assert (status["store"], status["enforced"]) == ("recovered", True)
    assert "store" in [item["code"] for item in status["health"]]
    assert ctl(guard, "household", "export") == before
    assert held(guard.home) == HELD
    aside = sorted(guard.state_dir.glob("household.db.unreadable-*"))
    assert [path.read_bytes() for path in aside] == [broken]
    guard.call("assign", device="02:00:5e:00:66:01", person="ben")
    assert guard.call("status")["store"] == "ok"


def test_lost_store_stays_shut(guard: Guard) -> None:
    guard.start()
    guard.call("pause", person="ben", span="1h")
    guard.kill()
    for name in ("household.db", "household.db.prev"):
        truncated(guard.state_dir / name)
    guard.household = None
    guard.start()
    code, out, _ = ctl(guard, "status", "--json")
    status = json.loads(out)
    assert (code, status["store"], status["failsafe"]) == (4, "lost", True)
    assert status["enforced"]
    assert held(guard.home) == HELD
    assert len(list(guard.state_dir.glob("household.db.unreadable-*"))) == 2


def test_store_of_a_newer_schema_is_not_touched(guard: Guard) -> None:
    from guardian.store.storage import File, decode, encode

    guard.start()
    guard.stop()
    path = guard.state_dir / "household.db"
    old = decode(path.read_bytes())
    path.write_bytes(encode(File(old.schema + 1, old.generation, old.body)))
    newer = path.read_bytes()
    code, said = refusal(guard, [])
    assert code == 1
    assert "newer Guardian" in said and "household.db" in said
    assert "Traceback" not in said
    assert path.read_bytes() == newer
    # No daemon, and still no way out: what was in the kernel stays in force.
    assert held(guard.home) == HELD
