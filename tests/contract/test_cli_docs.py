"""The README tells every command there is, and every daemon verb has a command."""

import argparse
import ast
import re
from pathlib import Path
from typing import Any, cast

from guardian import cli
from guardian.verbs import WEB_ONLY
from guardian.verbs.dispatch import GROUPS

from .tree import ROOT, parsed

CLI = Path("guardian/cli.py")
VERB = re.compile(r"`([a-z][a-z-]*)")


def inner(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return a parser's commands by name; none for one that has arguments only."""
    return {
        name: command
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, command in action.choices.items()
    }


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the commands of guardianctl by name."""
    return inner(cli._parser())


def told() -> list[str]:
    """Return the verbs in the table of the README's section on guardianctl."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## guardianctl\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line[:3] == "| `"]
    return [verb for cell in cells for verb in VERB.findall(cell)]


def texts(path: Path) -> set[str]:
    """Return every text constant of a module."""
    return {
        node.value
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def daemon_verbs() -> set[str]:
    """Return the verbs of all groups' tables; none runs here."""
    return {verb for group in GROUPS for verb in group(cast(Any, None)).table()}


def test_the_readme_tells_every_command_once() -> None:
    assert sorted(told()) == sorted(commands())


def test_every_command_says_what_it_does_and_speaks_json() -> None:
    for name, parser in commands().items():
        assert parser.description and len(parser.description) > 10, name
        for leaf in inner(parser).values() or [parser]:
            assert "--json" in leaf.format_help(), leaf.prog


def test_every_verb_of_the_daemon_has_a_command() -> None:
    assert sorted(daemon_verbs() - WEB_ONLY - texts(CLI)) == []


def test_only_what_has_no_command_is_for_the_pages_only() -> None:
    assert sorted(WEB_ONLY - daemon_verbs()) == []
    assert sorted(WEB_ONLY & set(commands())) == []


def test_exit_codes_are_those_told() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    line = readme.partition("Exit codes: ")[2].partition(".\n")[0]
    numbers = [int(number) for number in re.findall(r"\b\d\b", line)]
    codes = [cli.OK, cli.REFUSED, cli.USAGE, cli.NOT_RUNNING, cli.FAILSAFE]
    assert numbers == codes == [0, 1, 2, 3, 4]
