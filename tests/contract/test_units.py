"""The systemd units of the pages say what the program says."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from webui.serve.activation import NAMES
from webui.serve.main import _parser

from .tree import ROOT

UNITS = ROOT / "packaging" / "systemd"
SERVICE = UNITS / "guardian-web.service"
# systemd-analyze(1): "OK" ends at 2; below it what is left is having a network at all.
EXPOSURE = 20


def unit(path: Path) -> configparser.ConfigParser:
    """Return a unit file; of repeated keys the last counts here."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


@pytest.mark.parametrize("name", NAMES)
def test_each_door_has_its_socket(name: str) -> None:
    made = unit(UNITS / f"guardian-web-{name}.socket")["Socket"]
    assert made["FileDescriptorName"] == name
    assert int(made["ListenStream"]) == _parser().get_default(name)
    assert made["Service"] == SERVICE.name
    # Nothing is open on the side of the internet.
    assert made["BindToDevice"] == "br-lan"


def test_the_service_takes_every_socket() -> None:
    sockets = unit(SERVICE)["Service"]["Sockets"].split()
    assert sockets == [f"guardian-web-{name}.socket" for name in NAMES]


def test_the_service_has_no_rights_and_its_own_user() -> None:
    service = unit(SERVICE)["Service"]
    assert service["User"] == service["Group"] == "guardian-web"
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == ""
    assert service["StateDirectoryMode"] == "0700"
    assert str(_parser().get_default("state_dir")) == "/var/lib/guardian-web"


def test_systemd_finds_little_exposed() -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine")
    done = subprocess.run(
        [program, "security", "--offline=true", f"--threshold={EXPOSURE}", SERVICE],
        capture_output=True,
        text=True,
    )
    level = re.search(r"Overall exposure level.*", done.stdout)
    assert level is not None and done.returncode == 0, done.stdout + done.stderr
