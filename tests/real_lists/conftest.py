"""The suite on real lists: only where GUARDIAN_LISTS names the folder that has them."""

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("GUARDIAN_LISTS", "")


@pytest.fixture(scope="session")
def lists() -> Path:
    """Return the folder, or skip."""
    if not FOLDER:
        pytest.skip("GUARDIAN_LISTS names no folder of real lists")
    folder = Path(FOLDER)
    assert (folder / "INDEX.tsv").is_file(), f"{folder} holds no INDEX.tsv"
    return folder
