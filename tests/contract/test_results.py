"""packaging/check cannot pass by running nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .tree import ROOT

JUNIT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
<testcase classname="tests.a" name="test_good"/>
<testcase classname="tests.a" name="test_bad"><failure message="no"/></testcase>
<testcase classname="tests.a" name="test_broken"><error message="no"/></testcase>
<testcase classname="tests.a" name="test_not"><skipped message="no flow table"/>
</testcase></testsuite></testsuites>
"""
GOOD = (
    '<testsuites><testsuite><testcase classname="a" name="b"/></testsuite></testsuites>'
)


def results(*arguments: str | Path) -> tuple[int, list[str]]:
    """Run packaging/results.py; return its exit status and its lines."""
    command = [sys.executable, ROOT / "packaging/results.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout.splitlines()


def suite(folder: Path, parts: str, junit: str = "") -> tuple[int, list[str]]:
    """Report on a suite that left these files."""
    (folder / "s.parts").write_text(parts)
    if junit:
        (folder / "s.xml").write_text(junit)
    return results("suite", folder, "s")


def test_tests_and_parts_are_added_up(tmp_path: Path) -> None:
    status, lines = suite(tmp_path, "exit 1\npass black\nfail mypy\n", JUNIT)
    assert (status, lines[0]) == (1, "2 passed, 3 failed, 1 skipped")
    assert lines[1:] == [
        "          failed: tests.a::test_bad",
        "          failed: tests.a::test_broken",
        "          failed: mypy",
        "          skipped: tests.a::test_not: no flow table",
    ]


@pytest.mark.parametrize(
    "parts, junit, line",
    [
        ("", "", "0 passed, 1 failed"),
        ("exit 5\n", "", "0 passed, 1 failed"),
        ("exit 1\n", GOOD, "1 passed, 1 failed"),
        ("fail kernels\n", "", "0 passed, 1 failed"),
    ],
    ids=["nothing ran", "no test", "unexplained status", "a part failed"],
)
def test_failure_is_never_lost(
    tmp_path: Path, parts: str, junit: str, line: str
) -> None:
    status, lines = suite(tmp_path, parts, junit)
    assert (status, lines[0]) == (1, line)


def test_success(tmp_path: Path) -> None:
    assert suite(tmp_path, "pass coverage\n", GOOD) == (0, ["2 passed, 0 failed"])


def test_notes_are_on_the_first_line_only(tmp_path: Path) -> None:
    parts = "pass kernels\nnote Debian 12: 50 s\nnote Debian 13: 51 s\n"
    assert suite(tmp_path, parts) == (
        0,
        ["1 passed, 0 failed (Debian 12: 50 s; Debian 13: 51 s)"],
    )
    assert results("total", tmp_path, "s") == (0, ["1 passed, 0 failed"])


def test_total_is_one_plain_line(tmp_path: Path) -> None:
    suite(tmp_path, "pass a\n", GOOD)
    (tmp_path / "t.parts").write_text("fail b\n")
    assert results("total", tmp_path, "s", "t") == (1, ["2 passed, 1 failed"])
    assert results("total", tmp_path, "s") == (0, ["2 passed, 0 failed"])


def coverage(folder: Path, **shares: tuple[int, int]) -> tuple[int, list[str]]:
    """Report on covered and all branches of some packages."""
    report = folder / "coverage.json"
    files = {
        f"guardian/{package}/m.py": {
            "summary": {"covered_branches": run, "num_branches": total}
        }
        for package, (run, total) in shares.items()
    }
    report.write_text(json.dumps({"files": files}))
    return results("coverage", report)


def test_each_pure_package_has_its_floor(tmp_path: Path) -> None:
    full = {"core": (95, 100), "compile": (4, 4), "wire": (0, 0), "store": (1, 1)}
    assert coverage(tmp_path, **full)[0] == 0
    status, lines = coverage(tmp_path, **full | {"wire": (94, 100)})
    assert (status, lines[-1]) == (1, "below 95.0 %: wire")


def test_a_package_that_was_not_measured_is_below_the_floor(tmp_path: Path) -> None:
    assert coverage(tmp_path, core=(1, 1), compile=(1, 1), wire=(1, 1))[0] == 1
