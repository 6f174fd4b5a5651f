"""Nothing is left for later, switched off or skipped without a reason in its place."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from .tree import complaints, files, python_files, text

CODE = ("guardian", "webui", "packaging", "tests")
LATER = re.compile("|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK")))
# A code, then words.
SWITCHED_OFF = {
    re.compile("no" "qa"): re.compile("no" r"qa: [A-Z]+\d+(,[A-Z]+\d+)* .*\w{3}"),
    re.compile(r"type:\s*ign" "ore"): re.compile(r"type: ign" r"ore\[[a-z, -]+\]"),
    re.compile(r"pragma:\s*no " "cover"): re.compile(r"pragma: no " r"cover.*\w{3}"),
    re.compile("shellcheck dis" "able"): re.compile("dis" r"able=SC\d+(,SC\d+)*"),
}
SKIPS = ("skip", "skipif", "xfail", "importorskip")


def comments(path: Path) -> list[str]:
    """Return the comments of a source as 'path:line: text'."""
    source = text(path) or ""
    if path in python_files(*CODE):
        found = [
            (token.start[0], token.string)
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.COMMENT
        ]
    else:
        found = [
            (number, line[line.index("#") :])
            for number, line in enumerate(source.splitlines(), 1)
            if "#" in line
        ]
    return [f"{path}:{line}: {comment}" for line, comment in found]


def unreasoned_skips(tree: ast.AST) -> list[str]:
    """Return the line of each skip and expected failure that gives no reason.

    A reason is a non-empty text, or an expression that makes one.
    """
    bad: set[int] = set()
    decorated: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        decorated.add(id(node.func))
        if node.func.attr not in SKIPS or node.func.attr == "importorskip":
            continue
        given = [k.value for k in node.keywords if k.arg == "reason"]
        if node.func.attr == "skip":
            given += node.args[:1]
        if not given or isinstance(given[0], ast.Constant) and not given[0].value:
            bad.add(node.lineno)
    for node in ast.walk(tree):
        # `@pytest.mark.skip` bare, and importorskip, which hides a missing dependency.
        if isinstance(node, ast.Attribute) and (
            node.attr == "importorskip"
            or node.attr in SKIPS
            and id(node) not in decorated
            and isinstance(node.value, ast.Attribute)
            and node.value.attr == "mark"
        ):
            bad.add(node.lineno)
    return [str(line) for line in sorted(bad)]


SOURCES = [p for p in files() if p.parts[0] in CODE and text(p)]


def test_comments_leave_nothing_for_later() -> None:
    assert [c for p in SOURCES for c in comments(p) if LATER.search(c)] == []


def test_whatever_is_switched_off_says_what() -> None:
    vague = [
        line
        for path in SOURCES
        for line in comments(path)
        for marker, form in SWITCHED_OFF.items()
        if marker.search(line) and not form.search(line)
    ]
    assert vague == []


def test_every_skip_gives_its_reason() -> None:
    assert complaints(python_files("tests"), unreasoned_skips) == []


@pytest.mark.parametrize(
    "source, lines",
    [
        ("@pytest.mark.skip\ndef test(): ...", ["1"]),
        ("pytest.skip('')", ["1"]),
        ("pytest.importorskip('nft')", ["1"]),
        ("@pytest.mark.skipif(True)\ndef test(): ...", ["1"]),
        ("@pytest.mark.skipif(True, reason='no flow table')\ndef test(): ...", []),
        ("pytest.skip(f'kernel {release} has no flow table')", []),
    ],
)
def test_the_check_of_skips(source: str, lines: list[str]) -> None:
    assert unreasoned_skips(ast.parse(source)) == lines
