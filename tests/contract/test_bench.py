"""Each benchmark runs and gives figures by name; what they are is not judged here."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..lab.home import requirements
from .tree import ROOT, dotted, files, parsed

FOLDER = Path("tests/bench")


def measuring() -> tuple[str, ...]:
    """Return the modules of tests/bench that measure something."""
    return tuple(
        path.stem
        for path in files()
        if path.parent == FOLDER
        and path.suffix == ".py"
        and any(
            isinstance(node, ast.FunctionDef) and node.name == "measure"
            for node in parsed(path).body
        )
    )


NAMES = measuring()


def bench(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmarks as packaging/bench does once everything is installed."""
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *argv],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.lab
@pytest.mark.parametrize("name", NAMES)
def test_benchmark_runs(name: str) -> None:
    if reasons := requirements():
        if os.environ.get("GUARDIAN_LAB_REQUIRED"):
            pytest.fail("; ".join(reasons))
        pytest.skip("no lab here: " + "; ".join(reasons))
    done = bench("--quick", "--json", name)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {"machine", "quick", name}
    assert {"cpu", "kernel", "nft", "python"} <= set(report["machine"])
    assert report[name]
    for figure in report[name].values():
        assert {"value", "unit", "of"} <= set(figure)
        assert isinstance(figure["value"], int | float)
        assert ("met" in figure) == ("at_least" in figure or "at_most" in figure)


def test_unknown_name_is_a_usage_error() -> None:
    done = bench("nonsense")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nonsense" in done.stderr and "throughput" in done.stderr


def test_every_benchmark_is_offered() -> None:
    main = parsed(FOLDER / "__main__.py")
    listed = [
        ast.literal_eval(node.value)
        for node in main.body
        if isinstance(node, ast.Assign) and dotted(node.targets[0]) == "NAMES"
    ]
    assert [sorted(names) for names in listed] == [sorted(NAMES)]


def test_script_documents_each_name() -> None:
    said = (ROOT / "packaging/bench").read_text()
    assert [name for name in NAMES if f"\n#   {name} " not in said] == []
