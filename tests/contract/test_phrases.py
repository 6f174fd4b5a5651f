"""Every code that a person may meet has its sentence, and no sentence is left over."""

import ast
import re
from pathlib import Path

import pytest

from guardian import probe
from guardian.core.model import Reason
from guardian.phrases import ERRORS, REASONS

from .tree import dotted, modules, parsed, text

RAISED = re.compile(r"(Guardian|Enforcement|Store|Control|Platform)Error\Z")
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+\Z")
# Codes that say that a program was written wrong, or that stay in the log: for whoever
# mends it.
INTERNAL = {"transaction-open", "unknown-effect", "openssl-failed", "openssl-missing"}
# ValueErrors with a code that a person's command can cause. Others become `Problem`s of
# a document, which are shown with their place, or concern data that came with Guardian.
TYPED = {
    "guardian/core/timetext.py",
    "guardian/core/changes.py",
}


def literals(node: ast.expr) -> list[str]:
    """Return the code that an argument may be: a text, either of two, or the start."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value.partition(":")[0]]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.JoinedStr) and node.values:
        return literals(node.values[0])
    return []


def raised(path: Path) -> set[str]:
    """Return the codes with which a module makes errors."""
    wanted = {"ValueError"} if str(path) in TYPED else set()
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and node.args:
            name = dotted(node.func).rpartition(".")[2]
            if RAISED.match(name) or name in wanted:
                found |= set(literals(node.args[0]))
    return {code for code in found if CODE.match(code)}


def test_every_code_has_a_sentence() -> None:
    known = set(ERRORS) | set(probe._SENTENCES) | INTERNAL
    mute = {
        f"{path}: {code}"
        for path in modules()
        for code in raised(path)
        if code not in known
    }
    assert sorted(mute) == []


def test_every_sentence_has_its_code() -> None:
    sources = "\n".join(
        text(path) or "" for path in modules() if path.name != "phrases.py"
    )
    assert [code for code in ERRORS if f'"{code}' not in sources] == []


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_a_sentence_is_one(code: str) -> None:
    said = ERRORS[code]
    assert said[0].isupper() or said.startswith(("nft", "guardiand"))
    assert said.endswith(".") and len(said) > 20 and code not in said


def test_every_reason_has_a_sentence() -> None:
    assert set(REASONS) == set(Reason)
    assert all(said.endswith(".") for said in REASONS.values())


def test_the_check_finds() -> None:
    source = 'raise a.StoreError("one-code" if x else "other-code", "no")'
    (call,) = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
    assert literals(call.args[0]) == ["one-code", "other-code"]
    assert literals(ast.parse('f"bad-thing: {x}"', mode="eval").body) == ["bad-thing"]
