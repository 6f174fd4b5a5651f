"""Compiled templates are kept, checked, and never in the way of a page."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from webui.compiled import Compiled


def rendered(folder: Path, source: str) -> str:
    loader = DictLoader({"page": source})
    environment = Environment(loader=loader, bytecode_cache=Compiled(folder))
    return environment.get_template("page").render(name="Mia")


def test_what_was_compiled_is_used_until_the_template_changes(tmp_path: Path) -> None:
    folder = tmp_path / "compiled"
    assert rendered(folder, "Hello {{ name }}!") == "Hello Mia!"
    (kept,) = folder.iterdir()
    before = kept.stat().st_mtime_ns
    assert rendered(folder, "Hello {{ name }}!") == "Hello Mia!"
    assert kept.stat().st_mtime_ns == before
    assert rendered(folder, "Bye {{ name }}!") == "Bye Mia!"
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"j2", bytes(200), None])
def test_a_damaged_entry_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    rendered(tmp_path, "Hello {{ name }}!")
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-9] if damage is None else damage)
    assert rendered(tmp_path, "Hello {{ name }}!") == "Hello Mia!"


def test_without_a_place_to_write_pages_are_as_ever(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert rendered(tmp_path / "file", "Hello {{ name }}!") == "Hello Mia!"
    assert rendered(Path("/proc/nowhere"), "Hello {{ name }}!") == "Hello Mia!"
