"""The tree says nothing of the machines and talks it was made on, and refers to no
document that it does not hold.

Data in profiles/ is left out: it names services of every kind.
"""

import re
from pathlib import Path

import pytest

from .tree import files, text

# Each in two pieces, or this file would find itself.
FORBIDDEN = {
    "a path of one machine": r"/wo" r"rk/|/ro" r"ot/|/ho" r"me/[a-z]|/opt/(wh|py)",
    "a personal temporary folder": r"/tm" r"p/[a-z]\d?/",
    "a tool of one machine": r"(?i)\bpy" r"env\b|\bclau" r"de\b|\banth" r"ropic\b",
    "a number in a tracker": r"(?i)\b(issue|ticket|bug) #" r"?\d+\b",
    "a talk about the work": r"(?i)\bas (you )?(ask" r"ed|request" r"ed)\b|\bCE" r"O\b",
}
# The manual of a program may live elsewhere: man pages and RFCs have no such suffix.
DOCUMENT = re.compile(r"[\w./-]+\.md\b")

TEXTS = [path for path in files() if path.parts[0] != "profiles" and text(path)]


def test_nothing_of_the_workplace() -> None:
    found = [
        f"{path}:{number}: {what}: {line.strip()[:80]}"
        for path in TEXTS
        for number, line in enumerate((text(path) or "").splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, line)
    ]
    assert found == []


def test_named_documents_exist() -> None:
    # Named from the top of the tree, or from beside the file that names it.
    dangling = [
        f"{path}: {name}"
        for path in TEXTS
        for name in sorted(set(DOCUMENT.findall(text(path) or "")))
        if Path(name) not in files() and path.parent / name not in files()
    ]
    assert dangling == []


@pytest.mark.parametrize(
    "line",
    ["see /wo" "rk/notes", "fixes iss" "ue #3", "open /tm" "p/x/out"],
)
def test_the_check_finds(line: str) -> None:
    assert any(re.search(pattern, line) for pattern in FORBIDDEN.values())


def test_every_file_is_utf8_or_known_to_be_binary() -> None:
    binary = {".pcap", ".png", ".ico", ".woff2", ".bin", ".gz"}
    odd = [str(p) for p in files() if text(p) is None and p.suffix not in binary]
    assert odd == []
