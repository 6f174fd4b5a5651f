"""Every code of the health has a fix, and its commands are commands."""

from __future__ import annotations

import re

import pytest

from guardian.cli import _parser
from guardian.core.errors import ControlError
from guardian.core.model import Mode
from guardian.pages.health import TROUBLES
from webui.words import tech


def commands() -> list[str]:
    """Return every command of guardianctl on the technician's pages."""
    texts = [command for _, command in tech.FIXES.values()]
    texts += [command for _, _, command in tech.ABSENT]
    found = {part.strip() for text in texts for part in text.split(";")}
    return sorted(one for one in found if one.startswith("guardianctl "))


def test_every_trouble_has_a_fix_and_no_fix_is_of_none() -> None:
    assert sorted(tech.FIXES) == sorted(TROUBLES)


@pytest.mark.parametrize("code", sorted(tech.FIXES))
def test_a_fix_is_sentences_and_a_command(code: str) -> None:
    says, command = tech.fix(code)
    assert says.endswith(".") and len(says) <= 160
    assert command and "  " not in command and "\n" not in command


@pytest.mark.parametrize("command", commands())
def test_commands_are_guardianctls_own(command: str) -> None:
    _parser().parse_args(command.split()[1:])


def test_programs_are_such_that_a_router_has() -> None:
    known = "cat df getent guardianctl ip journalctl ls lsmod ss systemctl timedatectl"
    used = {
        part.split()[0]
        for _, command in tech.FIXES.values()
        for part in re.split(r"[;|]", command)
    }
    assert used <= {*known.split(), "grep", "uname"}


def test_an_unknown_code_leads_to_the_log() -> None:
    says, command = tech.fix("odd")
    assert "log" in says and command.startswith("journalctl -u guardiand")


@pytest.mark.parametrize("mode", [mode.value for mode in Mode])
def test_each_mode_says_what_it_cannot(mode: str) -> None:
    enforced, beyond = tech.limits(mode, True, True)
    assert enforced.endswith(".") and len(beyond) >= 3
    assert len(tech.limits(mode, False, False)[1]) == len(beyond) + 2


def test_a_mode_of_a_newer_daemon_is_shown_as_it_is() -> None:
    assert tech.limits("access-point", True, True) == ("access-point", [])


def test_a_refusal_says_what_is_in_force() -> None:
    said = tech.refusal(ControlError("nft-refused", "line 214"))
    assert said.startswith("nft-refused: line 214. Nothing was changed")
    assert tech.refusal(ControlError("on-trial")).startswith("on-trial. Nothing")
