"""The pure packages read no clock, no zone of the machine, and no chance.

The time is an argument: so the same core answers for now, for tomorrow's preview and
for a test of a night two years ago.
"""

import ast

import pytest

from .tree import complaints, dotted, imported, modules

PURE = ("core", "compile", "wire")
BANNED_MODULES = {"time", "random", "secrets", "uuid", "sched"}
# `astimezone()` and `fromtimestamp(x)` without a zone take the machine's.
CLOCKS = {"now", "utcnow", "today"}
NEEDS_ZONE = {"astimezone": 1, "fromtimestamp": 2}
DATE_CLASSES = {"datetime.datetime", "datetime.date"}


def readings(tree: ast.Module) -> list[str]:
    """Return a line for each place where the module reads a clock or a chance."""
    found = []
    names: dict[str, str] = {}
    for line, name in imported(tree):
        if name.split(".")[0] in BANNED_MODULES:
            found.append(f"{line}: import {name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.asname or a.name.split(".")[0]: a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            first, _, rest = dotted(node.value).partition(".")
            base = names.get(first, first) + (f".{rest}" if rest else "")
            if base in DATE_CLASSES:
                found.append(f"{node.lineno}: {base}.{node.attr}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            needed = NEEDS_ZONE.get(node.func.attr, 0)
            if len(node.args) + len(node.keywords) < needed:
                found.append(f"{node.lineno}: {node.func.attr}() without a zone")
    return found


def test_pure_modules_read_no_clock() -> None:
    assert complaints(modules(*PURE), readings) == []


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "from time import monotonic",
        "def late():\n    import random",
        "import datetime\ndatetime.datetime.now()",
        "import datetime as dt\ndt.date.today()",
        "from datetime import datetime as D\nclock = D.utcnow",
        "moment.astimezone()",
        "from datetime import datetime\ndatetime.fromtimestamp(0)",
    ],
)
def test_the_check_finds(source: str) -> None:
    assert len(readings(ast.parse(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nmoment.astimezone(zone)",
        "from datetime import datetime\ndatetime.fromtimestamp(0, tz=zone)",
        "decide(facts, event.now)",
        "from datetime import time, timedelta",
        "household.today(now)",
    ],
)
def test_the_check_lets_pass(source: str) -> None:
    assert readings(ast.parse(source)) == []
