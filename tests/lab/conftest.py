"""Fixtures for lab tests: `home`, and `make_home` for more than one or options.

A lab test that cannot run is skipped with the reasons, which pytest prints (-ra);
with GUARDIAN_LAB_REQUIRED set, as where everything must run, it fails instead.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any, Callable, Iterator

import pytest

from .home import Home, requirements


@pytest.fixture(scope="session")
def lab_ready() -> None:
    """Skip, or fail where labs are required, with the reasons why none can run."""
    if reasons := requirements():
        said = "no lab here: " + "; ".join(reasons)
        if os.environ.get("GUARDIAN_LAB_REQUIRED"):
            pytest.fail(said, pytrace=False)
        pytest.skip(said)


@pytest.fixture
def make_home(lab_ready: None) -> Iterator[Callable[..., Home]]:
    """Return a function that builds a home with Home's options, until the test ends."""
    with ExitStack() as stack:

        def make(name: str | None = None, **options: Any) -> Home:
            return stack.enter_context(Home(name, **options))

        yield make


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    """Return a home of the test's own."""
    return make_home()
