"""A daemon without a kernel for every test of a verb."""

from pathlib import Path

import pytest

from tests.steering import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
