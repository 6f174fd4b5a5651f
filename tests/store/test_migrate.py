"""Migrations: found by file name, run in order, refused whole."""

import copy
import json
import types
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import StoreError
from guardian.store import migrations
from guardian.store.document import SCHEMA
from guardian.store.migrate import migrate, steps

from . import migration_steps

FOLDER = Path(migration_steps.__file__).parent


def golden(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / name).read_text())
    return loaded


def test_steps_are_found_by_their_names() -> None:
    assert sorted(steps(migration_steps)) == [2, 3]


def test_golden_input_gives_golden_output() -> None:
    before = golden("before.json")
    given = copy.deepcopy(before)
    after = migrate(given, 1, 3, steps(migration_steps))
    assert json.dumps(after) == json.dumps(golden("after.json"))
    assert given == before, "what was given is left as it was"


def test_only_the_steps_that_are_needed() -> None:
    made = migrate({"schema": 2, "bedtime": 60}, 2, 3, steps(migration_steps))
    assert made == {"schema": 3, "bedtime": "01:00"}
    assert migrate({"x": 1}, 3, 3, {}) == {"x": 1}


def test_missing_step() -> None:
    with pytest.raises(StoreError, match="migration-missing: to schema 4"):
        migrate({"people": {}}, 1, 4, steps(migration_steps))


def test_step_that_refuses() -> None:
    with pytest.raises(StoreError, match="migration-failed: to schema 2: people"):
        migrate({"people": "x"}, 1, 2, steps(migration_steps))


def test_two_files_for_one_version(tmp_path: Path) -> None:
    for name in ("m0002_a.py", "m0002_b.py"):
        (tmp_path / name).write_text("def migrate(document): return document\n")
    package = types.ModuleType("twice")
    package.__path__ = [str(tmp_path)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, "twice", package)
        with pytest.raises(ImportError, match="version 2"):
            steps(package)


def test_the_project_has_a_step_for_every_version() -> None:
    assert sorted(steps(migrations)) == list(range(2, SCHEMA + 1))
