"""Scripts can be run as they are, by the shell that their first line names."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .tree import ROOT, files, first_line

SCRIPTS = [path for path in files() if first_line(path).startswith("#!")]
SHELLS = {"#!/bin/sh": ["busybox", "ash", "-n"], "#!/bin/bash": ["bash", "-n"]}
LIBRARIES = [path for path in files() if path.suffix == ".sh"]
STABLE = ("packaging/setup", "packaging/check", ".ci/run")


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
def test_script_is_executable(path: Path) -> None:
    assert os.access(ROOT / path, os.X_OK)


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
def test_first_line_names_an_interpreter_that_debian_has(path: Path) -> None:
    assert first_line(path) in {*SHELLS, "#!/usr/bin/python3"}


@pytest.mark.parametrize(
    "path", [p for p in SCRIPTS + LIBRARIES if "python" not in first_line(p)], ids=str
)
def test_shell_reads_it(path: Path) -> None:
    command = SHELLS.get(first_line(path), SHELLS["#!/bin/sh"])
    assert shutil.which(command[0]), f"{command[0]} is missing: run packaging/setup"
    done = subprocess.run([*command, ROOT / path], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", LIBRARIES, ids=str)
def test_sourced_file_is_not_executable(path: Path) -> None:
    assert not os.access(ROOT / path, os.X_OK)
    assert not first_line(path).startswith("#!")


@pytest.mark.parametrize("name", STABLE)
def test_stable_command_is_a_script(name: str) -> None:
    assert Path(name) in SCRIPTS


def test_setup_names_no_package_that_starts_a_service() -> None:
    words = (ROOT / "packaging/setup").read_text().split()
    services = {"dnsmasq", "mosquitto", "isc-dhcp-server", "unbound", "radvd", "nginx"}
    listed = words[words.index("kind=full") - 30 : words.index("kind=full") + 15]
    assert "dnsmasq-base" in listed
    assert services.isdisjoint(word.strip('"') for word in listed)


def test_check_refuses_an_unknown_suite_before_it_does_anything() -> None:
    done = subprocess.run(
        [ROOT / "packaging/check", "lint", "nonsense"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert 'no suite "nonsense"' in done.stderr
    assert "kernels" in done.stderr and "soak" in done.stderr


def test_setup_refuses_an_unknown_option() -> None:
    done = subprocess.run(
        [ROOT / "packaging/setup", "--all"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: ")
