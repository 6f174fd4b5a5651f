"""A refusal tells what happened, what is in force and what to do, code or no code."""

from __future__ import annotations

import pytest

from guardian.core.errors import ControlError
from guardian.phrases import ERRORS
from webui.words import errors


@pytest.mark.parametrize("code", sorted(errors._SENTENCES))
def test_known_refusals(code: str) -> None:
    said = errors.sentence(ControlError(code, "secret detail"))
    assert said.count(".") >= 2 or ":" in said
    assert "secret detail" not in said and code not in said
    assert not {"DNS", "MAC", "IP"} & set(said.split())
    # A code that no daemon ever says would be a sentence for nobody.
    assert code in ERRORS


def test_an_unknown_refusal_names_its_code_only() -> None:
    said = errors.sentence(ControlError("odd-code", "/etc/passwd"))
    assert "odd-code" in said and "passwd" not in said and "Nothing was changed" in said
