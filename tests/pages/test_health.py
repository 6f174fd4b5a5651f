"""The registry of troubles: complete, without circles, root causes first."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import guardian
from guardian.pages.health import TROUBLES, health_view
from guardian.service import _WRONG

ROOT = Path(guardian.__file__).parent
# Where a trouble's code is a text in the source: index of that argument, by function.
CALLS = {"_health": 0, "_forever": 0, "_child": 1}


def told() -> set[str]:
    """Return every code that some part of the daemon can put into its health."""
    found = set(_WRONG.values()) | {"effect-refused"}
    for name in ("daemon", "answering", "front/link", "shell/listkeeper"):
        tree = ast.parse((ROOT / f"{name}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                place = CALLS.get(node.func.attr, 99)
                if place < len(node.args):
                    value = node.args[place]
                    if isinstance(value, ast.Constant):
                        found.add(value.value)
            if isinstance(node, ast.Assign) and isinstance(
                node.targets[0], ast.Subscript
            ):
                target = node.targets[0]
                holder = ast.unparse(target.value).rpartition(".")[2]
                if holder in ("wrong", "_wrong", "health", "found"):
                    if isinstance(target.slice, ast.Constant):
                        found.add(target.slice.value)
    return found


def test_every_trouble_has_its_row_and_every_row_its_trouble() -> None:
    assert told() == set(TROUBLES)


def test_causes_are_troubles_and_no_circle() -> None:
    def walk(code: str, seen: tuple[str, ...]) -> None:
        assert code not in seen, seen
        for cause in TROUBLES[code].follows:
            walk(cause, (*seen, code))

    for code in TROUBLES:
        walk(code, ())


def test_nothing_wrong_is_nothing_to_say() -> None:
    assert health_view({}) == []


@pytest.mark.parametrize(
    "found, shown",
    [
        ("enforcement-refused flows-not-cut effect-refused", "enforcement-refused"),
        ("flows-not-cut", "flows-not-cut"),
        ("enforcement-refused rules-missing flows-not-cut", "rules-missing"),
        ("carry-unwritten boot-rules-unwritten state-unwritable", "state-unwritable"),
        ("clock-unknown lists-missing lists-stale lists-unkept", "clock-unknown"),
        ("lists-unkept lists-stale", "lists-stale"),
        ("resolver-unknown help-unresolved lists-stale", "resolver-unknown"),
        (
            "partly-enforced lists-stale clock-unknown interface-missing",
            "interface-missing clock-unknown partly-enforced",
        ),
        ("something-new partly-enforced store", "store something-new partly-enforced"),
    ],
)
def test_a_root_cause_hides_what_follows_and_the_worst_is_first(
    found: str, shown: str
) -> None:
    view = health_view(dict.fromkeys(found.split(), "why"))
    assert [entry["code"] for entry in view] == shown.split()
    assert all(entry["detail"] == "why" for entry in view)
    assert all(entry["severity"] in ("bad", "warn", "info") for entry in view)
