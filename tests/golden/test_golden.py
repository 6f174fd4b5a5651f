"""Each case's text is what the program makes, line by line."""

from __future__ import annotations

import difflib

import pytest

from tests.golden import case as golden


def difference(name: str, title: str, expected: str, actual: str) -> str:
    """Return a unified diff with the whole of what is around, "" when equal."""
    lines = difflib.unified_diff(
        expected.splitlines(),
        actual.splitlines(),
        f"{name}.txt: {title}",
        "made now",
        lineterm="",
        n=2,
    )
    return "\n".join(lines)


@pytest.mark.parametrize("name", golden.names())
def test_golden(name: str) -> None:
    case = golden.read(name)
    made = golden.actual(case)
    found = [
        difference(name, title, text, made[title]) for title, text in case.texts.items()
    ]
    message = "\n".join(text for text in found if text)
    if message:
        pytest.fail(f"{case.proves}\n{message}", pytrace=False)


def test_every_case_says_what_it_proves_and_expects_something() -> None:
    cases = {name: golden.read(name) for name in golden.names()}
    assert len(cases) >= 15
    assert all(len(case.proves) > 20 and case.texts for case in cases.values())
    proved = [case.proves for case in cases.values()]
    assert len(set(proved)) == len(proved)


def test_a_difference_is_shown_as_lines() -> None:
    shown = difference("x", "rules", "a\nb\nc\n", "a\nB\nc\n")
    assert shown.splitlines() == [
        "--- x.txt: rules",
        "+++ made now",
        "@@ -1,3 +1,3 @@",
        " a",
        "-b",
        "+B",
        " c",
    ]
    assert difference("x", "rules", "a\n", "a\n") == ""
